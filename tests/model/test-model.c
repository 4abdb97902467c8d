/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Model files opened whole: the tiny model as it is, and with one thing wrong at a time.
 */
#include "model/model.h"

#include <glib/gstdio.h>
#include <string.h>

static char *
tiny_path (void)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
}

static void
test_open (void)
{
  g_autofree char *path = tiny_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = attune_model_open (path, &error);
  const AttuneDecoderConfig *config;
  const AttuneTensor *t;

  g_assert_no_error (error);
  g_assert_cmpstr (attune_model_get_name (model), ==, "Tiny Llama for tests");
  g_assert_cmpstr (attune_model_get_path (model), ==, path);
  g_assert_null (attune_model_get_warnings (model)[0]);
  config = attune_model_get_config (model);
  g_assert_cmpstr (config->family, ==, "llama");
  g_assert_cmpint (config->n_layers, ==, 2);
  g_assert_cmpint (config->n_embd, ==, 64);
  g_assert_cmpint (config->n_ff, ==, 160);
  g_assert_cmpint (config->n_heads, ==, 4);
  g_assert_cmpint (config->n_kv_heads, ==, 2);
  g_assert_cmpint (config->head_dim, ==, 16);
  g_assert_cmpint (config->n_vocab, ==, 576);
  g_assert_cmpint (config->max_tokens, ==, 512);
  g_assert_cmpfloat (config->norm_eps, ==, 1e-5f);
  g_assert_cmpfloat (config->rotary_base, ==, 1e5f);
  g_assert_cmpint (config->rotary, ==, ATTUNE_ROTARY_INTERLEAVED);
  g_assert_cmpint (config->gate, ==, ATTUNE_GATE_SILU);
  g_assert_true (config->tied_head);
  /* 576 · 64 + 2 · (2 · 64 + 3 · 64 · 160 + 2 · 64 · 64 + 2 · 64 · 32) + 64 */
  g_assert_cmpint (attune_model_count_parameters (model), ==, 123200);
  g_assert_cmpuint (attune_model_get_bytes (model), >, 100000);
  t = attune_model_lookup (model, "blk.0.attn_norm.weight");
  g_assert_cmpint (t->type, ==, ATTUNE_TYPE_F32);
  g_assert_null (attune_model_lookup (model, "blk.9.attn_norm.weight"));
}

/* The sum of the file that golden files name. */
static void
test_hash (void)
{
  g_autofree char *path = tiny_path (), *content = NULL, *expected = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = attune_model_open (path, &error);
  gsize size;

  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  expected = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *) content, size);
  g_assert_cmpstr (attune_model_get_hash (model, &error), ==, expected);
  g_assert_true (attune_model_get_hash (model, &error)
                 == attune_model_get_hash (model, &error)); /* kept */
}

/* --- the tiny model copied with changes */

/* What the copy differs in; what is 0 or %NULL stays as it is. */
typedef struct
{
  const char *architecture, *type, *pre, *template;
  const char *extra_key; /* llama.* number to set */
  guint32 extra;
  const char *extra_tensor, *without_tensor;
  const char *string_key, *string;
  gboolean add_bos, no_vocabulary, half_gains;
  guint n_tokens;
  gint32 eos;
} Change;

typedef struct
{
  const AttuneGguf *from;
  const Change *change;
} Copy;

static AttuneTensor
changed_shape (const Copy *copy, const char *name)
{
  static const AttuneTensor extra = { NULL, 1, { 64 }, ATTUNE_TYPE_F32 };
  const AttuneTensor *t = attune_gguf_find_tensor (copy->from, name);
  AttuneTensor shape = t != NULL ? *t : extra;

  if (copy->change->half_gains && shape.n_dims == 1)
    shape.type = ATTUNE_TYPE_F16;
  return shape;
}

static gboolean
fill (gpointer data, const char *name, void *bytes, GError **error)
{
  const Copy *copy = data;
  const AttuneTensor *t = attune_gguf_find_tensor (copy->from, name);
  const AttuneTensor shape = changed_shape (copy, name);

  if (t == NULL)
    memset (bytes, 0, (gsize) attune_tensor_bytes (&shape));
  else if (shape.type != t->type)
    for (gint64 i = 0; i < attune_tensor_count (t); i++)
      ((guint16 *) bytes)[i] = attune_f32_to_f16 (((const float *) t->data)[i]);
  else
    memcpy (bytes, t->data, (gsize) attune_tensor_bytes (t));
  return TRUE;
}

static void
copy_values (AttuneGgufWriter *writer, const AttuneGguf *from, const Change *change)
{
  static const char *const numbers[]
      = { "block_count",         "context_length",       "embedding_length",
          "feed_forward_length", "attention.head_count", "attention.head_count_kv",
          "rope.dimension_count" };
  static const char *const reals[] = { "rope.freq_base", "attention.layer_norm_rms_epsilon" };
  const char *const *strings;
  const gint32 *kinds;
  guint n;

  attune_gguf_writer_set_string (writer, "general.architecture",
                                 change->architecture != NULL ? change->architecture : "llama");
  if (change->type != NULL)
    attune_gguf_writer_set_string (writer, "general.type", change->type);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      g_autofree char *key = g_strconcat ("llama.", numbers[i], NULL);
      guint64 value = 0;

      g_assert_true (attune_gguf_get_uint (from, key, &value));
      attune_gguf_writer_set_uint (writer, key, (guint32) value);
    }
  for (guint i = 0; i < G_N_ELEMENTS (reals); i++)
    {
      g_autofree char *key = g_strconcat ("llama.", reals[i], NULL);
      double value = 0;

      g_assert_true (attune_gguf_get_double (from, key, &value));
      attune_gguf_writer_set_float (writer, key, (float) value);
    }
  if (change->extra_key != NULL)
    attune_gguf_writer_set_uint (writer, change->extra_key, change->extra);
  if (change->string_key != NULL)
    attune_gguf_writer_set_string (writer, change->string_key, change->string);
  if (change->no_vocabulary)
    return;

  attune_gguf_writer_set_string (writer, "tokenizer.ggml.model", "gpt2");
  if (change->pre == NULL || *change->pre != 0)
    attune_gguf_writer_set_string (writer, "tokenizer.ggml.pre",
                                   change->pre != NULL ? change->pre : "smollm");
  strings = attune_gguf_get_strings (from, "tokenizer.ggml.tokens", &n);
  if (change->n_tokens > n)
    {
      g_autofree const char **more = g_new (const char *, change->n_tokens);

      for (guint i = 0; i < change->n_tokens; i++)
        more[i] = i < n ? strings[i] : "more";
      attune_gguf_writer_set_strings (writer, "tokenizer.ggml.tokens", more, change->n_tokens);
    }
  else
    {
      attune_gguf_writer_set_strings (writer, "tokenizer.ggml.tokens", strings,
                                      change->n_tokens > 0 ? change->n_tokens : n);
      kinds = attune_gguf_get_ints (from, "tokenizer.ggml.token_type", &n);
      attune_gguf_writer_set_ints (writer, "tokenizer.ggml.token_type", kinds, n);
    }
  strings = attune_gguf_get_strings (from, "tokenizer.ggml.merges", &n);
  attune_gguf_writer_set_strings (writer, "tokenizer.ggml.merges", strings, n);
  attune_gguf_writer_set_uint (writer, "tokenizer.ggml.bos_token_id", 1);
  attune_gguf_writer_set_uint (writer, "tokenizer.ggml.eos_token_id",
                               change->eos != 0 ? (guint32) change->eos : 2);
  attune_gguf_writer_set_bool (writer, "tokenizer.ggml.add_bos_token", change->add_bos);
  if (change->template == NULL || *change->template != 0)
    attune_gguf_writer_set_string (writer, "tokenizer.chat_template",
                                   change->template != NULL
                                       ? change->template
                                       : attune_gguf_get_string (from, "tokenizer.chat_template"));
}

/* Opens a copy of the tiny model with @change. */
static AttuneModel *
open_changed (const Change *change, GError **error)
{
  g_autofree char *from_path = tiny_path ();
  g_autofree char *folder = g_dir_make_tmp ("attune-model-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "copy.gguf", NULL);
  g_autoptr (AttuneGguf) from = attune_gguf_open (from_path, NULL);
  g_autoptr (AttuneGgufWriter) writer = attune_gguf_writer_new ();
  g_autoptr (GError) reason = NULL;
  Copy copy = { from, change };
  AttuneModel *model;

  copy_values (writer, from, change);
  for (guint i = 0; i < attune_gguf_n_tensors (from); i++)
    {
      const char *name = attune_gguf_tensor_name (from, i);
      const AttuneTensor shape = changed_shape (&copy, name);

      if (g_strcmp0 (name, change->without_tensor) != 0)
        attune_gguf_writer_add_tensor (writer, name, &shape);
    }
  if (change->extra_tensor != NULL)
    {
      const AttuneTensor shape = changed_shape (&copy, change->extra_tensor);

      attune_gguf_writer_add_tensor (writer, change->extra_tensor, &shape);
    }
  attune_gguf_writer_write (writer, path, fill, &copy, &reason);
  g_assert_no_error (reason);
  model = attune_model_open (path, error);
  g_unlink (path);
  g_rmdir (folder);
  return model;
}

static void
assert_refused (const Change *change, AttuneModelError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) model = open_changed (change, &error);

  if (model != NULL)
    g_error ("not refused: %s", words);
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL || !g_str_has_prefix (error->message, "“copy.gguf” "))
    g_error ("“%s” does not say “%s”", error->message, words);
}

static void
test_unsupported (void)
{
  static const struct
  {
    Change change;
    const char *words;
  } cases[] = {
    { { .architecture = "klingon" }, "“klingon”" },
    { { .type = "adapter" }, "“adapter”" },
    { { .extra_key = "split.count", .extra = 3 }, "one of 3 parts" },
    { { .extra_key = "llama.attention.value_length", .extra = 8 }, "different sizes" },
    { { .string_key = "llama.rope.scaling.type", .string = "warp" }, "rope scaling" },
    { { .extra_tensor = "blk.0.attn_q_norm.weight" }, "blk.0.attn_q_norm.weight" },
    { { .extra_tensor = "rope_freqs.scale" }, "rope_freqs.scale" },
    { { .extra_tensor = "blk.2.attn_norm.weight" }, "blk.2.attn_norm.weight" },
    { { .pre = "klingon" }, "klingon" },
    { { .template = "{{ raise_the_roof(messages) }}" }, "chat template" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (&cases[i].change, ATTUNE_MODEL_ERROR_UNSUPPORTED, cases[i].words);
}

static void
test_contradictions (void)
{
  static const struct
  {
    Change change;
    const char *words;
  } cases[] = {
    { { .extra_key = "llama.attention.head_count", .extra = 0 }, "no attention heads" },
    { { .extra_key = "llama.attention.head_count_kv", .extra = 3 }, "contradicts itself" },
    { { .extra_key = "llama.block_count", .extra = 1u << 31 }, "impossible" },
    { { .extra_key = "llama.embedding_length", .extra = 128 }, "rows of 128" },
    { { .without_tensor = "token_embd.weight" }, "token_embd.weight" },
    { { .no_vocabulary = TRUE }, "no vocabulary" },
    { { .n_tokens = 577 }, "577 tokens" },
    { { .n_tokens = 500 }, "500 tokens, but says of 576" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_refused (&cases[i].change, ATTUNE_MODEL_ERROR_FORMAT, cases[i].words);
}

static void
test_warnings (void)
{
  static const struct
  {
    Change change;
    const char *words;
  } cases[] = {
    { { .pre = "" }, "cut into words" },
    { { .template = "" }, "no chat template" },
    { { .eos = 5 },
      "ends the assistant's turn with “<|im_end|>”, but the file names “<file_sep>”" },
    { { .eos = 5000 }, "no token of its vocabulary" },
    { { .add_bos = TRUE }, "writes it once" },
    { { .add_bos = TRUE,
        .template = "{% for m in messages %}{{ m.content }}<|im_end|>{% endfor %}" },
      "begins with “<|im_start|>”, but its chat template does not write it" },
    { { .template = "<|im_start|><|im_start|>{% for m in messages %}{{ m.content }}<|im_end|>"
                    "{% endfor %}" },
      "“<|im_start|>” 2 times in a row" },
    { { .template = "{% for m in messages %}<|user|>{{ m.content }}<｜Ende｜><tools>a<|im_end|>"
                    "{% endfor %}" },
      "writes “<|user|>”, “<｜Ende｜>”, which the vocabulary lacks" },
    { { .template = "{% for m in messages %}{{ m.content }}{% endfor %}" },
      "cannot learn from it where to stop" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneModel) model = open_changed (&cases[i].change, &error);
      gboolean said = FALSE;

      g_assert_no_error (error);
      for (const char *const *w = attune_model_get_warnings (model); *w != NULL; w++)
        said = said || strstr (*w, cases[i].words) != NULL;
      if (!said)
        g_error ("no warning says “%s”", cases[i].words);
    }
}

/* Gains in f16 come out as f32; a head of its own is no tied head. */
static void
test_variants (void)
{
  const Change halves = { .half_gains = TRUE }, head = { .extra_tensor = "output.weight" };
  g_autofree char *path = tiny_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneModel) whole = attune_model_open (path, &error),
                          half = open_changed (&halves, &error);
  g_autoptr (AttuneModel) untied = open_changed (&head, &error);
  const AttuneTensor *a, *b;

  g_assert_no_error (error);
  a = attune_model_lookup (whole, "output_norm.weight");
  b = attune_model_lookup (half, "output_norm.weight");
  g_assert_cmpint (b->type, ==, ATTUNE_TYPE_F32);
  for (int i = 0; i < 64; i++)
    g_assert_cmpfloat_with_epsilon (((const float *) a->data)[i], ((const float *) b->data)[i],
                                    1e-3);
  g_assert_false (attune_model_get_config (untied)->tied_head);
  g_assert_cmpstr (attune_model_get_name (half), ==, "copy");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/model/open", test_open);
  g_test_add_func ("/model/model/hash", test_hash);
  g_test_add_func ("/model/model/unsupported", test_unsupported);
  g_test_add_func ("/model/model/contradictions", test_contradictions);
  g_test_add_func ("/model/model/warnings", test_warnings);
  g_test_add_func ("/model/model/variants", test_variants);
  return g_test_run ();
}
