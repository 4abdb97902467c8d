/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the curves of a run say, for somebody who does not read curves: whether it improves, has
 * converged, memorises, diverges, or cannot be judged. A pure function; light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 step;
  double loss; /* nats per learned token; NaN or infinite counts as diverged */
} AttuneLossPoint;

typedef enum
{
  ATTUNE_DIAGNOSIS_EARLY,      /* too few steps */
  ATTUNE_DIAGNOSIS_IMPROVING,  /* the validation loss falls */
  ATTUNE_DIAGNOSIS_CONVERGED,  /* it hardly falls any more */
  ATTUNE_DIAGNOSIS_MEMORISING, /* it rises while the training loss falls */
  ATTUNE_DIAGNOSIS_DIVERGING,  /* the training loss rises */
  ATTUNE_DIAGNOSIS_NOISY,      /* it goes up and down more than anywhere */
} AttuneDiagnosisKind;

/* @train: ascending. @validation: ascending, of records that are not learned from; step 0 is the
 * base model; may be empty. */
typedef struct
{
  const AttuneLossPoint *train, *validation;
  guint n_train, n_validation;
  gboolean ended; /* no more steps are to come */
  double scale;   /* by what it is told whether a change of the loss is much; 0: by the loss itself,
                     which then is above 0 */
} AttuneDiagnosisInput;

typedef struct
{
  AttuneDiagnosisKind kind;
  gboolean ended;
  gint64 best_step; /* whose checkpoint will be used; 0: the base was never beaten; -1: no
                       validation */
  gint64 since;     /* memorising: the last step that was as good as the best */
} AttuneDiagnosis;

void attune_diagnose (const AttuneDiagnosisInput *input, AttuneDiagnosis *diagnosis);
/* "memorising", for JSON and logs. Static. */
const char *attune_diagnosis_get_name (AttuneDiagnosisKind kind);
/* One or two sentences: what is seen and what to do. Translated. Returns: (transfer full). */
char *attune_diagnosis_describe (const AttuneDiagnosis *diagnosis);

G_END_DECLS
