/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Records that hold what a model will be measured by: a question of an evaluation file, or so many
 * words in a row of it (as Brown et al. 2020, appendix C, look for them). Private to data/.
 */
#pragma once
#include "data/clean.h"

G_BEGIN_DECLS

typedef struct _AttuneContamination AttuneContamination;

/* @settings: their evaluation file is read; its records are known as they are, and as they are when
 * cleaned like those they are compared with. %NULL with @error where a row of it cannot be read. */
AttuneContamination *attune_contamination_read (const AttuneDataValues *settings,
                                                GCancellable *cancellable, GError **error);
void attune_contamination_free (AttuneContamination *self);
/* Whether the record holds something of it. */
gboolean attune_contamination_find (const AttuneContamination *self,
                                    const AttunePlainRecord *plain);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneContamination, attune_contamination_free)

G_END_DECLS
