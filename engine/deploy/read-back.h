/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An export as a decoder again, from what lies on the disk; an adapter in PEFT's format also where
 * it was made elsewhere.
 */
#pragma once
#include "deploy/export.h"
#include "model/safetensors.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneModel *model;         /* of a whole one */
  AttuneSafetensors *weights; /* of an adapter, and: */
  AttuneParameters *adapter;
  GHashTable *read;      /* the names of what was taken of these */
  AttuneLoraConfig lora; /* what it is */
  gboolean has_head;     /* one for labels, or a score, is kept with it */
  char *base_name;       /* (nullable): what it says that it stands on */
  AttuneDecoder *decoder;
} AttuneReadBack;

/**
 * attune_read_back_open:
 * @self: empty
 * @base: what an adapter stands on; its rows are brought into that one's order
 *
 * An adapter is read whole or not at all: what its configuration or its weights have beside the
 * adapter's own parts is refused by name, but for a head.
 * Blocks. Errors: #AttuneDeployError, #AttuneModelError.
 */
gboolean attune_read_back_open (AttuneReadBack *self, AttuneExportFormat format, const char *path,
                                AttuneModel *base, AttuneBackend *be, GError **error);
/* Whether the adapter that was opened holds @head, bit by bit. */
gboolean attune_read_back_has_head (const AttuneReadBack *self, const AttuneTensor *head);
void attune_read_back_clear (AttuneReadBack *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneReadBack, attune_read_back_clear)

G_END_DECLS
