/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl from the table to the exported model, on a tiny model; and everything that can go wrong
 * on the way.
 */
#include "job/evaluation.h"
#include "job/export-record.h"
#include "job/run-folder.h"
#include "program.h"
#include "store/store.h"

#include <math.h>
#include <unistd.h>

static void
assert_exists (TestProject *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->project, name, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_error ("%s is missing", path);
}

/* An export says where it is, how large, and that it answers as the tuned model does; the same is
 * read back from the project. */
static void
check_export (TestProject *self, const char *format)
{
  g_autofree char *line = g_strdup_printf ("export %%P --format %s --json", format);
  g_autoptr (JsonNode) made = test_attunectl_json (self, line);
  g_autoptr (AttuneProject) project = attune_project_open (self->project, NULL);
  g_autoptr (AttuneExportRecord) record = NULL;
  AttuneExportFormat id;

  g_assert_true (attune_export_format_find (format, &id));
  record = attune_project_find_export (project, id);
  g_assert_nonnull (record);
  g_assert_cmpstr (record->output, ==, test_string (made, "output"));
  g_assert_cmpfloat (test_number (made, NULL, "bytes"), ==, record->bytes);
  g_assert_cmpuint (record->bytes, ==, attune_export_measure (record->output));
  g_assert_true (record->checked);
  /* The split for tests has as many. An f16 export may choose otherwise where two words are as
   * likely; here none does. */
  g_assert_cmpuint (record->parity.n_prompts, >=, 4);
  g_assert_cmpuint (record->parity.n_equal, ==, record->parity.n_prompts);
  g_assert_cmpfloat (test_number (made, "check", "equal"), ==, record->parity.n_equal);
}

/* Ollama's lines lie beside a GGUF file and name it. */
static void
check_modelfile (TestProject *self)
{
  g_autofree char *path
      = g_build_filename (self->project, "exports", "0001-gguf-f16.Modelfile", NULL);
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, "FROM ./0001-gguf-f16.gguf\n"));
}

/* What a plan says of the model and of how the data was prepared, before anything is trained. */
static void
test_plan_notes (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) report = NULL, silent = NULL, plan = NULL;
  g_autofree char *made = test_attunectl_good (self, "new %P --model %M"), *imported = NULL,
                  *shorter = NULL, *prepared = NULL, *text = NULL;
  JsonArray *notes;

  imported = test_attunectl_good (self, "import %P %T --question term --answer meaning");
  report = test_attunectl_json (self, "prepare %P --json");
  silent = test_attunectl_json (self, "plan %P --json");
  notes = json_object_get_array_member (json_node_get_object (silent), "notes");
  g_assert_cmpuint (json_array_get_length (notes), ==, 0);
  shorter = g_strdup_printf ("prepare %%P --max-tokens %d",
                             (int) test_number (report, "tokens", "max") - 1);
  prepared = test_attunectl_good (self, shorter);
  plan = test_attunectl_json (self, "plan %P --json");
  notes = json_object_get_array_member (json_node_get_object (plan), "notes");
  g_assert_cmpuint (json_array_get_length (notes), ==, 1);
  g_assert_nonnull (strstr (json_array_get_string_element (notes, 0), "are cut for their length"));
  text = test_attunectl_good (self, "plan %P");
  g_assert_nonnull (strstr (text, "Notes"));
}

/* What one sees on the way through, as numbers. */
static void
test_whole_way (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) made = NULL, imported = NULL, report = NULL, plan = NULL, tuned = NULL,
                       scores = NULL;
  g_autoptr (JsonNode) answer = NULL, again = NULL, base = NULL, shown = NULL;
  g_autoptr (AttuneEvaluation) stored = NULL;
  g_autofree char *exported = NULL, *events = NULL, *part = NULL;
  JsonObject *file;
  g_autoptr (GError) error = NULL;

  made = test_attunectl_json (self, "new %P --model %M --json");
  g_assert_cmpstr (test_string (made, "model"), ==, self->model);
  imported = test_attunectl_json (self, "import %P %T --question term --answer meaning --json");
  file = json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (imported), "files"), 0);
  g_assert_cmpint (attune_json_get_int (file, "rows"), ==, 60);
  report = test_attunectl_json (self, "prepare %P --json");
  g_assert_cmpfloat (test_number (report, NULL, "read"), ==, 60);

  plan = test_attunectl_json (
      self, "plan %P --lora-rank 4 --max-steps 30 --batch-size 8 --micro-batch-tokens 256"
            " --learning-rate 0.01 --json");
  g_assert_cmpfloat (test_number (plan, NULL, "steps"), ==, 30);
  g_assert_cmpfloat (test_number (plan, "plan", "lora-rank"), ==, 4);
  g_assert_cmpfloat (test_number (plan, NULL, "peak_bytes"), >,
                     test_number (plan, NULL, "activation_bytes"));
  g_assert_true (attune_json_get_boolean (json_node_get_object (plan), "fits"));

  events = test_attunectl_good (self, "tune %P --json");
  tuned = test_last_json (events);
  g_assert_cmpstr (test_string (tuned, "event"), ==, "finished");
  g_assert_cmpfloat (test_number (tuned, NULL, "steps"), ==, 30);
  /* Seen: 6.79 to 1.7. */
  g_assert_cmpfloat (test_number (tuned, NULL, "best_loss"), <,
                     test_number (tuned, NULL, "base_loss") - 3);
  g_assert_cmpfloat (test_number (tuned, NULL, "peak_bytes"), >, 1e6);
  assert_exists (self, "runs/0001/checkpoint.h5");
  assert_exists (self, "runs/0001/run.h5");

  scores = test_attunectl_json (self, "evaluate %P --answers 4 --answer-tokens 8 --json");
  g_assert_cmpfloat (test_number (scores, "tuned", "loss"), <,
                     test_number (scores, "base", "loss") - 3);
  g_assert_cmpfloat (test_number (scores, "tuned", "token_f1"), >,
                     test_number (scores, "base", "token_f1"));
  g_assert_cmpfloat (fabs (test_number (scores, "tuned", "perplexity")
                           - exp (test_number (scores, "tuned", "loss"))),
                     <, 1e-6);
  stored = attune_evaluation_read (test_string (scores, "file"), &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (stored->tuned.loss, ==, test_number (scores, "tuned", "loss"));
  g_assert_cmpuint (stored->tuned_answers->len, ==, 4);
  g_assert_cmpstr (((AttuneAnswer *) stored->tuned_answers->pdata[0])->question, ==,
                   ((AttuneAnswer *) stored->base_answers->pdata[0])->question);

  /* --exact: this model knows nothing, so its likeliest words are next to even. */
  answer = test_attunectl_json (
      self, "chat %P --greedy --exact --prompt cardiitis --max-tokens 6 --json");
  again = test_attunectl_json (
      self, "chat %P --greedy --exact --draft %M --prompt cardiitis --max-tokens 6 --json");
  base = test_attunectl_json (
      self, "chat %P --base --greedy --exact --prompt cardiitis --max-tokens 6 --json");
  g_assert_cmpstr (test_string (answer, "answer"), ==, test_string (again, "answer"));
  g_assert_cmpstr (test_string (answer, "answer"), !=, test_string (base, "answer"));

  check_export (self, "adapter");
  check_export (self, "merged");
  check_export (self, "gguf-f16");
  check_modelfile (self);
  assert_exists (self, "exports/0001-adapter/adapter_model.safetensors");
  assert_exists (self, "exports/0001-merged/config.json");
  /* The exported model is a model: it answers as the tuned one does. */
  g_clear_pointer (&again, json_node_unref);
  exported = g_strconcat (
      "chat ", self->project,
      "/exports/0001-gguf-f16.gguf --greedy --exact --prompt cardiitis --max-tokens 6 --json",
      NULL);
  again = test_attunectl_json (self, exported);
  g_assert_cmpstr (test_string (answer, "answer"), ==, test_string (again, "answer"));

  /* as an export leaves it that is killed */
  part = g_build_filename (self->project, "exports", "0001-gguf-q8_0.gguf.new", NULL);
  g_assert_true (g_file_set_contents (part, "GGUF", -1, NULL));
  shown = test_attunectl_json (self, "show %P --json");
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (shown), "train_loss")),
                    ==, 30);
  g_assert_cmpuint (json_array_get_length (
                        json_object_get_array_member (json_node_get_object (shown), "exports")),
                    ==, 3);
}

/* For people: every command says something, and nothing in it could steer a terminal. */
static void
test_words (TestProject *self, gconstpointer data)
{
  static const struct
  {
    const char *line, *says;
  } steps[] = {
    { "new %P --model %M", "Tiny Llama" },
    { "model %P %M", "Tiny Llama" },
    { "import %P %T", "question" },
    { "prepare %P", "attunectl plan" },
    { "plan %P --max-steps 6 --batch-size 4 --micro-batch-tokens 128 --lora-rank 2",
      "(lora-rank)" },
    { "tune %P", "attunectl evaluate" },
    { "evaluate %P --answers 2 --answer-tokens 4", "Perplexity" },
    { "chat %P --greedy --prompt osteitis --max-tokens 4", "" },
    { "export %P --format gguf-q8_0", "exports/0001-gguf-q8_0.gguf" },
    { "show %P", "○" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *out = test_attunectl_good (self, steps[i].line);

      g_assert_true (g_utf8_validate (out, -1, NULL));
      if (strstr (out, steps[i].says) == NULL)
        g_error ("attunectl %s does not say “%s”:\n%s", steps[i].line, steps[i].says, out);
      for (const char *c = out; *c != '\0'; c++)
        g_assert_true ((guchar) *c >= 32 || *c == '\n');
    }
}

/* One line of progress; @before: the fraction of the one before it. Returns: this one's. */
static double
check_progress (const char *line, double before)
{
  g_autoptr (JsonNode) node = test_last_json (line);
  JsonNode *left = json_object_get_member (json_node_get_object (node), "seconds_left");
  const double fraction = test_number (node, NULL, "progress");

  g_assert_cmpfloat (fraction, >=, before);
  g_assert_cmpfloat (fraction, <=, 1);
  g_assert_cmpint (strlen (test_string (node, "what")), >, 0);
  g_assert_nonnull (left);
  if (!JSON_NODE_HOLDS_NULL (left))
    g_assert_cmpfloat (json_node_get_double (left), >=, 0);
  return fraction;
}

/* For other programs: while it works a command writes on standard error how far it is, at most ten
 * times a second, and nothing but the result on standard output. */
static void
test_progress (TestProject *self, gconstpointer data)
{
  static const char *const lines[] = {
    "import %P %T --json",
    "prepare %P --json",
    "evaluate %P --answers 40 --answer-tokens 64 --json",
    "export %P --format gguf-q8_0 --json",
    "export %P --format merged --json",
  };

  test_project_prepare (self, "--max-steps 4");
  g_free (test_attunectl_good (self, "tune %P"));
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      const gint64 started = g_get_monotonic_time ();
      g_auto (TestRun) run = test_attunectl_run (self, lines[i]);
      const double seconds = (g_get_monotonic_time () - started) / 1e6;
      g_autoptr (JsonNode) result = NULL;
      g_auto (GStrv) said = NULL;
      double fraction = 0;

      g_assert_cmpint (run.status, ==, 0);
      said = g_strsplit (g_strchomp (run.err), "\n", -1);
      g_assert_cmpuint (g_strv_length (said), >, 0);
      g_assert_cmpfloat (g_strv_length (said), <=, 1 + 10 * seconds);
      for (char **line = said; *line != NULL; line++)
        fraction = check_progress (*line, fraction);

      result = json_from_string (run.out, NULL);
      g_assert_nonnull (result);
      g_assert_false (json_object_has_member (json_node_get_object (result), "progress"));
    }
}

/* The adapter as it is at the end of a run. Returns: (transfer full). */
static GBytes *
read_adapter (TestProject *self, const char *run)
{
  g_autofree char *path = g_build_filename (self->project, "runs", run, "checkpoint.h5", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, "checkpoint", 1, &error);
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;
  float *values;

  g_assert_no_error (error);
  g_assert_true (attune_store_shape (store, "values", &type, &n_dims, dims, NULL));
  values = g_new (float, dims[0]);
  g_assert_true (attune_store_get (store, "values", ATTUNE_STORE_F32, 0, dims[0], values, NULL));
  return g_bytes_new_take (values, dims[0] * sizeof (float));
}

static void
assert_same_adapter (TestProject *self, const char *a, const char *b)
{
  g_autoptr (GBytes) left = read_adapter (self, a), right = read_adapter (self, b);

  g_assert_true (g_bytes_equal (left, right));
}

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

/* In the background: watched, stopped, resumed; the same bits as without the break. */
static void
test_background (TestProject *self, gconstpointer data)
{
  g_autofree char *watched = NULL, *resumed = NULL;

  test_project_prepare (self, "--max-steps 600 --validate-every 100");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "tune %P --background"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_RUNNING);
  test_attunectl_bad (self, "tune %P --resume", 1, "already works");
  g_free (test_attunectl_good (self, "tune %P --stop"));
  watched = test_attunectl_good (self, "tune %P --follow");
  g_assert_nonnull (strstr (watched, "Stopped after step"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_STOPPED);

  resumed = test_attunectl_good (self, "tune %P --resume");
  g_assert_nonnull (strstr (resumed, "Going on after step"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FINISHED);
  assert_same_adapter (self, "0001", "0002");
  test_attunectl_bad (self, "tune %P --resume", 1, "is finished");
}

/* Ctrl+C in the terminal. */
static void
test_interrupt (TestProject *self, gconstpointer data)
{
  char *argv[] = { (char *) test_attunectl (), (char *) "tune", self->project, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_build_filename (self->project, "runs", "0001", NULL);
  GPid pid;
  int status;

  test_project_prepare (self, "--max-steps 100000 --validate-every 100000");
  g_assert_true (g_spawn_async (NULL, argv, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL,
                                &pid, &error));
  for (int i = 0; i < 500; i++)
    {
      g_autoptr (JsonNode) step = attune_run_find_event (folder, "step");

      if (step != NULL)
        break;
      g_usleep (20000);
    }
  g_assert_cmpint (kill (pid, SIGINT), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_assert_cmpint (state_of (self, "0001"), ==, ATTUNE_RUN_STOPPED);
  assert_exists (self, "runs/0001/checkpoint.h5");
}

/* Told to end while it exports, it takes back what was begun; an export that was there stands. */
static void
test_export_cancelled (TestProject *self, gconstpointer data)
{
  char *argv[]
      = { (char *) test_attunectl (), (char *) "export", self->project, (char *) "--format",
          (char *) "merged",          (char *) "--json", NULL };
  g_autofree char *folder = g_build_filename (self->project, "exports", NULL);
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  char byte;
  GPid pid;
  int status, errors;

  test_project_prepare (self, "--max-steps 4");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "export %P --format merged"));
  g_assert_true (g_spawn_async_with_pipes (NULL, argv, NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                           NULL, NULL, &pid, NULL, NULL, &errors, &error));
  g_assert_cmpint (read (errors, &byte, 1), ==, 1); /* it has begun */
  g_assert_cmpint (kill (pid, SIGTERM), ==, 0);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  close (errors);
  g_assert_true (WIFEXITED (status)); /* 1, or 0 where it was done before */
  assert_exists (self, "exports/0001-merged/model.safetensors");
  dir = g_dir_open (folder, 0, &error);
  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (strcmp (name, "0001-merged") != 0 && strcmp (name, "0001-merged.json") != 0)
      g_error ("“%s” is left", name);
}

static char *
read_whole (TestProject *self, const char *name, gsize *n)
{
  g_autofree char *path = g_build_filename (self->project, name, NULL);
  char *bytes = NULL;

  g_assert_true (g_file_get_contents (path, &bytes, n, NULL));
  return bytes;
}

/* The disk fills up while a checkpoint is written: said in a sentence, the one before is whole, and
 * the run goes on. */
static void
test_full_disk (TestProject *self, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;
  g_auto (TestRun) full = { 0 };
  gsize n_before, n_after;

  test_project_prepare (self, "--max-steps 20 --validate-every 5 --lora-rank 64");
  g_free (test_attunectl_good (self, "tune %P"));
  g_free (test_attunectl_good (self, "tune %P --background"));
  g_free (test_attunectl_good (self, "tune %P --stop"));
  g_free (test_attunectl_good (self, "tune %P --follow"));
  before = read_whole (self, "runs/0002/checkpoint.h5", &n_before);

  /* Events are shorter than this, a checkpoint longer. */
  g_assert_cmpuint (n_before, >, 1 << 20);
  full = test_attunectl_limited (self, 1 << 20, "tune %P --resume");
  g_assert_cmpint (full.status, ==, 1);
  g_assert_nonnull (strstr (full.err, "checkpoint.h5"));
  g_assert_nonnull (strstr (full.err, g_strerror (EFBIG)));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FAILED);
  after = read_whole (self, "runs/0002/checkpoint.h5", &n_after);
  g_assert_cmpmem (before, n_before, after, n_after);

  g_free (test_attunectl_good (self, "tune %P --resume"));
  g_assert_cmpint (state_of (self, "0002"), ==, ATTUNE_RUN_FINISHED);
  assert_same_adapter (self, "0001", "0002");
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

/* Ids and losses for scripts. */
static void
test_scripts (TestProject *self, gconstpointer data)
{
  g_autofree char *jsonl = g_build_filename (self->folder, "rows.jsonl", NULL), *line = NULL,
                  *out = NULL;
  g_autoptr (JsonNode) last = NULL;

  g_assert_true (
      g_file_set_contents (jsonl,
                           "{\"question\": \"a\", \"answer\": \"bb\"}\n"
                           "{\"question\": \"What is it?\", \"answer\": \"A longer answer.\"}\n",
                           -1, NULL));
  line = g_strconcat ("loss %M ", jsonl, NULL);
  out = test_attunectl_good (self, line);
  last = test_last_json (out);
  g_assert_cmpfloat (test_number (last, NULL, "nats"), >, 1);
  g_assert_cmpfloat (test_number (last, NULL, "target_tokens"), >, 3);
  g_assert_cmpfloat (test_number (last, NULL, "tokens"), >,
                     test_number (last, NULL, "target_tokens"));
}

#define ADD(name, function)                                                                        \
  g_test_add (name, TestProject, NULL, test_project_set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/attunectl/whole-way", test_whole_way);
  ADD ("/attunectl/plan-notes", test_plan_notes);
  ADD ("/attunectl/words", test_words);
  ADD ("/attunectl/progress", test_progress);
  ADD ("/attunectl/background", test_background);
  ADD ("/attunectl/interrupt", test_interrupt);
  ADD ("/attunectl/export-cancelled", test_export_cancelled);
  ADD ("/attunectl/full-disk", test_full_disk);
  ADD ("/attunectl/usage", test_usage);
  ADD ("/attunectl/order", test_order);
  ADD ("/attunectl/bad-projects", test_bad_projects);
  ADD ("/attunectl/other-model", test_other_model);
  ADD ("/attunectl/changed-data", test_changed_data);
  ADD ("/attunectl/locked", test_locked);
  ADD ("/attunectl/bad-tables", test_bad_tables);
  ADD ("/attunectl/too-large", test_too_large);
  ADD ("/attunectl/scripts", test_scripts);
  return g_test_run ();
}
