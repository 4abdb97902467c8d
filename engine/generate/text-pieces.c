/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See text-pieces.h.
 */
#include "generate/text-pieces.h"

#define REPLACEMENT "\357\277\275" /* U+FFFD */

char *
attune_text_pieces_take (GString *pending, gboolean last)
{
  GString *piece = g_string_new (NULL);
  const char *at = pending->str, *end = pending->str + pending->len;

  while (at < end)
    {
      const char *bad;

      g_utf8_validate_len (at, end - at, &bad);
      g_string_append_len (piece, at, bad - at);
      at = bad;
      if (at == end)
        break;
      /* -2: the start of a character that more bytes may finish. */
      if (*at != '\0' && g_utf8_get_char_validated (at, end - at) == (gunichar) -2 && !last)
        break;
      g_string_append (piece, REPLACEMENT);
      at++;
    }
  g_string_erase (pending, 0, at - pending->str);
  return g_string_free_and_steal (piece);
}
