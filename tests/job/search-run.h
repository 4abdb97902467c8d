/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The trials of a search and the files of their runs.
 */
#pragma once
#include "program.h"

#include <glib/gstdio.h>

static inline JsonObject *
get_trial (JsonNode *node, guint i)
{
  return json_array_get_object_element (
      json_object_get_array_member (json_node_get_object (node), "trials"), i);
}

static inline guint
count_trials (JsonNode *node)
{
  return json_array_get_length (
      json_object_get_array_member (json_node_get_object (node), "trials"));
}

static inline char *
find_file (TestProject *self, const char *run, const char *name)
{
  return g_build_filename (self->project, "runs", run, name, NULL);
}

static inline char *
read_file (TestProject *self, const char *run, const char *name)
{
  g_autofree char *path = find_file (self, run, name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static inline void
write_file (TestProject *self, const char *run, const char *name, const char *text)
{
  g_autofree char *path = find_file (self, run, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static inline void
remove_file (TestProject *self, const char *run, const char *name)
{
  g_autofree char *path = find_file (self, run, name);

  g_assert_cmpint (g_unlink (path), ==, 0);
}

/* Both have tried the same values, and come to the same losses. */
static inline void
check_same (JsonNode *one, JsonNode *two)
{
  g_assert_cmpuint (count_trials (one), ==, count_trials (two));
  for (guint i = 0; i < count_trials (one); i++)
    {
      JsonObject *a = get_trial (one, i), *b = get_trial (two, i);

      g_assert_true (json_node_equal (json_object_get_member (a, "values"),
                                      json_object_get_member (b, "values")));
      g_assert_cmpfloat (json_object_get_double_member (a, "loss"), ==,
                         json_object_get_double_member (b, "loss"));
    }
}

static inline void
check_same_rungs (JsonNode *one, JsonNode *two)
{
  for (guint i = 0; i < count_trials (one); i++)
    g_assert_cmpint (json_object_get_int_member (get_trial (one, i), "rungs"), ==,
                     json_object_get_int_member (get_trial (two, i), "rungs"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/job/search/" name, TestProject, NULL, test_project_set_up, function,               \
              test_project_tear_down)
