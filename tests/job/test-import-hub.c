/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl import hf:OWNER/NAME: what a person reads before and after, and what is there then.
 */
#include "model/data-hub.h"
#include "program.h"

typedef struct
{
  TestProject project;
  Hub hub;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->project, NULL);
  hub_set_up (&f->hub, NULL);
  g_free (test_attunectl_good (&f->project, "new %P --model %M"));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  hub_tear_down (&f->hub, NULL);
  test_project_tear_down (&f->project, NULL);
}

static void
test_import (Fixture *f, gconstpointer data)
{
  TestProject *self = &f->project;
  g_autofree char *out = test_attunectl_good (self, "import %P hf:a/chats"), *test = NULL,
                  *prepared = NULL;
  const char *licence = strstr (out, "mit"), *size = strstr (out, "3 files of data");

  g_assert_nonnull (licence);
  g_assert_nonnull (size);
  g_assert_nonnull (strstr (out, "/datasets/a/chats"));
  g_assert_nonnull (strstr (out, "6000"));
  g_assert_nonnull (strstr (out, "Other tables")); /* the part for tests */
  test = test_attunectl_good (self, "import %P hf:a/chats --table test");
  prepared = test_attunectl_good (self, "prepare %P");
}

/* A data set that cannot be had leaves the one that is there as it is. */
static void
test_refused (Fixture *f, gconstpointer data)
{
  TestProject *self = &f->project;
  g_autofree char *path = g_build_filename (self->project, "dataset.h5", NULL), *before = NULL,
                  *after = NULL, *out = NULL;
  gsize n_before, n_after;

  g_free (test_attunectl_good (self, "import %P %T"));
  g_assert_true (g_file_get_contents (path, &before, &n_before, NULL));
  test_attunectl_bad (self, "import %P hf:a/several", 1, "It has: english, german, folder.");
  test_attunectl_bad (self, "import %P hf:a/gated", 1, "HF_TOKEN");
  test_attunectl_bad (self, "import %P hf:a/chats --gigabytes 0.0001", 1, "unless you allow it");
  f->hub.wrong_sum = TRUE;
  test_attunectl_bad (self, "import %P hf:a/chats", 1, "is not the file that was expected");
  f->hub.wrong_sum = FALSE;
  f->hub.break_after = 20000;
  test_attunectl_bad (self, "import %P hf:a/table", 1, "broke off");
  f->hub.break_after = 0;
  g_setenv ("HF_HUB_OFFLINE", "1", TRUE);
  test_attunectl_bad (self, "import %P hf:a/table", 1, "works offline");
  g_unsetenv ("HF_HUB_OFFLINE");
  g_assert_true (g_file_get_contents (path, &after, &n_after, NULL));
  g_assert_cmpmem (before, n_before, after, n_after);
  g_setenv ("HF_TOKEN", TOKEN, TRUE);
  out = test_attunectl_good (self, "import %P hf:a/gated");
  g_unsetenv ("HF_TOKEN");
  g_assert_nonnull (strstr (out, "Gated"));
}

#define ADD(name, function)                                                                        \
  g_test_add ("/attunectl/import-hub/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("import", test_import);
  ADD ("refused", test_refused);
  return g_test_run ();
}
