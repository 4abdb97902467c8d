/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The alphabet: bytes that are printable in Latin-1 spell themselves; the other 68 are numbered
 * from U+0100.
 */
#include "text/byte-level.h"

#define FIRST_OTHER 0x100
#define N_OTHERS 68

static gboolean
is_printable (guint8 byte)
{
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte != 0xad);
}

gunichar
attune_byte_level_spell (guint8 byte)
{
  gunichar other = FIRST_OTHER;

  if (is_printable (byte))
    return byte;
  for (int b = 0; b < byte; b++)
    other += !is_printable ((guint8) b);
  return other;
}

/* @others: the bytes that U+0100 … spell. Returns: the byte, or -1. */
static int
unspell (gunichar c, const guint8 others[N_OTHERS])
{
  if (c < FIRST_OTHER)
    return is_printable ((guint8) c) ? (int) c : -1;
  return c - FIRST_OTHER < N_OTHERS ? others[c - FIRST_OTHER] : -1;
}

static gpointer
make_others (gpointer data)
{
  static guint8 others[N_OTHERS];
  int n = 0;

  for (int b = 0; b < 256; b++)
    if (!is_printable ((guint8) b))
      others[n++] = (guint8) b;
  return others;
}

void
attune_byte_level_decode (const char *spelling, GString *bytes)
{
  static GOnce once = G_ONCE_INIT;
  const guint8 *others = g_once (&once, make_others, NULL);
  const gsize start = bytes->len;

  for (const char *p = spelling; *p != 0; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char_validated (p, -1);
      const int byte = c < (gunichar) -2 ? unspell (c, others) : -1;

      if (byte < 0)
        {
          g_string_truncate (bytes, start);
          g_string_append (bytes, spelling);
          return;
        }
      g_string_append_c (bytes, (char) byte);
    }
}
