/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Adapters as one: what is kept of each value, and what the kept ones add up to.
 */
#include "nn/merge-adapters.h"

#include "core/random.h"
#include "nn/principal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
  const char *name, *text;
} methods[ATTUNE_N_MERGES] = {
  [ATTUNE_MERGE_CAT] = { "cat", "All of them side by side: exact, and as large as all together." },
  [ATTUNE_MERGE_LINEAR] = { "linear", "The sum of their halves by weight: small, for adapters that "
                                      "were learned alike." },
  [ATTUNE_MERGE_TIES] = { "ties", "Of each the largest values, and of these those that agree in "
                                  "sign (TIES)." },
  [ATTUNE_MERGE_DARE_LINEAR]
  = { "dare-linear", "Values left out by chance, the others larger for it, and their sum (DARE)." },
  [ATTUNE_MERGE_DARE_TIES]
  = { "dare-ties", "Values left out by chance, and of the others those that agree in sign." },
  [ATTUNE_MERGE_SVD]
  = { "svd", "The largest parts of their exact sum, at the rank that you choose." },
  [ATTUNE_MERGE_TIES_SVD]
  = { "ties-svd", "TIES on what they change in the weights, and its largest "
                  "parts." },
  [ATTUNE_MERGE_DARE_LINEAR_SVD]
  = { "dare-linear-svd", "DARE on what they change in the weights, and its largest parts." },
  [ATTUNE_MERGE_DARE_TIES_SVD]
  = { "dare-ties-svd", "DARE with signs on what they change in the weights, and its largest "
                       "parts." },
};

const char *
attune_merge_method_get_name (AttuneMergeMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_MERGES, NULL);
  return methods[method].name;
}

const char *
attune_merge_method_get_text (AttuneMergeMethod method)
{
  g_return_val_if_fail ((guint) method < ATTUNE_N_MERGES, NULL);
  return methods[method].text;
}

gboolean
attune_merge_method_find (const char *name, AttuneMergeMethod *method)
{
  for (int i = 0; i < ATTUNE_N_MERGES; i++)
    if (g_strcmp0 (name, methods[i].name) == 0)
      {
        *method = i;
        return TRUE;
      }
  return FALSE;
}

/* --- values of several, as one */

typedef struct
{
  gboolean by_size, by_chance, by_sign;
  double density;
  AttuneRandom *random;
} Manner;

static Manner
manner_of (AttuneMergeMethod method, double density, AttuneRandom *random)
{
  const gboolean ties = method == ATTUNE_MERGE_TIES || method == ATTUNE_MERGE_TIES_SVD,
                 dare_ties
                 = method == ATTUNE_MERGE_DARE_TIES || method == ATTUNE_MERGE_DARE_TIES_SVD;

  return (Manner) { .by_size = ties && density < 1,
                    .by_chance = attune_merge_method_leaves_out (method) && !ties && density < 1,
                    .by_sign = ties || dare_ties,
                    .density = density,
                    .random = random };
}

/* What would stand at @at if @x were sorted, the largest first (Hoare's selection). Moves values.
 */
static float
select_value (float *x, gsize n, gsize at)
{
  gssize low = 0, high = (gssize) n - 1;

  while (low < high)
    {
      const float pivot = x[low + (high - low) / 2];
      gssize i = low, j = high;

      while (i <= j)
        {
          while (x[i] > pivot)
            i++;
          while (x[j] < pivot)
            j--;
          if (i <= j)
            {
              const float swap = x[i];

              x[i++] = x[j];
              x[j--] = swap;
            }
        }
      if ((gssize) at <= j)
        high = j;
      else if ((gssize) at >= i)
        low = i;
      else
        break;
    }
  return x[at];
}

/* Makes zero what does not stay of @x; of values of one size the first stay. */
static void
leave_out (const Manner *self, float *x, gsize n)
{
  const gsize stay = self->density * n;

  if (self->by_chance)
    for (gsize i = 0; i < n; i++)
      x[i] = attune_random_uniform (self->random) < self->density ? x[i] / self->density : 0;
  if (self->by_size && stay == 0)
    memset (x, 0, n * sizeof (float));
  else if (self->by_size)
    {
      g_autofree float *sizes = g_new (float, n);
      gsize equal = stay;
      float least;

      for (gsize i = 0; i < n; i++)
        sizes[i] = fabsf (x[i]);
      least = select_value (sizes, n, stay - 1);
      for (gsize i = 0; i < n; i++)
        equal -= fabsf (x[i]) > least;
      for (gsize i = 0; i < n; i++)
        {
          if (fabsf (x[i]) == least && equal > 0)
            equal--;
          else if (fabsf (x[i]) <= least)
            x[i] = 0;
        }
    }
}

/* @values: @n vectors of @count; those are changed. */
static void
combine (const Manner *self, float *const *values, const double *weights, guint n, gsize count,
         float *out)
{
  for (guint i = 0; i < n; i++)
    leave_out (self, values[i], count);
  for (gsize j = 0; j < count; j++)
    {
      double all = 0, sum = 0;
      guint agree = 0;

      for (guint i = 0; i < n; i++)
        all += values[i][j];
      for (guint i = 0; i < n; i++)
        if (!self->by_sign || (all >= 0 ? values[i][j] > 0 : values[i][j] < 0))
          {
            sum += weights[i] * values[i][j];
            agree++;
          }
      out[j] = self->by_sign && agree > 0 ? sum / agree : sum;
    }
}

/* --- the ways */

static void
merge_cat (const AttuneMergePart *parts, guint n, const AttuneTensor *a, const AttuneTensor *b)
{
  const gint64 k = a->dims[1], rows = b->dims[0], rank = a->dims[0];
  float *out_a = a->data, *out_b = b->data;
  gint64 first = 0;

  for (guint i = 0; i < n; i++)
    {
      const gint64 r = parts[i].a.dims[0];
      const float *in_a = parts[i].a.data, *in_b = parts[i].b.data;

      for (gint64 j = 0; j < r * k; j++)
        out_a[first * k + j] = parts[i].weight * parts[i].scale * in_a[j];
      for (gint64 row = 0; row < rows; row++)
        memcpy (out_b + row * rank + first, in_b + row * r, r * sizeof (float));
      first += r;
    }
  g_assert (first <= rank);
}

static void
free_values (float **values, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (values[i]);
  g_free (values);
}

/* a of all, and b of all, by themselves: each takes the root of the weight. */
static void
merge_factors (const Manner *manner, const AttuneMergePart *parts, guint n, const AttuneTensor *out,
               gboolean of_b)
{
  const gsize count = attune_tensor_count (out);
  g_autofree double *weights = g_new (double, n);
  float **values = g_new (float *, n);

  for (guint i = 0; i < n; i++)
    {
      weights[i] = sqrt (parts[i].weight * parts[i].scale);
      values[i] = g_memdup2 (of_b ? parts[i].b.data : parts[i].a.data, count * sizeof (float));
    }
  combine (manner, values, weights, n, count, out->data);
  free_values (values, n);
}

/* Of what they change in the weight. */
static gboolean
merge_products (AttuneBackend *be, const Manner *manner, const AttuneMergePart *parts, guint n,
                guint64 index, const AttuneTensor *a, const AttuneTensor *b, GError **error)
{
  const gint64 rows = b->dims[0], k = a->dims[1];
  g_autofree double *weights = g_new (double, n);
  g_autofree float *sum = g_new (float, rows *k);
  const AttuneTensor whole = { sum, 2, { rows, k } };
  float **values = g_new (float *, n);

  for (guint i = 0; i < n; i++)
    {
      const AttuneTensor product = { values[i] = g_new (float, rows *k), 2, { rows, k } };

      weights[i] = parts[i].weight;
      be->matmul_nn (be, &product, &parts[i].b, &parts[i].a, parts[i].scale, 0);
    }
  if (attune_backend_sync (be, error))
    {
      combine (manner, values, weights, n, rows * k, sum);
      free_values (values, n);
      return attune_principal_parts (be, a, b, &whole, 1, 0, index, error);
    }
  free_values (values, n);
  return FALSE;
}

gboolean
attune_merge_adapters (AttuneBackend *be, AttuneMergeMethod method, const AttuneMergePart *parts,
                       guint n, double density, guint64 seed, guint64 index, const AttuneTensor *a,
                       const AttuneTensor *b, GError **error)
{
  AttuneRandom random;
  const Manner manner = manner_of (method, density, &random);

  g_return_val_if_fail (n > 0 && density > 0 && density <= 1, FALSE);

  attune_random_init (&random, seed, ATTUNE_RANDOM_MERGE, index);
  if (method == ATTUNE_MERGE_CAT)
    {
      merge_cat (parts, n, a, b);
      return TRUE;
    }
  if (attune_merge_method_takes_apart (method))
    return merge_products (be, &manner, parts, n, index, a, b, error);
  merge_factors (&manner, parts, n, a, FALSE);
  merge_factors (&manner, parts, n, b, TRUE);
  return TRUE;
}
