/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Standard output and standard error of attunectl. Always UTF-8: a system without a locale set up
 * still shows the text as it is.
 */
#include "output.h"

#include "command.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LABEL_WIDTH 18
#define WIDEST_TEXT 100 /* lines that are longer are hard to read */

static gboolean json_mode;

static void
print_raw (const char *text)
{
  fputs (text, stdout);
  fflush (stdout);
}

static void
print_error_raw (const char *text)
{
  fputs (text, stderr);
  fflush (stderr);
}

void
attune_output_set_up (void)
{
  g_set_print_handler (print_raw);
  g_set_printerr_handler (print_error_raw);
}

void
attune_output_set_json (gboolean json)
{
  json_mode = json;
}

gboolean
attune_output_is_json (void)
{
  return json_mode;
}

int
attune_output_get_width (void)
{
  struct winsize size;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
    return size.ws_col;
  return WIDEST_TEXT;
}

void
attune_output_line (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (json_mode)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("%s\n", text);
}

void
attune_output_heading (const char *format, ...)
{
  const gboolean bold = isatty (STDOUT_FILENO);
  g_autofree char *text = NULL;
  va_list arguments;

  if (json_mode)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("%s%s%s\n", bold ? "\033[1m" : "", text, bold ? "\033[0m" : "");
}

/* @text padded to @width characters; printf's own padding counts bytes. */
static char *
pad (const char *text, int width)
{
  const int gap = width - (int) g_utf8_strlen (text, -1);
  g_autofree char *space = g_strnfill (MAX (gap, 0), ' ');

  return g_strconcat (text, space, NULL);
}

void
attune_output_row (const char *label, const char *format, ...)
{
  g_autofree char *text = NULL, *left = pad (label, LABEL_WIDTH);
  va_list arguments;

  if (json_mode)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_print ("  %s  %s\n", left, text);
}

char *
attune_format_line (const char *text, int width)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GString) line = g_string_new (NULL);
  int n = 0;

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      const gunichar u = g_utf8_get_char (c);

      if (width > 0 && ++n > width - 1 && *g_utf8_next_char (c) != '\0')
        {
          g_string_append (line, "…");
          break;
        }
      g_string_append_unichar (line, g_unichar_iscntrl (u) ? ' ' : u);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

void
attune_output_text (const char *label, const char *text)
{
  const int indent = LABEL_WIDTH + 4;
  const int width = MIN (attune_output_get_width (), WIDEST_TEXT) - indent;
  g_autofree char *clean = attune_format_line (text, 0), *margin = g_strnfill (indent, ' ');
  g_auto (GStrv) words = g_strsplit (clean, " ", -1);
  g_autoptr (GString) lines = g_string_new (NULL);
  int column = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      const int length = g_utf8_strlen (words[i], -1);

      if (length == 0)
        continue;
      if (column > 0 && column + 1 + length > width)
        {
          g_string_append_printf (lines, "\n%s", margin);
          column = 0;
        }
      g_string_append_printf (lines, "%s%s", column > 0 ? " " : "", words[i]);
      column += length + (column > 0);
    }
  attune_output_row (label, "%s", lines->str);
}

/* Takes @object. Returns: (transfer full): a line; or %NULL where nobody reads JSON. */
static char *
to_json_line (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_take_object (node, object);
  if (!json_mode)
    return NULL;
  text = json_to_string (node, FALSE);
  return g_strconcat (text, "\n", NULL);
}

void
attune_output_json (JsonObject *object)
{
  g_autofree char *line = to_json_line (object);

  if (line != NULL)
    g_print ("%s", line);
}

void
attune_output_json_aside (JsonObject *object)
{
  g_autofree char *line = to_json_line (object);

  if (line != NULL)
    g_printerr ("%s", line);
}

int
attune_output_fail (const GError *error)
{
  g_autofree char *line = attune_format_line (error->message, 0);

  if (json_mode)
    {
      JsonObject *object = json_object_new (), *inner = json_object_new ();

      json_object_set_string_member (inner, "message", line);
      json_object_set_string_member (inner, "domain", g_quark_to_string (error->domain));
      json_object_set_int_member (inner, "code", error->code);
      json_object_set_object_member (object, "error", inner);
      attune_output_json_aside (object);
    }
  else
    g_printerr ("attunectl: %s\n", line);
  return ATTUNE_EXIT_FAILED;
}

char *
attune_format_bytes (guint64 bytes)
{
  if (bytes >= 1000 * 1000 * 1000)
    return g_strdup_printf ("%.2f GB", bytes / 1e9);
  if (bytes >= 1000 * 1000)
    return g_strdup_printf ("%.1f MB", bytes / 1e6);
  return g_strdup_printf ("%.1f kB", bytes / 1e3);
}

char *
attune_format_seconds (double seconds)
{
  const guint64 s = MAX (seconds, 0) + 0.5;

  if (s < 60)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " s", s);
  if (s < 600)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " min %" G_GUINT64_FORMAT " s", s / 60, s % 60);
  if (s < 7200)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " min", (s + 30) / 60);
  return g_strdup_printf ("%" G_GUINT64_FORMAT " h %" G_GUINT64_FORMAT " min", s / 3600,
                          s % 3600 / 60);
}

char *
attune_format_count (guint64 count)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GUINT64_FORMAT, count);
  const gsize n = strlen (digits);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      if (i > 0 && (n - i) % 3 == 0)
        g_string_append_c (text, ',');
      g_string_append_c (text, digits[i]);
    }
  return g_string_free (text, FALSE);
}
