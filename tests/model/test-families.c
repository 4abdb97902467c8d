/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every family against Hugging Face Transformers: folders of small random models that its own code
 * saved, with its losses, logits, adapter gradients and greedy continuations; and the same models
 * as GGUF files in llama.cpp's names.
 */
#include "family-names.h"
#include "family.h"
#include "scratch-folder.h"

#include <string.h>

static AttuneCache *
make_cache (Family *f, int capacity, int max_rows)
{
  const AttuneCacheShape shape
      = { .n_sequences = 1, .capacity = capacity, .max_rows = max_rows, .lora_rank = 2 };
  g_autoptr (GError) error = NULL;
  AttuneCache *cache = attune_cache_new (f->be, &f->decoder->config, &shape, &error);

  g_assert_no_error (error);
  return cache;
}

/* The logits after @n tokens, the first of which are in the cache already. */
static const float *
decode (Family *f, AttuneCache *cache, const gint32 *tokens, int from, int n)
{
  gint32 sequences[64] = { 0 }, positions[64];
  const gint32 last = n - 1;
  g_autoptr (GError) error = NULL;
  const float *logits;

  for (int i = 0; i < n; i++)
    positions[i] = from + i;
  logits = attune_decoder_decode (f->decoder, cache, n, tokens, sequences, positions, 1, &last);
  attune_backend_sync (f->be, &error);
  g_assert_no_error (error);
  return logits;
}

static const gint32 *
row_tokens (const Family *f, int row)
{
  return &g_array_index (f->tokens, gint32, g_array_index (f->segments, gint32, row));
}

/* Positions of rows through the cache, in pieces of @piece. */
static void
check_logits (Family *f, JsonObject *expected, int piece)
{
  const gint32 *tokens = row_tokens (f, json_object_get_int_member (expected, "row"));
  const int n = json_object_get_int_member (expected, "position") + 1;
  JsonArray *logits = json_object_get_array_member (expected, "logits");
  g_autoptr (AttuneCache) cache = make_cache (f, 32, piece);
  const float *found = NULL;
  double largest = 0, worst = 0;

  for (int i = 0; i < n; i += piece)
    found = decode (f, cache, tokens + i, i, MIN (piece, n - i));
  for (guint i = 0; i < json_array_get_length (logits); i++)
    {
      const double value = json_array_get_double_element (logits, i);

      largest = MAX (largest, fabs (value));
      worst = MAX (worst, fabs (found[i] - value));
    }
  g_test_message ("logits differ by at most %.2g relative", worst / largest);
  g_assert_cmpfloat (worst, <, 1e-4 * largest); /* seen: 2e-6 */
}

static void
check_greedy (Family *f)
{
  JsonObject *greedy = json_object_get_object_member (f->expected, "greedy");
  JsonArray *ids = json_object_get_array_member (greedy, "ids");
  const int row
      = json_object_get_int_member (greedy, "row"),
      n = g_array_index (f->segments, gint32, row + 1) - g_array_index (f->segments, gint32, row);
  g_autoptr (AttuneCache) cache = make_cache (f, 32, n);
  const float *logits = decode (f, cache, row_tokens (f, row), 0, n);

  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      gint32 best = 0;

      for (int v = 1; v < f->decoder->config.n_vocab; v++)
        if (logits[v] > logits[best])
          best = v;
      g_assert_cmpint (best, ==, json_array_get_int_element (ids, i));
      logits = decode (f, cache, &best, n + i, 1);
    }
}

static void
add_lora (Family *f)
{
  const AttuneLoraConfig lora = { .rank = json_object_get_int_member (f->expected, "rank"),
                                  .alpha = json_object_get_double_member (f->expected, "alpha"),
                                  .targets = ATTUNE_TARGETS_ALL };
  g_autoptr (GError) error = NULL;

  f->parameters = attune_decoder_add_lora (f->decoder, &lora, 0, TRUE, &error);
  g_assert_no_error (error);
  for (guint k = 0; k < f->parameters->n_items; k++)
    {
      const AttuneTensor *t = &f->parameters->items[k].value;

      for (gint64 i = 0; i < attune_tensor_count (t); i++)
        ((float *) t->data)[i] = 0.05 * sin (0.37 * i + 1.3 * k); /* the rule is in the file */
    }
}

static double
check_gradient (Family *f, JsonObject *expected)
{
  const char *name = json_object_get_string_member (expected, "name");
  const AttuneParameter *item = attune_parameters_find (f->parameters, name);
  JsonArray *first = json_object_get_array_member (expected, "first");
  const double norm = json_object_get_double_member (expected, "norm");
  double sum = 0, dot = 0, worst;
  const float *grad;

  g_assert_nonnull (item);
  grad = item->grad.data;
  for (gint64 i = 0; i < attune_tensor_count (&item->grad); i++)
    {
      sum += (double) grad[i] * grad[i];
      dot += grad[i] * sin (0.11 * i + 0.5);
    }
  worst = MAX (fabs (sqrt (sum) - norm),
               fabs (dot - json_object_get_double_member (expected, "dot")));
  for (guint i = 0; i < json_array_get_length (first); i++)
    worst = MAX (worst, fabs (grad[i] - json_array_get_double_element (first, i)));
  if (!(worst < 1e-3 * norm))
    g_error ("%s differs by %g of %g", name, worst, norm);
  return worst / norm;
}

static void
test_family (gconstpointer name)
{
  g_autoptr (Family) f = family_open (name);
  JsonArray *logits = json_object_get_array_member (f->expected, "logits"), *gradients;
  double worst = 0;

  family_check_losses (f, "base_row_nats", FALSE, FALSE);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    for (int piece = 1; piece < 64; piece += 15)
      check_logits (f, json_array_get_object_element (logits, i), piece);
  check_greedy (f);

  add_lora (f);
  gradients = json_object_get_array_member (f->expected, "gradients");
  g_assert_cmpuint (json_array_get_length (gradients), ==, f->parameters->n_items);
  for (int checkpoint = 0; checkpoint <= 1; checkpoint++)
    {
      memset (f->parameters->grads.data, 0, f->parameters->count * sizeof (float));
      family_check_losses (f, "tuned_row_nats", TRUE, checkpoint);
      for (guint i = 0; i < json_array_get_length (gradients); i++)
        worst = MAX (worst, check_gradient (f, json_array_get_object_element (gradients, i)));
    }
  g_test_message ("gradients differ by at most %.2g relative", worst); /* seen: 1e-5 */
}

/* --- the same as GGUF files in llama.cpp's names */

/* Where the file keeps row @row of Hugging Face: rotary pairs side by side in some families. */
static gint64
stored_row (const Family *f, const char *name, gint64 row)
{
  const int dim = f->decoder->config.head_dim;
  const AttuneFamily *family = attune_family_find (f->decoder->config.family);

  if (family->rotary == ATTUNE_ROTARY_HALVES
      || (strstr (name, ".attn_q.") == NULL && strstr (name, ".attn_k.") == NULL))
    return row;
  return row / dim * dim + row % (dim / 2) * 2 + row % dim / (dim / 2);
}

/* An AttuneTensorFill. */
static gboolean
fill (gpointer data, const char *name, void *bytes, GError **error)
{
  Family *f = data;
  const AttuneDecoderConfig *c = &f->decoder->config;
  const AttuneTensor *t = attune_hf_folder_lookup (f->checkpoint, name);
  gint64 rows, size;

  if (t == NULL) /* rope_freqs.weight: what Llama 3's angles are divided by */
    {
      for (int i = 0; i < c->head_dim / 2; i++)
        ((float *) bytes)[i]
            = 1.0f / powf (c->rotary_base, 2.0f * i / c->head_dim) / f->decoder->frequencies[i];
      return TRUE;
    }
  rows = t->dims[0];
  size = attune_tensor_count (t) / rows;
  for (gint64 row = 0; row < rows; row++)
    attune_type_info (t->type)->decode ((float *) bytes + stored_row (f, name, row) * size,
                                        (char *) t->data + attune_type_bytes (t->type, row * size),
                                        size);
  return TRUE;
}

static void
write_gguf (Family *f, const char *path)
{
  g_autoptr (AttuneGgufWriter) writer = attune_gguf_writer_new ();
  g_autofree char **names = attune_hf_folder_list_tensors (f->checkpoint);
  const AttuneTensor angles = { NULL, 1, { f->decoder->config.head_dim / 2 } };
  g_autoptr (GError) error = NULL;

  attune_family_write_config (&f->decoder->config, writer);
  attune_gguf_writer_set_string (writer, "tokenizer.ggml.model", "no_vocab");
  for (int i = 0; names[i] != NULL; i++)
    {
      AttuneTensor shape = *attune_hf_folder_lookup (f->checkpoint, names[i]);

      /* llama.cpp rounds what it multiplies with 16-bit weights; f32 shows all digits. */
      shape.type = ATTUNE_TYPE_F32;
      attune_gguf_writer_add_tensor (writer, names[i], &shape);
    }
  if (f->decoder->config.stretch.kind == ATTUNE_STRETCH_LLAMA3)
    attune_gguf_writer_add_tensor (writer, "rope_freqs.weight", &angles);
  attune_gguf_writer_write (writer, path, fill, f, &error);
  g_assert_no_error (error);
}

static const AttuneTensor *
look_up_gguf (gpointer gguf, const char *name)
{
  return attune_gguf_find_tensor (gguf, name);
}

/* Written as GGUF and read again it computes the same. The files are kept in the folder
 * $ATTUNE_FAMILIES, where tests/peers/test_families.py has llama.cpp read them. */
static void
test_gguf (gconstpointer name)
{
  g_autoptr (Family) f = family_open (name);
  const char *kept = g_getenv ("ATTUNE_FAMILIES");
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *file = g_strconcat (name, ".gguf", NULL);
  g_autofree char *path = g_build_filename (kept != NULL ? kept : folder, file, NULL);
  g_autoptr (AttuneGguf) gguf = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *logits = json_object_get_array_member (f->expected, "logits");
  AttuneDecoderConfig config;
  AttuneDecoder *decoder;

  write_gguf (f, path);
  gguf = attune_gguf_open (path, &error);
  g_assert_no_error (error);
  attune_family_read_config (attune_family_find (f->decoder->config.family), gguf, path, &config,
                             &error);
  g_assert_no_error (error);
  decoder = attune_decoder_new (&config, f->be, look_up_gguf, gguf, &error);
  g_assert_no_error (error);
  attune_decoder_free (f->decoder);
  f->decoder = decoder;
  family_check_losses (f, "base_row_nats", FALSE, FALSE);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    check_logits (f, json_array_get_object_element (logits, i), 8);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (family_names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/families/%s", family_names[i]);

      g_autofree char *gguf = g_strdup_printf ("/families/%s/gguf", family_names[i]);

      g_test_add_data_func (path, family_names[i], test_family);
      g_test_add_data_func (gguf, family_names[i], test_gguf);
    }
  return g_test_run ();
}
