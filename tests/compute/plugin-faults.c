/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plug-ins that cannot be used, one for each FAULT: of another version, killed while it is tried,
 * without a device, and one whose results are wrong.
 */
#include "compute/plugin.h"

#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

#define OTHER 1
#define KILLED 2
#define NONE 3
#define WRONG 4

__attribute__ ((visibility ("default"))) const AttunePlugin *attune_plugin (guint32 abi);

#if FAULT == NONE
static int
count_devices (void)
{
  return 0;
}
#elif FAULT == WRONG
static AttunePlugin plugin;
static AttuneBackend *(*open_right) (int device, GError **error);

static void
turn_nothing (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
              const float *frequencies, const AttuneRotation *rotation, float sign)
{
}

static AttuneBackend *
open_wrong (int device, GError **error)
{
  AttuneBackend *be = open_right (device, error);

  be->rotary = turn_nothing;
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
