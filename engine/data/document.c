/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which reader reads a document, and what they share.
 */
#include "data/document.h"

#include <string.h>

static const struct
{
  const char *suffix, *format;
} suffixes[] = {
  { ".txt", "text" },          { ".text", "text" }, { ".md", "markdown" },
  { ".markdown", "markdown" }, { ".html", "html" }, { ".htm", "html" },
  { ".xhtml", "html" },        { ".docx", "docx" }, { ".pdf", "pdf" },
};

static const struct
{
  const char *format;
  gboolean (*read) (const AttuneDocumentReading *reading, GError **error);
} readers[] = {
  { "text", attune_document_read_text }, { "markdown", attune_document_read_markdown },
  { "html", attune_document_read_html }, { "docx", attune_document_read_docx },
  { "pdf", attune_document_read_pdf },
};

const char *
attune_document_guess_format (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (lower, suffixes[i].suffix))
      return suffixes[i].format;
  return NULL;
}

gboolean
attune_document_is_format (const char *format)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (g_str_equal (readers[i].format, format))
      return TRUE;
  return FALSE;
}

gboolean
attune_document_read (const char *path, const char *format, const char *encoding,
                      AttuneBlockFunc on_block, gpointer data, GCancellable *cancellable,
                      GError **error)
{
  const AttuneDocumentReading reading = { path, encoding, on_block, data, cancellable };

  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (g_str_equal (readers[i].format, format))
      return readers[i].read (&reading, error);
  g_return_val_if_reached (FALSE);
}

gboolean
attune_document_give (const AttuneDocumentReading *reading, guint level, const char *text,
                      gsize length, guint64 line, GError **error)
{
  g_autofree char *valid = g_utf8_make_valid (text, length);
  const AttuneBlock block = { level, g_strstrip (valid), line };

  if (g_cancellable_set_error_if_cancelled (reading->cancellable, error))
    return FALSE;
  return *block.text == '\0' || reading->on_block (&block, reading->data, error);
}

gboolean
attune_document_fail (const AttuneDocumentReading *reading, const char *why, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT, "“%s” cannot be read: %s",
               reading->path, why);
  return FALSE;
}
