/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The draw, and the shares of each label.
 */
#include "data/split.h"

#include "core/random.h"
#include "data/date.h"

#include <math.h>

/* --- by itself */

/* Which of @n folds @key belongs to. */
static int
fold_of (guint64 key, int n, guint64 seed)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_FOLD, key);
  return attune_random_uniform (&random) * n;
}

/* @shares: (out): of test and validation, of what is drawn for @key. With folds the test is one of
 * them, whatever its share. */
static void
shares_of (guint64 key, const AttuneDataValues *s, double *test, double *validation)
{
  *test = s->test_share;
  *validation = s->validation_share;
  if (s->folds < 2)
    return;
  *test = fold_of (key, s->folds, s->seed) == s->fold - 1;
}

static double
draw_of (guint64 key, const AttuneDataValues *s)
{
  AttuneRandom random;

  attune_random_init (&random, s->seed, ATTUNE_RANDOM_SPLIT, key);
  return attune_random_uniform (&random);
}

static AttuneSplit
split_of_key (guint64 key, const AttuneDataValues *s)
{
  const double draw = draw_of (key, s);
  double test, validation;

  shares_of (key, s, &test, &validation);
  if (draw < test)
    return ATTUNE_SPLIT_TEST;
  return draw < test + validation ? ATTUNE_SPLIT_VALIDATION : ATTUNE_SPLIT_TRAIN;
}

/* --- label by label */

typedef struct
{
  guint64 n, n_test, n_validation; /* keys of the label so far, and where they went */
} Stratum;

struct _AttuneStrata
{
  const AttuneDataValues *settings;
  GHashTable *strata;            /* label -> Stratum */
  guint32 test_from, check_from; /* days; 0: by chance */
};

AttuneStrata *
attune_strata_new (const AttuneDataValues *settings)
{
  AttuneStrata *self = g_new (AttuneStrata, 1);

  self->settings = settings;
  self->test_from = attune_date_parse (settings->test_from);
  self->check_from = attune_date_parse (settings->check_from);
  self->strata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
attune_strata_free (AttuneStrata *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->strata);
  g_free (self);
}

static Stratum *
find_stratum (AttuneStrata *self, const char *label)
{
  Stratum *stratum = g_hash_table_lookup (self->strata, label);

  if (stratum == NULL)
    g_hash_table_insert (self->strata, g_strdup (label), stratum = g_new0 (Stratum, 1));
  return stratum;
}

/* Whether the next of a stratum goes where @count of @n went so far, of which @share should: drawn,
 * unless it would be more than one off then. Half a record is rounded up, so that a label with few
 * has one in the test soon. */
static gboolean
is_due (guint64 count, guint64 n, double share, gboolean drawn)
{
  const double wanted = share * (n + 1);

  if (count + 1 <= wanted) /* behind by a whole one */
    return TRUE;
  return drawn && count < ceil (wanted - 1e-9);
}

static AttuneSplit
draw_in_stratum (Stratum *stratum, guint64 key, const AttuneDataValues *s)
{
  const double draw = draw_of (key, s), test = s->test_share, validation = s->validation_share;
  AttuneSplit split = ATTUNE_SPLIT_TRAIN;

  if (is_due (stratum->n_test, stratum->n, test, draw < test))
    split = ATTUNE_SPLIT_TEST;
  else if (is_due (stratum->n_validation, stratum->n, validation,
                   draw >= test && draw < test + validation))
    split = ATTUNE_SPLIT_VALIDATION;
  stratum->n++;
  stratum->n_test += split == ATTUNE_SPLIT_TEST;
  stratum->n_validation += split == ATTUNE_SPLIT_VALIDATION;
  return split;
}

/* Chance is only for what comes before the test: a share of that for checking, where that has no
 * date of its own. */
static AttuneSplit
split_of_day (const AttuneStrata *self, guint64 key, guint32 day)
{
  if (day == 0)
    return ATTUNE_SPLIT_EXCLUDED;
  if (day >= self->test_from)
    return ATTUNE_SPLIT_TEST;
  if (self->check_from > 0)
    return day >= self->check_from ? ATTUNE_SPLIT_VALIDATION : ATTUNE_SPLIT_TRAIN;
  return draw_of (key, self->settings) < self->settings->validation_share ? ATTUNE_SPLIT_VALIDATION
                                                                          : ATTUNE_SPLIT_TRAIN;
}

AttuneSplit
attune_strata_draw (AttuneStrata *self, guint64 key, guint32 day, const AttuneRecord *record)
{
  const AttuneDataValues *s = self->settings;

  if (attune_split_is_by_time (s))
    return split_of_day (self, key, day);
  if (!s->stratify || s->folds >= 2 || *record->fields[ATTUNE_FIELD_GROUP] != '\0')
    return split_of_key (key, s);
  return draw_in_stratum (find_stratum (self, record->fields[ATTUNE_FIELD_LABEL]), key, s);
}

/* --- what goes together */

static gboolean
is_given (const char *text)
{
  return text != NULL && *text != '\0';
}

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error_literal (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS, why);
  return FALSE;
}

static gboolean
check_date (const char *text, GError **error)
{
  if (!is_given (text) || attune_date_parse (text) != 0)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "“%s” is not a date, or could be two. Write it as 2026-01-31.", text);
  return FALSE;
}

gboolean
attune_split_is_by_time (const AttuneDataValues *s)
{
  return is_given (s->test_from);
}

void
attune_split_report (const AttuneDataValues *s, JsonObject *report)
{
  const gboolean by_time = attune_split_is_by_time (s), folded = s->folds >= 2;
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  const AttuneDataValues *usual = attune_data_settings_get_values (settings);
  JsonArray *unused = json_array_new ();

  if (by_time)
    {
      g_autofree char *day = attune_date_to_text (attune_date_parse (s->test_from));

      json_object_set_string_member (report, "test_from", day);
    }
  if ((by_time || folded) && s->test_share != usual->test_share)
    json_array_add_string_element (unused, "test-share");
  if (is_given (s->check_from) && s->validation_share != usual->validation_share)
    json_array_add_string_element (unused, "validation-share");
  if (s->stratify && (by_time || folded))
    json_array_add_string_element (unused, "stratify");
  json_object_set_array_member (report, "unused", unused);
}

gboolean
attune_split_check (const AttuneDataValues *s, GError **error)
{
  if (s->folds >= 2 && s->fold > s->folds)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "Fold %d cannot be the final test: there are only %d folds. Choose one from 1 "
                   "to %d, or more folds.",
                   s->fold, s->folds, s->folds);
      return FALSE;
    }
  if (!check_date (s->test_from, error) || !check_date (s->check_from, error))
    return FALSE;
  if (is_given (s->check_from) && !is_given (s->test_from))
    return refuse (error, "Checking is from a date on, but the final test is not: say from which "
                          "date on it is, too.");
  if (is_given (s->check_from)
      && attune_date_parse (s->check_from) >= attune_date_parse (s->test_from))
    return refuse (error, "Checking has to begin before the final test does.");
  if (is_given (s->test_from) && s->folds >= 2)
    return refuse (error, "Folds are drawn by chance, and the final test is to be from a date on: "
                          "choose one of the two.");
  return TRUE;
}
