/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files that read a configuration share.
 */
#pragma once
#include "model/hf-config.h"

G_BEGIN_DECLS

/* No number of a model's shape is larger. */
#define ATTUNE_HF_CONFIG_MAX (1 << 24)

typedef struct
{
  AttuneHfConfig *out;
  JsonObject *object;
  const char *path; /* for messages */
} AttuneHfReader;

/* Names that a value may have; the first is what it is called in messages. */
#define NAMES(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* The value under the first of @names (NULL-terminated) that is there and not null. Returns:
 * (nullable) (transfer none) */
JsonNode *attune_hf_find_value (JsonObject *object, const char *const *names);
gboolean attune_hf_is_number (JsonNode *node);
/* @fallback < 0: it must be there. Errors: %ATTUNE_MODEL_ERROR_FORMAT. */
gboolean attune_hf_get_int (const AttuneHfReader *self, const char *const *names, gint64 fallback,
                            int *value, GError **error);
gboolean attune_hf_get_float (const AttuneHfReader *self, JsonObject *object,
                              const char *const *names, double fallback, float *value,
                              GError **error);
gboolean attune_hf_get_bool (const AttuneHfReader *self, const char *name, gboolean fallback);
/* Returns: (nullable) (transfer none) */
const char *attune_hf_get_text (JsonObject *object, const char *const *names);
/* The model @what, which Attune cannot do. Returns: FALSE */
gboolean attune_hf_refuse (const AttuneHfReader *self, const char *what, GError **error);

/* Into self->out: its configuration's stretch, and factors of each frequency. */
gboolean attune_hf_read_stretch (const AttuneHfReader *self, GError **error);

G_END_DECLS
