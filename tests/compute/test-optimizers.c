/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizers beside AdamW: every level against the plain loops, and a hundred steps of each as
 * PyTorch takes them.
 */
#include "harness.h"

#include <json-glib/json-glib.h>

static const char *const names[ATTUNE_N_OPTIMIZERS]
    = { "adamw", "adam", "lion", "sgd", "adafactor", "adagrad", "rmsprop", "adadelta", "" };

static void
test_update (Bench *b)
{
  static const gint64 counts[] = { 1, 37, 20011 };

  for (int kind = ATTUNE_OPTIMIZER_ADAM; kind < ATTUNE_OPTIMIZER_ADAMW_8BIT; kind++)
    for (gsize i = 0; kind != ATTUNE_OPTIMIZER_ADAFACTOR && i < G_N_ELEMENTS (counts); i++)
      {
        const gint64 n = counts[i];
        const gboolean two = kind == ATTUNE_OPTIMIZER_ADAM || kind == ATTUNE_OPTIMIZER_ADADELTA;
        AttuneTensor w = bench_random (b, 1, n, -1, 1), a1 = bench_filled (b, 1, n, 0),
                     b1 = bench_filled (b, 1, n, 0);
        AttuneTensor expected = bench_copy (b, &w), a2 = bench_copy (b, &a1),
                     b2 = bench_copy (b, &b1);

        for (gint64 step = 1; step <= 3; step++)
          {
            const AttuneTensor g = bench_random (b, 1, n, -1, 1);
            const AttuneAdamW settings = { .learning_rate = 1e-2,
                                           .beta1 = 0.9,
                                           .beta2 = 0.99,
                                           .eps = 1e-6,
                                           .weight_decay = 0.1,
                                           .gradient_scale = 0.5,
                                           .step = step };

            b->be->update (b->be, &w, &a1, two ? &b1 : NULL, &g, kind, &settings);
            b->ref->update (b->ref, &expected, &a2, two ? &b2 : NULL, &g, kind, &settings);
          }
        assert_close (&w, &expected, 2e-6);
        assert_close (&a1, &a2, 2e-6);
        assert_close (&b1, &b2, 2e-6);
      }
}

static void
test_adafactor (Bench *b)
{
  static const gint64 shapes[][2] = { { 1, 1 }, { 1, 37 }, { 37, 1 }, { 5, 67 }, { 130, 33 } };

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      const gint64 rows = shapes[i][0], columns = shapes[i][1];
      double sums[130];
      AttuneTensor w = bench_random (b, rows, columns, -1, 1),
                   state = bench_filled (b, 1, rows > 1 ? rows + columns : columns, 0);
      AttuneTensor expected = bench_copy (b, &w), other = bench_copy (b, &state);

      for (gint64 step = 1; step <= 3; step++)
        {
          const AttuneTensor g = bench_random (b, rows, columns, -1, 1);
          const AttuneAdamW settings
              = { .learning_rate = 1e-2, .weight_decay = 0.1, .gradient_scale = 0.5, .step = step };

          b->be->adafactor (b->be, &w, &state, &g, sums, &settings);
          b->ref->adafactor (b->ref, &expected, &other, &g, sums, &settings);
        }
      assert_close (&w, &expected, 2e-6);
      assert_close (&state, &other, 2e-6);
    }
}

static JsonObject *
open_golden (JsonParser *parser)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "optimizers.json", NULL);
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_node_get_object (json_parser_get_root (parser));
}

static AttuneOptimizer
find_kind (const char *name)
{
  int kind = 0;

  while (!g_str_equal (names[kind], name))
    g_assert_cmpint (++kind, <, ATTUNE_N_OPTIMIZERS);
  return kind;
}

/* One of the stored runs. Returns: how far the worst value is from PyTorch's. */
static double
repeat_run (Bench *b, JsonObject *run, int n_steps)
{
  const AttuneOptimizer kind = find_kind (json_object_get_string_member (run, "optimizer"));
  const int rows = json_object_get_int_member (run, "rows"),
            columns = json_object_get_int_member (run, "columns"), n = rows * columns;
  JsonArray *states = json_object_get_array_member (run, "states");
  const AttuneTensor w = bench_filled (b, rows, columns, 0), g = bench_filled (b, rows, columns, 0),
                     first = bench_filled (b, 1, MAX (n, rows + columns), 0),
                     second = bench_filled (b, 1, n, 0);
  float *p = w.data, *grads = g.data;
  double sums[8], worst = 0;
  guint at = 0;

  for (int i = 0; i < n; i++)
    p[i] = sin (0.3 * i);
  for (int step = 1; step <= n_steps; step++)
    {
      const AttuneAdamW settings
          = { .learning_rate = json_object_get_double_member (run, "lr"),
              .beta1 = json_object_get_double_member (run, "beta1"),
              .beta2 = json_object_get_double_member (run, "beta2"),
              .eps = json_object_get_double_member (run, "eps"),
              .weight_decay = json_object_get_double_member (run, "weight_decay"),
              .gradient_scale = 1,
              .step = step };
      JsonObject *state = json_array_get_object_element (states, at);

      for (int i = 0; i < n; i++)
        grads[i] = 0.3 * p[i] + (step % 5 == 0 ? 0.42 : 0.02) * sin (0.9 * i + 0.05 * step * step);
      if (kind == ATTUNE_OPTIMIZER_ADAFACTOR)
        b->be->adafactor (b->be, &w, &first, &g, sums, &settings);
      else
        b->be->update (b->be, &w, &first, &second, &g, kind, &settings);
      if (json_object_get_int_member (state, "step") != step)
        continue;
      at++;
      for (int i = 0; i < n; i++)
        worst = MAX (worst, fabs (p[i]
                                  - json_array_get_double_element (
                                      json_object_get_array_member (state, "p"), i)));
    }
  g_assert_cmpuint (at, ==, json_array_get_length (states));
  return worst;
}

static void
test_golden (Bench *b)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonObject *golden = open_golden (parser);
  JsonArray *runs = json_object_get_array_member (golden, "runs");
  const int n_steps = json_object_get_int_member (golden, "steps");

  g_assert_cmpint (n_steps, ==, 100);
  /* all but both AdamW, which have their own; Adafactor twice */
  g_assert_cmpuint (json_array_get_length (runs), ==, ATTUNE_N_OPTIMIZERS - 1);
  for (guint i = 0; i < json_array_get_length (runs); i++)
    {
      JsonObject *run = json_array_get_object_element (runs, i);
      const double worst = repeat_run (b, run, n_steps);

      g_test_message ("%s: %.2g", json_object_get_string_member (run, "optimizer"), worst);
      g_assert_cmpfloat (worst, <, 1e-5);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("update", test_update);
  bench_add ("adafactor", test_adafactor);
  bench_add ("optimizers-golden", test_golden);
  return g_test_run ();
}
