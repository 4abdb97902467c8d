/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A prepared data set as files that other programs learn from: a line per sample, as OpenAI's
 * messages; texts that are learned whole as {"text": …}; pairs with both answers, as TRL has them.
 */
#pragma once
#include "data/dataset.h"

G_BEGIN_DECLS

/**
 * attune_dataset_save_messages:
 * @path: a data set that was prepared
 * @system: (nullable): what is said to the model where a record says nothing
 * @folder: where train.jsonl, validation.jsonl and test.jsonl go; made where it is missing. Those
 * of a split without samples are not written
 * @counts: (out) (array fixed-size=3): lines of each
 *
 * What is learned from stands there as often as it is learned from, with what was made of it. Each
 * file is replaced whole or not at all. Blocks.
 */
gboolean attune_dataset_save_messages (const char *path, const char *system, const char *folder,
                                       guint64 counts[3], GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
