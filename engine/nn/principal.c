/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Singular values by subspace iteration (Halko et al. 2011, algorithm 4.4), the small problem that
 * is left by Jacobi's rotations.
 */
#include "nn/principal.h"

#include "core/random.h"

#include <math.h>

/* Vectors beside those that are wanted, and how often they go through the weight: PEFT's
 * pissa_niter is 4 to 16. */
#define MORE 16
#define ROUNDS 8
/* Up to so many, all are taken, and one round is exact. */
#define EXACT 192
#define SWEEPS 30

/* Letters: N outputs, K inputs, L vectors. */
typedef struct
{
  AttuneBackend *be;
  gint64 n, k, l;
  AttuneTensor w;    /* (N, K) f32, in the backend's memory */
  AttuneTensor x, y; /* (L, K), (L, N): vectors are rows; in the host's, where they are turned */
} Work;

static void
work_clear (Work *self)
{
  if (self->w.data != NULL)
    self->be->release (self->be, self->w.data, attune_tensor_bytes (&self->w));
  g_free (self->x.data);
  g_free (self->y.data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Work, work_clear)

static gboolean
take_memory (Work *self, const AttuneTensor *w, GError **error)
{
  self->w = (AttuneTensor) { NULL, 2, { self->n, self->k } };
  self->w.data = self->be->alloc (self->be, attune_tensor_bytes (&self->w));
  if (self->w.data == NULL)
    return attune_backend_sync (self->be, error);
  self->x = (AttuneTensor) { g_new (float, self->l * self->k), 2, { self->l, self->k } };
  self->y = (AttuneTensor) { g_new (float, self->l * self->n), 2, { self->l, self->n } };
  self->be->decode (self->be, &self->w, w);
  return attune_backend_sync (self->be, error);
}

static double
dot (const float *x, const float *y, gint64 n)
{
  double sum = 0;

  for (gint64 i = 0; i < n; i++)
    sum += (double) x[i] * y[i];
  return sum;
}

/* Makes the rows orthogonal and of length 1 (Gram and Schmidt, twice); one that depends on those
 * before it becomes zero. */
static void
orthogonalise (const AttuneTensor *rows)
{
  const gint64 n = rows->dims[1];

  for (gint64 i = 0; i < rows->dims[0]; i++)
    {
      float *x = (float *) rows->data + i * n;
      const double before = sqrt (dot (x, x, n));
      double length;

      for (int twice = 0; twice < 2; twice++)
        for (gint64 j = 0; j < i; j++)
          {
            const float *other = (float *) rows->data + j * n;
            const double share = dot (x, other, n);

            for (gint64 m = 0; m < n; m++)
              x[m] -= share * other[m];
          }
      length = sqrt (dot (x, x, n));
      for (gint64 m = 0; m < n; m++)
        x[m] = length > 1e-6 * before ? x[m] / length : 0;
    }
}

static void
draw (const AttuneTensor *x, guint64 seed, guint64 index)
{
  AttuneRandom random;

  attune_random_init (&random, seed, ATTUNE_RANDOM_INIT, index);
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) x->data)[i] = attune_random_normal (&random);
}

/* Eigenvalues of the symmetric @g (L, L), which is left diagonal, and vectors (columns of @v), by
 * cyclic rotations (Jacobi 1846; Golub & Van Loan, 8.5). */
static void
diagonalise (double *g, double *v, gint64 n)
{
  for (gint64 i = 0; i < n * n; i++)
    v[i] = i % (n + 1) == 0;
  for (int sweep = 0; sweep < SWEEPS; sweep++)
    for (gint64 p = 0; p < n; p++)
      for (gint64 q = p + 1; q < n; q++)
        {
          const double off = g[p * n + q];
          double theta, t, c, s;

          if (fabs (off) <= 1e-15 * sqrt (fabs (g[p * n + p] * g[q * n + q])))
            continue;
          theta = (g[q * n + q] - g[p * n + p]) / (2 * off);
          t = (theta >= 0 ? 1 : -1) / (fabs (theta) + sqrt (theta * theta + 1));
          c = 1 / sqrt (t * t + 1);
          s = t * c;
          for (gint64 i = 0; i < n; i++)
            {
              const double a = g[i * n + p], b = g[i * n + q];

              g[i * n + p] = c * a - s * b;
              g[i * n + q] = s * a + c * b;
            }
          for (gint64 i = 0; i < n; i++)
            {
              const double a = g[p * n + i], b = g[q * n + i];

              g[p * n + i] = c * a - s * b;
              g[q * n + i] = s * a + c * b;
            }
          for (gint64 i = 0; i < n; i++)
            {
              const double a = v[i * n + p], b = v[i * n + q];

              v[i * n + p] = c * a - s * b;
              v[i * n + q] = s * a + c * b;
            }
        }
}

/* The number of the largest left; it is taken. */
static gint64
take_largest (double *g, gint64 n, double *value)
{
  gint64 at = 0;

  for (gint64 i = 1; i < n; i++)
    if (g[i * n + i] > g[at * n + at])
      at = i;
  *value = MAX (0, g[at * n + at]);
  g[at * n + at] = -1;
  return at;
}

/* With y's rows an orthonormal base of what w gives, and x = y · w: w ≈ yᵀ · x, and the singular
 * vectors are those of x, turned. */
static void
write_parts (const Work *self, const AttuneTensor *a, const AttuneTensor *b, float scale)
{
  const gint64 l = self->l, rank = a->dims[0];
  g_autofree double *g = g_new (double, l *l), *v = g_new (double, l *l);
  const float *x = self->x.data, *y = self->y.data;
  g_autofree float *out_a = g_new (float, rank * self->k), *out_b = g_new (float, self->n *rank);

  for (gint64 i = 0; i < l; i++)
    for (gint64 j = 0; j <= i; j++)
      g[i * l + j] = g[j * l + i] = dot (x + i * self->k, x + j * self->k, self->k);
  diagonalise (g, v, l);
  for (gint64 r = 0; r < rank; r++)
    {
      double square;
      const gint64 at = take_largest (g, l, &square);
      const double s = sqrt (square), share = sqrt (s / scale);

      for (gint64 j = 0; j < self->k; j++)
        {
          double sum = 0;

          for (gint64 i = 0; i < l; i++)
            sum += v[i * l + at] * x[i * self->k + j];
          out_a[r * self->k + j] = s > 0 ? sum / s * share : 0;
        }
      for (gint64 j = 0; j < self->n; j++)
        {
          double sum = 0;

          for (gint64 i = 0; i < l; i++)
            sum += v[i * l + at] * y[i * self->n + j];
          out_b[j * rank + r] = sum * share;
        }
    }
  attune_backend_upload (self->be, a->data, out_a, rank * self->k * sizeof (float));
  attune_backend_upload (self->be, b->data, out_b, self->n * rank * sizeof (float));
}

gboolean
attune_principal_parts (AttuneBackend *be, const AttuneTensor *a, const AttuneTensor *b,
                        const AttuneTensor *w, float scale, guint64 seed, guint64 index,
                        GError **error)
{
  const gint64 n = attune_tensor_rows (w), k = attune_tensor_columns (w), least = MIN (n, k),
               rank = a->dims[0];
  const int n_rounds = least <= EXACT ? 2 : ROUNDS;
  g_auto (Work) self
      = { .be = be, .n = n, .k = k, .l = least <= EXACT ? least : MIN (least, rank + MORE) };

  g_return_val_if_fail (rank <= least && scale > 0, FALSE);

  if (!take_memory (&self, w, error))
    return FALSE;
  draw (&self.x, seed, index);
  for (int round = 0; round < n_rounds; round++)
    {
      be->matmul_nt (be, &self.y, &self.x, &self.w, 1, 0); /* y = x · wᵀ */
      if (!attune_backend_sync (be, error))
        return FALSE;
      orthogonalise (&self.y);
      be->matmul_nn (be, &self.x, &self.y, &self.w, 1, 0); /* x = y · w */
      if (!attune_backend_sync (be, error))
        return FALSE;
      if (round + 1 < n_rounds)
        orthogonalise (&self.x);
    }
  write_parts (&self, a, b, scale);
  return TRUE;
}
