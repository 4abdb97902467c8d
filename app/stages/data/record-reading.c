/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The sample is read and turned to words in a thread.
 */
#include "stages/data/record-reading.h"

#include "data/reading.h"

#include <glib/gi18n.h>

/* A label holds no more at ease. */
#define SHOWN_CHARACTERS 20000
#define MARK_ALPHA 0.25

struct _AttuneRecordReading
{
  AdwBin parent_instance;

  GCancellable *awaited; /* (nullable): the sample that is being read */
  GArray *marks;         /* guint pairs: bytes of the label from, to */

  AdwPreferencesGroup *group;
  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (AttuneRecordReading, attune_record_reading, ADW_TYPE_BIN)

/* In the accent's colour and underlined: never a colour alone. */
static void
mark_learned (AttuneRecordReading *self)
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
  gtk_label_set_attributes (self->label, list);
}

/* In place of the text: why there is none. */
static void
show_sentence (AttuneRecordReading *self, const char *sentence)
{
  g_array_set_size (self->marks, 0);
  mark_learned (self);
  gtk_label_set_text (self->label, sentence);
  adw_preferences_group_set_description (self->group, NULL);
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
show_parts (AttuneRecordReading *self, const GPtrArray *parts, const Request *request)
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
  gtk_label_set_text (self->label, text->str);
  mark_learned (self);
  tokens = g_strdup_printf (ngettext ("%'u token.", "%'u tokens.", request->n_tokens),
                            request->n_tokens);
  description = g_strdup_printf (ngettext ("%s The model learns to say what is marked: %'u token.",
                                           "%s The model learns to say what is marked: %'u tokens.",
                                           request->n_learned),
                                 tokens, request->n_learned);
  adw_preferences_group_set_description (self->group, description);
}

static void
sample_read (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordReading *self = ATTUNE_RECORD_READING (object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) parts = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->awaited)
    return; /* another record is looked at by now */
  g_clear_object (&self->awaited);
  if (parts != NULL)
    show_parts (self, parts, g_task_get_task_data (G_TASK (result)));
  else
    show_sentence (self, error->message);
}

void
attune_record_reading_show_sentence (AttuneRecordReading *self, const char *sentence)
{
  g_return_if_fail (ATTUNE_IS_RECORD_READING (self) && sentence != NULL);

  g_clear_object (&self->awaited);
  show_sentence (self, sentence);
}

void
attune_record_reading_show (AttuneRecordReading *self, AttuneModel *model, AttuneRecords *records,
                            guint record)
{
  g_autoptr (GTask) task = NULL;
  Request *request;

  g_return_if_fail (ATTUNE_IS_RECORD_READING (self) && model != NULL && records != NULL);

  g_clear_object (&self->awaited);
  show_sentence (self, "…");
  request = g_new0 (Request, 1);
  request->records = attune_records_ref (records);
  request->tokenizer
      = attune_tokenizer_ref ((AttuneTokenizer *) attune_model_get_tokenizer (model));
  request->record = record;
  self->awaited = g_cancellable_new ();
  task = g_task_new (self, self->awaited, sample_read, NULL);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, read_sample);
}

const char *
attune_record_reading_get_text (AttuneRecordReading *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_READING (self), NULL);
  return gtk_label_get_text (self->label);
}

/* --- the object */

static void
attune_record_reading_dispose (GObject *object)
{
  g_clear_object (&ATTUNE_RECORD_READING (object)->awaited);
  /* the parent class would unparent a child that dispose_template() has freed: it has an id */
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_RECORD_READING);
  G_OBJECT_CLASS (attune_record_reading_parent_class)->dispose (object);
}

static void
attune_record_reading_finalize (GObject *object)
{
  g_array_unref (ATTUNE_RECORD_READING (object)->marks);
  G_OBJECT_CLASS (attune_record_reading_parent_class)->finalize (object);
}

static void
attune_record_reading_class_init (AttuneRecordReadingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_record_reading_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_record_reading_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/record-reading.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordReading, group);
  gtk_widget_class_bind_template_child (widget_class, AttuneRecordReading, label);
}

static void
attune_record_reading_init (AttuneRecordReading *self)
{
  self->marks = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (adw_style_manager_get_default (), "notify::accent-color-rgba",
                           G_CALLBACK (mark_learned), self, G_CONNECT_SWAPPED);
}
