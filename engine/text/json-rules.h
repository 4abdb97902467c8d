/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules as a tokenizer.json says them. Private to the tokenizer.
 */
#pragma once
#include "text/text-rules.h"

G_BEGIN_DECLS

AttuneTextRules *attune_text_rules_alloc (void);

/* @rules: an object with the file's "normalizer", "pre_tokenizer" and "decoder", and its "model"
 * without vocabulary. Errors: #AttuneTextError. */
gboolean attune_json_rules_read (AttuneTextRules *self, const char *rules, GError **error);

G_END_DECLS
