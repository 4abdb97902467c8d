/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Some questions at a time: ask, look at what comes, weigh the rest, keep what is good.
 */
#include "data/variant-writer.h"

#include "data/clean.h"
#include "data/records.h"
#include "data/written.h"

#include <math.h>
#include <string.h>

/* Questions of so many records are asked about at once. */
#define BATCH 8
#define BLOCK 1024
#define MAX_BYTES 2000
/* Of what the old question tells of the answer the new one has to tell so much; and so many nats
 * per token are noise. */
#define KEPT_SHARE 0.5
#define NOISE_NATS 0.05

typedef struct
{
  char *question, *answer;
} Pair;

typedef struct
{
  const char *path;
  const AttuneModelAsker *asker;
  guint n_each;
  guint64 seed;
  GCancellable *cancellable;
  AttuneWriteReport *report;
  GPtrArray *pairs; /* Pair: all that are to be asked about */
  AttuneLanguages *languages;
  char *language;
} Writer;

static void
pair_free (gpointer data)
{
  Pair *pair = data;

  g_free (pair->question);
  g_free (pair->answer);
  g_free (pair);
}

static void
writer_clear (Writer *self)
{
  g_clear_pointer (&self->pairs, g_ptr_array_unref);
  g_clear_pointer (&self->languages, attune_languages_free);
  g_clear_pointer (&self->language, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

/* --- which */

static gboolean
may_vary (const AttuneRecordView *view)
{
  const char *question = view->record.fields[ATTUNE_FIELD_QUESTION];

  return view->split == ATTUNE_SPLIT_TRAIN && !view->record.whole && *question != '\0'
         && *view->record.fields[ATTUNE_FIELD_REJECTED] == '\0' && strlen (question) <= MAX_BYTES
         && strchr (question, '\n') == NULL;
}

/* What most of the data is written in. */
static void
find_language (Writer *self)
{
  g_autoptr (AttuneLanguages) all = attune_languages_new (NULL, NULL);
  g_autoptr (JsonObject) counts = NULL;
  JsonArray *found;

  for (guint i = 0; all != NULL && i < MIN (self->pairs->len, BLOCK); i++)
    {
      const Pair *pair = self->pairs->pdata[i];

      attune_languages_look (all, pair->question, pair->answer);
    }
  counts = all != NULL ? attune_languages_to_json (all) : NULL;
  found = counts != NULL ? json_object_get_array_member (counts, "found") : NULL;
  self->language = g_strdup (
      found != NULL && json_array_get_length (found) > 0
          ? json_object_get_string_member (json_array_get_object_element (found, 0), "language")
          : "en");
  self->languages = attune_languages_new (self->language, NULL);
}

static gboolean
collect (Writer *self, guint max_records, GError **error)
{
  g_autoptr (AttuneWritten) written = attune_written_read (self->path, error);
  g_autoptr (AttuneRecords) records = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_varied = 0;

  if (written == NULL || (records = attune_records_open (self->path, error)) == NULL)
    return FALSE;
  self->pairs = g_ptr_array_new_with_free_func (pair_free);
  for (guint first = 0;
       attune_records_is_prepared (records) && first < attune_records_count (records);
       first += BLOCK)
    {
      g_autoptr (GPtrArray) views = attune_records_read (
          records, first, MIN (BLOCK, attune_records_count (records) - first), error);

      if (views == NULL || g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      for (guint i = 0; i < views->len; i++)
        {
          const AttuneRecordView *view = views->pdata[i];
          const char *question = view->record.fields[ATTUNE_FIELD_QUESTION];
          Pair *pair;

          if (!may_vary (view))
            continue;
          n_varied++;
          if (attune_written_find (written, question) != NULL
              || g_hash_table_contains (seen, question)
              || (max_records > 0 && self->pairs->len >= max_records))
            continue;
          pair = g_new (Pair, 1);
          *pair
              = (Pair) { g_strdup (question), g_strdup (view->record.fields[ATTUNE_FIELD_ANSWER]) };
          g_hash_table_add (seen, pair->question);
          g_ptr_array_add (self->pairs, pair);
        }
    }
  if (n_varied > 0)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
               attune_records_is_prepared (records)
                   ? "No record has a question that could be said in other words: texts that are "
                     "learned whole, and pairs with a worse answer, are not varied."
                   : "Prepare the data first: only what is learned from is varied.");
  return FALSE;
}

/* --- what is written */

/* A text that a model has made, and of which question. */
typedef struct
{
  const Pair *pair, *other; /* the other: one whose question has nothing to do with the answer */
  char *text;
} Made;

static void
made_clear (gpointer data)
{
  g_free (((Made *) data)->text);
}

/* Whether one of the same words is there already. */
static gboolean
is_made (const GArray *made, const Pair *pair, const char *text)
{
  g_autofree char *plain = attune_plain_words (text);

  for (guint i = made->len; i > 0 && g_array_index (made, Made, i - 1).pair == pair; i--)
    {
      g_autofree char *other = attune_plain_words (g_array_index (made, Made, i - 1).text);

      if (g_str_equal (plain, other))
        return TRUE;
    }
  return FALSE;
}

/* Adds what may stand for the questions @first … @first + @n - 1. */
static gboolean
ask (Writer *self, guint first, guint n, GArray *made, GError **error)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) answers = NULL;

  for (guint i = 0; i < n * self->n_each; i++)
    {
      const Pair *pair = self->pairs->pdata[first + i / self->n_each];
      const gboolean from_answer = i % self->n_each % 2 == 1 && *pair->answer != '\0';

      g_ptr_array_add (prompts, attune_variant_prompt (self->language, pair->question,
                                                       from_answer ? pair->answer : NULL));
    }
  answers = self->asker->ask (self->asker->data, (const char *const *) prompts->pdata, prompts->len,
                              self->seed + first, self->cancellable, error);
  if (answers == NULL)
    return FALSE;
  for (guint i = 0; i < prompts->len; i++)
    {
      const guint at = first + i / self->n_each;
      const Pair *pair = self->pairs->pdata[at];
      Made one = { pair, self->pairs->pdata[at > 0 ? at - 1 : self->pairs->len - 1],
                   attune_variant_tidy (answers[i]) };
      const AttuneVariantFault fault
          = is_made (made, pair, one.text)
                ? ATTUNE_VARIANT_SAME
                : attune_variant_check (pair->question, one.text, self->language, self->languages);

      if (fault == ATTUNE_VARIANT_GOOD)
        g_array_append_val (made, one);
      else
        {
          self->report->n_refused[fault]++;
          g_free (one.text);
        }
    }
  return TRUE;
}

/* Whether the answer follows: what it costs after the new question, the old one, and another one.
 */
static gboolean
is_likely (double made, double old, double other)
{
  /* one whose question leaves no room for the answer shows nothing */
  return isfinite (made) && isfinite (old) && isfinite (other)
         && made <= old + MAX (NOISE_NATS, (1 - KEPT_SHARE) * (other - old));
}

static gboolean
weigh (Writer *self, const GArray *made, gboolean *likely, GError **error)
{
  const guint n = made->len;
  g_autofree const char **questions = g_new (const char *, 3 * n + 1);
  g_autofree const char **answers = g_new (const char *, 3 * n + 1);
  g_autofree double *nats = g_new0 (double, 3 * n + 1);

  for (guint i = 0; i < n; i++)
    {
      const Made *one = &g_array_index (made, Made, i);

      questions[3 * i] = one->text;
      questions[3 * i + 1] = one->pair->question;
      questions[3 * i + 2] = one->other->question;
      for (guint j = 0; j < 3; j++)
        answers[3 * i + j] = one->pair->answer;
    }
  if (n > 0
      && !self->asker->weigh (self->asker->data, questions, answers, 3 * n, nats, self->cancellable,
                              error))
    return FALSE;
  for (guint i = 0; i < n; i++)
    likely[i] = is_likely (nats[3 * i], nats[3 * i + 1], nats[3 * i + 2]);
  return TRUE;
}

/* Keeps them, and that the questions were asked about. */
static gboolean
keep (Writer *self, guint first, guint n, const GArray *made, const gboolean *likely,
      GError **error)
{
  for (guint i = 0; i < made->len; i++)
    {
      const Made *one = &g_array_index (made, Made, i);

      if (!likely[i])
        self->report->n_unlikely++;
      else if (!attune_written_append (self->path, one->pair->question, one->text,
                                       self->asker->name, error))
        return FALSE;
      else
        self->report->n_written++;
    }
  for (guint i = 0; i < n; i++)
    if (!attune_written_append (self->path, ((Pair *) self->pairs->pdata[first + i])->question, "",
                                self->asker->name, error))
      return FALSE;
  self->report->n_records += n;
  return TRUE;
}

static gboolean
write_some (Writer *self, guint first, guint n, GError **error)
{
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (Made));
  g_autofree gboolean *likely = g_new0 (gboolean, n * self->n_each + 1);

  g_array_set_clear_func (made, made_clear);
  return ask (self, first, n, made, error) && weigh (self, made, likely, error)
         && keep (self, first, n, made, likely, error);
}

gboolean
attune_variants_write (const char *path, const AttuneModelAsker *asker, guint n_each,
                       guint max_records, guint64 seed, AttuneProgressFunc progress, gpointer data,
                       GCancellable *cancellable, AttuneWriteReport *report, GError **error)
{
  g_auto (Writer) self = { .path = path,
                           .asker = asker,
                           .n_each = n_each,
                           .seed = seed,
                           .cancellable = cancellable,
                           .report = report };

  g_return_val_if_fail (n_each >= 1 && n_each <= ATTUNE_MAX_VARIANTS, FALSE);

  *report = (AttuneWriteReport) { 0 };
  if (!collect (&self, max_records, error))
    return FALSE;
  find_language (&self);
  for (guint first = 0; first < self.pairs->len; first += BATCH)
    {
      const guint n = MIN (BATCH, self.pairs->len - first);

      if (g_cancellable_set_error_if_cancelled (cancellable, error)
          || !write_some (&self, first, n, error))
        return FALSE;
      if (progress != NULL)
        progress (data, (double) (first + n) / self.pairs->len, "Writing variants");
    }
  return TRUE;
}
