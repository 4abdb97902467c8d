/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Cross-validation: a data set whose records for training and validation are cut anew, so that each
 * of them validates once. What may not be parted by the splits is not parted here.
 */
#include "core/random.h"
#include "data/clean.h"
#include "data/dataset-private.h"
#include "data/report-view.h"

/* What is cut: the folds of all runs on one data set are the same. */
#define SEED 1

/* A record, and what it may not be parted from. */
typedef struct
{
  guint64 draw; /* of its group or question: in the order of these they are cut */
  guint32 record;
} Member;

/* As AttunePlainRecord has its home; a text that is learned whole has no question. */
static guint64
draw_of (const char *group, const char *question, const char *answer)
{
  g_autofree char *plain = attune_plain_words (question);
  AttuneRandom random;
  guint64 draw;

  if (*plain == '\0')
    {
      g_free (plain);
      plain = attune_plain_words (answer);
    }
  attune_random_init (&random, SEED, ATTUNE_RANDOM_FOLD,
                      attune_text_key (*group != '\0' ? group : plain));
  draw = attune_random_uint32 (&random);
  return draw << 32 | attune_random_uint32 (&random);
}

static gboolean
add_members (AttuneDataset *self, AttuneSplit split, GArray *all, GError **error)
{
  const GArray *records = attune_dataset_get_members (self, split);
  g_auto (GStrv) groups = attune_dataset_get_texts (self, split, ATTUNE_FIELD_GROUP, error),
                 questions = NULL, answers = NULL;

  if (groups == NULL
      || (questions = attune_dataset_get_texts (self, split, ATTUNE_FIELD_QUESTION, error)) == NULL
      || (answers = attune_dataset_get_texts (self, split, ATTUNE_FIELD_ANSWER, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < records->len; i++)
    {
      const Member member
          = { draw_of (groups[i], questions[i], answers[i]), g_array_index (records, guint32, i) };

      g_array_append_val (all, member);
    }
  return TRUE;
}

static int
compare_draws (gconstpointer a, gconstpointer b)
{
  const Member *one = a, *two = b;

  if (one->draw != two->draw)
    return one->draw < two->draw ? -1 : 1;
  return one->record < two->record ? -1 : one->record > two->record;
}

static int
compare_records (gconstpointer a, gconstpointer b)
{
  const guint32 one = *(const guint32 *) a, two = *(const guint32 *) b;

  return one < two ? -1 : one > two;
}

static guint32
find_first (guint32 *families, guint32 record)
{
  while (families[record] != record)
    record = families[record] = families[families[record]];
  return record;
}

/* Records that are similar, or that share a draw with such ones, get one draw. @all: in the order
 * of draws, before and after. */
static gboolean
join_similar (AttuneDataset *self, GArray *all, GError **error)
{
  g_autofree guint32 *families = NULL;
  g_autofree guint64 *draws = NULL;
  guint32 n;

  if (!attune_dataset_read_families (self, &families, &n, error) || families == NULL)
    return families == NULL && (error == NULL || *error == NULL);
  for (guint i = 1; i < all->len; i++)
    {
      const Member *one = &g_array_index (all, Member, i - 1), *two = one + 1;

      if (one->draw == two->draw)
        families[find_first (families, two->record)] = find_first (families, one->record);
    }
  draws = g_new (guint64, MAX (1, n));
  for (guint32 i = 0; i < n; i++)
    draws[i] = G_MAXUINT64;
  for (int twice = 0; twice < 2; twice++)
    for (guint i = 0; i < all->len; i++)
      {
        Member *member = &g_array_index (all, Member, i);
        guint64 *least = &draws[find_first (families, member->record)];

        member->draw = *least = MIN (*least, member->draw);
      }
  g_array_sort (all, compare_draws);
  return TRUE;
}

/* How many different questions or groups there are in @all, which is in the order of draws. */
static guint
count_keys (const GArray *all)
{
  guint n = 0;

  for (guint i = 0; i < all->len; i++)
    n += i == 0 || g_array_index (all, Member, i).draw != g_array_index (all, Member, i - 1).draw;
  return n;
}

/* Of what validates, each record once. */
static void
cut (AttuneDataset *self, const GArray *all, guint n_keys, int folds, int fold)
{
  GArray *train = attune_dataset_get_members (self, ATTUNE_SPLIT_TRAIN),
         *validation = attune_dataset_get_members (self, ATTUNE_SPLIT_VALIDATION);
  const guint64 first = (guint64) n_keys * (fold - 1) / folds,
                end = (guint64) n_keys * fold / folds;
  guint64 key = 0;

  g_array_set_size (train, 0);
  g_array_set_size (validation, 0);
  for (guint i = 0; i < all->len; i++)
    {
      const Member *member = &g_array_index (all, Member, i),
                   *before = i > 0 ? &g_array_index (all, Member, i - 1) : NULL;

      key += before != NULL && before->draw != member->draw;
      if (key < first || key >= end)
        g_array_append_val (train, member->record);
      else if (before == NULL || before->record != member->record)
        g_array_append_val (validation, member->record);
    }
  g_array_sort (train, compare_records);
  g_array_sort (validation, compare_records);
  attune_dataset_drop_mixes (self);
}

/* Parts that are drawn by chance would check with what is older than what was learned. */
static gboolean
check_times (const AttuneDataset *self, GError **error)
{
  g_autoptr (JsonNode) report = json_from_string (attune_dataset_get_report (self), NULL);
  g_autoptr (AttuneReportView) view = attune_report_view_new (report);

  if (*view->test_from == '\0')
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The data is split by time, with the final test from %s on, and cannot be cut into "
               "parts (--folds) as well: these are drawn by chance, and would check with what is "
               "older than what was learned. Use --folds 1, or prepare the data without a date for "
               "the final test (test-from).",
               view->test_from);
  return FALSE;
}

gboolean
attune_dataset_fold (AttuneDataset *self, int folds, int fold, GError **error)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (Member));
  guint n_keys;

  g_return_val_if_fail (self != NULL && fold >= 1 && fold <= MAX (1, folds), FALSE);

  if (folds <= 1)
    return TRUE;
  if (!check_times (self, error) || !add_members (self, ATTUNE_SPLIT_TRAIN, all, error)
      || !add_members (self, ATTUNE_SPLIT_VALIDATION, all, error))
    return FALSE;
  g_array_sort (all, compare_draws);
  if (!join_similar (self, all, error))
    return FALSE;
  n_keys = count_keys (all);
  if (n_keys < (guint) folds)
    {
      g_set_error (
          error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
          "The data holds %u different questions or texts for training and validation, too few to "
          "be cut into %d parts (--folds). Use --folds %u at most, or import more data.",
          n_keys, folds, MAX (1, n_keys));
      return FALSE;
    }
  cut (self, all, n_keys, folds, fold);
  return TRUE;
}
