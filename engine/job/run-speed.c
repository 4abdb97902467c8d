/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The speed of earlier runs, from their last events.
 */
#include "job/run-speed.h"

#include "job/json.h"

double
attune_project_find_speed (AttuneProject *project, char **run)
{
  g_auto (GStrv) runs = attune_project_list_runs (project);

  for (int i = (int) g_strv_length (runs) - 1; i >= 0; i--)
    {
      g_autofree char *folder = attune_project_get_run (project, runs[i], NULL);
      g_autoptr (JsonNode) event = folder != NULL ? attune_run_find_event (folder, NULL) : NULL;
      JsonObject *last = event != NULL ? json_node_get_object (event) : NULL;
      /* The last event or none: a long run that has crashed need not be read for it. */
      const double speed = g_strcmp0 (attune_json_get_string (last, "event"), "finished") == 0
                               ? attune_json_get_double (last, "tokens_per_second")
                               : 0;

      if (speed > 0)
        {
          if (run != NULL)
            *run = g_strdup (runs[i]);
          return speed;
        }
    }
  return 0;
}
