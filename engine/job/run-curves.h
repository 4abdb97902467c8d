/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run's events as curves. Steps that a resumed run did again are there once. Light.
 */
#pragma once
#include "job/run-folder.h"
#include "tune/diagnosis.h"

G_BEGIN_DECLS

typedef struct
{
  gint64 step;
  double epoch, loss, learning_rate, gradient_norm, seconds;
  gint64 tokens, target_tokens;
  double reward, kl; /* of answers that the model wrote itself; NaN: it wrote none */
} AttuneCurvePoint;

typedef struct
{
  gint64 step;
  double loss;
  gboolean best;
  double reward; /* likewise */
} AttuneValidationPoint;

typedef struct
{
  gint64 step;
  char *question, *expected, *answer;
} AttuneCurveSample;

typedef struct
{
  GArray *steps;       /* AttuneCurvePoint, ascending */
  GArray *validations; /* AttuneValidationPoint, ascending; step 0 is the base */
  GArray *samples;     /* AttuneCurveSample */
  guint64 offset;      /* how far events.jsonl has been read */
} AttuneRunCurves;

AttuneRunCurves *attune_run_curves_new (void);
void attune_run_curves_free (AttuneRunCurves *self);
/* Takes one event in. */
void attune_run_curves_add (AttuneRunCurves *self, JsonObject *event);
/* Takes in what was written since the last call. */
gboolean attune_run_curves_read (AttuneRunCurves *self, const char *folder, GError **error);

/* Whether answers that the model wrote itself got rewards. */
gboolean attune_run_curves_have_rewards (const AttuneRunCurves *self);

/* @ended: no more steps are to come. */
void attune_run_curves_diagnose (const AttuneRunCurves *self, gboolean ended,
                                 AttuneDiagnosis *diagnosis);

/* Writes run.h5: curves, samples and @result (members of the final event), for reading back.
 * Blocks. */
gboolean attune_run_curves_write (const AttuneRunCurves *self, const char *folder,
                                  JsonObject *result, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunCurves, attune_run_curves_free)

G_END_DECLS
