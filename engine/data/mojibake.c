/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Repair of UTF-8 that was read as Windows-1252 or Latin-1. Each byte over 127 has become a
 * character of its own; where such characters are a whole UTF-8 sequence again, they are put
 * together. Some of these pairs do occur in real text ("MAÇÃ–LARANJA", "„Ä“"), so that a text is
 * only repaired where it holds one that does not.
 */
#include "data/clean-text.h"

#include <string.h>

/* More rounds of wrong reading than this nobody has seen. */
#define MAX_ROUNDS 3

/* What Windows-1252 puts at 0x80 … 0x9f; 0: nothing. */
static const guint16 windows[32] = {
  0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
  0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
  0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178,
};

/* The byte that was read as @c, or 0. */
static guint8
byte_of (gunichar c)
{
  if (c >= 0x80 && c <= 0xff)
    return c;
  for (guint i = 0; c > 0xff && i < G_N_ELEMENTS (windows); i++)
    if (windows[i] == c)
      return 0x80 + i;
  return 0;
}

/* The character whose UTF-8 bytes stand at @p as characters of their own, or 0; @end: (out): behind
 * them; @second: (out): its second byte. */
static gunichar
read_sequence (const char *p, const char **end, guint8 *second)
{
  const guint8 lead = byte_of (g_utf8_get_char (p));
  const int n = lead >= 0xc2 && lead <= 0xc5   ? 2 /* Latin letters and signs */
                : lead >= 0xe2 && lead <= 0xe3 ? 3 /* punctuation, signs, Japanese */
                : lead == 0xef                 ? 3 /* the byte order mark, full-width forms */
                : lead == 0xf0                 ? 4 /* pictures */
                                               : 0;
  char bytes[4] = { lead };

  p = g_utf8_next_char (p);
  for (int i = 1; i < n; i++, p = g_utf8_next_char (p))
    {
      bytes[i] = byte_of (*p != '\0' ? g_utf8_get_char (p) : 0);
      if (((guint8) bytes[i] & 0xc0) != 0x80)
        return 0;
    }
  *end = p;
  *second = bytes[1];
  {
    const gunichar c = n > 0 ? g_utf8_get_char_validated (bytes, n) : 0;

    return c < 0x110000 ? c : 0;
  }
}

/* Quotes, dashes, the ellipsis and the no-break space, which also follow a capital letter. */
static gboolean
is_punctuation (guint8 byte)
{
  return byte == 0x82 || byte == 0x84 || byte == 0x85 || byte == 0x8b || byte == 0x9b
         || (byte >= 0x91 && byte <= 0x97) || byte == 0xa0 || byte == 0xab || byte == 0xbb;
}

/* Whether the sequence that begins with the byte @lead is one that nobody writes. */
static gboolean
is_proof (guint8 lead, guint8 second, const char *end)
{
  if (lead > 0xc5)
    return TRUE;
  return lead <= 0xc3 && (!is_punctuation (second) || g_unichar_islower (g_utf8_get_char (end)));
}

/* One round; %NULL where there is nothing to repair. */
static char *
repair (const char *text)
{
  const signed char *ascii = (const signed char *) text;
  g_autoptr (GString) result = NULL;
  gboolean proof = FALSE;

  while (*ascii > 0)
    ascii++;
  if (*ascii == '\0')
    return NULL;
  for (const char *p = text; *p != '\0';)
    {
      const char *end = g_utf8_next_char (p);
      guint8 second = 0;
      const gunichar c = (guint8) *p >= 0xc2 ? read_sequence (p, &end, &second) : 0;

      if (c != 0 && result == NULL)
        result = g_string_new_len (text, p - text);
      if (c != 0)
        {
          proof = proof || is_proof (byte_of (g_utf8_get_char (p)), second, end);
          g_string_append_unichar (result, c);
        }
      else
        {
          end = g_utf8_next_char (p);
          if (result != NULL)
            g_string_append_len (result, p, end - p);
        }
      p = end;
    }
  return proof ? g_string_free (g_steal_pointer (&result), FALSE) : NULL;
}

char *
attune_clean_mojibake (const char *text)
{
  char *repaired = NULL;

  for (int round = 0; round < MAX_ROUNDS; round++)
    {
      char *next = repair (repaired != NULL ? repaired : text);

      if (next == NULL)
        break;
      g_free (repaired);
      repaired = next;
    }
  return repaired;
}
