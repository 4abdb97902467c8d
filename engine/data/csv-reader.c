/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state machine over bytes. The bytes of the row at hand are kept (up to a limit), so that a
 * row that turns out wrong can be read again from its second line.
 */
#include "data/csv-reader.h"

#include "data/import-private.h"

#include <string.h>

#define BUFFER (256 * 1024)
/* A quoted field over more lines than this has lost its closing quote. */
#define MAX_ROW_LINES 500
#define MAX_FIELDS 4096
#define END (-1)
#define FAILED (-2)

struct _AttuneCsvReader
{
  GInputStream *stream;
  char delimiter;
  guchar *buffer;
  gsize n, next;     /* bytes in the buffer, and read of them */
  gboolean after_cr; /* the last byte read was a CR: an LF now belongs to it */
  GString *again;    /* bytes to be read before the buffer */
  gsize again_next;
  GString *row; /* bytes of the row at hand */
  GString *field;
  guint64 line; /* of the next byte */
};

AttuneCsvReader *
attune_csv_reader_new (GInputStream *stream, char delimiter)
{
  AttuneCsvReader *self = g_new0 (AttuneCsvReader, 1);

  self->stream = g_object_ref (stream);
  self->delimiter = delimiter;
  self->buffer = g_malloc (BUFFER);
  self->again = g_string_new (NULL);
  self->row = g_string_new (NULL);
  self->field = g_string_new (NULL);
  self->line = 1;
  return self;
}

void
attune_csv_reader_free (AttuneCsvReader *self)
{
  g_object_unref (self->stream);
  g_free (self->buffer);
  g_string_free (self->again, TRUE);
  g_string_free (self->row, TRUE);
  g_string_free (self->field, TRUE);
  g_free (self);
}

/* Fills the buffer anew when it is used up; 0, END or FAILED. */
static int
fill (AttuneCsvReader *self, GCancellable *cancellable, GError **error)
{
  gssize got;

  if (self->next < self->n)
    return 0;
  got = g_input_stream_read (self->stream, self->buffer, BUFFER, cancellable, error);
  if (got <= 0)
    return got < 0 ? FAILED : END;
  self->n = got;
  self->next = 0;
  return 0;
}

/* The file's next byte. Line ends are LF from here on, whether the file has LF, CR LF or CR. */
static int
read_byte (AttuneCsvReader *self, GCancellable *cancellable, GError **error)
{
  for (;;)
    {
      const int state = fill (self, cancellable, error);
      int c;

      if (state < 0)
        return state;
      c = self->buffer[self->next++];
      if (c == '\n' && self->after_cr)
        {
          self->after_cr = FALSE;
          continue;
        }
      self->after_cr = c == '\r';
      return c == '\r' ? '\n' : c;
    }
}

static int
next_byte (AttuneCsvReader *self, GCancellable *cancellable, GError **error)
{
  const int c = self->again_next < self->again->len ? (guchar) self->again->str[self->again_next++]
                                                    : read_byte (self, cancellable, error);

  self->line += c == '\n';
  return c;
}

/* Gives the row up: what follows its first line will be read again. */
static void
rewind_to_second_line (AttuneCsvReader *self, guint64 first_line)
{
  const char *end = memchr (self->row->str, '\n', self->row->len);

  if (end == NULL)
    return;
  g_string_erase (self->again, 0, self->again_next);
  g_string_insert_len (self->again, 0, end + 1, self->row->len - (end + 1 - self->row->str));
  self->again_next = 0;
  self->line = first_line + 1;
  g_string_truncate (self->row, end - self->row->str);
}

/* Reads on to the end of the line, for a row that is bad in itself; keeps nothing of it. It may be
 * most of the file. */
static int
skip_line (AttuneCsvReader *self, GCancellable *cancellable, GError **error)
{
  int c;

  do
    {
      while (self->again_next == self->again->len && self->next < self->n
             && self->buffer[self->next] != '\n' && self->buffer[self->next] != '\r')
        self->next++;
      c = next_byte (self, cancellable, error);
    }
  while (c != '\n' && c >= 0);
  return c;
}

static void
end_field (AttuneCsvReader *self, GPtrArray *fields)
{
  if (fields->len < MAX_FIELDS)
    g_ptr_array_add (fields, g_strndup (self->field->str, self->field->len));
  g_string_truncate (self->field, 0);
}

/* What is wrong with a finished field's bytes, or %NULL. */
static const char *
field_fault (const GString *field, gboolean too_long)
{
  if (too_long)
    return "A field is longer than a million characters.";
  if (memchr (field->str, '\0', field->len) != NULL)
    return "It holds NUL bytes, which no text has.";
  if (!g_utf8_validate (field->str, field->len, NULL))
    return "It holds bytes that are no characters in UTF-8.";
  return NULL;
}

typedef enum
{
  IN_START, /* of a field */
  IN_PLAIN,
  IN_QUOTES,
  AFTER_QUOTE, /* a quote inside quotes: either the end or the first of two */
} State;

typedef struct
{
  State state;
  const char *fault;
  gboolean too_long, quoted_lines; /* the row has a line end inside quotes */
  gboolean stray_quote;            /* text after a closing quote */
} Row;

static void
add_byte (AttuneCsvReader *self, Row *row, int c)
{
  if (self->field->len < ATTUNE_MAX_FIELD_BYTES)
    g_string_append_c (self->field, c);
  else
    row->too_long = TRUE;
}

/* Takes @c; TRUE when the row has ended with it. */
static gboolean
take (AttuneCsvReader *self, Row *row, int c, GPtrArray *fields)
{
  if (row->state == IN_QUOTES)
    {
      if (c == '"')
        row->state = AFTER_QUOTE;
      else
        {
          row->quoted_lines |= c == '\n';
          add_byte (self, row, c);
        }
      return FALSE;
    }
  if (c == self->delimiter || c == '\n')
    {
      if (row->fault == NULL)
        row->fault = field_fault (self->field, row->too_long);
      end_field (self, fields);
      row->state = IN_START;
      return c == '\n';
    }
  if (c == '"' && row->state == IN_START)
    row->state = IN_QUOTES;
  else if (c == '"' && row->state == AFTER_QUOTE)
    {
      add_byte (self, row, c);
      row->state = IN_QUOTES;
    }
  else
    {
      row->stray_quote |= row->state == AFTER_QUOTE;
      row->state = IN_PLAIN;
      add_byte (self, row, c);
    }
  return FALSE;
}

static AttuneCsvResult
bad (AttuneCsvReader *self, const char *why, const char **reason, const GString **text)
{
  *reason = why;
  *text = self->row;
  return ATTUNE_CSV_BAD;
}

/* The row at hand has no end in sight. */
static AttuneCsvResult
give_up (AttuneCsvReader *self, guint64 first_line, const char **reason, const GString **text,
         GCancellable *cancellable, GError **error)
{
  const gboolean one_line = self->line == first_line;

  if (one_line && skip_line (self, cancellable, error) == FAILED)
    return ATTUNE_CSV_ERROR;
  if (!one_line)
    rewind_to_second_line (self, first_line);
  return bad (self,
              one_line ? "It is longer than four million characters."
                       : "A quotation mark is not closed within 500 lines or four million "
                         "characters.",
              reason, text);
}

static AttuneCsvResult
read_row (AttuneCsvReader *self, GPtrArray *fields, guint64 first_line, const char **reason,
          const GString **text, GCancellable *cancellable, GError **error)
{
  Row row = { IN_START };

  for (;;)
    {
      const int c = next_byte (self, cancellable, error);

      if (c == FAILED)
        return ATTUNE_CSV_ERROR;
      if (c == END && self->row->len == 0)
        return ATTUNE_CSV_END;
      if (c == END && row.state == IN_QUOTES)
        {
          rewind_to_second_line (self, first_line);
          return bad (self, "A quotation mark is never closed.", reason, text);
        }
      if (c != END)
        g_string_append_c (self->row, c);
      if (take (self, &row, c == END ? '\n' : c, fields))
        break;
      if (self->row->len >= ATTUNE_MAX_ROW_BYTES || self->line - first_line > MAX_ROW_LINES)
        return give_up (self, first_line, reason, text, cancellable, error);
    }
  if (row.stray_quote && row.quoted_lines)
    {
      rewind_to_second_line (self, first_line);
      return bad (self, "A quotation mark is not closed on its line.", reason, text);
    }
  return row.fault != NULL ? bad (self, row.fault, reason, text) : ATTUNE_CSV_ROW;
}

AttuneCsvResult
attune_csv_reader_next (AttuneCsvReader *self, GPtrArray *fields, guint64 *line,
                        const char **reason, const GString **text, GCancellable *cancellable,
                        GError **error)
{
  for (;;)
    {
      AttuneCsvResult result;

      g_string_truncate (self->row, 0);
      g_string_truncate (self->field, 0);
      g_ptr_array_set_size (fields, 0);
      *line = self->line;
      *text = self->row;
      result = read_row (self, fields, *line, reason, text, cancellable, error);
      if (result != ATTUNE_CSV_ROW || fields->len > 1
          || ((char *) g_ptr_array_index (fields, 0))[0] != '\0')
        return result;
    }
}
