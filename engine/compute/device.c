/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Plug-ins: where they lie, and their test run in a child.
 */
#include "compute/device.h"

#include "compute/device-check.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A driver that hangs is as bad as one that crashes. */
#define PROBE_SECONDS 20
/* Set for the child: whatever it runs, it tries no plug-ins in children of its own. */
#define PROBING "ATTUNE_PROBING"

const char *const attune_plugin_names[] = { "cuda", "hip", NULL };

typedef const AttunePlugin *(*GetPlugin) (guint32 abi);

void
attune_device_free (AttuneDevice *device)
{
  if (device == NULL)
    return;
  g_free (device->plugin);
  g_free (device->trouble);
  g_free (device->note);
  g_free (device);
}

static char *
plugin_path (const char *name)
{
  const char *asked = g_getenv ("ATTUNE_PLUGIN_DIR");

  return g_strdup_printf ("%s/libattune-%s.so",
                          asked != NULL && *asked != '\0' ? asked : ATTUNE_PLUGIN_DIR, name);
}

gboolean
attune_plugin_is_there (const char *name)
{
  g_autofree char *path = plugin_path (name);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

const AttunePlugin *
attune_plugin_load (const char *name, GError **error)
{
  g_autofree char *path = plugin_path (name);
  const AttunePlugin *plugin = NULL;
  GetPlugin get;
  void *library;

  if (strchr (name, '/') != NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The plug-in “%s” is not installed.", path);
      return NULL;
    }
  /* All symbols now: one that is missing is said here. Never closed: a driver's threads live on. */
  library = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == NULL)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE,
                   "The plug-in “%s” cannot be loaded: %s. Install the graphics card's driver and "
                   "libraries again.",
                   path, dlerror ());
      return NULL;
    }
  get = (GetPlugin) dlsym (library, "attune_plugin");
  if (get != NULL)
    plugin = get (ATTUNE_BACKEND_ABI);
  if (plugin == NULL || plugin->abi != ATTUNE_BACKEND_ABI || plugin->size != sizeof (AttunePlugin)
      || plugin->backend_size != sizeof (AttuneBackend))
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE,
                   "The plug-in “%s” belongs to another version of Attune. Install the same "
                   "version of both.",
                   path);
      return NULL;
    }
  return plugin;
}

/* --- the test run */

/* Whether a card can be opened and computes: what ends the process here would end a run. */
static gboolean
is_good (const AttunePlugin *plugin, int number, AttuneDeviceFacts *facts, AttuneBackend *cpu,
         char **note, GError **error)
{
  g_autoptr (AttuneBackend) be = NULL;

  if (!plugin->describe_device (number, facts, error))
    return FALSE;
  be = plugin->open_device (number, error);
  return be != NULL && attune_device_check (be, cpu, 1, note, error);
}

/* A line a device: number, memory, free memory, chip, name and what it leaves to the processor, by
 * tabs. */
gboolean
attune_plugin_probe (const char *name, GString *lines, GError **error)
{
  g_autoptr (AttuneBackend) cpu = NULL;
  g_autoptr (GError) trouble = NULL; /* the first card's: another may be good */
  const AttunePlugin *plugin;
  int n;

  alarm (PROBE_SECONDS); /* for this, and for each card */
  plugin = attune_plugin_load (name, error);
  if (plugin == NULL)
    return FALSE;
  cpu = attune_backend_cpu_new (1);
  n = plugin->count_devices ();
  for (int i = 0; i < n; i++)
    {
      AttuneDeviceFacts facts = { 0 };
      g_autofree char *note = NULL;

      alarm (PROBE_SECONDS);
      if (!is_good (plugin, i, &facts, cpu, &note, trouble == NULL ? &trouble : NULL))
        continue;
      g_strdelimit (facts.name, "\t\n", ' ');
      if (note != NULL)
        g_strdelimit (note, "\t\n", ' ');
      g_string_append_printf (
          lines, "%d\t%" G_GUINT64_FORMAT "\t%" G_GUINT64_FORMAT "\t%s\t%s\t%s\n", i,
          facts.memory_bytes, facts.free_bytes, facts.chip, facts.name, note != NULL ? note : "");
    }
  if (lines->len == 0 && trouble != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  return TRUE; /* the alarm stays: a driver may hang while it ends, too */
}

static AttuneDevice *
parse_device (const char *plugin, const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, "\t", 6);
  AttuneDevice *device;

  if (g_strv_length (parts) != 6)
    return NULL;
  device = g_new0 (AttuneDevice, 1);
  device->plugin = g_strdup (plugin);
  device->number = (int) g_ascii_strtoll (parts[0], NULL, 10);
  device->facts.memory_bytes = g_ascii_strtoull (parts[1], NULL, 10);
  device->facts.free_bytes = g_ascii_strtoull (parts[2], NULL, 10);
  g_strlcpy (device->facts.chip, parts[3], sizeof device->facts.chip);
  g_strlcpy (device->facts.name, parts[4], sizeof device->facts.name);
  device->note = *parts[5] != '\0' ? g_strdup (parts[5]) : NULL;
  return device;
}

static AttuneDevice *
no_device (const char *plugin, const char *trouble)
{
  AttuneDevice *device = g_new0 (AttuneDevice, 1);

  device->plugin = g_strdup (plugin);
  device->trouble = g_strstrip (g_strdup (trouble));
  return device;
}

/* Adds what the child @program says of one plug-in. */
static void
probe (GPtrArray *devices, const char *program, const char *name)
{
  const char *const argv[] = { program, "devices", "--probe", name, NULL };
  g_auto (GStrv) environment = g_environ_setenv (g_get_environ (), PROBING, "1", TRUE);
  g_autofree char *out = NULL, *said = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0, n = 0;

  if (!g_spawn_sync (NULL, (char **) argv, environment, G_SPAWN_DEFAULT, NULL, NULL, &out, &said,
                     &status, &error)
      || !g_spawn_check_wait_status (status, &error))
    {
      /* It says why, unless it crashed. */
      const gboolean own = error->domain == G_SPAWN_EXIT_ERROR && said != NULL && *said != '\0';
      const gboolean late = WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM;
      g_autofree char *trouble
          = own    ? g_strdup (said)
            : late ? g_strdup_printf ("The driver did not answer within %d seconds.", PROBE_SECONDS)
                   : g_strdup_printf ("The driver failed its test run: %s. Install it again, or a "
                                      "newer one.",
                                      error->message);

      g_ptr_array_add (devices, no_device (name, trouble));
      return;
    }
  lines = g_strsplit (out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      AttuneDevice *device = parse_device (name, lines[i]);

      if (device == NULL)
        continue;
      g_ptr_array_add (devices, device);
      n++;
    }
  if (n == 0)
    g_ptr_array_add (devices, no_device (name, "No graphics card answers; its driver may not be "
                                               "installed."));
}

GPtrArray *
attune_devices_list (const char *program)
{
  GPtrArray *devices = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_device_free);
  const char *also = g_getenv ("ATTUNE_PLUGIN"); /* for tests: one that is not looked for */

  if (g_getenv (PROBING) != NULL)
    return devices;
  for (guint i = 0; attune_plugin_names[i] != NULL; i++)
    if (attune_plugin_is_there (attune_plugin_names[i]))
      probe (devices, program, attune_plugin_names[i]);
  if (also != NULL)
    probe (devices, program, also);
  return devices;
}
