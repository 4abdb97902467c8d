/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * evaluations/NNNN.h5: base against tuned on held-out records: scores as attributes, answers as
 * columns. Light.
 */
#pragma once
#include "evaluate/evaluate.h"
#include "data/label-format.h"
#include "generate/confusion.h"
#include "job/project.h"

G_BEGIN_DECLS

typedef struct
{
  char *run;        /* "0001" */
  gint64 step;      /* after which its adapter was taken; -1: not known */
  char *split;      /* "test" or "validation" */
  gboolean labels;  /* not texts: base is always the most frequent one, which no model has read */
  gboolean rewards; /* labels, too: which of two answers is better; base is who guesses */
  AttuneLabelKind label_kind;
  AttuneScores base, tuned;
  GPtrArray *base_answers, *tuned_answers; /* AttuneAnswer, in step: the same questions */
  AttuneConfusion *confusion; /* (nullable): of the tuned one's labels; not where only the scores
                               * were read */
} AttuneEvaluation;

void attune_evaluation_free (AttuneEvaluation *self);

/* Returns: (transfer full): the path of the new file. Blocks. */
char *attune_evaluation_write (const AttuneEvaluation *self, AttuneProject *project,
                               GError **error);
AttuneEvaluation *attune_evaluation_read (const char *path, GError **error);
/* The same without the answers: the scores of a long list are read in a moment. */
AttuneEvaluation *attune_evaluation_read_scores (const char *path, GError **error);
/* Files, oldest first. Returns: (transfer full): NULL-terminated paths. */
char **attune_project_list_evaluations (AttuneProject *project);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneEvaluation, attune_evaluation_free)

G_END_DECLS
