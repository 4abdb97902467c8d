/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The project folder: made, saved, opened again, moved, damaged, from the future; runs and their
 * plans.
 */
#include "core/settings.h"
#include "job/project.h"
#include "job/run-folder.h"
#include "job/run-plan.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  char *folder, *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("attune-project-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "A project.attune", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static char *
read_file (AttuneProject *project, const char *name)
{
  g_autofree char *path = attune_project_get_file (project, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
write_project_file (Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->path, "project.json", NULL);

  g_assert_cmpint (g_mkdir_with_parents (fixture->path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, &error), again = NULL;
  g_autofree char *model = g_build_filename (fixture->folder, "m.gguf", NULL);

  g_assert_no_error (error);
  g_assert_null (attune_project_get_model (project));
  attune_project_set_model (project, model);
  g_object_set (attune_project_get_plan (project), "lora-rank", 5, "targets", "q,v", NULL);
  g_object_set (attune_project_get_data_settings (project), "system-prompt", "Be “brief”.\n", NULL);
  g_assert_true (attune_project_save (project, &error));

  again = attune_project_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_project_get_model (again), ==, model);
  g_assert_true (attune_settings_equal (G_OBJECT (attune_project_get_plan (project)),
                                        G_OBJECT (attune_project_get_plan (again))));
  g_assert_true (attune_settings_equal (G_OBJECT (attune_project_get_data_settings (project)),
                                        G_OBJECT (attune_project_get_data_settings (again))));
}

/* A folder with something in it is never taken over; an empty one is. */
static void
test_create_refuses (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = g_build_filename (fixture->path, "letter.txt", NULL);
  g_autofree char *beneath = g_build_filename (other, "x.attune", NULL);
  g_autoptr (AttuneProject) made = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (other, "dear", -1, NULL));
  g_assert_null (attune_project_create (fixture->path, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
  g_clear_error (&error);
  g_assert_null (attune_project_create (beneath, &error)); /* a file in the way */
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
  g_clear_error (&error);

  g_assert_cmpint (g_unlink (other), ==, 0);
  made = attune_project_create (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (made);
}

/* The model inside the project moves with it; one outside stays where it is. */
static void
test_moved (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, NULL), moved = NULL;
  g_autofree char *inside = attune_project_get_file (project, "models/m.gguf");
  g_autofree char *other = g_build_filename (fixture->folder, "Other.attune", NULL);
  g_autofree char *expected = g_build_filename (other, "models/m.gguf", NULL), *run = NULL,
                  *moved_run = NULL;
  g_autoptr (AttuneRunPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  attune_project_set_model (project, inside);
  g_assert_true (attune_project_save (project, NULL));
  run = attune_project_new_run (project, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_rename (fixture->path, other), ==, 0);

  moved = attune_project_open (other, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (attune_project_get_model (moved), ==, expected);
  moved_run = attune_project_get_run (moved, NULL, &error);
  g_assert_no_error (error);
  plan = attune_run_plan_read (moved_run, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (plan->model_path, ==, expected);
  g_assert_true (g_str_has_prefix (plan->data_path, other));
}

static void
test_keeps_what_it_does_not_know (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  write_project_file (
      fixture, "{\"format\": \"attune-project\", \"version\": 1, \"colour\": \"blue\","
               " \"plan\": {\"lora-rank\": 7, \"wings\": [1, 2]}, \"data\": {}, \"model\": \"\"}");
  project = attune_project_open (fixture->path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_plan_get_values (attune_project_get_plan (project))->lora_rank, ==, 7);
  g_assert_true (attune_project_save (project, &error));
  text = read_file (project, "project.json");
  g_assert_nonnull (strstr (text, "\"blue\""));
  g_assert_nonnull (strstr (text, "\"wings\""));
}

/* Each is refused with the code and a word of explanation, and left as it was. */
static void
test_bad_files (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text, *named;
    int code;
  } cases[] = {
    { "", "project.json", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-pro", "project.json", ATTUNE_JOB_ERROR_PROJECT },
    { "[]", "not a project file", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"version\": 1}", "not a project file", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-project\"}", "version", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-project\", \"version\": \"1\"}", "version", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-project\", \"version\": [1]}", "version", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-project\", \"version\": 2, \"engine\": \"9.1\"}", "9.1",
      ATTUNE_JOB_ERROR_VERSION },
    { "{\"format\": \"attune-project\", \"version\": 1, \"plan\": 3}", "settings",
      ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-project\", \"version\": 1, \"plan\": {\"lora-rank\": 0}}", "lora-rank",
      ATTUNE_JOB_ERROR_PROJECT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *file = g_build_filename (fixture->path, "project.json", NULL), *after = NULL;
      g_autoptr (GError) error = NULL;

      write_project_file (fixture, cases[i].text);
      g_assert_null (attune_project_open (fixture->path, &error));
      g_assert_error (error, ATTUNE_JOB_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].named));
      g_assert_true (g_file_get_contents (file, &after, NULL, NULL));
      g_assert_cmpstr (after, ==, cases[i].text);
    }
}

static void
test_no_project (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_project_open (fixture->path, &error)); /* nothing there */
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
  g_clear_error (&error);
  g_assert_null (attune_project_open (fixture->folder, &error)); /* some folder */
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
}

static void
test_runs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, NULL);
  g_autofree char *model = g_build_filename (fixture->folder, "m.gguf", NULL), *stray = NULL;
  g_autofree char *first = NULL, *second = NULL, *third = NULL, *latest = NULL, *one = NULL;
  g_auto (GStrv) none = attune_project_list_runs (project), runs = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (none[0]);
  g_assert_null (attune_project_get_run (project, NULL, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE);
  g_clear_error (&error);
  g_assert_null (attune_project_new_run (project, NULL, &error)); /* no model */
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE);
  g_clear_error (&error);

  attune_project_set_model (project, model);
  first = attune_project_new_run (project, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_suffix (first, "/runs/0001"));
  second = attune_project_new_run (project, NULL, NULL);
  stray = attune_project_get_file (project,
                                   "runs/0007"); /* a run that was killed while it was made */
  g_assert_cmpint (g_mkdir (stray, 0700), ==, 0);
  third = attune_project_new_run (project, NULL, NULL);
  g_assert_true (g_str_has_suffix (third, "/runs/0008"));

  runs = attune_project_list_runs (project);
  g_assert_cmpuint (g_strv_length (runs), ==, 3);
  g_assert_cmpstr (runs[2], ==, "0008");
  latest = attune_project_get_run (project, NULL, NULL);
  g_assert_cmpstr (latest, ==, third);
  one = attune_project_get_run (project, "1", NULL);
  g_assert_cmpstr (one, ==, first);
  g_assert_null (attune_project_get_run (project, "0007", &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE);
  g_clear_error (&error);
  g_assert_null (attune_project_get_run (project, "../runs/0001", NULL));
  g_assert_cmpint (attune_run_get_state (first), ==, ATTUNE_RUN_NEW);
}

/* A run may do something else than the project says; the project stays as it is. */
static void
test_run_of_another_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, NULL);
  g_autoptr (AttunePlan) other = attune_plan_copy (attune_project_get_plan (project));
  g_autofree char *folder = NULL;
  g_autoptr (AttuneRunPlan) plan = NULL;
  g_autoptr (GError) error = NULL;

  attune_project_set_model (project, "/models/m.gguf");
  g_object_set (other, "threads", 3, NULL);
  folder = attune_project_new_run (project, other, &error);
  g_assert_no_error (error);
  plan = attune_run_plan_read (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpint (attune_plan_get_values (plan->plan)->threads, ==, 3);
  g_assert_cmpint (attune_plan_get_values (attune_project_get_plan (project))->threads, ==, 0);
}

/* The plan is fixed with the first hashes; others are refused from then on. */
static void
test_run_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, NULL);
  g_autofree char *folder = NULL, *file = NULL, *before = NULL, *after = NULL;
  g_autoptr (AttuneRunPlan) plan = NULL, again = NULL;
  g_autoptr (GError) error = NULL;

  attune_project_set_model (project, "/models/m.gguf");
  g_object_set (attune_project_get_plan (project), "learning-rate", 0.123, NULL);
  folder = attune_project_new_run (project, NULL, NULL);
  /* What is changed later is for the next run. */
  g_object_set (attune_project_get_plan (project), "learning-rate", 0.5, NULL);

  plan = attune_run_plan_read (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (attune_plan_get_values (plan->plan)->learning_rate, ==, 0.123);
  g_assert_cmpstr (plan->model_path, ==, "/models/m.gguf");
  g_assert_null (plan->model_hash);
  g_assert_true (attune_run_plan_fix (plan, folder, "aa", "bb", &error));

  file = g_build_filename (folder, "plan.json", NULL);
  g_assert_true (g_file_get_contents (file, &before, NULL, NULL));
  again = attune_run_plan_read (folder, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->model_hash, ==, "aa");
  g_assert_cmpstr (again->data_hash, ==, "bb");
  g_assert_true (attune_run_plan_fix (again, folder, "aa", "bb", NULL));
  g_assert_false (attune_run_plan_fix (again, folder, "xx", "bb", &error));
  g_assert_nonnull (strstr (error->message, "/models/m.gguf"));
  g_clear_error (&error);
  g_assert_false (attune_run_plan_fix (again, folder, "aa", "yy", &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE);
  g_assert_true (g_file_get_contents (file, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
}

static void
test_bad_run_plans (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text;
    int code;
  } cases[] = {
    { "", ATTUNE_JOB_ERROR_PROJECT },
    { "{}", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-run\", \"version\": 1}", ATTUNE_JOB_ERROR_PROJECT },
    { "{\"format\": \"attune-run\", \"version\": 2}", ATTUNE_JOB_ERROR_VERSION },
    /* A setting that this version does not know would change the run: not ignored here. */
    { "{\"format\": \"attune-run\", \"version\": 1, \"model\": {\"path\": \"m\"}, \"dataset\": "
      "{\"path\": \"d\"},"
      " \"data\": {}, \"plan\": {\"wings\": 2}}",
      ATTUNE_JOB_ERROR_PROJECT },
  };
  g_autofree char *file = g_build_filename (fixture->folder, "plan.json", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_run_plan_read (fixture->folder, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_clear_error (&error);
      g_assert_true (g_file_set_contents (file, cases[i].text, -1, NULL));
      g_assert_null (attune_run_plan_read (fixture->folder, &error));
      g_assert_error (error, ATTUNE_JOB_ERROR, cases[i].code);
    }
}

static void
test_read_only (Fixture *fixture, gconstpointer data)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("the superuser may write everywhere");
      return;
    }
  project = attune_project_create (fixture->path, NULL);
  g_assert_cmpint (g_chmod (fixture->path, 0500), ==, 0);
  g_assert_false (attune_project_save (project, &error));
  g_assert_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT);
  g_assert_cmpint (g_chmod (fixture->path, 0700), ==, 0);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

/* Pages of a server have a folder of its name; the next ones another, and none lies elsewhere. */
static void
test_web_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = attune_project_create (fixture->path, &error);
  g_autofree char *first = attune_project_get_web_folder (project, "https://Example.org:8080/a/b"),
                  *second = NULL, *odd = attune_project_get_web_folder (project, "http://../x"),
                  *none = attune_project_get_web_folder (project, "x"), *base = NULL;

  g_assert_no_error (error);
  base = g_path_get_basename (first);
  g_assert_cmpint (g_ascii_strcasecmp (base, "example.org"), ==, 0);
  g_assert_cmpint (g_mkdir_with_parents (first, 0777), ==, 0);
  second = attune_project_get_web_folder (project, "https://Example.org:8080/c");
  g_assert_true (g_str_has_prefix (second, first) && g_str_has_suffix (second, "-2"));
  g_assert_null (strstr (odd, ".."));
  g_assert_true (g_str_has_suffix (none, "/web/pages"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/project/round-trip", test_round_trip);
  ADD ("/project/create-refuses", test_create_refuses);
  ADD ("/project/moved", test_moved);
  ADD ("/project/keeps-what-it-does-not-know", test_keeps_what_it_does_not_know);
  ADD ("/project/bad-files", test_bad_files);
  ADD ("/project/no-project", test_no_project);
  ADD ("/project/runs", test_runs);
  ADD ("/project/run-plan", test_run_plan);
  ADD ("/project/run-of-another-plan", test_run_of_another_plan);
  ADD ("/project/bad-run-plans", test_bad_run_plans);
  ADD ("/project/web-folder", test_web_folder);
  ADD ("/project/read-only", test_read_only);
  return g_test_run ();
}
