/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the engine and a plug-in with a backend say to each other. A plug-in exports one symbol,
 * attune_plugin(), and needs nothing of the engine but GLib.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

typedef struct
{
  char name[128]; /* as its maker calls it */
  char chip[64];  /* "gfx90a", "sm_80" */
  guint64 memory_bytes, free_bytes;
} AttuneDeviceFacts;

typedef struct
{
  guint32 abi, size;    /* ATTUNE_BACKEND_ABI, sizeof (AttunePlugin) where it was built */
  guint32 backend_size; /* sizeof (AttuneBackend) there */
  const char *name;     /* "hip", "cuda" */

  /* Without a driver or a device there are 0. */
  int (*count_devices) (void);
  gboolean (*describe_device) (int device, AttuneDeviceFacts *facts, GError **error);
  /* Returns: (transfer full): a backend for one thread at a time */
  AttuneBackend *(*open_device) (int device, GError **error);
} AttunePlugin;

/* Returns: (nullable): %NULL where the plug-in is for another @abi. */
const AttunePlugin *attune_plugin (guint32 abi);

G_END_DECLS
