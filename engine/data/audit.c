/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One pass over the records; of words no more are kept than a report could tell of.
 */
#include "data/audit.h"

#include "data/agreement.h"
#include "data/audit-origin.h"
#include "data/audit-swap.h"
#include "data/clean.h"
#include "data/records.h"

#include <math.h>
#include <string.h>

/* More are no classes and no groups of people. */
#define MAX_NAMES 100
#define MAX_TERMS 200000
/* A word that is in fewer says nothing. */
#define LEAST_RECORDS 5
#define SHOWN_TERMS 10
#define BLOCK 1024
/* Answers with more words are as long as this. */
#define MAX_WORDS 4096

typedef struct
{
  char *name;
  guint64 n_records;
  guint64 *lengths;   /* MAX_WORDS + 1: records by the words of their answer */
  GHashTable *labels; /* of a group: number of the label -> records; else %NULL */
} Part;

typedef struct
{
  GPtrArray *labels, *groups; /* Part */
  GHashTable *terms;          /* word -> guint32 per label, and of all at the end */
  AttuneSwapAudit *swap;
  guint64 n_records, n_other_labels, n_other_groups; /* records of those beyond MAX_NAMES */
  gboolean prepared;
} Audit;

static void
part_free (gpointer data)
{
  Part *part = data;

  g_free (part->name);
  g_free (part->lengths);
  g_clear_pointer (&part->labels, g_hash_table_unref);
  g_free (part);
}

static void
audit_clear (Audit *self)
{
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->groups, g_ptr_array_unref);
  g_clear_pointer (&self->terms, g_hash_table_unref);
  g_clear_pointer (&self->swap, attune_swap_audit_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Audit, audit_clear)

/* Returns: its number, or -1 where there is no name or are too many: then @n_others counts it. */
static int
find_part (GPtrArray *parts, const char *name, guint64 *n_others)
{
  Part *part;

  if (*name == '\0')
    return -1;
  for (guint i = 0; i < parts->len; i++)
    if (g_str_equal (((Part *) parts->pdata[i])->name, name))
      return i;
  if (parts->len == MAX_NAMES)
    {
      ++*n_others;
      return -1;
    }
  part = g_new0 (Part, 1);
  part->name = g_strdup (name);
  part->lengths = g_new0 (guint64, MAX_WORDS + 1);
  part->labels = g_hash_table_new (NULL, NULL);
  g_ptr_array_add (parts, part);
  return parts->len - 1;
}

static guint
count_words (const char *plain)
{
  guint n = *plain != '\0';

  for (; *plain != '\0'; plain++)
    n += *plain == ' ';
  return n;
}

static void
add_to_part (Part *part, guint n_words, int label)
{
  part->n_records++;
  part->lengths[MIN (n_words, MAX_WORDS)]++;
  if (label >= 0)
    g_hash_table_insert (
        part->labels, GINT_TO_POINTER (label),
        GSIZE_TO_POINTER (
            GPOINTER_TO_SIZE (g_hash_table_lookup (part->labels, GINT_TO_POINTER (label))) + 1));
}

/* Each word of a record once. */
static void
add_terms (Audit *self, const char *question, const char *answer, int label)
{
  g_autofree char *both = g_strconcat (question, " ", answer, NULL);
  g_auto (GStrv) words = g_strsplit (both, " ", -1);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; words[i] != NULL; i++)
    {
      guint32 *counts;

      if (*words[i] == '\0' || !g_hash_table_add (seen, words[i]))
        continue;
      counts = g_hash_table_lookup (self->terms, words[i]);
      if (counts == NULL && g_hash_table_size (self->terms) >= MAX_TERMS)
        continue;
      if (counts == NULL)
        {
          counts = g_new0 (guint32, MAX_NAMES + 1);
          g_hash_table_insert (self->terms, g_strdup (words[i]), counts);
        }
      counts[label]++;
      counts[MAX_NAMES]++;
    }
}

static void
add_record (Audit *self, const AttuneRecord *record)
{
  g_autofree char *question = attune_plain_words (record->fields[ATTUNE_FIELD_QUESTION]),
                  *answer = attune_plain_words (record->fields[ATTUNE_FIELD_ANSWER]);
  const guint n_words = count_words (answer);
  const int label
      = find_part (self->labels, record->fields[ATTUNE_FIELD_LABEL], &self->n_other_labels);
  const int group
      = find_part (self->groups, record->fields[ATTUNE_FIELD_GROUP], &self->n_other_groups);

  self->n_records++;
  attune_swap_audit_add (self->swap, record);
  if (label >= 0)
    {
      add_to_part (self->labels->pdata[label], n_words, -1);
      /* what a classifier answers is the label itself */
      add_terms (self, question,
                 g_strcmp0 (record->fields[ATTUNE_FIELD_ANSWER], record->fields[ATTUNE_FIELD_LABEL])
                         == 0
                     ? ""
                     : answer,
                 label);
    }
  if (group >= 0)
    add_to_part (self->groups->pdata[group], n_words, label);
}

/* --- the report */

static int
compare_parts (gconstpointer a, gconstpointer b)
{
  const Part *x = *(const Part *const *) a, *y = *(const Part *const *) b;

  return x->n_records != y->n_records ? (x->n_records < y->n_records) * 2 - 1
                                      : strcmp (x->name, y->name);
}

static guint
median_words (const Part *part)
{
  guint64 n = 0;

  for (guint i = 0; i <= MAX_WORDS; i++)
    if ((n += part->lengths[i]) * 2 > part->n_records)
      return i;
  return 0;
}

typedef struct
{
  const char *term;
  guint32 with, others;
  AttuneLogOdds odds;
} Term;

/* Strongest first: what is farthest from nothing for certain. */
static int
compare_terms (gconstpointer a, gconstpointer b)
{
  const Term *x = a, *y = b;

  return x->odds.low != y->odds.low ? (x->odds.low < y->odds.low) * 2 - 1
                                    : strcmp (x->term, y->term);
}

/* Each word with each label. */
static guint64
count_tests (const Audit *self)
{
  guint64 n = 0;
  gpointer counts;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->terms);
  while (g_hash_table_iter_next (&iter, NULL, &counts))
    n += ((const guint32 *) counts)[MAX_NAMES] >= LEAST_RECORDS;
  return n * self->labels->len;
}

/* Of 200,000 words 5,000 go with a label by chance. The 5 % are of all of them together
 * (Bonferroni). */
static gboolean
is_certain (const AttuneLogOdds *odds, guint64 n_tests)
{
  const double error = (odds->high - odds->low) / (2 * 1.959963984540054);

  return erfc (odds->value / error / G_SQRT2) * MAX (1, n_tests) < 0.05;
}

static JsonArray *
terms_array (const Audit *self, guint label, guint64 n_tests)
{
  const Part *part = self->labels->pdata[label];
  g_autoptr (GArray) terms = g_array_new (FALSE, FALSE, sizeof (Term));
  JsonArray *array = json_array_new ();
  guint64 n_labelled = 0;
  gpointer word, counts;
  GHashTableIter iter;

  for (guint i = 0; i < self->labels->len; i++)
    n_labelled += ((Part *) self->labels->pdata[i])->n_records;
  g_hash_table_iter_init (&iter, self->terms);
  while (g_hash_table_iter_next (&iter, &word, &counts))
    {
      const guint32 *n = counts;
      Term term = { word, n[label], n[MAX_NAMES] - n[label] };

      if (n[MAX_NAMES] < LEAST_RECORDS)
        continue;
      term.odds = attune_log_odds (term.with, part->n_records - term.with, term.others,
                                   n_labelled - part->n_records - term.others);
      if (term.odds.low > 0 && is_certain (&term.odds, n_tests))
        g_array_append_val (terms, term);
    }
  g_array_sort (terms, compare_terms);
  for (guint i = 0; i < MIN (terms->len, SHOWN_TERMS); i++)
    {
      const Term *term = &g_array_index (terms, Term, i);
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "term", term->term);
      json_object_set_int_member (object, "with", term->with);
      json_object_set_int_member (object, "others", term->others);
      json_object_set_double_member (object, "log_odds", term->odds.value);
      json_object_set_double_member (object, "low", term->odds.low);
      json_object_set_double_member (object, "high", term->odds.high);
      json_array_add_object_element (array, object);
    }
  return array;
}

static JsonObject *
part_object (const Part *part, const char *what)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, what, part->name);
  json_object_set_int_member (object, "records", part->n_records);
  json_object_set_int_member (object, "words", median_words (part));
  return object;
}

static JsonObject *
group_object (const Audit *self, const Part *group)
{
  JsonObject *object = part_object (group, "group"), *labels = json_object_new ();

  for (guint i = 0; i < self->labels->len; i++)
    json_object_set_int_member (
        labels, ((Part *) self->labels->pdata[i])->name,
        GPOINTER_TO_SIZE (g_hash_table_lookup (group->labels, GUINT_TO_POINTER (i))));
  json_object_set_object_member (object, "labels", labels);
  return object;
}

static JsonNode *
report (const Audit *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *labels = json_array_new (), *groups = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  const guint64 n_tests = count_tests (self);

  for (guint i = 0; i < self->labels->len; i++)
    {
      JsonObject *label = part_object (self->labels->pdata[i], "label");

      json_object_set_array_member (label, "terms", terms_array (self, i, n_tests));
      json_array_add_object_element (labels, label);
    }
  g_ptr_array_sort (self->groups, compare_parts);
  for (guint i = 0; i < self->groups->len; i++)
    json_array_add_object_element (groups, group_object (self, self->groups->pdata[i]));
  json_object_set_boolean_member (object, "prepared", self->prepared);
  json_object_set_int_member (object, "records", self->n_records);
  json_object_set_int_member (object, "other_labels", self->n_other_labels);
  json_object_set_int_member (object, "other_groups", self->n_other_groups);
  json_object_set_array_member (object, "labels", labels);
  json_object_set_array_member (object, "groups", groups);
  json_object_set_object_member (object, "swap", attune_swap_audit_finish (self->swap));
  json_node_take_object (node, object);
  return node;
}

JsonNode *
attune_audit_run (const char *path, const char *pairs, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneRecords) records = attune_records_open (path, error);
  g_auto (Audit) self = { .labels = g_ptr_array_new_with_free_func (part_free),
                          .groups = g_ptr_array_new_with_free_func (part_free) };

  g_autoptr (JsonNode) node = NULL;

  self.terms = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (records == NULL || (self.swap = attune_swap_audit_new (pairs, error)) == NULL)
    return NULL;
  self.prepared = attune_records_is_prepared (records);
  for (guint first = 0; first < attune_records_count (records); first += BLOCK)
    {
      g_autoptr (GPtrArray) views = attune_records_read (
          records, first, MIN (BLOCK, attune_records_count (records) - first), error);

      if (views == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      for (guint i = 0; i < views->len; i++)
        if (attune_records_get_split (records, first + i) == ATTUNE_SPLIT_TRAIN)
          add_record (&self, &((AttuneRecordView *) views->pdata[i])->record);
    }
  node = report (&self);
  return attune_audit_origin (records, json_node_get_object (node), error) ? g_steal_pointer (&node)
                                                                           : NULL;
}
