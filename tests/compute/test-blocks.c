/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stored types: against golden bytes of the gguf package, against their formulas, and every
 * level's decoding in products against compute/blocks.c.
 */
#include "compute/blocks.h"
#include "compute/harness.h"

#include <json-glib/json-glib.h>

static JsonParser *
load_golden (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&parser);
}

static GByteArray *
read_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  for (; *hex != 0; hex += 2)
    {
      const guint8 byte = g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]);

      g_byte_array_append (bytes, &byte, 1);
    }
  return bytes;
}

/* f32 from the unsigned numbers of their bits. */
static GArray *
read_bits (JsonArray *bits)
{
  GArray *values = g_array_new (FALSE, FALSE, sizeof (guint32));

  for (guint i = 0; i < json_array_get_length (bits); i++)
    {
      const guint32 value = json_array_get_int_element (bits, i);

      g_array_append_val (values, value);
    }
  return values;
}

static void
test_golden_decode (void)
{
  g_autoptr (JsonParser) parser = load_golden ("blocks.json");
  JsonObject *types = json_object_get_object_member (
      json_node_get_object (json_parser_get_root (parser)), "types");
  g_autoptr (GList) names = json_object_get_members (types);

  g_assert_cmpint (g_list_length (names), >=, 7);
  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonObject *type = json_object_get_object_member (types, name->data);
      JsonArray *blocks = json_object_get_array_member (type, "blocks");
      const AttuneTypeInfo *info = attune_type_info (json_object_get_int_member (type, "type"));

      g_assert_nonnull (info);
      g_assert_cmpstr (info->name, ==, name->data);
      g_assert_cmpint (info->block, ==, json_object_get_int_member (type, "block_values"));
      g_assert_cmpint (info->bytes, ==, json_object_get_int_member (type, "block_bytes"));
      for (guint i = 0; i < json_array_get_length (blocks); i++)
        {
          JsonObject *block = json_array_get_object_element (blocks, i);
          g_autoptr (GByteArray) bytes = read_hex (json_object_get_string_member (block, "hex"));
          g_autoptr (GArray) expected = read_bits (json_object_get_array_member (block, "bits"));
          g_autofree float *found = g_new (float, expected->len);

          info->decode (found, bytes->data, expected->len);
          g_assert_cmpmem (found, 4 * expected->len, expected->data, 4 * expected->len);
        }
    }
}

/* The types made of chunks; their values are stored as bytes. */
static void
test_superblocks (void)
{
  g_autoptr (JsonParser) parser = load_golden ("superblocks.json");
  JsonObject *types = json_object_get_object_member (
      json_node_get_object (json_parser_get_root (parser)), "types");
  g_autoptr (GList) names = json_object_get_members (types);

  g_assert_cmpint (g_list_length (names), ==, 18);
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *type = json_object_get_object_member (types, l->data);
      const AttuneTypeInfo *info = attune_type_info (json_object_get_int_member (type, "type"));
      JsonArray *blocks = json_object_get_array_member (type, "blocks");

      g_assert_nonnull (info);
      g_assert_cmpstr (info->name, ==, l->data);
      g_assert_cmpint (info->block, ==, json_object_get_int_member (type, "block_values"));
      g_assert_cmpint (info->bytes, ==, json_object_get_int_member (type, "block_bytes"));
      for (guint i = 0; i < json_array_get_length (blocks); i++)
        {
          JsonObject *block = json_array_get_object_element (blocks, i);
          g_autoptr (GByteArray) bytes = read_hex (json_object_get_string_member (block, "hex"));
          g_autoptr (GByteArray) expected = read_hex (json_object_get_string_member (block, "f32"));
          g_autofree float *found = g_new (float, info->block);

          g_assert_cmpint (bytes->len, ==, info->bytes);
          info->decode (found, bytes->data, info->block);
          g_assert_cmpmem (found, 4 * info->block, expected->data, expected->len);
        }
    }
}

static void
test_golden_encode (void)
{
  g_autoptr (JsonParser) parser = load_golden ("blocks.json");
  JsonObject *golden = json_object_get_object_member (
      json_node_get_object (json_parser_get_root (parser)), "quantise");
  JsonObject *q8_0 = json_object_get_object_member (golden, "Q8_0");
  g_autoptr (GByteArray) expected = read_hex (json_object_get_string_member (q8_0, "hex"));
  g_autoptr (GArray) values = read_bits (json_object_get_array_member (q8_0, "bits"));
  g_autofree guint8 *found = g_malloc (expected->len);

  g_assert_cmpint (attune_type_bytes (ATTUNE_TYPE_Q8_0, values->len), ==, expected->len);
  attune_encode_q8_0 (found, (float *) values->data, values->len);
  g_assert_cmpmem (found, expected->len, expected->data, expected->len);
}

/* All 65536 f16 there and back; and what lies between two rounds to the nearest, to even in the
 * middle. */
static void
test_f16 (void)
{
  for (guint32 i = 0; i < 0x7c00; i++)
    {
      const float low = attune_f16_to_f32 (i),
                  high = i + 1 < 0x7c00 ? attune_f16_to_f32 (i + 1) : 65536.0f;
      const float middle = (low + high) / 2.0f;

      g_assert_cmpuint (attune_f32_to_f16 (low), ==, i);
      g_assert_cmpuint (attune_f32_to_f16 (-low), ==, i | 0x8000);
      g_assert_cmpuint (attune_f32_to_f16 (middle), ==, i % 2 == 0 ? i : i + 1);
      g_assert_cmpuint (attune_f32_to_f16 (nextafterf (middle, 0)), ==, i);
      g_assert_cmpuint (attune_f32_to_f16 (nextafterf (middle, 1e9f)), ==, i + 1);
      g_assert_true (attune_f16_to_f32 (i | 0x8000) == -low);
      g_assert_cmpfloat (low, <, high);
    }
  g_assert_true (attune_f16_to_f32 (0x3c00) == 1.0f && attune_f16_to_f32 (1) == 0x1p-24f);
  g_assert_true (isinf (attune_f16_to_f32 (0x7c00)) && isnan (attune_f16_to_f32 (0x7c01)));
  g_assert_cmpuint (attune_f32_to_f16 (1e30f), ==, 0x7c00);
  g_assert_cmpuint (attune_f32_to_f16 (-INFINITY), ==, 0xfc00);
  g_assert_true (isnan (attune_f16_to_f32 (attune_f32_to_f16 (NAN))));
}

static void
test_bf16 (void)
{
  for (guint32 i = 0; i < 0x7f80; i++)
    {
      const float low = attune_bf16_to_f32 (i);

      g_assert_cmpuint (attune_f32_to_bf16 (low), ==, i);
      g_assert_cmpuint (attune_f32_to_bf16 (nextafterf (low, INFINITY)), ==, i);
    }
  g_assert_cmpuint (attune_f32_to_bf16 (1.00390625f), ==, 0x3f80); /* the middle: to even */
  g_assert_cmpuint (attune_f32_to_bf16 (1.01171875f), ==, 0x3f82);
  g_assert_cmpuint (attune_f32_to_bf16 (3.4e38f), ==, 0x7f80);
  g_assert_true (isnan (attune_bf16_to_f32 (attune_f32_to_bf16 (NAN))));
}

/* NF4's bytes by hand: the first value in the high nibble, absmax at the end. */
static void
test_nf4 (void)
{
  float x[64], y[64], absmax;
  guint8 block[36];

  for (int i = 0; i < 64; i++)
    x[i] = 2.5f * attune_nf4_table[i % 16] + (i % 16 > 0 && i % 16 < 15 ? 0.05f : 0.0f);
  attune_encode_nf4 (block, x, 64);
  for (int i = 0; i < 32; i++)
    g_assert_cmphex (block[i], ==, (2 * i % 16) << 4 | (2 * i + 1) % 16);
  memcpy (&absmax, block + 32, sizeof absmax);
  g_assert_cmpfloat (absmax, ==, 2.5);
  attune_decode_nf4 (y, block, 64);
  for (int i = 0; i < 64; i++)
    g_assert_cmpfloat (y[i], ==, attune_nf4_table[i % 16] * 2.5f);
}

/* A value comes back within half a step, for every type that can be written; zeros come back as
 * zeros. */
static void
test_round_trip (void)
{
  static const struct
  {
    AttuneType type;
    double error; /* of values in -1 … 1 */
  } cases[] = { { ATTUNE_TYPE_F32, 0.0 },      { ATTUNE_TYPE_F16, 0x1p-12 + 1e-9 },
                { ATTUNE_TYPE_BF16, 0x1p-9 },  { ATTUNE_TYPE_Q8_0, 0.5 / 127 + 3e-4 },
                { ATTUNE_TYPE_Q4_0, 1.0 / 8 }, { ATTUNE_TYPE_Q4_1, 1.0 / 15 + 1e-3 },
                { ATTUNE_TYPE_NF4, 0.31 / 2 }, { ATTUNE_TYPE_FP4, 0.34 / 2 } };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  float x[320], y[320];
  guint8 bytes[4 * 320];

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AttuneTypeInfo *info = attune_type_info (cases[i].type);

      for (int j = 0; j < 320; j++)
        x[j] = j < 64 ? 0.0f : g_rand_double_range (rand, -1, 1);
      info->encode (bytes, x, 320);
      info->decode (y, bytes, 320);
      for (int j = 0; j < 320; j++)
        g_assert_cmpfloat (fabsf (x[j] - y[j]), <=, j < 64 ? 0.0 : cases[i].error);
    }
}

static void
test_table (void)
{
  g_assert_null (attune_type_info (9999));
  g_assert_cmpint (attune_type_bytes (ATTUNE_TYPE_Q4_1, 64), ==, 40);
  g_assert_cmpint (attune_type_bytes (ATTUNE_TYPE_NF4, 128), ==, 72);
  g_assert_cmpint (attune_type_bytes (ATTUNE_TYPE_F32, (gint64) 1 << 40), ==, (gint64) 1 << 42);
}

/* Products with the unit matrix: what packing and the dot products decode, to the bit (but for the
 * sign of zero). */
static void
test_kernels (Bench *b)
{
  static const AttuneType types[]
      = { ATTUNE_TYPE_F32,   ATTUNE_TYPE_F16,  ATTUNE_TYPE_BF16,       ATTUNE_TYPE_Q4_0,
          ATTUNE_TYPE_Q4_1,  ATTUNE_TYPE_Q5_0, ATTUNE_TYPE_Q5_1,       ATTUNE_TYPE_Q8_0,
          ATTUNE_TYPE_NF4,   ATTUNE_TYPE_Q2_K, ATTUNE_TYPE_Q3_K,       ATTUNE_TYPE_Q4_K,
          ATTUNE_TYPE_Q5_K,  ATTUNE_TYPE_Q6_K, ATTUNE_TYPE_IQ4_XS,     ATTUNE_TYPE_IQ2_S,
          ATTUNE_TYPE_MXFP4, ATTUNE_TYPE_FP4,  ATTUNE_TYPE_NF4_DOUBLE, ATTUNE_TYPE_FP4_DOUBLE };
  static const float second[] = { 0.25f, 1.5f };
  const int n = 90; /* of 64 values: more blocks than share a scale */

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const AttuneTypeInfo *info = attune_type_info (types[i]);
      const int k = info->block == 256 ? 512 : 192;
      AttuneTensor w = bench_tensor (b, types[i], n, k),
                   plain = bench_tensor (b, ATTUNE_TYPE_F32, n, k);
      AttuneScales scales;
      const gboolean readable = !b->emulated || types[i] != ATTUNE_TYPE_IQ2_S;
      AttuneTensor unit_k = bench_filled (b, k, k, 0), unit_n = bench_filled (b, n, n, 0), nt, few,
                   nn;

      for (gint64 j = 0; j < attune_tensor_bytes (&w); j++)
        ((guint8 *) w.data)[j]
            = g_rand_int_range (b->rand, 0, 256) & 0xb7; /* no infinity, no NaN */
      scales = (AttuneScales) { .first = w.data, .second = second, .offset = 0.75f };
      w.scales = attune_type_is_double (types[i]) ? &scales : NULL;
      attune_tensor_decode (plain.data, &w, 0, n * k);
      for (int j = 0; j < k; j++)
        ((float *) unit_k.data)[j * k + j] = 1.0f;
      for (int j = 0; j < n; j++)
        ((float *) unit_n.data)[j * n + j] = 1.0f;

      nt = bench_filled (b, k, n, NAN);
      b->be->matmul_nt (b->be, &nt, &unit_k, &w, 1, 0);
      nn = bench_filled (b, n, k, NAN);
      b->be->matmul_nn (b->be, &nn, &unit_n, &w, 1, 0);
      few = bench_filled (b, k, n, NAN);
      for (int row = 0; row < (b->emulated ? 6 : k); row += 3)
        {
          const int rows = MIN (3, k - row);
          const AttuneTensor x = attune_tensor_slice (&unit_k, row, rows),
                             y = attune_tensor_slice (&few, row, rows);

          b->be->matmul_nt (b->be, &y, &x, &w, 1, 0);
        }
      if (!readable) /* said, and left undone */
        {
          g_autoptr (GError) error = NULL;

          g_assert_false (attune_backend_sync (b->be, &error));
          g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED);
          continue;
        }
      for (int row = 0; row < n; row++)
        for (int column = 0; column < k; column++)
          {
            const float expected = ((float *) plain.data)[row * k + column];

            g_assert_true (((float *) nt.data)[column * n + row] == expected);
            g_assert_true ((b->emulated && column >= 6)
                           || ((float *) few.data)[column * n + row] == expected);
            g_assert_true (((float *) nn.data)[row * k + column] == expected);
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blocks/golden-decode", test_golden_decode);
  g_test_add_func ("/blocks/superblocks", test_superblocks);
  g_test_add_func ("/blocks/golden-encode", test_golden_encode);
  g_test_add_func ("/blocks/f16", test_f16);
  g_test_add_func ("/blocks/bf16", test_bf16);
  g_test_add_func ("/blocks/nf4", test_nf4);
  g_test_add_func ("/blocks/round-trip", test_round_trip);
  g_test_add_func ("/blocks/table", test_table);
  bench_add ("kernels", test_kernels);
  return g_test_run ();
}
