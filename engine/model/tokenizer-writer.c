/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The other way round of tokenizer-file.c: a tokenizer as GGUF's metadata, for models that did not
 * come as GGUF.
 */
#include "model/model-error.h"
#include "model/tokenizer-file.h"

#include <json-glib/json-glib.h>
#include <string.h>

/* --- what a tokenizer.json says of normalisation, which GGUF has keys for */

typedef struct
{
  GByteArray *charsmap; /* (nullable) */
  gboolean merges_spaces;
} Normalisation;

static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

static void
read_step (Normalisation *self, JsonObject *step)
{
  const char *type = json_object_get_string_member_with_default (step, "type", "");
  const char *map = json_object_get_string_member_with_default (step, "precompiled_charsmap", NULL);
  JsonObject *pattern = get_object (step, "pattern");
  gsize length;
  guchar *bytes;

  if (g_str_equal (type, "Precompiled") && map != NULL && self->charsmap == NULL)
    {
      bytes = g_base64_decode (map, &length);
      self->charsmap = g_byte_array_new_take (bytes, length);
    }
  else if (g_str_equal (type, "Replace") && pattern != NULL)
    self->merges_spaces |= json_object_has_member (pattern, "Regex");
}

/* @rules: as in AttuneVocabulary. */
static void
read_normalisation (Normalisation *self, const char *rules)
{
  g_autoptr (JsonNode) root = json_from_string (rules, NULL);
  JsonObject *object
      = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonObject *normalizer = get_object (object, "normalizer");
  JsonNode *list = normalizer != NULL ? json_object_get_member (normalizer, "normalizers") : NULL;

  if (normalizer != NULL)
    read_step (self, normalizer);
  for (guint i = 0; list != NULL && JSON_NODE_HOLDS_ARRAY (list)
                    && i < json_array_get_length (json_node_get_array (list));
       i++)
    {
      JsonNode *step = json_array_get_element (json_node_get_array (list), i);

      if (JSON_NODE_HOLDS_OBJECT (step))
        read_step (self, json_node_get_object (step));
    }
}

/* --- writing */

/* The lists of tokens, filled up to @n_rows as llama.cpp's own converter does it: it wants a name
 * for every row of the weights. */
static void
write_tokens (const AttuneVocabulary *v, guint n_rows, AttuneGgufWriter *writer)
{
  const guint n = MAX (n_rows, v->n_tokens);
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_free);
  g_autofree const char **tokens = g_new (const char *, n);
  g_autofree gint32 *kinds = g_new (gint32, n);
  g_autofree float *scores = g_new0 (float, n);

  for (guint i = 0; i < n; i++)
    {
      tokens[i] = i < v->n_tokens ? v->tokens[i] : g_strdup_printf ("[PAD%u]", i);
      kinds[i] = i >= v->n_tokens   ? ATTUNE_TOKEN_UNUSED
                 : v->kinds != NULL ? v->kinds[i]
                                    : ATTUNE_TOKEN_NORMAL;
      if (i >= v->n_tokens)
        g_ptr_array_add (made, (char *) tokens[i]);
      else if (v->scores != NULL)
        scores[i] = v->scores[i];
    }
  attune_gguf_writer_set_strings (writer, "tokenizer.ggml.tokens", tokens, n);
  attune_gguf_writer_set_ints (writer, "tokenizer.ggml.token_type", kinds, n);
  if (g_str_equal (v->model, "gpt2"))
    attune_gguf_writer_set_strings (writer, "tokenizer.ggml.merges", v->merges, v->n_merges);
  else
    attune_gguf_writer_set_floats (writer, "tokenizer.ggml.scores", scores, n);
}

static void
write_id (AttuneGgufWriter *writer, const char *key, gint32 id)
{
  if (id >= 0)
    attune_gguf_writer_set_uint (writer, key, (guint32) id);
}

static void
write_sentence_piece (const AttuneVocabulary *v, AttuneGgufWriter *writer)
{
  Normalisation rules = { NULL, v->merges_spaces };

  if (v->rules != NULL)
    read_normalisation (&rules, v->rules);
  if (v->charsmap != NULL)
    attune_gguf_writer_set_bytes (writer, "tokenizer.ggml.precompiled_charsmap", v->charsmap,
                                  v->n_charsmap);
  else if (rules.charsmap != NULL && rules.charsmap->len > 0)
    attune_gguf_writer_set_bytes (writer, "tokenizer.ggml.precompiled_charsmap",
                                  rules.charsmap->data, rules.charsmap->len);
  attune_gguf_writer_set_bool (writer, "tokenizer.ggml.add_space_prefix", v->space_prefix);
  attune_gguf_writer_set_bool (writer, "tokenizer.ggml.remove_extra_whitespaces",
                               rules.merges_spaces);
  g_clear_pointer (&rules.charsmap, g_byte_array_unref);
}

gboolean
attune_tokenizer_to_gguf (const AttuneTokenizer *tokenizer, guint n_rows, AttuneGgufWriter *writer,
                          GError **error)
{
  const AttuneVocabulary *v = attune_tokenizer_get_vocabulary (tokenizer);
  const gboolean bytes = g_str_equal (v->model, "gpt2");

  if (bytes && v->pre == NULL)
    {
      g_set_error_literal (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_UNSUPPORTED,
                           "The model cuts text into words in a way that GGUF has no name for. "
                           "Export it as a Hugging Face folder instead.");
      return FALSE;
    }
  attune_gguf_writer_set_string (writer, "tokenizer.ggml.model", v->model);
  attune_gguf_writer_set_string (writer, "tokenizer.ggml.pre", bytes ? v->pre : "default");
  write_tokens (v, n_rows, writer);
  if (!bytes)
    write_sentence_piece (v, writer);
  write_id (writer, "tokenizer.ggml.bos_token_id", v->bos);
  write_id (writer, "tokenizer.ggml.eos_token_id", v->eos);
  write_id (writer, "tokenizer.ggml.unknown_token_id", v->unknown);
  write_id (writer, "tokenizer.ggml.padding_token_id", v->pad);
  attune_gguf_writer_set_bool (writer, "tokenizer.ggml.add_bos_token", v->add_bos);
  attune_gguf_writer_set_bool (writer, "tokenizer.ggml.add_eos_token", v->add_eos);
  return TRUE;
}

/* --- comparing */

/* Tokens of the vocabulary that are tried; all of them would take seconds. */
#define SPELLINGS_TRIED 2000

static gboolean
cut_alike (const AttuneTokenizer *a, const AttuneTokenizer *b, const char *text)
{
  for (int special = 0; special < 2; special++)
    {
      const AttuneTokenizeFlags flags = special ? ATTUNE_TOKENIZE_SPECIAL : ATTUNE_TOKENIZE_PLAIN;
      g_autoptr (GArray) of_a = g_array_new (FALSE, FALSE, sizeof (gint32));
      g_autoptr (GArray) of_b = g_array_new (FALSE, FALSE, sizeof (gint32));

      attune_tokenizer_encode (a, text, -1, flags, of_a);
      attune_tokenizer_encode (b, text, -1, flags, of_b);
      if (of_a->len != of_b->len
          || memcmp (of_a->data, of_b->data, of_a->len * sizeof (gint32)) != 0)
        return FALSE;
    }
  return TRUE;
}

char *
attune_tokenizer_find_difference (const AttuneTokenizer *a, const AttuneTokenizer *b)
{
  static const char *const texts[] = {
    "Hello world, how are you today?",
    " leading and trailing spaces  ",
    "a  b   c    d\te\n\nf\r\n  g",
    "I'm sure they'LL say we've 12345 apples and 3.14159, 1/2 or ½",
    "def f(x):\n    return x**2 + 1  # comment\n\n\tif (a != b) { c->d(); }",
    "Ärzte prüfen Größe, Übung und Straße; cœur, naïve, señor, İstanbul",
    "Привет, мир! Καλημέρα κόσμε. שלום עולם مرحبا بالعالم नमस्ते दुनिया",
    "你好,世界!日本語のテキスト、カタカナ。안녕하세요 세계 สวัสดีชาวโลก",
    "🙂👩‍⚕️🇩🇪 ①②③ ﬁ ℌ Å ﷺ e\xcc\x81 \xe2\x80\x8b\xc2\xa0x",
    "<s> </s> <|im_start|>user\nhi<|im_end|> <unk> <0x0A> \xe2\x96\x81 [INST] <|end|>  x",
    "!!!...??? --- ((([[[{{{ $1,000.50 100% @user #tag http://a.b/c?d=e&f",
    "THE QUICK BROWN fox JUMPED over HTMLParser camelCase snake_case 'quoted'",
  };
  const AttuneVocabulary *v = attune_tokenizer_get_vocabulary (a);
  const guint step = MAX (v->n_tokens / SPELLINGS_TRIED, 1);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (!cut_alike (a, b, texts[i]))
      return g_strdup (texts[i]);
  for (guint i = 0; i < v->n_tokens; i += step)
    {
      const gint32 pair[] = { (gint32) i, (gint32) (i + step / 2 + 1) % (gint32) v->n_tokens };
      g_autofree char *text = attune_tokenizer_decode (a, pair, G_N_ELEMENTS (pair), TRUE);

      if (!cut_alike (a, b, text))
        return g_steal_pointer (&text);
    }
  return NULL;
}
