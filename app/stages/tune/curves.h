/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The charts of a run: loss, learning rate, gradient and speed, and where the model writes answers
 * itself what they get and how far it goes, with earlier runs beneath. They grow with the run: what
 * is drawn already is not touched again.
 */
#pragma once
#include "job/run-curves.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_CURVES (attune_tune_curves_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTuneCurves, attune_tune_curves, ATTUNE, TUNE_CURVES, GtkBox)

/**
 * attune_tune_curves_set_run:
 * @name: (nullable): of the run, which tells it from others
 * @curves: borrowed for the call
 * @steps: planned, or 0
 *
 * Shows a run, or what is new of it.
 */
void attune_tune_curves_set_run (AttuneTuneCurves *self, const char *name,
                                 const AttuneRunCurves *curves, gint64 steps);
/* Takes @curves; earlier runs lie beneath, named "Run 2". One that is there already is left. */
void attune_tune_curves_add_earlier (AttuneTuneCurves *self, const char *name,
                                     AttuneRunCurves *curves);
void attune_tune_curves_remove_earlier (AttuneTuneCurves *self, const char *name);
/* The sentence under the charts; spoken when it has become another. */
void attune_tune_curves_set_sentence (AttuneTuneCurves *self, const char *sentence);

G_END_DECLS
