/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model families that the decoder can be: rows of choices and tensor names, not code.
 */
#pragma once
#include "model/gguf.h"
#include "nn/decoder-config.h"

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_FAMILY_UNGATED = 1 << 0,           /* feed-forward without a gate */
  ATTUNE_FAMILY_LEARNED_POSITIONS = 1 << 1, /* a table of them, nothing is turned */
  ATTUNE_FAMILY_SCALED_EMBEDDING = 1 << 2,  /* by √C */
  ATTUNE_FAMILY_RENORMALISED = 1 << 5,      /* the chosen experts' weights sum to 1 */
  /* How Hugging Face's files differ from GGUF's: */
  ATTUNE_FAMILY_GAIN_PLUS_ONE = 1 << 3, /* gains are stored without the 1 */
  ATTUNE_FAMILY_TRANSPOSED = 1 << 4,    /* linears are stored (inputs, outputs) */
} AttuneFamilyFlags;

/* A tensor's name in GGUF, without its last part, and in Hugging Face's files; "%d" is the layer, a
 * second one the expert.
 */
typedef struct
{
  const char *gguf, *hugging_face;
} AttuneTensorName;

typedef struct
{
  const char *name;         /* GGUF's general.architecture, and the prefix of its keys */
  const char *hugging_face; /* its model_types, with spaces between */
  AttuneRotary rotary;      /* as GGUF stores this family's weights; Hugging Face has halves */
  AttuneGate gate;
  AttuneNormKind norm;
  AttuneBlock block;
  AttuneQkNorm qk_norm;
  AttuneFamilyFlags flags;
  int full_every;     /* every n-th layer sees everything where there is a window; 0: none */
  int unturned_every; /* every n-th layer is not turned; 0: all are */
  const AttuneTensorName *names; /* where they differ from attune_tensor_names[]; (nullable) */
} AttuneFamily;

/* Names that most families share; ends with %NULL. */
extern const AttuneTensorName attune_tensor_names[];

/* Returns: (nullable): the row of that name. */
const AttuneFamily *attune_family_find (const char *name);
/* The same for a model_type of Hugging Face. */
const AttuneFamily *attune_family_find_type (const char *model_type);

/* Returns: (transfer full): the names of all rows: "llama, qwen2". */
char *attune_family_list (void);

/* What the row says, for both kinds of files. @n_layers must be set; so must the window. */
void attune_family_apply (const AttuneFamily *self, AttuneDecoderConfig *config);

/* Gemma's largest models scale scores by the width, the others by the head. */
void attune_family_fix_scale (const AttuneFamily *self, AttuneDecoderConfig *config);

/**
 * attune_family_read_config:
 * @path: the file's name, for errors
 *
 * Fills @config from the metadata and refuses what the decoder would do wrong: a value it has no
 * choice for, a tensor it would not use.
 */
gboolean attune_family_read_config (const AttuneFamily *self, const AttuneGguf *gguf,
                                    const char *path, AttuneDecoderConfig *config, GError **error);

/* The other way round: all that GGUF's metadata can say of @config, the architecture first. What it
 * cannot say is left out: read it back to know. */
void attune_family_write_config (const AttuneDecoderConfig *config, AttuneGgufWriter *writer);

/* Whether a decoder of this configuration reads a tensor of this name (GGUF's). */
gboolean attune_family_uses_tensor (const AttuneDecoderConfig *config, const char *name);

G_END_DECLS
