/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list by first byte, the longest first: of the characters of a text few begin one.
 */
#include "text/special-tokens.h"
#include "text/character.h"

#include <string.h>

struct _AttuneSpecials
{
  GArray *all;      /* AttuneSpecial, by first byte, the longest first */
  guint first[257]; /* those that begin with byte b: first[b] … first[b + 1] - 1 */
  gboolean has_others;
};

static void
clear_special (gpointer data)
{
  g_free (((AttuneSpecial *) data)->text);
}

AttuneSpecials *
attune_specials_new (void)
{
  AttuneSpecials *self = g_new0 (AttuneSpecials, 1);

  self->all = g_array_new (FALSE, FALSE, sizeof (AttuneSpecial));
  g_array_set_clear_func (self->all, clear_special);
  return self;
}

void
attune_specials_free (AttuneSpecials *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->all);
  g_free (self);
}

void
attune_specials_add (AttuneSpecials *self, const char *text, gint32 id, gboolean control,
                     guint8 flags)
{
  const AttuneSpecial special = { g_strdup (text), strlen (text), id, control, flags };

  g_return_if_fail (special.length > 0);
  g_array_append_val (self->all, special);
  self->has_others |= !control;
}

static int
compare_specials (gconstpointer a, gconstpointer b)
{
  const AttuneSpecial *x = a, *y = b;

  if (x->text[0] != y->text[0])
    return (guchar) x->text[0] - (guchar) y->text[0];
  if (x->length != y->length)
    return x->length > y->length ? -1 : 1;
  return x->id - y->id;
}

void
attune_specials_finish (AttuneSpecials *self)
{
  guint place = 0;

  g_array_sort (self->all, compare_specials);
  for (int b = 0; b < 256; b++)
    {
      self->first[b] = place;
      while (place < self->all->len
             && (guchar) g_array_index (self->all, AttuneSpecial, place).text[0] == b)
        place++;
    }
  self->first[256] = place;
}

gboolean
attune_specials_has_any (const AttuneSpecials *self, gboolean control)
{
  return control ? self->all->len > 0 : self->has_others;
}

static gboolean
is_word (const char *p, const char *end)
{
  const char *next;

  return attune_character_is_word (attune_character_read (p, end, &next));
}

/* Whether the text from @p to @after is a word of its own. */
static gboolean
is_single (const char *start, const char *p, const char *after, const char *end)
{
  const char *before = p > start ? g_utf8_find_prev_char (start, p) : NULL;

  return (before == NULL || !is_word (before, end)) && (after == end || !is_word (after, end));
}

/* The longest special token at @p, or %NULL. */
static const AttuneSpecial *
match (const AttuneSpecials *self, const char *start, const char *p, const char *end,
       gboolean control, const guint8 *marks)
{
  const guchar byte = (guchar) *p;

  for (guint i = self->first[byte]; i < self->first[byte + 1]; i++)
    {
      const AttuneSpecial *special = &g_array_index (self->all, AttuneSpecial, i);
      gboolean own = control;

      if (special->length > (gsize) (end - p) || memcmp (special->text, p, special->length) != 0)
        continue;
      for (gsize k = 0; special->control && marks != NULL && k < special->length; k++)
        own = own && marks[p - start + (gssize) k] == 0;
      if ((own || !special->control)
          && ((special->flags & ATTUNE_TOKEN_SINGLE_WORD) == 0
              || is_single (start, p, p + special->length, end)))
        return special;
    }
  return NULL;
}

const AttuneSpecial *
attune_specials_find (const AttuneSpecials *self, const char *start, const char *p, const char *end,
                      gboolean control, const guint8 *marks, const char **from, const char **to)
{
  const char *const first = p;

  for (; p < end; p++)
    {
      const AttuneSpecial *special = self->first[(guchar) *p] < self->first[(guchar) *p + 1]
                                         ? match (self, start, p, end, control, marks)
                                         : NULL;
      const char *next;

      if (special == NULL)
        continue;
      *from = p;
      *to = p + special->length;
      if ((special->flags & ATTUNE_TOKEN_STRIPS_LEFT) != 0)
        for (const char *q; *from > first && (q = g_utf8_find_prev_char (first, *from)) != NULL
                            && (attune_character_peek (q, end, &next) & ATTUNE_WHITE_SPACE) != 0;)
          *from = q;
      if ((special->flags & ATTUNE_TOKEN_STRIPS_RIGHT) != 0)
        while (*to < end && (attune_character_peek (*to, end, &next) & ATTUNE_WHITE_SPACE) != 0)
          *to = next;
      return special;
    }
  return NULL;
}
