/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A PDF's text, by poppler's pdftotext in a process of its own, which a broken file cannot take us
 * down with: it gets an argv and no shell, so much time, so much memory, and says so much.
 */
#include "data/child-guard.h"
#include "data/document.h"

#include <gio/gio.h>
#include <string.h>
#include <sys/resource.h>

#define PROGRAM "pdftotext"
#define MAX_SECONDS 120
#define MAX_MEMORY_BYTES ((rlim_t) 2 << 30)
/* A thousand books. */
#define MAX_OUTPUT_BYTES (256u << 20)
#define BUFFER (64 * 1024)

/* In the child: only what is allowed between fork and exec. */
static void
limit_child (gpointer data)
{
  const struct rlimit seconds = { MAX_SECONDS, MAX_SECONDS },
                      memory = { MAX_MEMORY_BYTES, MAX_MEMORY_BYTES };

  setrlimit (RLIMIT_CPU, &seconds);
  setrlimit (RLIMIT_AS, &memory);
}

typedef struct
{
  const AttuneDocumentReading *reading;
  GString *line, *paragraph;
  gsize widest;   /* line of the paragraph, in bytes */
  guint64 number; /* of the paragraph */
  gsize n_bytes;  /* that have come */
} Pdf;

static gboolean
end_paragraph (Pdf *self, GError **error)
{
  const gsize n = self->paragraph->len;
  gboolean good;

  self->number += n > 0;
  good = attune_document_give (self->reading, 0, self->paragraph->str, n, self->number, error);
  g_string_truncate (self->paragraph, 0);
  self->widest = 0;
  return good;
}

/* The program parts blocks of a page, not paragraphs: one ends where a sentence ends well before
 * the margin. */
static gboolean
ends_short (const Pdf *self)
{
  const GString *line = self->line;

  return line->len > 0 && strchr (".?!:", line->str[line->len - 1]) != NULL
         && line->len * 5 < self->widest * 4;
}

/* The page's lines are not the text's: they are joined, and words that were parted at a line's end
 * too. */
static void
join_line (Pdf *self)
{
  const GString *line = self->line;
  GString *paragraph = self->paragraph;
  const gboolean parted = paragraph->len > 1 && paragraph->str[paragraph->len - 1] == '-'
                          && g_ascii_islower (paragraph->str[paragraph->len - 2])
                          && g_unichar_islower (g_utf8_get_char_validated (line->str, line->len));

  if (parted)
    g_string_truncate (paragraph, paragraph->len - 1);
  else if (paragraph->len > 0)
    g_string_append_c (paragraph, ' ');
  g_string_append_len (paragraph, line->str, line->len);
}

static gboolean
end_line (Pdf *self, GError **error)
{
  gboolean good = TRUE;

  g_strstrip (self->line->str);
  self->line->len = strlen (self->line->str);
  if (self->line->len > 0)
    join_line (self);
  self->widest = MAX (self->widest, self->line->len);
  if (self->line->len == 0 || ends_short (self) || self->paragraph->len > ATTUNE_PARAGRAPH_BYTES)
    good = end_paragraph (self, error);
  g_string_truncate (self->line, 0);
  return good;
}

static gboolean
take_bytes (Pdf *self, const char *bytes, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (bytes[i] == '\n')
      {
        if (!end_line (self, error))
          return FALSE;
      }
    else if (bytes[i] != '\0' && self->line->len < ATTUNE_PARAGRAPH_BYTES)
      g_string_append_c (self->line, bytes[i] == '\f' ? ' ' : bytes[i]);
  return TRUE;
}

static gboolean
read_output (Pdf *self, GInputStream *stream, GError **error)
{
  g_autofree char *buffer = g_malloc (BUFFER);
  gssize n;

  while ((n = g_input_stream_read (stream, buffer, BUFFER, self->reading->cancellable, error)) > 0)
    {
      self->n_bytes += n;
      if (self->n_bytes > MAX_OUTPUT_BYTES)
        return attune_document_fail (self->reading, "it holds more text than any document.", error);
      if (!take_bytes (self, buffer, n, error))
        return FALSE;
    }
  return n == 0 && end_line (self, error) && end_paragraph (self, error);
}

static GSubprocess *
start (const AttuneDocumentReading *reading, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  /* never an option, whatever the file is called */
  g_autofree char *path = g_canonicalize_filename (reading->path, NULL);
  g_autofree char *program = g_find_program_in_path (PROGRAM);
  g_autoptr (GError) reason = NULL;
  GSubprocess *process;

  if (program == NULL)
    {
      attune_document_fail (reading,
                            "PDF files are read by the program pdftotext, which is missing here. "
                            "It is in the package poppler-utils.",
                            error);
      return NULL;
    }
  g_subprocess_launcher_set_child_setup (launcher, limit_child, NULL, NULL);
  process = g_subprocess_launcher_spawn (launcher, &reason, program, "-q", "-enc", "UTF-8",
                                         "-nopgbrk", path, "-", NULL);
  if (process == NULL)
    attune_document_fail (reading, reason->message, error);
  return process;
}

/* What the way in which it ended says of the file. */
static gboolean
check_end (const Pdf *self, GSubprocess *process, gboolean late, GError **error)
{
  const int status
      = g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process) : -1;

  if (late)
    return attune_document_fail (self->reading, "reading it takes longer than two minutes.", error);
  if (status == 3)
    return attune_document_fail (self->reading, "its author does not allow to copy its text.",
                                 error);
  if (status != 0)
    return attune_document_fail (self->reading, "it is damaged, or has a password.", error);
  if (self->number == 0)
    return attune_document_fail (
        self->reading,
        "there is no text in it. Does it show pages that were scanned? Then recognise their text "
        "first, with a program for that.",
        error);
  return TRUE;
}

gboolean
attune_document_read_pdf (const AttuneDocumentReading *reading, GError **error)
{
  g_autoptr (GSubprocess) process = start (reading, error);
  g_autoptr (GString) line = g_string_new (NULL), paragraph = g_string_new (NULL);
  Pdf self = { reading, line, paragraph };
  AttuneChildGuard *guard;
  gboolean good, late;

  if (process == NULL)
    return FALSE;
  guard = attune_child_guard_new (process, MAX_SECONDS);
  good = read_output (&self, g_subprocess_get_stdout_pipe (process), error);
  if (!good)
    g_subprocess_force_exit (process);
  g_subprocess_wait (process, NULL, NULL); /* cannot fail without a cancellable */
  late = attune_child_guard_end (guard);
  return good && check_end (&self, process, late, error);
}
