/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels from the table to the prediction, as attunectl does it on a tiny model.
 */
#include "program.h"

/* Complaints and praise, four to one; the labels are all punctuation, which a comparison of texts
 * passes over. */
static void
write_labelled (const char *path)
{
  static const char *const things[]
      = { "bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call" };
  static const char *const moods[][2] = { { "was bad", "-" },
                                          { "was late", "-" },
                                          { "was cold", "-" },
                                          { "was lost", "-" },
                                          { "was lovely", "+" } };
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    for (guint j = 0; j < G_N_ELEMENTS (moods); j++)
      g_string_append_printf (table, "My %s %s.,Thank you for number %u.,%s\n", things[i],
                              moods[j][0], 5 * i + j, moods[j][1]);
  g_assert_true (g_file_set_contents (path, table->str, table->len, NULL));
}

/* Other labels have nothing in common. */
static void
check_answers (JsonArray *answers)
{
  g_assert_cmpuint (json_array_get_length (answers), >, 0);
  for (guint i = 0; i < json_array_get_length (answers); i++)
    {
      JsonObject *item = json_array_get_object_element (answers, i);

      g_assert_cmpfloat (json_object_get_double_member (item, "base_token_f1"), ==,
                         g_str_equal (json_object_get_string_member (item, "base"),
                                      json_object_get_string_member (item, "expected")));
    }
}

/* The same said to people: to one prompt, and to lines. */
static void
talk (TestProject *self, const char *expected)
{
  g_autofree char *once = test_attunectl_good (self, "chat %P --prompt lovely"), *lines = NULL;
  g_autoptr (GSubprocess) program = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (strstr (once, expected));
  program = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                              &error, test_attunectl (), "chat", self->project, NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (program, "lovely\n", NULL, &lines, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (program));
  g_assert_nonnull (strstr (lines, expected));
}

static void
test_whole_way (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) tuned = NULL, scores = NULL, answer = NULL, again = NULL, exported = NULL;
  g_autofree char *events = NULL, *words = NULL, *path = NULL, *config = NULL, *names = NULL;
  JsonArray *labels;

  write_labelled (self->table);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  g_free (test_attunectl_good (self, "prepare %P --drop-stop-words yes"));
  test_attunectl_bad (self, "plan %P --objective labels --method full", 1, "--method lora");
  g_free (test_attunectl_good (self, "plan %P --objective labels --label-weights inverse "
                                     "--focal-gamma 1 --learning-rate 0.02 --max-steps 30"));
  events = test_attunectl_good (self, "tune %P --json");
  tuned = test_last_json (events);
  g_assert_cmpstr (test_string (tuned, "event"), ==, "finished");
  g_assert_nonnull (strstr (events, "of the labels are right"));

  scores = test_attunectl_json (self, "evaluate %P --json");
  labels = json_object_get_array_member (json_node_get_object (scores), "labels");
  g_assert_cmpuint (json_array_get_length (labels), ==, 2);
  g_assert_cmpstr (
      json_object_get_string_member (json_array_get_object_element (labels, 0), "label"), ==, "+");
  g_assert_cmpfloat (test_number (scores, "tuned", "macro_f1"), >=,
                     test_number (scores, "base", "macro_f1"));
  /* a head of zeros has log 2 */
  g_assert_cmpfloat (test_number (scores, "tuned", "loss"), <, 0.9 * G_LN2);
  check_answers (json_object_get_array_member (json_node_get_object (scores), "answers"));
  words = test_attunectl_good (self, "evaluate %P");
  g_assert_nonnull (strstr (words, "Macro F1"));

  answer = test_attunectl_json (self, "chat %P --prompt lovely --json");
  g_assert_nonnull (strstr (test_string (answer, "answer"), "- ("));
  g_assert_nonnull (strstr (test_string (answer, "answer"), "+ ("));
  g_assert_null (strstr (test_string (answer, "answer"), "(50 %)")); /* a head of zeros */
  talk (self, test_string (answer, "answer"));
  /* what was left out in training says nothing, either, when it is asked */
  again = test_attunectl_json (self, "chat %P --prompt It\twas\tso\tlovely --json");
  g_assert_cmpstr (test_string (again, "answer"), ==, test_string (answer, "answer"));
  test_attunectl_bad (self, "loss %M %T --adapter %P", 1, "attunectl evaluate");

  test_attunectl_bad (self, "export %P --format gguf-q8_0", 1, "--format adapter");
  exported = test_attunectl_json (self, "export %P --format adapter --json");
  g_assert_cmpfloat (test_number (exported, "check", "prompts"), >, 0); /* the head was compared */
  path = g_build_filename (self->project, "exports", "0001-adapter", "adapter_config.json", NULL);
  g_assert_true (g_file_get_contents (path, &config, NULL, NULL));
  g_assert_nonnull (strstr (config, "\"score\""));
  g_assert_nonnull (strstr (config, "SEQ_CLS"));
  g_free (path);
  path = g_build_filename (self->project, "exports", "0001-adapter", "labels.json", NULL);
  g_assert_true (g_file_get_contents (path, &names, NULL, NULL));
  g_assert_nonnull (strstr (names, "\"+\""));
}

/* Several labels to a record, and a number: who is cold and late is both, and each word counts. */
static void
write_table (const char *path, gboolean numbers)
{
  static const char *const things[]
      = { "bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call" };
  static const char *const moods[][3] = { { "was cold", "cold", "10,5" },
                                          { "was late", "late", "20,5" },
                                          { "was cold and late", "late; cold", "31" },
                                          { "was lovely", "praise", "0" } };
  g_autoptr (GString) table = g_string_new ("question;answer;label\n");

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    for (guint j = 0; j < G_N_ELEMENTS (moods); j++)
      g_string_append_printf (table, "My %s %s.;Thank you for number %u.;\"%s\"\n", things[i],
                              moods[j][0], 4 * i + j, moods[j][numbers ? 2 : 1]);
  g_assert_true (g_file_set_contents (path, table->str, table->len, NULL));
}

static void
test_several (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) scores = NULL, answer = NULL;
  g_autofree char *report = NULL, *events = NULL, *words = NULL, *again = NULL;
  JsonArray *labels;

  write_table (self->table, FALSE);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  report = test_attunectl_good (self, "prepare %P");
  g_assert_nonnull (strstr (report, "can have several"));
  test_attunectl_bad (self, "plan %P --objective labels --label-costs %T", 1, "--label-costs");
  g_free (test_attunectl_good (self, "plan %P --objective labels --label-weights inverse "
                                     "--learning-rate 0.02 --max-steps 40 --label-costs="));
  events = test_attunectl_good (self, "tune %P --json");
  g_assert_nonnull (strstr (events, "micro F1"));
  scores = test_attunectl_json (self, "evaluate %P --json");
  labels = json_object_get_array_member (json_node_get_object (scores), "labels");
  g_assert_cmpuint (json_array_get_length (labels), ==, 3);
  g_test_message ("micro F1 %.3f of %.3f", test_number (scores, "tuned", "micro_f1"),
                  test_number (scores, "base", "micro_f1"));
  g_assert_cmpfloat (test_number (scores, "tuned", "micro_f1"), >,
                     test_number (scores, "base", "micro_f1"));
  g_assert_cmpfloat (test_number (scores, "tuned", "loss"), <,
                     test_number (scores, "base", "loss"));
  words = test_attunectl_good (self, "evaluate %P");
  g_assert_nonnull (strstr (words, "All labels right"));
  answer = test_attunectl_json (self, "chat %P --prompt cold --json");
  g_assert_nonnull (strstr (test_string (answer, "answer"), "%)"));
  /* said to be one, they are sets of them */
  again = test_attunectl_good (self, "prepare %P --labels one");
  g_assert_nonnull (strstr (again, "late; cold"));
}

static void
test_numbers (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) scores = NULL, answer = NULL;
  g_autofree char *report = NULL, *events = NULL, *words = NULL;
  char *end;

  write_table (self->table, TRUE);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  report = test_attunectl_good (self, "prepare %P");
  g_assert_nonnull (strstr (report, "numbers of 40 records, from 0 to 31"));
  test_attunectl_bad (self, "plan %P --objective labels --focal-gamma 2", 1, "--focal-gamma 0");
  g_free (test_attunectl_good (self, "plan %P --objective labels --focal-gamma 0 "
                                     "--learning-rate 0.02 --max-steps 40"));
  events = test_attunectl_good (self, "tune %P --json");
  g_assert_nonnull (strstr (events, "off in the mean"));
  scores = test_attunectl_json (self, "evaluate %P --json");
  g_test_message ("off by %.3g of %.3g, R² %.3f", test_number (scores, "tuned", "mae"),
                  test_number (scores, "base", "mae"), test_number (scores, "tuned", "r2"));
  g_assert_cmpfloat (test_number (scores, "tuned", "mae"), <, test_number (scores, "base", "mae"));
  g_assert_cmpfloat (test_number (scores, "tuned", "rmse"), >=,
                     test_number (scores, "tuned", "mae"));
  g_assert_cmpfloat (test_number (scores, "tuned", "r2"), >, 0);
  words = test_attunectl_good (self, "evaluate %P");
  g_assert_nonnull (strstr (words, "RMSE"));
  answer = test_attunectl_json (self, "chat %P --prompt cold --json");
  g_assert_cmpfloat (g_ascii_strtod (test_string (answer, "answer"), &end), >, -100);
  g_assert_cmpstr (end, ==, "");
}

/* To miss a complaint costs ten times as much. */
static void
test_costs (TestProject *self, gconstpointer data)
{
  g_autofree char *costs = g_build_filename (self->folder, "costs.csv", NULL), *plan = NULL,
                  *bad = NULL, *gone = NULL, *words = NULL;
  g_autoptr (JsonNode) scores = NULL;

  write_labelled (self->table);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  g_free (test_attunectl_good (self, "prepare %P"));
  bad = g_strdup_printf ("plan %%P --objective answers --label-costs %s", costs);
  test_attunectl_bad (self, bad, 1, "--objective labels");
  gone = g_strdup_printf ("plan %%P --objective labels --label-costs %s", costs);
  test_attunectl_bad (self, gone, 1, "There is no file");
  g_assert_true (g_file_set_contents (costs, "right,+,-\n+,0,1\n", -1, NULL));
  plan = g_strdup_printf ("plan %%P --objective labels --label-costs %s --learning-rate 0.02 "
                          "--max-steps 20",
                          costs);
  g_free (test_attunectl_good (self, plan));
  test_attunectl_bad (self, "tune %P", 1, "what it costs to say");
  g_assert_true (g_file_set_contents (costs, "right,+,-\n+,0,1\n-,10,0\n", -1, NULL));
  g_free (test_attunectl_good (self, "tune %P"));
  scores = test_attunectl_json (self, "evaluate %P --json");
  g_test_message ("costs %.3f of %.3f", test_number (scores, "tuned", "cost"),
                  test_number (scores, "base", "cost"));
  g_assert_cmpfloat (test_number (scores, "base", "cost"), >, 0);
  g_assert_cmpfloat (test_number (scores, "tuned", "cost"), <=,
                     test_number (scores, "base", "cost"));
  words = test_attunectl_good (self, "chat %P --prompt lovely");
  g_assert_nonnull (strstr (words, "; "));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/labels/whole-way", TestProject, NULL, test_project_set_up, test_whole_way,
              test_project_tear_down);
  g_test_add ("/labels/several", TestProject, NULL, test_project_set_up, test_several,
              test_project_tear_down);
  g_test_add ("/labels/numbers", TestProject, NULL, test_project_set_up, test_numbers,
              test_project_tear_down);
  g_test_add ("/labels/costs", TestProject, NULL, test_project_set_up, test_costs,
              test_project_tear_down);
  return g_test_run ();
}
