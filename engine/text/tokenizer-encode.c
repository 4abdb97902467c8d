/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From text to tokens: special tokens are cut out, the rest is normalised and cut into words, each
 * word is made into tokens.
 */
#include "text/tokenizer-private.h"
#include "text/character.h"

#include <string.h>

typedef struct
{
  const AttuneTokenizer *self;
  const char *text; /* what the words lie in: normalised, if anything is */
  GArray *ids;
  GArray *ends;            /* (nullable): in the text that was given */
  const GArray *text_ends; /* (nullable): of each byte of @text; %NULL: it begins at @offset */
  gsize offset;
} Encoding;

/* Where in the given text byte @at of the normalised one ends. */
static gsize
find_end (const Encoding *e, gsize at)
{
  if (e->text_ends == NULL)
    return e->offset + at;
  return at > 0 ? g_array_index (e->text_ends, gsize, MIN (at, e->text_ends->len) - 1) : e->offset;
}

static void
add_end (Encoding *e, gsize end)
{
  if (e->ends != NULL)
    g_array_append_val (e->ends, end);
}

/* The ends of the tokens from @first on, which are those of @part. */
static void
add_ends (Encoding *e, guint first, const char *part, gsize length)
{
  const gsize start = (gsize) (part - e->text);
  gsize end = start;

  for (guint i = first; i < e->ids->len; i++)
    {
      const gint32 id = g_array_index (e->ids, gint32, i);
      const char *next = part + length;

      if (id == e->self->vocabulary.unknown && end < start + length) /* stands for anything */
        attune_character_read (e->text + end, part + length, &next);
      end += id == e->self->vocabulary.unknown ? (gsize) (next - e->text) - end
                                               : e->self->lengths[id];
      add_end (e, find_end (e, MIN (end, start + length)));
    }
  if (e->ids->len > first) /* bytes that the vocabulary lacks were left out */
    g_array_index (e->ends, gsize, e->ends->len - 1) = find_end (e, start + length);
}

static void
encode_word (const char *word, gsize length, gpointer data)
{
  Encoding *e = data;
  const gint32 unknown = e->self->vocabulary.unknown;
  const gboolean fuses = e->self->rules->fuse_unknown;
  gboolean inside = FALSE;

  for (const char *end = word + length; word < end; inside = TRUE)
    {
      const gsize part = attune_word_model_cut (e->self->words, word, (gsize) (end - word));
      const guint first = e->ids->len;

      attune_word_model_encode (e->self->words, word, part, e->ids);
      if (e->ends != NULL)
        add_ends (e, first, word, part);
      if (fuses && inside && first > 0 && e->ids->len > first
          && g_array_index (e->ids, gint32, first) == unknown
          && g_array_index (e->ids, gint32, first - 1) == unknown)
        {
          /* it goes on over where the word was cut */
          if (e->ends != NULL)
            g_array_remove_index (e->ends, e->ends->len - (e->ids->len - first) - 1);
          g_array_remove_index (e->ids, first - 1);
        }
      word += part;
    }
}

/* Cuts special tokens out of a text, and gives what lies between to @func. */
static void
cut_specials (Encoding *e, const AttuneSpecials *specials, const char *text, gsize length,
              gboolean control, const guint8 *marks,
              void (*func) (Encoding *e, const char *from, gsize length, gboolean first))
{
  const char *const end = text + length;
  const char *p = text, *from = NULL, *to = NULL;
  const AttuneSpecial *special;

  while (attune_specials_has_any (specials, control)
         && (special = attune_specials_find (specials, text, p, end, control, marks, &from, &to))
                != NULL)
    {
      if (from > p)
        func (e, p, (gsize) (from - p), p == text);
      g_array_append_val (e->ids, special->id);
      add_end (e, find_end (e, (gsize) (to - e->text)));
      p = to;
    }
  if (p < end)
    func (e, p, (gsize) (end - p), p == text);
}

/* Normalised text without special tokens. */
static void
encode_words (Encoding *e, const char *from, gsize length, gboolean first)
{
  attune_pretokenize (e->self->rules->pretokenizer, from, length, encode_word, e);
}

/* Text as it was given, without the special tokens that are found there. */
static void
encode_piece (Encoding *e, const char *from, gsize length, gboolean first)
{
  const AttuneTokenizer *self = e->self;
  AttuneNormalText normal = { NULL, NULL };
  Encoding inner = *e;

  if (attune_normalizer_is_empty (self->rules->normalizer))
    {
      cut_specials (e, self->normal, from, length, FALSE, NULL, encode_words);
      return;
    }
  normal.text = g_string_sized_new (length + length / 2);
  normal.ends = e->ends != NULL ? g_array_new (FALSE, FALSE, sizeof (gsize)) : NULL;
  attune_normalizer_run (self->rules->normalizer, from, length, first, (gsize) (from - e->text),
                         &normal);
  inner.text = normal.text->str;
  inner.text_ends = normal.ends;
  inner.offset = (gsize) (from - e->text);
  cut_specials (&inner, self->normal, normal.text->str, normal.text->len, FALSE, NULL,
                encode_words);
  g_string_free (normal.text, TRUE);
  g_clear_pointer (&normal.ends, g_array_unref);
}

void
attune_tokenizer_encode (const AttuneTokenizer *self, const char *text, gssize length,
                         AttuneTokenizeFlags flags, GArray *ids)
{
  Encoding e = { self, text, ids, NULL, NULL, 0 };

  g_return_if_fail (text != NULL && ids != NULL);
  cut_specials (&e, self->raw, text, length < 0 ? strlen (text) : (gsize) length,
                (flags & ATTUNE_TOKENIZE_SPECIAL) != 0, NULL, encode_piece);
}

void
attune_tokenizer_encode_marked (const AttuneTokenizer *self, const char *text, const guint8 *marks,
                                gsize length, GArray *ids, GArray *ends)
{
  Encoding e = { self, text, ids, ends, NULL, 0 };

  cut_specials (&e, self->raw, text, length, TRUE, marks, encode_piece);
}
