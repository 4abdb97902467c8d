/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run's trouble.
 */
#include "stages/tune/trouble.h"

struct _AttuneTuneTrouble
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *row;
  AdwExpanderRow *log_row;
  GtkTextView *log_view;
  GtkWidget *stop_row;
};

G_DEFINE_FINAL_TYPE (AttuneTuneTrouble, attune_tune_trouble, ADW_TYPE_PREFERENCES_GROUP)

/* A log that is read by somebody is not set anew for nothing: the selection would be lost. */
static void
set_log (AttuneTuneTrouble *self, const char *log)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->log_view);
  g_autofree char *shown = NULL;
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  shown = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  if (g_strcmp0 (shown, log) != 0)
    gtk_text_buffer_set_text (buffer, log, -1);
}

void
attune_tune_trouble_set (AttuneTuneTrouble *self, const char *title, const char *text,
                         const char *log, gboolean offer_stop)
{
  const gboolean is_new = !gtk_widget_get_visible (GTK_WIDGET (self));

  g_return_if_fail (ATTUNE_IS_TUNE_TROUBLE (self));

  gtk_widget_set_visible (GTK_WIDGET (self), title != NULL);
  if (title == NULL)
    return;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), title);
  adw_action_row_set_subtitle (self->row, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->log_row), log != NULL);
  set_log (self, log != NULL ? log : "");
  gtk_widget_set_visible (self->stop_row, offer_stop);
  if (is_new)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), title,
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
attune_tune_trouble_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_TROUBLE);
  G_OBJECT_CLASS (attune_tune_trouble_parent_class)->dispose (object);
}

static void
attune_tune_trouble_class_init (AttuneTuneTroubleClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_trouble_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/trouble.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneTrouble, row);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneTrouble, log_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneTrouble, log_view);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneTrouble, stop_row);
}

static void
attune_tune_trouble_init (AttuneTuneTrouble *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
