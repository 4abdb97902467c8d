/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sample in words: exactly what the model reads, and which of it is learned.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

typedef struct
{
  char *text; /* valid UTF-8, special tokens spelled out */
  gboolean learned;
} AttuneReadPart;

/**
 * attune_sample_to_parts:
 * @tokenizer: of the model that it was prepared for
 *
 * Returns: (transfer full): #AttuneReadPart, one after another; tokens that the tokenizer does not
 * have become U+FFFD
 */
GPtrArray *attune_sample_to_parts (const AttuneSample *sample, const AttuneTokenizer *tokenizer);

G_END_DECLS
