/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model wide enough for super-blocks, in every GGUF format: each tensor holds what the encoder of
 * its type makes of it, the file answers nearly as the model does, and its size was foreseen.
 */
#include "deploy/family-model.h"
#include "deploy/gguf-types.h"
#include "deploy/scratch-folder.h"
#include "model/gguf.h"

#include <math.h>
#include <string.h>

#define WIDTH 256
#define N_LAYERS 4

/* Of each format: how far a logit may move, relative to the largest; seen: two thirds of it. */
static const struct
{
  AttuneExportFormat format;
  double tolerance;
} cases[] = {
  { ATTUNE_EXPORT_GGUF_F32, 1e-5 },     { ATTUNE_EXPORT_GGUF_F16, 2e-4 },
  { ATTUNE_EXPORT_GGUF_BF16, 2e-3 },    { ATTUNE_EXPORT_GGUF_Q8_0, 4e-3 },
  { ATTUNE_EXPORT_GGUF_Q6_K, 0.01 },    { ATTUNE_EXPORT_GGUF_Q5_K_M, 0.015 },
  { ATTUNE_EXPORT_GGUF_Q5_K_S, 0.015 }, { ATTUNE_EXPORT_GGUF_Q5_1, 0.015 },
  { ATTUNE_EXPORT_GGUF_Q5_0, 0.015 },   { ATTUNE_EXPORT_GGUF_Q4_K_M, 0.02 },
  { ATTUNE_EXPORT_GGUF_Q4_K_S, 0.02 },  { ATTUNE_EXPORT_GGUF_Q4_1, 0.025 },
  { ATTUNE_EXPORT_GGUF_Q4_0, 0.025 },
};

/* Near enough to what training leaves: a sum of uniform numbers. */
static gboolean
fill (gpointer data, const char *name, void *bytes, GError **error)
{
  const gboolean gain = strstr (name, "_norm") != NULL, embedding = strstr (name, "embd") != NULL;
  const gint64 n = gain ? WIDTH : GPOINTER_TO_INT (g_hash_table_lookup (data, name));
  const double size = gain ? 0.1 : embedding ? 0.5 : 0.03;
  g_autoptr (GRand) rand = g_rand_new_with_seed (g_str_hash (name));

  for (gint64 i = 0; i < n; i++)
    {
      double sum = gain ? 1 / size : 0;

      for (int k = 0; k < 4; k++)
        sum += g_rand_double_range (rand, -1, 1);
      ((float *) bytes)[i] = (float) (size * sum);
    }
  return TRUE;
}

static void
add (AttuneGgufWriter *writer, GHashTable *sizes, char *name, gint64 rows, gint64 columns)
{
  const AttuneTensor shape = { NULL, rows > 0 ? 2 : 1, { rows > 0 ? rows : columns, columns } };

  attune_gguf_writer_add_tensor (writer, name, &shape);
  g_hash_table_insert (sizes, name, GINT_TO_POINTER (MAX (rows, 1) * columns));
}

/* The tokenizer of the tiny model with other weights. */
static void
make_model (const char *path)
{
  static const struct
  {
    const char *part;
    int rows;
  } parts[] = { { "attn_norm", 0 },    { "attn_q", WIDTH },      { "attn_k", 64 },
                { "attn_v", 64 },      { "attn_output", WIDTH }, { "ffn_norm", 0 },
                { "ffn_gate", WIDTH }, { "ffn_up", WIDTH },      { "ffn_down", WIDTH } };
  g_autofree char *golden = g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) tiny = attune_gguf_open (golden, &error);
  g_autoptr (AttuneGgufWriter) writer = attune_gguf_writer_new ();
  g_autoptr (GHashTable) sizes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_assert_no_error (error);
  for (guint i = 0; i < attune_gguf_n_keys (tiny); i++)
    attune_gguf_writer_copy (writer, tiny, attune_gguf_key (tiny, i));
  attune_gguf_writer_set_uint (writer, "llama.embedding_length", WIDTH);
  attune_gguf_writer_set_uint (writer, "llama.feed_forward_length", WIDTH);
  attune_gguf_writer_set_uint (writer, "llama.block_count", N_LAYERS);
  attune_gguf_writer_set_uint (writer, "llama.attention.head_count", 4);
  attune_gguf_writer_set_uint (writer, "llama.attention.head_count_kv", 1);
  attune_gguf_writer_set_uint (writer, "llama.rope.dimension_count", 64);
  add (writer, sizes, g_strdup ("token_embd.weight"),
       attune_gguf_find_tensor (tiny, "token_embd.weight")->dims[0], WIDTH);
  add (writer, sizes, g_strdup ("output_norm.weight"), 0, WIDTH);
  for (int layer = 0; layer < N_LAYERS; layer++)
    for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
      add (writer, sizes, g_strdup_printf ("blk.%d.%s.weight", layer, parts[i].part), parts[i].rows,
           WIDTH);
  attune_gguf_writer_write (writer, path, fill, sizes, &error);
  g_assert_no_error (error);
}

/* Returns: how many types there are in the file. */
static guint
check_tensors (AttuneExportFormat format, AttuneModel *model, const char *path)
{
  g_autoptr (AttuneGguf) file = attune_gguf_open (path, NULL);
  guint64 types = 0;

  for (guint i = 0; i < attune_gguf_n_tensors (file); i++)
    {
      const char *name = attune_gguf_tensor_name (file, i);
      const AttuneTensor *t = attune_gguf_find_tensor (file, name),
                         *from = attune_model_lookup (model, name);
      g_autofree char *expected = g_malloc (attune_tensor_bytes (t));

      g_assert_cmpint (from->type, ==, ATTUNE_TYPE_F32);
      g_assert_cmpint (t->type, ==,
                       attune_gguf_choose_type (format, attune_model_get_config (model), name, t));
      attune_type_info (t->type)->encode (expected, from->data, attune_tensor_count (t));
      g_assert_cmpmem (t->data, attune_tensor_bytes (t), expected, attune_tensor_bytes (t));
      types |= (guint64) 1 << t->type;
    }
  return __builtin_popcountll (types);
}

static void
check_answers (FamilyModel *f, AttuneExportFormat format, const char *path, double tolerance)
{
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  const AttuneParityCheck check = { .format = format,
                                    .path = path,
                                    .base = f->model,
                                    .stop = -1,
                                    .prompts = prompts,
                                    .max_new_tokens = 2 };
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;
  AttuneParity parity;

  for (gint32 i = 0; i < 12; i++)
    {
      const gint32 id = 5 + 7 * i;

      g_array_append_val (ids, id);
    }
  g_ptr_array_add (prompts, ids);
  attune_export_check (f->decoder, &check, &parity, &error);
  g_assert_no_error (error);
  g_test_message ("%s: logits differ by %.2g of %.2g, %.3f", attune_export_format_get_name (format),
                  parity.largest_gap, parity.largest_logit,
                  parity.largest_gap / parity.largest_logit);
  g_assert_cmpfloat (parity.largest_gap, <, tolerance * parity.largest_logit);
}

static void
test_formats (void)
{
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *base = g_build_filename (scratch, "base.gguf", NULL);
  g_autoptr (FamilyModel) f = NULL;

  make_model (base);
  f = family_model_open (base, FALSE);
  g_assert_cmpint (G_N_ELEMENTS (cases), ==, ATTUNE_N_EXPORTS - ATTUNE_EXPORT_GGUF_F16);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const AttuneExportFormat format = cases[i].format;
      g_autofree char *path = g_build_filename (scratch, "out.gguf", NULL);
      const guint64 predicted = attune_export_predict_bytes (format, f->model);
      g_autoptr (GError) error = NULL;
      guint n_types;
      GStatBuf info;

      attune_export (format, f->model, f->decoder, &f->lora, "some/base", path, NULL, NULL, NULL,
                     &error);
      g_assert_no_error (error);
      n_types = check_tensors (format, f->model, path);
      if (format == ATTUNE_EXPORT_GGUF_Q4_K_M || format == ATTUNE_EXPORT_GGUF_Q5_K_M)
        g_assert_cmpuint (n_types, ==, 3); /* gains, most, and those with more bits */
      check_answers (f, format, path, cases[i].tolerance);
      g_assert_cmpint (g_stat (path, &info), ==, 0);
      g_test_message ("%s: %" G_GUINT64_FORMAT " bytes foreseen, %" G_GINT64_FORMAT " written",
                      attune_export_format_get_name (format), predicted, (gint64) info.st_size);
      g_assert_cmpfloat (fabs ((double) predicted / info.st_size - 1), <, 0.01);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/export/types", test_formats);
  return g_test_run ();
}
