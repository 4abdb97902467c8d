/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How sure a score is: 95 % intervals of shares and of differences. Pure functions.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  double value, lo, hi;
} AttuneInterval;

/**
 * attune_wilson_interval:
 * @successes: 0 … @n; halves are allowed
 * @n: how many were tried
 *
 * The score interval of a share (Wilson 1927). Not Clopper and Pearson's: theirs never covers less
 * than 95 %, but mostly far more, so that it hides differences in the few dozen answers that a
 * person rates; Wilson's covers 95 % on average, stays within 0 … 1, and takes halves. With none
 * tried the value is NaN and the interval 0 … 1.
 */
AttuneInterval attune_wilson_interval (double successes, double n);

/**
 * attune_win_rate:
 * @wins: pairs in which the tuned answer was better
 * @losses: pairs in which the base answer was
 * @ties: pairs in which neither was
 *
 * A tie counts as half a win. Ties vary less than wins and losses, so that with them the interval
 * is a little wider than it needs to be, never narrower.
 */
AttuneInterval attune_win_rate (guint wins, guint losses, guint ties);

/**
 * attune_paired_difference:
 * @before: (array length=n): a score of each question
 * @after: (array length=n): of the same questions
 *
 * The mean of @after − @before with 1.96 standard errors on either side: much narrower than the
 * difference of two means, as hard questions are hard for both. With fewer than two the interval is
 * −1 … 1.
 */
AttuneInterval attune_paired_difference (const double *before, const double *after, guint n);

G_END_DECLS
