/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading a prepared data set that is open: its samples, and the records they were made of.
 */
#include "data/dataset-opened.h"

void
attune_sample_clear (AttuneSample *sample)
{
  g_clear_pointer (&sample->tokens, g_free);
  g_clear_pointer (&sample->learn, g_free);
  sample->n = 0;
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
      return attune_dataset_damaged (self->path, error);
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

/* What stands at an index of a split beside the records themselves. */
typedef struct
{
  const char *texts, *ids, *learn; /* columns */
  gboolean is_mix;                 /* else it is a variant */
  gint64 number, first, n;         /* in the file; its tokens */
} Extra;

/* Whether what stands there was made of its record. A record stands there several times in a row:
 * as it is, with each of its variants, and all of that as often as it is learned from; then what
 * was mixed of it and others. */
static gboolean
find_extra (const AttuneDataset *self, AttuneSplit split, guint64 index, Extra *extra)
{
  const guint32 *records = (const guint32 *) self->members[split]->data, record = records[index];
  const guint n = attune_dataset_beside_count (self->variants, record),
              own = (1 + n) * (self->times != NULL ? self->times[record] : 1);
  guint64 before = 0;

  if (n == 0 && attune_dataset_beside_count (self->mixes, record) == 0)
    return FALSE;
  while (before < index && records[index - before - 1] == record)
    before++;
  if (before >= own)
    {
      *extra = (Extra) { "mixes/text", "tokens/mix-ids", "tokens/mix-learn", TRUE };
      extra->number = attune_dataset_beside_find (self->mixes, record, before - own);
      attune_dataset_beside_locate (self->mixes, extra->number, &extra->first, &extra->n);
      return TRUE;
    }
  if (before % (1 + n) == 0)
    return FALSE;
  *extra = (Extra) { "variants/text", "tokens/variant-ids", "tokens/variant-learn", FALSE };
  extra->number = attune_dataset_beside_find (self->variants, record, before % (1 + n) - 1);
  attune_dataset_beside_locate (self->variants, extra->number, &extra->first, &extra->n);
  return TRUE;
}

gboolean
attune_dataset_get_sample (AttuneDataset *self, AttuneSplit split, guint64 index,
                           AttuneSample *sample, GError **error)
{
  const gint64 record = find_record (self, split, index, error);
  gint64 first;
  Extra extra;

  if (record < 0)
    return FALSE;
  if (find_extra (self, split, index, &extra))
    return read_sample (self, extra.ids, extra.learn, extra.first, extra.n, sample, error)
           && check_sample (self, sample, error);
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
      guint32 length = self->offsets[record + 1] - self->offsets[record];
      Extra extra;

      if (find_extra (self, split, i, &extra))
        length = extra.n;
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

void
attune_dataset_drop_mixes (AttuneDataset *self)
{
  GArray *train = self->members[ATTUNE_SPLIT_TRAIN];
  guint32 *members = (guint32 *) train->data;
  g_autofree guint8 *learned = g_new0 (guint8, MAX (1, self->n));
  g_autofree guint32 *before = g_new (guint32, MAX (1, self->n));
  guint kept = 0;

  if (self->mixes == NULL)
    return;
  for (guint i = 0; i < train->len; i++)
    learned[members[i]] = 1;
  for (gint64 i = 0; i < self->n; i++)
    before[i] = attune_dataset_beside_count (self->mixes, i);
  attune_dataset_mixes_keep (self->mixes, learned);
  for (guint i = 0, end; i < train->len; i = end)
    {
      const guint32 record = members[i];
      const guint gone = before[record] - attune_dataset_beside_count (self->mixes, record);

      for (end = i; end < train->len && members[end] == record;)
        end++;
      for (guint j = i; j + gone < end; j++)
        members[kept++] = record;
    }
  g_array_set_size (train, kept);
}

gboolean
attune_dataset_get_record (AttuneDataset *self, AttuneSplit split, guint64 index,
                           AttuneRecord *record, GError **error)
{
  const gint64 number = find_record (self, split, index, error);
  gint64 line = 0;
  Extra extra;
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
  if (find_extra (self, split, index, &extra))
    {
      g_auto (GStrv) texts
          = attune_store_get_text (self->store, extra.texts, extra.number, 1, error);

      if (texts == NULL)
        return FALSE;
      g_set_str (&record->fields[record->whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION],
                 texts[0]);
    }
  return TRUE;
}

/* Returns: (transfer full): ", varied by …" of a variant, ", mixed with another" of a mix; "" of a
 * record as it is. */
static char *
describe_extra (AttuneDataset *self, AttuneSplit split, guint64 index)
{
  g_auto (GStrv) origins = NULL;
  Extra extra;

  if (!find_extra (self, split, index, &extra))
    return g_strdup ("");
  if (extra.is_mix)
    return g_strdup (", mixed with another");
  if (attune_store_has (self->store, "variants/origin"))
    origins = attune_store_get_text (self->store, "variants/origin", extra.number, 1, NULL);
  return g_strdup_printf (", varied by %s", origins != NULL ? origins[0] : "WordNet");
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
    g_autofree char *name = path != NULL ? g_path_get_basename (path) : g_strdup ("source"),
                    *made = describe_extra (self, split, index);

    return g_strdup_printf ("%s, line %" G_GINT64_FORMAT "%s", name, line, made);
  }
}
