/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Arrays that grow: short ones take no chunk's room, long ones are the same in whatever pieces they
 * came.
 */
#include "scratch-folder.h"
#include "store/store.h"

#include <glib/gstdio.h>
#include <hdf5.h>
#include <string.h>

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

#define N_TEXTS 40000 /* of 60 bytes on average: 19 chunks, and a part of one */

/* Texts that take more than one round of compressing, in a file called @name; read back while they
 * grow where @peeks says so. */
static GBytes *
write_texts (ScratchFolder *folder, const char *name, AttunePool *pool, gboolean peeks)
{
  g_autofree char *path = scratch_file (folder, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_create (path, KIND, VERSION, &error);
  char *bytes;
  gsize n;

  attune_store_set_pool (store, pool);
  for (int i = 0; i < N_TEXTS; i += 1000)
    {
      g_autoptr (GPtrArray) block = g_ptr_array_new_with_free_func (g_free);

      for (int j = i; j < i + 1000; j++)
        g_ptr_array_add (block, g_strdup_printf ("%d%*s%d", j, j % 97, "", j * 7919));
      g_assert_true (attune_store_append_text (store, "words", 1000,
                                               (const char *const *) block->pdata, &error));
      if (peeks && i % 7000 == 0)
        {
          g_auto (GStrv) back = attune_store_get_text (store, "words", i, 1, &error);

          g_assert_no_error (error);
          g_assert_cmpstr (back[0], ==, block->pdata[0]);
        }
    }
  g_assert_true (attune_store_commit (store, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  return g_bytes_new_take (bytes, n);
}

static void
check_texts (ScratchFolder *folder, const char *name)
{
  g_autofree char *path = scratch_file (folder, name);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, VERSION, &error);
  g_auto (GStrv) back = attune_store_get_text (store, "words", 0, N_TEXTS, &error);
  gint64 sizes[2] = { 1, 1 };

  g_assert_no_error (error);
  for (int i = 0; i < N_TEXTS; i++)
    {
      g_autofree char *expected = g_strdup_printf ("%d%*s%d", i, i % 97, "", i * 7919);

      g_assert_cmpstr (back[i], ==, expected);
    }
  g_assert_true (attune_store_measure_text (store, "words", 5, 2, sizes, &error));
  g_assert_cmpint (sizes[0], ==, 1 + (gint64) strlen (back[5]));
  g_assert_cmpint (sizes[1], ==, 1 + (gint64) strlen (back[6]));
  g_assert_false (attune_store_measure_text (store, "words", N_TEXTS, 1, sizes, NULL));
}

/* Whoever compresses, the file is the same to the byte. */
static void
test_packed (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autoptr (AttunePool) three = attune_pool_new (3);
  g_autoptr (GBytes) alone = write_texts (&folder, "a.h5", NULL, FALSE);
  g_autoptr (GBytes) together = (g_usleep (1100000), /* the time is no part of it */
                                 write_texts (&folder, "b.h5", three, FALSE));
  g_autoptr (GBytes) peeked = write_texts (&folder, "c.h5", three, TRUE);

  g_assert_true (g_bytes_equal (alone, together));
  g_assert_cmpuint (g_bytes_get_size (alone), <, 1500000); /* of 2.5 MB */
  check_texts (&folder, "a.h5");
  check_texts (&folder, "c.h5");
}

/* Columns go over as they lie there. */
static void
test_copy (void)
{
  g_auto (ScratchFolder) folder = scratch_folder ();
  g_autoptr (GBytes) bytes = write_texts (&folder, "a.h5", NULL, FALSE);
  g_autofree char *a = scratch_file (&folder, "a.h5"), *b = scratch_file (&folder, "b.h5");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneStore) from = attune_store_open (a, KIND, VERSION, &error);
  g_autoptr (AttuneStore) to = attune_store_create (b, KIND, VERSION, &error);
  GStatBuf about;

  g_assert_true (attune_store_copy_text (to, from, "words", &error));
  g_assert_false (attune_store_copy (to, from, "nothing", &error));
  g_assert_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA);
  g_clear_error (&error);
  g_assert_true (attune_store_commit (to, &error));
  g_assert_no_error (error);
  check_texts (&folder, "b.h5");
  g_assert_cmpint (g_stat (b, &about), ==, 0);
  g_assert_cmpint (ABS (about.st_size - (gint64) g_bytes_get_size (bytes)), <, 16384);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/append/small", test_small);
  g_test_add_func ("/store/append/long", test_long);
  g_test_add_func ("/store/append/packed", test_packed);
  g_test_add_func ("/store/append/copy", test_copy);
  return g_test_run ();
}
