/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safetensors: a JSON header and raw tensors. Read memory-mapped with every offset checked; written
 * tensor by tensor.
 */
#pragma once
#include "model/gguf.h"

G_BEGIN_DECLS

typedef struct _AttuneSafetensors AttuneSafetensors;

AttuneSafetensors *attune_safetensors_open (const char *path, GError **error);
/* The same for bytes at hand; keeps a reference. @path: the name that errors show. */
AttuneSafetensors *attune_safetensors_open_bytes (GBytes *bytes, const char *path, GError **error);
void attune_safetensors_close (AttuneSafetensors *self);
/* As attune_gguf_release_pages(). */
void attune_safetensors_release_pages (const AttuneSafetensors *self);
/* Only tensors that Attune can compute with are seen: F32, F16 and BF16 of at most four axes. */
guint attune_safetensors_n_tensors (const AttuneSafetensors *self);
const char *attune_safetensors_tensor_name (const AttuneSafetensors *self, guint i);
const AttuneTensor *attune_safetensors_find_tensor (const AttuneSafetensors *self,
                                                    const char *name);

typedef struct
{
  char *name;
  AttuneTensor shape; /* F32, F16 or BF16; data not used */
} AttuneSafetensorsEntry;

/* Writes to @path as it is: wrap it in attune_file_replace(). Metadata {"format": "pt"}, as
 * transformers asks for. */
gboolean attune_safetensors_write (const char *path, const AttuneSafetensorsEntry *entries, guint n,
                                   AttuneTensorFill fill, gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSafetensors, attune_safetensors_close)

G_END_DECLS
