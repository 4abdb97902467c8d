/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See smote-balance.h.
 */
#include "data/smote-private.h"
#include "data/smote.h"

#include <string.h>

/* As in imbalanced-learn. */
#define NEIGHBOURS 5
/* Of a label: neighbours are looked for among all pairs, which of 4096 takes a second. */
#define MAX_MEMBERS 4096
/* Of what is mixed, in memory; then records are repeated. */
#define MAX_HELD_BYTES (512u << 20)

static void
label_free (gpointer data)
{
  AttuneSmoteLabel *label = data;

  g_array_unref (label->samples);
  g_free (label);
}

static void
smote_clear (AttuneSmote *self)
{
  g_clear_pointer (&self->dataset, attune_dataset_close);
  g_clear_pointer (&self->names, g_strfreev);
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->asked, g_hash_table_unref);
  g_clear_pointer (&self->times, g_byte_array_unref);
  g_clear_pointer (&self->mixes, g_array_unref);
  g_clear_pointer (&self->evaluation, attune_contamination_free);
  attune_maker_clear (&self->maker);
  attune_clean_step_clear (&self->step);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSmote, smote_clear)

static guint64
key_of (const char *text)
{
  g_autofree char *plain = attune_plain_words (text);

  return attune_text_key (plain);
}

/* What stands in the place of a question, or of a text. */
static char **
text_of (AttuneRecord *record)
{
  return &record->fields[record->whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION];
}

static gboolean
find_asked (AttuneSmote *self, AttuneSplit split, GError **error)
{
  for (guint64 i = 0; i < attune_dataset_count (self->dataset, split); i++)
    {
      g_auto (AttuneRecord) record = { 0 };
      guint64 key;

      if (!attune_dataset_get_record (self->dataset, split, i, &record, error))
        return FALSE;
      key = key_of (*text_of (&record));
      g_hash_table_add (self->asked, g_memdup2 (&key, sizeof key));
    }
  return TRUE;
}

static void
find_labels (AttuneSmote *self)
{
  const GArray *members = attune_dataset_get_members (self->dataset, ATTUNE_SPLIT_TRAIN);
  g_autoptr (GHashTable) found = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint32 i = 0; i < members->len; i++)
    {
      AttuneSmoteLabel *label = g_hash_table_lookup (found, self->names[i]);

      if (*self->names[i] == '\0') /* it stands for no class */
        continue;
      if (label == NULL)
        {
          label = g_new (AttuneSmoteLabel, 1);
          *label = (AttuneSmoteLabel) { self->names[i],
                                        g_array_new (FALSE, FALSE, sizeof (guint32)), 0 };
          g_ptr_array_add (self->labels, label);
          g_hash_table_insert (found, self->names[i], label);
        }
      label->n++;
      if (i == 0 || g_array_index (members, guint32, i) != g_array_index (members, guint32, i - 1))
        g_array_append_val (label->samples, i);
    }
}

static gboolean
set_up (AttuneSmote *self, const char *path, GError **error)
{
  if ((self->dataset = attune_dataset_open (path, error)) == NULL
      || (self->names = attune_dataset_get_labels (self->dataset, ATTUNE_SPLIT_TRAIN, error))
             == NULL)
    return FALSE;
  self->labels = g_ptr_array_new_with_free_func (label_free);
  self->asked = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->times = g_byte_array_new ();
  g_byte_array_set_size (self->times, self->dataset->n);
  memset (self->times->data, 1, self->dataset->n);
  self->mixes = g_array_new (FALSE, FALSE, sizeof (AttuneMix));
  g_array_set_clear_func (self->mixes, attune_mix_clear);
  self->maker = (AttuneMaker) { NULL, g_array_new (FALSE, FALSE, sizeof (gint32)),
                                g_array_new (FALSE, FALSE, sizeof (guint8)) };
  self->step = (AttuneCleanStep) { "balance", "Mixed or repeated for the balance", TRUE,
                                   ATTUNE_CLEAN_MAKES };
  find_labels (self);
  if (*self->settings->evaluation_file != '\0'
      && (self->evaluation = attune_contamination_read (self->settings, self->cancellable, error))
             == NULL)
    return FALSE;
  return find_asked (self, ATTUNE_SPLIT_TRAIN, error)
         && find_asked (self, ATTUNE_SPLIT_VALIDATION, error)
         && find_asked (self, ATTUNE_SPLIT_TEST, error);
}

/* --- one label */

static guint32
record_of (const AttuneSmote *self, guint32 sample)
{
  return g_array_index (attune_dataset_get_members (self->dataset, ATTUNE_SPLIT_TRAIN), guint32,
                        sample);
}

/* @label: learned from once more, with this sample */
static void
count (AttuneSmote *self, AttuneSmoteLabel *label, const AttuneSampleSize *size)
{
  label->n++;
  self->n_added++;
  self->step.count++;
  self->size.rows += size->n_rows;
  self->size.targets += size->n_learned;
  self->size.longest = MAX (self->size.longest, size->n_tokens);
}

static gboolean
is_same (const char *a, const char *b)
{
  return g_str_equal (a != NULL ? a : "", b != NULL ? b : "");
}

/* Whether what stands between two records is known. A text that is learned whole would jump from
 * one subject to another midway; a worse answer would be compared with the better one to another
 * question. */
static gboolean
may_mix (const AttuneSmote *self, const AttuneRecord *a, const AttuneRecord *b)
{
  if (a->whole != b->whole || (a->whole && !self->embedder->mixes_texts))
    return FALSE;
  return is_same (a->fields[ATTUNE_FIELD_REJECTED], NULL)
         && is_same (b->fields[ATTUNE_FIELD_REJECTED], NULL)
         && (a->whole || is_same (a->fields[ATTUNE_FIELD_ANSWER], b->fields[ATTUNE_FIELD_ANSWER]))
         && is_same (a->fields[ATTUNE_FIELD_SYSTEM], b->fields[ATTUNE_FIELD_SYSTEM]);
}

/* Whether the evaluation file has the mix @text of @record. */
static gboolean
is_measured (const AttuneSmote *self, const AttuneRecord *record, const char *text)
{
  AttuneRecord mixed = *record;
  AttunePlainRecord plain;
  gboolean found;

  if (self->evaluation == NULL)
    return FALSE;
  *text_of (&mixed) = (char *) text;
  attune_plain_record_init (&plain, &mixed);
  found = attune_contamination_find (self->evaluation, &plain);
  attune_plain_record_clear (&plain);
  return found;
}

/* The mix of two samples, where there can be one. @mixed: (out) */
static gboolean
mix (AttuneSmote *self, AttuneSmoteLabel *label, guint32 first, guint32 second, double step,
     gboolean *mixed, GError **error)
{
  g_auto (AttuneRecord) a = { 0 }, b = { 0 };
  g_autofree char *text = NULL, *before = NULL;
  AttuneSampleSize size = { 0 };
  AttuneMix made;
  guint64 hash[2], key;
  guint at;

  *mixed = FALSE;
  if (!attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_TRAIN, first, &a, error)
      || !attune_dataset_get_record (self->dataset, ATTUNE_SPLIT_TRAIN, second, &b, error))
    return FALSE;
  if (!may_mix (self, &a, &b))
    return TRUE;
  text = attune_smote_mix (*text_of (&a), *text_of (&b), step);
  key = key_of (text);
  if (self->held_bytes > MAX_HELD_BYTES || g_hash_table_contains (self->asked, &key)
      || is_measured (self, &a, text))
    return TRUE;
  before = g_steal_pointer (text_of (&a));
  *text_of (&a) = g_strdup (text);
  attune_maker_reset (&self->maker);
  if (!attune_maker_encode (&self->maker, &self->recipe, &a, &size, &at, hash))
    {
      g_propagate_error (error, g_steal_pointer (&self->maker.error));
      return FALSE;
    }
  if (size.n_learned == 0) /* nothing is left of the answer */
    return TRUE;
  made = (AttuneMix) { record_of (self, first), record_of (self, second) };
  attune_clean_step_add_example (&self->step, before, text);
  made.text = g_steal_pointer (&text);
  made.n = size.n_tokens;
  made.ids = g_memdup2 (self->maker.ids->data, made.n * sizeof *made.ids);
  made.learn = g_memdup2 (self->maker.learn->data, made.n);
  g_array_append_val (self->mixes, made);
  self->held_bytes += strlen (made.text) + made.n * (sizeof *made.ids + sizeof *made.learn);
  g_hash_table_add (self->asked, g_memdup2 (&key, sizeof key)); /* each is made once */
  count (self, label, &size);
  *mixed = TRUE;
  return TRUE;
}

/* A record is learned from once more, unless it is as often as it may be. */
static gboolean
repeat (AttuneSmote *self, AttuneSmoteLabel *label, guint32 sample, GError **error)
{
  guint8 *times = &self->times->data[record_of (self, sample)];
  const guint n_variants
      = attune_dataset_beside_count (self->dataset->variants, record_of (self, sample));

  if (*times >= self->settings->balance_limit)
    return TRUE;
  ++*times;
  self->n_repeated++;
  for (guint i = 0; i <= n_variants; i++) /* all of them stand there once more */
    {
      g_auto (AttuneSample) again = { 0 };
      AttuneSampleSize size = { 0 };

      if (!attune_dataset_get_sample (self->dataset, ATTUNE_SPLIT_TRAIN, sample + i, &again, error))
        return FALSE;
      size.n_tokens = again.n;
      for (guint t = 0; t < again.n; t++)
        if (again.learn[t] != 0)
          {
            size.n_learned++;
            size.n_rows = t;
          }
      count (self, label, &size);
    }
  return TRUE;
}

/* Where the nearest were as often as they may be, others stand in for them, in turn. */
static gboolean
repeat_rest (AttuneSmote *self, AttuneSmoteLabel *label, guint64 wanted, GError **error)
{
  guint64 before;

  do
    {
      before = label->n;
      for (guint i = 0; i < label->samples->len && label->n < wanted; i++)
        if (!repeat (self, label, g_array_index (label->samples, guint32, i), error))
          return FALSE;
    }
  while (label->n < wanted && label->n > before);
  return TRUE;
}

/* Where there are too many to look for neighbours among all, some are spread over them. */
static void
thin (GArray *samples)
{
  const guint n = samples->len;

  for (guint i = 0; n > MAX_MEMBERS && i < MAX_MEMBERS; i++)
    g_array_index (samples, guint32, i)
        = g_array_index (samples, guint32, (guint) ((guint64) i * n / MAX_MEMBERS));
  g_array_set_size (samples, MIN (n, MAX_MEMBERS));
}

static gboolean
fill_up (AttuneSmote *self, AttuneSmoteLabel *label, guint64 wanted, GError **error)
{
  GArray *samples = label->samples;
  const guint n = (thin (samples), samples->len), d = self->embedder->d,
              k = MIN (NEIGHBOURS, n - 1);
  const guint n_points = MIN (wanted - label->n, (guint64) n * (self->settings->balance_limit - 1));
  g_autofree float *vectors = g_new (float, (gsize) n *d), *x = g_new (float, d);
  g_autofree guint32 *neighbours = g_new (guint32, (gsize) n * MAX (1, k));
  g_autofree AttuneSmotePoint *points = g_new (AttuneSmotePoint, MAX (1, n_points));
  const guint32 *numbers = (const guint32 *) samples->data;

  for (guint i = 0; n == 1 && i < n_points; i++) /* it has no neighbour */
    if (!repeat (self, label, numbers[0], error))
      return FALSE;
  if (n == 1)
    return TRUE;
  if (!self->embedder->embed (self->embedder->data, self->dataset, numbers, n, vectors,
                              self->cancellable, error))
    return FALSE;
  attune_smote_find_neighbours (vectors, n, d, k, neighbours);
  attune_smote_draw (neighbours, n, k, self->settings->seed, attune_text_key (label->name),
                     n_points, points);
  for (guint i = 0; i < n_points && label->n < wanted; i++)
    {
      gboolean mixed;

      if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
          || !mix (self, label, numbers[points[i].base], numbers[points[i].neighbour],
                   points[i].step, &mixed, error))
        return FALSE;
      if (mixed)
        continue;
      attune_smote_place (vectors, d, &points[i], x);
      if (!repeat (self, label, numbers[attune_smote_find_nearest (vectors, n, d, x)], error))
        return FALSE;
    }
  return repeat_rest (self, label, wanted, error);
}

gboolean
attune_dataset_balance_smote (const char *path, const char *to, AttuneDataSettings *settings,
                              const AttuneTokenizer *tokenizer,
                              const AttuneChatTemplate *chat_template,
                              const AttuneEmbedder *embedder, AttuneProgressFunc progress,
                              gpointer data, GCancellable *cancellable, JsonNode **report,
                              GError **error)
{
  const AttuneDataValues *values = attune_data_settings_get_values (settings);
  g_auto (AttuneSmote) self
      = { .settings = values, .embedder = embedder, .cancellable = cancellable };
  guint64 most = 0;

  self.recipe = (AttuneRecipe) { .settings = values,
                                 .tokenizer = tokenizer,
                                 .chat_template = chat_template,
                                 .stop = attune_chat_template_get_stop (chat_template, tokenizer) };
  if (!set_up (&self, path, error))
    return FALSE;
  for (guint i = 0; i < self.labels->len; i++)
    most = MAX (most, ((const AttuneSmoteLabel *) self.labels->pdata[i])->n);
  for (guint i = 0; i < self.labels->len; i++)
    {
      AttuneSmoteLabel *label = self.labels->pdata[i];

      if (progress != NULL)
        progress (data, (double) i / self.labels->len, "Looking for neighbours");
      if (label->n < most && !fill_up (&self, label, most, error))
        return FALSE;
    }
  return attune_smote_write (&self, to, report, error);
}
