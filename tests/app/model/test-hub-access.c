/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A hub that refuses or is busy, another one in its place, and none at all.
 */
#include "core/fetch.h"
#include "core/offline.h"
#include "model/hub-client.h"

static void
test_forbidden (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->need_token = TRUE;
  f->refusal = SOUP_STATUS_FORBIDDEN;
  run (download);
  assert_failed (download, "accept the licence");
  g_assert_cmpint (f->n_asked, ==, 1); /* which asking again would not change */
}

/* It is asked again, as often and as late as it says. */
static void
test_busy (Fixture *f, gconstpointer data)
{
  static const guint statuses[] = { 429, 500, 502, 503, 504 };

  f->retry_after = "0";
  for (guint i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", statuses[i]),
                      *folder = g_build_filename (f->folder, name, NULL),
                      *words = g_strdup_printf (statuses[i] == 429 ? "asked too often (%u)"
                                                                   : "not answer just now (%u ",
                                                statuses[i]);
      g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", folder);

      f->busy_status = statuses[i];
      f->n_busy = 100;
      f->n_asked = 0;
      run (download);
      assert_failed (download, words);
      g_assert_cmpint (f->n_asked, ==, 4);
      f->n_busy = 2;
      run (download);
      assert_done (f, download);
    }
}

/* Nobody waits an hour for an answer. */
static void
test_busy_for_long (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->retry_after = "3600";
  f->busy_status = 429;
  f->n_busy = 1;
  run (download);
  assert_failed (download, "asked too often (429)");
  g_assert_cmpint (f->n_asked, ==, 1);
}

static gboolean
was_asked (Fixture *f)
{
  return f->n_asked > 0;
}

/* Nor does one who has had enough. */
static void
test_busy_cancel (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);
  const gint64 start = g_get_monotonic_time ();

  f->retry_after = "50";
  f->busy_status = 503;
  f->n_busy = 100;
  attune_download_start (download);
  test_loop_until (was_asked, f);
  attune_download_cancel (download);
  test_loop_until (has_ended, download);
  g_assert_null (attune_download_get_error (download));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 40 * G_USEC_PER_SEC);
}

/* --- mirror and offline */

static void
test_mirror (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  g_setenv ("HF_ENDPOINT", "http://127.0.0.1:1", TRUE); /* where nobody is */
  attune_hub_set_mirror (f->address);
  run (download);
  attune_hub_set_mirror (NULL);
  assert_done (f, download);
}

/* The preferences name another hub while the parts of a model come: they go on coming from the one
 * that the token is of. */
static void
test_other_hub (Fixture *f, gconstpointer data)
{
  g_autoptr (OtherHub) other = other_hub_new ();
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m",
                                       .bytes = MODEL_BYTES,
                                       .repository = (char *) "a/shards" };
  g_autoptr (AttuneDownload) download = attune_download_new (&model, f->folder);

  f->need_token = TRUE;
  attune_download_set_hub (download, f->address, TOKEN);
  attune_download_start (download);
  attune_hub_set_mirror (other->address);
  test_loop_until (has_ended, download);
  attune_hub_set_mirror (NULL);
  g_assert_cmpstr (attune_download_get_error (download), ==, NULL);
  g_assert_true (f->saw_token);
  g_assert_cmpint (other->n_asked, ==, 0);
}

/* Who listens on the line reads no token; here it is a proxy that stands for the line. */
static void
test_token_in_the_clear (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) download = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  f->need_token = TRUE;
  attune_download_set_proxy (download, f->address);
  attune_download_set_hub (download, "http://hub.invalid", TOKEN);
  run (download);
  assert_failed (download, "it was not sent");
  g_assert_cmpint (f->n_asked, ==, 1);
  g_assert_false (f->saw_token);
}

static void
test_offline (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneDownload) hub = attune_download_new_hub ("a/m", "m.gguf", f->folder);

  attune_set_offline (TRUE);
  run (hub);
  attune_set_offline (FALSE);
  assert_failed (hub, "works offline");
  g_setenv ("HF_HUB_OFFLINE", "True", TRUE);
  run (hub);
  g_unsetenv ("HF_HUB_OFFLINE");
  assert_failed (hub, "works offline");
  g_assert_cmpint (f->n_asked, ==, 0);
  run (hub);
  assert_done (f, hub);
}

static gboolean
all_wait (Fixture *f)
{
  return f->waiting->len == 3;
}

/* What is on its way stops, too. */
static void
test_offline_meanwhile (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = { .name = (char *) "M",
                                       .file = (char *) "m",
                                       .bytes = MODEL_BYTES,
                                       .repository = (char *) "a/shards" };
  g_autoptr (AttuneDownload) download = attune_download_new (&model, f->folder);

  f->n_together = 4; /* of which three come */
  attune_download_start (download);
  test_loop_until (all_wait, f);
  attune_set_offline (TRUE);
  serve_waiting (f);
  test_loop_until (has_ended, download);
  attune_set_offline (FALSE);
  assert_failed (download, "works offline");
  f->n_together = 0;
  run (download);
  g_assert_true (attune_download_is_done (download));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/hub-access/forbidden", test_forbidden);
  CASE ("/hub-access/busy", test_busy);
  CASE ("/hub-access/busy-for-long", test_busy_for_long);
  CASE ("/hub-access/busy-cancel", test_busy_cancel);
  CASE ("/hub-access/mirror", test_mirror);
  CASE ("/hub-access/other-hub", test_other_hub);
  CASE ("/hub-access/token-in-the-clear", test_token_in_the_clear);
  CASE ("/hub-access/offline", test_offline);
  CASE ("/hub-access/offline-meanwhile", test_offline_meanwhile);
  return g_test_run ();
}
