/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Changing the record by hand. Every change can be taken back at once, from the toast that tells of
 * it, and for ever, since what was imported stays.
 */
#include "stages/data/record-detail-private.h"

#include "stages/data/record-editor.h"

#include <glib/gi18n.h>

/* What a toast takes back: it may be pressed when another record is shown. */
typedef struct
{
  AttuneSession *session;
  AttuneRecordDetail *detail; /* weak */
  guint record;
  AttuneRecord imported;
  AttuneChange *before; /* (nullable) */
} Step;

enum
{
  BY_HAND,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
step_free (gpointer data, GClosure *closure)
{
  Step *step = data;

  g_object_unref (step->session);
  g_clear_weak_pointer (&step->detail);
  attune_record_clear (&step->imported);
  attune_change_free (step->before);
  g_free (step);
}

static void
show_toast (AttuneRecordDetail *self, AdwToast *toast)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);

  g_object_ref_sink (toast);
  adw_toast_set_use_markup (toast, FALSE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), adw_toast_get_title (toast),
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (overlay != NULL)
    {
      adw_toast_overlay_dismiss_all (ADW_TOAST_OVERLAY (overlay)); /* the latest counts */
      adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), g_object_ref (toast));
    }
  g_object_unref (toast);
}

static char *
copy_text (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

static Step *
step_new (AttuneRecordDetail *self, guint record, const AttuneRecord *imported,
          const AttuneChange *before)
{
  Step *step = g_new0 (Step, 1);

  step->session = g_object_ref (self->session);
  g_set_weak_pointer (&step->detail, self);
  step->record = record;
  step->before = attune_change_copy (before);
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    step->imported.fields[i] = copy_text (imported->fields[i]);
  return step;
}

static void
undone (GObject *session, GAsyncResult *result, gpointer data)
{
  Step *step = data;
  g_autoptr (GError) error = NULL;

  if (!attune_session_change_record_finish (ATTUNE_SESSION (session), result, &error))
    attune_session_say (ATTUNE_SESSION (session), error->message);
  else if (step->detail != NULL)
    g_signal_emit (step->detail, signals[BY_HAND], 0, step->record,
                   attune_change_get_kind (step->before));
  step_free (step, NULL);
}

static void
undo (AdwToast *toast, gpointer data)
{
  const Step *step = data;

  if (step->detail != NULL) /* else the browser has been closed */
    attune_session_change_record (
        step->session, &step->imported, step->before, undone,
        step_new (step->detail, step->record, &step->imported, step->before));
}

/* What is needed once the change has been written. */
typedef struct
{
  AttuneRecordDetail *detail;
  char *title;
  Step *step;
  guint kind; /* AttuneByHand: what it is then */
} Change;

static void
change_free (Change *change)
{
  g_object_unref (change->detail);
  g_free (change->title);
  if (change->step != NULL)
    step_free (change->step, NULL);
  g_free (change);
}

static void
changed (GObject *session, GAsyncResult *result, gpointer data)
{
  Change *change = data;
  AttuneRecordDetail *self = change->detail;
  g_autoptr (GError) error = NULL;
  AdwToast *toast;

  self->changing = FALSE;
  if (attune_session_change_record_finish (ATTUNE_SESSION (session), result, &error))
    {
      g_signal_emit (self, signals[BY_HAND], 0, change->step->record, change->kind);
      toast = adw_toast_new (change->title);
      adw_toast_set_button_label (toast, _ ("_Undo"));
      g_signal_connect_data (toast, "button-clicked", G_CALLBACK (undo),
                             g_steal_pointer (&change->step), step_free, G_CONNECT_DEFAULT);
      show_toast (self, toast);
    }
  else
    {
      toast = adw_toast_new (error->message);
      adw_toast_set_timeout (toast, 0); /* it stays until it has been read */
      show_toast (self, toast);
    }
  attune_record_detail_update_actions (self);
  change_free (change);
}

static void
change_record (AttuneRecordDetail *self, const AttuneChange *wanted, const char *title)
{
  Change *change = g_new (Change, 1);
  Step *step = step_new (self, attune_record_item_get_record (self->item), &self->imported,
                         attune_record_detail_get_change (self));

  *change
      = (Change) { g_object_ref (self), g_strdup (title), step, attune_change_get_kind (wanted) };
  self->changing = TRUE;
  attune_record_detail_update_actions (self);
  attune_session_change_record (self->session, &self->imported, wanted, changed, change);
}

/* A copy of the change of now, to be changed. */
static AttuneChange *
begin_change (AttuneRecordDetail *self)
{
  AttuneChange *change = attune_change_copy (attune_record_detail_get_change (self));

  return change != NULL ? change : g_new0 (AttuneChange, 1);
}

static void
exclude (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (widget);
  g_autoptr (AttuneChange) change = begin_change (self);

  change->excluded = !change->excluded;
  change_record (self, change,
                 change->excluded ? _ ("Record left out") : _ ("Record brought back"));
}

static void
on_saved (AttuneRecordDetail *self, AttuneChange *texts)
{
  g_autoptr (AttuneChange) change = begin_change (self);

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_set_str (&change->fields[i], texts->fields[i]);
  change_record (self, change, _ ("Record edited"));
}

static void
edit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (widget);
  AttuneRecordEditor *editor
      = attune_record_editor_new (&self->imported, attune_record_detail_get_change (self));

  g_signal_connect_object (editor, "saved", G_CALLBACK (on_saved), self, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (editor), widget);
}

void
attune_record_detail_update_actions (AttuneRecordDetail *self)
{
  const gboolean may_change = self->key != NULL && !self->changing
                              && attune_session_get_read_only (self->session) == NULL;
  const AttuneChange *change = attune_record_detail_get_change (self);
  const gboolean excluded = change != NULL && change->excluded;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "record.exclude", may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "record.edit", may_change);
  gtk_button_set_label (self->exclude_button, excluded ? _ ("_Bring Back") : _ ("_Leave Out"));
}

void
attune_record_detail_install_actions (AttuneRecordDetailClass *klass)
{
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "record.exclude", NULL, exclude);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "record.edit", NULL, edit);
  signals[BY_HAND] = g_signal_new ("by-hand", ATTUNE_TYPE_RECORD_DETAIL, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_UINT);
}
