/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The GGUF reader on a good file, on every way of damaging it, and against what the writer wrote.
 */
#include "head.h"

#include <glib/gstdio.h>
#include <unistd.h>

static char *
tiny_path (void)
{
  return g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
}

/* tests/golden/tiny-llama.gguf and how many of its bytes are not yet tensors. */
static char *
tiny_bytes (gsize *size, gsize *head)
{
  g_autofree char *path = tiny_path ();
  g_autoptr (AttuneGguf) gguf = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  char *content;

  g_file_get_contents (path, &content, size, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new_static (content, *size);
  gguf = attune_gguf_open_bytes (bytes, path, &error);
  g_assert_no_error (error);
  *head = (gsize) ((const char *) attune_gguf_find_tensor (gguf, "token_embd.weight")->data
                   - content);
  return content;
}

static void
test_read (void)
{
  g_autofree char *path = tiny_path ();
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = attune_gguf_open (path, &error);
  const AttuneTensor *t;
  const char *const *tokens;
  const gint32 *kinds;
  guint64 number = 0;
  double real = 0;
  gboolean flag = TRUE;
  guint n = 0;

  g_assert_no_error (error);
  g_assert_cmpuint (attune_gguf_n_tensors (gguf), ==, 20);
  t = attune_gguf_find_tensor (gguf, "blk.1.ffn_down.weight");
  g_assert_nonnull (t);
  g_assert_cmpint (t->n_dims, ==, 2);
  g_assert_cmpint (t->dims[0], ==, 64);
  g_assert_cmpint (t->dims[1], ==, 160);
  g_assert_cmpint (t->type, ==, ATTUNE_TYPE_Q8_0);
  g_assert_null (attune_gguf_find_tensor (gguf, "blk.2.ffn_down.weight"));

  g_assert_true (attune_gguf_get_uint (gguf, "llama.embedding_length", &number));
  g_assert_cmpuint (number, ==, 64);
  g_assert_true (attune_gguf_get_double (gguf, "llama.rope.freq_base", &real));
  g_assert_cmpfloat (real, ==, 100000);
  g_assert_true (attune_gguf_get_bool (gguf, "tokenizer.ggml.add_bos_token", &flag));
  g_assert_false (flag);
  g_assert_cmpstr (attune_gguf_get_string (gguf, "general.architecture"), ==, "llama");
  tokens = attune_gguf_get_strings (gguf, "tokenizer.ggml.tokens", &n);
  g_assert_cmpuint (n, ==, 576);
  g_assert_cmpstr (tokens[2], ==, "<|im_end|>");
  g_assert_null (tokens[576]);
  kinds = attune_gguf_get_ints (gguf, "tokenizer.ggml.token_type", &n);
  g_assert_cmpuint (n, ==, 576);
  g_assert_cmpint (kinds[16], ==, 3);
  g_assert_cmpint (kinds[17], ==, 1);

  /* missing, or of another type */
  g_assert_false (attune_gguf_get_uint (gguf, "no.such.key", &number));
  g_assert_false (attune_gguf_get_uint (gguf, "general.architecture", &number));
  g_assert_false (attune_gguf_get_double (gguf, "llama.embedding_length", &real));
  g_assert_false (attune_gguf_get_bool (gguf, "llama.embedding_length", &flag));
  g_assert_null (attune_gguf_get_string (gguf, "tokenizer.ggml.tokens"));
  g_assert_null (attune_gguf_get_strings (gguf, "tokenizer.ggml.token_type", &n));
  g_assert_null (attune_gguf_get_ints (gguf, "tokenizer.ggml.tokens", &n));
  g_assert_null (attune_gguf_get_floats (gguf, "tokenizer.ggml.token_type", &n));
}

/* Every length of the head and many of the data: an error that names the file, never a file that
 * half works. */
static void
test_truncated (void)
{
  gsize size, head;
  g_autofree char *content = tiny_bytes (&size, &head);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  g_assert_cmpuint (head, >, 15000);
  for (gsize length = 0; length < size;
       length += length < head + 70 ? 1 : (gsize) g_rand_int_range (rand, 1, 2000))
    {
      g_autofree char *copy
          = g_memdup2 (content, length); /* exactly as long: ASan sees one byte too far */
      g_autoptr (GBytes) bytes = g_bytes_new_static (copy, length);
      g_autoptr (GError) error = NULL;
      g_autoptr (AttuneGguf) gguf = attune_gguf_open_bytes (bytes, "/x/y/cut.gguf", &error);

      if (gguf != NULL)
        g_error ("opened with %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " bytes", length, size);
      g_assert_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT);
      g_assert_true (g_str_has_prefix (error->message, "“cut.gguf” "));
    }
}

/* Any byte of the head with any bit turned: whatever opens must be whole. */
static void
test_flipped (void)
{
  gsize size, head;
  g_autofree char *content = tiny_bytes (&size, &head);
  guint opened = 0, refused = 0;

  for (gsize i = 0; i < head; i++)
    for (int bit = (int) (i % 3); bit < 8; bit += 3)
      {
        g_autoptr (GBytes) bytes = g_bytes_new_static (content, size);
        g_autoptr (GError) error = NULL;
        g_autoptr (AttuneGguf) gguf = NULL;

        content[i] ^= (char) (1 << bit);
        gguf = attune_gguf_open_bytes (bytes, "flipped.gguf", &error);
        content[i] ^= (char) (1 << bit);
        g_assert_true ((gguf == NULL) == (error != NULL));
        if (gguf == NULL)
          {
            refused++;
            continue;
          }
        opened++;
        for (guint k = 0; k < attune_gguf_n_tensors (gguf); k++)
          {
            const AttuneTensor *t
                = attune_gguf_find_tensor (gguf, attune_gguf_tensor_name (gguf, k));

            g_assert_true ((char *) t->data >= content + head - 4096);
            g_assert_cmpint (attune_tensor_bytes (t), <=, content + size - (char *) t->data);
          }
      }
  g_assert_cmpuint (opened, >, 0);  /* a letter of a token */
  g_assert_cmpuint (refused, >, 0); /* a length */
}

/* Takes @b. It must be refused with @code and a sentence that has @words in it. */
static void
assert_refused (GByteArray *b, AttuneModelError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = head_open (b, &error);

  if (gguf != NULL)
    g_error ("not refused: %s", words);
  g_assert_error (error, ATTUNE_MODEL_ERROR, (int) code);
  if (strstr (error->message, words) == NULL || !g_str_has_prefix (error->message, "“t.gguf” "))
    g_error ("“%s” does not say “%s”", error->message, words);
}

#define FORMAT ATTUNE_MODEL_ERROR_FORMAT
#define UNSUPPORTED ATTUNE_MODEL_ERROR_UNSUPPORTED

static void
test_hostile_start (void)
{
  GByteArray *b = g_byte_array_new ();

  assert_refused (b, FORMAT, "is empty");
  b = head_new (3, 0, 0);
  b->data[0] = 'P';
  assert_refused (b, FORMAT, "is not a GGUF");
  b = head_new (3, 0, 0);
  memcpy (b->data, "FUGG", 4);
  assert_refused (b, UNSUPPORTED, "big-endian");
  assert_refused (head_new (GUINT32_SWAP_LE_BE (3), 0, 0), UNSUPPORTED, "big-endian");
  assert_refused (head_new (1, 0, 0), UNSUPPORTED, "version 1");
  assert_refused (head_new (4, 0, 0), UNSUPPORTED, "version 4");
  assert_refused (head_new (3, G_MAXUINT64, 0), FORMAT, "too short");
  assert_refused (head_new (3, 0, G_MAXUINT64), FORMAT, "too short");
  assert_refused (head_new (3, (guint64) 1 << 32, 0), FORMAT, "too short");
}

static void
test_hostile_values (void)
{
  GByteArray *b = head_new (3, 0, 2);

  for (int i = 0; i < 2; i++)
    {
      head_key (b, "twice", 4);
      head_u32 (b, 7);
    }
  assert_refused (b, FORMAT, "“twice” twice");

  b = head_new (3, 0, 1);
  head_string (b, "a\0b", 3);
  head_u32 (b, 4);
  head_u32 (b, 1);
  assert_refused (b, FORMAT, "NUL");

  b = head_new (3, 0, 1);
  head_key (b, "text", 8);
  head_string (b, "a\0b", 3);
  assert_refused (b, FORMAT, "NUL");

  b = head_new (3, 0, 1);
  head_key (b, "list", 9);
  head_u32 (b, 8);
  head_u64 (b, 1);
  head_string (b, "a\0b", 3);
  assert_refused (b, FORMAT, "NUL");

  b = head_new (3, 0, 1);
  head_key (b, "long", 8);
  head_u64 (b, G_MAXUINT64 - 4); /* position + length wraps */
  assert_refused (b, FORMAT, "ends in the middle");

  for (guint32 type = 0; type < 13; type++)
    {
      b = head_new (3, 0, 1);
      head_key (b, "huge", 9);
      head_u32 (b, type);
      head_u64 (b, (guint64) 1 << 61); /* times 8 wraps */
      assert_refused (b, FORMAT, type == 9 ? "unknown type" : "too short");
    }

  b = head_new (3, 0, 1);
  head_key (b, "what", 13);
  head_u64 (b, 0);
  assert_refused (b, FORMAT, "unknown type (13)");

  b = head_new (3, 0, 1);
  head_key (b, "flag", 7);
  g_byte_array_append (b, (const guint8 *) "\2", 1);
  assert_refused (b, FORMAT, "neither yes nor no");
}

/* One tensor with @columns, @rows, @type and @offset, over @n_data bytes. */
static GByteArray *
one_tensor (guint64 columns, guint64 rows, guint32 type, guint64 offset, guint n_data)
{
  GByteArray *b = head_new (3, 1, 0);

  head_tensor (b, "w", columns, rows, type, offset);
  head_data (b, n_data);
  return b;
}

static void
test_hostile_tensors (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) good = head_open (one_tensor (32, 2, 8, 0, 68), &error);
  GByteArray *b;

  g_assert_no_error (error);
  g_assert_cmpint (attune_tensor_bytes (attune_gguf_find_tensor (good, "w")), ==, 68);

  assert_refused (one_tensor (32, 2, 8, 0, 67), FORMAT, "cut off");
  assert_refused (one_tensor (32, 2, 8, 32, 68), FORMAT, "cut off");
  assert_refused (one_tensor (32, 2, 8, 4, 100), FORMAT, "does not begin");
  assert_refused (one_tensor (32, 2, 8, G_MAXUINT64 - 31, 68), FORMAT, "cut off");
  assert_refused (one_tensor (31, 2, 8, 0, 68), FORMAT, "blocks");
  assert_refused (one_tensor (0, 2, 0, 0, 68), FORMAT, "impossible size");
  assert_refused (one_tensor (G_MAXUINT64, 2, 0, 0, 68), FORMAT, "impossible size");
  assert_refused (one_tensor ((guint64) 1 << 32, (guint64) 1 << 32, 0, 0, 68), FORMAT,
                  "impossible size");
  assert_refused (one_tensor ((guint64) 1 << 31, (guint64) 1 << 32, 0, 0, 68), FORMAT,
                  "impossible size");
  assert_refused (one_tensor ((guint64) 1 << 29, (guint64) 1 << 30, 0, 0, 68), FORMAT, "cut off");
  assert_refused (one_tensor (256, 1, 31, 0, 600), UNSUPPORTED, "Q4_0_4_4");
  assert_refused (one_tensor (32, 2, 999, 0, 68), UNSUPPORTED, "type 999");
  assert_refused (one_tensor (32, 2, 1000, 0, 68), UNSUPPORTED,
                  "type 1000"); /* ours, but not in files */

  for (guint32 n_dims = 0; n_dims <= 5; n_dims += 5)
    {
      b = head_new (3, 1, 0);
      head_string (b, "w", 1);
      head_u32 (b, n_dims);
      for (guint32 i = 0; i < n_dims + 4; i++)
        head_u64 (b, 1);
      assert_refused (b, FORMAT, "axes");
    }

  b = head_new (3, 2, 0);
  head_tensor (b, "w", 8, 2, 0, 0);
  head_tensor (b, "w", 8, 2, 0, 64);
  head_data (b, 128);
  assert_refused (b, FORMAT, "“w” twice");

  b = head_new (3, 2, 0);
  head_tensor (b, "v", 8, 2, 0, 32);
  head_tensor (b, "w", 8, 2, 0, 0);
  head_data (b, 128);
  assert_refused (b, FORMAT, "overlap");
}

static void
test_hostile_alignment (void)
{
  static const guint32 wrong[] = { 0, 1, 33, 1u << 31 };

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      GByteArray *b = head_new (3, 1, 1);

      head_key (b, "general.alignment", 4);
      head_u32 (b, wrong[i]);
      head_tensor (b, "w", 8, 2, 0, 0);
      head_data (b, 64);
      assert_refused (b, FORMAT, "alignment");
    }
}

static void
test_open_errors (void)
{
  g_autofree char *folder = g_dir_make_tmp ("attune-gguf-XXXXXX", NULL);
  g_autofree char *missing = g_build_filename (folder, "none.gguf", NULL);
  g_autoptr (GError) first = NULL, second = NULL;

  g_assert_null (attune_gguf_open (missing, &first));
  g_assert_error (first, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_OPEN);
  g_assert_nonnull (strstr (first->message, "none.gguf"));
  g_assert_null (attune_gguf_open (folder, &second));
  g_assert_error (second, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_OPEN);
  g_rmdir (folder);
}

/* --- writing */

static gboolean
fill_with_name (gpointer data, const char *name, void *bytes, GError **error)
{
  const AttuneTensor *shape = g_hash_table_lookup (data, name);

  if (shape == NULL)
    {
      g_set_error (error, ATTUNE_MODEL_ERROR, ATTUNE_MODEL_ERROR_FORMAT, "no %s", name);
      return FALSE;
    }
  memset (bytes, name[0], (gsize) attune_tensor_bytes (shape));
  return TRUE;
}

static void
add_tensor (AttuneGgufWriter *writer, GHashTable *shapes, const char *name,
            const AttuneTensor *shape)
{
  attune_gguf_writer_add_tensor (writer, name, shape);
  g_hash_table_insert (shapes, (gpointer) name, (gpointer) shape);
}

static const AttuneTensor shape_a = { NULL, 2, { 3, 64 }, ATTUNE_TYPE_Q8_0 };
static const AttuneTensor shape_b = { NULL, 1, { 5 }, ATTUNE_TYPE_F32 };
static const AttuneTensor shape_c = { NULL, 3, { 2, 3, 7 }, ATTUNE_TYPE_F16 };

static AttuneGgufWriter *
make_writer (GHashTable *shapes)
{
  static const char *const words[] = { "eins", "", "drei €" };
  static const gint32 numbers[] = { -1, 0, 7 };
  AttuneGgufWriter *writer = attune_gguf_writer_new ();

  attune_gguf_writer_set_string (writer, "general.architecture", "llama");
  attune_gguf_writer_set_uint (writer, "n", 1);
  attune_gguf_writer_set_float (writer, "f", 0.5f);
  attune_gguf_writer_set_bool (writer, "yes", TRUE);
  attune_gguf_writer_set_strings (writer, "words", words, G_N_ELEMENTS (words));
  attune_gguf_writer_set_strings (writer, "nothing", NULL, 0);
  attune_gguf_writer_set_ints (writer, "numbers", numbers, G_N_ELEMENTS (numbers));
  attune_gguf_writer_set_uint (writer, "n", G_MAXUINT32); /* the last one counts */
  add_tensor (writer, shapes, "a", &shape_a);
  add_tensor (writer, shapes, "b", &shape_b);
  add_tensor (writer, shapes, "c", &shape_c);
  return writer;
}

static void
check_written (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneGguf) gguf = attune_gguf_open (path, &error);
  const char *const *words;
  const gint32 *numbers;
  const AttuneTensor *t;
  guint64 number;
  double real;
  gboolean flag;
  guint n = 9;

  g_assert_no_error (error);
  g_assert_true (attune_gguf_get_uint (gguf, "n", &number));
  g_assert_cmpuint (number, ==, G_MAXUINT32);
  g_assert_true (attune_gguf_get_double (gguf, "f", &real));
  g_assert_cmpfloat (real, ==, 0.5);
  g_assert_true (attune_gguf_get_bool (gguf, "yes", &flag) && flag);
  words = attune_gguf_get_strings (gguf, "words", &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (words[0], ==, "eins");
  g_assert_cmpstr (words[1], ==, "");
  g_assert_cmpstr (words[2], ==, "drei €");
  g_assert_nonnull (attune_gguf_get_strings (gguf, "nothing", &n));
  g_assert_cmpuint (n, ==, 0);
  numbers = attune_gguf_get_ints (gguf, "numbers", &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (numbers[0], ==, -1);

  t = attune_gguf_find_tensor (gguf, "c");
  g_assert_cmpint (t->n_dims, ==, 3);
  g_assert_cmpint (t->dims[0], ==, 2);
  g_assert_cmpint (t->dims[2], ==, 7);
  for (guint i = 0; i < attune_gguf_n_tensors (gguf); i++)
    {
      const char *name = attune_gguf_tensor_name (gguf, i);

      t = attune_gguf_find_tensor (gguf, name);
      g_assert_cmpuint ((guintptr) t->data % 32, ==, 0);
      for (gint64 k = 0; k < attune_tensor_bytes (t); k++)
        g_assert_cmpint (((const char *) t->data)[k], ==, name[0]);
    }
}

static void
test_write (void)
{
  g_autoptr (GHashTable) shapes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (AttuneGgufWriter) writer = make_writer (shapes);
  g_autofree char *folder = g_dir_make_tmp ("attune-gguf-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "t.gguf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_gguf_writer_write (writer, path, fill_with_name, shapes, &error));
  g_assert_no_error (error);
  check_written (path);

  g_hash_table_remove (shapes, "c"); /* the reason that the filler gives comes out */
  g_assert_false (attune_gguf_writer_write (writer, path, fill_with_name, shapes, &error));
  g_assert_cmpstr (error->message, ==, "no c");
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_write_errors (void)
{
  g_autoptr (GHashTable) shapes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (AttuneGgufWriter) writer = make_writer (shapes);
  g_autoptr (GError) first = NULL, second = NULL;

  g_assert_false (
      attune_gguf_writer_write (writer, "/nonexistent/t.gguf", fill_with_name, shapes, &first));
  g_assert_error (first, G_FILE_ERROR, G_FILE_ERROR_NOENT);
  if (access ("/dev/full", W_OK) == 0)
    {
      g_assert_false (
          attune_gguf_writer_write (writer, "/dev/full", fill_with_name, shapes, &second));
      g_assert_error (second, G_FILE_ERROR, G_FILE_ERROR_NOSPC);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/gguf/read", test_read);
  g_test_add_func ("/model/gguf/truncated", test_truncated);
  g_test_add_func ("/model/gguf/flipped", test_flipped);
  g_test_add_func ("/model/gguf/hostile-start", test_hostile_start);
  g_test_add_func ("/model/gguf/hostile-values", test_hostile_values);
  g_test_add_func ("/model/gguf/hostile-tensors", test_hostile_tensors);
  g_test_add_func ("/model/gguf/hostile-alignment", test_hostile_alignment);
  g_test_add_func ("/model/gguf/open-errors", test_open_errors);
  g_test_add_func ("/model/gguf/write", test_write);
  g_test_add_func ("/model/gguf/write-errors", test_write_errors);
  return g_test_run ();
}
