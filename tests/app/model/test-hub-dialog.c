/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hub's dialog against a small hub of our own on this computer.
 */
#include "page-fixture.h"

#include "model/hub.h"
#include "stages/model/hub-dialog.h"

#include <libsoup/soup.h>

#define TOKEN "hf_secret"

typedef struct
{
  char *folder;
  SoupServer *server;
  gboolean saw_token;
  GtkWidget *window;
  AdwDialog *dialog;
  char *got;
  char *sum;
} Fixture;

static const char content[] = "not a model, but enough to be fetched";

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
  const char *words = query != NULL ? g_hash_table_lookup (query, "search") : NULL;

  f->saw_token = f->saw_token || has_token (message);
  if (g_str_equal (path, "/api/models") && g_strcmp0 (words, "nothing") == 0)
    text = g_strdup ("[]");
  else if (g_str_equal (path, "/api/models") && g_strcmp0 (words, "strange") == 0)
    text = g_strdup ("<html>Log in & pay</html>");
  else if (g_str_equal (path, "/api/models"))
    text = g_strdup ("[{\"id\": \"a/open\", \"downloads\": 1234, \"tags\": [\"license:mit\"]},"
                     "{\"id\": \"b/<b>gated</b>\", \"gated\": \"auto\"}]");
  else if (g_str_equal (path, "/api/models/a/open"))
    text = g_strdup_printf (
        "{\"id\": \"a/open\", \"tags\": [\"license:mit\"], \"siblings\": ["
        "{\"rfilename\": \"m-Q8_0.gguf\", \"lfs\": {\"sha256\": \"%s\", \"size\": %zu}},"
        "{\"rfilename\": \"m-NVFP4.gguf\", \"size\": 7}]}",
        f->sum, sizeof content - 1);
  else if (g_str_equal (path, "/api/models/a/gated") && has_token (message))
    text = g_strdup ("{\"id\": \"a/gated\", \"gated\": \"auto\", \"siblings\": []}");
  else if (g_str_equal (path, "/api/models/a/gated"))
    {
      soup_server_message_set_status (message, SOUP_STATUS_UNAUTHORIZED, NULL);
      return;
    }
  else if (g_str_equal (path, "/a/open/resolve/main/m-Q8_0.gguf"))
    text = g_strdup (content);
  soup_server_message_set_status (message, text != NULL ? 200 : 404, NULL);
  if (text != NULL)
    soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text,
                                      strlen (text));
}

static void
remember (Fixture *f, const char *path)
{
  g_set_str (&f->got, path);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autofree char *address = NULL;
  GSList *uris;

  f->folder = g_dir_make_tmp ("attune-XXXXXX", NULL);
  f->sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, content, -1);
  f->server = soup_server_new (NULL, NULL);
  soup_server_add_handler (f->server, NULL, answer, f, NULL);
  g_assert_true (soup_server_listen_local (f->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (f->server);
  address = g_strdup_printf ("http://127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  g_setenv ("HF_ENDPOINT", address, TRUE);
  f->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 700);
  gtk_window_present (GTK_WINDOW (f->window));
  f->dialog = attune_hub_dialog_new (f->folder, NULL);
  g_signal_connect_swapped (f->dialog, "got", G_CALLBACK (remember), f);
  adw_dialog_present (f->dialog, f->window);
}

static gboolean
is_gone (AdwDialog **dialog)
{
  return *dialog == NULL;
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  adw_dialog_force_close (f->dialog);
  gtk_window_destroy (GTK_WINDOW (f->window));
  test_loop_until (is_gone, &f->dialog);
  soup_server_disconnect (f->server);
  g_clear_object (&f->server);
  test_remove_folder (f->folder);
  g_free (f->folder);
  g_free (f->sum);
  g_free (f->got);
}

static gboolean
shows_results (Fixture *f)
{
  return find_label (f->window, "a/open") != NULL;
}

static gboolean
shows_start (Fixture *f)
{
  return find_label (f->window, "Search the Hub") != NULL;
}

static void
test_search (Fixture *f, gconstpointer data)
{
  test_loop_until (shows_start, f);
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "llama");
  test_loop_until (shows_results, f);
  g_assert_nonnull (find_label (f->window, "licence mit"));
  g_assert_null (find_label (f->window, "gated")); /* such a name is none */
}

static gboolean
shows_nothing (Fixture *f)
{
  return find_label (f->window, "Nothing Found") != NULL;
}

static gboolean
shows_failure (Fixture *f)
{
  return find_label (f->window, "The Hub Did Not Answer") != NULL;
}

static void
test_search_fails (Fixture *f, gconstpointer data)
{
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "nothing");
  test_loop_until (shows_nothing, f);
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "strange");
  test_loop_until (shows_failure, f);
  g_assert_nonnull (find_label (f->window, "could not be understood"));
  /* the last of many questions counts */
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "nothing");
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "strange");
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "llama");
  test_loop_until (shows_results, f);
}

static gboolean
shows_file (Fixture *f)
{
  return find_label (f->window, "m-Q8_0.gguf") != NULL;
}

static gboolean
has_got (Fixture *f)
{
  return f->got != NULL;
}

static void
test_get (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  GtkWidget *row;

  test_loop_until (shows_start, f);
  attune_hub_dialog_open (ATTUNE_HUB_DIALOG (f->dialog), "a/open");
  test_loop_until (shows_file, f);
  g_assert_nonnull (find_label (f->window, "mit"));
  g_assert_nonnull (find_label (f->window, "stored in a way that Attune cannot use yet"));
  row = gtk_widget_get_ancestor (find_label (f->window, "m-Q8_0.gguf"), ADW_TYPE_ACTION_ROW);
  g_signal_emit_by_name (find_widget (row, GTK_TYPE_BUTTON), "clicked");
  test_loop_until (has_got, f);
  g_assert_true (g_file_get_contents (f->got, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, content);
}

static gboolean
wants_token (Fixture *f)
{
  return find_label (f->window, "enter your access token") != NULL;
}

static gboolean
shows_gated (Fixture *f)
{
  return find_label (f->window, "It must be accepted on its page") != NULL;
}

static void
test_token (Fixture *f, gconstpointer data)
{
  test_loop_until (shows_start, f);
  attune_hub_dialog_open (ATTUNE_HUB_DIALOG (f->dialog), "a/gated");
  test_loop_until (wants_token, f);
  g_assert_nonnull (find_widget (f->window, ADW_TYPE_PASSWORD_ENTRY_ROW));
  g_assert_nonnull (find_label (f->window, "Access Token"));
  /* there is no keyring here: the token is used all the same */
  attune_hub_dialog_set_token (ATTUNE_HUB_DIALOG (f->dialog), TOKEN);
  test_loop_until (shows_gated, f);
  g_assert_nonnull (find_label (f->window, "It has no file in the GGUF format"));
}

/* The preferences name another hub while the dialog is open. */
static void
test_other_hub (Fixture *f, gconstpointer data)
{
  test_loop_until (shows_start, f);
  attune_hub_dialog_set_token (ATTUNE_HUB_DIALOG (f->dialog), TOKEN);
  attune_hub_set_mirror ("http://127.0.0.1:1"); /* where nobody is */
  attune_hub_dialog_search (ATTUNE_HUB_DIALOG (f->dialog), "llama");
  test_loop_until (shows_results, f);
  g_assert_true (f->saw_token);
  attune_hub_dialog_open (ATTUNE_HUB_DIALOG (f->dialog), "a/open");
  test_loop_until (shows_file, f);
  attune_hub_set_mirror (NULL);
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/hub-dialog/search", test_search);
  CASE ("/hub-dialog/search-fails", test_search_fails);
  CASE ("/hub-dialog/get", test_get);
  CASE ("/hub-dialog/token", test_token);
  CASE ("/hub-dialog/other-hub", test_other_hub);
  return g_test_run ();
}
