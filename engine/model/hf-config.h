/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A decoder's configuration from Hugging Face's config.json. Private to model/.
 */
#pragma once
#include "model/families.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What config.json says beside the decoder's configuration. */
typedef struct
{
  const AttuneFamily *family;
  AttuneDecoderConfig config; /* but for the vocabulary and the tied head, which the tensors tell */
  gboolean says_tied;
  GArray *short_factors, *long_factors; /* (nullable) float: divisors of the angles; owned */
} AttuneHfConfig;

/* @path: of config.json, for errors. On failure @self need not be cleared. */
gboolean attune_hf_config_parse (AttuneHfConfig *self, const char *json, gssize length,
                                 const char *path, GError **error);
void attune_hf_config_clear (AttuneHfConfig *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneHfConfig, attune_hf_config_clear)

G_END_DECLS
