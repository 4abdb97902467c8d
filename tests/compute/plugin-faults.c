/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plug-ins that cannot be used, one for each FAULT: of another version, killed while it is tried,
 * without a device; and two whose results are wrong: of one entry, and of all.
 */
#include "compute/plugin.h"

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#define OTHER 1
#define KILLED 2
#define NONE 3
#define WRONG 4
#define USELESS 5

__attribute__ ((visibility ("default"))) const AttunePlugin *attune_plugin (guint32 abi);

#if FAULT == NONE
static int
count_devices (void)
{
  return 0;
}
#elif FAULT >= WRONG
static AttunePlugin plugin;
static AttuneBackend *(*open_right) (int device, GError **error);

typedef void (*Entry) (void);

/* What any entry is when a kernel does nothing; whoever calls it gives more. */
static void
compute_nothing (void)
{
}

static AttuneBackend *
open_wrong (int device, GError **error)
{
  AttuneBackend *be = open_right (device, error);

#if FAULT == WRONG
  G_STRUCT_MEMBER (Entry, be, G_STRUCT_OFFSET (AttuneBackend, rotary)) = compute_nothing;
#else
  for (gsize at = G_STRUCT_OFFSET (AttuneBackend, matmul_nt);
       at <= G_STRUCT_OFFSET (AttuneBackend, encode); at += sizeof (Entry))
    if (G_STRUCT_MEMBER (Entry, be, at) != NULL)
      G_STRUCT_MEMBER (Entry, be, at) = compute_nothing;
#endif
  return be;
}
#endif

const AttunePlugin *
attune_plugin (guint32 abi)
{
#if FAULT == OTHER
  return NULL;
#elif FAULT == KILLED
  kill (getpid (), SIGKILL);
  return NULL;
#elif FAULT == NONE
  static const AttunePlugin plugin = { .abi = ATTUNE_BACKEND_ABI,
                                       .size = sizeof (AttunePlugin),
                                       .backend_size = sizeof (AttuneBackend),
                                       .name = "none",
                                       .count_devices = count_devices };

  return &plugin;
#else
  g_autofree char *path
      = g_build_filename (g_getenv ("ATTUNE_PLUGIN_DIR"), "libattune-emulation.so", NULL);
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  const AttunePlugin *(*get) (guint32 abi) = dlsym (library, "attune_plugin");

  plugin = *get (abi);
  open_right = plugin.open_device;
  plugin.open_device = open_wrong;
  return &plugin;
#endif
}
