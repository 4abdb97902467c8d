/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Picks a token of a row of logits: temperature, then top-k, then top-p, each with the meaning it
 * has in transformers. Part of generate/generator.h.
 *
 * Tokens are ranked by (logit descending, id ascending). Both filters keep a front part of that
 * ranking, so each is found as its last member by quickselect, and the draw walks the ids in order:
 * nothing is ever sorted.
 */
#include "generate/generator.h"

#include <math.h>

typedef struct
{
  float logit;
  gint32 id;
} Candidate;

G_STATIC_ASSERT (sizeof (Candidate) == 8); /* the header promises 8 · V bytes */

static gboolean
is_before (Candidate a, Candidate b)
{
  return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

static void
swap (Candidate *a, Candidate *b)
{
  const Candidate keep = *a;

  *a = *b;
  *b = keep;
}

/* Median of three, so that a sorted row is no worst case. */
static Candidate
choose_pivot (const Candidate *c, int n)
{
  const Candidate a = c[0], b = c[n / 2], d = c[n - 1];

  if (is_before (a, b))
    return is_before (b, d) ? b : is_before (a, d) ? d : a;
  return is_before (a, d) ? a : is_before (b, d) ? d : b;
}

/* Brings those before @pivot, which is one of them, to the front, and @pivot behind them. Returns
 * its place. */
static int
partition (Candidate *c, int n, Candidate pivot)
{
  int place = 0, pivot_at = -1;

  for (int i = 0; i < n; i++)
    if (is_before (c[i], pivot))
      swap (&c[place++], &c[i]);
  for (int i = place; i < n && pivot_at < 0; i++)
    if (c[i].id == pivot.id)
      pivot_at = i;
  g_assert (pivot_at >= 0);
  swap (&c[place], &c[pivot_at]);
  return place;
}

/* The logit of rank @k (from 1). */
static float
select_rank (Candidate *c, int n, int k)
{
  for (;;)
    {
      const int place = partition (c, n, choose_pivot (c, n));

      if (place == k - 1)
        return c[place].logit;
      if (place > k - 1)
        n = place;
      else
        {
          c += place + 1;
          n -= place + 1;
          k -= place + 1;
        }
    }
}

static double
weight_of (float logit, float max, float temperature)
{
  return exp (((double) logit - max) / temperature);
}

/* The last member of the shortest front of the ranking that weighs at least @mass. */
static Candidate
select_mass (Candidate *c, int n, double mass, float max, float temperature)
{
  for (;;)
    {
      const int place = partition (c, n, choose_pivot (c, n));
      const Candidate pivot = c[place];
      double before = 0;

      for (int i = 0; i < place; i++)
        before += weight_of (c[i].logit, max, temperature);
      if (before >= mass && place > 0)
        {
          n = place;
          continue;
        }
      mass -= before + weight_of (pivot.logit, max, temperature);
      /* Nothing behind it is only reached when rounding ate the last bit of the mass. */
      if (mass <= 0 || place + 1 == n)
        return pivot;
      c += place + 1;
      n -= place + 1;
    }
}

/* The last token that top-p leaves, of those not behind @last. @total: the weight of these. */
static Candidate
apply_top_p (const float *logits, int n_vocab, const AttuneSampling *sampling, float max,
             Candidate last, double total, Candidate *scratch)
{
  /* Tokens below this weigh less than 1 - p all together, so the set is full before it comes to
   * them. */
  const double least = (1.0 - sampling->top_p) * total / n_vocab;
  int n = 0;

  for (int i = 0; i < n_vocab; i++)
    {
      const Candidate candidate = { logits[i], i };

      if (!is_before (last, candidate)
          && (logits[i] == max || weight_of (logits[i], max, sampling->temperature) > least))
        scratch[n++] = candidate;
    }
  return select_mass (scratch, n, sampling->top_p * total, max, sampling->temperature);
}

static double
sum_weights (const float *logits, int n_vocab, float max, float temperature, Candidate last)
{
  double total = 0;

  for (int i = 0; i < n_vocab; i++)
    if (!is_before (last, (Candidate) { logits[i], i }))
      total += weight_of (logits[i], max, temperature);
  return total;
}

/* The lowest id with the highest logit; -1 when one is NaN or none is above minus infinity. */
static gint32
find_best (const float *logits, int n_vocab)
{
  float max = -INFINITY;
  gint32 best = -1;

  for (int i = 0; i < n_vocab; i++)
    {
      if (isnan (logits[i]))
        return -1;
      if (logits[i] > max)
        {
          max = logits[i];
          best = i;
        }
    }
  return best;
}

gint32
attune_sample (const float *logits, int n_vocab, const AttuneSampling *sampling, double uniform,
               gpointer scratch)
{
  const gint32 best = find_best (logits, n_vocab);
  Candidate last = { -INFINITY, G_MAXINT32 };
  double total, rest;
  gint32 drawn = best;
  float max;

  if (best < 0 || sampling->temperature <= 0)
    return best;
  max = logits[best];
  if (isinf (max)) /* the softmax over it would be NaN */
    return -1;

  if (sampling->top_k > 0 && sampling->top_k < n_vocab)
    {
      Candidate *candidates = scratch;

      for (int i = 0; i < n_vocab; i++)
        candidates[i] = (Candidate) { logits[i], i };
      /* As in transformers, all that tie with the k-th stay. */
      last.logit = select_rank (candidates, n_vocab, sampling->top_k);
    }
  total = sum_weights (logits, n_vocab, max, sampling->temperature, last);
  if (sampling->top_p < 1)
    {
      last = apply_top_p (logits, n_vocab, sampling, max, last, total, scratch);
      total = sum_weights (logits, n_vocab, max, sampling->temperature, last);
    }

  rest = uniform * total;
  for (int i = 0; i < n_vocab; i++)
    {
      const double weight = weight_of (logits[i], max, sampling->temperature);

      if (is_before (last, (Candidate) { logits[i], i }) || weight == 0)
        continue;
      drawn = i; /* what is left when rounding lets @rest outlive the last token */
      if (rest < weight)
        break;
      rest -= weight;
    }
  return drawn;
}
