/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The runs of a project: numbered folders in runs/.
 */
#include "job/project.h"
#include "job/run-plan.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* 0 where @name is not the name of a run. */
static guint
run_number (const char *name)
{
  const gsize length = strspn (name, "0123456789");

  return length >= 4 && length <= 9 && name[length] == '\0'
             ? (guint) g_ascii_strtoull (name, NULL, 10)
             : 0;
}

/* Those of runs/ that are numbered; @whole: and hold a plan. */
static GPtrArray *
list_runs (AttuneProject *self, gboolean whole)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = attune_project_get_file (self, "runs");
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *plan = g_build_filename (path, name, "plan.json", NULL);

      if (run_number (name) > 0 && (!whole || g_file_test (plan, G_FILE_TEST_EXISTS)))
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

char **
attune_project_list_runs (AttuneProject *self)
{
  GPtrArray *names;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);
  names = list_runs (self, TRUE);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

char *
attune_project_new_run (AttuneProject *self, AttunePlan *plan, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *runs = NULL, *folder = NULL;
  guint number = 1;
  int failed = 0;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);

  if (attune_project_get_model (self) == NULL)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The project has no model yet. Choose one first: attunectl model “%s” FILE.",
                   attune_project_get_path (self));
      return NULL;
    }

  runs = attune_project_get_file (self, "runs");
  names = list_runs (self, FALSE);
  if (names->len > 0)
    number = run_number (names->pdata[names->len - 1]) + 1;
  failed = g_mkdir_with_parents (runs, 0777);
  /* Somebody else may take the number in between; the folder itself decides. */
  for (int tries = 0; failed == 0 && tries < 100; tries++, number++)
    {
      g_free (folder);
      folder = g_strdup_printf ("%s/%04u", runs, number);
      failed = g_mkdir (folder, 0777);
      if (failed == 0)
        break;
      failed = errno == EEXIST ? 0 : -1;
    }
  if (failed != 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "No folder for a run could be made in “%s”: %s.", runs, g_strerror (errno));
      return NULL;
    }

  if (!attune_run_plan_write (folder, self, plan, error))
    {
      g_rmdir (folder);
      return NULL;
    }
  return g_steal_pointer (&folder);
}

char *
attune_project_get_run (AttuneProject *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = NULL;

  g_return_val_if_fail (ATTUNE_IS_PROJECT (self), NULL);

  names = list_runs (self, TRUE);
  if (names->len == 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "Nothing has been tuned in this project yet. Do it first: attunectl tune “%s”.",
                   attune_project_get_path (self));
      return NULL;
    }
  if (name == NULL)
    name = names->pdata[names->len - 1];
  for (guint i = 0; i < names->len; i++)
    if (strcmp (names->pdata[i], name) == 0
        || (*name != '\0' && name[strspn (name, "0123456789")] == '\0'
            && run_number (names->pdata[i]) == g_ascii_strtoull (name, NULL, 10)))
      return g_build_filename (attune_project_get_path (self), "runs", names->pdata[i], NULL);
  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
               "There is no run “%s” in this project; the latest is %s.", name,
               (const char *) names->pdata[names->len - 1]);
  return NULL;
}
