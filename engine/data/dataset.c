/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a prepared data set. Splits and offsets are in memory; tokens too where they are few;
 * texts are read record by record.
 */
#include "data/dataset-private.h"
#include "data/dataset-variants.h"

#include <string.h>

/* Tokens up to this are read once at the start: 5 bytes each. */
#define MAX_TOKENS_IN_MEMORY (48u << 20)

struct _AttuneDataset
{
  AttuneStore *store;
  char *path, *hash, *report;
  JsonNode *sources;
  gint64 n;                         /* records */
  GArray *members[ATTUNE_N_SPLITS]; /* guint32: records of each split */
  gint64 *offsets;                  /* n + 1 */
  gint32 *ids;                      /* %NULL: read from the file */
  guint8 *learn;
  AttuneDatasetVariants *variants; /* (nullable) */
  gint64 *rejected_offsets;        /* n + 1; %NULL: there are no worse answers */
  guint n_vocab;                   /* tokens are below this */
};

void
attune_sample_clear (AttuneSample *sample)
{
  g_clear_pointer (&sample->tokens, g_free);
  g_clear_pointer (&sample->learn, g_free);
  sample->n = 0;
}

static gboolean
damaged (const char *path, GError **error)
{
  g_set_error (
      error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
      "The data set “%s” is damaged: its parts do not fit each other. Prepare the data again.",
      path);
  return FALSE;
}

static gint64
length_of (AttuneStore *store, const char *name, AttuneStoreType type, GError **error)
{
  AttuneStoreType found;
  gint64 dims[4];
  int n_dims;

  if (!attune_store_shape (store, name, &found, &n_dims, dims, error))
    return -1;
  return found == type && n_dims == 1 ? dims[0] : -1;
}

/* @times: (out): how often each record is learned from, or %NULL: once. */
static gboolean
read_times (AttuneDataset *self, const char *path, guint8 **times, GError **error)
{
  if (!attune_store_has (self->store, "records/times"))
    return TRUE;
  if (length_of (self->store, "records/times", ATTUNE_STORE_U8, NULL) != self->n)
    return damaged (path, error);
  *times = g_malloc (MAX (1, self->n));
  return attune_store_get (self->store, "records/times", ATTUNE_STORE_U8, 0, self->n, *times,
                           error);
}

static gboolean
read_splits (AttuneDataset *self, const char *path, GError **error)
{
  g_autofree guint8 *splits = NULL, *times = NULL;

  self->n = length_of (self->store, "records/split", ATTUNE_STORE_U8, error);
  if (self->n < 0 || self->n > G_MAXUINT32)
    return error != NULL && *error != NULL ? FALSE : damaged (path, error);
  splits = g_malloc (MAX (1, self->n));
  if (!attune_store_get (self->store, "records/split", ATTUNE_STORE_U8, 0, self->n, splits, error))
    return FALSE;
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    self->members[i] = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (!read_times (self, path, &times, error))
    return FALSE;
  if (!attune_dataset_variants_read (self->store, self->n, &self->variants, error))
    return error != NULL && *error != NULL ? FALSE : damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    {
      const guint32 record = i;
      guint n = splits[i] == ATTUNE_SPLIT_TRAIN && times != NULL ? times[i] : 1;

      if (splits[i] >= ATTUNE_N_SPLITS)
        return damaged (path, error);
      if (splits[i] == ATTUNE_SPLIT_TRAIN)
        n *= 1 + attune_dataset_variants_count (self->variants, record);
      for (; n > 0; n--)
        g_array_append_val (self->members[splits[i]], record);
    }
  return TRUE;
}

static gboolean
read_tokens (AttuneDataset *self, const char *path, GError **error)
{
  const gint64 n_ids = length_of (self->store, "tokens/ids", ATTUNE_STORE_I32, error);
  const gint64 n_learn
      = n_ids >= 0 ? length_of (self->store, "tokens/learn", ATTUNE_STORE_U8, error) : -1;

  if (n_learn < 0)
    return error != NULL && *error != NULL ? FALSE : damaged (path, error);
  self->offsets = g_new (gint64, self->n + 1);
  if (!attune_store_get (self->store, "tokens/offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         self->offsets, error))
    return FALSE;
  if (n_learn != n_ids || self->offsets[0] != 0 || self->offsets[self->n] != n_ids)
    return damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    if (self->offsets[i + 1] < self->offsets[i]
        || self->offsets[i + 1] - self->offsets[i] > G_MAXINT)
      return damaged (path, error);
  for (int split = 0; split < ATTUNE_SPLIT_EXCLUDED; split++)
    for (guint i = 0; i < self->members[split]->len; i++)
      {
        const guint32 record = g_array_index (self->members[split], guint32, i);

        if (self->offsets[record + 1] == self->offsets[record])
          return damaged (path, error); /* only what is left out has no tokens */
      }
  if (n_ids > MAX_TOKENS_IN_MEMORY)
    return TRUE;
  self->ids = g_new (gint32, MAX (1, n_ids));
  self->learn = g_new (guint8, MAX (1, n_ids));
  return attune_store_get (self->store, "tokens/ids", ATTUNE_STORE_I32, 0, n_ids, self->ids, error)
         && attune_store_get (self->store, "tokens/learn", ATTUNE_STORE_U8, 0, n_ids, self->learn,
                              error);
}

/* Where the worse answers stand, if there are some. */
static gboolean
read_rejected (AttuneDataset *self, const char *path, GError **error)
{
  gint64 *offsets, n_ids;

  if (!attune_store_has (self->store, "tokens/rejected-offsets"))
    return TRUE;
  n_ids = length_of (self->store, "tokens/rejected-ids", ATTUNE_STORE_I32, NULL);
  if (length_of (self->store, "tokens/rejected-offsets", ATTUNE_STORE_I64, NULL) != self->n + 1
      || length_of (self->store, "tokens/rejected-learn", ATTUNE_STORE_U8, NULL) != n_ids)
    return damaged (path, error);
  offsets = self->rejected_offsets = g_new (gint64, self->n + 1);
  if (!attune_store_get (self->store, "tokens/rejected-offsets", ATTUNE_STORE_I64, 0, self->n + 1,
                         offsets, error))
    return FALSE;
  if (offsets[0] != 0 || offsets[self->n] != n_ids)
    return damaged (path, error);
  for (gint64 i = 0; i < self->n; i++)
    if (offsets[i + 1] < offsets[i] || offsets[i + 1] - offsets[i] > G_MAXINT)
      return damaged (path, error);
  return TRUE;
}

gboolean
attune_dataset_read_families (AttuneDataset *self, guint32 **families, guint32 *n, GError **error)
{
  g_autofree guint8 *splits = g_malloc (MAX (1, self->n));
  g_autofree guint32 *first = NULL, *records = g_new (guint32, MAX (1, self->n)),
                     *found = g_new (guint32, MAX (1, self->n));
  gint64 n_kept = 0;

  *families = NULL;
  *n = self->n;
  if (!attune_store_has (self->store, "records/families"))
    return TRUE;
  if (!attune_store_get (self->store, "records/split", ATTUNE_STORE_U8, 0, self->n, splits, error))
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    if (splits[i] != ATTUNE_SPLIT_EXCLUDED)
      records[n_kept++] = i;
  if (length_of (self->store, "records/families", ATTUNE_STORE_I32, NULL) != n_kept)
    return damaged (self->path, error);
  first = g_new (guint32, MAX (1, n_kept));
  if (!attune_store_get (self->store, "records/families", ATTUNE_STORE_I32, 0, n_kept, first,
                         error))
    return FALSE;
  for (gint64 i = 0; i < self->n; i++)
    found[i] = i;
  for (gint64 i = 0; i < n_kept; i++)
    {
      if (first[i] > i)
        return damaged (self->path, error);
      found[records[i]] = records[first[i]];
    }
  *families = g_steal_pointer (&found);
  return TRUE;
}

AttuneDataset *
attune_dataset_open (const char *path, GError **error)
{
  g_autoptr (AttuneDataset) self = g_new0 (AttuneDataset, 1);
  g_autofree char *sources = NULL;
  g_autoptr (GError) reason = NULL;

  self->store = attune_store_open (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error);
  if (self->store == NULL)
    return NULL;
  if (!attune_store_has (self->store, "records/split"))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                   "The data has been imported but not prepared yet.");
      return NULL;
    }
  if ((self->hash = attune_store_get_string (self->store, "hash", &reason)) == NULL
      || (self->report = attune_store_get_string (self->store, "report", &reason)) == NULL
      || (sources = attune_store_get_string (self->store, "sources", &reason)) == NULL
      || !read_splits (self, path, &reason) || !read_tokens (self, path, &reason)
      || !read_rejected (self, path, &reason))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  self->sources = json_from_string (sources, NULL);
  self->path = g_strdup (path);
  self->n_vocab = G_MAXINT32;
  return g_steal_pointer (&self);
}

void
attune_dataset_close (AttuneDataset *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    g_clear_pointer (&self->members[i], g_array_unref);
  attune_store_close (self->store);
  attune_dataset_variants_free (self->variants);
  g_clear_pointer (&self->sources, json_node_unref);
  g_free (self->path);
  g_free (self->hash);
  g_free (self->report);
  g_free (self->offsets);
  g_free (self->ids);
  g_free (self->learn);
  g_free (self->rejected_offsets);
  g_free (self);
}

gboolean
attune_dataset_check_reader (AttuneDataset *self, const AttuneTokenizer *tokenizer,
                             const AttuneChatTemplate *chat_template, GError **error)
{
  g_autofree char *stored = attune_store_has (self->store, "text/reader")
                                ? attune_store_get_string (self->store, "reader", NULL)
                                : NULL;
  g_autofree char *key = attune_chat_template_get_key (chat_template, tokenizer);

  if (g_strcmp0 (stored, key) != 0)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READER,
                   "The data was prepared for another model, which reads text in another way. "
                   "Prepare it again for this one.");
      return FALSE;
    }
  self->n_vocab = attune_tokenizer_get_size (tokenizer);
  return TRUE;
}

guint64
attune_dataset_count (const AttuneDataset *self, AttuneSplit split)
{
  return self->members[split]->len;
}

const char *
attune_dataset_get_hash (const AttuneDataset *self)
{
  return self->hash;
}

const char *
attune_dataset_get_report (const AttuneDataset *self)
{
  return self->report;
}

/* The record's number in the whole file, or -1 with @error. */
static gint64
find_record (const AttuneDataset *self, AttuneSplit split, guint64 index, GError **error)
{
  if (index < self->members[split]->len)
    return g_array_index (self->members[split], guint32, index);
  g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_RANGE,
               "The data set has %u records in this split; number %" G_GUINT64_FORMAT
               " was asked for.",
               self->members[split]->len, index + 1);
  return -1;
}

/* Nothing is learned at the first token, whatever the file says: nothing comes before it. */
static gboolean
check_sample (const AttuneDataset *self, AttuneSample *sample, GError **error)
{
  if (sample->n > 0)
    sample->learn[0] = 0;
  for (guint i = 0; i < sample->n; i++)
    if ((guint32) sample->tokens[i] >= self->n_vocab) /* negative ones too */
      return damaged (self->path, error);
  return TRUE;
}

/* @n tokens from @first on, of "tokens/ids" and "tokens/learn" or others. */
static gboolean
read_sample (AttuneDataset *self, const char *ids, const char *learn, gint64 first, gint64 n,
             AttuneSample *sample, GError **error)
{
  sample->n = n;
  sample->tokens = g_new (gint32, MAX (1, n));
  sample->learn = g_new (guint8, MAX (1, n));
  return attune_store_get (self->store, ids, ATTUNE_STORE_I32, first, n, sample->tokens, error)
         && attune_store_get (self->store, learn, ATTUNE_STORE_U8, first, n, sample->learn, error);
}

/* The number in the file of the variant that stands at @index in a split, or -1 for the record
 * itself. A record stands there several times in a row: as it is, with each of its variants, and
 * all of that as often as it is learned from. */
static gint64
find_variant (const AttuneDataset *self, AttuneSplit split, guint64 index)
{
  const guint32 *records = (const guint32 *) self->members[split]->data, record = records[index];
  const guint n = attune_dataset_variants_count (self->variants, record);
  guint64 before = 0;

  if (n == 0)
    return -1;
  while (before < index && records[index - before - 1] == record)
    before++;
  before %= 1 + n;
  return before > 0 ? attune_dataset_variants_find (self->variants, record, before - 1) : -1;
}

gboolean
attune_dataset_get_sample (AttuneDataset *self, AttuneSplit split, guint64 index,
                           AttuneSample *sample, GError **error)
{
  const gint64 record = find_record (self, split, index, error);
  gint64 first, variant, n;

  if (record < 0)
    return FALSE;
  if ((variant = find_variant (self, split, index)) >= 0)
    {
      attune_dataset_variants_locate (self->variants, variant, &first, &n);
      return read_sample (self, "tokens/variant-ids", "tokens/variant-learn", first, n, sample,
                          error)
             && check_sample (self, sample, error);
    }
  first = self->offsets[record];
  if (self->ids != NULL)
    {
      sample->n = self->offsets[record + 1] - first;
      sample->tokens = g_memdup2 (self->ids + first, sample->n * sizeof (gint32));
      sample->learn = g_memdup2 (self->learn + first, sample->n);
    }
  else if (!read_sample (self, "tokens/ids", "tokens/learn", first,
                         self->offsets[record + 1] - first, sample, error))
    return FALSE;
  return check_sample (self, sample, error);
}

gboolean
attune_dataset_has_rejected (const AttuneDataset *self, AttuneSplit split, guint64 index)
{
  guint32 record;

  g_return_val_if_fail (index < self->members[split]->len, FALSE);

  record = g_array_index (self->members[split], guint32, index);
  return self->rejected_offsets != NULL
         && self->rejected_offsets[record + 1] > self->rejected_offsets[record];
}

gboolean
attune_dataset_get_rejected (AttuneDataset *self, AttuneSplit split, guint64 index,
                             AttuneSample *sample, GError **error)
{
  const gint64 record = find_record (self, split, index, error);
  gint64 first;

  if (record < 0)
    return FALSE;
  g_return_val_if_fail (attune_dataset_has_rejected (self, split, index), FALSE);
  first = self->rejected_offsets[record];
  return read_sample (self, "tokens/rejected-ids", "tokens/rejected-learn", first,
                      self->rejected_offsets[record + 1] - first, sample, error)
         && check_sample (self, sample, error);
}

GArray *
attune_dataset_get_lengths (AttuneDataset *self, AttuneSplit split, GError **error)
{
  GArray *lengths = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < self->members[split]->len; i++)
    {
      const guint32 record = g_array_index (self->members[split], guint32, i);
      const gint64 variant = find_variant (self, split, i);
      guint32 length = self->offsets[record + 1] - self->offsets[record];
      gint64 first, n;

      if (variant >= 0)
        {
          attune_dataset_variants_locate (self->variants, variant, &first, &n);
          length = n;
        }
      g_array_append_val (lengths, length);
    }
  return lengths;
}

char **
attune_dataset_get_texts (AttuneDataset *self, AttuneSplit split, AttuneField field, GError **error)
{
  const GArray *members = self->members[split];
  g_autoptr (GPtrArray) found = g_ptr_array_new_null_terminated (members->len, g_free, TRUE);
  guint at = 0; /* members are in the order of records */

  for (gint64 first = 0; first < self->n && at < members->len; first += ATTUNE_DATASET_BLOCK)
    {
      const gint64 n = MIN (ATTUNE_DATASET_BLOCK, self->n - first);
      g_auto (GStrv) texts
          = attune_dataset_read_texts (self->store, "records", field, first, n, error);

      if (texts == NULL)
        return NULL;
      for (; at < members->len && g_array_index (members, guint32, at) < first + n; at++)
        g_ptr_array_add (found, g_strdup (texts[g_array_index (members, guint32, at) - first]));
    }
  return (char **) g_ptr_array_free (g_steal_pointer (&found), FALSE);
}

char **
attune_dataset_get_labels (AttuneDataset *self, AttuneSplit split, GError **error)
{
  return attune_dataset_get_texts (self, split, ATTUNE_FIELD_LABEL, error);
}

GArray *
attune_dataset_get_members (AttuneDataset *self, AttuneSplit split)
{
  return self->members[split];
}

gboolean
attune_dataset_get_record (AttuneDataset *self, AttuneSplit split, guint64 index,
                           AttuneRecord *record, GError **error)
{
  const gint64 number = find_record (self, split, index, error);
  gint64 line = 0, variant;
  gint32 source = 0;

  if (number < 0)
    return FALSE;
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    {
      g_auto (GStrv) texts
          = attune_dataset_read_texts (self->store, "records", i, number, 1, error);

      if (texts == NULL)
        return FALSE;
      record->fields[i] = g_steal_pointer (&texts[0]);
    }
  if (!attune_store_get (self->store, "raw/line", ATTUNE_STORE_I64, number, 1, &line, error)
      || !attune_store_get (self->store, "raw/source", ATTUNE_STORE_I32, number, 1, &source, error))
    return FALSE;
  record->line = line;
  record->source = source;
  record->whole = attune_sources_are_whole (self->sources, source);
  if ((variant = find_variant (self, split, index)) >= 0)
    {
      g_auto (GStrv) texts
          = attune_store_get_text (self->store, "variants/text", variant, 1, error);

      if (texts == NULL)
        return FALSE;
      g_set_str (&record->fields[record->whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION],
                 texts[0]);
    }
  return TRUE;
}

char *
attune_dataset_describe (AttuneDataset *self, AttuneSplit split, guint64 index)
{
  const gint64 record = find_record (self, split, index, NULL);
  const char *path = NULL;
  gint64 line = 0;
  gint32 source = 0;

  if (record < 0
      || !attune_store_get (self->store, "raw/line", ATTUNE_STORE_I64, record, 1, &line, NULL)
      || !attune_store_get (self->store, "raw/source", ATTUNE_STORE_I32, record, 1, &source, NULL))
    return g_strdup ("a record of unknown origin");
  if (self->sources != NULL && JSON_NODE_HOLDS_ARRAY (self->sources) && source >= 0
      && source < (int) json_array_get_length (json_node_get_array (self->sources)))
    {
      JsonNode *node = json_array_get_element (json_node_get_array (self->sources), source);

      if (JSON_NODE_HOLDS_OBJECT (node))
        path = json_object_get_string_member_with_default (json_node_get_object (node), "path",
                                                           NULL);
    }
  {
    g_autofree char *name = path != NULL ? g_path_get_basename (path) : g_strdup ("source");

    return g_strdup_printf ("%s, line %" G_GINT64_FORMAT "%s", name, line,
                            find_variant (self, split, index) >= 0 ? ", varied with synonyms" : "");
  }
}
