/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The detail: what is shown. What the model reads: record-reading.c; changing: -actions.c.
 *
 * What was changed by hand counts once the data is prepared again, but is shown at once: the texts
 * are those of the data set where it knows the change, else those of the change.
 */
#include "stages/data/record-detail.h"

#include "data/report-view.h"
#include "stages/data/count.h"
#include "stages/data/record-detail-private.h"
#include "stages/data/record-row.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AttuneRecordDetail, attune_record_detail, ADW_TYPE_BIN)

/* --- the record as it was imported */

typedef struct
{
  AttuneRecords *records;
  guint record;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  attune_records_unref (request->records);
  g_free (request);
}

static void
record_free (gpointer data)
{
  attune_record_clear (data);
  g_free (data);
}

static void
read_imported (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  const Request *request = data;
  AttuneRecord *imported = g_new0 (AttuneRecord, 1);
  GError *error = NULL;

  if (attune_records_read_imported (request->records, request->record, imported, &error))
    {
      g_task_return_pointer (task, imported, record_free);
      return;
    }
  record_free (imported);
  g_task_return_error (task, error);
}

static void
imported_read (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (object);
  g_autoptr (GError) error = NULL;
  AttuneRecord *imported = g_task_propagate_pointer (G_TASK (result), &error);

  if (imported == NULL)
    g_debug ("%s", error->message); /* the list tells of a file that cannot be read */
  if (imported != NULL && g_task_get_cancellable (G_TASK (result)) == self->awaited)
    {
      self->imported = *imported;
      *imported = (AttuneRecord) { 0 };
      self->key = attune_record_get_key (&self->imported);
      g_clear_object (&self->awaited);
      attune_record_detail_refresh (self);
    }
  if (imported != NULL)
    record_free (imported);
}

/* Until it is there nothing can be changed. */
static void
begin_reading (AttuneRecordDetail *self)
{
  g_autoptr (GTask) task = NULL;
  Request *request;

  g_clear_object (&self->awaited);
  g_clear_pointer (&self->key, g_free);
  attune_record_clear (&self->imported);
  self->imported = (AttuneRecord) { 0 };
  if (self->item == NULL)
    return;
  request = g_new (Request, 1);
  *request = (Request) { attune_records_ref (self->records),
                         attune_record_item_get_record (self->item) };
  self->awaited = g_cancellable_new ();
  task = g_task_new (self, self->awaited, imported_read, NULL);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, read_imported);
}

const AttuneChange *
attune_record_detail_get_change (AttuneRecordDetail *self)
{
  const AttuneChanges *changes = attune_session_get_changes (self->session);

  return changes != NULL && self->key != NULL ? attune_changes_find (changes, self->key) : NULL;
}

/* --- what was changed by hand */

/* Whether the data set does not know the change of now. */
static gboolean
is_waiting (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const AttuneChange *change = attune_record_detail_get_change (self);

  if (attune_change_get_kind (change) != view->by_hand)
    return self->key != NULL;
  for (int i = 0; change != NULL && i < ATTUNE_N_FIELDS; i++)
    if (change->fields[i] != NULL && g_strcmp0 (change->fields[i], view->record.fields[i]) != 0)
      return attune_session_has_new_changes (self->session);
  return FALSE;
}

static const char *
choose_text (AttuneRecordDetail *self, const AttuneRecordView *view, AttuneField field)
{
  const AttuneChange *change = attune_record_detail_get_change (self);

  if (self->key != NULL && gtk_toggle_button_get_active (self->original_button))
    return self->imported.fields[field];
  if (!is_waiting (self, view))
    return view->record.fields[field];
  if (change != NULL && change->fields[field] != NULL)
    return change->fields[field];
  return (view->by_hand & ATTUNE_BY_HAND_EDITED) != 0 ? self->imported.fields[field]
                                                      : view->record.fields[field];
}

static void
show_hand (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const guint kind = self->key != NULL
                         ? attune_change_get_kind (attune_record_detail_get_change (self))
                         : view->by_hand;
  const gboolean waiting = is_waiting (self, view);
  const char *what;
  g_autofree char *text = NULL;

  if ((kind & ATTUNE_BY_HAND_EXCLUDED) != 0)
    what = _ ("You have left this record out.");
  else if (kind != 0)
    what = _ ("You have edited this record.");
  else
    what = _ ("You have brought this record back as it was imported.");
  text = waiting ? g_strdup_printf ("%s %s", what, _ ("It counts once the data is prepared again."))
                 : g_strdup (what);
  adw_action_row_set_subtitle (self->hand_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->hand_row), kind != 0 || waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->original_button),
                          (kind & ATTUNE_BY_HAND_EDITED) != 0 && self->key != NULL);
}

/* --- the record */

/* A text without a question is learned as a whole. */
static void
show_fields (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const gboolean whole = *choose_text (self, view, ATTUNE_FIELD_QUESTION) == '\0';

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      const char *text = choose_text (self, view, i);

      adw_action_row_set_subtitle (self->rows[i], text);
      gtk_widget_set_visible (GTK_WIDGET (self->rows[i]),
                              i == ATTUNE_FIELD_ANSWER || *text != '\0');
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->rows[ATTUNE_FIELD_ANSWER]),
                                 whole ? _ ("Text") : _ ("Answer"));
}

static void
show_reading (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  AttuneModel *model = attune_session_get_model (self->session);
  const char *sentence = NULL;

  if (!attune_records_is_prepared (self->records))
    sentence = _ ("Prepare the data to see what the model reads.");
  else if (is_waiting (self, view))
    sentence = _ ("Prepare the data again to see what the model reads.");
  else if (view->split == ATTUNE_SPLIT_EXCLUDED)
    sentence = _ ("Nothing: this record is left out.");
  else if (model == NULL)
    sentence = _ ("Choose a model to see what it reads.");
  else if (!attune_session_is_data_for_model (self->session))
    sentence = _ ("The data was prepared for another model. Prepare it again to see what this one "
                  "reads.");
  if (sentence != NULL)
    attune_record_reading_show_sentence (self->reading, sentence);
  else
    attune_record_reading_show (self->reading, model, self->records,
                                attune_record_item_get_record (self->item));
}

static char *
describe_source (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const AttuneDataSummary *data = attune_session_get_data (self->session);
  g_autoptr (GPtrArray) sources = attune_source_views_new (data != NULL ? data->sources : NULL);
  g_autofree char *name = NULL, *line = attune_count_to_text (view->record.line);

  if (view->source >= sources->len)
    return g_strdup_printf (_ ("Line %s"), line);
  name = g_filename_display_basename (((AttuneSourceView *) sources->pdata[view->source])->path);
  return g_strdup_printf (_ ("%s, line %s"), name, line);
}

static void
show_use (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const gboolean cleaned
      = view->split == ATTUNE_SPLIT_EXCLUDED && (view->by_hand & ATTUNE_BY_HAND_EXCLUDED) == 0;
  g_autofree char *left_out = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->split_row), attune_records_is_prepared (self->records));
  if (cleaned && view->reason != NULL)
    left_out = g_strdup_printf (_ ("Left out: %s"), view->reason);
  adw_action_row_set_subtitle (
      self->split_row, left_out != NULL ? left_out : attune_record_row_name_split (view->split));
}

/* What the cleaning has found, even where it is masked now. */
static void
show_found (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  const char *const names[ATTUNE_N_FINDINGS]
      = { _ ("Personal data"), _ ("Keys or passwords"), _ ("Toxic words") };
  g_autoptr (GString) found = g_string_new (NULL);

  for (int i = 0; i < ATTUNE_N_FINDINGS; i++)
    if ((view->found & 1u << i) != 0)
      g_string_append_printf (found, "%s%s", found->len > 0 ? "\n" : "", names[i]);
  gtk_widget_set_visible (GTK_WIDGET (self->found_row), found->len > 0);
  adw_action_row_set_subtitle (self->found_row, found->str);
}

void
attune_record_detail_refresh (AttuneRecordDetail *self)
{
  const AttuneRecordView *view
      = self->item != NULL ? attune_record_item_get_view (self->item) : NULL;
  g_autofree char *source = NULL;

  gtk_stack_set_visible_child_name (self->stack, view != NULL ? "record" : "none");
  if (view == NULL)
    return;
  self->serial = attune_session_get_changes_serial (self->session);
  show_hand (self, view);
  show_fields (self, view);
  source = describe_source (self, view);
  adw_action_row_set_subtitle (self->source_row, source);
  show_use (self, view);
  show_found (self, view);
  show_reading (self, view);
  attune_record_detail_update_actions (self);
}

static void
on_session_changed (AttuneRecordDetail *self)
{
  if (self->serial != attune_session_get_changes_serial (self->session))
    attune_record_detail_refresh (self);
}

void
attune_record_detail_show (AttuneRecordDetail *self, AttuneSession *session, AttuneRecords *records,
                           AttuneRecordItem *item)
{
  g_return_if_fail (ATTUNE_IS_RECORD_DETAIL (self) && ATTUNE_IS_SESSION (session));

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, attune_record_detail_refresh, self);
  if (g_set_object (&self->session, session))
    g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed), self,
                             G_CONNECT_SWAPPED);
  g_clear_pointer (&self->records, attune_records_unref);
  self->records = attune_records_ref (records);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_object (item, "notify::loaded", G_CALLBACK (attune_record_detail_refresh),
                             self, G_CONNECT_SWAPPED);
  begin_reading (self);
  gtk_toggle_button_set_active (self->original_button, FALSE);
  attune_record_detail_refresh (self);
}

const char *
attune_record_detail_get_reading (AttuneRecordDetail *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_DETAIL (self), NULL);
  return attune_record_reading_get_text (self->reading);
}

/* --- the object */

static void
attune_record_detail_dispose (GObject *object)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (object);

  g_clear_object (&self->awaited);
  g_clear_object (&self->item);
  g_clear_object (&self->session);
  g_clear_pointer (&self->records, attune_records_unref);
  /* the parent class would unparent a child that dispose_template() has freed: it has an id */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RECORD_DETAIL);
  G_OBJECT_CLASS (attune_record_detail_parent_class)->dispose (object);
}

static void
attune_record_detail_finalize (GObject *object)
{
  attune_record_clear (&ATTUNE_RECORD_DETAIL (object)->imported);
  g_free (ATTUNE_RECORD_DETAIL (object)->key);
  G_OBJECT_CLASS (attune_record_detail_parent_class)->finalize (object);
}

static void
attune_record_detail_class_init (AttuneRecordDetailClass *klass)
{
  static const char *const rows[ATTUNE_N_FIELDS]
      = { "question_row", "answer_row",   "system_row", "label_row",
          "group_row",    "rejected_row", "date_row" };
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_detail_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_record_detail_finalize;
  g_type_ensure (ATTUNE_TYPE_RECORD_READING);
  attune_record_detail_install_actions (klass);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-detail.ui");
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, rows[i], FALSE,
                                               G_STRUCT_OFFSET (AttuneRecordDetail, rows)
                                                   + i * (gssize) sizeof (AdwActionRow *));
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, AttuneRecordDetail, child)
  BIND (stack);
  BIND (exclude_button);
  BIND (source_row);
  BIND (split_row);
  BIND (found_row);
  BIND (hand_row);
  BIND (original_button);
  BIND (reading);
#undef BIND
  gtk_widget_class_bind_template_callback_full (widget_class, "on_original",
                                                G_CALLBACK (attune_record_detail_refresh));
}

static void
attune_record_detail_init (AttuneRecordDetail *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
