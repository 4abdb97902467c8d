/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The layout: the length of the array in bytes, 32 bits; the array, 32 bits a unit; the texts, each
 * ending in a NUL. The units are those of darts-clone (Yata): offset in bits 10 to 30, shifted by
 * eight where bit 9 is set; bit 8: has a leaf; bits 0 to 7 and 31: the label; a leaf's bits 0 to
 * 30: its value.
 */
#include "text/charsmap.h"
#include "text/tokenizer.h"

#include <string.h>

struct _AttuneCharsmap
{
  guint32 *units;
  gsize n_units;
  char *texts; /* the last byte is 0 */
  gsize n_texts;
};

AttuneCharsmap *
attune_charsmap_new (gconstpointer data, gsize length, GError **error)
{
  const guint8 *bytes = data;
  AttuneCharsmap *self;
  guint32 n;

  if (length > sizeof n)
    {
      memcpy (&n, bytes, sizeof n);
      n = GUINT32_FROM_LE (n);
      if (n % 4 == 0 && n > 0 && n < length - sizeof n && bytes[length - 1] == 0)
        {
          self = g_new (AttuneCharsmap, 1);
          self->n_units = n / 4;
          self->units = g_memdup2 (bytes + sizeof n, n);
          for (gsize i = 0; i < self->n_units; i++)
            self->units[i] = GUINT32_FROM_LE (self->units[i]);
          self->n_texts = length - sizeof n - n;
          self->texts = g_memdup2 (bytes + sizeof n + n, self->n_texts);
          return self;
        }
    }
  g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                       "its table for the characters of a text (precompiled_charsmap) is damaged.");
  return NULL;
}

void
attune_charsmap_free (AttuneCharsmap *self)
{
  if (self == NULL)
    return;
  g_free (self->units);
  g_free (self->texts);
  g_free (self);
}

static gsize
get_offset (guint32 unit)
{
  return (gsize) (unit >> 10) << ((unit & (1u << 9)) >> 6);
}

const char *
attune_charsmap_find (const AttuneCharsmap *self, const char *text, gsize length, gboolean shortest,
                      gsize *taken, gsize *n)
{
  const char *found = NULL;
  gsize at = get_offset (self->units[0]);

  for (gsize i = 0; i < length && text[i] != 0 && !(shortest && found != NULL); i++)
    {
      guint32 unit;

      at ^= (guchar) text[i];
      if (at >= self->n_units)
        break;
      unit = self->units[at];
      if ((unit & (1u << 31 | 0xff)) != (guchar) text[i])
        break;
      at ^= get_offset (unit);
      if ((unit >> 8 & 1) != 0 && at < self->n_units)
        {
          const gsize place = self->units[at] & ~(1u << 31);

          if (place >= self->n_texts)
            break;
          found = self->texts + place;
          *taken = i + 1;
        }
    }
  if (found != NULL)
    *n = strlen (found);
  return found;
}
