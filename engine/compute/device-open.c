/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The device that a run gets, or those that its processes get.
 */
#include "compute/device-check.h"
#include "compute/device.h"

static AttuneBackend *
open_card (const AttuneDevice *device, AttuneBackend *cpu, int n_threads,
           const AttunePlugin **plugin, char **note, GError **error)
{
  g_autoptr (AttuneBackend) be = NULL;

  *plugin = attune_plugin_load (device->plugin, error);
  if (*plugin != NULL)
    be = (*plugin)->open_device (device->number, error);
  if (be == NULL || !attune_device_check (be, cpu, n_threads, note, error))
    return NULL;
  return g_steal_pointer (&be);
}

AttuneBackend *
attune_card_open (const AttuneCard *card, int n_threads, const AttunePlugin **plugin, char **note,
                  GError **error)
{
  g_autoptr (AttuneBackend) cpu = attune_backend_cpu_new (n_threads);
  const AttuneDevice device = { .plugin = (char *) card->plugin, .number = card->number };

  return open_card (&device, cpu, n_threads, plugin, note, error);
}

/* Those with the most free memory first. */
static int
compare_free (gconstpointer a, gconstpointer b)
{
  const AttuneDevice *one = *(AttuneDevice *const *) a, *other = *(AttuneDevice *const *) b;

  return (other->facts.free_bytes > one->facts.free_bytes)
         - (other->facts.free_bytes < one->facts.free_bytes);
}

static char *
tell_too_small (const AttuneDevice *device, guint64 needed_bytes)
{
  g_autofree char *needed = g_format_size (needed_bytes),
                  *unused = g_format_size (device->facts.free_bytes);

  return g_strdup_printf ("The graphics card %s has %s free, and this plan needs about %s there. A "
                          "model in fewer bits (--method qlora) or fewer tokens at once "
                          "(--micro-batch-tokens) take less; or close what else uses the card.",
                          device->facts.name, unused, needed);
}

static void
add_trouble (GString *troubles, const char *trouble)
{
  g_string_append_printf (troubles, "%s%s", troubles->len > 0 ? " " : "", trouble);
}

/* Those that answer and have enough free memory, the most first. @troubles: what is wrong with the
 * others is added */
static GPtrArray *
list_good (const AttuneDeviceWish *wish, GString *troubles)
{
  g_autoptr (GPtrArray) devices = attune_devices_list (wish->program);

  g_ptr_array_sort (devices, compare_free);
  if (devices->len == 0 && wish->kind == ATTUNE_DEVICE_GPU)
    add_trouble (troubles, "No plug-in for graphics cards is installed.");
  for (guint i = 0; i < devices->len;)
    {
      const AttuneDevice *device = devices->pdata[i];
      g_autofree char *trouble = g_strdup (device->trouble);

      if (trouble == NULL && device->facts.free_bytes < wish->needed_bytes)
        trouble = tell_too_small (device, wish->needed_bytes);
      if (trouble == NULL)
        i++;
      else
        {
          add_trouble (troubles, trouble);
          g_ptr_array_remove_index (devices, i);
        }
    }
  return g_steal_pointer (&devices);
}

AttuneBackend *
attune_device_open (const AttuneDeviceWish *wish, const AttunePlugin **plugin, char **said)
{
  g_autoptr (AttuneBackend) cpu = attune_backend_cpu_new (wish->n_threads);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GString) troubles = g_string_new (NULL);

  *said = NULL;
  *plugin = NULL;
  if (wish->kind == ATTUNE_DEVICE_CPU)
    return g_steal_pointer (&cpu);
  devices = list_good (wish, troubles);
  for (guint i = 0; i < devices->len; i++)
    {
      g_autoptr (GError) error = NULL;
      AttuneBackend *be = open_card (devices->pdata[i], cpu, wish->n_threads, plugin, said, &error);

      if (be != NULL)
        return be;
      *plugin = NULL;
      add_trouble (troubles, error->message);
    }
  if (troubles->len > 0)
    *said = g_string_free (g_steal_pointer (&troubles), FALSE);
  return g_steal_pointer (&cpu);
}

/* How many devices after @first belong to its plug-in, itself included. */
static int
count_alike (GPtrArray *devices, guint first)
{
  const AttuneDevice *device = devices->pdata[first];
  int n = 0;

  for (guint i = first; i < devices->len; i++)
    n += g_str_equal (((AttuneDevice *) devices->pdata[i])->plugin, device->plugin);
  return n;
}

/* Of the plug-in that has the card with the most memory among those that have @n; NULL: none. */
static const char *
find_plugin (GPtrArray *devices, int n, int *most)
{
  *most = 0;
  for (guint i = 0; i < devices->len; i++)
    {
      const int alike = count_alike (devices, i);

      if (alike >= n)
        return ((AttuneDevice *) devices->pdata[i])->plugin;
      *most = MAX (*most, alike);
    }
  return NULL;
}

gboolean
attune_cards_choose (const AttuneDeviceWish *wish, int n, AttuneCard *cards, char **said)
{
  g_autoptr (GString) troubles = g_string_new (NULL);
  g_autoptr (GPtrArray) devices = NULL;
  const char *plugin;
  int most, chosen = 0;

  *said = NULL;
  if (wish->kind == ATTUNE_DEVICE_CPU)
    return FALSE;
  devices = list_good (wish, troubles);
  plugin = find_plugin (devices, n, &most);
  if (plugin == NULL)
    {
      if (most > 0)
        {
          g_autofree char *trouble = g_strdup_printf (
              "Each of the %d processes needs a graphics card of its own, and %d can be used "
              "(--ranks %d).",
              n, most, most);

          add_trouble (troubles, trouble);
        }
      if (troubles->len > 0)
        *said = g_string_free (g_steal_pointer (&troubles), FALSE);
      return FALSE;
    }
  for (guint i = 0; chosen < n; i++)
    {
      const AttuneDevice *device = devices->pdata[i];

      if (!g_str_equal (device->plugin, plugin))
        continue;
      cards[chosen] = (AttuneCard) { .number = device->number };
      g_strlcpy (cards[chosen].plugin, device->plugin, sizeof cards[chosen].plugin);
      chosen++;
    }
  return TRUE;
}
