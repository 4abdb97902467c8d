/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A server of our own on this computer that stands for the index of packages and for the hub, and
 * behaves as it is told to: breaks off, refuses, is busy, serves something else.
 */
#pragma once
#include "loop.h"
#include "scratch-folder.h"
#include "model/hub.h"
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
  GBytes *shards[3]; /* as long, but others */
  char *shard_sums[3];
  GBytes *wheel;
  char *wheel_sum;

  /* how it behaves */
  gsize break_after;   /* 0: never; else once */
  gboolean dies, dead; /* the line, with that; until it is mended */
  gboolean no_index, wrong_sum, need_token, no_ranges;
  enum
  {
    RIGHT_PARTS,
    OTHER_PARTS, /* which begin earlier than was asked for */
    UNSAID_PARTS /* without a word of where they begin */
  } parts;
  const char *taken; /* (nullable): a file that somebody makes once the model is asked for */
  guint word_bytes;  /* of the word {}, as the hub tells them */
  guint refusal;     /* status without a token */
  guint busy_status; /* of the next n_busy answers of the hub's API */
  int n_busy;
  const char *retry_after; /* (nullable): what these say */
  guint n_together;        /* shards that are answered only once so many are asked for */

  /* what it saw */
  gboolean saw_range, other_saw_token, saw_token;
  int n_files, n_asked;
  GPtrArray *waiting; /* SoupServerMessage: shards */
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
  if (f->taken != NULL)
    g_assert_true (g_file_set_contents (f->taken, "mine", -1, NULL));
  if (f->dead)
    {
      hang_up (message);
      return;
    }
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
  if (start > 0 && f->parts != RIGHT_PARTS)
    {
      soup_server_message_set_status (message, SOUP_STATUS_PARTIAL_CONTENT, NULL);
      if (f->parts == OTHER_PARTS)
        soup_message_headers_set_content_range (response, start - 10, size - 1, size);
      soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY,
                                data + start - 10, size - start + 10);
      return;
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
      f->dead = f->dies;
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

/* --- the hub */

/* What a repository has; where it has no sum, it is the word {}. */
static const struct
{
  const char *repository, *name;
  gboolean is_model; /* its content is f->model */
} hub_files[] = {
  { "a/m", "m.gguf", TRUE },
  { "a/folder", "config.json", FALSE },
  { "a/folder", "README.md", FALSE },
  { "a/folder", "model.safetensors", TRUE },
  { "a/folder", "tokenizer.json", FALSE },
  { "a/shards", "config.json", FALSE },
  { "a/shards", "tokenizer.json", FALSE },
  { "a/shards", "model-00001-of-00003.safetensors", TRUE },
  { "a/shards", "model-00002-of-00003.safetensors", TRUE },
  { "a/shards", "model-00003-of-00003.safetensors", TRUE },
  /* called otherwise than the catalogue knows, beside what reads images and another size */
  { "a/renamed", "mmproj-New-Q8_0.gguf", FALSE },
  { "a/renamed", "New.Name-7B.Q4_K_S.gguf", FALSE },
  { "a/renamed", "New.Name-7B.Q8_0.gguf", TRUE },
  { "a/unsure", "m.gguf", FALSE },
  { "a/twice", "q2/m.gguf", FALSE },
  { "a/twice", "q8/m.gguf", TRUE },
  /* in another type only */
  { "a/retyped", "N-Q2_K.gguf", FALSE },
  { "a/retyped", "N-Q4_K_S.gguf", TRUE },
};

/* Which of the shards @name is, or -1. */
static int
get_shard (const char *name)
{
  const char *number = strstr (name, "model-0000");

  return number != NULL ? number[strlen ("model-0000")] - '1' : -1;
}

static void
serve_model (Fixture *f, SoupServerMessage *message, const char *name)
{
  const int shard = get_shard (name);

  serve_file (f, message, shard >= 0 ? f->shards[shard] : f->model);
}

static void
serve_repository (Fixture *f, SoupServerMessage *message, const char *repository)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean known = FALSE;

  g_string_printf (text, "{\"id\": \"%s\", \"siblings\": [", repository);
  for (guint i = 0; i < G_N_ELEMENTS (hub_files); i++)
    if (g_str_equal (hub_files[i].repository, repository))
      {
        const int shard = get_shard (hub_files[i].name);

        g_string_append_printf (text, "%s{\"rfilename\": \"%s\", ", known ? "," : "",
                                hub_files[i].name);
        if (hub_files[i].is_model)
          g_string_append_printf (text, "\"lfs\": {\"sha256\": \"%s\", \"size\": %d}}",
                                  f->wrong_sum ? f->wheel_sum
                                  : shard >= 0 ? f->shard_sums[shard]
                                               : f->model_sum,
                                  MODEL_BYTES);
        else
          g_string_append_printf (text, "\"size\": %u}", f->word_bytes);
        known = TRUE;
      }
  g_string_append (text, "]}");
  if (known)
    serve_text (message, text->str);
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

/* "/a/m/resolve/main/m.gguf" */
static void
serve_hub_file (Fixture *f, SoupServerMessage *message, const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (hub_files); i++)
    {
      g_autofree char *its
          = g_strdup_printf ("/%s/resolve/main/%s", hub_files[i].repository, hub_files[i].name);
      g_autofree char *blob = NULL;

      if (!g_str_equal (its, path)
          || (f->no_index && g_str_equal (path, "/a/folder/resolve/main/tokenizer.json")))
        continue;
      if (hub_files[i].is_model)
        {
          blob = g_strdup_printf ("%s/%s", f->other_address, hub_files[i].name);
          soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, blob);
        }
      else
        serve_text (message, "{}");
      return;
    }
  soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}

static void
answer_hub (Fixture *f, SoupServerMessage *message, const char *path)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  f->n_asked++;
  if (f->n_busy > 0)
    {
      f->n_busy--;
      soup_server_message_set_status (message, f->busy_status, NULL);
      if (f->retry_after != NULL)
        soup_message_headers_replace (headers, "Retry-After", f->retry_after);
    }
  else if (f->need_token && !has_token (message))
    soup_server_message_set_status (message, f->refusal, NULL);
  else if (g_str_equal (path, "/api/models/a/circle"))
    soup_server_message_set_redirect (message, SOUP_STATUS_FOUND, "/api/models/a/circle");
  else if (g_str_equal (path, "/api/models/a/strange"))
    serve_text (message, "<html>Log in</html>");
  else if (g_str_has_prefix (path, "/api/models/"))
    serve_repository (f, message, path + strlen ("/api/models/"));
  else
    serve_hub_file (f, message, path);
}

/* The shards that wait are sent. */
static inline void
serve_waiting (Fixture *f)
{
  for (guint i = 0; i < f->waiting->len; i++)
    {
      SoupServerMessage *message = f->waiting->pdata[i];

      serve_model (f, message, g_uri_get_path (soup_server_message_get_uri (message)));
      soup_server_message_unpause (message);
    }
  g_ptr_array_set_size (f->waiting, 0);
}

/* Where the hub keeps what is large. Shards wait for each other where that is asked for. */
static void
answer_other (Fixture *f, SoupServerMessage *message, const char *path)
{
  f->other_saw_token = f->other_saw_token || has_token (message);
  if (strstr (path, "-of-") == NULL || f->waiting->len + 1 >= f->n_together)
    {
      serve_model (f, message, path);
      serve_waiting (f);
      f->n_together = 0;
      return;
    }
  soup_server_message_pause (message);
  g_ptr_array_add (f->waiting, g_object_ref (message));
}

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
  Fixture *f = data;
  g_autofree char *text = NULL;

  if (server == f->other)
    {
      answer_other (f, message, path);
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
  else
    answer_hub (f, message, path);
}

/* --- another hub, which nobody should tell anything */

typedef struct
{
  SoupServer *server;
  char *address;
  int n_asked;
  gboolean saw_token;
} OtherHub;

static void
answer_as_other (SoupServer *server, SoupServerMessage *message, const char *path,
                 GHashTable *query, gpointer data)
{
  OtherHub *other = data;

  other->n_asked++;
  other->saw_token = other->saw_token
                     || soup_message_headers_get_one (
                            soup_server_message_get_request_headers (message), "Authorization")
                            != NULL;
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

static inline OtherHub *
other_hub_new (void)
{
  OtherHub *other = g_new0 (OtherHub, 1);

  other->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (other->server, NULL, answer_as_other, other, NULL);
  other->address = listen (other->server);
  return other;
}

static inline void
other_hub_free (OtherHub *other)
{
  soup_server_disconnect (other->server);
  g_object_unref (other->server);
  g_free (other->address);
  g_free (other);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OtherHub, other_hub_free)

static inline void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree guint8 *bytes = g_malloc (MODEL_BYTES);
  g_autofree char *path = NULL, *index = NULL, *cache = NULL;
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  f->folder = scratch_folder_new ();
  path = g_build_filename (f->folder, "made.whl", NULL);
  for (int i = 0; i < MODEL_BYTES; i++)
    bytes[i] = g_rand_int (random);
  f->model = g_bytes_new (bytes, MODEL_BYTES);
  f->model_sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, f->model);
  for (guint i = 0; i < G_N_ELEMENTS (f->shards); i++)
    {
      bytes[0] = (guint8) i;
      bytes[MODEL_BYTES - 1] = (guint8) (bytes[MODEL_BYTES - 1] + i + 1);
      f->shards[i] = g_bytes_new (bytes, MODEL_BYTES);
      f->shard_sums[i] = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, f->shards[i]);
    }
  f->word_bytes = 2;
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
  cache = g_build_filename (f->folder, "none", NULL);
  g_setenv ("HF_HUB_CACHE", cache, TRUE); /* not the one of who runs this */
  f->refusal = SOUP_STATUS_UNAUTHORIZED;
  f->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  g_ptr_array_unref (f->waiting);
  soup_server_disconnect (f->server);
  soup_server_disconnect (f->other);
  g_clear_object (&f->server);
  g_clear_object (&f->other);
  g_free (f->address);
  g_free (f->other_address);
  g_bytes_unref (f->model);
  g_bytes_unref (f->wheel);
  for (guint i = 0; i < G_N_ELEMENTS (f->shards); i++)
    {
      g_bytes_unref (f->shards[i]);
      g_free (f->shard_sums[i]);
    }
  g_free (f->model_sum);
  g_free (f->wheel_sum);
  scratch_folder_free (f->folder);
}
