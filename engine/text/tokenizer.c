/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer, made from a vocabulary, and from tokens back to text. Equal to the reference
 * (Hugging Face tokenizers) id by id.
 */
#include "text/tokenizer-private.h"
#include "text/byte-level.h"
#include "text/vocabulary.h"

#include <string.h>

G_DEFINE_QUARK (attune_text_error, attune_text_error)

/* The largest in use has 262144 tokens and twice as many merges; more than this is a damaged file,
 * or one that was made to fill the memory. */
#define TOKENS_MAX 4000000
#define MERGES_MAX 16000000

static AttuneTokenKind
get_kind (const AttuneTokenizer *self, gint32 id)
{
  return self->vocabulary.kinds != NULL ? (AttuneTokenKind) self->vocabulary.kinds[id]
                                        : ATTUNE_TOKEN_NORMAL;
}

static gboolean
is_control_kind (AttuneTokenKind kind)
{
  return kind == ATTUNE_TOKEN_CONTROL || kind == ATTUNE_TOKEN_UNKNOWN;
}

static gint32
find_token (const AttuneTokenizer *self, const char *token)
{
  return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (self->index, token)) - 1;
}

/* Of two tokens that are spelled alike the first is found. */
static void
build_index (AttuneTokenizer *self)
{
  const AttuneVocabulary *vocabulary = &self->vocabulary;

  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    if (!g_hash_table_contains (self->index, vocabulary->tokens[i]))
      g_hash_table_insert (self->index, (gpointer) vocabulary->tokens[i], GUINT_TO_POINTER (i + 1));
}

/* How many bytes of normalised text @id stands for. */
static gsize
measure (AttuneTokenizer *self, gint32 id, GString *scratch)
{
  if (get_kind (self, id) == ATTUNE_TOKEN_BYTE)
    return 1;
  if (!self->rules->byte_level)
    return strlen (self->vocabulary.tokens[id]);
  g_string_truncate (scratch, 0);
  attune_tokenizer_decode_one (self, id, TRUE, scratch);
  return scratch->len;
}

/* Adds @id to what is found in text as it is spelled. */
static void
add_special (AttuneTokenizer *self, gint32 id, gboolean control)
{
  g_autoptr (GString) text = g_string_new (self->vocabulary.tokens[id]);
  const guint8 flags = self->vocabulary.flags != NULL ? self->vocabulary.flags[id] : 0;
  const gboolean normalized
      = !control && (flags & ATTUNE_TOKEN_NORMALIZED) != 0 && self->rules->spaces_as_bars;

  if (normalized) /* the library does to it what it does to any text */
    {
      AttuneNormalText normal = { g_string_new (NULL), NULL };

      attune_normalizer_run (self->rules->normalizer, text->str, text->len, TRUE, 0, &normal);
      g_string_assign (text, normal.text->str);
      g_string_free (normal.text, TRUE);
    }
  else if (self->rules->spaces_as_bars && self->vocabulary.rules == NULL)
    g_string_replace (text, ATTUNE_BAR, " ", 0); /* in text there are no bars yet */
  if (text->len == 0)
    return;
  attune_specials_add (normalized ? self->normal : self->raw, text->str, id, control, flags);
}

static void
build_tokens (AttuneTokenizer *self)
{
  g_autoptr (GString) scratch = g_string_new (NULL);

  self->lengths = g_new (guint16, self->vocabulary.n_tokens);
  self->raw = attune_specials_new ();
  self->normal = attune_specials_new ();
  for (guint i = 0; i < self->vocabulary.n_tokens; i++)
    {
      const AttuneTokenKind kind = get_kind (self, (gint32) i);

      self->lengths[i] = (guint16) MIN (measure (self, (gint32) i, scratch), G_MAXUINT16);
      if ((is_control_kind (kind) || kind == ATTUNE_TOKEN_USER_DEFINED)
          && *self->vocabulary.tokens[i] != 0)
        add_special (self, (gint32) i, is_control_kind (kind));
    }
  attune_specials_finish (self->raw);
  attune_specials_finish (self->normal);
}

static gboolean
check_size (const AttuneVocabulary *vocabulary, GError **error)
{
  if (vocabulary->n_tokens > 0 && vocabulary->n_tokens <= TOKENS_MAX
      && vocabulary->n_merges <= MERGES_MAX)
    return TRUE;
  g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
               "it has %u tokens and %u merges; a vocabulary has at least one token and at most %d "
               "of them.",
               vocabulary->n_tokens, vocabulary->n_merges, TOKENS_MAX);
  return FALSE;
}

AttuneTokenizer *
attune_tokenizer_new (const AttuneVocabulary *vocabulary, GError **error)
{
  g_autoptr (AttuneTokenizer) self = NULL;

  g_return_val_if_fail (
      vocabulary != NULL && vocabulary->model != NULL && vocabulary->tokens != NULL, NULL);

  if (!check_size (vocabulary, error))
    return NULL;
  self = g_new0 (AttuneTokenizer, 1);
  g_atomic_ref_count_init (&self->ref_count);
  attune_vocabulary_copy (&self->vocabulary, vocabulary, &self->token_text, &self->merge_text);
  build_index (self);
  self->rules = attune_text_rules_new (&self->vocabulary, error);
  if (self->rules == NULL)
    return NULL;
  self->words = attune_word_model_new (&self->vocabulary, self->rules, self->index, error);
  if (self->words == NULL)
    return NULL;
  build_tokens (self);
  return g_steal_pointer (&self);
}

AttuneTokenizer *
attune_tokenizer_ref (AttuneTokenizer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
attune_tokenizer_unref (AttuneTokenizer *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_clear_pointer (&self->index, g_hash_table_unref);
  attune_specials_free (self->raw);
  attune_specials_free (self->normal);
  attune_word_model_free (self->words);
  attune_text_rules_free (self->rules);
  attune_vocabulary_clear (&self->vocabulary);
  g_free (self->token_text);
  g_free (self->merge_text);
  g_free (self->lengths);
  g_free (self);
}

/* --- tokens to text */

/* The bytes of a SentencePiece token: bars are spaces, "<0x0A>" is a byte. */
static void
decode_piece (const char *piece, AttuneTokenKind kind, GString *text)
{
  const gsize start = text->len;

  if (kind == ATTUNE_TOKEN_BYTE && strlen (piece) == 6 && g_ascii_isxdigit (piece[3])
      && g_ascii_isxdigit (piece[4]))
    {
      g_string_append_c (
          text, (char) (g_ascii_xdigit_value (piece[3]) * 16 + g_ascii_xdigit_value (piece[4])));
      return;
    }
  g_string_append (text, piece);
  for (char *bar; (bar = strstr (text->str + start, ATTUNE_BAR)) != NULL;)
    {
      *bar = ' ';
      g_string_erase (text, bar + 1 - text->str, strlen (ATTUNE_BAR) - 1);
    }
}

void
attune_tokenizer_decode_one (const AttuneTokenizer *self, gint32 id, gboolean special,
                             GString *text)
{
  AttuneTokenKind kind;

  if (id < 0 || (guint) id >= self->vocabulary.n_tokens)
    return; /* weights may have more rows than the vocabulary tokens */
  kind = get_kind (self, id);
  if (is_control_kind (kind) && !special)
    return;
  if (is_control_kind (kind))
    g_string_append (text, self->vocabulary.tokens[id]);
  else if (self->rules->spaces_as_bars)
    decode_piece (self->vocabulary.tokens[id], kind, text);
  else if (kind == ATTUNE_TOKEN_USER_DEFINED || !self->rules->byte_level)
    g_string_append (text, self->vocabulary.tokens[id]);
  else
    attune_byte_level_decode (self->vocabulary.tokens[id], text);
}

gboolean
attune_tokenizer_strips_first (const AttuneTokenizer *self)
{
  return self->rules->strips_first;
}

char *
attune_tokenizer_decode (const AttuneTokenizer *self, const gint32 *ids, gsize n, gboolean special)
{
  g_autoptr (GString) bytes = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    attune_tokenizer_decode_one (self, ids[i], special, bytes);
  if (self->rules->strips_first && bytes->len > 0 && bytes->str[0] == ' ')
    g_string_erase (bytes, 0, 1); /* the prefix */
  return g_utf8_make_valid (bytes->str, (gssize) bytes->len);
}

gint32
attune_tokenizer_find (const AttuneTokenizer *self, const char *token)
{
  g_return_val_if_fail (token != NULL, -1);
  return find_token (self, token);
}

guint
attune_tokenizer_get_size (const AttuneTokenizer *self)
{
  return self->vocabulary.n_tokens;
}

gint32
attune_tokenizer_get_bos (const AttuneTokenizer *self)
{
  return self->vocabulary.bos;
}

gint32
attune_tokenizer_get_eos (const AttuneTokenizer *self)
{
  return self->vocabulary.eos;
}

gint32
attune_tokenizer_get_pad (const AttuneTokenizer *self)
{
  return self->vocabulary.pad;
}

const AttuneVocabulary *
attune_tokenizer_get_vocabulary (const AttuneTokenizer *self)
{
  return &self->vocabulary;
}

gboolean
attune_tokenizer_is_control (const AttuneTokenizer *self, gint32 id)
{
  return id >= 0 && (guint) id < self->vocabulary.n_tokens && is_control_kind (get_kind (self, id));
}
