/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that can be asked: opened, with a run's best adapter on it or its best weights in it.
 * What evaluate, chat and export begin with. Compute side.
 */
#pragma once
#include "generate/labels.h"
#include "job/run-plan.h"
#include "model/model.h"
#include "nn/decoder.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneModel *model;
  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters; /* (nullable): of the adapter, or all weights */
  AttuneLoraConfig lora;        /* rank 0 where there is no adapter */
  AttuneLabels *labels;         /* (nullable): what it says in place of text */
  gboolean scores;              /* it is a reward model, which says a number to an answer */
  AttuneRunPlan *plan;          /* (nullable): of the run */
  gint64 step;                  /* after which they were taken */
} AttuneTunedModel;

/**
 * attune_tuned_model_open:
 * @model: (nullable): path of a model file; %NULL: the run's
 * @run: (nullable): path of a run folder; %NULL: the base alone
 * @threads: 0: one per physical core
 *
 * What is loaded is what had the best validation loss. Blocks. Errors: a model file that is no
 * longer the one that the run was made with is refused (#AttuneJobError); others come from the
 * model and the checkpoint.
 */
AttuneTunedModel *attune_tuned_model_open (const char *model, const char *run, int threads,
                                           GError **error);
void attune_tuned_model_free (AttuneTunedModel *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTunedModel, attune_tuned_model_free)

G_END_DECLS
