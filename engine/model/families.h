/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model families that the decoder can be: rows of choices and tensor names, not code.
 */
#pragma once
#include "model/gguf.h"
#include "nn/decoder-config.h"

G_BEGIN_DECLS

typedef struct
{
  const char *name;    /* GGUF's general.architecture, and the prefix of its keys */
  AttuneRotary rotary; /* as GGUF stores this family's weights */
  AttuneGate gate;
  const char *const *tensors;   /* names outside the layers; NULL-terminated */
  const char *const *per_layer; /* names in a layer, after "blk.N."; NULL-terminated */
} AttuneFamily;

/* Returns: (nullable): the row of that name. */
const AttuneFamily *attune_family_find (const char *name);

/* Returns: (transfer full): the names of all rows: "llama, qwen2". */
char *attune_family_list (void);

/**
 * attune_family_read_config:
 * @path: the file's name, for errors
 *
 * Fills @config from the metadata and refuses what the decoder would do wrong: a value it has no
 * choice for, a tensor it would not use.
 */
gboolean attune_family_read_config (const AttuneFamily *self, const AttuneGguf *gguf,
                                    const char *path, AttuneDecoderConfig *config, GError **error);

G_END_DECLS
