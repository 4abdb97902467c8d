/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is at hand while data is prepared: prepare.c begins and ends it, prepare-block.c does a
 * block of records.
 */
#pragma once
#include "core/spill.h"
#include "data/balance.h"
#include "data/clean.h"
#include "data/dataset-private.h"
#include "data/make-sample.h"
#include "data/pairs.h"
#include "data/placement.h"
#include "data/tally.h"
#include "data/translator.h"
#include "data/variants.h"
#include "data/written.h"

G_BEGIN_DECLS

typedef struct
{
  AttunePool *pool;   /* borrowed */
  AttuneSpill *spill; /* what is remembered of all records */
  AttuneStore *old, *store;
  const AttuneDataValues *settings;
  AttuneRecipe recipe;
  AttuneMaker *makers; /* one per thread */
  AttuneCleaner *cleaner;
  AttunePlacement *placement;
  AttuneBalance *balance;
  AttuneTally *tally;
  AttuneChanges *changes;
  GChecksum *hash;
  char *sources; /* JSON: the list of them */
  JsonNode *source_list;
  AttunePairs *pairs;
  AttuneWordnet *wordnet;       /* (nullable): this and what follows: what variants are made by */
  AttuneTranslator *translator; /* (nullable) */
  AttuneWritten *written;       /* (nullable) */
  AttuneLanguages *languages;   /* (nullable): to look at what they make */
  char *text_language;          /* (nullable): of the records */
  GCancellable *cancellable;    /* (nullable), borrowed */
  AttuneVariants *variants;
  /* the block at hand */
  AttuneRawBlock block;
  AttuneMade *made;
  GPtrArray *fields[ATTUNE_N_FIELDS], *reasons;
  GByteArray *splits, *by_hand, *found;
  GArray *ids, *learn, *ends;
  gint64 n_tokens;  /* written before the block */
  gint64 n_records; /* likewise */
} AttunePreparation;

/* Reads the block from row @first on, @n rows at most, and makes of it what goes into the new file.
 * Returns: its rows, or -1. */
gint64 attune_preparation_run_block (AttunePreparation *self, gint64 first, gint64 n,
                                     GError **error);
/* What variants are made by; errors say what is missing. @path: of the data set */
gboolean attune_preparation_vary_set_up (AttunePreparation *self, const char *path, GError **error);
/* Makes those of the block at hand that are not made of a record by itself. */
gboolean attune_preparation_vary_block (AttunePreparation *self, GError **error);
void attune_preparation_vary_clear (AttunePreparation *self);
void attune_preparation_forget_block (AttunePreparation *self);

G_END_DECLS
