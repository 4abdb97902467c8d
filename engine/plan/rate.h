/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast this computer tunes, as its last run has shown: kept in the person's state folder, so
 * that the first run of a new project has an estimate of its time too.
 */
#pragma once
#include "plan/estimate.h"

G_BEGIN_DECLS

/* Returns: multiplications and additions of the products per second, in the sense of
 * AttuneEstimate.flops; 0 where no run has told. Reads a small file. */
double attune_rate_read (void);

/**
 * attune_rate_write:
 * @estimate: of the run
 * @passes: over its data, in all
 * @train_tokens: of one pass
 * @tokens_per_second: as the run measured it
 * @seconds: that it measured
 *
 * Runs too short to tell are passed over. Returns: FALSE with @error where the file cannot be
 * written.
 */
gboolean attune_rate_write (const AttuneEstimate *estimate, double passes, guint64 train_tokens,
                            double tokens_per_second, double seconds, GError **error);

G_END_DECLS
