/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/random.h"
#include "gradient-check.h"
#include "nn/linear.h"

#define T 5
#define K 37 /* odd: no SIMD width divides it */
#define N 29
#define R 3

static float x[T * K], y[T * N], weights[N * K], bias[N], r[T * N], dx[T * K], a[R * K], b[N * R],
    da[R * K], db[N * R];
static char scratch[1 << 16] __attribute__ ((aligned (64)));

static AttuneTensor tx = { x, 2, { T, K } }, ty = { y, 2, { T, N } }, tr = { r, 2, { T, N } },
                    tdx = { dx, 2, { T, K } };
static AttuneLinear linear = { .name = "test",
                               .weight = { weights, 2, { N, K } },
                               .bias = { bias, 1, { N } },
                               .n_adapters = 1,
                               .adapters = { { .a = { a, 2, { R, K } },
                                               .b = { b, 2, { N, R } },
                                               .da = { da, 2, { R, K } },
                                               .db = { db, 2, { N, R } },
                                               .rank = R,
                                               .scale = 2 } } };
static AttuneArena arena = { scratch, sizeof scratch };
static AttuneContext context = { .arena = &arena, .training = TRUE, .seed = 1, .step = 9 };

static void
draw (float *values, int n, guint64 which)
{
  AttuneRandom random;

  attune_random_init (&random, 7, ATTUNE_RANDOM_TEST, which);
  for (int i = 0; i < n; i++)
    values[i] = attune_random_normal (&random);
}

static void
draw_all (float dropout)
{
  float *arrays[] = { x, weights, bias, r, a, b };
  const int lengths[] = { T * K, N * K, N, T * N, R * K, N * R };

  for (guint i = 0; i < G_N_ELEMENTS (arrays); i++)
    draw (arrays[i], lengths[i], i);
  linear.adapters[0].dropout = dropout;
}

static void
test_forward (void)
{
  draw_all (0);
  attune_linear_forward (&linear, &context, &ty, &tx, 0);
  for (int t = 0; t < T; t++)
    for (int n = 0; n < N; n++)
      {
        double sum = bias[n];

        for (int k = 0; k < K; k++)
          sum += (double) x[t * K + k] * weights[n * K + k];
        for (int q = 0; q < R; q++)
          {
            double inner = 0;

            for (int k = 0; k < K; k++)
              inner += (double) x[t * K + k] * a[q * K + k];
            sum += 2 * inner * b[n * R + q];
          }
        g_assert_cmpfloat_with_epsilon (y[t * N + n], sum, 1e-4); /* seen: 2e-5 */
      }
  g_assert_cmpuint (arena.used, ==, 0);
}

static void
test_base_only (void)
{
  float with[T * N];

  draw_all (0);
  attune_linear_forward (&linear, &context, &ty, &tx, 0);
  memcpy (with, y, sizeof y);
  context.base_only = TRUE;
  attune_linear_forward (&linear, &context, &ty, &tx, 0);
  context.base_only = FALSE;
  g_assert_cmpint (memcmp (with, y, sizeof y), !=, 0);
  linear.n_adapters = 0;
  attune_linear_forward (&linear, &context, &tr, &tx, 0);
  linear.n_adapters = 1;
  g_assert_cmpmem (y, sizeof y, r, sizeof r);
}

/* Loss = Σ r·y with random r: a plain Σ y cannot see errors that cancel in the sum. */
static double
loss (gpointer data)
{
  double sum = 0;

  attune_linear_forward (&linear, &context, &ty, &tx, 0);
  for (int i = 0; i < T * N; i++)
    sum += (double) r[i] * y[i];
  return sum;
}

static void
test_gradient (gconstpointer dropout)
{
  draw_all (GPOINTER_TO_INT (dropout) / 100.0f);
  for (int i = 0; i < R * K; i++)
    da[i] = 1; /* 1: must add, not overwrite */
  for (int i = 0; i < N * R; i++)
    db[i] = 1;
  attune_linear_backward (&linear, &context, &tdx, 0, &tr, &tx);
  for (int i = 0; i < R * K; i++)
    da[i] -= 1;
  for (int i = 0; i < N * R; i++)
    db[i] -= 1;
  g_assert_cmpfloat (attune_gradient_check (x, dx, T * K, 1, 1e-2f, loss, NULL), <,
                     2e-3); /* seen: 2e-4 */
  g_assert_cmpfloat (attune_gradient_check (a, da, R * K, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (b, db, N * R, 1, 1e-2f, loss, NULL), <, 2e-3);
}

/* The norm counts as constant, and is: only attune_decoder_update_norms() changes it. */
static void
test_dora_gradient (gconstpointer dropout)
{
  static float magnitude[N], d_magnitude[N], inverse[N];
  AttuneLora *lora = &linear.adapters[0];

  draw_all (GPOINTER_TO_INT (dropout) / 100.0f);
  draw (magnitude, N, 8);
  draw (inverse, N, 9);
  for (int i = 0; i < N; i++)
    d_magnitude[i] = 1;
  memset (da, 0, sizeof da);
  memset (db, 0, sizeof db);
  lora->magnitude = (AttuneTensor) { magnitude, 2, { 1, N } };
  lora->d_magnitude = (AttuneTensor) { d_magnitude, 2, { 1, N } };
  lora->inverse_norm = (AttuneTensor) { inverse, 1, { N } };
  attune_linear_backward (&linear, &context, &tdx, 0, &tr, &tx);
  for (int i = 0; i < N; i++)
    d_magnitude[i] -= 1;
  g_assert_cmpuint (arena.used, ==, 0);
  g_assert_cmpfloat (attune_gradient_check (x, dx, T * K, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (a, da, R * K, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (b, db, N * R, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (magnitude, d_magnitude, N, 1, 1e-2f, loss, NULL), <,
                     2e-3);
  lora->magnitude.data = lora->d_magnitude.data = lora->inverse_norm.data = NULL;
}

/* Also added to a residual, and with dx added to. */
static void
test_ia3_gradient (void)
{
  static float in[K], d_in[K], out[N], d_out[N], before[T * K];

  draw_all (0);
  draw (in, K, 8);
  draw (out, N, 9);
  draw (dx, T * K, 10);
  memcpy (before, dx, sizeof dx);
  memset (d_in, 0, sizeof d_in);
  memset (d_out, 0, sizeof d_out);
  linear.n_adapters = 0;
  linear.in_scale = (AttuneTensor) { in, 2, { 1, K } };
  linear.d_in_scale = (AttuneTensor) { d_in, 2, { 1, K } };
  linear.out_scale = (AttuneTensor) { out, 2, { 1, N } };
  linear.d_out_scale = (AttuneTensor) { d_out, 2, { 1, N } };
  attune_linear_backward (&linear, &context, &tdx, 1, &tr, &tx);
  for (int i = 0; i < T * K; i++)
    dx[i] -= before[i];
  g_assert_cmpfloat (attune_gradient_check (x, dx, T * K, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (in, d_in, K, 1, 1e-2f, loss, NULL), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (out, d_out, N, 1, 1e-2f, loss, NULL), <, 2e-3);
  linear.n_adapters = 1;
  linear.in_scale.data = linear.d_in_scale.data = NULL;
  linear.out_scale.data = linear.d_out_scale.data = NULL;
}

static void
test_merge (void)
{
  static float merged[N * K];
  const AttuneTensor tm = { merged, 2, { N, K } };

  draw_all (0);
  attune_linear_merge (&linear, &context, &tm);
  for (int n = 0; n < N; n++)
    for (int k = 0; k < K; k++)
      {
        double sum = weights[n * K + k];

        for (int q = 0; q < R; q++)
          sum += 2.0 * b[n * R + q] * a[q * K + k];
        g_assert_cmpfloat_with_epsilon (merged[n * K + k], sum, 1e-5);
      }
}

int
main (int argc, char **argv)
{
  int failures;

  g_test_init (&argc, &argv, NULL);
  context.be = attune_backend_cpu_new (1);
  g_test_add_func ("/nn/linear/forward", test_forward);
  g_test_add_func ("/nn/linear/base-only", test_base_only);
  g_test_add_data_func ("/nn/linear/gradient", GINT_TO_POINTER (0), test_gradient);
  g_test_add_data_func ("/nn/linear/gradient-dropout", GINT_TO_POINTER (40), test_gradient);
  g_test_add_data_func ("/nn/linear/dora-gradient", GINT_TO_POINTER (0), test_dora_gradient);
  g_test_add_data_func ("/nn/linear/dora-gradient-dropout", GINT_TO_POINTER (40),
                        test_dora_gradient);
  g_test_add_func ("/nn/linear/ia3-gradient", test_ia3_gradient);
  g_test_add_func ("/nn/linear/merge", test_merge);
  failures = g_test_run ();
  attune_backend_free (context.be);
  return failures;
}
