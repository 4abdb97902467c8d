/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-input.h.
 */
#include "stages/deploy/chat-input.h"

#include <glib/gi18n.h>

struct _AttuneChatInput
{
  AdwBin parent_instance;

  gboolean busy;

  GtkTextView *text_view;
  GtkTextBuffer *buffer;
  GtkWidget *placeholder;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (AttuneChatInput, attune_chat_input, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_BUSY,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  SEND,
  STOP,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

char *
attune_chat_input_get_text (AttuneChatInput *self)
{
  GtkTextIter start, end;

  g_return_val_if_fail (ATTUNE_IS_CHAT_INPUT (self), NULL);

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, FALSE);
}

void
attune_chat_input_set_text (AttuneChatInput *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_CHAT_INPUT (self) && text != NULL);
  gtk_text_buffer_set_text (self->buffer, text, -1);
}

static void
show_button (AttuneChatInput *self)
{
  g_autofree char *text = attune_chat_input_get_text (self);
  const gboolean empty = *g_strstrip (text) == '\0';

  gtk_button_set_icon_name (self->button,
                            self->busy ? "media-playback-stop-symbolic" : "go-up-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button),
                               self->busy ? _ ("Stop the Answer (Escape)") : _ ("Send (Enter)"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->busy ? _ ("Stop the Answer") : _ ("Send"), -1);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), self->busy || !empty);
}

static void
on_changed (AttuneChatInput *self)
{
  gtk_widget_set_visible (self->placeholder, gtk_text_buffer_get_char_count (self->buffer) == 0);
  show_button (self);
}

static void
send (AttuneChatInput *self)
{
  g_autofree char *text = attune_chat_input_get_text (self);

  if (self->busy || *g_strstrip (text) == '\0')
    return;
  gtk_text_buffer_set_text (self->buffer, "", -1);
  g_signal_emit (self, signals[SEND], 0, text);
}

void
attune_chat_input_activate (AttuneChatInput *self)
{
  g_return_if_fail (ATTUNE_IS_CHAT_INPUT (self));

  if (self->busy)
    g_signal_emit (self, signals[STOP], 0);
  else
    send (self);
}

static void
on_clicked (AttuneChatInput *self)
{
  attune_chat_input_activate (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

/* In the capture phase, before the text takes the key; but the input method comes first, for which
 * Enter may end a word. */
static gboolean
on_key (GtkEventControllerKey *controller, guint key, guint code, GdkModifierType state,
        AttuneChatInput *self)
{
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));

  if (key == GDK_KEY_Escape && self->busy)
    {
      g_signal_emit (self, signals[STOP], 0);
      return GDK_EVENT_STOP;
    }
  if ((key != GDK_KEY_Return && key != GDK_KEY_KP_Enter && key != GDK_KEY_ISO_Enter)
      || (state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  if (event != NULL && gtk_text_view_im_context_filter_keypress (self->text_view, event))
    return GDK_EVENT_STOP;
  send (self);
  return GDK_EVENT_STOP;
}

static gboolean
attune_chat_input_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (ATTUNE_CHAT_INPUT (widget)->text_view));
}

static void
attune_chat_input_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneChatInput *self = ATTUNE_CHAT_INPUT (object);

  if (id == PROP_BUSY)
    {
      self->busy = g_value_get_boolean (value);
      show_button (self);
    }
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_chat_input_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BUSY)
    g_value_set_boolean (value, ATTUNE_CHAT_INPUT (object)->busy);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_chat_input_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CHAT_INPUT);
  G_OBJECT_CLASS (attune_chat_input_parent_class)->dispose (object);
}

static void
attune_chat_input_class_init (AttuneChatInputClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = attune_chat_input_set_property;
  object_class->get_property = attune_chat_input_get_property;
  object_class->dispose = attune_chat_input_dispose;
  widget_class->grab_focus = attune_chat_input_grab_focus;

  properties[PROP_BUSY] = g_param_spec_boolean ("busy", NULL, NULL, FALSE,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[SEND] = g_signal_new ("send", ATTUNE_TYPE_CHAT_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[STOP] = g_signal_new ("stop", ATTUNE_TYPE_CHAT_INPUT, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/chat-input.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneChatInput, text_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatInput, buffer);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatInput, placeholder);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatInput, button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_clicked);
}

static void
attune_chat_input_init (AttuneChatInput *self)
{
  GtkEventController *keys;

  gtk_widget_init_template (GTK_WIDGET (self));
  keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->text_view), keys);
  show_button (self);
}
