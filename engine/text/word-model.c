/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A vocabulary's merges, or its tokens' scores, as the tables that words are looked up in.
 */
#include "text/word-model.h"
#include "text/byte-level.h"
#include "text/byte-pair.h"
#include "text/joints.h"
#include "text/unigram.h"
#include "text/word-cache.h"

#include <string.h>

struct _AttuneWordModel
{
  const AttuneVocabulary *vocabulary;
  GHashTable *index;
  gboolean byte_level, prefers_whole;
  AttuneBytePair *byte_pair; /* or */
  AttuneUnigram *unigram;
  AttuneJoints *joints; /* (nullable): words are not cut any further */
  AttuneWordCache *cache;
};

static gint32
find_token (GHashTable *index, const char *token)
{
  return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (index, token)) - 1;
}

static AttuneTokenKind
get_kind (const AttuneVocabulary *vocabulary, gint32 id)
{
  return vocabulary->kinds != NULL ? (AttuneTokenKind) vocabulary->kinds[id] : ATTUNE_TOKEN_NORMAL;
}

/* Whether text may be written with @id: a control token is nobody's text, whatever it is spelled
 * like. */
static gboolean
is_text (const AttuneVocabulary *vocabulary, gint32 id)
{
  const AttuneTokenKind kind = get_kind (vocabulary, id);

  return kind == ATTUNE_TOKEN_NORMAL || kind == ATTUNE_TOKEN_USER_DEFINED
         || kind == ATTUNE_TOKEN_UNUSED;
}

/* --- symbols */

/* Returns: how many there are. */
static guint
find_bytes (const AttuneWordModel *self, gint32 bytes[256])
{
  guint n = 0;

  for (int b = 0; b < 256; b++)
    {
      char spelling[8] = { 0 };

      if (self->byte_level)
        g_unichar_to_utf8 (attune_byte_level_spell ((guint8) b), spelling);
      else
        g_snprintf (spelling, sizeof spelling, "<0x%02X>", b);
      bytes[b] = find_token (self->index, spelling);
      n += bytes[b] >= 0;
    }
  return n;
}

/* Every character that is a token, and, where @all, every other that tokens are made of: those are
 * numbered from the size of the vocabulary on. */
static GHashTable *
find_characters (const AttuneWordModel *self, gboolean all)
{
  GHashTable *characters = g_hash_table_new (NULL, NULL);
  const AttuneVocabulary *vocabulary = self->vocabulary;
  guint n = vocabulary->n_tokens;

  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      const char *token = vocabulary->tokens[i], *end = token + strlen (token), *next;
      const gboolean one = *token != 0 && g_utf8_next_char (token) == end;

      if (one && is_text (vocabulary, (gint32) i))
        g_hash_table_insert (characters,
                             GUINT_TO_POINTER (attune_character_read (token, end, &next)),
                             GUINT_TO_POINTER (find_token (self->index, token) + 1));
    }
  for (guint i = 0; all && i < vocabulary->n_tokens; i++)
    for (const char *p = vocabulary->tokens[i], *end = p + strlen (p), *next;
         p < end && is_text (vocabulary, (gint32) i); p = next)
      {
        const gunichar c = attune_character_read (p, end, &next);

        if (!g_hash_table_contains (characters, GUINT_TO_POINTER (c)))
          g_hash_table_insert (characters, GUINT_TO_POINTER (c), GUINT_TO_POINTER (++n));
      }
  return characters;
}

/* --- merges */

static void
add_joint (AttuneWordModel *self, const char *left, const char *right)
{
  const char *last = g_utf8_find_prev_char (left, left + strlen (left)), *next;

  if (self->joints != NULL && last != NULL)
    attune_joints_add (self->joints, attune_character_read (last, left + strlen (left), &next),
                       attune_character_read (right, right + strlen (right), &next));
}

/* Reads "left right" of merge @i. */
static gboolean
read_merge (AttuneWordModel *self, guint i, GString *scratch, AttuneMerge *merge, GError **error)
{
  const char *text = self->vocabulary->merges[i],
             *space = *text != 0 ? strchr (text + 1, ' ') : NULL;

  if (space != NULL && space[1] != 0)
    {
      g_string_truncate (scratch, 0);
      g_string_append_len (scratch, text, space - text);
      merge->left = find_token (self->index, scratch->str);
      merge->right = find_token (self->index, space + 1);
      if (merge->left >= 0 && merge->right >= 0)
        add_joint (self, scratch->str, space + 1);
      g_string_append (scratch, space + 1);
      merge->joined = find_token (self->index, scratch->str);
      merge->rank = (gint32) i;
      if (merge->left >= 0 && merge->right >= 0 && merge->joined >= 0)
        return TRUE;
    }
  g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
               "merge %u, “%s”, does not join two tokens of the vocabulary into a third.", i + 1,
               text);
  return FALSE;
}

static gboolean
use_merges (AttuneWordModel *self, AttuneSymbols *symbols, GError **error)
{
  const guint n = self->vocabulary->n_merges;
  g_autofree AttuneMerge *merges = g_new (AttuneMerge, (gsize) n + 1);
  g_autoptr (GString) scratch = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (!read_merge (self, i, scratch, &merges[i], error))
      {
        g_clear_pointer (&symbols->characters, g_hash_table_unref);
        return FALSE;
      }
  self->byte_pair = attune_byte_pair_new (symbols, merges, n);
  return TRUE;
}

/* --- scores */

static int
compare_scores (gconstpointer a, gconstpointer b, gpointer scores)
{
  const float x = ((const float *) scores)[*(const guint *) a],
              y = ((const float *) scores)[*(const guint *) b];

  return (x < y) - (x > y);
}

/* Of each token how many others have a better score. */
static gint32 *
rank_tokens (const AttuneVocabulary *vocabulary)
{
  gint32 *ranks = g_new (gint32, vocabulary->n_tokens);
  g_autofree guint *order = g_new (guint, vocabulary->n_tokens);

  for (guint i = 0; i < vocabulary->n_tokens; i++)
    order[i] = i;
  g_qsort_with_data (order, (int) vocabulary->n_tokens, sizeof *order, compare_scores,
                     (gpointer) vocabulary->scores);
  for (guint k = 0; k < vocabulary->n_tokens; k++)
    ranks[order[k]] = k > 0 && vocabulary->scores[order[k]] == vocabulary->scores[order[k - 1]]
                          ? ranks[order[k - 1]]
                          : (gint32) k;
  return ranks;
}

/* The symbol that @text, of @length bytes, is: a token, or a single character. */
static gint32
find_symbol (const AttuneWordModel *self, GHashTable *characters, const char *text, gsize length,
             GString *scratch)
{
  const char *next;
  const gunichar c = attune_character_read (text, text + length, &next);
  gint32 id;

  if (next == text + length)
    return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (characters, GUINT_TO_POINTER (c))) - 1;
  g_string_truncate (scratch, 0);
  g_string_append_len (scratch, text, (gssize) length);
  id = find_token (self->index, scratch->str);
  return id >= 0 && is_text (self->vocabulary, id) ? id : -1;
}

/* Every way in which two symbols side by side are a token: the one with the best score comes
 * first. That is how SentencePiece's BPE merges. */
static void
use_scores (AttuneWordModel *self, AttuneSymbols *symbols)
{
  const AttuneVocabulary *vocabulary = self->vocabulary;
  g_autofree gint32 *ranks = rank_tokens (vocabulary);
  g_autoptr (GArray) merges = g_array_new (FALSE, FALSE, sizeof (AttuneMerge));
  g_autoptr (GString) scratch = g_string_new (NULL);

  for (guint i = 0; i < vocabulary->n_tokens; i++)
    {
      const char *token = vocabulary->tokens[i];
      const gsize length = strlen (token);
      const char *next = token;

      if (length == 0 || !is_text (vocabulary, (gint32) i)
          || find_token (self->index, token) != (gint32) i)
        continue;
      attune_joints_add_text (self->joints, token, length);
      for (attune_character_next (&next, token + length); next < token + length;
           attune_character_next (&next, token + length))
        {
          const gsize left = (gsize) (next - token);
          const AttuneMerge merge = {
            find_symbol (self, symbols->characters, token, left, scratch),
            find_symbol (self, symbols->characters, next, length - left, scratch),
            (gint32) i,
            ranks[i],
          };

          if (merge.left >= 0 && merge.right >= 0)
            g_array_append_val (merges, merge);
        }
    }
  self->byte_pair
      = attune_byte_pair_new (symbols, (const AttuneMerge *) (gpointer) merges->data, merges->len);
}

static void
use_unigram (AttuneWordModel *self, const AttuneSymbols *symbols, gboolean has_bytes)
{
  const AttuneVocabulary *vocabulary = self->vocabulary;

  self->unigram = attune_unigram_new (has_bytes ? symbols->bytes : NULL, symbols->unknown);
  for (guint i = 0; i < vocabulary->n_tokens; i++)
    if (*vocabulary->tokens[i] != 0 && is_text (vocabulary, (gint32) i))
      {
        const gboolean added = get_kind (vocabulary, (gint32) i) == ATTUNE_TOKEN_USER_DEFINED;

        attune_unigram_add (self->unigram, vocabulary->tokens[i], (gint32) i,
                            added ? 0.0 : (double) vocabulary->scores[i]);
        attune_joints_add_text (self->joints, vocabulary->tokens[i],
                                strlen (vocabulary->tokens[i]));
      }
}

static gboolean
build (AttuneWordModel *self, const AttuneTextRules *rules, GError **error)
{
  const AttuneVocabulary *vocabulary = self->vocabulary;
  const gboolean is_unigram = g_str_equal (vocabulary->model, "t5");
  const gboolean scored
      = !self->byte_level && vocabulary->n_merges == 0 && vocabulary->scores != NULL;
  AttuneSymbols symbols = { .n_tokens = vocabulary->n_tokens,
                            .unknown = vocabulary->unknown,
                            .fuse_unknown = rules->fuse_unknown };
  const guint n_bytes = find_bytes (self, symbols.bytes);

  if (self->byte_level && n_bytes == 0)
    {
      g_set_error_literal (
          error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
          "it has no token for any single byte, so text cannot be written with it.");
      return FALSE;
    }
  if (self->byte_level && is_unigram)
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                           "it chooses the most likely tokens (unigram), but spells them in bytes, "
                           "which this version of Attune does not bring together.");
      return FALSE;
    }
  if ((is_unigram || g_str_equal (vocabulary->model, "llama")) && vocabulary->scores == NULL
      && (is_unigram || vocabulary->n_merges == 0))
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                           "it does not say how likely its tokens are (scores).");
      return FALSE;
    }
  for (int b = 0; b < 256 && !self->byte_level && !rules->byte_fallback; b++)
    symbols.bytes[b] = -1;
  if (is_unigram)
    use_unigram (self, &symbols, n_bytes == 256 && rules->byte_fallback);
  else
    {
      symbols.characters = self->byte_level ? NULL : find_characters (self, scored);
      if (!scored)
        return use_merges (self, &symbols, error);
      use_scores (self, &symbols);
    }
  return TRUE;
}

AttuneWordModel *
attune_word_model_new (const AttuneVocabulary *vocabulary, const AttuneTextRules *rules,
                       GHashTable *index, GError **error)
{
  g_autoptr (AttuneWordModel) self = g_new0 (AttuneWordModel, 1);

  self->vocabulary = vocabulary;
  self->index = index;
  self->byte_level = rules->byte_level;
  self->prefers_whole = attune_pretokenizer_prefers_whole (rules->pretokenizer);
  self->cache = attune_word_cache_new ();
  self->joints = self->byte_level ? NULL : g_new0 (AttuneJoints, 1);
  return build (self, rules, error) ? g_steal_pointer (&self) : NULL;
}

void
attune_word_model_free (AttuneWordModel *self)
{
  if (self == NULL)
    return;
  attune_byte_pair_free (self->byte_pair);
  attune_unigram_free (self->unigram);
  attune_word_cache_free (self->cache);
  g_free (self->joints);
  g_free (self);
}

gsize
attune_word_model_cut (const AttuneWordModel *self, const char *word, gsize length)
{
  return self->joints != NULL && !self->prefers_whole
             ? attune_joints_cut (self->joints, word, length)
             : length;
}

/* The token that @word is as it stands, or -1. */
static gint32
find_whole (const AttuneWordModel *self, const char *word, gsize length)
{
  g_autoptr (GString) spelling = g_string_sized_new (length * 2);
  gint32 id;

  for (gsize i = 0; i < length; i++)
    if (self->byte_level)
      g_string_append_unichar (spelling, attune_byte_level_spell ((guint8) word[i]));
    else
      g_string_append_c (spelling, word[i]);
  id = find_token (self->index, spelling->str);
  return id >= 0 && is_text (self->vocabulary, id) ? id : -1;
}

void
attune_word_model_encode (const AttuneWordModel *self, const char *word, gsize length, GArray *ids)
{
  const guint first = ids->len;
  guint slot = 0;
  gint32 whole;

  if (attune_word_cache_find (self->cache, word, length, ids, &slot))
    return;
  whole = self->prefers_whole ? find_whole (self, word, length) : -1;
  if (whole >= 0)
    g_array_append_val (ids, whole);
  else if (self->unigram != NULL)
    attune_unigram_encode (self->unigram, word, length, ids);
  else
    attune_byte_pair_encode (self->byte_pair, word, length, ids);
  if (ids->len > first) /* nothing comes of bytes that a byte-level vocabulary lacks */
    attune_word_cache_add (self->cache, slot, word, length, &g_array_index (ids, gint32, first),
                           ids->len - first);
}
