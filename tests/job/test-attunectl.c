/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl from the table to the exported model, on a tiny model.
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
    { "devices", "no plug-in for one is installed" },
    { "bench cpu --shape tiny --tokens 8 --steps 1", "tokens a second" },
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
  ADD ("/attunectl/scripts", test_scripts);
  return g_test_run ();
}
