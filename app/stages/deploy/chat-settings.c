/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-settings.h.
 */
#include "stages/deploy/chat-settings.h"

struct _AttuneChatSettings
{
  AdwPreferencesDialog parent_instance;

  GObject *chat;
  char *usual;

  AdwSpinRow *temperature_row;
  AdwSpinRow *max_tokens_row;
  GtkWidget *reset_button;
  GtkTextBuffer *buffer;
};

G_DEFINE_FINAL_TYPE (AttuneChatSettings, attune_chat_settings, ADW_TYPE_PREFERENCES_DIALOG)

static void
on_changed (AttuneChatSettings *self)
{
  g_autofree char *text = NULL;
  gboolean as_usual;

  g_object_get (self->buffer, "text", &text, NULL);
  as_usual = g_str_equal (text, self->usual);
  g_object_set (self->chat, "system-prompt", as_usual ? NULL : text, NULL);
  gtk_widget_set_sensitive (self->reset_button, !as_usual);
}

static void
reset (AttuneChatSettings *self)
{
  gtk_text_buffer_set_text (self->buffer, self->usual, -1);
}

AdwDialog *
attune_chat_settings_new (GObject *chat, const char *usual)
{
  AttuneChatSettings *self = g_object_new (ATTUNE_TYPE_CHAT_SETTINGS, NULL);
  const GBindingFlags flags = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  g_autofree char *text = NULL;

  self->chat = g_object_ref (chat);
  self->usual = g_strdup (usual != NULL ? usual : "");
  g_object_bind_property (chat, "temperature", self->temperature_row, "value", flags);
  g_object_bind_property (chat, "max-tokens", self->max_tokens_row, "value", flags);
  g_object_get (chat, "system-prompt", &text, NULL);
  gtk_text_buffer_set_text (self->buffer, text != NULL ? text : self->usual, -1);
  gtk_widget_set_sensitive (self->reset_button, text != NULL);
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_changed), self);
  return ADW_DIALOG (self);
}

static void
attune_chat_settings_dispose (GObject *object)
{
  AttuneChatSettings *self = ATTUNE_CHAT_SETTINGS (object);

  if (self->buffer != NULL)
    g_signal_handlers_disconnect_by_data (self->buffer, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CHAT_SETTINGS);
  g_clear_object (&self->chat);
  g_clear_pointer (&self->usual, g_free);
  G_OBJECT_CLASS (attune_chat_settings_parent_class)->dispose (object);
}

static void
attune_chat_settings_class_init (AttuneChatSettingsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_chat_settings_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/deploy/chat-settings.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneChatSettings, temperature_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatSettings, max_tokens_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatSettings, reset_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneChatSettings, buffer);
  gtk_widget_class_bind_template_callback (widget_class, reset);
}

static void
attune_chat_settings_init (AttuneChatSettings *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
