/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl devices: what there is to compute with. With --probe it is the child in which a plug-in
 * is tried: see compute/device.h.
 */
#include "command.h"
#include "output.h"

#include "compute/device.h"
#include "core/threads.h"
#include "job/json.h"

#include <stdio.h>
#include <unistd.h>

static int
probe (const char *name)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!attune_plugin_probe (name, lines, &error))
    {
      g_printerr ("%s\n", error->message);
      return ATTUNE_EXIT_FAILED;
    }
  g_print ("%s", lines->str);
  fflush (stdout);
  _exit (ATTUNE_EXIT_OK); /* a driver may hang or crash where it tidies up */
}

static void
show_processor (JsonArray *array)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (0);
  JsonObject *object = json_object_new ();

  attune_output_row ("Processor", "%s", be->name);
  json_object_set_string_member (object, "kind", "cpu");
  json_object_set_string_member (object, "name", be->name);
  json_array_add_object_element (array, object);
}

static void
show_device (const AttuneDevice *device, JsonArray *array)
{
  const AttuneDeviceFacts *facts = &device->facts;
  g_autofree char *all = g_format_size (facts->memory_bytes),
                  *unused = g_format_size (facts->free_bytes);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind", "gpu");
  json_object_set_string_member (object, "plugin", device->plugin);
  if (device->trouble != NULL)
    {
      attune_output_row ("Graphics card", "%s: %s", device->plugin, device->trouble);
      json_object_set_string_member (object, "trouble", device->trouble);
    }
  else
    {
      attune_output_row ("Graphics card", "%s (%s), %s, %s free", facts->name, facts->chip, all,
                         unused);
      json_object_set_string_member (object, "name", facts->name);
      json_object_set_string_member (object, "chip", facts->chip);
      json_object_set_int_member (object, "memory-bytes", facts->memory_bytes);
      json_object_set_int_member (object, "free-bytes", facts->free_bytes);
      if (device->note != NULL)
        {
          attune_output_row ("", "%s", device->note);
          json_object_set_string_member (object, "note", device->note);
        }
    }
  json_array_add_object_element (array, object);
}

static int
run (const AttuneCommand *self, char **argv)
{
  g_autofree char *plugin = NULL;
  const GOptionEntry entries[]
      = { { "probe", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_STRING, &plugin, NULL, "PLUGIN" },
          { 0 } };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (GPtrArray) devices = NULL;
  JsonObject *object;
  JsonArray *array;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (plugin != NULL)
    return probe (plugin);
  object = json_object_new ();
  array = json_array_new ();
  json_object_set_array_member (object, "devices", array);
  show_processor (array);
  devices = attune_devices_list ("/proc/self/exe");
  for (guint i = 0; i < devices->len; i++)
    show_device (devices->pdata[i], array);
  if (devices->len == 0)
    attune_output_row ("Graphics card", "no plug-in for one is installed");
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_devices = {
  .name = "devices",
  .parameters = "",
  .summary = "What there is to compute with",
  .description = "Lists the processor and the graphics cards that plug-ins find. attunectl plan "
                 "--device\nchooses; it is the processor unless you say auto or gpu.",
  .max_arguments = 0,
  .run = run,
};
