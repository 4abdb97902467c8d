/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl data: single records are found, left out, edited and brought back.
 */
#include "program.h"

#include <glib/gstdio.h>

static void
set_up (TestProject *self, gconstpointer data)
{
  test_project_set_up (self, NULL);
  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
}

/* The first record that a command tells of. Borrowed from @answer. */
static JsonObject *
first (JsonNode *answer)
{
  return json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (answer), "records"), 0);
}

static void
assert_told (TestProject *self, const char *line, const char *member, const char *expected)
{
  g_autoptr (JsonNode) answer = test_attunectl_json (self, line);

  g_assert_cmpstr (attune_json_get_string (first (answer), member), ==, expected);
}

static gint64
count_by_hand (TestProject *self, const char *member)
{
  g_autoptr (JsonNode) report = test_attunectl_json (self, "prepare %P --json");

  return attune_json_get_int (attune_json_get_object (json_node_get_object (report), "by_hand"),
                              member);
}

static void
test_changes (TestProject *self, gconstpointer data)
{
  g_autofree char *out = NULL, *some = NULL;

  assert_told (self, "data list %P cardiitis --json", "used_for", "not prepared");
  assert_told (self, "data exclude %P 2 3 --json", "now", "left out");
  assert_told (self, "data edit %P 4 --answer stiffness --json", "now", "edited");
  g_assert_cmpint (count_by_hand (self, "excluded"), ==, 2);
  g_assert_cmpint (count_by_hand (self, "edited"), ==, 1);
  assert_told (self, "data list %P cardialgia --json", "reason", "You have left it out.");
  assert_told (self, "data list %P stiffness --json", "answer", "stiffness");
  out = test_attunectl_good (self, "data list %P stiffness");
  g_assert_nonnull (strstr (out, "edited by hand"));
  some = test_attunectl_good (self, "data list %P --limit 3");
  g_assert_nonnull (strstr (some, "57 more"));

  assert_told (self, "data include %P 2 3 --json", "now", "as imported");
  assert_told (self, "data exclude %P 4 --json", "now", "left out");
  assert_told (self, "data include %P 4 --json", "now", "edited"); /* the text was not lost */
  assert_told (self, "data edit %P 4 --original --json", "now", "as imported");
  g_assert_cmpint (count_by_hand (self, "edited"), ==, 0);
}

static void
test_refused (TestProject *self, gconstpointer data)
{
  g_autofree char *changes = g_build_filename (self->project, "dataset.changes.json", NULL);

  test_attunectl_bad (self, "data wash %P", 2, "list, exclude, include, edit");
  test_attunectl_bad (self, "data exclude %P", 2, "Which record");
  test_attunectl_bad (self, "data edit %P 4", 2, "Which text");
  test_attunectl_bad (self, "data exclude %P 0", 1, "from 1 to 60");
  test_attunectl_bad (self, "data exclude %P 61", 1, "from 1 to 60");
  test_attunectl_bad (self, "data exclude %P first", 1, "from 1 to 60");
  g_assert_true (g_file_set_contents (changes, "{", -1, NULL));
  test_attunectl_bad (self, "data exclude %P 4", 1, "damaged");
  test_attunectl_bad (self, "prepare %P", 1, "damaged");
  g_assert_cmpint (g_remove (changes), ==, 0);
  g_assert_cmpint (g_mkdir (changes, 0700), ==, 0);
  test_attunectl_bad (self, "data exclude %P 4", 1, "dataset.changes.json");
  g_assert_cmpint (g_rmdir (changes), ==, 0);
}

/* Whoever tells how much is learned from tells the same, balanced or not. */
static void
test_balanced (TestProject *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "labels.csv", NULL);
  g_autoptr (GString) table = g_string_new ("question,answer,label\n");
  g_autofree char *report = NULL, *shown = NULL;

  for (int i = 0; i < 40; i++) /* beside the 60 of the table, which have none */
    g_string_append_printf (table, "What is number %d?,It is %d.,%s\n", i, i,
                            i < 30 ? "many" : "few");
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  g_free (self->table);
  self->table = g_steal_pointer (&path);
  g_free (test_attunectl_good (self, "import %P %T"));
  report = test_attunectl_good (
      self, "prepare %P --balance repeat-rare --validation-share 0 --test-share 0");
  g_assert_nonnull (strstr (report, "To learn from                        120\n"
                                    "    samples of 100 records, as the labels are balanced\n"));
  shown = test_attunectl_good (self, "show %P");
  g_assert_nonnull (strstr (shown, "120 samples to learn from"));
  g_assert_nonnull (strstr (shown, "samples of 100 records, as the labels are balanced"));
  g_free (shown);
  g_free (test_attunectl_good (self, "prepare %P --balance as-they-are"));
  shown = test_attunectl_good (self, "show %P");
  g_assert_null (strstr (shown, "balanced"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/attunectl/data/" name, TestProject, NULL, set_up, function, test_project_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("changes", test_changes);
  ADD ("refused", test_refused);
  ADD ("balanced", test_balanced);
  return g_test_run ();
}
