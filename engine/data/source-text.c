/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The text of a file: in which encoding it is, and reading it as UTF-8.
 */
#include "data/import-private.h"

#include <string.h>

/* Enough to tell an encoding. */
#define PROBE_BYTES (256 * 1024)

gboolean
attune_source_fail_read (const char *path, GError *reason, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s", path,
               reason->message);
  return FALSE;
}

gboolean
attune_source_hand_on (const char *path, GError *reason, GError **error)
{
  if (reason->domain == G_IO_ERROR && reason->code != G_IO_ERROR_CANCELLED)
    return attune_source_fail_read (path, reason, error);
  g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

gboolean
attune_source_read_start (const char *path, GString *start, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &reason);
  gsize n = 0;

  if (stream == NULL)
    return attune_source_fail_read (path, reason, error);
  g_string_set_size (start, PROBE_BYTES);
  if (!g_input_stream_read_all (G_INPUT_STREAM (stream), start->str, PROBE_BYTES, &n, NULL,
                                &reason))
    return attune_source_fail_read (path, reason, error);
  g_string_set_size (start, n);
  return TRUE;
}

/* Bytes over 127 that are, and that are not, part of a UTF-8 character. */
static void
count_characters (const GString *text, guint *good, guint *bad_bytes)
{
  const char *p = text->str, *end = text->str + text->len;

  *good = *bad_bytes = 0;
  while (p < end)
    {
      const gunichar c = (guchar) *p < 0x80 ? (guchar) *p : g_utf8_get_char_validated (p, end - p);

      if (c == (gunichar) -2) /* cut off at the end of what was read */
        return;
      if (c == (gunichar) -1)
        {
          ++*bad_bytes;
          p++;
        }
      else
        {
          *good += (guchar) *p >= 0x80;
          p = g_utf8_next_char (p);
        }
    }
}

const char *
attune_source_guess_encoding_of (const GString *start)
{
  const guchar *b = (const guchar *) start->str;
  guint good, bad_bytes;

  if (start->len >= 2 && b[0] == 0xff && b[1] == 0xfe)
    return "UTF-16LE";
  if (start->len >= 2 && b[0] == 0xfe && b[1] == 0xff)
    return "UTF-16BE";
  count_characters (start, &good, &bad_bytes);
  /* Western text in an old encoding has many such bytes and no whole UTF-8 characters; a few bad
   * bytes in UTF-8 are bad rows. */
  return bad_bytes > 0 && good < bad_bytes ? "WINDOWS-1252" : "UTF-8";
}

const char *
attune_source_guess_encoding (const char *path, GError **error)
{
  g_autoptr (GString) start = g_string_new (NULL);

  return attune_source_read_start (path, start, error) ? attune_source_guess_encoding_of (start)
                                                       : NULL;
}

GInputStream *
attune_source_open_text (const char *path, const char *encoding, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) reason = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, &reason);
  g_autoptr (GCharsetConverter) converter = NULL;
  guchar mark[3] = { 0 };
  gsize n = 0;

  if (stream == NULL)
    {
      attune_source_hand_on (path, reason, error);
      return NULL;
    }
  /* a byte order mark is no text */
  if (g_input_stream_read_all (G_INPUT_STREAM (stream), mark, 3, &n, cancellable, NULL))
    {
      const gboolean wide
          = n >= 2 && g_str_has_prefix (encoding, "UTF-16")
            && (memcmp (mark, "\xff\xfe", 2) == 0 || memcmp (mark, "\xfe\xff", 2) == 0);
      const goffset skip = n == 3 && memcmp (mark, "\xef\xbb\xbf", 3) == 0 ? 3 : wide ? 2 : 0;

      g_seekable_seek (G_SEEKABLE (stream), skip, G_SEEK_SET, cancellable, NULL);
    }
  if (g_str_equal (encoding, "UTF-8"))
    return G_INPUT_STREAM (g_steal_pointer (&stream));
  converter = g_charset_converter_new ("UTF-8", encoding, error);
  if (converter == NULL)
    return NULL;
  g_charset_converter_set_use_fallback (converter, TRUE);
  return g_converter_input_stream_new (G_INPUT_STREAM (stream), G_CONVERTER (converter));
}
