/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hub with data sets on this computer, in a thread of its own, which cuts connections, serves
 * something else, refuses, and sends one on to another server for what is large. A fixture of
 * tests.
 */
#pragma once
#include "model/hub-data.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#define TOKEN "hf_secret"
#define REVISION "0123abcd0123abcd0123abcd0123abcd0123abcd"

typedef struct
{
  ScratchFolder *folder; /* of the test */
  char *sets;            /* in it: of data sets */
  char *address, *other; /* the other one is where the hub keeps large files */
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  GMutex lock;    /* what follows is behind it where the server writes it */
  GString *asked; /* paths, one after another */

  /* how it behaves */
  const char *revision;
  guint status;      /* 0: as it should; else of each answer */
  gsize break_after; /* 0: never; else each file, until it is mended */
  gboolean wrong_sum, need_token;

  /* what it saw */
  gboolean saw_range, saw_token, other_saw_token;
} Hub;

/* --- what is there; of the last ones nobody should ask */
static const struct
{
  const char *repository, *name;
  gboolean lfs;
} hub_files[] = {
  { "a/chats", "README.md", FALSE },
  { "a/chats", "data/train-00000.jsonl", TRUE },
  { "a/chats", "data/train-00001.jsonl", TRUE },
  { "a/chats", "data/test.jsonl", FALSE },
  { "a/chats", "dataset_infos.json", FALSE },
  { "a/chats", "names.csv", FALSE },
  { "a/chats", "../../away.jsonl", FALSE },
  { "a/table", "questions.csv", TRUE },
  { "a/table", ".gitattributes", FALSE },
  { "a/json", "README.md", FALSE },
  { "a/json", "all.json", FALSE },
  { "a/several", "README.md", FALSE },
  { "a/several", "en/train.jsonl", FALSE },
  { "a/several", "de/train.jsonl", FALSE },
  { "a/several", "all/train.jsonl", FALSE },
  { "a/default", "README.md", FALSE },
  { "a/default", "en/train.jsonl", FALSE },
  { "a/default", "de/train.jsonl", FALSE },
  { "a/gated", "train.jsonl", FALSE },
  { "a/pictures", "README.md", FALSE },
  { "a/pictures", "train.zip", FALSE },
};

/* What the hub has read of the cards. */
static const char several_card[]
    = "{\"license\": [\"cc-by-4.0\"], \"configs\": ["
      "{\"config_name\": \"english\", \"data_files\": \"en/*\"},"
      "{\"config_name\": \"german\", \"data_files\": [{\"split\": \"train\", \"path\": "
      "[\"de/*.jsonl\"]}]},"
      "{\"config_name\": \"folder\", \"data_dir\": \"all\"}, 5, {}]}";
static const char default_card[]
    = "{\"license\": \"mit\", \"configs\": [{\"config_name\": \"english\", \"data_files\": "
      "\"en/*\"},"
      "{\"config_name\": \"german\", \"default\": true, \"data_files\": \"**/train.jsonl\", "
      "\"data_dir\": \"de\"}]}";

#define HUB_ROWS 3000

static GString *
make_content (const char *name)
{
  GString *text = g_string_new (NULL);
  const int n = strstr (name, "test") != NULL ? 2 : HUB_ROWS;

  if (g_str_has_suffix (name, ".md"))
    return g_string_append (text, "---\nlicense: mit\n---\n\n# Questions\n");
  if (g_str_has_suffix (name, ".csv"))
    g_string_append (text, "question,answer\n");
  if (g_str_has_suffix (name, ".json"))
    g_string_append (text, "[\n");
  for (int i = 0; i < n; i++)
    if (g_str_has_suffix (name, ".csv"))
      g_string_append_printf (text, "What is number %d?,It is %d.\n", i, i);
    else
      g_string_append_printf (text,
                              "%s{\"question\": \"What is number %d?\", \"answer\": \"%s\"}\n",
                              i > 0 && g_str_has_suffix (name, ".json") ? "," : "", i, name);
  if (g_str_has_suffix (name, ".json"))
    g_string_append (text, "]\n");
  return text;
}

static void
hub_say_repository (Hub *f, SoupServerMessage *message, const char *repository)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean known = FALSE;

  g_string_printf (
      text, "{\"id\": \"%s\", \"sha\": \"%s\", \"gated\": %s, \"tags\": [\"license:mit\"], ",
      repository, f->revision, g_str_equal (repository, "a/gated") ? "\"auto\"" : "false");
  if (g_str_equal (repository, "a/several"))
    g_string_append_printf (text, "\"cardData\": %s, ", several_card);
  if (g_str_equal (repository, "a/default"))
    g_string_append_printf (text, "\"cardData\": %s, ", default_card);
  g_string_append (text, "\"siblings\": [");
  for (guint i = 0; i < G_N_ELEMENTS (hub_files); i++)
    if (g_str_equal (hub_files[i].repository, repository))
      {
        GString *content = make_content (hub_files[i].name);
        g_autofree char *sum
            = g_compute_checksum_for_string (G_CHECKSUM_SHA256, content->str, content->len);

        g_string_append_printf (text, "%s{\"rfilename\": \"%s\", \"size\": %zu", known ? "," : "",
                                hub_files[i].name, content->len);
        if (hub_files[i].lfs)
          g_string_append_printf (text, ", \"lfs\": {\"sha256\": \"%s\", \"size\": %zu}", sum,
                                  content->len);
        g_string_append (text, "}");
        g_string_free (content, TRUE);
        known = TRUE;
      }
  g_string_append (text, "]}");
  soup_server_message_set_status (message, known ? 200 : 404, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text->str,
                                    text->len);
}

static void
hub_hang_up (SoupServerMessage *message)
{
  g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
}

/* Promises all of it, and goes away in the middle. */
static void
hub_break_off (Hub *f, SoupServerMessage *message, const GString *content)
{
  soup_message_headers_remove (soup_server_message_get_request_headers (message), "Range");
  soup_message_headers_set_content_length (soup_server_message_get_response_headers (message),
                                           content->len);
  soup_message_body_append (soup_server_message_get_response_body (message), SOUP_MEMORY_COPY,
                            content->str, f->break_after);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (hub_hang_up), NULL);
}

static void
hub_say_file (Hub *f, SoupServerMessage *message, const char *name)
{
  GString *content = make_content (name);

  f->saw_range
      |= soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Range")
         != NULL;
  if (f->wrong_sum)
    content->str[content->len / 2] ^= 1;
  soup_server_message_set_status (message, 200, NULL);
  if (f->break_after > 0 && f->saw_range)
    hub_hang_up (message);
  else if (f->break_after > 0)
    hub_break_off (f, message, content);
  else
    soup_server_message_set_response (message, "application/octet-stream", SOUP_MEMORY_COPY,
                                      content->str, content->len);
  g_string_free (content, TRUE);
}

/* "/datasets/a/chats/resolve/REVISION/data/test.jsonl"; of large files it says where they are. */
static void
hub_find_file (Hub *f, SoupServerMessage *message, const char *path, gboolean is_other)
{
  for (guint i = 0; i < G_N_ELEMENTS (hub_files); i++)
    {
      g_autofree char *its = g_strdup_printf ("/datasets/%s/resolve/%s/%s", hub_files[i].repository,
                                              f->revision, hub_files[i].name),
                      *there = g_strconcat (f->other, path, NULL);

      if (!g_str_equal (path, its))
        continue;
      if (hub_files[i].lfs && !is_other)
        soup_server_message_set_redirect (message, 302, there);
      else
        hub_say_file (f, message, hub_files[i].name);
    }
}

static void
hub_answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
            gpointer data)
{
  Hub *f = data;
  const char *token = soup_message_headers_get_one (
      soup_server_message_get_request_headers (message), "Authorization");
  g_autofree char *here = g_strdup_printf ("http://127.0.0.1:%d",
                                           g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (
                                               soup_server_message_get_local_address (message))));
  const gboolean is_other = g_str_equal (here, f->other);

  g_mutex_lock (&f->lock);
  g_string_append_printf (f->asked, "%s ", path);
  f->saw_token |= token != NULL && !is_other;
  f->other_saw_token |= token != NULL && is_other;
  g_mutex_unlock (&f->lock);
  soup_server_message_set_status (message, 404, NULL);
  if (f->status != 0)
    {
      soup_server_message_set_status (message, f->status, NULL);
      /* longer than anybody waits */
      soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                    "Retry-After", "1000");
    }
  else if (f->need_token && !is_other && g_strcmp0 (token, "Bearer " TOKEN) != 0)
    soup_server_message_set_status (message, 401, NULL);
  else if (g_str_equal (path, "/api/datasets/old"))
    soup_server_message_set_redirect (message, 307, "/api/datasets/a/chats");
  else if (g_str_equal (path, "/api/datasets/a/circle"))
    soup_server_message_set_redirect (message, 307, "/api/datasets/a/circle");
  else if (g_str_equal (path, "/api/datasets/a/login"))
    {
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, "text/html", SOUP_MEMORY_STATIC, "<html>", 6);
    }
  else if (g_str_has_prefix (path, "/api/datasets/"))
    hub_say_repository (f, message, path + strlen ("/api/datasets/"));
  else
    hub_find_file (f, message, path, is_other);
}

static gpointer
hub_serve (gpointer data)
{
  Hub *f = data;

  g_main_context_push_thread_default (f->context);
  g_main_loop_run (f->loop);
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

static void
hub_set_up (Hub *f, gconstpointer data)
{
  g_autofree char *cache = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  f->folder = scratch_folder_new ();
  f->sets = g_build_filename (f->folder, "sets", NULL);
  f->asked = g_string_new (NULL);
  f->revision = REVISION;
  g_mutex_init (&f->lock);
  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
  g_main_context_push_thread_default (f->context);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, hub_answer, f, NULL);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  g_main_context_pop_thread_default (f->context);
  uris = soup_server_get_uris (f->server);
  f->address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  f->other = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->next->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  f->thread = g_thread_new ("hub", hub_serve, f);
  cache = g_build_filename (f->folder, "none", NULL);
  g_setenv ("HF_HUB_CACHE", cache, TRUE); /* not the one of who runs this */
  g_setenv ("HF_ENDPOINT", f->address, TRUE);
  g_unsetenv ("HF_TOKEN");
}

/* In the server's own thread: it may not have begun yet. */
static gboolean
hub_quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
hub_tear_down (Hub *f, gconstpointer data)
{
  g_autoptr (GSource) last = g_idle_source_new ();

  g_source_set_callback (last, hub_quit, f->loop, NULL);
  g_source_attach (last, f->context);
  g_thread_join (f->thread);
  g_main_context_push_thread_default (f->context);
  soup_server_disconnect (f->server);
  g_object_unref (f->server);
  while (g_main_context_iteration (f->context, FALSE))
    ;
  g_main_context_pop_thread_default (f->context);
  g_main_loop_unref (f->loop);
  g_main_context_unref (f->context);
  g_mutex_clear (&f->lock);
  g_string_free (f->asked, TRUE);
  g_free (f->address);
  g_free (f->other);
  g_free (f->sets);
  scratch_folder_free (f->folder);
}
