/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be done of a record without the others: changes by hand, cleaning, plain words, sketch,
 * tokens. One maker per thread, each with a part of the block at hand; what comes out does not
 * depend on how the block was cut. Private to data/.
 */
#pragma once
#include "data/changes.h"
#include "data/clean.h"
#include "data/dataset.h"
#include "data/sketch.h"
#include "data/tally.h"
#include "data/variants.h"
#include "data/wordnet.h"

G_BEGIN_DECLS

/* What all makers share, borrowed. */
typedef struct
{
  const AttuneDataValues *settings;
  const AttuneTokenizer *tokenizer;
  const AttuneChatTemplate *chat_template;
  gint32 stop; /* the token that ends an answer, or -1 */
  const AttuneChanges *changes;
  const AttuneSketcher *sketcher;
  const AttuneWordnet *wordnet; /* (nullable): where variants are made */
} AttuneRecipe;

typedef struct
{
  AttuneCleaner *cleaner; /* owned; a helper */
  GArray *ids, *learn;    /* gint32, guint8: samples of its part, one after another */
  GError *error;          /* the first that went wrong */
} AttuneMaker;

void attune_maker_init (AttuneMaker *self, const AttuneCleaner *chief);
void attune_maker_clear (AttuneMaker *self);
/* Forgets the part that it has made. */
void attune_maker_reset (AttuneMaker *self);

typedef struct
{
  AttuneRecord record;        /* cleaned */
  const char *reason;         /* (nullable): why it is left out, by itself; static */
  guint8 found;               /* bits, 1 << AttuneFinding: what it held */
  const AttuneChange *change; /* (nullable): what a person has changed of it */
  char *key;                  /* of the change */
  AttunePlainRecord plain;    /* this and all that follows: where it stays */
  AttuneSketch sketch;
  AttuneMaker *maker;    /* whose arrays its sample is in */
  AttuneSampleSize size; /* nothing is learned where its question alone is too long */
  guint first;           /* its sample's first token there */
  guint64 sample_hash[2];
  AttuneSampleSize rejected_size; /* the same of the worse answer: nothing is learned where there
                                     is none */
  guint rejected_first;
  guint64 rejected_hash[2];
  GArray *variants; /* (nullable): AttuneVariant */
} AttuneMade;
void attune_made_clear (AttuneMade *made);

/* Adds @text in the place of its question to the variants of a record that stays; none where
 * nothing is left to learn of the answer. @origin: what made it. Returns: as attune_maker_run().
 * Not while
 * @self runs. */
gboolean attune_maker_add_variant (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made,
                                   const char *text, const char *origin);

/* @made: (inout): its record, as it was imported. Returns %FALSE with the maker's error. */
gboolean attune_maker_run (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made);

/* The sample of a cleaned record, behind those of the maker. @first: (out): where it begins; @hash:
 * (out): of all of it. Returns %FALSE with the maker's error. */
gboolean attune_maker_encode (AttuneMaker *self, const AttuneRecipe *recipe,
                              const AttuneRecord *record, AttuneSampleSize *size, guint *first,
                              guint64 hash[2]);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneMaker, attune_maker_clear)

G_END_DECLS
