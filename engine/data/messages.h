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
 * @path: a data set that was prepared; what is said to the model where a record says nothing is
 * what it was prepared with
 * @folder: where train.jsonl, validation.jsonl and test.jsonl go; made where it is missing
 * @replace: whether files of these names are replaced, and removed where a split has no samples;
 * else they are refused with %G_IO_ERROR_EXISTS
 * @counts: (out) (array fixed-size=3): lines of each; of none no file is written
 *
 * What is learned from stands there as often as it is learned from, with what was made of it. All
 * are written beside what is there before any takes its place. Blocks.
 */
gboolean attune_dataset_save_messages (const char *path, const char *folder, gboolean replace,
                                       guint64 counts[3], GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
