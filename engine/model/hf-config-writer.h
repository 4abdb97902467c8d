/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model's configuration in Hugging Face's words.
 */
#pragma once
#include "model/model.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What config.json says of @model's architecture; tokens and the stored type are not in it.
 * Returns: (transfer full): %NULL with %ATTUNE_MODEL_ERROR_UNSUPPORTED where there are no words for
 * it. */
JsonObject *attune_hf_config_make (AttuneModel *model, GError **error);

G_END_DECLS
