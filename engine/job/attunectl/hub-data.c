/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See hub-data.h. The hub is HF_ENDPOINT's and the token HF_TOKEN's, as Hugging Face's own programs
 * have it.
 */
#include "hub-data.h"

#include "output.h"
#include "progress.h"

#include "model/hub-data.h"

static void
tell (const AttuneHubData *data)
{
  g_autofree char *size
      = attune_format_bytes (data->bytes),
      *licence = attune_format_line (
          data->model->licence != NULL ? data->model->licence : "none is said; see its page", 0),
      *others = g_strjoinv (", ", data->configurations);

  attune_output_heading ("%s", data->name);
  attune_output_row ("Page", "%s", data->page);
  attune_output_row ("Licence", "%s", licence);
  if (data->model->gated)
    attune_output_row ("Gated", "yes: its terms must have been accepted on its page");
  if (data->configuration != NULL)
    attune_output_text ("Configuration", data->configuration);
  if (data->configurations[0] != NULL && data->configurations[1] != NULL)
    attune_output_text ("It has", others);
  attune_output_row ("To fetch", "%s, %u %s of data", size, data->n_files,
                     data->n_files == 1 ? "file" : "files");
}

static void
on_progress (gpointer line, guint64 done, guint64 total)
{
  attune_progress_line_report (line, total > 0 ? (double) done / total : 0, NULL);
}

char *
attune_command_fetch_data (AttuneProject *project, const char *address, double most_gb,
                           GError **error)
{
  g_autofree char *hub = attune_hub_get_address (),
                  *folder = attune_project_get_file (project, "datasets");
  const AttuneFetch access = { .url = hub, .token = g_getenv ("HF_TOKEN") };
  g_autoptr (AttuneHubData) data = attune_hub_data_look (&access, address, NULL, error);
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Fetching");
  char *path;

  if (data == NULL)
    return NULL;
  tell (data);
  path = attune_hub_data_fetch (&access, data, (guint64) (CLAMP (most_gb, 0, 1e9) * 1e9), folder,
                                on_progress, &line, NULL, error);
  attune_progress_line_clear (&line);
  if (path != NULL)
    attune_output_row ("Folder", "%s", path);
  return path;
}
