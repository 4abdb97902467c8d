/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Atomic replacement: what stands after success, after every kind of failure and after a crash at
 * the worst moment.
 */
#include "core/file.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  char *folder, *path, *temporary;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("attune-file-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "a file", NULL);
  fixture->temporary = g_strconcat (fixture->path, ".new", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_unlink (fixture->path);
  g_unlink (fixture->temporary);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0); /* nothing else was left behind */
  g_free (fixture->temporary);
  g_free (fixture->path);
  g_free (fixture->folder);
}

static void
assert_content (const char *path, const char *expected, gsize length)
{
  g_autofree char *found = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &found, &n, NULL));
  g_assert_cmpmem (found, n, expected, length);
}

static void
test_write (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_file_write (fixture->path, "first", -1, &error));
  g_assert_no_error (error);
  assert_content (fixture->path, "first", 5);
  g_assert_true (attune_file_write (fixture->path, "sec\0nd", 6, &error));
  assert_content (fixture->path, "sec\0nd", 6);
  g_assert_true (attune_file_write_unsynced (fixture->path, "third", &error));
  g_assert_no_error (error);
  assert_content (fixture->path, "third", 5);
  g_assert_true (attune_file_write (fixture->path, "", -1, &error));
  assert_content (fixture->path, "", 0);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));
}

static gboolean
write_half_and_fail (const char *path, gpointer data, GError **error)
{
  g_assert_true (g_file_set_contents (path, "hal", 3, NULL));
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "no room");
  return FALSE;
}

static gboolean
write_well (const char *path, gpointer data, GError **error)
{
  return g_file_set_contents (path, "new", 3, error);
}

static gboolean
refuse (const char *path, gpointer data, GError **error)
{
  int *asked = data;

  assert_content (path, "new", 3);
  (*asked)++;
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not what was written");
  return FALSE;
}

static void
test_failures_keep_the_old (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int asked = 0;

  g_assert_true (attune_file_write (fixture->path, "old", -1, NULL));

  g_assert_false (attune_file_replace (fixture->path, write_half_and_fail, NULL, NULL, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
  g_clear_error (&error);
  assert_content (fixture->path, "old", 3);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));

  g_assert_false (attune_file_replace (fixture->path, write_well, refuse, &asked, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL);
  g_assert_cmpint (asked, ==, 1);
  assert_content (fixture->path, "old", 3);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));
}

static void
test_missing_folder (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "none", "a", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_file_write (path, "x", -1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, path)); /* the real name, not the one beside it */
  g_assert_null (strstr (error->message, ".new"));
  g_clear_error (&error);
  g_assert_false (attune_file_write_unsynced (path, "x", &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  g_assert_nonnull (strstr (error->message, path));
}

/* A folder in the way cannot be replaced by a file; the new content must not be left lying about.
 */
static void
test_target_is_folder (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (attune_file_write (fixture->path, "x", -1, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_ISDIR);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));
  g_assert_cmpint (g_rmdir (fixture->path), ==, 0);
}

/* A limit on file size stands in for a full disk: the write ends short in the middle. */
static void
test_full_disk (Fixture *fixture, gconstpointer data)
{
  int status;
  pid_t child;

  g_assert_true (attune_file_write (fixture->path, "old", -1, NULL));
  child = fork ();
  if (child == 0)
    {
      const struct rlimit limit = { 4096, 4096 };
      g_autofree char *much = g_strnfill (10000, 'x');
      g_autoptr (GError) error = NULL;

      signal (SIGXFSZ, SIG_IGN);
      setrlimit (RLIMIT_FSIZE, &limit);
      if (attune_file_write (fixture->path, much, -1, &error))
        _exit (1);
      _exit (strstr (error->message, "a file") != NULL
                     && strstr (error->message, g_strerror (EFBIG))
                 ? 0
                 : 2);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  assert_content (fixture->path, "old", 3);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));
}

static gboolean
die_midway (const char *path, gpointer data, GError **error)
{
  g_assert_true (g_file_set_contents (path, "hal", 3, NULL));
  raise (SIGKILL);
  return FALSE;
}

static void
test_crash (Fixture *fixture, gconstpointer data)
{
  pid_t child;
  int status;

  g_assert_true (attune_file_write (fixture->path, "old", -1, NULL));
  child = fork ();
  if (child == 0)
    {
      attune_file_replace (fixture->path, die_midway, NULL, NULL, NULL);
      _exit (1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  assert_content (fixture->path, "old", 3);
  /* What the crash left is overwritten, not heaped up. */
  g_assert_true (attune_file_write (fixture->path, "next", -1, NULL));
  assert_content (fixture->path, "next", 4);
  g_assert_false (g_file_test (fixture->temporary, G_FILE_TEST_EXISTS));
}

/* Nothing that is there is overwritten. */
static void
test_set_aside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = g_strconcat (fixture->path, ".unreadable-1", NULL);
  g_autofree char *second = g_strconcat (fixture->path, ".unreadable-2", NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 1; i <= 2; i++)
    {
      g_autofree char *aside = NULL;

      g_assert_true (g_file_set_contents (fixture->path, i == 1 ? "one" : "two", 3, NULL));
      aside = attune_file_set_aside (fixture->path, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (aside, ==, i == 1 ? first : second);
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
    }
  assert_content (first, "one", 3);
  assert_content (second, "two", 3);
  g_unlink (first);
  g_unlink (second);
  g_assert_null (attune_file_set_aside (fixture->path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/file/write", test_write);
  ADD ("/file/failures-keep-the-old", test_failures_keep_the_old);
  ADD ("/file/missing-folder", test_missing_folder);
  ADD ("/file/target-is-folder", test_target_is_folder);
  ADD ("/file/full-disk", test_full_disk);
  ADD ("/file/set-aside", test_set_aside);
  ADD ("/file/crash", test_crash);
  return g_test_run ();
}
