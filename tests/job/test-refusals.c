/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attunectl does not do, and what it says then.
 */
#include "job/evaluation.h"
#include "job/run-folder.h"
#include "program.h"
#include "store/store.h"

#include <unistd.h>

static void
request (TestProject *self, const char *run, const char *what)
{
  g_autofree char *folder = g_build_filename (self->project, "runs", run, NULL);

  g_assert_true (attune_run_request (folder, what, NULL));
}

static AttuneRunState
state_of (TestProject *self, const char *run)
{
  g_autofree char *folder = g_build_filename (self->project, "runs", run, NULL);

  return attune_run_get_state (folder);
}

static void
test_usage (TestProject *self, gconstpointer data)
{
  static const char *const commands[]
      = { "new",      "model", "import", "prepare", "data", "plan",     "tune",
          "evaluate", "chat",  "export", "show",    "work", "tokenize", "loss" };
  g_autofree char *all = test_attunectl_good (self, "--help");

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autofree char *line = g_strconcat (commands[i], " --help", NULL),
                      *help = test_attunectl_good (self, line);

      g_assert_nonnull (strstr (all, commands[i]));
      g_assert_nonnull (strstr (help, "--json"));
      if (i < 11) /* those for people show how they are used */
        g_assert_nonnull (strstr (help, "Examples:"));
      test_attunectl_bad (self, commands[i], 2, "missing");
      g_clear_pointer (&line, g_free);
      line = g_strconcat (commands[i], " --wings", NULL);
      test_attunectl_bad (self, line, 2, "wings");
    }
  test_attunectl_bad (self, "fly", 2, "fly");
  test_attunectl_bad (self, "show a b c", 2, "too much");
  g_free (test_attunectl_good (self, "new %P --model %M"));
  test_attunectl_bad (self, "plan %P --learning-rate fast", 2, "number");
  test_attunectl_bad (self, "plan %P --targets q,wings", 1, "wings");
  test_attunectl_bad (self, "export %P --format pickle", 2, "--format");
  test_attunectl_bad (self, "tune %P --follow --stop", 2, "Only one");
  test_attunectl_bad (self, "chat %P --top-p 3", 2, "--top-p");
  test_attunectl_bad (self, "chat %M --draft %P/none.gguf --prompt x", 1, "none.gguf");
}

/* Stages in the wrong order: each names the command that is missing. */
static void
test_order (TestProject *self, gconstpointer data)
{
  g_auto (TestRun) failed = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *error;

  test_attunectl_bad (self, "show %P", 1, "not an Attune project");
  g_free (test_attunectl_good (self, "new %P --model %M"));
  test_attunectl_bad (self, "new %P --model %M", 1, "not empty");
  test_attunectl_bad (self, "prepare %P", 1, "attunectl import");
  test_attunectl_bad (self, "tune %P", 1, "attunectl import");
  g_free (test_attunectl_good (self, "import %P %T"));
  test_attunectl_bad (self, "tune %P", 1, "prepare");
  test_attunectl_bad (self, "evaluate %P", 1, "attunectl tune");
  test_attunectl_bad (self, "chat %P --prompt x", 1, "attunectl tune");
  test_attunectl_bad (self, "export %P --format adapter", 1, "attunectl tune");

  failed = test_attunectl_run (self, "evaluate %P --json");
  g_assert_cmpint (failed.status, ==, 1);
  g_assert_cmpstr (failed.out, ==, "");
  node = test_last_json (failed.err);
  error = attune_json_get_object (json_node_get_object (node), "error");
  g_assert_nonnull (strstr (attune_json_get_string (error, "message"), "attunectl tune"));
}

/* A project from the future, a model that has gone or is another one: nothing is changed, and one
 * is told. */
static void
test_bad_projects (TestProject *self, gconstpointer data)
{
  g_autofree char *file = g_build_filename (self->project, "project.json", NULL), *json = NULL;
  g_autofree char *moved = g_strconcat (self->model, ".away", NULL), *bytes = NULL;
  g_autoptr (GString) newer = NULL;
  gsize n;

  test_project_prepare (self, "--max-steps 4 --validate-every 2");
  g_assert_true (g_file_get_contents (file, &json, NULL, NULL));
  newer = g_string_new (json);
  g_assert_cmpuint (g_string_replace (newer, "\"version\" : 1", "\"version\" : 2", 1), ==, 1);
  g_assert_true (g_file_set_contents (file, newer->str, -1, NULL));
  test_attunectl_bad (self, "show %P", 1, "newer version");
  test_attunectl_bad (self, "plan %P --epochs 2", 1, "newer version");
  g_assert_true (g_file_set_contents (file, json, -1, NULL));

  g_assert_cmpint (g_rename (self->model, moved), ==, 0);
  test_attunectl_bad (self, "tune %P", 1, "tiny.gguf");
  g_assert_cmpint (g_rename (moved, self->model), ==, 0);
  g_free (test_attunectl_good (self, "tune %P"));

  /* A model of the same shape with other weights is not the one the adapter belongs to. */
  g_assert_true (g_file_get_contents (self->model, &bytes, &n, NULL));
  bytes[n - 7] ^= 0x10;
  g_assert_true (g_file_set_contents (self->model, bytes, n, NULL));
  test_attunectl_bad (self, "evaluate %P", 1, "no longer the one");
  test_attunectl_bad (self, "export %P --format adapter", 1, "no longer the one");
}

/* Tokens are of one model: those of another would be learned as nonsense. */
static void
test_other_model (TestProject *self, gconstpointer data)
{
  g_autofree char *other = g_build_filename (self->folder, "other.gguf", NULL), *line = NULL,
                  *bytes = NULL;
  char *template;
  gsize n;

  test_project_prepare (self, "--max-steps 4");
  g_free (test_attunectl_good (self, "tune %P"));
  g_assert_true (g_file_get_contents (self->model, &bytes, &n, NULL));
  template = memmem (bytes, n, "named SmolLM", strlen ("named SmolLM"));
  g_assert_nonnull (template);
  template[0] = 'N';
  g_assert_true (g_file_set_contents (other, bytes, n, NULL));
  line = g_strconcat ("model %P ", other, NULL);
  g_free (test_attunectl_good (self, line));
  test_attunectl_bad (self, "plan %P", 1, "another model");
  test_attunectl_bad (self, "tune %P", 1, "another model");
  g_free (test_attunectl_good (self, "prepare %P"));
  g_free (test_attunectl_good (self, "tune %P"));
  /* and the run before was with the model that reads the other way */
  test_attunectl_bad (self, "evaluate %P --run 1 --answers 0", 1, "another model");
  g_free (test_attunectl_good (self, "evaluate %P --answers 0"));
}

/* A run belongs to the data it began with. */
static void
test_changed_data (TestProject *self, gconstpointer data)
{
  test_project_prepare (self, "--max-steps 5000 --validate-every 5000");
  g_free (test_attunectl_good (self, "tune %P --background"));
  g_free (test_attunectl_good (self, "tune %P --stop"));
  g_free (test_attunectl_good (self, "tune %P --follow"));
  g_free (test_attunectl_good (self, "prepare %P --test-share 0.3"));
  test_attunectl_bad (self, "tune %P --resume", 1, "prepared anew");
}

static void
test_locked (TestProject *self, gconstpointer data)
{
  g_autofree char *folder = NULL, *line = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (AttuneRunLock) lock = NULL;

  test_project_prepare (self, "--max-steps 4");
  project = attune_project_open (self->project, NULL);
  folder = attune_project_new_run (project, NULL, NULL);
  lock = attune_run_lock (folder, NULL);
  line = g_strconcat ("work ", folder, NULL);
  test_attunectl_bad (self, line, 1, "already works");
  test_attunectl_bad (self, "tune %P --resume", 1, "already works");
  g_clear_pointer (&lock, attune_run_unlock);
  /* A request that was left behind by whoever asked it of an earlier worker. */
  request (self, "0001", "checkpoint");
  g_free (test_attunectl_good (self, line));
  g_assert_cmpint (state_of (self, "0001"), ==, ATTUNE_RUN_FINISHED);
  g_assert_false (attune_run_has_request (folder, "checkpoint"));
}

/* Tables with nothing in them, or without the columns; none leaves a data set behind. */
static void
test_bad_tables (TestProject *self, gconstpointer data)
{
  static const struct
  {
    const char *text, *line, *says;
  } cases[] = {
    { "", "import %P %T", "" },
    { "term,meaning\n", "import %P %T", "" },
    { "a\n1\n", "import %P %T", "question" },
    { "term,meaning\nx,y\n", "import %P %T --question wings", "wings" },
    { "term,meaning\nx,y\n", "import %P /nowhere/table.csv", "table.csv" },
  };
  g_autofree char *dataset = g_build_filename (self->project, "dataset.h5", NULL);

  g_free (test_attunectl_good (self, "new %P --model %M"));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (g_file_set_contents (self->table, cases[i].text, -1, NULL));
      test_attunectl_bad (self, cases[i].line, 1, cases[i].says);
      g_assert_false (g_file_test (dataset, G_FILE_TEST_EXISTS));
    }
}

/* More memory than there is: refused with what to do, unless it is forced. */
static void
test_too_large (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) plan = NULL, smaller = NULL;
  g_autofree char *runs = g_build_filename (self->project, "runs", NULL), *limit = NULL,
                  *line = NULL;
  double peak;

  test_project_prepare (self, "--max-steps 4");
  smaller = test_attunectl_json (self, "plan %P --micro-batch-tokens 128 --json");
  plan = test_attunectl_json (self, "plan %P --micro-batch-tokens 65536 --batch-size 256 --json");
  g_assert_true (attune_json_get_boolean (json_node_get_object (plan), "fits"));
  peak = test_number (smaller, NULL, "peak_bytes");
  g_assert_cmpfloat (test_number (plan, NULL, "peak_bytes"), >, peak + 50e6);
  limit = g_strdup_printf (" --memory-limit %.4f", (peak + 10e6) / 1e9);

  g_clear_pointer (&plan, json_node_unref);
  line = g_strconcat ("plan %P --json", limit, NULL);
  plan = test_attunectl_json (self, line);
  g_assert_false (attune_json_get_boolean (json_node_get_object (plan), "fits"));
  g_assert_nonnull (strstr (test_string (plan, "too_large"), "--micro-batch-tokens"));
  g_free (line);
  line = g_strconcat ("tune %P", limit, NULL);
  test_attunectl_bad (self, line, 1, "--micro-batch-tokens");
  g_assert_false (g_file_test (runs, G_FILE_TEST_EXISTS)); /* no run was begun */
  g_free (line);
  line = g_strconcat ("tune %P --force", limit, NULL);
  g_free (test_attunectl_good (self, line));
}

#define ADD(name, function)                                                                        \
  g_test_add (name, TestProject, NULL, test_project_set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/attunectl/usage", test_usage);
  ADD ("/attunectl/order", test_order);
  ADD ("/attunectl/bad-projects", test_bad_projects);
  ADD ("/attunectl/other-model", test_other_model);
  ADD ("/attunectl/changed-data", test_changed_data);
  ADD ("/attunectl/locked", test_locked);
  ADD ("/attunectl/bad-tables", test_bad_tables);
  ADD ("/attunectl/too-large", test_too_large);
  return g_test_run ();
}
