/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrays that grow: short ones take no chunk's room, long ones are the same in whatever pieces they
 * came.
 */
#include "scratch-folder.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <hdf5.h>

#define KIND "test"
#define VERSION 3

static const char *const texts[] = { "What is MI?", "", NULL, "Größe ≥ 5 µm", "last" };

/* Columns of a few rows take the room of their values, not that of a chunk. */
static void
test_small (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, &error);
  const gint64 numbers[] = { 1, 2, 3 };
  gint64 read[6] = { 0 };
  GStatBuf about;

  for (int i = 0; i < 20; i++)
    {
      g_autofree char *name = g_strdup_printf ("column/%d", i);
      g_autofree char *words = g_strdup_printf ("words/%d", i);

      g_assert_true (attune_store_append (store, name, ATTUNE_STORE_I64, 3, numbers, &error));
      g_assert_true (attune_store_append_text (store, words, 5, texts, &error));
      g_assert_true (attune_store_append (store, name, ATTUNE_STORE_I64, 3, numbers, &error));
    }
  g_assert_true (attune_store_commit (store, &error));
  g_assert_no_error (error);
  g_clear_pointer (&store, attune_store_close);
  g_assert_cmpint (g_stat (path, &about), ==, 0);
  g_assert_cmpint (about.st_size, <, 200 * 1024); /* 93 KiB; as chunks 42 MiB */
  store = attune_store_open (path, KIND, VERSION, &error);
  g_assert_true (attune_store_get (store, "column/19", ATTUNE_STORE_I64, 0, 6, read, &error));
  g_assert_cmpint (read[5], ==, 3);
  g_assert_cmpint (attune_store_count_text (store, "words/19", &error), ==, 5);
  g_clear_pointer (&store, attune_store_close);
  g_assert_cmpint (H5Fget_obj_count (H5F_OBJ_ALL, H5F_OBJ_ALL), ==, 0);
}

#define LONG 300000 /* two chunks, and a part of one */

/* Across chunks, in pieces that fit none of them, and read while it grows. */
static void
test_long (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autofree char *path = scratch_file (&folder, "a.h5");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, &error);
  g_autofree gint32 *values = g_new (gint32, LONG), *read = g_new0 (gint32, LONG);
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  for (int i = 0; i < LONG; i++)
    values[i] = i * 7;
  for (int i = 0, n; i < LONG; i += n)
    {
      n = MIN (LONG - i, i == 0 ? 5 : i == 5 ? 140000 : 37037);
      g_assert_true (attune_store_append (store, "long", ATTUNE_STORE_I32, n, values + i, &error));
      g_assert_true (attune_store_has (store, "long"));
      if (i <= 5) /* before the first chunk is full, and after it */
        {
          g_assert_true (attune_store_shape (store, "long", &type, &n_dims, dims, &error));
          g_assert_cmpint (dims[0], ==, i + n);
          g_assert_true (attune_store_get (store, "long", ATTUNE_STORE_I32, 0, n, read, &error));
          g_assert_cmpmem (read, n * 4, values, n * 4);
        }
    }
  g_assert_true (attune_store_commit (store, &error));
  g_assert_no_error (error);
  g_clear_pointer (&store, attune_store_close);
  store = attune_store_open (path, KIND, VERSION, &error);
  g_assert_true (attune_store_get (store, "long", ATTUNE_STORE_I32, 0, LONG, read, &error));
  g_assert_cmpmem (read, LONG * 4, values, LONG * 4);
  g_assert_false (attune_store_get (store, "long", ATTUNE_STORE_I32, LONG, 1, read, NULL));
  g_clear_pointer (&store, attune_store_close);
  g_assert_cmpint (H5Fget_obj_count (H5F_OBJ_ALL, H5F_OBJ_ALL), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/append/small", test_small);
  g_test_add_func ("/store/append/long", test_long);
  return g_test_run ();
}
