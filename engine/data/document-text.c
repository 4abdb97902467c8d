/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plain text and Markdown, line by line. An empty line ends a paragraph; whatever else is written
 * in Markdown stays as it is: a model can learn that too.
 */
#include "data/document.h"
#include "data/import-private.h"

#include <string.h>

#define BUFFER (64 * 1024)

typedef struct
{
  const AttuneDocumentReading *reading;
  gboolean markdown;
  guint64 line;       /* the one at hand, from 1 */
  GString *text;      /* of it */
  GString *paragraph; /* the lines before it */
  guint64 first;      /* line of the paragraph */
  const char *fence;  /* (nullable): what ends the block of code at hand */
  gboolean front;     /* within the lines of dashes that may begin a file and say who wrote it */
  GString *held;      /* the lines within these: text after all where the second is missing */
} Lines;

static gboolean
end_paragraph (Lines *self, guint level, GError **error)
{
  const gboolean good = attune_document_give (self->reading, level, self->paragraph->str,
                                              self->paragraph->len, self->first, error);

  g_string_truncate (self->paragraph, 0);
  return good;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " \t\r\f\v")] == '\0';
}

/* Whether the line is nothing but @c, three times or more: it underlines a heading, or parts. */
static gboolean
is_rule (const char *text, char c)
{
  const gsize n = strspn (text, (const char[]) { c, '\0' });

  return n >= 3 && is_blank (text + n);
}

/* "## Title ##". Returns: its level, or 0. */
static guint
heading_level (const char *text)
{
  const gsize n = strspn (text, "#");

  return n >= 1 && n <= 6 && (text[n] == ' ' || text[n] == '\t') ? n : 0;
}

static gboolean
give_heading (Lines *self, guint level, GError **error)
{
  char *title = self->text->str + level;
  gsize n = strlen (g_strchomp (title));

  while (n > 0 && title[n - 1] == '#')
    n--;
  if (n > 0 && title[n - 1] != ' ' && title[n - 1] != '\t') /* "C#" */
    n = strlen (title);
  return end_paragraph (self, 0, error)
         && attune_document_give (self->reading, level, title, n, self->line, error);
}

static gboolean
keep_line (Lines *self, GError **error)
{
  if (self->paragraph->len == 0)
    self->first = self->line;
  else
    g_string_append_c (self->paragraph, '\n');
  g_string_append (self->paragraph, self->text->str);
  return self->paragraph->len < ATTUNE_PARAGRAPH_BYTES || end_paragraph (self, 0, error);
}

/* Whether it says something of the document ("title: …"), or ends that. A file that begins with a
 * rule and then a heading or text is read as that. */
static gboolean
is_front_matter (const char *line)
{
  const gsize n = strcspn (line, ": \t\r");

  return is_rule (line, '-') || (*line == '#' && heading_level (line) == 0)
         || (n > 0 && line[n] == ':' && strchr (" \t\r", line[n + 1]) != NULL);
}

/* A line of Markdown that is not within code. @done: (out): nothing is left to do with it. */
static gboolean
read_markup (Lines *self, gboolean *done, GError **error)
{
  const char *text = self->text->str;
  const guint level = heading_level (text);
  /* one line above it: several are a paragraph, and the rule parts it from the next */
  const gboolean title = self->paragraph->len > 0 && strchr (self->paragraph->str, '\n') == NULL;

  *done = TRUE;
  if (self->line == 1 && is_rule (text, '-'))
    self->front = TRUE;
  else if (level > 0)
    return give_heading (self, level, error);
  else if (title && is_rule (text, '='))
    return end_paragraph (self, 1, error);
  else if (title && is_rule (text, '-'))
    return end_paragraph (self, 2, error);
  else if (is_rule (text, '-') || is_rule (text, '*') || is_rule (text, '_'))
    return end_paragraph (self, 0, error);
  else
    *done = FALSE;
  return TRUE;
}

static void
open_fence (Lines *self)
{
  const char *text = self->text->str + strspn (self->text->str, " ");

  self->fence = g_str_has_prefix (text, "```")   ? "```"
                : g_str_has_prefix (text, "~~~") ? "~~~"
                                                 : NULL;
}

static gboolean end_line (Lines *self, GError **error);

/* What was taken for who wrote it has no end: it is read from its first line on. */
static gboolean
read_held (Lines *self, GError **error)
{
  g_autofree char *held = g_strdup (self->held->str);

  self->front = FALSE;
  self->line = 2;
  g_string_truncate (self->held, 0);
  for (char *line = held; *line != '\0';)
    {
      const gsize n = strcspn (line, "\n");

      g_string_truncate (self->text, 0);
      g_string_append_len (self->text, line, n);
      if (!end_line (self, error))
        return FALSE;
      line += n + (line[n] == '\n');
    }
  return TRUE;
}

/* A line that may say who wrote it. */
static gboolean
hold_line (Lines *self, GError **error)
{
  if (is_rule (self->text->str, '-'))
    {
      self->front = FALSE;
      g_string_truncate (self->held, 0);
    }
  else
    {
      g_string_append (self->held, self->text->str);
      g_string_append_c (self->held, '\n');
      if (self->held->len > ATTUNE_PARAGRAPH_BYTES)
        return read_held (self, error);
    }
  g_string_truncate (self->text, 0);
  self->line++;
  return TRUE;
}

static gboolean
end_line (Lines *self, GError **error)
{
  const char *text = self->text->str;
  gboolean done = FALSE, good = TRUE;

  if (self->text->len > 0 && text[self->text->len - 1] == '\r')
    g_string_truncate (self->text, self->text->len - 1);
  if (self->front && self->line == 2)
    self->front = is_front_matter (text);
  if (self->front)
    return hold_line (self, error);
  if (self->fence != NULL)
    {
      if (g_str_has_prefix (text + strspn (text, " "), self->fence))
        self->fence = NULL;
    }
  else if (self->markdown && !is_blank (text))
    {
      open_fence (self);
      good = self->fence != NULL || read_markup (self, &done, error);
    }
  else if (is_blank (text))
    {
      good = end_paragraph (self, 0, error);
      done = TRUE;
    }
  good = good && (done || keep_line (self, error));
  g_string_truncate (self->text, 0);
  self->line++;
  return good;
}

/* A line without an end is given on in parts, cut between two characters. */
static gboolean
cut_line (Lines *self, GError **error)
{
  gsize n = self->text->len;

  while (n > self->text->len - 4 && ((guchar) self->text->str[n - 1] & 0xc0) == 0x80)
    n--;
  n -= n > 0 && (guchar) self->text->str[n - 1] >= 0xc0;
  if (n == 0)
    n = self->text->len;
  if (!end_paragraph (self, 0, error)
      || !attune_document_give (self->reading, 0, self->text->str, n, self->line, error))
    return FALSE;
  g_string_erase (self->text, 0, n);
  return TRUE;
}

static gboolean
take_bytes (Lines *self, const char *bytes, gsize n, GError **error)
{
  for (const char *end = bytes + n; bytes < end;)
    {
      const char *stop = memchr (bytes, '\n', end - bytes);
      const gsize some
          = MIN ((stop != NULL ? stop : end) - bytes, ATTUNE_PARAGRAPH_BYTES - self->text->len);

      for (gsize i = 0; i < some; i++)
        g_string_append_c (self->text, bytes[i] != '\0' ? bytes[i] : ' ');
      bytes += some;
      if (bytes == stop)
        {
          bytes++;
          if (!end_line (self, error))
            return FALSE;
        }
      else if (self->text->len == ATTUNE_PARAGRAPH_BYTES && !cut_line (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_lines (const AttuneDocumentReading *reading, gboolean markdown, GError **error)
{
  const char *encoding = reading->encoding;
  g_autofree char *buffer = g_malloc (BUFFER);
  g_autoptr (GInputStream) stream = NULL;
  g_autoptr (GString) text = g_string_new (NULL), paragraph = g_string_new (NULL),
                      held = g_string_new (NULL);
  Lines self = { .reading = reading, .markdown = markdown, .line = 1 };
  gssize n;

  self.text = text;
  self.paragraph = paragraph;
  self.held = held;
  if (encoding == NULL && (encoding = attune_source_guess_encoding (reading->path, error)) == NULL)
    return FALSE;
  stream = attune_source_open_text (reading->path, encoding, reading->cancellable, error);
  if (stream == NULL)
    return FALSE;
  while ((n = g_input_stream_read (stream, buffer, BUFFER, reading->cancellable, error)) > 0)
    if (!take_bytes (&self, buffer, n, error))
      return FALSE;
  return n == 0 && (text->len == 0 || end_line (&self, error))
         && (!self.front || read_held (&self, error)) && end_paragraph (&self, 0, error);
}

gboolean
attune_document_read_text (const AttuneDocumentReading *reading, GError **error)
{
  return read_lines (reading, FALSE, error);
}

gboolean
attune_document_read_markdown (const AttuneDocumentReading *reading, GError **error)
{
  return read_lines (reading, TRUE, error);
}
