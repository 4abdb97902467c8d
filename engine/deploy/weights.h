/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One export under way: which tensors it writes under which names, and how their bytes come about,
 * one at a time. Private to deploy/.
 */
#pragma once
#include "deploy/export.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* In which order rows are written. */
typedef enum
{
  ATTUNE_ROWS_AS_THEY_ARE,
  ATTUNE_ROWS_TO_HALVES, /* rotary pairs that lie side by side come to lie half a head apart */
  ATTUNE_ROWS_TO_PAIRS,  /* the other way round */
  ATTUNE_ROWS_TO_GROUPS, /* all queries, keys, values become Falcon's: by key head */
} AttuneRowOrder;

typedef struct
{
  char *name;         /* in the target's naming */
  AttuneTensor shape; /* type and axes in the target */
  /* Their merged weights, one after another (families store q, k and v as one, say) … */
  const AttuneLinear **linears; /* owned */
  int n_linears;
  const AttuneTensor *tensor; /* … or, where there are none, a copy of this */
  AttuneRowOrder order;
  gboolean transposed; /* written (inputs, outputs) */
  gboolean minus_one;  /* a gain that the target keeps without its 1 */
} AttuneExportItem;

typedef struct
{
  AttuneModel *model; /* borrowed, as all here */
  AttuneDecoder *decoder;
  const AttuneLoraConfig *lora;
  const char *base_name;
  AttuneProgressFunc progress; /* (nullable) */
  gpointer data;
  GCancellable *cancellable; /* (nullable) */
  AttuneType type;           /* merged: of all its tensors */

  GPtrArray *items; /* owned AttuneExportItem, in the order of writing */
  GHashTable *by_name;
  /* adapter: owned, the last words of the names of what it is on, and of what it changes before */
  GPtrArray *modules, *in_modules;
  GHashTable *ranks;   /* and of those that are of several of ours, of how many */
  GPtrArray *joined;   /* owned AttuneTensor, f32: vectors that the target stores as one */
  AttuneTensor merged; /* f32 room for the largest linear; taken when first needed */
  guint n_done;
} AttuneExport;

void attune_export_begin (AttuneExport *self);
void attune_export_end (AttuneExport *self);

/* Adds a tensor that is written as a copy of @tensor, which stays the caller's. @name: (transfer
 * full). Returns: (transfer none): for what else is to be said of it */
AttuneExportItem *attune_export_add (AttuneExport *self, char *name, const AttuneTensor *shape,
                                     const AttuneTensor *tensor);

/* The same for @n linears that the target stores as one. @linears: copied */
AttuneExportItem *attune_export_add_linears (AttuneExport *self, char *name,
                                             const AttuneTensor *shape,
                                             const AttuneLinear *const *linears, int n);

/* The linears whose weights the model's tensor @name (GGUF's naming) of @shape holds, one after
 * another. Returns: (transfer full) (nullable) (element-type AttuneLinear): %NULL for none */
GPtrArray *attune_export_find_linears (const AttuneExport *self, const char *name,
                                       const AttuneTensor *shape);
/* What is written under the model's @name, which is no linear's weight: as it was trained, or as it
 * is stored. */
const AttuneTensor *attune_export_find_copied (AttuneExport *self, const char *name,
                                               const AttuneTensor *stored);
/* Keeps @tensor, whose values are f32, for as long as the export. Returns: (transfer none) */
const AttuneTensor *attune_export_keep (AttuneExport *self, AttuneTensor tensor);

/* An AttuneTensorFill; @data is the AttuneExport. Reports progress and asks whether to stop. */
gboolean attune_export_fill (gpointer data, const char *name, void *bytes, GError **error);

/* Writes the items as safetensors into the file @name of @folder, and reads its head back. */
gboolean attune_export_safetensors (AttuneExport *self, const char *folder, const char *name,
                                    GError **error);
/* Writes @root (transfer full) as the file @name of @folder. */
gboolean attune_export_json (const char *folder, const char *name, JsonNode *root, GError **error);

/* What a tokenizer is kept in, in a folder of Hugging Face's. */
#define ATTUNE_TOKENIZER_FILES                                                                     \
  "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "special_tokens_map.json",         \
      "added_tokens.json", "vocab.json", "merges.txt", "chat_template.jinja"

/* "model.layers.3.mlp.experts.5.up_proj": what Hugging Face's classes call linear @i of @layer,
 * which must have one. Returns: (transfer full) */
char *attune_export_module (const AttuneDecoderConfig *config, int layer, int i);
/* How the rows of the tensor @name (GGUF's naming) of a model like @config go to Hugging Face's
 * files, or to GGUF's.
 */
AttuneRowOrder attune_export_order (const AttuneDecoderConfig *config, const char *name,
                                    gboolean to_gguf);
/* llama.cpp stores row s · D/2 + j of each head (s: 0, 1) at 2 j + s. Returns: where Hugging Face's
 * row @row is stored there. */
gint64 attune_export_source_row (gint64 row, int head_dim);
/* Where the row that is written as @row in @order is taken from. */
gint64 attune_export_source (const AttuneDecoderConfig *config, AttuneRowOrder order, gint64 row);
/* The chat template's source, spelled out where the model has none of its own. */
const char *attune_export_template (const AttuneExport *self);
/* The token that ends an answer; -1: none. */
gint32 attune_export_stop (const AttuneExport *self);

/* "a LoRA adapter of rank 16". Returns: (transfer full) */
char *attune_export_describe_adapter (const AttuneLoraConfig *lora);

/* The three kinds; @path as for attune_export(). */
gboolean attune_export_adapter (AttuneExport *self, const char *path, GError **error);
gboolean attune_export_merged (AttuneExport *self, const char *path, GError **error);
gboolean attune_export_gguf (AttuneExport *self, AttuneExportFormat format, const char *path,
                             GError **error);

/* tokenizer.json, tokenizer_config.json and what else Hugging Face's classes read. */
gboolean attune_export_tokenizer (AttuneExport *self, const char *folder, GError **error);
/* Whether the tokenizer can be written as Hugging Face's; asked before anything is written. */
gboolean attune_export_can_tokenize (const AttuneExport *self, GError **error);

/* All that an adapter or merged folder may hold. */
extern const char *const attune_export_files[];

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneExport, attune_export_end)

G_END_DECLS
