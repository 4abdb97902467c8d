/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A dictionary of abbreviations: a CSV file with the columns abbreviation and expansion and, where
 * it is needed, one that is called context (or Kontext); what else it has is not read. An
 * abbreviation may stand there several times with other meanings; then the words of the context
 * decide: "MI, mitral insufficiency, valve murmur regurgitation" holds where one of these words
 * stands in the record. A meaning without context is the one that holds where no other does; of
 * several without, the last.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneAbbreviations AttuneAbbreviations;

/* Returns: (transfer full): or %NULL with @error: the file's, or %ATTUNE_DATA_ERROR_COLUMNS. */
AttuneAbbreviations *attune_abbreviations_read (const char *path, GError **error);
void attune_abbreviations_free (AttuneAbbreviations *self);

/**
 * attune_abbreviations_expand:
 * @text: whole words that are abbreviations are replaced, case as written
 * @context: (nullable): the record in plain words, where they are to be found; see
 * attune_plain_words()
 * @changes: (inout): how many were replaced
 *
 * Returns: (transfer full): the new text, or %NULL where nothing has changed. What could not be
 * decided stays, and is counted for attune_abbreviations_get_undecided().
 */
char *attune_abbreviations_expand (AttuneAbbreviations *self, const char *text, const char *context,
                                   guint64 *changes);

/* How often an abbreviation was left as it stands, since nothing near it says what it means. */
typedef struct
{
  const char *abbreviation;
  const char *meanings; /* "myocardial infarction, mitral insufficiency" */
  guint64 count;
} AttuneUndecided;

/* Returns: (transfer full): #AttuneUndecided, most frequent first; strings borrowed from @self. */
GArray *attune_abbreviations_get_undecided (const AttuneAbbreviations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneAbbreviations, attune_abbreviations_free)

G_END_DECLS
