/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl model guide, for people and for programs.
 */
#include "program.h"

static JsonObject *
get_model (JsonNode *answer, guint i)
{
  JsonArray *models = json_object_get_array_member (json_node_get_object (answer), "models");

  g_assert_cmpuint (json_array_get_length (models), >, i);
  return json_array_get_object_element (models, i);
}

static void
test_json (TestProject *self, gconstpointer data)
{
  g_autoptr (JsonNode) small = NULL, large = NULL;
  JsonObject *first, *methods;

  small
      = test_attunectl_json (self, "model guide --answers long --memory-limit 4 --hours 0 --json");
  first = get_model (small, 0);
  methods = json_object_get_object_member (first, "tune_bytes");
  g_assert_true (json_object_get_boolean_member (first, "fits"));
  g_assert_true (json_object_get_boolean_member (first, "suits"));
  g_assert_cmpint (json_object_get_int_member (methods, "lora"), <=, 4000000000);
  g_assert_cmpint (json_object_get_int_member (methods, "full"), >,
                   json_object_get_int_member (methods, "lora"));
  g_assert_cmpint (json_object_get_int_member (first, "run_bytes"), >, 0);
  g_assert_cmpint (test_number (small, NULL, "available_bytes"), ==, 4000000000);

  large = test_attunectl_json (
      self, "model guide --answers long --memory-limit 100 --hours 0 --language de --json");
  g_assert_cmpint (json_object_get_int_member (get_model (large, 0), "parameters"), >,
                   json_object_get_int_member (first, "parameters"));
  g_assert_true (json_object_get_boolean_member (get_model (large, 0), "speaks"));
  g_assert_nonnull (get_model (large, 39));
}

static void
test_text (TestProject *self, gconstpointer data)
{
  g_autofree char *text = test_attunectl_good (self, "model guide --answers labels --hours 1"),
                  *all = test_attunectl_good (self, "model guide --hours 0 --all");

  g_assert_nonnull (strstr (text, "Memory to tune"));
  g_assert_nonnull (strstr (text, "Licence"));
  g_assert_nonnull (strstr (text, " to fetch"));
  g_assert_nonnull (strstr (text, "more with --all"));
  g_assert_null (strstr (all, "more with --all"));
  g_assert_nonnull (strstr (all, "Falcon 40B"));
  test_attunectl_bad (self, "model guide --answers poems", 2, "short, long or labels");
  test_attunectl_bad (self, "model guide folder", 2, "too much");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/job/model-guide/json", TestProject, NULL, test_project_set_up, test_json,
              test_project_tear_down);
  g_test_add ("/job/model-guide/text", TestProject, NULL, test_project_set_up, test_text,
              test_project_tear_down);
  return g_test_run ();
}
