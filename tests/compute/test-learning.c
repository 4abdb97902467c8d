/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The loss and the optimizer of every level against the reference, and the gradients of gates, norm
 * and loss against central differences.
 */
#include "compute/harness.h"
#include "gradient-check.h"

#include <json-glib/json-glib.h>

#define N_ROWS 5

static void
test_cross_entropy (Bench *b)
{
  static const gint64 columns[] = { 1, 37, 4099 };
  static const double ranges[] = { 1e-3, 10.0, 200.0 };

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    for (gsize r = 0; r < G_N_ELEMENTS (ranges); r++)
      for (int backward = 0; backward <= 1; backward++)
        {
          AttuneTensor found = bench_random (b, N_ROWS, columns[i], -ranges[r], ranges[r]),
                       expected = bench_copy (b, &found), before = bench_copy (b, &found);
          const AttuneCrossEntropy settings
              = { .scale = backward ? 0.25f : 0.0f, .cap = r == 1 ? 12.0f : 0.0f };
          gint32 targets[N_ROWS];
          double losses[N_ROWS], expected_losses[N_ROWS];

          for (int row = 0; row < N_ROWS; row++)
            targets[row] = g_rand_int_range (b->rand, 0, columns[i]);
          b->be->cross_entropy (b->be, losses, &found, targets, &settings);
          b->ref->cross_entropy (b->ref, expected_losses, &expected, targets, &settings);
          for (int row = 0; row < N_ROWS; row++) /* measured: 9e-8 */
            g_assert_cmpfloat_with_epsilon (losses[row], expected_losses[row],
                                            1e-6 * MAX (1.0, expected_losses[row]));
          assert_near (&found, &expected, 1e-6, 0.25); /* measured: 8e-8 */
          if (!backward)
            assert_same_bits (&found, &before);
        }
}

static void
test_cross_entropy_extremes (Bench *b)
{
  AttuneTensor logits = bench_random (b, 3, 67, -1, 1);
  float *x = logits.data;
  const gint32 targets[3] = { 5, 6, 7 };
  double losses[3];

  x[1] = NAN;
  x[67 + 3] = 3e38f;
  x[67 + 4] = -3e38f;
  x[2 * 67 + 1] = -INFINITY; /* a forbidden token */
  b->be->cross_entropy (b->be, losses, &logits, targets, &(AttuneCrossEntropy) { .scale = 1 });
  g_assert_true (isnan (losses[0]) && isnan (x[60]));
  g_assert_cmpfloat (losses[1], >, 1e38);
  g_assert_cmpfloat_with_epsilon (x[67 + 3], 1.0, 1e-6);
  g_assert_true (isfinite (losses[2]));
  g_assert_true (x[2 * 67 + 1] == 0.0f);
}

static void
test_sum_squares (Bench *b)
{
  AttuneTensor x = bench_random (b, 1, 40001, -1, 1), huge = bench_random (b, 1, 37, 1e30, 2e30);

  g_assert_cmpfloat_with_epsilon (b->be->sum_squares (b->be, &x) / b->ref->sum_squares (b->ref, &x),
                                  1.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (
      b->be->sum_squares (b->be, &huge) / b->ref->sum_squares (b->ref, &huge), 1.0, 1e-12);
  ((float *) x.data)[777] = INFINITY;
  g_assert_true (isinf (b->be->sum_squares (b->be, &x)));
}

static void
test_adamw (Bench *b)
{
  static const gint64 counts[] = { 1, 37, 20011 };

  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      const gint64 n = counts[i];
      AttuneTensor w = bench_random (b, 1, n, -1, 1), m = bench_filled (b, 1, n, 0),
                   v = bench_filled (b, 1, n, 0);
      AttuneTensor expected_w = bench_copy (b, &w), expected_m = bench_copy (b, &m),
                   expected_v = bench_copy (b, &v);

      for (gint64 step = 1; step <= 3; step++)
        {
          const AttuneTensor g = bench_random (b, 1, n, -1e-3, 1e-3);
          const AttuneAdamW settings = { .learning_rate = 1e-2,
                                         .beta1 = 0.9,
                                         .beta2 = 0.999,
                                         .eps = 1e-8,
                                         .weight_decay = 0.1,
                                         .gradient_scale = 0.5,
                                         .step = step };

          b->be->update (b->be, &w, &m, &v, &g, ATTUNE_OPTIMIZER_ADAMW, &settings);
          b->ref->update (b->ref, &expected_w, &expected_m, &expected_v, &g, ATTUNE_OPTIMIZER_ADAMW,
                          &settings);
        }
      assert_close (&w, &expected_w, 1e-6); /* measured: 2e-7 */
      assert_close (&m, &expected_m, 1e-6);
      assert_close (&v, &expected_v, 1e-6);
    }
}

static double
get_number (JsonObject *object, const char *name, int index)
{
  return json_array_get_double_element (json_object_get_array_member (object, name), index);
}

/* @n values that must be @expected's member @name; @size: what they are made of. */
static void
assert_member (const float *found, JsonObject *expected, const char *name, int n, double size)
{
  for (int i = 0; i < n; i++)
    {
      const double difference = fabs (found[i] - get_number (expected, name, i));

      if (difference > 2e-6 * size) /* measured: 5e-7, as PyTorch's own f32 is from its f64 */
        g_error ("%s[%d] is %g, not %g", name, i, found[i], get_number (expected, name, i));
    }
}

/* A hundred steps as PyTorch takes them, with its schedule and clipping. */
static void
test_adamw_golden (Bench *b)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "adamw.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *golden, *state;
  JsonArray *states;
  int n, at = 0;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  states = json_object_get_array_member (golden, "states");
  n = json_object_get_int_member (golden, "n");
  {
    AttuneTensor w = bench_filled (b, 1, n, 0), m = bench_filled (b, 1, n, 0),
                 v = bench_filled (b, 1, n, 0), g = bench_filled (b, 1, n, 0);
    float *p = w.data;

    for (int i = 0; i < n; i++)
      p[i] = sin (0.3 * i);
    for (int step = 1; step <= json_object_get_int_member (golden, "steps"); step++)
      {
        AttuneAdamW settings
            = { .learning_rate = get_number (golden, "rates", step - 1),
                .beta1 = get_number (golden, "betas", 0),
                .beta2 = get_number (golden, "betas", 1),
                .eps = json_object_get_double_member (golden, "eps"),
                .weight_decay = json_object_get_double_member (golden, "weight_decay"),
                .step = step };
        double norm;

        for (int i = 0; i < n; i++)
          ((float *) g.data)[i]
              = 0.3 * p[i] + (step % 5 == 0 ? 0.42 : 0.02) * sin (0.9 * i + 0.05 * step * step);
        norm = sqrt (b->be->sum_squares (b->be, &g));
        g_assert_cmpfloat_with_epsilon (norm, get_number (golden, "norms", step - 1), 2e-6);
        settings.gradient_scale
            = MIN (1.0, json_object_get_double_member (golden, "max_norm") / (norm + 1e-6));
        b->be->update (b->be, &w, &m, &v, &g, ATTUNE_OPTIMIZER_ADAMW, &settings);
        if (at == json_array_get_length (states))
          continue;
        state = json_array_get_object_element (states, at);
        if (json_object_get_int_member (state, "step") != step)
          continue;
        at++;
        assert_member (w.data, state, "p", n, 1.0);
        assert_member (m.data, state, "m", n, 0.5);
        assert_member (v.data, state, "v", n, 0.1);
      }
    g_assert_cmpint (at, ==, json_array_get_length (states));
  }
}

/* One step by hand, after PyTorch's documentation: the reference itself must be right. */
static void
test_adamw_by_hand (Bench *b)
{
  float w = 1.0f, m = 0.0f, v = 0.0f, g = 0.5f;
  const AttuneTensor tw = { &w, 1, { 1 } }, tm = { &m, 1, { 1 } }, tv = { &v, 1, { 1 } },
                     tg = { &g, 1, { 1 } };
  const AttuneAdamW settings = { 0.1, 0.9, 0.999, 1e-8, 0.01, 1.0, 1 };

  b->be->update (b->be, &tw, &tm, &tv, &tg, ATTUNE_OPTIMIZER_ADAMW, &settings);
  /* 1 · (1 - 0.1 · 0.01) - 0.1 · 0.5 / √0.25: bias correction cancels in the first step. */
  g_assert_cmpfloat_with_epsilon (w, 0.999 - 0.1, 1e-6);
  g_assert_cmpfloat_with_epsilon (m, 0.05, 1e-7);
  g_assert_cmpfloat_with_epsilon (v, 0.00025, 1e-9);
}

typedef struct
{
  Bench *b;
  AttuneGate kind;
  AttuneTensor x, w, y, rstd, r;
  gint32 targets[N_ROWS];
} Loss;

static double
weighted_sum (const AttuneTensor *y, const AttuneTensor *r)
{
  double sum = 0.0;

  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    sum += (double) ((float *) y->data)[i] * ((float *) r->data)[i];
  return sum;
}

static double
gate_loss (gpointer data)
{
  const Loss *l = data;

  l->b->be->gated_forward (l->b->be, &l->y, &l->x, &l->w, l->kind);
  return weighted_sum (&l->y, &l->r);
}

static double
norm_loss (gpointer data)
{
  const Loss *l = data;

  l->b->be->rms_norm_forward (l->b->be, &l->y, &l->rstd, &l->x, &l->w, 1e-5f);
  return weighted_sum (&l->y, &l->r);
}

static double
layer_norm_loss (gpointer data)
{
  const Loss *l = data;

  l->b->be->layer_norm_forward (l->b->be, &l->y, &l->rstd, &l->x, &l->w, NULL, 1e-5f);
  return weighted_sum (&l->y, &l->r);
}

static double
entropy_loss (gpointer data)
{
  Loss *l = data;
  double losses[N_ROWS], sum = 0.0;

  l->b->be->cross_entropy (l->b->be, losses, &l->x, l->targets, &(AttuneCrossEntropy) { 0 });
  for (int row = 0; row < N_ROWS; row++)
    sum += losses[row];
  return sum;
}

static void
test_gradients (Bench *b)
{
  Loss l = { .b = b,
             .x = bench_random (b, N_ROWS, 37, -2, 2),
             .w = bench_random (b, N_ROWS, 37, -2, 2),
             .y = bench_filled (b, N_ROWS, 37, 0),
             .rstd = bench_filled (b, 1, N_ROWS, 0),
             .r = bench_random (b, N_ROWS, 37, -1, 1),
             .targets = { 3, 36, 0, 9, 9 } };
  AttuneTensor dx = bench_filled (b, N_ROWS, 37, 0), dw = bench_filled (b, N_ROWS, 37, 0),
               gain = l.w;
  double losses[N_ROWS];

  for (l.kind = ATTUNE_GATE_SILU; l.kind <= ATTUNE_GATE_SIGMOID; l.kind++)
    {
      b->be->gated_backward (b->be, &dx, &dw, &l.r, &l.x, &l.w, l.kind);
      g_assert_cmpfloat (
          attune_gradient_check (l.x.data, dx.data, 37 * N_ROWS, 1, 1e-2f, gate_loss, &l), <, 2e-3);
      g_assert_cmpfloat (
          attune_gradient_check (l.w.data, dw.data, 37 * N_ROWS, 1, 1e-2f, gate_loss, &l), <, 2e-3);
    }

  norm_loss (&l);
  gain.dims[0] = 1;
  for (int i = 0; i < 37 * N_ROWS; i++)
    ((float *) dx.data)[i] = ((float *) dw.data)[i] = 0.0f;
  b->be->rms_norm_backward (b->be, &dx, &dw, &l.r, &l.x, &gain, &l.rstd);
  g_assert_cmpfloat (
      attune_gradient_check (l.x.data, dx.data, 37 * N_ROWS, 1, 1e-2f, norm_loss, &l), <, 2e-3);
  g_assert_cmpfloat (attune_gradient_check (l.w.data, dw.data, 37, 1, 1e-2f, norm_loss, &l), <,
                     2e-3);

  layer_norm_loss (&l);
  b->be->zero (b->be, &dx);
  b->be->layer_norm_backward (b->be, &dx, NULL, &l.r, &l.x, &gain, &l.rstd);
  g_assert_cmpfloat (
      attune_gradient_check (l.x.data, dx.data, 37 * N_ROWS, 1, 1e-2f, layer_norm_loss, &l), <,
      2e-3);

  b->be->copy (b->be, &dx, &l.x);
  b->be->cross_entropy (b->be, losses, &dx, l.targets, &(AttuneCrossEntropy) { .scale = 1 });
  g_assert_cmpfloat (
      attune_gradient_check (l.x.data, dx.data, 37 * N_ROWS, 1, 1e-2f, entropy_loss, &l), <, 2e-3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("cross-entropy", test_cross_entropy);
  bench_add ("cross-entropy-extremes", test_cross_entropy_extremes);
  bench_add ("sum-squares", test_sum_squares);
  bench_add ("adamw", test_adamw);
  bench_add ("adamw-golden", test_adamw_golden);
  bench_add ("adamw-by-hand", test_adamw_by_hand);
  bench_add_up_to ("gradients", test_gradients, 4);
  return g_test_run ();
}
