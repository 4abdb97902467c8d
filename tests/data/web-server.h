/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A web server that behaves as servers do: it sends one on in circles, says nothing, says
 * gigabytes, and asks not to be read. A fixture of tests.
 */
#pragma once
#include "data/web.h"
#include "scratch-folder.h"

#include <gio/gio.h>
#include <libsoup/soup.h>
#include <string.h>

typedef struct
{
  ScratchFolder *folder; /* of the test; pages go into one in it */
  char *pages, *address; /* of the server, without a slash at its end */
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  SoupServer *server;
  const char *robots; /* (nullable): it has none */
  guint robots_status;
  GMutex lock;
  GString *asked; /* paths, one after another */
  AttuneWebLimits limits;
  int n_busy; /* so many answers of /busy are that it has too much to do */
  const char *rest;
} WebServer;

#define PAGE(links)                                                                                \
  "<html><body><p>This page says something that can be learned from, and has links.</p>" links     \
  "</body></html>"

static void
say (SoupServerMessage *message, const char *type, const char *text, gsize n)
{
  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, text, n);
}

/* Some MB of nothing, in some KB. */
static void
say_bomb (SoupServerMessage *message)
{
  g_autoptr (GConverter) converter
      = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9));
  g_autofree char *zeros = g_malloc0 (4 << 20), *packed = g_malloc (4 << 20);
  gsize read, written;

  g_assert_cmpint (g_converter_convert (converter, zeros, 4 << 20, packed, 4 << 20,
                                        G_CONVERTER_INPUT_AT_END, &read, &written, NULL),
                   ==, G_CONVERTER_FINISHED);
  soup_message_headers_append (soup_server_message_get_response_headers (message),
                               "Content-Encoding", "gzip");
  say (message, "text/html", packed, written);
}

static const struct
{
  const char *path, *to;
} redirections[] = {
  { "/circle", "/circle2" },
  { "/circle2", "/circle" },
  { "/moved", "/help/a.html" },
  { "/help/old.html", "a.html" },
  { "/away", "http://other.invalid/" },
  { "/nowhere", NULL },
  { "/file", "file:///etc/passwd" },
  { "/guide/", "/help/" },
};

static const struct
{
  const char *path, *page;
} contents[] = {
  { "/help/",
    PAGE ("<a href=a.html>A</a><a href='b.html#x'>B</a><a href=/outside.html>O</a>"
          "<a href='http://other.invalid/help/'>X</a><a href=secret.html>S</a>"
          "<a href=picture.png>P</a><a href=old.html>old</a><a href=missing.html>M</a>") },
  { "/help/a.html", PAGE ("<a href=./>up</a><a href=b.html>B</a>") },
  { "/help/b.html", PAGE ("") },
  { "/help/c.html", PAGE ("") },
  { "/help/secret.html", PAGE ("") },
  { "/outside.html", PAGE ("") },
  { "/films.html", PAGE ("<a href=film.mp4?1>1</a><a href=film.mp4?2>2</a><a href=film.mp4?3>3</a>"
                         "<a href=large?1>1</a><a href=large?2>2</a><a href=large?3>3</a>"
                         "<a href=large?4>4</a><a href=large?5>5</a><a href=outside.html>O</a>") },
  { "/no-index.html", "<meta name=robots content=noindex>" PAGE ("<a href=outside.html>O</a>") },
  { "/lost.html", PAGE ("<a href=silent?1>1</a><a href=silent?2>2</a><a href=silent?3>3</a>"
                        "<a href=silent?4>4</a><a href=silent?5>5</a><a href=silent?6>6</a>") },
};

/* "łąka", as ISO 8859-2 has it. */
static const char polish[] = "<html><body><p>\xb3\xb1ka</p></body></html>";

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
  WebServer *f = data;

  g_mutex_lock (&f->lock);
  g_string_append_printf (f->asked, "%s ", path);
  g_mutex_unlock (&f->lock);
  soup_server_message_set_status (message, 404, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (redirections); i++)
    if (g_str_equal (path, redirections[i].path))
      {
        soup_server_message_set_status (message, 302, NULL);
        if (redirections[i].to != NULL)
          soup_message_headers_append (soup_server_message_get_response_headers (message),
                                       "Location", redirections[i].to);
      }
  for (guint i = 0; i < G_N_ELEMENTS (contents); i++)
    if (g_str_equal (path, contents[i].path))
      say (message, "text/html; charset=utf-8", contents[i].page, strlen (contents[i].page));
  if (g_str_equal (path, "/robots.txt") && f->robots != NULL)
    say (message, "text/plain", f->robots, strlen (f->robots));
  else if (g_str_equal (path, "/robots.txt"))
    soup_server_message_set_status (message, f->robots_status, NULL);
  else if (g_str_equal (path, "/help/picture.png"))
    say (message, "image/png", "\x89PNG", 4);
  else if (g_str_equal (path, "/map.xml"))
    {
      g_autofree char *map = g_strdup_printf (
          "<urlset><url><loc>%s/help/c.html</loc></url><url><loc>%s/outside.html</loc></url>"
          "</urlset>",
          f->address, f->address);

      say (message, "application/xml", map, strlen (map));
    }
  else if (g_str_equal (path, "/large"))
    {
      g_autofree char *large = g_strnfill (200000, 'x');

      say (message, "text/html", large, 200000);
    }
  else if (g_str_equal (path, "/film.mp4"))
    {
      g_autofree char *large = g_strnfill (200000, 'x');

      say (message, "video/mp4", large, 200000);
    }
  else if (g_str_equal (path, "/many.html"))
    {
      g_autoptr (GString) links = g_string_new (NULL);

      for (int i = 0; i < 200; i++)
        g_string_append_printf (links, "<a href=missing-%d>%d</a>", i, i);
      say (message, "text/html", links->str, links->len);
    }
  else if (g_str_equal (path, "/polish.html"))
    say (message, "text/html; charset=iso-8859-2", polish, strlen (polish));
  else if (g_str_has_prefix (path, "/busy") && f->n_busy > 0)
    {
      f->n_busy--;
      soup_server_message_set_status (message, 429, NULL);
      soup_message_headers_append (soup_server_message_get_response_headers (message),
                                   "Retry-After", f->rest);
    }
  else if (g_str_has_prefix (path, "/busy"))
    say (message, "text/html", PAGE (""), strlen (PAGE ("")));
  else if (g_str_equal (path, "/bomb"))
    say_bomb (message);
  else if (g_str_equal (path, "/silent"))
    soup_server_message_pause (message);
}

static gpointer
serve (gpointer data)
{
  WebServer *f = data;

  g_main_context_push_thread_default (f->context);
  g_main_loop_run (f->loop);
  g_main_context_pop_thread_default (f->context);
  return NULL;
}

static void
set_up (WebServer *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  f->folder = scratch_folder_new ();
  f->pages = g_build_filename (f->folder, "pages", NULL);
  f->asked = g_string_new (NULL);
  f->robots_status = 404;
  g_mutex_init (&f->lock);
  f->limits = attune_web_limits;
  f->limits.wait_ms = 0;
  f->limits.max_page_bytes = 100000;
  f->limits.idle_seconds = 1;
  f->context = g_main_context_new ();
  f->loop = g_main_loop_new (f->context, FALSE);
  g_main_context_push_thread_default (f->context);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, answer, f, NULL);
  soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_main_context_pop_thread_default (f->context);
  g_assert_no_error (error);
  uris = soup_server_get_uris (f->server);
  f->address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  f->thread = g_thread_new ("server", serve, f);
}

/* In the server's own thread: it may not have begun yet. */
static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
tear_down (WebServer *f, gconstpointer data)
{
  g_autoptr (GSource) last = g_idle_source_new ();

  g_source_set_callback (last, quit, f->loop, NULL);
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
  g_free (f->pages);
  scratch_folder_free (f->folder);
}
