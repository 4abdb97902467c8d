/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The best weights of a run in which weights of the base learn, a file of their own beside the
 * checkpoint, so that no second copy of them is held in memory: checkpoint-best-STEP.h5. The
 * checkpoint says which step is the best. A newer file comes before the checkpoint that names it,
 * and the older one goes after it: so a run that is killed at any instant finds the file that its
 * checkpoint names. Step 0 is the base, which needs none.
 */
#pragma once
#include "tune/checkpoint.h"

G_BEGIN_DECLS

/* Writes state->values as the weights of state->best_step. @checkpoint: its path, as below. */
gboolean attune_best_weights_save (const char *checkpoint, const AttuneCheckpoint *state,
                                   GError **error);
/* Whether the file that @state names is there, and of the same run. */
gboolean attune_best_weights_check (const char *checkpoint, const AttuneCheckpoint *state,
                                    GError **error);
/* Fills @values, @count of them; a damaged file is an error. */
gboolean attune_best_weights_read (const char *checkpoint, gint64 step, gint64 count, float *values,
                                   GError **error);
/* Deletes the files of all steps but @a and @b, and unfinished ones. */
void attune_best_weights_keep (const char *checkpoint, gint64 a, gint64 b);

G_END_DECLS
