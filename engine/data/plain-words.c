/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What texts have in common that say the same words.
 */
#include "data/clean.h"

#include "core/hash.h"

#include <string.h>

/* Minus, point, comma and slash in front of a digit are part of a number. */
static gboolean
belongs_to_number (const char *p)
{
  return strchr ("-.,/", *p) != NULL && g_ascii_isdigit (p[1]);
}

/* A word by itself, of one character. */
static gboolean
is_symbol (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_MATH_SYMBOL || type == G_UNICODE_CURRENCY_SYMBOL
         || type == G_UNICODE_OTHER_SYMBOL || c == '%' || c == '#';
}

static char *
plain_unicode (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  GString *plain = g_string_sized_new (strlen (text));
  gboolean gap = FALSE;

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);
      const gboolean symbol = is_symbol (c);

      if (!symbol && !g_unichar_isalnum (c) && !g_unichar_ismark (c) && !belongs_to_number (p))
        {
          gap = TRUE;
          continue;
        }
      if ((gap || symbol) && plain->len > 0)
        g_string_append_c (plain, ' ');
      gap = symbol;
      g_string_append_unichar (plain, c);
    }
  return g_string_free (plain, FALSE);
}

/* What attune_plain_words() does with each ASCII character: 0: a gap; 1: it stays, in lower case;
 * 2: a word by itself; 3: part of a number where a digit follows, else a gap. */
static guint8
ascii_kind (guint8 c)
{
  static const guint8 kinds[128] = {
    ['#'] = 2,         ['$'] = 2,         ['%'] = 2, ['+'] = 2,         [','] = 3,
    ['-'] = 3,         ['.'] = 3,         ['/'] = 3, ['0' ... '9'] = 1, ['<' ... '>'] = 2,
    ['A' ... 'Z'] = 1, ['a' ... 'z'] = 1, ['|'] = 2, ['~'] = 2,
  };

  return kinds[c];
}

/* Most texts: the same without asking Unicode about each letter. %NULL where another character
 * comes. */
static char *
plain_ascii (const char *text)
{
  const gsize n = strlen (text);
  char *plain = g_malloc (2 * n + 1), *to = plain;
  gboolean gap = FALSE;

  for (gsize i = 0; i < n; i++)
    {
      const guint8 c = text[i];
      guint8 kind;

      if (c >= 0x80)
        {
          g_free (plain);
          return NULL;
        }
      kind = ascii_kind (c);
      if (kind == 0 || (kind == 3 && !g_ascii_isdigit (text[i + 1])))
        {
          gap = TRUE;
          continue;
        }
      if ((gap || kind == 2) && to > plain)
        *to++ = ' ';
      gap = kind == 2;
      *to++ = g_ascii_tolower (c);
    }
  *to = '\0';
  return plain;
}

char *
attune_plain_words (const char *text)
{
  char *ascii = plain_ascii (text);

  return ascii != NULL ? ascii : plain_unicode (text);
}

guint64
attune_pair_key (const char *a, const char *b)
{
  guint64 first[2], second[2];

  attune_hash (a, strlen (a), 1, first);
  attune_hash (b, strlen (b), (guint32) first[0], second);
  /* odd: no bit of the first is lost */
  return second[0] ^ first[1] * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
}

guint64
attune_text_key (const char *text)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize n = sizeof digest;
  guint64 key = 0;

  g_checksum_update (sum, (const guchar *) text, strlen (text));
  g_checksum_get_digest (sum, digest, &n);
  for (int i = 0; i < 8; i++)
    key = key << 8 | digest[i];
  return key;
}
