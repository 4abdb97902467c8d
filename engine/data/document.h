/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Documents that people write for people: a row of headings and paragraphs, in their order,
 * whatever they are stored as. Private to data/.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

typedef struct
{
  guint level;      /* 1 … 6: a heading; 0: a paragraph */
  const char *text; /* UTF-8, no white space around it, not empty */
  guint64 line;     /* where it begins: of the file's lines, of a Word or PDF file's paragraphs */
} AttuneBlock;

/* Return FALSE to stop early. */
typedef gboolean (*AttuneBlockFunc) (const AttuneBlock *block, gpointer data, GError **error);

/* "text", "markdown", "html", "docx", "pdf" by the name's ending, or %NULL. */
const char *attune_document_guess_format (const char *path);
gboolean attune_document_is_format (const char *format);

/**
 * attune_document_read:
 * @format: as attune_document_guess_format() says
 * @encoding: (nullable): of text, Markdown and HTML; where it is %NULL the page's own, or guessed
 *
 * Streams: of a text no more than a paragraph is in memory. Returns %FALSE with @error
 * (%ATTUNE_DATA_ERROR_READ or _FORMAT, or that the cancellable was cancelled), or without where
 * @on_block stopped it.
 */
gboolean attune_document_read (const char *path, const char *format, const char *encoding,
                               AttuneBlockFunc on_block, gpointer data, GCancellable *cancellable,
                               GError **error);

/* --- for the readers of one format each */

typedef struct
{
  const char *path, *encoding;
  AttuneBlockFunc on_block;
  gpointer data;
  GCancellable *cancellable;
} AttuneDocumentReading;

/* A paragraph longer than this is given on in parts, and so is never a whole file in memory. */
#define ATTUNE_PARAGRAPH_BYTES (64u << 10)

/* Gives on what is between the white space around @text (@length bytes, maybe no UTF-8): nothing
 * where there is nothing. */
gboolean attune_document_give (const AttuneDocumentReading *reading, guint level, const char *text,
                               gsize length, guint64 line, GError **error);
/* Sets @error: “path” cannot be read: @why. Returns FALSE. */
gboolean attune_document_fail (const AttuneDocumentReading *reading, const char *why,
                               GError **error);

gboolean attune_document_read_text (const AttuneDocumentReading *reading, GError **error);
gboolean attune_document_read_markdown (const AttuneDocumentReading *reading, GError **error);
gboolean attune_document_read_html (const AttuneDocumentReading *reading, GError **error);
gboolean attune_document_read_docx (const AttuneDocumentReading *reading, GError **error);
gboolean attune_document_read_pdf (const AttuneDocumentReading *reading, GError **error);

G_END_DECLS
