/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The cleaning steps, in the order they are done. A step changes a record's text or leaves the
 * record out, with the reason; every step counts what it did and keeps examples.
 */
#pragma once
#include "data/data-settings.h"
#include "data/import.h"

G_BEGIN_DECLS

#define ATTUNE_CLEAN_EXAMPLES 3

typedef struct
{
  const char *name;  /* of the setting: "trim-space" */
  const char *title; /* what it did: "White space tidied" */
  gboolean enabled;
  guint64 count;   /* records it changed or left out */
  guint64 changes; /* single changes, where one record can have several (abbreviations) */
  guint n_examples;
  char *before[ATTUNE_CLEAN_EXAMPLES],
      *after[ATTUNE_CLEAN_EXAMPLES]; /* after: %NULL where the record was left out */
} AttuneCleanStep;

typedef struct _AttuneCleaner AttuneCleaner;

/* Reads the abbreviations' file, which is all that can fail. */
AttuneCleaner *attune_cleaner_new (const AttuneDataValues *settings, GError **error);
void attune_cleaner_free (AttuneCleaner *self);

/**
 * attune_cleaner_run:
 * @record: (inout): question, answer and system are cleaned in place
 *
 * Returns: %NULL when the record stays; otherwise why it is left out, a static sentence
 */
const char *attune_cleaner_run (AttuneCleaner *self, AttuneRecord *record);

const AttuneCleanStep *attune_cleaner_get_steps (const AttuneCleaner *self, guint *n);

/* Lower case, words parted by one blank, without punctuation: what near duplicates have in common.
 * Letters, digits and symbols stay, and the sign or point in front of a digit: “-5 %” is not “5 %”,
 * and “≤5” is not “≥5”. (transfer full) */
char *attune_plain_words (const char *text);

/* A number that stands for @text: the first 64 bits of its SHA-256, on every machine the same. */
guint64 attune_text_key (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneCleaner, attune_cleaner_free)

G_END_DECLS
