/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reward model that another run has trained, on the same base: what it gives answers.
 */
#pragma once
#include "generate/labels.h"
#include "model/model.h"

G_BEGIN_DECLS

typedef struct _AttuneRewardModel AttuneRewardModel;

/**
 * attune_reward_model_open:
 * @path: of a run folder, or of its checkpoint
 * @model, @be: borrowed
 * @max_tokens: of the longest question with its answer
 *
 * Takes its best state. Blocks. Errors: one that learned something else, or beside another model.
 */
AttuneRewardModel *attune_reward_model_open (const char *path, AttuneModel *model,
                                             AttuneBackend *be, int max_tokens, GError **error);
void attune_reward_model_free (AttuneRewardModel *self);

/* What the bits of its answers depend on. Returns: (transfer full). */
char *attune_reward_model_identify (const char *path, GError **error);

/* @samples: (inout): are cut for it; @rewards: (out) (array length=n). Blocks. */
gboolean attune_reward_model_ask (AttuneRewardModel *self, AttuneSample *samples, guint n,
                                  float *rewards, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRewardModel, attune_reward_model_free)

G_END_DECLS
