/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NF4 and FP4 and their scales, to the bits of bitsandbytes, stored by
 * tests/peers/make_four_bits.py.
 */
#include "compute/four-bits.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  JsonParser *parser;
  JsonObject *types;
  gint64 blocks;
  float *values;
} Golden;

static float
read_bits (JsonArray *bits, guint i)
{
  const guint32 word = json_array_get_int_element (bits, i);
  float value;

  memcpy (&value, &word, sizeof value);
  return value;
}

static void
assert_sha256 (gconstpointer data, gsize bytes, JsonObject *object, const char *member)
{
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, data, bytes);

  g_assert_cmpstr (sum, ==, json_object_get_string_member (object, member));
}

/* The rule is in the file. */
static float *
make_values (JsonObject *golden, gint64 blocks)
{
  JsonArray *given = json_object_get_array_member (golden, "given");
  float *values = g_new (float, 64 * blocks);
  guint32 state = 12345;

  for (gint64 i = 0; i < 64 * blocks; i++)
    {
      const gint64 block = i / 64;

      state = state * 1664525u + 1013904223u;
      values[i] = (float) ((int) (state >> 8) - (1 << 23)) * 0x1p-23f;
      values[i] *= 0.01f * (float) (1 + block % 7);
      if (block == 0)
        values[i] = 0;
      else if (block == 1)
        values[i] *= 1e-38f;
      else if (block < 4)
        values[i] = read_bits (given, i - 128);
    }
  assert_sha256 (values, 64 * blocks * sizeof *values, golden, "values_sha256");
  return values;
}

static void
golden_open (Golden *g)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "four-bits.json", NULL);
  g_autoptr (GError) error = NULL;
  JsonObject *golden;

  g->parser = json_parser_new ();
  json_parser_load_from_file (g->parser, path, &error);
  g_assert_no_error (error);
  golden = json_node_get_object (json_parser_get_root (g->parser));
  g->types = json_object_get_object_member (golden, "types");
  g->blocks = json_object_get_int_member (golden, "blocks");
  g->values = make_values (golden, g->blocks);
}

static void
golden_close (Golden *g)
{
  g_object_unref (g->parser);
  g_free (g->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Golden, golden_close)

/* Decoded, with +0 for -0. */
static void
assert_decoded (const AttuneTensor *t, JsonObject *expected, const char *member)
{
  const gint64 n = attune_tensor_count (t);
  g_autofree float *y = g_new (float, n);

  attune_tensor_decode (y, t, 0, n);
  for (gint64 i = 0; i < n; i++)
    y[i] += 0.0f;
  assert_sha256 (y, n * sizeof *y, expected, member);
  /* from the middle, too */
  attune_tensor_decode (y, t, n / 2, 64);
  for (int i = 0; i < 64; i++)
    {
      g_autofree float *whole = g_new (float, n);

      if (i % 16 != 0)
        continue;
      attune_tensor_decode (whole, t, 0, n);
      g_assert_true (y[i] == whole[n / 2 + i]);
    }
}

/* Encodes as @single: packs the numbers and absmax apart, as bitsandbytes has them. */
static void
split_blocks (const guint8 *single, gint64 blocks, guint8 *numbers, float *absmax)
{
  for (gint64 i = 0; i < blocks; i++)
    {
      memcpy (numbers + 32 * i, single + 36 * i, 32);
      memcpy (absmax + i, single + 36 * i + 32, sizeof *absmax);
    }
}

static void
check_double (Golden *g, AttuneType type, JsonObject *expected, const guint8 *numbers,
              const float *absmax)
{
  const guint32 offset_bits = json_object_get_int_member (expected, "offset");
  const char *bytes = json_object_get_string_member (expected, "scale_bytes");
  JsonArray *theirs = json_object_get_array_member (expected, "second");
  g_autofree guint8 *blocks = g_malloc (33 * g->blocks);
  float second[2], offset, mean = attune_scales_mean (absmax, g->blocks);
  AttuneScales scales = { .first = blocks, .second = second };
  const AttuneTensor t = { blocks, 2, { g->blocks, 64 }, type, &scales };

  memcpy (&offset, &offset_bits, sizeof offset);
  /* torch adds up in another order; seen: the same */
  g_assert_cmpfloat (fabsf (mean - offset), <=, 1.2e-7f * offset);
  for (gint64 i = 0; i < g->blocks; i++)
    memcpy (blocks + 33 * i, numbers + 32 * i, 32);
  attune_quantise_scales (blocks, absmax, g->blocks, offset, second);
  for (gint64 i = 0; i < g->blocks; i++)
    g_assert_cmphex (blocks[33 * i + 32], ==,
                     g_ascii_xdigit_value (bytes[2 * i]) << 4
                         | g_ascii_xdigit_value (bytes[2 * i + 1]));
  for (guint i = 0; i < 2; i++)
    g_assert_true (second[i] == read_bits (theirs, i));
  scales.offset = offset;
  assert_decoded (&t, expected, "double_decoded_sha256");
}

static void
check_type (const char *name, AttuneType type, AttuneType doubled)
{
  g_auto (Golden) g = { 0 };
  JsonObject *expected;
  const AttuneTypeInfo *info = attune_type_info (type);
  g_autofree guint8 *single = NULL, *numbers = NULL;
  g_autofree float *absmax = NULL;
  const char *hex;

  golden_open (&g);
  expected = json_object_get_object_member (g.types, name);
  hex = json_object_get_string_member (expected, "hex");
  single = g_malloc (36 * g.blocks);
  numbers = g_malloc (32 * g.blocks);
  absmax = g_new (float, g.blocks);
  info->encode (single, g.values, 64 * g.blocks);
  split_blocks (single, g.blocks, numbers, absmax);
  for (guint i = 0; hex[2 * i] != 0; i++)
    {
      const int byte
          = g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]);

      if (numbers[i] != byte)
        g_error ("byte %u of block %u is %02x, bitsandbytes has %02x", i % 32, i / 32, numbers[i],
                 byte);
    }
  assert_sha256 (numbers, 32 * g.blocks, expected, "sha256");
  assert_sha256 (absmax, g.blocks * sizeof *absmax, expected, "absmax_sha256");
  assert_decoded (&(AttuneTensor) { single, 2, { g.blocks, 64 }, type }, expected,
                  "decoded_sha256");
  check_double (&g, doubled, expected, numbers, absmax);
}

static void
test_nf4 (void)
{
  check_type ("nf4", ATTUNE_TYPE_NF4, ATTUNE_TYPE_NF4_DOUBLE);
}

static void
test_fp4 (void)
{
  check_type ("fp4", ATTUNE_TYPE_FP4, ATTUNE_TYPE_FP4_DOUBLE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/four-bits/nf4", test_nf4);
  g_test_add_func ("/four-bits/fp4", test_fp4);
  return g_test_run ();
}
