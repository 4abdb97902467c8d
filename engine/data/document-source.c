/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents as a source of records. Where the headings ask (an FAQ), each is a question and what
 * stands under it its answer. Everything else is text that is learned whole, cut where a section or
 * a paragraph ends, into pieces that fit a sample. A folder is all documents in it.
 */
#include "data/document-cut.h"
#include "data/folder.h"
#include "data/import-private.h"

#include <string.h>

#define PREVIEW_ROWS 20
/* So many headings say whether a document, or a folder of them, asks. */
#define ENOUGH_HEADINGS 200
/* From so many documents on those of one stand together in learning or in the test. With fewer, the
 * test could be half of all there is. */
#define ENOUGH_DOCUMENTS 20

/* --- files */

/* The documents of the source: paths below it, or itself. */
static GPtrArray *
list_documents (const AttuneSource *source, GPtrArray *others, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  if (g_str_equal (source->format, "folder"))
    return attune_folder_list (source->path, others, error);
  names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (names, g_strdup (""));
  return g_steal_pointer (&names);
}

static gboolean
read_document (const AttuneSource *source, const char *name, AttuneBlockFunc func, gpointer data,
               GCancellable *cancellable, GError **error)
{
  g_autofree char *path
      = *name != '\0' ? g_build_filename (source->path, name, NULL) : g_strdup (source->path);

  const char *format = *name != '\0' ? attune_document_guess_format (name) : source->format;
  /* a page may say its own, and knows better than a guess */
  const gboolean own = *name != '\0' || (g_str_equal (format, "html") && !source->encoding_said);

  return attune_document_read (path, format, own ? NULL : source->encoding, func, data, cancellable,
                               error);
}

typedef struct
{
  guint n, n_headings[7], n_questions[7]; /* by their level; 0: paragraphs */
} Headings;

static gboolean
count_heading (const AttuneBlock *block, gpointer data, GError **error)
{
  Headings *self = data;

  self->n += block->level > 0;
  self->n_headings[block->level]++;
  self->n_questions[block->level] += attune_block_asks (block);
  return self->n < ENOUGH_HEADINGS;
}

/* Text and PDF files have none that are marked as such. */
static gboolean
has_headings (const AttuneSource *source, const char *name)
{
  const char *format = *name != '\0' ? attune_document_guess_format (name) : source->format;

  return !g_str_equal (format, "text") && !g_str_equal (format, "pdf");
}

/* Whether the headings of a document ask: two of one level, and half of those. */
static gboolean
headings_ask (const Headings *self)
{
  for (guint i = 1; i < G_N_ELEMENTS (self->n_headings); i++)
    if (self->n_questions[i] >= 2 && 2 * self->n_questions[i] >= self->n_headings[i])
      return TRUE;
  return FALSE;
}

/* Whether half of the first documents ask: of an FAQ, what stands under no question is kept aside,
 * and one page that asks must not cost all others. */
static gboolean
is_faq (const AttuneSource *source, const GPtrArray *names)
{
  guint n = 0, n_asking = 0;

  for (guint i = 0; i < MIN (names->len, ENOUGH_DOCUMENTS); i++)
    {
      Headings headings = { 0 };
      g_autoptr (GError) reason = NULL;

      if (has_headings (source, names->pdata[i]))
        read_document (source, names->pdata[i], count_heading, &headings, NULL, &reason);
      if (reason != NULL) /* it says nothing here; it is told when it is read */
        continue;
      n++;
      n_asking += headings_ask (&headings);
    }
  return n_asking > 0 && 2 * n_asking >= n;
}

/* --- doors */

static gboolean
keep_preview (char **row, guint64 line, gpointer data, GError **error)
{
  AttuneSource *source = data;

  g_ptr_array_add (source->preview, row);
  return source->preview->len < PREVIEW_ROWS;
}

gboolean
attune_document_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (GPtrArray) names = list_documents (source, NULL, error);
  const gboolean folder = names != NULL && g_str_equal (source->format, "folder");
  gboolean faq;

  if (names == NULL)
    return FALSE;
  faq = is_faq (source, names);
  source->header = TRUE;
  g_ptr_array_add (source->columns, g_strdup (faq ? "question" : "section"));
  g_ptr_array_add (source->columns, g_strdup (faq ? "answer" : "text"));
  if (folder)
    g_ptr_array_add (source->columns, g_strdup ("document"));
  for (guint i = 0; i < MIN (names->len, ENOUGH_DOCUMENTS) && source->preview->len < PREVIEW_ROWS;
       i++)
    {
      g_auto (AttuneCutter) cutter = { .asks = faq,
                                       .headed = TRUE,
                                       .document = names->pdata[i],
                                       .on_row = keep_preview,
                                       .data = source,
                                       .text = g_string_new (NULL) };
      g_autoptr (GError) reason = NULL;

      if (read_document (source, names->pdata[i], attune_cutter_take, &cutter, NULL, &reason))
        attune_cutter_end (&cutter, NULL); /* stops where the preview is full */
      else if (reason != NULL && !folder)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
    }
  if (source->preview->len == 0 && !folder)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY, "There is no text in “%s”.",
                   source->path);
      return FALSE;
    }
  attune_source_guess_roles (source);
  if (folder)
    g_array_index (source->roles, AttuneField, ATTUNE_CUT_DOCUMENT)
        = names->len >= ENOUGH_DOCUMENTS ? ATTUNE_FIELD_GROUP : ATTUNE_FIELD_NONE;
  return TRUE;
}

static gboolean
give_row (char **row, guint64 line, gpointer data, GError **error)
{
  const AttuneReading *reading = data;
  g_auto (GStrv) owned = row;
  AttuneRecord record = { .line = line };

  for (guint i = 0; i < reading->source->columns->len; i++)
    {
      const AttuneField role = g_array_index (reading->source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_NONE)
        *attune_record_find (&record, role) = row[i]; /* borrowed for the call */
    }
  return reading->on_record (&record, reading->data, error);
}

/* A file of a folder that is none of ours or cannot be read is kept aside, as a row of a table. */
static gboolean
set_aside (const AttuneReading *reading, const char *name, const char *reason, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (reason, -1); /* it may name the file */

  return attune_reading_bad (reading, 1, name, strlen (name), valid, error);
}

static gboolean
read_one (const AttuneReading *reading, const char *name, GError **error)
{
  const AttuneSource *source = reading->source;
  g_auto (AttuneCutter) cutter
      = { .asks = g_str_equal (source->columns->pdata[ATTUNE_CUT_HEADING], "question"),
          .headed
          = g_array_index (source->roles, AttuneField, ATTUNE_CUT_HEADING) == ATTUNE_FIELD_NONE,
          .document = name,
          .on_row = give_row,
          .reading = reading,
          .data = (gpointer) reading,
          .text = g_string_new (NULL) };
  g_autoptr (GError) reason = NULL;

  if (read_document (source, name, attune_cutter_take, &cutter, reading->cancellable, &reason))
    return attune_cutter_end (&cutter, error)
           && (cutter.spoken || *name == '\0'
               || set_aside (reading, name, "There is no text in it.", error));
  if (reason == NULL)
    return FALSE;
  if (*name != '\0' && reason->domain == ATTUNE_DATA_ERROR)
    return attune_cutter_end (&cutter, error) && set_aside (reading, name, reason->message, error);
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
attune_documents_read (const AttuneReading *reading, GError **error)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) names = list_documents (reading->source, others, error);

  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (!read_one (reading, names->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < others->len; i++)
    if (!set_aside (reading, others->pdata[i],
                    "It is no document (text, Markdown, HTML, Word, PDF). Add a table by itself.",
                    error))
      return FALSE;
  return TRUE;
}
