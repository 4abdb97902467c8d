/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * AdamW with moments in 8 bits: every level against the reference, and 100 steps against values
 * stored by tests/peers/make_adamw_8bit.py.
 */
#include "compute/dynamic.h"
#include "compute/harness.h"

#include <json-glib/json-glib.h>

/* One step from the same state: bytes are the same but where a last bit decides. */
static void
test_step (Bench *b)
{
  static const gint64 sizes[] = { 1, 37, 256, 700 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const gint64 n = sizes[i], blocks = (n + ATTUNE_MOMENTS_BLOCK - 1) / ATTUNE_MOMENTS_BLOCK;
      const gsize bytes = blocks * sizeof (AttuneMoments8);
      AttuneTensor w = bench_random (b, 1, n, -1, 1), expected = bench_copy (b, &w);
      AttuneMoments8 *moments = memset (bench_block (b, bytes), 0, bytes),
                     *theirs = memset (bench_block (b, bytes), 0, bytes);
      AttuneAdamW step = { .learning_rate = 1e-2,
                           .beta1 = 0.9,
                           .beta2 = 0.999,
                           .eps = 1e-8,
                           .weight_decay = 0.1,
                           .gradient_scale = 0.5 };

      for (step.step = 1; step.step <= 3; step.step++)
        {
          AttuneTensor g = bench_random (b, 1, n, -1, 1);
          int different = 0;

          b->be->adamw_8bit (b->be, &w, moments, &g, &step);
          b->ref->adamw_8bit (b->ref, &expected, theirs, &g, &step);
          assert_near (&w, &expected, 2e-6, 1); /* seen: 3e-7 */
          for (gsize j = 0; j < bytes; j++)
            different += ((guint8 *) moments)[j] != ((guint8 *) theirs)[j];
          g_assert_cmpint (different, <=, 8 * blocks + n / 50);
          memcpy (theirs, moments, bytes);
          memcpy (expected.data, w.data, n * sizeof (float));
        }
    }
}

/* Every entry, every midpoint, and what lies beside it. */
static void
test_nearest (void)
{
  const float *tables[] = { attune_dynamic_table, attune_dynamic_unsigned_table };

  for (int t = 0; t < 2; t++)
    for (int i = 0; i < 255; i++)
      {
        const float middle = (tables[t][i] + tables[t][i + 1]) / 2.0f;

        g_assert_cmpfloat (tables[t][i], <, tables[t][i + 1]);
        g_assert_cmpint (attune_dynamic_nearest (tables[t], tables[t][i]), ==, i);
        g_assert_cmpint (attune_dynamic_nearest (tables[t], middle), ==, i);
        g_assert_cmpint (attune_dynamic_nearest (tables[t], nextafterf (middle, 2)), ==, i + 1);
      }
}

static void
test_golden (Bench *b)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "adamw-8bit.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *golden;
  JsonArray *states;
  AttuneMoments8 moments[2] = { 0 };
  AttuneAdamW step = { .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .gradient_scale = 1, .step = 1 };
  AttuneTensor w, g;
  gint64 n;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (parser));
  states = json_object_get_array_member (golden, "states");
  n = json_object_get_int_member (golden, "n");
  step.learning_rate = json_object_get_double_member (golden, "rate");
  step.weight_decay = json_object_get_double_member (golden, "weight_decay");
  w = bench_filled (b, 1, n, 0);
  g = bench_filled (b, 1, n, 0);
  for (gint64 i = 0; i < n; i++)
    ((float *) w.data)[i] = sin (0.3 * i);
  for (guint s = 0; s < json_array_get_length (states); s++)
    {
      JsonObject *state = json_array_get_object_element (states, s);
      JsonArray *p = json_object_get_array_member (state, "p"),
                *exact = json_object_get_array_member (state, "torch");
      const guint n_kept = json_array_get_length (p);
      double worst = 0, sum = 0;

      for (; step.step <= json_object_get_int_member (state, "step"); step.step++)
        {
          for (gint64 i = 0; i < n; i++)
            ((float *) g.data)[i]
                = 0.3 * ((float *) w.data)[i] + 0.2 * sin (0.9 * i + 0.05 * step.step * step.step);
          b->be->adamw_8bit (b->be, &w, moments, &g, &step);
        }
      for (guint i = 0; i < n_kept; i++)
        {
          const double got = ((float *) w.data)[7 * i];

          worst = MAX (worst, fabs (got - json_array_get_double_element (p, i)));
          sum += fabs (got - json_array_get_double_element (exact, i));
        }
      g_test_message ("step %d: %.2g; from PyTorch's %.2g", (int) step.step - 1, worst,
                      sum / n_kept);
      g_assert_cmpfloat (worst, <, 1e-4);
      /* seen: 3.5e-4 after 100 steps, each of which moves a weight by 1e-3 */
      g_assert_cmpfloat (sum / n_kept, <, 5e-4);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adamw-8bit/nearest", test_nearest);
  bench_add ("step", test_step);
  bench_add ("golden", test_golden);
  return g_test_run ();
}
