/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every family against Hugging Face Transformers: folders of small random models that its own code
 * saved, with its losses, logits, adapter gradients and greedy continuations, made by
 * tests/peers/make_families.py. And folders with something wrong.
 */
#include "model/checkpoint.h"
#include "model/families.h"
#include "model/model.h"
#include "nn/decoder.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

typedef struct
{
  JsonParser *parser;
  JsonObject *expected;
  AttuneCheckpoint *checkpoint;
  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  /* all rows packed into one stream, every next token a target */
  GArray *tokens, *positions, *segments, *target_rows, *targets, *owners;
} Family;

static void
family_free (Family *f)
{
  GArray *arrays[]
      = { f->tokens, f->positions, f->segments, f->target_rows, f->targets, f->owners };

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    g_array_unref (arrays[i]);
  g_clear_pointer (&f->parameters, attune_parameters_free);
  attune_decoder_free (f->decoder);
  attune_backend_free (f->be);
  attune_checkpoint_close (f->checkpoint);
  g_object_unref (f->parser);
  g_free (f);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Family, family_free)

static void
append (GArray *array, gint32 value)
{
  g_array_append_val (array, value);
}

static void
pack_rows (Family *f)
{
  JsonArray *rows = json_object_get_array_member (f->expected, "rows");

  append (f->segments, 0);
  for (guint row = 0; row < json_array_get_length (rows); row++)
    {
      JsonArray *ids = json_array_get_array_element (rows, row);

      for (guint i = 0; i < json_array_get_length (ids); i++)
        {
          if (i > 0)
            {
              append (f->target_rows, f->tokens->len - 1);
              append (f->targets, json_array_get_int_element (ids, i));
              append (f->owners, row);
            }
          append (f->tokens, json_array_get_int_element (ids, i));
          append (f->positions, i);
        }
      append (f->segments, f->tokens->len);
    }
}

static Family *
family_open (const char *name)
{
  Family *f = g_new0 (Family, 1);
  GArray **arrays[]
      = { &f->tokens, &f->positions, &f->segments, &f->target_rows, &f->targets, &f->owners };
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "golden", "families", name, NULL);
  g_autofree char *json = g_build_filename (folder, "expected.json", NULL);
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    *arrays[i] = g_array_new (FALSE, FALSE, sizeof (gint32));
  f->parser = json_parser_new ();
  json_parser_load_from_file (f->parser, json, &error);
  g_assert_no_error (error);
  f->expected = json_node_get_object (json_parser_get_root (f->parser));
  f->checkpoint = attune_checkpoint_open (folder, &error);
  g_assert_no_error (error);
  f->be = attune_backend_cpu_new (2);
  f->decoder = attune_decoder_new (attune_checkpoint_get_config (f->checkpoint), f->be,
                                   attune_checkpoint_lookup, f->checkpoint, &error);
  g_assert_no_error (error);
  pack_rows (f);
  return f;
}

static AttuneBatch
family_batch (const Family *f)
{
  return (AttuneBatch) { .n_tokens = f->tokens->len,
                         .tokens = (const gint32 *) f->tokens->data,
                         .positions = (const gint32 *) f->positions->data,
                         .n_segments = f->segments->len - 1,
                         .segments = (const gint32 *) f->segments->data,
                         .n_targets = f->targets->len,
                         .target_rows = (const gint32 *) f->target_rows->data,
                         .targets = (const gint32 *) f->targets->data };
}

/* One pass; its losses by row are those under @member. */
static void
check_losses (Family *f, const char *member, gboolean backward, gboolean checkpoint)
{
  const AttuneBatch batch = family_batch (f);
  const AttuneStepShape shape = { .max_tokens = batch.n_tokens,
                                  .max_targets = batch.n_targets,
                                  .backward = backward,
                                  .checkpoint = checkpoint,
                                  .lora_rank = 2 };
  JsonArray *expected = json_object_get_array_member (f->expected, member);
  g_autofree double *losses = g_new (double, batch.n_targets);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneActivations) act
      = attune_activations_new (f->be, &f->decoder->config, &shape, &error);
  double sums[8] = { 0 };

  g_assert_no_error (error);
  attune_decoder_forward_backward (f->decoder, act, &batch, losses,
                                   backward ? 1.0f / batch.n_targets : 0, TRUE, 0, 0);
  attune_backend_sync (f->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch.n_targets; i++)
    sums[g_array_index (f->owners, gint32, i)] += losses[i];
  for (guint row = 0; row < json_array_get_length (expected); row++)
    {
      const double nats = json_array_get_double_element (expected, row);

      g_test_message ("row %u: %.6f, stored %.6f", row, sums[row], nats);
      g_assert_cmpfloat (fabs (sums[row] - nats), <, 1e-5 * nats); /* seen: 5e-7 */
    }
}

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

  check_losses (f, "base_row_nats", FALSE, FALSE);
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
      check_losses (f, "tuned_row_nats", TRUE, checkpoint);
      for (guint i = 0; i < json_array_get_length (gradients); i++)
        worst = MAX (worst, check_gradient (f, json_array_get_object_element (gradients, i)));
    }
  g_test_message ("gradients differ by at most %.2g relative", worst); /* seen: 1e-5 */
}

/* --- the same as GGUF files in llama.cpp's names */

static char *
make_key (const Family *f, const char *key)
{
  return g_strdup_printf ("%s.%s", f->decoder->config.family, key);
}

static void
set_uint (const Family *f, AttuneGgufWriter *writer, const char *key, int value)
{
  g_autofree char *full = make_key (f, key);

  attune_gguf_writer_set_uint (writer, full, value);
}

static void
set_float (const Family *f, AttuneGgufWriter *writer, const char *key, float value)
{
  g_autofree char *full = make_key (f, key);

  if (value > 0)
    attune_gguf_writer_set_float (writer, full, value);
}

static void
write_stretch (const Family *f, AttuneGgufWriter *writer)
{
  const AttuneStretching *s = &f->decoder->config.stretch;
  const char *const types[] = { [ATTUNE_STRETCH_LINEAR] = "linear",
                                [ATTUNE_STRETCH_YARN] = "yarn",
                                [ATTUNE_STRETCH_LONG] = "longrope" };
  g_autofree char *key = make_key (f, "rope.scaling.type");

  if (s->kind == ATTUNE_STRETCH_NONE || s->kind == ATTUNE_STRETCH_LLAMA3)
    return;
  attune_gguf_writer_set_string (writer, key, types[s->kind]);
  set_float (f, writer, "rope.scaling.factor", s->factor);
  if (s->original > 0)
    set_uint (f, writer, "rope.scaling.original_context_length", s->original);
  if (s->kind == ATTUNE_STRETCH_LONG)
    set_float (f, writer, "rope.scaling.attn_factor", s->magnitude);
}

static void
write_values (const Family *f, AttuneGgufWriter *writer)
{
  const AttuneDecoderConfig *c = &f->decoder->config;
  g_autofree char *parallel = make_key (f, "use_parallel_residual");

  attune_gguf_writer_set_string (writer, "general.architecture", c->family);
  attune_gguf_writer_set_string (writer, "tokenizer.ggml.model", "no_vocab");
  set_uint (f, writer, "vocab_size", c->n_vocab);
  set_uint (f, writer, "block_count", c->n_layers);
  set_uint (f, writer, "context_length", c->max_tokens);
  set_uint (f, writer, "embedding_length", c->n_embd);
  set_uint (f, writer, "feed_forward_length", c->n_ff);
  set_uint (f, writer, "attention.head_count", c->n_heads);
  set_uint (f, writer, "attention.head_count_kv", c->n_kv_heads);
  set_uint (f, writer, "attention.key_length", c->head_dim);
  set_uint (f, writer, "attention.value_length", c->head_dim);
  if (!c->learned_positions)
    set_uint (f, writer, "rope.dimension_count", c->rotary_dim > 0 ? c->rotary_dim : c->head_dim);
  set_float (f, writer,
             c->norm == ATTUNE_NORM_LAYER ? "attention.layer_norm_epsilon"
                                          : "attention.layer_norm_rms_epsilon",
             c->norm_eps);
  set_float (f, writer, "rope.freq_base", c->rotary_base);
  if (c->window > 0)
    set_uint (f, writer, "attention.sliding_window", c->window);
  set_float (f, writer, "attn_logit_softcapping", c->attn_cap);
  set_float (f, writer, "final_logit_softcapping", c->logit_cap);
  if (g_str_equal (c->family, "stablelm"))
    attune_gguf_writer_set_bool (writer, parallel, c->block == ATTUNE_BLOCK_PARALLEL);
  if (c->n_experts > 0)
    {
      set_uint (f, writer, "expert_count", c->n_experts);
      set_uint (f, writer, "expert_used_count", c->n_experts_used);
      set_uint (f, writer, "expert_feed_forward_length", c->expert_ff);
      set_uint (f, writer, "expert_shared_feed_forward_length", c->shared_ff);
    }
  write_stretch (f, writer);
}

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
  const AttuneTensor *t = attune_checkpoint_lookup (f->checkpoint, name);
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
  g_autofree char **names = attune_checkpoint_list_tensors (f->checkpoint);
  const AttuneTensor angles = { NULL, 1, { f->decoder->config.head_dim / 2 } };
  g_autoptr (GError) error = NULL;

  write_values (f, writer);
  for (int i = 0; names[i] != NULL; i++)
    {
      AttuneTensor shape = *attune_checkpoint_lookup (f->checkpoint, names[i]);

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
  g_autofree char *folder = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
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
  check_losses (f, "base_row_nats", FALSE, FALSE);
  for (guint i = 0; i < json_array_get_length (logits); i++)
    check_logits (f, json_array_get_object_element (logits, i), 8);
  if (kept == NULL)
    g_unlink (path);
  g_rmdir (folder);
}

/* A folder in which @from is replaced by @to in config.json, or, where @from is %NULL, with @to as
 * the file @name. */
static void
assert_refused (const char *name, const char *from, const char *to, const char *words)
{
  g_autofree char *golden
      = g_test_build_filename (G_TEST_DIST, "golden", "families", "qwen2", NULL);
  g_autofree char *folder = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
  const char *const files[] = { "config.json", "model.safetensors" };
  g_autoptr (AttuneCheckpoint) checkpoint = NULL;
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *source = g_build_filename (golden, files[i], NULL),
                      *target = g_build_filename (folder, files[i], NULL), *text = NULL;
      g_autoptr (GString) changed = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (source, &text, &length, NULL));
      changed = g_string_new_len (text, length);
      if (i == 0 && from != NULL)
        g_assert_cmpuint (g_string_replace (changed, from, to, 1), ==, 1);
      g_assert_true (g_file_set_contents (target, changed->str, changed->len, NULL));
    }
  if (from == NULL)
    {
      g_autofree char *target = g_build_filename (folder, name, NULL);

      g_assert_true (g_file_set_contents (target, to, -1, NULL));
    }
  checkpoint = attune_checkpoint_open (folder, &error);
  if (checkpoint != NULL)
    g_error ("not refused: %s", words);
  g_assert_true (error->domain == ATTUNE_MODEL_ERROR || error->domain == G_FILE_ERROR);
  if (strstr (error->message, words) == NULL || strstr (error->message, name) == NULL)
    g_error ("“%s” does not say “%s” of “%s”", error->message, words, name);
  for (gsize i = 0; i < 3; i++)
    {
      g_autofree char *path = g_build_filename (folder, i < 2 ? files[i] : name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static void
test_refused (void)
{
  assert_refused ("config.json", "\"qwen2\"", "\"klingon\"", "“klingon”");
  assert_refused ("config.json", "\"model_type\"", "\"kind\"", "model_type");
  assert_refused ("config.json", "{", "[", "no JSON object");
  assert_refused ("config.json", "\"hidden_size\": 32", "\"hidden_size\": 40", "rows of 40");
  assert_refused ("config.json", "\"hidden_size\": 32", "\"hidden_size\": \"wide\"",
                  "whole number");
  assert_refused ("config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0",
                  "no attention heads");
  assert_refused ("config.json", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 9000000000",
                  "impossible");
  assert_refused ("config.json", "\"rms_norm_eps\": 1e-06", "\"rms_norm_eps\": -1", "impossible");
  assert_refused ("config.json", "\"rope_type\": \"yarn\"", "\"rope_type\": \"warp\"",
                  "stretches its positions");
  assert_refused ("config.json", "\"hidden_act\": \"silu\"", "\"hidden_act\": \"relu6\"", "relu6");
  assert_refused ("model.safetensors", "\"num_hidden_layers\": 3", "\"num_hidden_layers\": 2",
                  "model.layers.2.");
  assert_refused ("model.safetensors", NULL, "x", "too short");
  assert_refused ("model.safetensors.index.json", NULL, "{\"weight_map\": {\"a\": \"../a\"}}",
                  "cannot be one");
  assert_refused ("model.safetensors.index.json", NULL, "{\"weight_map\": 1}", "which files");
}

/* --- a folder opened whole, with tokenizer and template */

static const char tokenizer_json[]
    = "{\"version\": \"1.0\", \"added_tokens\": ["
      "{\"id\": 0, \"content\": \"<|im_start|>\", \"special\": true, \"normalized\": false,"
      " \"lstrip\": false, \"rstrip\": false, \"single_word\": false},"
      "{\"id\": 1, \"content\": \"<|im_end|>\", \"special\": true, \"normalized\": false,"
      " \"lstrip\": false, \"rstrip\": false, \"single_word\": false}],"
      "\"normalizer\": null, \"pre_tokenizer\": {\"type\": \"ByteLevel\", \"add_prefix_space\": "
      "false, \"trim_offsets\": true, \"use_regex\": true}, \"post_processor\": null,"
      "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\", \"vocab\": "
      "{\"<|im_start|>\": 0, \"<|im_end|>\": 1, \"a\": 2, \"b\": 3, \"ab\": 4}, "
      "\"merges\": [\"a b\"]}}";
static const char tokenizer_config[]
    = "{\"eos_token\": \"<|im_end|>\", \"chat_template\": \"{% for m in messages %}<|im_start|>"
      "{{ m['role'] }}{{ m['content'] }}<|im_end|>{% endfor %}\"}";

static void
put_file (const char *folder, const char *name, const char *content)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, content, -1, NULL));
}

static void
remove_folder (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

/* A copy of the sharded model of the family Llama. Returns: (transfer full) */
static char *
copy_folder (void)
{
  g_autofree char *golden
      = g_test_build_filename (G_TEST_DIST, "golden", "families", "llama", NULL);
  char *folder = g_dir_make_tmp ("attune-families-XXXXXX", NULL);
  g_autoptr (GDir) dir = g_dir_open (golden, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *from = g_build_filename (golden, name, NULL),
                      *to = g_build_filename (folder, name, NULL), *content = NULL;
      gsize length;

      g_assert_true (g_file_get_contents (from, &content, &length, NULL));
      g_assert_true (g_file_set_contents (to, content, (gssize) length, NULL));
    }
  return folder;
}

static void
test_model (void)
{
  g_autofree char *folder = copy_folder (), *base = g_path_get_basename (folder);
  g_autoptr (Family) f = family_open ("llama");
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;

  model = attune_model_open (folder, &error);
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_OPEN); /* no tokenizer */
  g_clear_error (&error);
  put_file (folder, "tokenizer.json", tokenizer_json);
  put_file (folder, "tokenizer_config.json", tokenizer_config);
  model = attune_model_open (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_model_get_name (model), ==, base);
  g_assert_null (attune_model_get_gguf (model));
  g_assert_cmpstr (attune_model_get_config (model)->family, ==, "llama");
  /* 96 · 32 + 3 · (2 · 32 + 2 · 32 · 32 + 2 · 16 · 32 + 3 · 32 · 48) + 32 */
  g_assert_cmpint (attune_model_count_parameters (model), ==, 26336);
  g_assert_cmpuint (attune_model_get_bytes (model), ==, 4 * 26336);
  g_assert_cmpint (strlen (attune_model_get_hash (model, &error)), ==, 64);
  g_assert_no_error (error);
  attune_tokenizer_encode (attune_model_get_tokenizer (model), "abba", -1, ATTUNE_TOKENIZE_PLAIN,
                           ids);
  g_assert_cmpuint (ids->len, ==, 3);
  g_assert_cmpint (g_array_index (ids, gint32, 0), ==, 4);
  g_assert_cmpint (attune_chat_template_get_stop (attune_model_get_template (model),
                                                  attune_model_get_tokenizer (model)),
                   ==, 1);

  attune_decoder_free (f->decoder);
  f->decoder = attune_decoder_new (attune_model_get_config (model), f->be, attune_model_lookup,
                                   model, &error);
  g_assert_no_error (error);
  check_losses (f, "base_row_nats", FALSE, FALSE);
  remove_folder (folder);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = { "llama",      "llama-linear",
                                       "mistral",    "qwen2",
                                       "qwen3",      "smollm3",
                                       "gemma",      "gemma2",
                                       "gemma3",     "phi3",
                                       "phi3-long",  "olmo2",
                                       "stablelm",   "stablelm-parallel",
                                       "gpt2",       "falcon-7b",
                                       "falcon-40b", "mixtral",
                                       "qwen2moe",   "qwen3moe" };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_strdup_printf ("/families/%s", names[i]);

      g_autofree char *gguf = g_strdup_printf ("/families/%s/gguf", names[i]);

      g_test_add_data_func (path, names[i], test_family);
      g_test_add_data_func (gguf, names[i], test_gguf);
    }
  g_test_add_func ("/families/refused", test_refused);
  g_test_add_func ("/families/model", test_model);
  return g_test_run ();
}
