/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An export as a decoder again, from what lies on the disk. Private to deploy/.
 */
#pragma once
#include "deploy/export.h"
#include "model/safetensors.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneModel *model;         /* of a GGUF file */
  AttuneSafetensors *weights; /* of a folder */
  GHashTable *gains;          /* name → AttuneTensor: norms of a folder, decoded to f32 */
  AttuneParameters *adapter;  /* of an adapter */
  AttuneDecoder *decoder;
} AttuneReadBack;

/**
 * attune_read_back_open:
 * @self: empty
 * @base: what an adapter stands on; its configuration is also that of a merged folder
 *
 * Rotary pairs of a folder are Hugging Face's: a merged decoder reads them as they are, an
 * adapter's rows are brought back. Blocks. Errors: #AttuneDeployError, #AttuneModelError.
 */
gboolean attune_read_back_open (AttuneReadBack *self, AttuneExportFormat format, const char *path,
                                AttuneModel *base, AttuneBackend *be, GError **error);
void attune_read_back_clear (AttuneReadBack *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneReadBack, attune_read_back_clear)

G_END_DECLS
