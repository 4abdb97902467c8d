/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model needs here, before there is a plan or data: for choosing one.
 */
#pragma once
#include "plan/estimate.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 tune_bytes; /* at the peak of a run */
  guint64 run_bytes;  /* to answer one person */
  double tune_flops;  /* as AttuneEstimate.flops */
} AttuneFit;

/* Tokens of question and answer that running is reckoned for; models made for less hold less. */
#define ATTUNE_FIT_RUN_TOKENS 2048

/**
 * attune_fit:
 * @plan: (nullable): the default one
 * @data: (nullable): some thousand samples of a few hundred tokens
 *
 * Pure. Errors as attune_estimate().
 */
gboolean attune_fit (AttunePlan *plan, const AttuneDecoderConfig *config, guint64 weights_bytes,
                     gint64 total, const AttuneDataFacts *data, AttuneFit *fit, GError **error);

/* The same with @method in place of the plan's, at the rate that it begins with. */
gboolean attune_fit_method (AttuneMethod method, AttunePlan *plan,
                            const AttuneDecoderConfig *config, guint64 weights_bytes, gint64 total,
                            const AttuneDataFacts *data, AttuneFit *fit, GError **error);

/**
 * attune_fit_seconds:
 * @flops_per_second: attune_rate_read(); 0: a careful guess by the number of processors
 *
 * Returns: how long tuning takes, without the checks in between. Pure but for that number.
 */
double attune_fit_seconds (const AttuneFit *fit, double flops_per_second);

G_END_DECLS
