/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether what was written is the model that was to be written: a format may have no words for a
 * choice of the decoder or for a rule of the tokenizer. Private to deploy/.
 */
#pragma once
#include "deploy/weights.h"

G_BEGIN_DECLS

/* @written: the export read back; @where: what is said to have no words, "GGUF". Errors:
 * %ATTUNE_DEPLOY_ERROR_UNSUPPORTED, in words. */
gboolean attune_check_same_model (const AttuneExport *self, AttuneModel *written, const char *where,
                                  GError **error);

G_END_DECLS
