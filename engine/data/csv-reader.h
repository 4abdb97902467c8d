/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of a delimited file, streamed: RFC 4180 and what people really have. A wrong quote harms its
 * own row alone: where a quoted field does not end properly the row is given up and reading goes on
 * at the line after the one it began on. Line ends, also those inside quotes, are given as LF.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _AttuneCsvReader AttuneCsvReader;

typedef enum
{
  ATTUNE_CSV_ROW,
  ATTUNE_CSV_BAD, /* @reason says why; @text holds the start of the row */
  ATTUNE_CSV_END,
  ATTUNE_CSV_ERROR,
} AttuneCsvResult;

/* @stream: UTF-8; a reference is taken. */
AttuneCsvReader *attune_csv_reader_new (GInputStream *stream, char delimiter);
void attune_csv_reader_free (AttuneCsvReader *self);

/**
 * attune_csv_reader_next:
 * @fields: (inout): a GPtrArray of char* that frees its strings; filled anew
 * @line: (out): the line the row begins on, from 1
 * @reason: (out): a sentence, static
 * @text: (out): the row as it stands in the file, or the start of it where it is endless; borrowed
 * until the next call
 *
 * Lines that are empty are passed over.
 */
AttuneCsvResult attune_csv_reader_next (AttuneCsvReader *self, GPtrArray *fields, guint64 *line,
                                        const char **reason, const GString **text,
                                        GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCsvReader, attune_csv_reader_free)

G_END_DECLS
