/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts that a model has written for records: the same question in other words. Asking a model
 * takes hours, so that what it says is kept beside the data set, one JSON object a line, and
 * preparing only reads it: { "question": of a record, cleaned; "text": in its place; "origin": what
 * wrote it }. A line without its end, where the writer was ended, is passed over.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

typedef struct
{
  char *text, *origin;
} AttuneWrittenText;

typedef struct _AttuneWritten AttuneWritten;

/* @path: of the data set. Returns: (transfer full): empty where there is no such file; %NULL with
 * %ATTUNE_DATA_ERROR_FORMAT and the line that is none, or an error of reading. Blocks. */
AttuneWritten *attune_written_read (const char *path, GError **error);
void attune_written_free (AttuneWritten *self);
guint attune_written_count (const AttuneWritten *self); /* texts, in all */
/* Questions that were asked about, some of them in vain. */
guint attune_written_count_questions (const AttuneWritten *self);
/* Returns: (nullable): #AttuneWrittenText, those of a question in the order they were written;
 * borrowed */
GPtrArray *attune_written_find (const AttuneWritten *self, const char *question);

/* Appends a line; @text "" says that the question was asked about in vain. Blocks. Errors of
 * writing. */
gboolean attune_written_append (const char *path, const char *question, const char *text,
                                const char *origin, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneWritten, attune_written_free)

G_END_DECLS
