/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether a data set speaks of one group of people as of the other: the terms of one are exchanged
 * for those of the other (he and she), and what is answered is compared. For audit.c.
 */
#pragma once
#include "data/dataset.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct
{
  double value;     /* mean of the first less mean of the second */
  double low, high; /* of 95 % */
} AttuneGap;

/**
 * attune_gap_of_means:
 * @a: (array length=n_a): at least 2; @b likewise
 *
 * With Welch's standard error and the normal distribution's interval, as statsmodels' zconfint_diff
 * of unequal variances. Golden values: tests/golden/audit.json.
 */
AttuneGap attune_gap_of_means (const double *a, guint n_a, const double *b, guint n_b);
/* The same of pairs: the mean of @differences. */
AttuneGap attune_gap_of_pairs (const double *differences, guint n);

typedef struct _AttuneSwapAudit AttuneSwapAudit;

/* @path: (nullable): a text with a pair of terms on each line, “he,she”; %NULL: men and women, in
 * English or German, whichever a record is in. Errors: of reading, and %ATTUNE_DATA_ERROR_FORMAT
 * with the line that is no pair */
AttuneSwapAudit *attune_swap_audit_new (const char *path, GError **error);
void attune_swap_audit_free (AttuneSwapAudit *self);
void attune_swap_audit_add (AttuneSwapAudit *self, const AttuneRecord *record);
/* After the last. Returns: (transfer full): { first, second: the first pair of terms;
 * records_first, records_second: those with terms of one side alone; records_both; pairs: of which
 * the other stands there, too; sentiment, toxicity, paired_sentiment, paired_toxicity: { first,
 * second (means), gap, low, high }, where there are enough records for an interval } */
JsonObject *attune_swap_audit_finish (AttuneSwapAudit *self);

/* @plain (see attune_plain_words()) with all terms exchanged. Returns: (transfer full) */
char *attune_swap_audit_exchange (const AttuneSwapAudit *self, const char *plain);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSwapAudit, attune_swap_audit_free)

G_END_DECLS
