/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-view.h. The list of messages is the conversation: each question is sent with what stands
 * above it, so the program that answers may come and go: chat-answer.c.
 */
#include "stages/deploy/chat-view-private.h"

#include "stages/deploy/chat-bubble.h"
#include "stages/deploy/chat-history.h"
#include "stages/deploy/chat-settings.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AttuneChatView, attune_chat_view, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_SYSTEM_PROMPT,
  PROP_TEMPERATURE,
  PROP_MAX_TOKENS,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

GListModel *
attune_chat_view_get_messages (AttuneChatView *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_VIEW (self), NULL);
  return G_LIST_MODEL (self->messages);
}

/* --- what was said */

static guint
count (AttuneChatView *self)
{
  return g_list_model_get_n_items (G_LIST_MODEL (self->messages));
}

static AttuneChatMessage *
find_last (AttuneChatView *self, AttuneChatKind kind, guint *position)
{
  return attune_chat_history_find_last (G_LIST_MODEL (self->messages), kind, position);
}

void
attune_chat_view_add_message (AttuneChatView *self, AttuneChatMessage *message)
{
  AttuneChatMessage *last = find_last (self, ATTUNE_CHAT_ANSWER, NULL);

  if (last != NULL)
    attune_chat_message_set_last (last, FALSE);
  attune_chat_message_set_last (message,
                                attune_chat_message_get_kind (message) == ATTUNE_CHAT_ANSWER);
  self->at_end = TRUE;
  g_list_store_append (self->messages, message);
  gtk_stack_set_visible_child_name (self->stack, "messages");
}

void
attune_chat_view_update_actions (AttuneChatView *self)
{
  const gboolean free = self->writing == NULL && self->session != NULL;

  g_object_set (self->input, "busy", self->writing != NULL, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.ask-other", free);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.ask-again", free);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "chat.new", count (self) > 0);
}

void
attune_chat_view_ask (AttuneChatView *self, const char *question)
{
  g_autoptr (AttuneChatMessage) message = NULL;

  g_return_if_fail (ATTUNE_IS_CHAT_VIEW (self) && question != NULL);

  if (self->session == NULL || self->writing != NULL)
    return;
  message = attune_chat_message_new (ATTUNE_CHAT_QUESTION, FALSE, question);
  attune_chat_view_add_message (self, message);
  attune_chat_view_ask_model (
      self, count (self) - 1,
      g_strcmp0 (adw_toggle_group_get_active_name (self->model_group), "base") == 0);
}

static void
on_send (AttuneChatView *self, const char *text)
{
  attune_chat_view_ask (self, text);
}

static void
on_stop (AttuneChatView *self)
{
  if (self->process == NULL)
    return;
  attune_chat_process_stop (self->process);
  if (attune_chat_process_get_state (self->process) == ATTUNE_CHAT_ENDED)
    attune_chat_view_finish (self, ATTUNE_CHAT_BROKEN, NULL, _ ("Stopped before it began."));
}

/* From the next question on the model that @run had after @step answers. */
static void
take_run (AttuneChatView *self, const char *run, gint64 step)
{
  const gboolean again = self->run != NULL && count (self) > 0;
  const gboolean another = g_set_str (&self->run, run);
  const gboolean learned = !another && step >= 0 && self->step >= 0 && step != self->step;

  if (another || step >= 0)
    self->step = step;
  if (!another && !learned)
    return;
  attune_chat_view_drop_process (self);
  if (again)
    {
      g_autoptr (AttuneChatMessage) note = attune_chat_message_new (
          ATTUNE_CHAT_NOTE, FALSE,
          _ ("The model has been tuned again. From here on the new one answers."));

      attune_chat_view_add_message (self, note);
    }
}

void
attune_chat_view_set_session (AttuneChatView *self, AttuneSession *session)
{
  const char *folder;

  g_return_if_fail (ATTUNE_IS_CHAT_VIEW (self));

  g_set_object (&self->session, session);
  folder = session != NULL ? attune_session_get_used_run (session) : NULL;
  if (folder != NULL)
    {
      g_autofree char *run = g_path_get_basename (folder);

      take_run (self, run, attune_session_get_run_step (session));
    }
  else
    attune_chat_view_drop_process (self);
  attune_chat_view_update_actions (self);
}

/* --- actions */

static void
ask_other (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (widget);
  AttuneChatMessage *answer = find_last (self, ATTUNE_CHAT_ANSWER, NULL);
  guint position;

  if (answer != NULL && find_last (self, ATTUNE_CHAT_QUESTION, &position) != NULL)
    attune_chat_view_ask_model (self, position, !attune_chat_message_is_base (answer));
}

/* In place of an answer that failed. */
static void
ask_again (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (widget);
  guint position, failed;
  AttuneChatMessage *answer = find_last (self, ATTUNE_CHAT_ANSWER, &failed);
  gboolean base;

  if (answer == NULL || find_last (self, ATTUNE_CHAT_QUESTION, &position) == NULL)
    return;
  base = attune_chat_message_is_base (answer);
  g_list_store_remove (self->messages, failed);
  attune_chat_view_ask_model (self, position, base);
}

static void
start_new (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (widget);

  if (self->writing != NULL)
    attune_chat_view_drop_process (self); /* rather than wait for what nobody wants to read */
  g_list_store_remove_all (self->messages);
  gtk_stack_set_visible_child_name (self->stack, "empty");
  attune_chat_view_update_actions (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->input));
}

static void
show_settings (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (widget);
  g_autofree char *usual
      = self->session != NULL ? attune_session_get_system_prompt (self->session) : NULL;

  adw_dialog_present (attune_chat_settings_new (G_OBJECT (self), usual), widget);
}

/* --- following what is written */

static void
on_scrolled (AttuneChatView *self, GtkAdjustment *adjustment)
{
  self->at_end = gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
                 >= gtk_adjustment_get_upper (adjustment) - 1;
}

static void
on_resized (AttuneChatView *self, GParamSpec *pspec, GtkAdjustment *adjustment)
{
  if (self->at_end)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment)
                                              - gtk_adjustment_get_page_size (adjustment));
}

/* --- the object */

static GtkWidget *
make_bubble (gpointer item, gpointer data)
{
  return attune_chat_bubble_new (item);
}

static void
attune_chat_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (object);

  switch (id)
    {
    case PROP_SYSTEM_PROMPT:
      g_set_str (&self->system_prompt, g_value_get_string (value));
      break;
    case PROP_TEMPERATURE:
      self->temperature = g_value_get_double (value);
      break;
    case PROP_MAX_TOKENS:
      self->max_tokens = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_chat_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (object);

  switch (id)
    {
    case PROP_SYSTEM_PROMPT:
      g_value_set_string (value, self->system_prompt);
      break;
    case PROP_TEMPERATURE:
      g_value_set_double (value, self->temperature);
      break;
    case PROP_MAX_TOKENS:
      g_value_set_int (value, self->max_tokens);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_chat_view_dispose (GObject *object)
{
  AttuneChatView *self = ATTUNE_CHAT_VIEW (object);

  if (self->process != NULL)
    g_signal_handlers_disconnect_by_data (self->process, self);
  g_clear_object (&self->process);
  g_clear_object (&self->writing);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CHAT_VIEW);
  g_clear_object (&self->messages);
  g_clear_object (&self->session);
  g_clear_pointer (&self->system_prompt, g_free);
  g_clear_pointer (&self->run, g_free);
  G_OBJECT_CLASS (attune_chat_view_parent_class)->dispose (object);
}

static void
attune_chat_view_class_init (AttuneChatViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = attune_chat_view_set_property;
  object_class->get_property = attune_chat_view_get_property;
  object_class->dispose = attune_chat_view_dispose;

  properties[PROP_SYSTEM_PROMPT] = g_param_spec_string ("system-prompt", NULL, NULL, NULL, flags);
  /* The defaults of attunectl chat. */
  properties[PROP_TEMPERATURE]
      = g_param_spec_double ("temperature", NULL, NULL, 0, 2, 0.7, flags | G_PARAM_CONSTRUCT);
  properties[PROP_MAX_TOKENS]
      = g_param_spec_int ("max-tokens", NULL, NULL, 1, 4096, 256, flags | G_PARAM_CONSTRUCT);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_install_action (widget_class, "chat.ask-other", NULL, ask_other);
  gtk_widget_class_install_action (widget_class, "chat.ask-again", NULL, ask_again);
  gtk_widget_class_install_action (widget_class, "chat.new", NULL, start_new);
  gtk_widget_class_install_action (widget_class, "chat.settings", NULL, show_settings);
  g_type_ensure (ATTUNE_TYPE_CHAT_INPUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/chat-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneChatView, model_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatView, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatView, scrolled_window);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatView, list);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatView, input);
  gtk_widget_class_bind_template_callback (widget_class, on_send);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
}

static void
attune_chat_view_init (AttuneChatView *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->step = -1;
  self->messages = g_list_store_new (ATTUNE_TYPE_CHAT_MESSAGE);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->messages), make_bubble, NULL, NULL);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scrolled_window);
  g_signal_connect_object (adjustment, "value-changed", G_CALLBACK (on_scrolled), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "notify::upper", G_CALLBACK (on_resized), self,
                           G_CONNECT_SWAPPED);
  attune_chat_view_update_actions (self);
}
