/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What texts have in common that say the same words.
 */
#include "data/clean.h"

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

char *
attune_plain_words (const char *text)
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

void
attune_plain_record_clear (AttunePlainRecord *self)
{
  g_clear_pointer (&self->question, g_free);
  g_clear_pointer (&self->answer, g_free);
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
