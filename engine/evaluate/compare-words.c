/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See compare-words.h: the words get numbers, and the numbers are compared.
 */
#include "evaluate/compare-words.h"

#include "evaluate/words.h"

#include <string.h>

#define MOST_PAIRS (4 << 20) /* two bytes each; about 10 ms */

typedef struct
{
  GArray *words; /* AttuneWord */
  GArray *ids;   /* guint, in step */
} Text;

static void
text_clear (Text *text)
{
  g_clear_pointer (&text->words, g_array_unref);
  g_clear_pointer (&text->ids, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Text, text_clear)

static gboolean
is_article (const char *word)
{
  return strcmp (word, "a") == 0 || strcmp (word, "an") == 0 || strcmp (word, "the") == 0;
}

/* Adds the word of @text at @start unless it says nothing. */
static void
add_word (Text *self, const char *text, gsize start, gsize length, GHashTable *known)
{
  g_autofree char *piece = g_strndup (text + start, length);
  g_autofree char *simple = attune_words_simplify (piece);
  const AttuneWord word = { (guint) start, (guint) length, FALSE };
  guint id;

  if (*simple == '\0' || is_article (simple))
    return;
  id = GPOINTER_TO_UINT (g_hash_table_lookup (known, simple));
  if (id == 0)
    {
      id = g_hash_table_size (known) + 1;
      g_hash_table_insert (known, g_steal_pointer (&simple), GUINT_TO_POINTER (id));
    }
  g_array_append_val (self->words, word);
  g_array_append_val (self->ids, id);
}

static void
text_init (Text *self, const char *text, GHashTable *known)
{
  const char *at = text;

  self->words = g_array_new (FALSE, FALSE, sizeof (AttuneWord));
  self->ids = g_array_new (FALSE, FALSE, sizeof (guint));
  while (*at != '\0')
    {
      const char *start;

      while (*at != '\0' && g_unichar_isspace (g_utf8_get_char (at)))
        at = g_utf8_next_char (at);
      for (start = at; *at != '\0' && !g_unichar_isspace (g_utf8_get_char (at));
           at = g_utf8_next_char (at))
        ;
      if (at > start)
        add_word (self, text, start - text, at - start, known);
    }
}

static guint
id_at (const Text *text, guint i)
{
  return g_array_index (text->ids, guint, i);
}

static void
mark (Text *text, guint i)
{
  g_array_index (text->words, AttuneWord, i).common = TRUE;
}

/* lengths[i][j]: of the longest common subsequence of what follows word i and word j. */
static void
mark_in_order (Text *a, Text *b)
{
  const guint n = a->ids->len, m = b->ids->len, row = m + 1;
  g_autofree guint16 *lengths = g_new0 (guint16, (gsize) (n + 1) * row);
  guint i = 0, j = 0;

  for (guint k = n; k-- > 0;)
    for (guint l = m; l-- > 0;)
      lengths[k * row + l] = id_at (a, k) == id_at (b, l)
                                 ? lengths[(k + 1) * row + l + 1] + 1
                                 : MAX (lengths[(k + 1) * row + l], lengths[k * row + l + 1]);
  while (i < n && j < m)
    if (id_at (a, i) == id_at (b, j))
      {
        mark (a, i++);
        mark (b, j++);
      }
    else if (lengths[(i + 1) * row + j] >= lengths[i * row + j + 1])
      i++;
    else
      j++;
}

/* Marks the words of @text that @other has, as often as it has them. */
static void
mark_in_any_order (Text *text, const Text *other, guint n_ids)
{
  g_autofree guint *left = g_new0 (guint, n_ids + 1);

  for (guint i = 0; i < other->ids->len; i++)
    left[id_at (other, i)]++;
  for (guint i = 0; i < text->ids->len; i++)
    if (left[id_at (text, i)] > 0)
      {
        left[id_at (text, i)]--;
        mark (text, i);
      }
}

void
attune_compare_words (const char *expected, const char *answer, GArray **expected_words,
                      GArray **answer_words)
{
  g_autoptr (GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (Text) a = { 0 }, b = { 0 };

  g_return_if_fail (expected != NULL && answer != NULL);
  g_return_if_fail (expected_words != NULL && answer_words != NULL);

  text_init (&a, expected, known);
  text_init (&b, answer, known);
  if (a.ids->len < G_MAXUINT16 && b.ids->len < G_MAXUINT16
      && (guint64) a.ids->len * b.ids->len <= MOST_PAIRS)
    mark_in_order (&a, &b);
  else
    {
      mark_in_any_order (&a, &b, g_hash_table_size (known));
      mark_in_any_order (&b, &a, g_hash_table_size (known));
    }
  *expected_words = g_steal_pointer (&a.words);
  *answer_words = g_steal_pointer (&b.words);
}
