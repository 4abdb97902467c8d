/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model on this computer that writes variants for engine/data, which knows no decoder. Compute
 * side.
 */
#pragma once
#include "data/variant-writer.h"
#include "job/tuned-model.h"

G_BEGIN_DECLS

typedef struct _AttuneModelWriter AttuneModelWriter;

/* @model: path of a model file with a chat template. Blocks. Errors: those of the model, and
 * %ATTUNE_JOB_ERROR_STAGE where it is no model that answers. */
AttuneModelWriter *attune_model_writer_open (const char *model, GError **error);
void attune_model_writer_free (AttuneModelWriter *self);
/* To be asked; borrowed from @self. */
const AttuneModelAsker *attune_model_writer_get_asker (AttuneModelWriter *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneModelWriter, attune_model_writer_free)

G_END_DECLS
