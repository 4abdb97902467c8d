/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What adapter_config.json says of an adapter in PEFT's format, also of one that was made
 * elsewhere. What PEFT has and Attune has not is refused, so that nothing learned goes missing.
 * Private to deploy/.
 */
#pragma once
#include "deploy/export.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneLoraConfig lora; /* without its targets, which the weights tell */
  gboolean has_head;     /* one for labels or a score is kept beside it */
  char *base_name;       /* (nullable): what it says that it stands on */
} AttuneAdapterConfig;

/* @folder: of the adapter. @joined: its model keeps several linears as one. Errors:
 * %ATTUNE_DEPLOY_ERROR_UNSUPPORTED, or those of JSON. */
gboolean attune_adapter_config_read (AttuneAdapterConfig *self, const char *folder, gboolean joined,
                                     GError **error);
void attune_adapter_config_clear (AttuneAdapterConfig *self);

/* Returns: (transfer full) (nullable): the values of @stored; %NULL where these are not in 32 or 16
 * bits */
float *attune_adapter_decode (const AttuneTensor *stored);

/* Sets @error: the adapter in @folder cannot be read, because @format. Returns: %FALSE */
gboolean attune_adapter_refuse (GError **error, const char *folder, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneAdapterConfig, attune_adapter_config_clear)

G_END_DECLS
