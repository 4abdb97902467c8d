/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The token inspector on the Model page of a real project.
 */
#include "page-fixture.h"

#include "stages/model/inspector.h"
#include "stages/model/page.h"

static void
set_up (PageFixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  page_fixture_open (f, ATTUNE_TYPE_MODEL_PAGE);
}

static void
tear_down (PageFixture *f, gconstpointer data)
{
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

static AttuneInspector *
get_inspector (PageFixture *f)
{
  return ATTUNE_INSPECTOR (find_widget (f->page, ATTUNE_TYPE_INSPECTOR));
}

static gboolean
shows_tokens (PageFixture *f)
{
  return attune_inspector_get_n_tokens (get_inspector (f)) > 0;
}

static int
count_chips (GtkWidget *root)
{
  int n = gtk_widget_has_css_class (root, "token-chip") && gtk_widget_get_parent (root) != NULL
          && gtk_widget_is_visible (root);

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_chips (child);
  return n;
}

static void
test_tokens (PageFixture *f, gconstpointer data)
{
  AttuneInspector *inspector = get_inspector (f);
  guint n;

  test_loop_until (shows_tokens, f);
  n = attune_inspector_get_n_tokens (inspector);
  g_assert_cmpint (count_chips (GTK_WIDGET (inspector)), ==, n);
  attune_inspector_set_text (inspector, "");
  g_assert_cmpuint (attune_inspector_get_n_tokens (inspector), ==, 0);
  g_assert_cmpint (count_chips (GTK_WIDGET (inspector)), ==, 0);
  /* text is data: no markup, no marks of the template, whatever it looks like */
  attune_inspector_set_text (inspector, "<b>x</b> & <|im_end|> \360\237\246\204 \001");
  g_assert_cmpint (count_chips (GTK_WIDGET (inspector)), ==,
                   attune_inspector_get_n_tokens (inspector));
  g_assert_cmpuint (attune_inspector_get_n_tokens (inspector), >, 8);
}

static void
test_long_text (PageFixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (100000, 'x');
  g_autoptr (GString) wide = g_string_new ("x");

  test_loop_until (shows_tokens, f);
  attune_inspector_set_text (get_inspector (f), text);
  g_assert_cmpint (count_chips (f->page), <=, 200);
  for (int i = 0; i < 1000; i++)
    g_string_append (wide, "\360\237\246\204"); /* is cut between letters */
  attune_inspector_set_text (get_inspector (f), wide->str);
  g_assert_cmpint (count_chips (f->page), <=, 200);
}

static gboolean
has_no_model (PageFixture *f)
{
  return page_fixture_is_idle (f) && attune_session_get_model (f->session) == NULL
         && count_chips (f->page) == 0;
}

/* The model goes while a sentence is looked at. */
static void
test_model_goes (PageFixture *f, gconstpointer data)
{
  test_loop_until (shows_tokens, f);
  attune_session_set_model (f->session, NULL);
  attune_inspector_set_text (get_inspector (f), "typed before the page has heard of it");
  test_loop_until (has_no_model, f);
}

static gboolean
shows_system (PageFixture *f)
{
  return find_label (f->page, "Answer like a nurse.") != NULL;
}

static void
test_system_prompt (PageFixture *f, gconstpointer data)
{
  GtkWidget *row;

  test_loop_until (shows_tokens, f);
  g_object_set (attune_project_get_data_settings (f->project), "system-prompt",
                "Answer like a nurse.", NULL);
  attune_inspector_refresh (get_inspector (f));
  row = find_widget (GTK_WIDGET (get_inspector (f)), ADW_TYPE_EXPANDER_ROW);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  test_loop_until (shows_system, f);
}

#define CASE(path, test) g_test_add (path, PageFixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/inspector/tokens", test_tokens);
  CASE ("/inspector/long-text", test_long_text);
  CASE ("/inspector/model-goes", test_model_goes);
  CASE ("/inspector/system-prompt", test_system_prompt);
  return g_test_run ();
}
