/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * LoRA on families that keep several of our linears as one (queries, keys and values; gate and up).
 * Their adapters become one, too: w' = w + s · [b₁a₁; b₂a₂; …] is what an adapter of all their
 * ranks adds whose A has a₁, a₂ … one over another and whose B has b₁, b₂ … along its diagonal.
 * Private to deploy/.
 */
#pragma once
#include "deploy/weights.h"

G_BEGIN_DECLS

/* Whether the model keeps some of its linears as one. */
gboolean attune_adapter_is_joined (AttuneModel *model);

/* Adds the adapters of such a model to what is written, with the ranks of those of several in
 * @self->ranks. DoRA, (IA)³ and those that begin in the weight are refused. */
gboolean attune_adapter_add_joined (AttuneExport *self, GError **error);

/* The other way round: fills @parameters, an adapter of the same rank on all linears of @model,
 * with what @lookup has under PEFT's names, in 32 or 16 bits; what it has not stays zero. Of
 * others' adapters all rows of B may be used by all ranks: then each linear has the whole of A and
 * its own rows of B. @path: of the adapter, for errors. */
gboolean attune_adapter_read_joined (AttuneModel *model, AttuneDecoder *decoder,
                                     AttuneParameters *parameters, AttuneTensorLookup lookup,
                                     gpointer data, const char *path, GError **error);

G_END_DECLS
