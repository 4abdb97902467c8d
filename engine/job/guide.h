/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guide: which models of the catalogue suit somebody's task, memory and time. Light.
 */
#pragma once
#include "model/catalogue.h"
#include "plan/fit.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneAnswers answers;
  const char *language;    /* "de"; (nullable): any */
  guint64 available_bytes; /* of memory */
  double seconds;          /* that tuning may take; 0: any */
  double flops_per_second; /* as attune_fit_seconds() */
} AttuneGuideQuestion;

typedef struct
{
  const AttuneCatalogueModel *model; /* borrowed from the catalogue */
  AttuneFit fit;  /* with the usual plan and data; zero where it cannot be told */
  double seconds; /* that tuning takes, about */
  gboolean speaks, suits, fits, in_time;
} AttuneGuideChoice;

/* Why a model is the first one. */
typedef enum
{
  ATTUNE_GUIDE_SUITS,     /* it does all that was asked for */
  ATTUNE_GUIDE_SMALLER,   /* what suits the answers better does not fit, or takes too long */
  ATTUNE_GUIDE_SLOW,      /* none is done in that time */
  ATTUNE_GUIDE_TOO_LARGE, /* none fits into the memory */
} AttuneGuideReason;

/**
 * attune_guide_rank:
 * @catalogue: AttuneCatalogueModel; outlives the result
 *
 * Returns: (transfer full): AttuneGuideChoice, one for each model, what is recommended first: the
 * language counts most, then that it fits, that it is done in time, that it suits the answers, and
 * then how able it is. Of those that do not fit the smallest comes first, of those that are not
 * done in time the quickest. Pure, and quick.
 */
GPtrArray *attune_guide_rank (const GPtrArray *catalogue, const AttuneGuideQuestion *question);

AttuneGuideReason attune_guide_explain (const AttuneGuideChoice *choice);

G_END_DECLS
