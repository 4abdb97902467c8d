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

/* Returns: (transfer full): ", varied by …" of a variant; "" of a record as it is. */
static char *
describe_variant (AttuneDataset *self, AttuneSplit split, guint64 index)
{
  const gint64 variant = find_variant (self, split, index);
  g_auto (GStrv) origins = NULL;

  if (variant < 0)
    return g_strdup ("");
  if (attune_store_has (self->store, "variants/origin"))
    origins = attune_store_get_text (self->store, "variants/origin", variant, 1, NULL);
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
                    *varied = describe_variant (self, split, index);

    return g_strdup_printf ("%s, line %" G_GINT64_FORMAT "%s", name, line, varied);
  }
}
