/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An answer of the model hub: whatever it says, its files stay below the folder they are put into.
 */
#include "fuzz.h"
#include "model/hub.h"

#include <string.h>

static void
check_name (const char *name)
{
  g_autofree char *path = g_canonicalize_filename (name, "/models");

  g_assert_true (g_utf8_validate (name, -1, NULL));
  g_assert_true (g_str_has_prefix (path, "/models/"));
}

static void
check_file (const AttuneHubModel *model, const AttuneHubFile *file)
{
  g_autofree char *url = attune_hub_get_file_url ("https://hub.test", model->repository,
                                                  model->revision, file->name);
  const AttuneHubFile *alike = attune_hub_model_find_alike (model, file->name, 0);

  check_name (file->name);
  g_assert_true (g_str_has_prefix (url, "https://hub.test/"));
  g_assert_true (file->sha256 == NULL || strlen (file->sha256) == 64);
  g_assert_nonnull (alike);
  g_assert_cmpstr (alike->name, ==, file->name);
  attune_hub_model_judge (model, file);
}

static void
check_model (const AttuneHubModel *model)
{
  static const char *const wanted[] = { "m-Q4_K_M.gguf", "m-f16.gguf", "m.gguf" };
  g_autoptr (GError) error = NULL;
  const gboolean whole = attune_hub_model_check_parts (model, &error);

  g_assert_true (whole == (error == NULL));
  check_name (model->repository);
  for (guint i = 0; i < model->files->len; i++)
    check_file (model, model->files->pdata[i]);
  for (guint i = 0; i < model->parts->len; i++)
    check_name (((AttuneHubFile *) model->parts->pdata[i])->name);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      const AttuneHubFile *found = attune_hub_model_find_alike (model, wanted[i], 0);

      g_assert_true (found == NULL || g_ptr_array_find (model->files, found, NULL));
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GBytes) answer = g_bytes_new_static (data, size);
  g_autoptr (GError) one = NULL, two = NULL;
  g_autoptr (AttuneHubModel) model = attune_hub_read_model (answer, &one);
  g_autoptr (GPtrArray) models = attune_hub_read_search (answer, &two);

  g_assert_true ((model != NULL) == (one == NULL));
  g_assert_true ((models != NULL) == (two == NULL));
  if (model != NULL)
    check_model (model);
  for (guint i = 0; models != NULL && i < models->len; i++)
    check_model (models->pdata[i]);
  return 0;
}
