/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The encoders of block formats: what they leave of a row is not more than what llama.cpp's
 * quantisers leave, and odd rows neither break them nor become what no reader understands.
 */
#include "compute/types.h"

#include <json-glib/json-glib.h>
#include <math.h>

/* The rows: tests/peers/quantisers.py, ROW_FORMULA. */
static double
uniform (guint64 k, guint64 i)
{
  guint64 z = ((k << 32) + i + 1) * 0x9E3779B97F4A7C15u;

  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return ((z ^ z >> 31) >> 11) * 0x1p-53;
}

static double
normal (guint64 k, guint64 i)
{
  double total = 0;

  for (int j = 0; j < 12; j++)
    total += uniform (k, 12 * i + j);
  return total - 6;
}

static float
make_value (const char *kind, guint64 k, guint64 i)
{
  double x = normal (k, i);

  if (g_str_equal (kind, "heavy"))
    {
      const double a = normal (k + 1, i), b = normal (k + 2, i), c = normal (k + 3, i);

      x /= sqrt ((a * a + b * b + c * c) / 3);
    }
  else if (g_str_equal (kind, "outliers") && uniform (k + 1, i) < 0.01)
    x *= 20;
  else if (g_str_equal (kind, "positive"))
    x = fabs (x);
  return (float) (x * 0.02);
}

static double
measure_error (const AttuneTypeInfo *info, const float *x, gint64 n)
{
  g_autofree float *y = g_new (float, n);
  g_autofree guint8 *bytes = g_malloc (attune_type_bytes (info->type, n));
  double error = 0;

  info->encode (bytes, x, n);
  info->decode (y, bytes, n);
  for (gint64 i = 0; i < n; i++)
    error += ((double) y[i] - x[i]) * ((double) y[i] - x[i]);
  return error;
}

static void
test_not_above_llama (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "quantisers.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GList) names = NULL;
  JsonObject *golden, *types;
  JsonArray *kinds;
  int rows, columns;

  g_assert_true (json_parser_load_from_file (parser, path, NULL));
  golden = json_node_get_object (json_parser_get_root (parser));
  types = json_object_get_object_member (golden, "types");
  kinds = json_object_get_array_member (golden, "kinds");
  rows = json_object_get_int_member (golden, "rows");
  columns = json_object_get_int_member (golden, "columns");
  names = json_object_get_members (types);
  g_assert_cmpint (g_list_length (names), ==, 10);
  for (guint k = 0; k < json_array_get_length (kinds); k++)
    {
      const char *kind = json_array_get_string_element (kinds, k);
      g_autofree float *x = g_new (float, (gsize) rows *columns);

      for (int i = 0; i < rows * columns; i++)
        x[i] = make_value (kind, 8 * k, i);
      for (GList *l = names; l != NULL; l = l->next)
        {
          JsonObject *type = json_object_get_object_member (types, l->data);
          const AttuneTypeInfo *info = attune_type_info (json_object_get_int_member (type, "type"));
          JsonArray *theirs = json_object_get_array_member (type, kind);
          double ours_total = 0, theirs_total = 0;

          g_assert_cmpstr (info->name, ==, l->data);
          for (int row = 0; row < rows; row++)
            {
              const double ours = measure_error (info, x + row * columns, columns),
                           limit = json_array_get_double_element (theirs, row);

              /* Q4_0, Q4_1 and Q8_0 are made in the same way: to the bit. */
              g_assert_cmpfloat (ours, <=, limit * (1 + 1e-9));
              ours_total += ours;
              theirs_total += limit;
            }
          g_test_message ("%s, %s: %.4f of theirs", info->name, kind, ours_total / theirs_total);
          g_assert_cmpfloat (ours_total, >, 0.1 * theirs_total); /* it was measured */
        }
    }
}

static const AttuneType encoded[]
    = { ATTUNE_TYPE_Q4_0, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q5_0, ATTUNE_TYPE_Q5_1, ATTUNE_TYPE_Q8_0,
        ATTUNE_TYPE_Q2_K, ATTUNE_TYPE_Q3_K, ATTUNE_TYPE_Q4_K, ATTUNE_TYPE_Q5_K, ATTUNE_TYPE_Q6_K };

/* Zeros and what a step can stand for come back as they were; what does not fit into f16 or is no
 * number does not make a value that is none. */
static void
test_odd_rows (void)
{
  static const float constants[] = { 0, 1, -1, 1e-30f, -3e-7f, 0.02f, 65504, 1e9f, -1e30f };
  float x[256], y[256];
  guint8 bytes[4 * 256];

  for (gsize t = 0; t < G_N_ELEMENTS (encoded); t++)
    {
      const AttuneTypeInfo *info = attune_type_info (encoded[t]);
      const gboolean cuts = encoded[t] != ATTUNE_TYPE_Q4_0 && encoded[t] != ATTUNE_TYPE_Q4_1
                            && encoded[t] != ATTUNE_TYPE_Q8_0; /* as the gguf package, infinite */

      for (gsize c = 0; c < G_N_ELEMENTS (constants); c++)
        {
          const float value = constants[c];

          for (int i = 0; i < 256; i++)
            x[i] = value;
          info->encode (bytes, x, 256);
          info->decode (y, bytes, 256);
          for (int i = 0; i < 256; i++)
            {
              if (value == 0)
                g_assert_cmpfloat (y[i], ==, 0);
              else if (fabsf (value) <= 65504)
                /* f16 has steps of 6e-8 below 6e-5, and a block's step is multiplied by up to
                 * 63 · 31 */
                g_assert_cmpfloat (fabsf (y[i] - value), <=, 1e-3 * fabsf (value) + 6e-5);
              else if (cuts)
                g_assert_true (isfinite (y[i]));
            }
        }
      for (int i = 0; i < 256; i++)
        x[i] = i % 50 == 7 ? NAN : i % 50 == 9 ? INFINITY : i % 50 == 11 ? -INFINITY : i - 100;
      info->encode (bytes, x, 256); /* under the sanitizers: nothing undefined */
    }
}

/* What was stored once is stored alike again: an export of an export loses next to nothing. */
static void
test_again (void)
{
  float x[1024], once[1024];
  guint8 bytes[4 * 1024];

  for (gsize t = 0; t < G_N_ELEMENTS (encoded); t++)
    {
      const AttuneTypeInfo *info = attune_type_info (encoded[t]);
      double first, second;

      for (int i = 0; i < 1024; i++)
        x[i] = make_value ("normal", 99, i);
      first = measure_error (info, x, 1024);
      info->encode (bytes, x, 1024);
      info->decode (once, bytes, 1024);
      second = measure_error (info, once, 1024);
      g_test_message ("%s: %.3g, again %.3g", info->name, first, second);
      g_assert_cmpfloat (second, <=, 0.02 * first);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/encode/not-above-llama", test_not_above_llama);
  g_test_add_func ("/encode/odd-rows", test_odd_rows);
  g_test_add_func ("/encode/again", test_again);
  return g_test_run ();
}
