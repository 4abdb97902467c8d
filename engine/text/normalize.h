/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a tokenizer does to a text before it cuts it: Unicode's forms, spaces as "▁", a space put
 * first. A chain of steps, as the reference's normalizers; immutable once made.
 */
#pragma once
#include "text/charsmap.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_NORMALIZE_NFC,
  ATTUNE_NORMALIZE_NFD,
  ATTUNE_NORMALIZE_NFKC,
  ATTUNE_NORMALIZE_NFKD,
  ATTUNE_NORMALIZE_LOWERCASE,
  ATTUNE_NORMALIZE_STRIP_ACCENTS, /* leaves out all marks */
  ATTUNE_NORMALIZE_STRIP_LEFT,    /* white space */
  ATTUNE_NORMALIZE_STRIP_RIGHT,
  ATTUNE_NORMALIZE_PREPEND,       /* argument, unless the text is empty */
  ATTUNE_NORMALIZE_PREPEND_FIRST, /* the same, only to what begins the whole text */
  ATTUNE_NORMALIZE_PREPEND_ONCE,  /* the same as PREPEND, unless the text begins with it */
  ATTUNE_NORMALIZE_PREPEND_FIRST_ONCE,
  ATTUNE_NORMALIZE_REPLACE,      /* argument with other */
  ATTUNE_NORMALIZE_STRIP_SPACES, /* those at both ends; of no other white space */
  ATTUNE_NORMALIZE_MERGE_SPACES, /* several spaces are one */
  ATTUNE_NORMALIZE_MERGE_RUNS,   /* two or more spaces are argument */
  ATTUNE_NORMALIZE_BAR_WORDS,    /* argument before each word, in place of white space */
  ATTUNE_NORMALIZE_CHARSMAP,
} AttuneNormalizeKind;

typedef struct _AttuneNormalizer AttuneNormalizer;

AttuneNormalizer *attune_normalizer_new (void);
void attune_normalizer_free (AttuneNormalizer *self);
/* @argument, @other: (nullable): as @kind says; copied */
void attune_normalizer_add (AttuneNormalizer *self, AttuneNormalizeKind kind, const char *argument,
                            const char *other);
/* @charsmap: taken. @by_cluster: character by character as a reader sees them, as the library
 * tokenizers does it; else by the longest entry, as SentencePiece does. */
void attune_normalizer_add_charsmap (AttuneNormalizer *self, AttuneCharsmap *charsmap,
                                     gboolean by_cluster);
gboolean attune_normalizer_is_empty (const AttuneNormalizer *self);
/* Whether all it does is to put text in NFC. */
gboolean attune_normalizer_is_nfc (const AttuneNormalizer *self);

/* A text, and of each of its bytes where in the text before the piece that became it ends. */
typedef struct
{
  GString *text;
  GArray *ends; /* (nullable): gsize; wanted or not */
} AttuneNormalText;

/**
 * attune_normalizer_run:
 * @first: whether @text begins the whole text
 * @text: (inout): what it is made of is added to its text; its ends, where wanted, count from
 *   @offset
 */
void attune_normalizer_run (const AttuneNormalizer *self, const char *from, gsize length,
                            gboolean first, gsize offset, AttuneNormalText *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneNormalizer, attune_normalizer_free)

G_END_DECLS
