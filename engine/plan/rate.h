/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast this computer tunes, as its last run has shown: kept in the person's state folder, so
 * that the first run of a new project has an estimate of its time too. A graphics card has a number
 * of its own.
 */
#pragma once
#include "plan/estimate.h"

G_BEGIN_DECLS

/**
 * attune_rate_read:
 * @device: what a plan asks for. Where that may be a graphics card, it is the card's number if one
 *   did the work of the last run that could have one, and the processor's otherwise.
 *
 * Returns: multiplications and additions of the products per second, in the sense of
 *   AttuneEstimate.flops; 0 where no run has told. Reads a small file.
 */
double attune_rate_read (AttuneDeviceKind device);

/* What a run has shown. */
typedef struct
{
  double passes;        /* over its data, in all */
  guint64 train_tokens; /* of one pass */
  double tokens_per_second;
  double seconds;          /* that it measured */
  AttuneDeviceKind wanted; /* by its plan */
  gboolean on_card;        /* whether a graphics card did the work */
} AttuneRateFacts;

/**
 * attune_rate_write:
 * @estimate: of the run
 *
 * Runs too short to tell are passed over. Returns: FALSE with @error where the file cannot be
 * written.
 */
gboolean attune_rate_write (const AttuneEstimate *estimate, const AttuneRateFacts *facts,
                            GError **error);

G_END_DECLS
