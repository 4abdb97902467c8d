/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cleaning steps, in the order they are done. A step changes a record's text or leaves the
 * record out, with the reason; every step counts what it did and keeps examples.
 */
#pragma once
#include "core/spill.h"
#include "data/clean-step.h"
#include "data/data-settings.h"
#include "data/import.h"
#include "data/language.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef struct _AttuneCleaner AttuneCleaner;

/* Reads the abbreviations' and the evaluation file, which is all that can fail. @settings have to
 * stay. */
AttuneCleaner *attune_cleaner_new (const AttuneDataValues *settings, GCancellable *cancellable,
                                   GError **error);
/* So many records will come. Before the first; more are slower, not wrong. @spill: (nullable): see
 * attune_key_table_new() */
gboolean attune_cleaner_expect (AttuneCleaner *self, guint64 n_records, AttuneSpill *spill,
                                GError **error);
void attune_cleaner_free (AttuneCleaner *self);

/* A record in plain words (see attune_plain_words()), and what it goes by: made once for all who
 * compare records. */
typedef struct
{
  char *question, *answer;
  guint64 exact, near; /* of question and answers, as they are and in plain words */
  guint64 answer_key;  /* of the answer in plain words */
  guint64 home; /* attune_text_key() of the group, else of the question in plain words, else of
                   a text that is learned whole */
} AttunePlainRecord;
/* @record: cleaned */
void attune_plain_record_init (AttunePlainRecord *self, const AttuneRecord *record);
void attune_plain_record_clear (AttunePlainRecord *self);

/**
 * attune_cleaner_tidy:
 * @record: (inout): question, answer and system are cleaned in place
 * @plain: (out): what that is in plain words, where the record stays
 *
 * What can be said of a record by itself. Returns: %NULL when the record stays; otherwise why it is
 * left out, a static sentence
 */
const char *attune_cleaner_tidy (AttuneCleaner *self, AttuneRecord *record,
                                 AttunePlainRecord *plain);
/* What can be said of a tidied record among those before it: they are given in their order, each
 * once. Returns: as attune_cleaner_tidy() */
const char *attune_cleaner_compare (AttuneCleaner *self, const AttuneRecord *record,
                                    const AttunePlainRecord *plain);
/* Whether the evaluation file holds something of that, which is then left out. */
gboolean attune_cleaner_measures (const AttuneCleaner *self, const AttunePlainRecord *plain);
/* Both. */
const char *attune_cleaner_run (AttuneCleaner *self, AttuneRecord *record,
                                AttunePlainRecord *plain);

/* One that tidies for @chief, in a thread of its own; not for comparing. */
AttuneCleaner *attune_cleaner_new_helper (const AttuneCleaner *chief);
/* Adds what @helper has counted, as of records after all that @self knows of, and forgets it there.
 */
void attune_cleaner_gather (AttuneCleaner *self, AttuneCleaner *helper);

const AttuneCleanStep *attune_cleaner_get_steps (const AttuneCleaner *self, guint *n);

/* Bits, 1 << AttuneFinding: what was found in the record that was tidied last. */
guint attune_cleaner_get_found (const AttuneCleaner *self);
/* Of the records that were looked at: all that are tidied where languages are chosen, else some
 * 500 of those compared, drawn by what they say. Borrowed; %NULL where none were. */
const AttuneLanguages *attune_cleaner_get_languages (const AttuneCleaner *self);
/* Returns: (transfer full) (nullable): see attune_abbreviations_get_undecided() */
GArray *attune_cleaner_get_undecided (const AttuneCleaner *self);
/* Adds to @report what the steps did: "steps"; "personal", "secrets" and
 * "toxic" (found of each kind); "undecided_abbreviations", and "languages" where they can be told:
 * see attune_languages_to_json(). */
void attune_cleaner_report (const AttuneCleaner *self, JsonObject *report);

/* Lower case, words parted by one blank, without punctuation: what near duplicates have in common.
 * Letters, digits and symbols stay, and the sign or point in front of a digit: “-5 %” is not “5 %”,
 * and “≤5” is not “≥5”. (transfer full) */
char *attune_plain_words (const char *text);

/* A number that stands for two texts in their order; see attune_hash(). */
guint64 attune_pair_key (const char *a, const char *b);
/* A number that stands for @text: the first 64 bits of its SHA-256, on every machine the same. */
guint64 attune_text_key (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCleaner, attune_cleaner_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttunePlainRecord, attune_plain_record_clear)

G_END_DECLS
