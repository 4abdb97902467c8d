/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The merges that a vocabulary of SentencePiece's scores stands for. Order and ties as in the
 * converter of Hugging Face Transformers (convert_slow_tokenizer.py), so that both give one file.
 */
#include "deploy/tokenizer-json.h"

#include <string.h>

typedef struct
{
  const char *whole; /* borrowed from the vocabulary */
  guint cut;         /* bytes of the left part */
  guint left_letters, right_letters;
  gint32 left, right, id;
  float score;
} Merge;

/* Best score first; then longer parts; then as the vocabulary has them. */
static int
compare (gconstpointer a, gconstpointer b)
{
  const Merge *x = a, *y = b;

  if (x->score != y->score)
    return x->score > y->score ? -1 : 1;
  if (x->left_letters != y->left_letters)
    return x->left_letters > y->left_letters ? -1 : 1;
  if (x->right_letters != y->right_letters)
    return x->right_letters > y->right_letters ? -1 : 1;
  if (x->id != y->id)
    return x->id < y->id ? -1 : 1;
  if (x->left != y->left)
    return x->left < y->left ? -1 : 1;
  return x->right < y->right ? -1 : x->right > y->right;
}

/* Control tokens and bytes are never joined from parts. */
static gboolean
is_written (const AttuneVocabulary *v, guint id)
{
  const gint32 kind = v->kinds != NULL ? v->kinds[id] : ATTUNE_TOKEN_NORMAL;

  return kind == ATTUNE_TOKEN_NORMAL || kind == ATTUNE_TOKEN_USER_DEFINED
         || kind == ATTUNE_TOKEN_UNUSED;
}

/* The number of the token that @text of @length bytes spells, or -1. */
static gint32
find (GHashTable *index, GString *room, const char *text, gsize length)
{
  g_string_truncate (room, 0);
  g_string_append_len (room, text, (gssize) length);
  return (gint32) GPOINTER_TO_UINT (g_hash_table_lookup (index, room->str)) - 1;
}

static void
cut_token (const AttuneVocabulary *v, guint id, GHashTable *index, GString *room, GArray *merges)
{
  const char *whole = v->tokens[id], *end = whole + strlen (whole);
  const guint letters = (guint) g_utf8_strlen (whole, -1);
  guint left_letters = 1;

  for (const char *p = g_utf8_next_char (whole); p < end; p = g_utf8_next_char (p), left_letters++)
    {
      Merge merge = { .whole = whole,
                      .cut = (guint) (p - whole),
                      .left_letters = left_letters,
                      .right_letters = letters - left_letters,
                      .id = (gint32) id,
                      .score = v->scores != NULL ? v->scores[id] : 0 };

      merge.left = find (index, room, whole, (gsize) (p - whole));
      merge.right = find (index, room, p, (gsize) (end - p));
      if (merge.left >= 0 && merge.right >= 0)
        g_array_append_val (merges, merge);
    }
}

GPtrArray *
attune_export_make_merges (const AttuneVocabulary *v)
{
  g_autoptr (GHashTable) index = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GArray) merges = g_array_new (FALSE, FALSE, sizeof (Merge));
  g_autoptr (GString) room = g_string_new (NULL);
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < v->n_tokens; i++)
    if (is_written (v, i))
      g_hash_table_insert (index, (char *) v->tokens[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < v->n_tokens; i++)
    if (is_written (v, i) && *v->tokens[i] != '\0')
      cut_token (v, i, index, room, merges);
  g_array_sort (merges, compare);
  for (guint i = 0; i < merges->len; i++)
    {
      const Merge *merge = &g_array_index (merges, Merge, i);

      g_ptr_array_add (lines, g_strdup_printf ("%.*s %s", (int) merge->cut, merge->whole,
                                               merge->whole + merge->cut));
    }
  return lines;
}
