/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * safetensors written and read back, and files that are damaged or hostile.
 */
#include "model/safetensors.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A file with the header @json and @n_data bytes 0, 1, 2 … after it. */
static AttuneSafetensors *
open_file (const char *json, guint n_data, GError **error)
{
  const guint64 length = strlen (json);
  const gsize size = sizeof length + length + n_data;
  guint8 *copy = g_malloc (size); /* exactly as long: ASan sees one byte too far */
  g_autoptr (GBytes) bytes = g_bytes_new_take (copy, size);

  memcpy (copy, &length, sizeof length);
  memcpy (copy + sizeof length, json, length);
  for (guint i = 0; i < n_data; i++)
    copy[sizeof length + length + i] = (guint8) i;
  return attune_safetensors_open_bytes (bytes, "dir/t.safetensors", error);
}

#define TENSOR(name, type, shape, begin, end)                                                      \
  "\"" name "\":{\"dtype\":\"" type "\",\"shape\":[" shape "],\"data_offsets\":[" #begin "," #end  \
  "]}"

static void
test_read (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSafetensors) file = open_file (
      "{\"__metadata__\":{\"format\":\"pt\"}," TENSOR ("b", "F32", "2,3", 10, 34) "," TENSOR (
          "a", "BF16", "5", 0, 10) "," TENSOR ("ids", "I64", "1", 34,
                                               42) "," TENSOR ("one", "F16", "", 42,
                                                               44) "," TENSOR ("none", "F32", "0,4",
                                                                               44, 44) "}",
      44, &error);
  const AttuneTensor *t;

  g_assert_no_error (error);
  g_assert_cmpuint (attune_safetensors_n_tensors (file), ==, 4); /* not the list of integers */
  g_assert_null (attune_safetensors_find_tensor (file, "ids"));
  t = attune_safetensors_find_tensor (file, "b");
  g_assert_cmpint (t->n_dims, ==, 2);
  g_assert_cmpint (t->dims[1], ==, 3);
  g_assert_cmpint (t->type, ==, ATTUNE_TYPE_F32);
  g_assert_cmpuint ((guintptr) t->data % 4, ==, 0); /* though the file does not align it */
  g_assert_cmpuint (*(const guint8 *) t->data, ==, 10);
  g_assert_cmpuint (*(const guint8 *) attune_safetensors_find_tensor (file, "one")->data, ==, 42);
  g_assert_cmpint (attune_tensor_count (attune_safetensors_find_tensor (file, "one")), ==, 1);
  g_assert_cmpint (attune_tensor_count (attune_safetensors_find_tensor (file, "none")), ==, 0);
  g_assert_cmpstr (attune_safetensors_tensor_name (file, 0), ==, "b");
}

static const struct
{
  const char *json;
  guint n_data;
  AttuneModelError code;
  const char *words;
} hostile[] = {
  { "{" TENSOR ("a", "F32", "2", 0, 8) "}", 7, ATTUNE_MODEL_ERROR_FORMAT, "cut off" },
  { "{" TENSOR ("a", "F32", "2", 0, 8) "}", 9, ATTUNE_MODEL_ERROR_FORMAT, "after its last" },
  { "{" TENSOR ("a", "F32", "2", 1, 9) "}", 9, ATTUNE_MODEL_ERROR_FORMAT, "gap" },
  { "{" TENSOR ("a", "F32", "2", 0, 4) "}", 8, ATTUNE_MODEL_ERROR_FORMAT, "size of its shape" },
  { "{" TENSOR ("a", "F32", "2", 8, 0) "}", 8, ATTUNE_MODEL_ERROR_FORMAT, "size of its shape" },
  { "{" TENSOR ("a", "F32", "2", -8, 0) "}", 8, ATTUNE_MODEL_ERROR_FORMAT, "size of its shape" },
  { "{" TENSOR ("a", "F32", "-2", 0, 8) "}", 8, ATTUNE_MODEL_ERROR_FORMAT, "impossible" },
  { "{" TENSOR ("a", "F32", "2.0", 0, 8) "}", 8, ATTUNE_MODEL_ERROR_FORMAT, "impossible" },
  { "{" TENSOR ("a", "F32", "4294967296,4294967296", 0, 8) "}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "impossible" },
  { "{" TENSOR ("a", "F32", "99999999999999999999999999", 0, 8) "}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "" },
  { "{" TENSOR ("a", "F32", "4611686018427387904,4", 0, 0) "}", 0, ATTUNE_MODEL_ERROR_FORMAT,
    "impossible" },
  { "{" TENSOR ("a", "F32", "2", 0, 8) "," TENSOR ("b", "F32", "2", 4, 12) "}", 12,
    ATTUNE_MODEL_ERROR_FORMAT, "overlaps" },
  { "{" TENSOR ("a", "F32", "2", 0, 8) "," TENSOR ("a", "F32", "2", 0, 8) "}", 8,
    ATTUNE_MODEL_ERROR_FORMAT, "twice" },
  { "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}", 4,
    ATTUNE_MODEL_ERROR_FORMAT, "twice" },
  { "{" TENSOR ("a", "Q9", "2", 0, 8) "}", 8, ATTUNE_MODEL_ERROR_UNSUPPORTED, "Q9" },
  { "{\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, ATTUNE_MODEL_ERROR_FORMAT, "no type" },
  { "{\"a\":{\"dtype\":4,\"shape\":[2],\"data_offsets\":[0,8]}}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "no type" },
  { "{\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "no shape" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "no place" },
  { "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}", 8, ATTUNE_MODEL_ERROR_FORMAT,
    "no shape" },
  { "{\"a\":7}", 0, ATTUNE_MODEL_ERROR_FORMAT, "not described" },
  { "{\"a\":", 0, ATTUNE_MODEL_ERROR_FORMAT, "header" },
  { "[1,2]", 0, ATTUNE_MODEL_ERROR_FORMAT, "header" },
  { "  ", 0, ATTUNE_MODEL_ERROR_FORMAT, "header" },
  { "{\"\xff\":{}}", 0, ATTUNE_MODEL_ERROR_FORMAT, "header" },
};

static void
test_hostile (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneSafetensors) file = open_file (hostile[i].json, hostile[i].n_data, &error);

      if (file != NULL)
        g_error ("not refused: %s", hostile[i].json);
      if (!g_error_matches (error, ATTUNE_MODEL_ERROR, (int) hostile[i].code)
          || strstr (error->message, hostile[i].words) == NULL
          || !g_str_has_prefix (error->message, "“t.safetensors” "))
        g_error ("%s: “%s” does not say “%s”", hostile[i].json, error->message, hostile[i].words);
    }
}

/* A header of lists in lists must not exhaust the stack. */
static void
test_deep (void)
{
  g_autoptr (GString) json = g_string_new ("{\"a\":");
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 500000; i++)
    g_string_append_c (json, '[');
  g_assert_null (open_file (json->str, 0, &error));
  g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
}

static gboolean
fill (gpointer data, const char *name, void *bytes, GError **error)
{
  const AttuneSafetensorsEntry *entries = data;

  for (; !g_str_equal (entries->name, name); entries++)
    ;
  memset (bytes, name[0], (gsize) attune_tensor_bytes (&entries->shape));
  return TRUE;
}

static AttuneSafetensorsEntry entries[] = {
  { (char *) "half", { NULL, 1, { 3 }, ATTUNE_TYPE_F16 } },
  { (char *) "quo\"ted\\\n", { NULL, 2, { 2, 5 }, ATTUNE_TYPE_F32 } },
  { (char *) "brain", { NULL, 2, { 7, 1 }, ATTUNE_TYPE_BF16 } },
  { (char *) "single", { NULL, 1, { 1 }, ATTUNE_TYPE_F32 } },
};

static void
test_write (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-safetensors-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "t.safetensors", NULL);
  g_autofree char *content = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSafetensors) file = NULL;
  gsize size;

  g_assert_true (
      attune_safetensors_write (path, entries, G_N_ELEMENTS (entries), fill, entries, &error));
  g_assert_no_error (error);
  file = attune_safetensors_open (path, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (attune_safetensors_n_tensors (file), ==, G_N_ELEMENTS (entries));
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      const AttuneTensor *t = attune_safetensors_find_tensor (file, entries[i].name);

      g_assert_nonnull (t);
      g_assert_cmpint (t->type, ==, entries[i].shape.type);
      g_assert_cmpmem (t->dims, t->n_dims * sizeof *t->dims, entries[i].shape.dims,
                       entries[i].shape.n_dims * sizeof *t->dims);
      for (gint64 k = 0; k < attune_tensor_bytes (t); k++)
        g_assert_cmpint (((const char *) t->data)[k], ==, entries[i].name[0]);
    }
  g_file_get_contents (path, &content, &size, &error);
  g_assert_true (g_str_has_prefix (content + 8, "{\"__metadata__\":{\"format\":\"pt\"},"));

  for (gsize length = 0; length < size; length++) /* cut off anywhere */
    {
      g_autofree char *copy = g_memdup2 (content, length);
      g_autoptr (GBytes) bytes = g_bytes_new_static (copy, length);
      g_autoptr (GError) reason = NULL;

      g_assert_null (attune_safetensors_open_bytes (bytes, "cut", &reason));
      g_assert_error (reason, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
    }
  for (gsize i = 0; i < size * 8; i++) /* any bit turned: no crash */
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (content, size);
      g_autoptr (AttuneSafetensors) other = NULL;

      content[i / 8] ^= (char) (1 << i % 8);
      other = attune_safetensors_open_bytes (bytes, "flipped", NULL);
      content[i / 8] ^= (char) (1 << i % 8);
    }
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_write_errors (void)
{
  g_autoptr (GError) first = NULL, second = NULL;

  g_assert_false (attune_safetensors_write ("/nonexistent/t", entries, 1, fill, entries, &first));
  g_assert_error (first, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  if (access ("/dev/full", W_OK) == 0)
    {
      g_assert_false (attune_safetensors_write ("/dev/full", entries, 1, fill, entries, &second));
      g_assert_error (second, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/safetensors/read", test_read);
  g_test_add_func ("/model/safetensors/hostile", test_hostile);
  g_test_add_func ("/model/safetensors/deep", test_deep);
  g_test_add_func ("/model/safetensors/write", test_write);
  g_test_add_func ("/model/safetensors/write-errors", test_write_errors);
  return g_test_run ();
}
