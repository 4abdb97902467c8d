/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels from the table to the prediction, as attunectl does it on a tiny model.
 */
#include "program.h"

/* Complaints and praise, four to one. */
static void
write_labelled (const char *path)
{
  static const char *const things[]
      = { "bed", "food", "nurse", "room", "tea", "door", "lamp", "soap", "form", "call" };
  static const char *const moods[][2] = { { "was bad", "complaint" },
                                          { "was late", "complaint" },
                                          { "was cold", "complaint" },
                                          { "was lost", "complaint" },
                                          { "was lovely", "praise" } };
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");

  for (guint i = 0; i < G_N_ELEMENTS (things); i++)
    for (guint j = 0; j < G_N_ELEMENTS (moods); j++)
      g_string_append_printf (table, "My %s %s.,Thank you for number %u.,%s\n", things[i],
                              moods[j][0], 5 * i + j, moods[j][1]);
  g_assert_true (g_file_set_contents (path, table->str, table->len, NULL));
}

static void
test_whole_way (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) tuned = NULL, scores = NULL, answer = NULL, exported = NULL;
  g_autofree char *events = NULL, *words = NULL, *path = NULL, *config = NULL, *names = NULL;
  JsonArray *labels;

  write_labelled (self->table);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  g_free (test_attunectl_good (self, "prepare %P"));
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
      json_object_get_string_member (json_array_get_object_element (labels, 1), "label"), ==,
      "praise");
  g_assert_cmpfloat (test_number (scores, "tuned", "macro_f1"), >=,
                     test_number (scores, "base", "macro_f1"));
  words = test_attunectl_good (self, "evaluate %P");
  g_assert_nonnull (strstr (words, "Macro F1"));

  answer = test_attunectl_json (self, "chat %P --prompt lovely --json");
  g_assert_nonnull (strstr (test_string (answer, "answer"), "complaint ("));
  g_assert_nonnull (strstr (test_string (answer, "answer"), "praise ("));

  test_attunectl_bad (self, "export %P --format gguf-q8_0", 1, "--format adapter");
  exported = test_attunectl_json (self, "export %P --format adapter --json");
  path = g_build_filename (self->project, "exports", "0001-adapter", "adapter_config.json", NULL);
  g_assert_true (g_file_get_contents (path, &config, NULL, NULL));
  g_assert_nonnull (strstr (config, "\"score\""));
  g_assert_nonnull (strstr (config, "SEQ_CLS"));
  g_free (path);
  path = g_build_filename (self->project, "exports", "0001-adapter", "labels.json", NULL);
  g_assert_true (g_file_get_contents (path, &names, NULL, NULL));
  g_assert_nonnull (strstr (names, "\"praise\""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/labels/whole-way", TestProject, NULL, test_project_set_up, test_whole_way,
              test_project_tear_down);
  return g_test_run ();
}
