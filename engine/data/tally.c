/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The counts behind a data set's report.
 */
#include "data/tally.h"

#include "data/key-table.h"
#include "data/report-view.h"

#include <string.h>

/* A report names so many labels at most. */
#define MAX_LABELS 50
/* Bars that can still be told apart. */
#define MAX_BINS 50

struct _AttuneTally
{
  guint64 splits[ATTUNE_N_SPLITS];
  guint64 n_cut, n_endless, n_restarts, n_too_long, n_tokens, n_learned;
  AttuneSplitSize sizes[ATTUNE_N_SPLITS];
  guint64 n_excluded, n_edited; /* by hand */
  GHashTable *found;            /* keys of the changes whose record is there */
  GArray *lengths;              /* guint64: how many samples have so many tokens */
  guint64 n_samples;
  GHashTable *labels;      /* label -> count */
  AttuneKeyTable *answers; /* of answers in plain words: bits of the splits they are in */
};

AttuneTally *
attune_tally_new (guint64 n_records, AttuneSpill *spill, GError **error)
{
  AttuneTally *self = g_new0 (AttuneTally, 1);

  self->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->lengths = g_array_new (FALSE, TRUE, sizeof (guint64));
  self->labels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->answers = attune_key_table_new (n_records, spill, error);
  if (self->answers != NULL)
    return self;
  attune_tally_free (self);
  return NULL;
}

void
attune_tally_free (AttuneTally *self)
{
  g_array_unref (self->lengths);
  g_hash_table_unref (self->found);
  g_hash_table_unref (self->labels);
  attune_key_table_free (self->answers);
  g_free (self);
}

void
attune_tally_too_long (AttuneTally *self)
{
  self->n_too_long++;
}

void
attune_tally_sample (AttuneTally *self, AttuneSplit split, const AttuneSampleSize *size)
{
  AttuneSplitSize *sum = &self->sizes[split];

  if (self->lengths->len <= size->n_tokens)
    g_array_set_size (self->lengths, size->n_tokens + 1);
  g_array_index (self->lengths, guint64, size->n_tokens)++;
  self->n_samples++;
  self->n_tokens += size->n_tokens;
  self->n_learned += size->n_learned;
  self->n_cut += size->cut;
  self->n_endless += size->endless;
  self->n_restarts += size->restarts;
  sum->rows += size->n_rows;
  sum->targets += size->n_learned;
  sum->longest = MAX (sum->longest, size->n_tokens);
}

void
attune_tally_record (AttuneTally *self, AttuneSplit split, const AttuneRecord *record,
                     const AttunePlainRecord *plain)
{
  const char *label = record->fields[ATTUNE_FIELD_LABEL];

  self->splits[split]++;
  if (split == ATTUNE_SPLIT_EXCLUDED)
    return;
  if (*label != '\0')
    {
      const gsize count = GPOINTER_TO_SIZE (g_hash_table_lookup (self->labels, label));

      g_hash_table_insert (self->labels, g_strdup (label), GSIZE_TO_POINTER (count + 1));
    }
  attune_key_table_set (self->answers, plain->answer_key,
                        attune_key_table_get (self->answers, plain->answer_key) | 1u << split);
}

void
attune_tally_change (AttuneTally *self, const char *key, const AttuneChange *change)
{
  /* one that is left out has no text that is read */
  if (change->excluded)
    self->n_excluded++;
  else
    self->n_edited++;
  g_hash_table_add (self->found, g_strdup (key));
}

guint64
attune_tally_count (const AttuneTally *self, AttuneSplit split)
{
  return self->splits[split];
}

guint64
attune_tally_total (const AttuneTally *self)
{
  guint64 total = 0;

  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    total += self->splits[i];
  return total;
}

/* The length of the sample with that number, were they sorted: 0 … n - 1. */
static guint
length_at (const AttuneTally *self, guint64 number)
{
  guint64 n = 0;

  for (guint length = 0; length < self->lengths->len; length++)
    if ((n += g_array_index (self->lengths, guint64, length)) > number)
      return length;
  return 0;
}

/* So wide that at most MAX_BINS hold all up to @longest: 1, 2, 5, 10, 20 … tokens. */
static guint
bin_width (guint longest)
{
  for (guint width = 1;; width *= 10)
    for (guint i = 0; i < 3; i++)
      {
        const guint rounded = width * (const guint[]) { 1, 2, 5 }[i];

        if (longest / rounded < MAX_BINS)
          return rounded;
      }
}

/* @lengths: not empty: the longest is the last one. */
static JsonObject *
histogram_object (const GArray *lengths)
{
  const guint width = bin_width (lengths->len - 1);
  JsonObject *object = json_object_new ();
  JsonArray *counts = json_array_new ();

  for (guint first = 0; first < lengths->len; first += width)
    {
      guint64 count = 0;

      for (guint i = first; i < MIN (first + width, lengths->len); i++)
        count += g_array_index (lengths, guint64, i);
      json_array_add_int_element (counts, count);
    }
  json_object_set_int_member (object, "width", width);
  json_object_set_array_member (object, "counts", counts);
  return object;
}

static JsonObject *
tokens_object (AttuneTally *self)
{
  JsonObject *object = json_object_new ();
  const guint64 n = self->n_samples;

  json_object_set_int_member (object, "total", self->n_tokens);
  json_object_set_int_member (object, "learned", self->n_learned);
  json_object_set_int_member (object, "cut", self->n_cut);
  json_object_set_int_member (object, "endless", self->n_endless);
  json_object_set_int_member (object, "restarts", self->n_restarts);
  json_object_set_int_member (object, "too_long", self->n_too_long);
  if (n > 0)
    {
      json_object_set_int_member (object, "min", length_at (self, 0));
      json_object_set_int_member (object, "median", length_at (self, n / 2));
      json_object_set_int_member (object, "p95", length_at (self, (guint64) (0.95 * (n - 1))));
      json_object_set_int_member (object, "max", length_at (self, n - 1));
      json_object_set_object_member (object, "histogram", histogram_object (self->lengths));
    }
  return object;
}

/* --- labels, as they are read */

/* Most frequent first, then by name, so that the report is the same every time. */
static int
compare_labels (gconstpointer a, gconstpointer b, gpointer labels)
{
  const gsize x = GPOINTER_TO_SIZE (g_hash_table_lookup (labels, a));
  const gsize y = GPOINTER_TO_SIZE (g_hash_table_lookup (labels, b));

  return x != y ? (x < y) - (x > y) : strcmp (a, b);
}

static JsonArray *
labels_array (GHashTable *counts)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GList) names
      = g_list_sort_with_data (g_hash_table_get_keys (counts), compare_labels, counts);
  int shown = 0;

  for (GList *l = names; l != NULL && shown < MAX_LABELS; l = l->next, shown++)
    {
      JsonObject *label = json_object_new ();

      json_object_set_string_member (label, "label", l->data);
      json_object_set_int_member (label, "count",
                                  GPOINTER_TO_SIZE (g_hash_table_lookup (counts, l->data)));
      json_array_add_object_element (array, label);
    }
  return array;
}

/* How many records have each of several labels. */
static GHashTable *
divide_labels (GHashTable *texts, const AttuneLabelFormat *format)
{
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTableIter iter;
  gpointer text, times;

  g_hash_table_iter_init (&iter, texts);
  while (g_hash_table_iter_next (&iter, &text, &times))
    {
      g_auto (GStrv) parts = attune_label_format_split (format, text);

      for (guint i = 0; parts[i] != NULL; i++)
        {
          const gsize count = GPOINTER_TO_SIZE (g_hash_table_lookup (counts, parts[i]));

          g_hash_table_insert (counts, g_strdup (parts[i]),
                               GSIZE_TO_POINTER (count + GPOINTER_TO_SIZE (times)));
        }
    }
  return counts;
}

/* The range and the mean of labels that are numbers, and how many are none. */
static JsonObject *
numbers_object (GHashTable *texts, char decimal)
{
  JsonObject *object = json_object_new ();
  double least = 0, most = 0, sum = 0;
  guint64 n = 0, unread = 0;
  GHashTableIter iter;
  gpointer text, times;

  g_hash_table_iter_init (&iter, texts);
  while (g_hash_table_iter_next (&iter, &text, &times))
    {
      double number;

      if (!attune_label_parse_number (decimal, text, &number))
        {
          unread += GPOINTER_TO_SIZE (times);
          continue;
        }
      least = n > 0 ? MIN (least, number) : number;
      most = n > 0 ? MAX (most, number) : number;
      sum += number * GPOINTER_TO_SIZE (times);
      n += GPOINTER_TO_SIZE (times);
    }
  json_object_set_int_member (object, "records", n);
  json_object_set_int_member (object, "unread", unread);
  json_object_set_double_member (object, "least", least);
  json_object_set_double_member (object, "most", most);
  json_object_set_double_member (object, "mean", n > 0 ? sum / n : 0);
  return object;
}

/* What the labels are read as: the same for the same texts, in whatever order they come. */
static AttuneLabelFormat
find_format (GHashTable *texts, AttuneLabelReading reading)
{
  g_autoptr (GPtrArray) names = g_hash_table_get_keys_as_ptr_array (texts);
  g_autofree guint64 *counts = g_new (guint64, names->len + 1);

  for (guint i = 0; i < names->len; i++)
    counts[i] = GPOINTER_TO_SIZE (g_hash_table_lookup (texts, names->pdata[i]));
  return attune_label_format_find (reading, (const char *const *) names->pdata, counts, names->len);
}

static void
add_labels (const AttuneTally *self, AttuneLabelReading reading, JsonObject *report)
{
  const AttuneLabelFormat format = find_format (self->labels, reading);
  const char mark[] = { format.mark, '\0' };
  g_autoptr (GHashTable) counts = NULL;
  guint64 labelled = 0;
  GHashTableIter iter;
  gpointer times;

  g_hash_table_iter_init (&iter, self->labels);
  while (g_hash_table_iter_next (&iter, NULL, &times))
    labelled += GPOINTER_TO_SIZE (times);
  if (format.kind == ATTUNE_LABELS_SEVERAL)
    counts = divide_labels (self->labels, &format);
  else
    counts = g_hash_table_ref (self->labels);
  if (format.kind != ATTUNE_LABELS_ONE)
    json_object_set_string_member (report, "label_mark", mark);
  if (format.doubt != ATTUNE_LABEL_DOUBT_NONE)
    json_object_set_string_member (report, "label_doubt",
                                   attune_label_doubt_get_name (format.doubt));
  json_object_set_string_member (report, "label_kind", attune_label_kind_get_name (format.kind));
  json_object_set_int_member (report, "labelled", labelled);
  if (format.kind == ATTUNE_LABELS_NUMBER)
    json_object_set_object_member (report, "label_numbers",
                                   numbers_object (self->labels, format.mark));
  json_object_set_array_member (report, "labels",
                                format.kind == ATTUNE_LABELS_NUMBER ? json_array_new ()
                                                                    : labels_array (counts));
}

/* Answers that are learned from and asked for in the test as well: not wrong (synonyms have one
 * answer), but worth knowing. */
static guint64
count_shared_answers (const AttuneTally *self)
{
  return attune_key_table_count (self->answers, 1u << ATTUNE_SPLIT_TRAIN | 1u << ATTUNE_SPLIT_TEST);
}

/* What a plan's estimate needs to know, so that it need not read the tokens. */
static JsonObject *
sizes_object (const AttuneTally *self, const char *const *names)
{
  JsonObject *object = json_object_new ();

  for (int i = 0; i < ATTUNE_SPLIT_EXCLUDED; i++)
    {
      JsonObject *size = json_object_new ();

      json_object_set_int_member (size, "rows", self->sizes[i].rows);
      json_object_set_int_member (size, "targets", self->sizes[i].targets);
      json_object_set_int_member (size, "longest", self->sizes[i].longest);
      json_object_set_object_member (object, names[i], size);
    }
  return object;
}

/* What was changed by hand, and how the records begin whose change has found no record. */
static JsonObject *
by_hand_object (const AttuneTally *self, const AttuneChanges *changes)
{
  g_autoptr (GPtrArray) keys = attune_changes_get_keys (changes);
  JsonObject *object = json_object_new ();
  JsonArray *gone = json_array_new ();
  guint n_gone = 0;

  for (guint i = 0; i < keys->len; i++)
    {
      const char *key = g_ptr_array_index (keys, i);

      if (g_hash_table_contains (self->found, key))
        continue;
      if (n_gone++ < ATTUNE_REPORT_GONE)
        json_array_add_string_element (gone, attune_changes_get_title (changes, key));
    }
  json_object_set_int_member (object, "excluded", self->n_excluded);
  json_object_set_int_member (object, "edited", self->n_edited);
  json_object_set_int_member (object, "gone", n_gone);
  json_object_set_array_member (object, "gone_begin", gone);
  return object;
}

JsonNode *
attune_tally_report (AttuneTally *self, const AttuneCleaner *cleaner, const AttuneChanges *changes,
                     AttuneLabelReading reading, guint64 n_bad)
{
  static const char *const names[ATTUNE_N_SPLITS] = { "train", "validation", "test", "excluded" };
  g_autoptr (JsonObject) report = json_object_new ();
  JsonObject *splits = json_object_new ();

  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    json_object_set_int_member (splits, names[i], self->splits[i]);
  json_object_set_int_member (report, "read", attune_tally_total (self));
  json_object_set_int_member (report, "bad", n_bad);
  attune_cleaner_report (cleaner, report);
  json_object_set_object_member (report, "by_hand", by_hand_object (self, changes));
  json_object_set_object_member (report, "splits", splits);
  json_object_set_object_member (report, "sizes", sizes_object (self, names));
  json_object_set_object_member (report, "tokens", tokens_object (self));
  add_labels (self, reading, report);
  json_object_set_int_member (report, "shared_answers", count_shared_answers (self));
  return json_node_init_object (json_node_alloc (), report);
}
