/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The disk fills up at the n-th write, for n = 1, 2, 3, … until all has been written: each time
 * there is one sentence, the earlier file is as it was, the unfinished one is gone, its space is
 * free and nothing stays open. HDF5 writes with pwrite(), which this program puts its own in front
 * of.
 */
#include "scratch-folder.h"
#include "store/store.h"

#include <errno.h>
#include <gmodule.h>
#include <hdf5.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define N_VALUES 20000

static int writes_left = -1; /* -1: the disk is large */
static int n_writes;
static dev_t disk;

/* Memory never fills up (it is where the store lets HDF5 finish); a file in the test's folder does.
 */
static ssize_t
write_or_fail (int fd, const void *bytes, size_t n, off_t offset)
{
  struct stat about;

  if (fstat (fd, &about) != 0 || about.st_dev != disk)
    return syscall (SYS_pwrite64, fd, bytes, n, offset);
  n_writes++;
  if (writes_left >= 0 && writes_left-- <= 0)
    {
      writes_left = 0; /* full it stays */
      errno = ENOSPC;
      return -1;
    }
  return syscall (SYS_pwrite64, fd, bytes, n, offset);
}

/* Under both names that a build of HDF5 may know it by. */
G_MODULE_EXPORT ssize_t write_small (int, const void *, size_t, off_t) __asm__ ("pwrite");
G_MODULE_EXPORT ssize_t write_large (int, const void *, size_t, off_t) __asm__ ("pwrite64");

ssize_t
write_small (int fd, const void *bytes, size_t n, off_t offset)
{
  return write_or_fail (fd, bytes, n, offset);
}

ssize_t
write_large (int fd, const void *bytes, size_t n, off_t offset)
{
  return write_or_fail (fd, bytes, n, offset);
}

static int
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  int n = 0;

  while (dir != NULL && g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* One of everything; stops at the first failure, as real code does. */
static gboolean
write_all (const char *path, gint32 first, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_create (path, "test", 1, error);
  g_autofree gint32 *values = g_new (gint32, N_VALUES);
  const gint64 dims[1] = { N_VALUES };
  const char *const texts[] = { "some", "words", "to be compressed" };

  for (int i = 0; i < N_VALUES; i++)
    values[i] = first + i;
  if (store == NULL || !attune_store_put (store, "whole", ATTUNE_STORE_I32, 1, dims, values, error))
    return FALSE;
  for (int i = 0; i < 4; i++)
    if (!attune_store_append (store, "grown", ATTUNE_STORE_I32, N_VALUES, values, error)
        || !attune_store_append_text (store, "words", G_N_ELEMENTS (texts), texts, error))
      return FALSE;
  return attune_store_set_string (store, "note", "done", error)
         && attune_store_set_int (store, "first", first, error)
         && attune_store_commit (store, error);
}

static void
check (const char *path, gint32 first)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, "test", 1, &error);
  g_autofree gint32 *values = g_new (gint32, 4 * N_VALUES);

  g_assert_no_error (error);
  g_assert_true (
      attune_store_get (store, "grown", ATTUNE_STORE_I32, 0, 4 * N_VALUES, values, &error));
  for (int i = 0; i < 4 * N_VALUES; i++)
    g_assert_cmpint (values[i], ==, first + i % N_VALUES);
  g_assert_cmpint (attune_store_count_text (store, "words", &error), ==, 12);
}

static void
test_full_disk (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5"),
                  *part = scratch_file (&folder, "a.h5.part");
  g_autoptr (GError) error = NULL;
  gboolean written = FALSE;
  struct stat about;
  int n_failed = 0, n_needed, n_descriptors;

  g_assert_cmpint (stat (folder.path, &about), ==, 0);
  disk = about.st_dev;
  n_writes = 0;
  g_assert_true (write_all (path, 5, &error));
  n_needed = n_writes;
  n_descriptors = count_descriptors ();
  for (int n = 0; !written; n++)
    {
      writes_left = n;
      written = write_all (path, 70, &error);
      writes_left = -1;
      if (!written)
        {
          g_assert_nonnull (error);
          g_test_message ("%d: %s", n, error->message);
          g_assert_nonnull (strstr (error->message, "a.h5"));
          g_assert_nonnull (strstr (error->message, "No space left on device"));
          g_clear_error (&error);
          check (path, 5);
          n_failed++;
        }
      g_assert_no_error (error);
      g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
      g_assert_cmpint (H5Fget_obj_count (H5F_OBJ_ALL, H5F_OBJ_ALL), ==, 0);
      g_assert_cmpint (count_descriptors (), ==, n_descriptors);
    }
  check (path, 70);
  g_assert_cmpint (n_needed, >, 10);
  g_assert_cmpint (n_failed, ==, n_needed); /* none of them may be missing, the last ones neither */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/full-disk", test_full_disk);
  return g_test_run ();
}
