/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The byte-level BPE tokenizer: special tokens are cut out of template text, the rest is cut into
 * words, each word is merged. Equal to the reference (Hugging Face tokenizers) id by id.
 */
#include "text/tokenizer-private.h"
#include "text/byte-level.h"
#include "text/byte-pair.h"
#include "text/pretokenize.h"

#include <string.h>

G_DEFINE_QUARK (attune_text_error, attune_text_error)

/* A token that is found in text as it is spelled. */
typedef struct
{
  const char *text; /* borrowed from the vocabulary */
  gsize length;
  gint32 id;
  gboolean control; /* only in template text */
} Special;

struct _AttuneTokenizer
{
  gatomicrefcount ref_count;
  AttuneVocabulary vocabulary; /* all of it owned */
  char *token_text, *merge_text;
  GHashTable *index; /* spelling to id + 1; borrows the spellings */
  const AttunePretokenizer *pretokenizer;
  AttuneBytePair *byte_pair;
  guint16 *lengths; /* bytes each token stands for */
  GArray *specials; /* Special, by first byte, the longest first */
  guint first[257]; /* specials that begin with byte b: first[b] … first[b + 1] - 1 */
  gboolean has_user_defined;
};

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

/* A copy of @strings whose text lies in one block, @text. */
static const char **
copy_strings (const char *const *strings, guint n, char **text)
{
  const char **copy = g_new (const char *, (gsize) n + 1);
  gsize total = 0;
  char *p;

  for (guint i = 0; i < n; i++)
    total += strlen (strings[i]) + 1;
  p = *text = g_malloc (MAX (total, 1));
  for (guint i = 0; i < n; i++)
    {
      copy[i] = p;
      p = g_stpcpy (p, strings[i]) + 1;
    }
  copy[n] = NULL;
  return copy;
}

static void
copy_vocabulary (AttuneTokenizer *self, const AttuneVocabulary *from)
{
  AttuneVocabulary *to = &self->vocabulary;

  *to = *from;
  to->model = g_strdup (from->model);
  to->pre = g_strdup (from->pre);
  to->tokens = copy_strings (from->tokens, from->n_tokens, &self->token_text);
  to->merges = copy_strings (from->merges, from->n_merges, &self->merge_text);
  to->kinds = g_memdup2 (from->kinds, from->n_tokens * sizeof *from->kinds);
  self->index = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < to->n_tokens; i++)
    if (!g_hash_table_contains (self->index, to->tokens[i]))
      g_hash_table_insert (self->index, (gpointer) to->tokens[i], GUINT_TO_POINTER (i + 1));
}

static gint32
find_token (const AttuneTokenizer *self, const char *token)
{
  return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (self->index, token)) - 1;
}

/* Reads "left right" of merge @i. */
static gboolean
read_merge (const AttuneTokenizer *self, guint i, GString *scratch, AttuneMerge *merge,
            GError **error)
{
  const char *text = self->vocabulary.merges[i], *space = strchr (text, ' ');

  if (space != NULL && space > text && space[1] != 0)
    {
      g_string_truncate (scratch, 0);
      g_string_append_len (scratch, text, space - text);
      merge->left = find_token (self, scratch->str);
      merge->right = find_token (self, space + 1);
      g_string_append (scratch, space + 1);
      merge->joined = find_token (self, scratch->str);
      if (merge->left >= 0 && merge->right >= 0 && merge->joined >= 0)
        return TRUE;
    }
  g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
               "merge %u, “%s”, does not join two tokens of the vocabulary into a third.", i + 1,
               text);
  return FALSE;
}

static gboolean
build_byte_pair (AttuneTokenizer *self, GError **error)
{
  g_autofree AttuneMerge *merges = g_new (AttuneMerge, (gsize) self->vocabulary.n_merges + 1);
  g_autoptr (GString) scratch = g_string_new (NULL);
  gint32 bytes[256];
  guint n_bytes = 0;

  for (int b = 0; b < 256; b++)
    {
      char spelling[7] = { 0 };

      g_unichar_to_utf8 (attune_byte_level_spell ((guint8) b), spelling);
      bytes[b] = find_token (self, spelling);
      n_bytes += bytes[b] >= 0;
    }
  if (n_bytes == 0)
    {
      g_set_error_literal (
          error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
          "it has no token for any single byte, so text cannot be written with it.");
      return FALSE;
    }
  for (guint i = 0; i < self->vocabulary.n_merges; i++)
    if (!read_merge (self, i, scratch, &merges[i], error))
      return FALSE;
  self->byte_pair = attune_byte_pair_new (bytes, merges, self->vocabulary.n_merges);
  return TRUE;
}

static int
compare_specials (gconstpointer a, gconstpointer b)
{
  const Special *x = a, *y = b;

  if (x->text[0] != y->text[0])
    return (guchar) x->text[0] - (guchar) y->text[0];
  if (x->length != y->length)
    return x->length > y->length ? -1 : 1;
  return x->id - y->id;
}

static void
build_tokens (AttuneTokenizer *self)
{
  g_autoptr (GString) bytes = g_string_new (NULL);
  guint place = 0;

  self->lengths = g_new (guint16, self->vocabulary.n_tokens);
  self->specials = g_array_new (FALSE, FALSE, sizeof (Special));
  for (guint i = 0; i < self->vocabulary.n_tokens; i++)
    {
      const char *text = self->vocabulary.tokens[i];
      const AttuneTokenKind kind = get_kind (self, (gint32) i);
      const Special special = { text, strlen (text), (gint32) i, is_control_kind (kind) };

      g_string_truncate (bytes, 0);
      attune_tokenizer_decode_one (self, (gint32) i, TRUE, bytes);
      self->lengths[i] = (guint16) MIN (bytes->len, G_MAXUINT16);
      if ((special.control || kind == ATTUNE_TOKEN_USER_DEFINED) && special.length > 0)
        g_array_append_val (self->specials, special);
      self->has_user_defined |= kind == ATTUNE_TOKEN_USER_DEFINED;
    }
  g_array_sort (self->specials, compare_specials);
  for (int b = 0; b < 256; b++)
    {
      self->first[b] = place;
      while (place < self->specials->len
             && (guchar) g_array_index (self->specials, Special, place).text[0] == b)
        place++;
    }
  self->first[256] = place;
}

AttuneTokenizer *
attune_tokenizer_new (const AttuneVocabulary *vocabulary, GError **error)
{
  g_autoptr (AttuneTokenizer) self = NULL;

  g_return_val_if_fail (
      vocabulary != NULL && vocabulary->model != NULL && vocabulary->tokens != NULL, NULL);

  if (!g_str_equal (vocabulary->model, "gpt2"))
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune does not know the kind of vocabulary “%s”; it knows "
                   "byte-level BPE (“gpt2”).",
                   vocabulary->model);
      return NULL;
    }
  self = g_new0 (AttuneTokenizer, 1);
  g_atomic_ref_count_init (&self->ref_count);
  copy_vocabulary (self, vocabulary);
  self->pretokenizer
      = attune_pretokenizer_find (vocabulary->pre != NULL ? vocabulary->pre : "default");
  if (self->pretokenizer == NULL)
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune does not know how “%s” cuts text into words.",
                   vocabulary->pre);
      return NULL;
    }
  if (!build_byte_pair (self, error))
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
  g_clear_pointer (&self->specials, g_array_unref);
  attune_byte_pair_free (self->byte_pair);
  g_free ((char *) self->vocabulary.model);
  g_free ((char *) self->vocabulary.pre);
  g_free ((gpointer) self->vocabulary.tokens);
  g_free ((gpointer) self->vocabulary.merges);
  g_free ((gpointer) self->vocabulary.kinds);
  g_free (self->token_text);
  g_free (self->merge_text);
  g_free (self->lengths);
  g_free (self);
}

/* --- text to tokens */

typedef struct
{
  const AttuneTokenizer *self;
  const char *text; /* the whole text, for ends */
  GArray *ids;
  GArray *ends; /* (nullable) */
} Encoding;

static void
encode_word (const char *word, gsize length, gpointer data)
{
  Encoding *e = data;
  const guint first = e->ids->len;
  gsize end = (gsize) (word - e->text);

  attune_byte_pair_encode (e->self->byte_pair, word, length, e->ids);
  if (e->ends == NULL)
    return;
  for (guint i = first; i < e->ids->len; i++)
    {
      end += e->self->lengths[g_array_index (e->ids, gint32, i)];
      g_array_append_val (e->ends, end);
    }
  if (e->ids->len > first) /* bytes that the vocabulary lacks were left out */
    g_array_index (e->ends, gsize, e->ends->len - 1) = (gsize) (word - e->text) + length;
}

/* Text without special tokens. */
static void
encode_words (Encoding *e, const char *from, const char *to)
{
  if (to > from)
    attune_pretokenize (e->self->pretokenizer, from, (gsize) (to - from), encode_word, e);
}

/* The longest special token at @p, or %NULL. @marks: of @p's bytes. */
static const Special *
match_special (const AttuneTokenizer *self, const char *p, const char *end, gboolean control,
               const guint8 *marks)
{
  const guchar byte = (guchar) *p;

  for (guint i = self->first[byte]; i < self->first[byte + 1]; i++)
    {
      const Special *special = &g_array_index (self->specials, Special, i);
      gboolean own = control;

      if (special->length > (gsize) (end - p) || memcmp (special->text, p, special->length) != 0)
        continue;
      for (gsize k = 0; special->control && marks != NULL && k < special->length; k++)
        own = own && marks[k] == 0;
      if (own || !special->control)
        return special;
    }
  return NULL;
}

static void
encode_text (Encoding *e, gsize length, gboolean control, const guint8 *marks)
{
  const char *end = e->text + length, *start = e->text;

  if (!control && !e->self->has_user_defined)
    {
      encode_words (e, start, end);
      return;
    }
  for (const char *p = start; p < end;)
    {
      const Special *special
          = match_special (e->self, p, end, control, marks != NULL ? marks + (p - e->text) : NULL);
      gsize after;

      if (special == NULL)
        {
          p++;
          continue;
        }
      encode_words (e, start, p);
      start = p = p + special->length;
      after = (gsize) (p - e->text);
      g_array_append_val (e->ids, special->id);
      if (e->ends != NULL)
        g_array_append_val (e->ends, after);
    }
  encode_words (e, start, end);
}

void
attune_tokenizer_encode (const AttuneTokenizer *self, const char *text, gssize length,
                         AttuneTokenizeFlags flags, GArray *ids)
{
  Encoding e = { self, text, ids, NULL };

  g_return_if_fail (text != NULL && ids != NULL);
  encode_text (&e, length < 0 ? strlen (text) : (gsize) length,
               (flags & ATTUNE_TOKENIZE_SPECIAL) != 0, NULL);
}

void
attune_tokenizer_encode_marked (const AttuneTokenizer *self, const char *text, const guint8 *marks,
                                gsize length, GArray *ids, GArray *ends)
{
  Encoding e = { self, text, ids, ends };

  encode_text (&e, length, TRUE, marks);
}

/* --- tokens to text */

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
  if (is_control_kind (kind) || kind == ATTUNE_TOKEN_USER_DEFINED)
    g_string_append (text, self->vocabulary.tokens[id]);
  else
    attune_byte_level_decode (self->vocabulary.tokens[id], text);
}

char *
attune_tokenizer_decode (const AttuneTokenizer *self, const gint32 *ids, gsize n, gboolean special)
{
  g_autoptr (GString) bytes = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    attune_tokenizer_decode_one (self, ids[i], special, bytes);
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
