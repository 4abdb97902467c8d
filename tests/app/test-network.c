/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the preferences say of the network is done: the proxy against a small proxy, the mirror of
 * the hub, and nothing at all where one is to stay offline.
 */
#include "preferences-dialog.h"

#include "core/fetch.h"
#include "core/proxy.h"
#include "model/hub.h"
#include "stages/model/network.h"

#include <libsoup/soup.h>

static gboolean
is_there (char **text)
{
  return *text != NULL;
}

/* --- the proxy */

static void
test_proxy_address (void)
{
  static const struct
  {
    const char *text, *address;
  } cases[] = {
    { "http://proxy.example.org:3128", "http://proxy.example.org:3128" },
    { " proxy.example.org:3128 ", "http://proxy.example.org:3128" },
    { "10.0.0.7:8080", "http://10.0.0.7:8080" },
    { "http://name:pass%20word@proxy:1", "http://name:pass%20word@proxy:1" },
    { "socks5://[::1]:1080", "socks5://[::1]:1080" },
    { "", NULL },
    { "http://", NULL },
    { "ftp://proxy:21", NULL },
    { "proxy:port", NULL },
    { "my proxy", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *address = attune_proxy_parse (cases[i].text);

      g_assert_cmpstr (address, ==, cases[i].address);
    }
}

static void
answer (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query,
        gpointer data)
{
  g_autofree char *text = g_strdup_printf ("%s by the proxy", path);

  soup_server_message_set_status (message, 200, NULL);
  soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_COPY, text, strlen (text));
}

static void
fetch (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const AttuneFetch request = { .url = "http://models.invalid/x", .proxy = data };
  GError *error = NULL;
  GBytes *bytes = attune_fetch_bytes (&request, 1000, NULL, &error);

  if (bytes != NULL)
    g_task_return_pointer (
        task, g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)), g_free);
  else
    g_task_return_error (task, error);
  g_clear_pointer (&bytes, g_bytes_unref);
}

static void
fetched (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  char *text = g_task_propagate_pointer (G_TASK (result), &error);

  *(char **) data = text != NULL ? text : g_strdup (error->message);
}

/* Returns: (transfer full): what comes through the proxy of the preferences, or why nothing does.
 */
static char *
fetch_by_proxy (Fixture *f)
{
  char *text = NULL;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, fetched, &text);

  g_task_set_task_data (task, g_settings_get_string (f->settings, "proxy"), g_free);
  g_task_run_in_thread (task, fetch);
  test_loop_until (is_there, &text);
  return text;
}

static void
test_proxy (Fixture *f, gconstpointer data)
{
  g_autoptr (SoupServer) server = soup_server_new (NULL, NULL);
  g_autofree char *address = NULL, *good = NULL, *bad = NULL;
  GSList *uris;
  GtkWidget *row;

  soup_server_add_handler (server, NULL, answer, NULL, NULL);
  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server);
  address = g_strdup_printf ("127.0.0.1:%d", g_uri_get_port (uris->data));
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  open_dialog (f);
  row = find_row (f, "Proxy Address");
  gtk_editable_set_text (GTK_EDITABLE (row), "my proxy");
  g_assert_true (gtk_widget_has_css_class (row, "error"));
  g_assert_nonnull (find_label (f->window, "This is no address of a proxy"));
  bad = fetch_by_proxy (f);
  g_assert_nonnull (strstr (bad, "“my proxy” in the preferences is no address of a proxy"));
  gtk_editable_set_text (GTK_EDITABLE (row), address);
  g_assert_false (gtk_widget_has_css_class (row, "error"));
  g_assert_nonnull (find_label (f->window, "Used only to find and fetch models"));
  good = fetch_by_proxy (f);
  g_assert_cmpstr (good, ==, "/x by the proxy");
  g_settings_reset (f->settings, "proxy");
}

/* --- mirror and offline */

static void
test_mirror_address (void)
{
  static const struct
  {
    const char *text, *address;
  } cases[] = {
    { " hub.example.org ", "https://hub.example.org" },
    { "http://10.0.0.7:8080/hub", "http://10.0.0.7:8080/hub" },
    { "", NULL },
    { "my mirror", NULL },
    { "ftp://hub.example.org", NULL },
    { "https://hub.example.org/?x=1", NULL },
    { "hub.example.org#x", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *address = attune_network_parse_mirror (cases[i].text);

      g_assert_cmpstr (address, ==, cases[i].address);
    }
}

static void
assert_stored (Fixture *f, const char *expected)
{
  g_autofree char *text = g_settings_get_string (f->settings, "hub-mirror");

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_hub (const char *expected)
{
  g_autofree char *address = attune_hub_get_address ();

  g_assert_cmpstr (address, ==, expected);
}

/* One that an earlier version has kept as it was typed. */
static void
test_bad_mirror (Fixture *f, gconstpointer data)
{
  g_autofree char *text = NULL;
  GtkWidget *row;

  attune_network_follow (f->settings);
  g_settings_set_string (f->settings, "hub-mirror", "hub.example.org?x");
  text = fetch_by_proxy (f);
  g_assert_nonnull (strstr (text, "“hub.example.org?x” in the preferences is no address"));
  open_dialog (f);
  row = find_row (f, "Mirror of the Hub");
  g_assert_true (gtk_widget_has_css_class (row, "error"));
  gtk_editable_set_text (GTK_EDITABLE (row), "");
  g_signal_emit_by_name (row, "apply");
  assert_stored (f, "");
}

static void
test_network (Fixture *f, gconstpointer data)
{
  g_autofree char *public = NULL, *offline = NULL;
  GtkWidget *row, *offline_row;

  attune_network_follow (f->settings);
  g_unsetenv ("HF_ENDPOINT");
  open_dialog (f);
  row = find_row (f, "Mirror of the Hub");
  gtk_editable_set_text (GTK_EDITABLE (row), "my mirror");
  g_assert_true (gtk_widget_has_css_class (row, "error"));
  g_assert_nonnull (find_label (f->window, "This is no address of a mirror"));
  g_signal_emit_by_name (row, "apply");
  assert_stored (f, "");
  public = attune_hub_get_address ();
  g_assert_true (g_str_has_prefix (public, "https://huggingface"));
  gtk_editable_set_text (GTK_EDITABLE (row), "hub.example.org");
  g_assert_false (gtk_widget_has_css_class (row, "error"));
  assert_stored (f, ""); /* not at each key, but once it is applied */
  assert_hub (public);
  g_signal_emit_by_name (row, "apply");
  assert_stored (f, "hub.example.org");
  assert_hub ("https://hub.example.org");

  offline_row = find_row (f, "Work Offline");
  adw_switch_row_set_active (ADW_SWITCH_ROW (offline_row), TRUE);
  offline = fetch_by_proxy (f);
  g_assert_nonnull (strstr (offline, "works offline"));
  g_settings_reset (f->settings, "offline");
  g_assert_false (adw_switch_row_get_active (ADW_SWITCH_ROW (offline_row)));
  g_settings_reset (f->settings, "hub-mirror");
  assert_hub (public);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "");
}

#define CASE(path, test)                                                                           \
  g_test_add (path, Fixture, NULL, preferences_set_up, test, preferences_tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/network/proxy-address", test_proxy_address);
  CASE ("/network/proxy", test_proxy);
  g_test_add_func ("/network/mirror-address", test_mirror_address);
  CASE ("/network/bad-mirror", test_bad_mirror);
  CASE ("/network/mirror-and-offline", test_network);
  return g_test_run ();
}
