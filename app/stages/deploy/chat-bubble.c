/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-bubble.h.
 */
#include "stages/deploy/chat-bubble.h"

#include <glib/gi18n.h>

struct _AttuneChatBubble
{
  GtkListBoxRow parent_instance;

  AttuneChatMessage *message;

  GtkWidget *bubble;
  GtkWidget *spinner;
  GtkLabel *text_label;
  GtkLabel *note_label;
  GtkWidget *buttons;
  GtkWidget *again_button;
  GtkWidget *copy_button;
  GtkWidget *other_button;
};

G_DEFINE_FINAL_TYPE (AttuneChatBubble, attune_chat_bubble, GTK_TYPE_LIST_BOX_ROW)

/* Who speaks, for those who do not see on which side it stands. */
static const char *
get_speaker (AttuneChatMessage *message)
{
  switch (attune_chat_message_get_kind (message))
    {
    case ATTUNE_CHAT_QUESTION:
      return _ ("You");
    case ATTUNE_CHAT_ANSWER:
      return attune_chat_message_is_base (message) ? _ ("Base model") : _ ("Tuned model");
    case ATTUNE_CHAT_NOTE:
    default:
      return NULL;
    }
}

static void
show_text (AttuneChatBubble *self)
{
  const char *text = attune_chat_message_get_text (self->message),
             *speaker = get_speaker (self->message);
  g_autofree char *said = speaker != NULL ? g_strdup_printf ("%s: %s", speaker, text) : NULL;

  gtk_label_set_text (self->text_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  said != NULL ? said : text, -1);
}

/* What stands below an answer. */
static void
show_note (AttuneChatBubble *self)
{
  const char *note = attune_chat_message_get_note (self->message),
             *speaker = get_speaker (self->message);
  const gboolean answer = attune_chat_message_get_kind (self->message) == ATTUNE_CHAT_ANSWER;
  g_autofree char *line = answer && *note != '\0' ? g_strdup_printf ("%s · %s", speaker, note)
                                                  : g_strdup (answer ? speaker : note);

  gtk_label_set_text (self->note_label, line);
  gtk_widget_set_visible (GTK_WIDGET (self->note_label), *line != '\0');
}

static void
show_progress (AttuneChatBubble *self)
{
  const gboolean answer = attune_chat_message_get_kind (self->message) == ATTUNE_CHAT_ANSWER;
  const AttuneChatProgress progress = attune_chat_message_get_progress (self->message);
  const gboolean text = *attune_chat_message_get_text (self->message) != '\0';
  const gboolean last = attune_chat_message_is_last (self->message);
  const gboolean broken = progress == ATTUNE_CHAT_BROKEN;

  gtk_widget_set_visible (self->spinner, progress == ATTUNE_CHAT_WRITING);
  gtk_widget_set_visible (self->bubble, text || progress == ATTUNE_CHAT_WRITING);
  gtk_widget_set_visible (GTK_WIDGET (self->text_label), text);
  gtk_widget_set_visible (self->buttons, answer && progress != ATTUNE_CHAT_WRITING);
  gtk_widget_set_visible (self->copy_button, text);
  gtk_widget_set_visible (self->again_button, broken && last);
  gtk_widget_set_visible (self->other_button, !broken && last);
  if (broken)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->note_label), "error");
      gtk_widget_remove_css_class (GTK_WIDGET (self->note_label), "dimmed");
    }
}

static void
on_text (AttuneChatBubble *self)
{
  show_text (self);
  show_progress (self);
}

static void
on_progress (AttuneChatBubble *self)
{
  const char *text = attune_chat_message_get_text (self->message);
  const char *note = attune_chat_message_get_note (self->message);

  show_note (self);
  show_progress (self);
  switch (attune_chat_message_get_progress (self->message))
    {
    case ATTUNE_CHAT_DONE:
      gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
      break;
    case ATTUNE_CHAT_BROKEN:
      gtk_accessible_announce (GTK_ACCESSIBLE (self), note,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
      break;
    case ATTUNE_CHAT_WRITING:
    default:
      break;
    }
}

static void
copy (AttuneChatBubble *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          attune_chat_message_get_text (self->message));
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Answer copied"));
}

/* On which side it stands. */
static void
place (AttuneChatBubble *self)
{
  GtkWidget *box = gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (self));

  switch (attune_chat_message_get_kind (self->message))
    {
    case ATTUNE_CHAT_QUESTION:
      gtk_widget_set_halign (box, GTK_ALIGN_END);
      gtk_widget_set_margin_start (box, 36);
      gtk_widget_add_css_class (self->bubble, "chat-question");
      break;
    case ATTUNE_CHAT_ANSWER:
      gtk_widget_set_halign (box, GTK_ALIGN_START);
      gtk_widget_set_margin_end (box, 36);
      break;
    case ATTUNE_CHAT_NOTE:
    default:
      gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
      gtk_widget_remove_css_class (self->bubble, "chat-bubble");
      gtk_widget_add_css_class (GTK_WIDGET (self->text_label), "caption");
      gtk_widget_add_css_class (GTK_WIDGET (self->text_label), "dimmed");
      gtk_label_set_justify (self->text_label, GTK_JUSTIFY_CENTER);
      break;
    }
}

GtkWidget *
attune_chat_bubble_new (AttuneChatMessage *message)
{
  AttuneChatBubble *self;

  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (message), NULL);

  self = g_object_new (ATTUNE_TYPE_CHAT_BUBBLE, NULL);
  self->message = g_object_ref (message);
  place (self);
  show_text (self);
  show_note (self);
  show_progress (self);
  g_signal_connect_object (message, "notify::text", G_CALLBACK (on_text), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (message, "notify::progress", G_CALLBACK (on_progress), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (message, "notify::last", G_CALLBACK (show_progress), self,
                           G_CONNECT_SWAPPED);
  return GTK_WIDGET (self);
}

static void
attune_chat_bubble_dispose (GObject *object)
{
  AttuneChatBubble *self = ATTUNE_CHAT_BUBBLE (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CHAT_BUBBLE);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (attune_chat_bubble_parent_class)->dispose (object);
}

static void
attune_chat_bubble_class_init (AttuneChatBubbleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_chat_bubble_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/chat-bubble.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, bubble);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, spinner);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, text_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, note_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, buttons);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, again_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, copy_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatBubble, other_button);
  gtk_widget_class_bind_template_callback (widget_class, copy);
}

static void
attune_chat_bubble_init (AttuneChatBubble *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
