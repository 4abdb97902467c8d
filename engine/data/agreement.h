/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How far annotators agree beyond chance, and how strongly a word goes with a label. Golden values:
 * tests/golden/audit.json, of scikit-learn and statsmodels.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

/**
 * attune_cohen_kappa:
 * @a: (array length=n): classes that the first annotator gave, 0 … @n_classes - 1
 * @b: (array length=n): those of the second one
 *
 * κ = (p₀ - pₑ) / (1 - pₑ) (Cohen 1960). Returns: at most 1; NaN where both gave one class only, or
 * @n is 0
 */
double attune_cohen_kappa (const guint *a, const guint *b, guint n, guint n_classes);

/**
 * attune_fleiss_kappa:
 * @counts: (n, n_classes): how many annotators gave a record each class; as many for each record, 2
 *   at least
 *
 * (Fleiss 1971.) Returns: at most 1; NaN where there was one class only, or @n is 0
 */
double attune_fleiss_kappa (const guint *counts, guint n, guint n_classes);

typedef struct
{
  double value;     /* natural logarithm of the odds ratio */
  double low, high; /* of 95 % */
} AttuneLogOdds;

/**
 * attune_log_odds:
 * @with, @without: records of the label with and without the word
 * @other_with, @other_without: the same of all other records
 *
 * With Woolf's interval; where one count is 0, a half is added to all (Haldane and Anscombe).
 */
AttuneLogOdds attune_log_odds (guint64 with, guint64 without, guint64 other_with,
                               guint64 other_without);

/* Of annotators whose labels are columns of one table. */
typedef struct
{
  guint n_records; /* that all have labelled */
  guint n_missing; /* that one has not, or that cannot be read */
  guint n_classes;
  double agreed; /* share of records with one label */
  double kappa;  /* Cohen's for two, Fleiss' for more; NaN: see above */
} AttuneAgreement;

/* More annotators than there are fields of a record are not read. */
#define ATTUNE_MAX_ANNOTATORS ATTUNE_N_FIELDS

/**
 * attune_agreement_read:
 * @columns: names of 2 … %ATTUNE_MAX_ANNOTATORS columns of the table
 *
 * Case and white space around a label do not count. Blocks. Errors: as attune_source_read(), and
 * %ATTUNE_DATA_ERROR_COLUMNS where they are too few or many or hold no labels, _EMPTY where no
 * record has all labels.
 */
gboolean attune_agreement_read (const char *path, const char *const *columns, AttuneAgreement *out,
                                GError **error);

G_END_DECLS
