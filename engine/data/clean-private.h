/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the two halves of the cleaner share: clean.c has the table of steps and what is counted,
 * clean-record.c does them.
 */
#pragma once
#include "data/abbreviations.h"
#include "data/classic-words.h"
#include "data/clean.h"
#include "data/contamination.h"
#include "data/findings.h"
#include "data/key-table.h"

G_BEGIN_DECLS

/* The steps, in the order they are done. */
enum
{
  ATTUNE_CLEAN_ENCODING, /* first: what follows has to read the right characters */
  ATTUNE_CLEAN_TAGS,     /* before the codes: what is written as &lt;b&gt; is meant to be read */
  ATTUNE_CLEAN_HTML,     /* before what tidies what the codes stand for */
  ATTUNE_CLEAN_UNICODE,
  ATTUNE_CLEAN_SPACE,
  ATTUNE_CLEAN_ABBREVIATIONS,
  ATTUNE_CLEAN_SECRETS, /* before personal data: “name:word@place” is no e-mail address */
  ATTUNE_CLEAN_PERSONAL,
  ATTUNE_CLEAN_TOXIC,
  ATTUNE_CLEAN_STOP_WORDS, /* behind what finds names and abbreviations by the words around them */
  ATTUNE_CLEAN_STEMS,
  ATTUNE_CLEAN_SPLIT_WORDS,
  ATTUNE_CLEAN_INCOMPLETE,
  ATTUNE_CLEAN_LENGTH,
  ATTUNE_CLEAN_LANGUAGE,
  ATTUNE_CLEAN_EVALUATION,
  ATTUNE_CLEAN_DUPLICATES,
  ATTUNE_CLEAN_NEAR_DUPLICATES,
  ATTUNE_N_CLEAN_STEPS,
};

struct _AttuneCleaner
{
  const AttuneDataValues *settings;
  AttuneCleanStep steps[ATTUNE_N_CLEAN_STEPS];
  AttuneAbbreviations *abbreviations; /* (nullable) */
  gboolean is_helper;                 /* the abbreviations and words are its chief's */
  AttuneFindings findings;
  guint found;                      /* bits, 1 << AttuneFinding: in the record tidied last */
  AttuneClassicWords *words;        /* (nullable) */
  AttuneLanguages *languages;       /* (nullable): %NULL before the first is looked at */
  guint64 language_stride;          /* one record of so many is looked at; 0: none */
  AttuneKeyTable *seen, *seen_near; /* of records; %NULL of a helper */
  AttuneContamination *evaluation;  /* (nullable): %NULL of a helper, too */
};

/* Returns: %NULL where languages cannot be told on this computer; that is said where one is chosen,
 * before the first record. */
AttuneLanguages *attune_cleaner_ready_languages (AttuneCleaner *self);

G_END_DECLS
