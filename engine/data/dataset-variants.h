/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which variants the records of a prepared data set have. Private to data/.
 */
#pragma once
#include "data/dataset-beside.h"

G_BEGIN_DECLS

/* As attune_dataset_beside_read(): those that are used by their record. */
gboolean attune_dataset_variants_read (AttuneStore *store, gint64 n_records,
                                       AttuneDatasetBeside **variants, GError **error);

G_END_DECLS
