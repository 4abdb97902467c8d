/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where one object ends and the next begins.
 */
#include "data/json-private.h"

#include "data/import-private.h"

#include <string.h>

#define BUFFER (256 * 1024)
#define MAX_OBJECT_BYTES (4u << 20)

void
attune_json_splitter_clear (AttuneJsonSplitter *s)
{
  g_clear_object (&s->stream);
  g_clear_pointer (&s->buffer, g_free);
  if (s->text != NULL)
    g_string_free (g_steal_pointer (&s->text), TRUE);
}

/* Refills the buffer. Returns: 1, 0 at the end, -1 with @error. */
static int
fill (AttuneJsonSplitter *s, GCancellable *cancellable, GError **error)
{
  const gssize got = g_input_stream_read (s->stream, s->buffer, BUFFER, cancellable, error);

  s->n = MAX (0, got);
  s->next = 0;
  return got > 0 ? 1 : (int) got;
}

/* -1 at the end, -2 with @error. */
static int
next_byte (AttuneJsonSplitter *s, GCancellable *cancellable, GError **error)
{
  int c;

  if (s->next == s->n)
    {
      const int filled = fill (s, cancellable, error);

      if (filled <= 0)
        return filled - 1;
    }
  c = (guchar) s->buffer[s->next++];
  s->line += c == '\n';
  return c;
}

static void
keep (AttuneJsonSplitter *s, int c)
{
  if (s->text->len < MAX_OBJECT_BYTES)
    g_string_append_c (s->text, c);
  else
    s->too_long = TRUE;
}

static gboolean
is_blank (const GString *text)
{
  for (gsize i = 0; i < text->len; i++)
    if (!g_ascii_isspace (text->str[i]))
      return FALSE;
  return TRUE;
}

/* What is in the buffer up to the end of the line. Returns: whether the line ends there. */
static gboolean
take_line (AttuneJsonSplitter *s)
{
  const char *start = s->buffer + s->next, *end = memchr (start, '\n', s->n - s->next);
  const gsize n = end != NULL ? end - start : s->n - s->next;
  const gsize room = MAX_OBJECT_BYTES - s->text->len;

  g_string_append_len (s->text, start, MIN (n, room));
  s->too_long = s->too_long || n > room;
  s->next += n + (end != NULL);
  s->line += end != NULL;
  return end != NULL;
}

static AttuneJsonPiece
next_line (AttuneJsonSplitter *s, guint64 *line, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      int filled = 1;

      *line = s->line;
      do
        if (s->next == s->n)
          filled = fill (s, cancellable, error);
      while (filled > 0 && !take_line (s));
      if (filled < 0)
        return ATTUNE_JSON_FAILED;
      if (!is_blank (s->text) || s->too_long)
        return ATTUNE_JSON_OBJECT;
      g_string_truncate (s->text, 0);
      if (filled == 0)
        return ATTUNE_JSON_END;
    }
}

/* Everything between a brace at depth 0 and its partner; strings are passed over whole. JSON has no
 * line ends in strings: where one comes a closing quote is missing, and the object is given up
 * there, so that it does not take the others with it. */
static AttuneJsonPiece
next_object (AttuneJsonSplitter *s, guint64 *line, GCancellable *cancellable, GError **error)
{
  gboolean in_string = FALSE, escaped = FALSE;
  int depth = 0, c;

  while ((c = next_byte (s, cancellable, error)) >= 0)
    {
      if (depth == 0 && c != '{')
        continue; /* brackets, commas and blanks between the objects */
      if (depth == 0)
        *line = s->line;
      keep (s, c);
      if (in_string && c == '\n')
        return ATTUNE_JSON_OBJECT;
      if (escaped)
        escaped = FALSE;
      else if (c == '\\' && in_string)
        escaped = TRUE;
      else if (c == '"')
        in_string = !in_string;
      else if (!in_string && c == '{')
        depth++;
      else if (!in_string && c == '}' && --depth == 0)
        return ATTUNE_JSON_OBJECT;
    }
  if (c == -2)
    return ATTUNE_JSON_FAILED;
  return s->text->len > 0 ? ATTUNE_JSON_OBJECT
                          : ATTUNE_JSON_END; /* an object that the file cuts off is a bad row */
}

gboolean
attune_json_splitter_init (AttuneJsonSplitter *s, const AttuneSource *source,
                           GCancellable *cancellable, GError **error)
{
  s->stream = attune_source_open_text (source->path, source->encoding, cancellable, error);
  s->lines = g_str_equal (source->format, "jsonl");
  s->buffer = g_malloc (BUFFER);
  s->text = g_string_new (NULL);
  s->line = 1;
  return s->stream != NULL;
}

AttuneJsonPiece
attune_json_splitter_next (AttuneJsonSplitter *s, guint64 *line, GCancellable *cancellable,
                           GError **error)
{
  g_string_truncate (s->text, 0);
  s->too_long = FALSE;
  return s->lines ? next_line (s, line, cancellable, error)
                  : next_object (s, line, cancellable, error);
}
