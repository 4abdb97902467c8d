/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the model answers to the same questions as it learns: before and after side by side, or one
 * below the other where there is no room.
 */
#pragma once
#include "job/run-curves.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_SAMPLES (attune_tune_samples_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTuneSamples, attune_tune_samples, ATTUNE, TUNE_SAMPLES, GtkBox)

/* @curves: borrowed for the call. Hidden where there are no samples. */
void attune_tune_samples_set_curves (AttuneTuneSamples *self, const AttuneRunCurves *curves);

G_END_DECLS
