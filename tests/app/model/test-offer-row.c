/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model that is offered: what is said before it is fetched, and that the token goes with those
 * that need one.
 */
#include "find.h"
#include "model/hub-client.h"
#include "stages/model/offer-row.h"
#include "stages/model/token.h"

typedef struct
{
  AttuneDownload *download;
  GtkWidget *window, *row;
} Offered;

static void
stored (GObject *source, GAsyncResult *result, gpointer data)
{
  attune_token_store_finish (result, NULL); /* without a keyring it is kept in this process */
  *(gboolean *) data = TRUE;
}

static gboolean
is_stored (gboolean *flag)
{
  return *flag;
}

static void
store_token (const char *token)
{
  g_autofree char *hub = attune_hub_get_address ();
  gboolean flag = FALSE;

  attune_token_store_async (hub, token, NULL, stored, &flag);
  test_loop_until (is_stored, &flag);
}

static void
offer (Fixture *f, Offered *o, const AttuneCatalogueModel *model)
{
  const AttuneGuideChoice choice = { .model = model, .fits = TRUE, .seconds = 60 };
  GtkWidget *group = adw_preferences_group_new ();

  o->download = attune_download_new (model, f->folder);
  o->row = attune_offer_row_new (&choice, o->download);
  o->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (o->window), 600, 700);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), o->row);
  adw_window_set_content (ADW_WINDOW (o->window), group);
  gtk_window_present (GTK_WINDOW (o->window));
}

static gboolean
shows_question (Offered *o)
{
  return find_label (o->window, "Get M?") != NULL;
}

/* Says yes to what is asked. */
static void
get (Offered *o, const AttuneCatalogueModel *model)
{
  GtkWidget *button;

  attune_offer_ask (o->row, model, o->download);
  test_loop_until (shows_question, o);
  g_assert_nonnull (find_label (o->window, "To be fetched: about 300"));
  g_assert_nonnull (find_label (o->window, "Some Licence"));
  button = gtk_widget_get_ancestor (find_label (o->window, "Download"), GTK_TYPE_BUTTON);
  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
is_over (Offered *o)
{
  return attune_download_is_done (o->download) || attune_download_get_error (o->download) != NULL;
}

static gboolean
has_failed (Offered *o)
{
  return attune_download_get_error (o->download) != NULL;
}

static void
take_away (Offered *o)
{
  gtk_window_destroy (GTK_WINDOW (o->window));
  g_object_unref (o->download);
}

static AttuneCatalogueModel
make_model (gboolean gated)
{
  return (AttuneCatalogueModel) { .name = (char *) "M",
                                  .author = (char *) "A",
                                  .licence = (char *) "Some Licence",
                                  .parameters = 1000,
                                  .bytes = MODEL_BYTES,
                                  .file = (char *) "m.gguf",
                                  .hub_repository = (char *) "a/m",
                                  .gated = gated };
}

static void
test_gated (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = make_model (data != NULL);
  Offered o;

  store_token (TOKEN);
  f->need_token = model.gated;
  offer (f, &o, &model);
  g_assert_nonnull (strstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (o.row)), "about 300"));
  get (&o, &model);
  test_loop_until (is_over, &o);
  assert_done (f, o.download);
  g_assert_cmpint (f->saw_token, ==, model.gated); /* nobody else needs to know it */
  take_away (&o);
  store_token ("");
}

/* The token of one hub is not shown to another one, for which there is none. */
static void
test_other_hub (Fixture *f, gconstpointer data)
{
  g_autoptr (OtherHub) other = other_hub_new ();
  g_autofree char *label = NULL; /* of what it is otherwise */
  const AttuneCatalogueModel model = make_model (TRUE);
  Offered o;

  store_token (TOKEN);
  f->need_token = TRUE;
  offer (f, &o, &model);
  get (&o, &model);
  test_loop_until (is_over, &o);
  assert_done (f, o.download);
  g_assert_cmpint (g_unlink (attune_download_get_path (o.download)), ==, 0);
  attune_hub_set_mirror (other->address);
  get (&o, &model);
  test_loop_until (has_failed, &o);
  attune_hub_set_mirror (NULL);
  g_assert_cmpint (other->n_asked, ==, 1);
  label = gtk_test_accessible_check_property (
      GTK_ACCESSIBLE (gtk_widget_get_ancestor (find_label (o.row, "Try Again"), GTK_TYPE_BUTTON)),
      GTK_ACCESSIBLE_PROPERTY_LABEL, "Try Again to Get M");
  g_assert_cmpstr (label, ==, NULL);
  g_assert_false (other->saw_token);
  take_away (&o);
  store_token ("");
}

static gboolean
shows_no_question (Offered *o)
{
  return !shows_question (o);
}

/* Its page goes while it is asked about: nobody would hear of the download. */
static void
test_page_gone (Fixture *f, gconstpointer data)
{
  const AttuneCatalogueModel model = make_model (FALSE);
  GtkWidget *button;
  Offered o;

  offer (f, &o, &model);
  attune_offer_ask (o.window, &model, o.download);
  test_loop_until (shows_question, &o);
  button = gtk_widget_get_ancestor (find_label (o.window, "Download"), GTK_TYPE_BUTTON);
  adw_window_set_content (ADW_WINDOW (o.window), NULL);
  g_clear_object (&o.download);
  g_signal_emit_by_name (button, "clicked");
  test_loop_until (shows_no_question, &o);
  for (int i = 0; i < 20; i++)
    {
      g_usleep (10000);
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  g_assert_cmpint (f->n_asked, ==, 0);
  gtk_window_destroy (GTK_WINDOW (o.window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/offer-row/gated", Fixture, "gated", set_up, test_gated, tear_down);
  g_test_add ("/offer-row/free", Fixture, NULL, set_up, test_gated, tear_down);
  CASE ("/offer-row/other-hub", test_other_hub);
  CASE ("/offer-row/page-gone", test_page_gone);
  return g_test_run ();
}
