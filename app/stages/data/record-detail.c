/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The detail. The sample is read and turned to words in a thread.
 */
#include "stages/data/record-detail.h"

#include "data/reading.h"
#include "data/report-view.h"
#include "stages/data/count.h"
#include "stages/data/record-row.h"

#include <glib/gi18n.h>

/* A label holds no more at ease. */
#define SHOWN_CHARACTERS 20000
#define MARK_ALPHA 0.25

struct _AttuneRecordDetail
{
  AdwBin parent_instance;

  AttuneSession *session;
  AttuneRecords *records;
  AttuneRecordItem *item; /* (nullable) */
  GCancellable *reading;  /* (nullable): the sample that is awaited */
  GArray *marks;          /* guint pairs: bytes of the label from, to */

  GtkStack *stack;
  AdwActionRow *question_row, *answer_row, *system_row, *label_row, *group_row;
  AdwActionRow *source_row, *split_row;
  AdwPreferencesGroup *reading_group;
  GtkLabel *reading_label;
};

G_DEFINE_FINAL_TYPE (AttuneRecordDetail, attune_record_detail, ADW_TYPE_BIN)

/* --- what the model reads */

/* In the accent's colour and underlined: never a colour alone. */
static void
mark_learned (AttuneRecordDetail *self)
{
  g_autoptr (PangoAttrList) list = pango_attr_list_new ();
  g_autoptr (GdkRGBA) accent
      = adw_style_manager_get_accent_color_rgba (adw_style_manager_get_default ());

  for (guint i = 0; i + 1 < self->marks->len; i += 2)
    {
      PangoAttribute *attributes[] = {
        pango_attr_background_new (accent->red * G_MAXUINT16, accent->green * G_MAXUINT16,
                                   accent->blue * G_MAXUINT16),
        pango_attr_background_alpha_new (MARK_ALPHA * G_MAXUINT16),
        pango_attr_underline_new (PANGO_UNDERLINE_SINGLE),
      };

      for (guint j = 0; j < G_N_ELEMENTS (attributes); j++)
        {
          attributes[j]->start_index = g_array_index (self->marks, guint, i);
          attributes[j]->end_index = g_array_index (self->marks, guint, i + 1);
          pango_attr_list_insert (list, attributes[j]);
        }
    }
  gtk_label_set_attributes (self->reading_label, list);
}

/* In place of the text: why there is none. */
static void
show_sentence (AttuneRecordDetail *self, const char *sentence)
{
  g_array_set_size (self->marks, 0);
  mark_learned (self);
  gtk_label_set_text (self->reading_label, sentence);
  adw_preferences_group_set_description (self->reading_group, NULL);
}

typedef struct
{
  AttuneRecords *records;
  AttuneTokenizer *tokenizer;
  guint record;
  guint n_tokens, n_learned; /* found */
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  attune_records_unref (request->records);
  attune_tokenizer_unref (request->tokenizer);
  g_free (request);
}

static void
read_sample (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Request *request = data;
  g_auto (AttuneSample) sample = { 0 };
  GError *error = NULL;

  if (!attune_records_read_sample (request->records, request->record, &sample, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  request->n_tokens = sample.n;
  for (guint i = 0; i < sample.n; i++)
    request->n_learned += sample.learn[i] != 0;
  g_task_return_pointer (task, attune_sample_to_parts (&sample, request->tokenizer),
                         (GDestroyNotify) g_ptr_array_unref);
}

static void
show_parts (AttuneRecordDetail *self, const GPtrArray *parts, const Request *request)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *tokens = NULL, *description = NULL;

  g_array_set_size (self->marks, 0);
  for (guint i = 0; i < parts->len && text->len < SHOWN_CHARACTERS; i++)
    {
      const AttuneReadPart *part = g_ptr_array_index (parts, i);
      const guint from = text->len;
      guint to;

      g_string_append (text, part->text);
      to = text->len;
      if (part->learned)
        {
          g_array_append_val (self->marks, from);
          g_array_append_val (self->marks, to);
        }
    }
  if (text->len > SHOWN_CHARACTERS)
    {
      g_string_truncate (text, g_utf8_find_prev_char (text->str, text->str + SHOWN_CHARACTERS)
                                   - text->str);
      g_string_append (text, "…");
    }
  gtk_label_set_text (self->reading_label, text->str);
  mark_learned (self);
  tokens = g_strdup_printf (ngettext ("%'u token.", "%'u tokens.", request->n_tokens),
                            request->n_tokens);
  description = g_strdup_printf (ngettext ("%s The model learns to say what is marked: %'u token.",
                                           "%s The model learns to say what is marked: %'u tokens.",
                                           request->n_learned),
                                 tokens, request->n_learned);
  adw_preferences_group_set_description (self->reading_group, description);
}

static void
sample_read (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->reading)
    return; /* another record is looked at by now */
  g_clear_object (&self->reading);
  if (parts != NULL)
    show_parts (self, parts, g_task_get_task_data (G_TASK (result)));
  else
    show_sentence (self, error->message);
}

static void
show_reading (AttuneRecordDetail *self, const AttuneRecordView *view)
{
  AttuneModel *model = attune_session_get_model (self->session);
  g_autoptr (GTask) task = NULL;
  Request *request;

  g_clear_object (&self->reading);
  if (!attune_records_is_prepared (self->records))
    show_sentence (self, _ ("Prepare the data to see what the model reads."));
  else if (view->split == ATTUNE_SPLIT_EXCLUDED)
    show_sentence (self, _ ("Nothing: this record is left out."));
  else if (!attune_session_is_data_for_model (self->session))
    show_sentence (self, model == NULL
                             ? _ ("Choose a model to see what it reads.")
                             : _ ("The data was prepared for another model. Prepare it again to "
                                  "see what this one reads."));
  else
    {
      show_sentence (self, "…");
      request = g_new0 (Request, 1);
      request->records = attune_records_ref (self->records);
      request->tokenizer
          = attune_tokenizer_ref ((AttuneTokenizer *) attune_model_get_tokenizer (model));
      request->record = attune_record_item_get_record (self->item);
      self->reading = g_cancellable_new ();
      task = g_task_new (self, self->reading, sample_read, NULL);
      g_task_set_task_data (task, request, request_free);
      g_task_run_in_thread (task, read_sample);
    }
}

/* --- the record */

static void
show_field (AdwActionRow *row, const AttuneRecordView *view, AttuneField field)
{
  const char *text = view->record.fields[field];

  adw_action_row_set_subtitle (row, text);
  gtk_widget_set_visible (GTK_WIDGET (row), field <= ATTUNE_FIELD_ANSWER || *text != '\0');
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
show_item (AttuneRecordDetail *self)
{
  const AttuneRecordView *view
      = self->item != NULL ? attune_record_item_get_view (self->item) : NULL;
  g_autofree char *source = NULL, *left_out = NULL;

  gtk_stack_set_visible_child_name (self->stack, view != NULL ? "record" : "none");
  if (view == NULL)
    return;
  show_field (self->question_row, view, ATTUNE_FIELD_QUESTION);
  show_field (self->answer_row, view, ATTUNE_FIELD_ANSWER);
  show_field (self->system_row, view, ATTUNE_FIELD_SYSTEM);
  show_field (self->label_row, view, ATTUNE_FIELD_LABEL);
  show_field (self->group_row, view, ATTUNE_FIELD_GROUP);
  source = describe_source (self, view);
  adw_action_row_set_subtitle (self->source_row, source);
  gtk_widget_set_visible (GTK_WIDGET (self->split_row), attune_records_is_prepared (self->records));
  if (view->split == ATTUNE_SPLIT_EXCLUDED && view->reason != NULL)
    left_out = g_strdup_printf (_ ("Left out: %s"), view->reason);
  adw_action_row_set_subtitle (
      self->split_row, left_out != NULL ? left_out : attune_record_row_name_split (view->split));
  show_reading (self, view);
}

void
attune_record_detail_show (AttuneRecordDetail *self, AttuneSession *session, AttuneRecords *records,
                           AttuneRecordItem *item)
{
  g_return_if_fail (ATTUNE_IS_RECORD_DETAIL (self) && ATTUNE_IS_SESSION (session));

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_func (self->item, show_item, self);
  g_set_object (&self->session, session);
  g_clear_pointer (&self->records, attune_records_unref);
  self->records = attune_records_ref (records);
  g_set_object (&self->item, item);
  if (item != NULL)
    g_signal_connect_object (item, "notify::loaded", G_CALLBACK (show_item), self,
                             G_CONNECT_SWAPPED);
  show_item (self);
}

const char *
attune_record_detail_get_reading (AttuneRecordDetail *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_DETAIL (self), NULL);
  return gtk_label_get_text (self->reading_label);
}

/* --- the object */

static void
attune_record_detail_dispose (GObject *object)
{
  AttuneRecordDetail *self = ATTUNE_RECORD_DETAIL (object);

  g_clear_object (&self->reading);
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
  g_array_unref (ATTUNE_RECORD_DETAIL (object)->marks);
  G_OBJECT_CLASS (attune_record_detail_parent_class)->finalize (object);
}

static void
attune_record_detail_class_init (AttuneRecordDetailClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_detail_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_record_detail_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-detail.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, AttuneRecordDetail, child)
  BIND (stack);
  BIND (question_row);
  BIND (answer_row);
  BIND (system_row);
  BIND (label_row);
  BIND (group_row);
  BIND (source_row);
  BIND (split_row);
  BIND (reading_group);
  BIND (reading_label);
#undef BIND
}

static void
attune_record_detail_init (AttuneRecordDetail *self)
{
  self->marks = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::accent-color-rgba",
                           G_CALLBACK (mark_learned), self, G_CONNECT_SWAPPED);
}
