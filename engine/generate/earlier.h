/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model is not to forget while it learns something new: the data of an earlier project, or a
 * text. One part of it is learned again beside the new; the other, held out, tells what has been
 * forgotten.
 */
#pragma once
#include "generate/loss.h"
#include "plan/earlier.h"
#include "text/chat-template.h"

G_BEGIN_DECLS

/* Every so many-th sample of a text is held out. */
#define ATTUNE_EARLIER_HELD_OUT 10
/* Samples that tell what has been forgotten, at most: of a data set, and of a text, whose samples
 * are longer. */
#define ATTUNE_EARLIER_PROBE 100
#define ATTUNE_EARLIER_TEXT_PROBE 32

typedef struct _AttuneEarlier AttuneEarlier;

/**
 * attune_earlier_open:
 * @path: a project's folder, a prepared dataset.h5, or a text file in UTF-8
 * @tokenizer, @chat_template: of the model; a data set must have been prepared for it
 *
 * Of a data set the training split is learned again, and validation and test are held out. Blocks.
 * Errors: %ATTUNE_DATA_ERROR_READER where it was prepared for another model,
 * %ATTUNE_DATA_ERROR_EMPTY where there is nothing to learn again or nothing held out, those of
 * reading a file.
 *
 * Returns: (transfer full).
 */
AttuneEarlier *attune_earlier_open (const char *path, const AttuneTokenizer *tokenizer,
                                    const AttuneChatTemplate *chat_template, GError **error);
void attune_earlier_free (AttuneEarlier *self);
/* What the content hashes to. Borrowed. */
const char *attune_earlier_get_hash (const AttuneEarlier *self);
/* Samples to learn again, or those held out. */
guint64 attune_earlier_count (const AttuneEarlier *self, gboolean held_out);
/* @max_tokens: a longer one is cut there. */
gboolean attune_earlier_get_sample (AttuneEarlier *self, gboolean held_out, guint64 index,
                                    guint max_tokens, AttuneSample *sample, GError **error);

/* The loss over @n held-out samples from @first on, of those that tell what has been forgotten, as
 * attune_dataset_loss(). These lie evenly over all. */
gboolean attune_earlier_loss (AttuneEarlier *self, AttuneDecoder *decoder,
                              AttuneActivations *activations, AttunePack *pack, guint64 first,
                              guint64 n, AttuneLossSum *sum, GError **error);
/* How many that are. */
guint64 attune_earlier_count_probe (const AttuneEarlier *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEarlier, attune_earlier_free)

G_END_DECLS
