/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog that adds a source, over the Data page of a project, and what a person does in it.
 */
#pragma once
#include "page-fixture.h"

#include "stages/data/import-dialog.h"
#include "stages/data/page.h"

typedef struct
{
  PageFixture page;
  AttuneImportDialog *dialog; /* borrowed; %NULL once it is closed */
  const char *expected;
} Fixture;

static inline void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->page.files, NULL);
  g_free (test_attunectl_good (&f->page.files, "new %P --model %M"));
  page_fixture_open (&f->page, ATTUNE_TYPE_DATA_PAGE);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  page_fixture_close (&f->page);
  g_assert_null (f->dialog);
  test_project_tear_down (&f->page.files, NULL);
}

static inline gboolean
has_looked (Fixture *f)
{
  return !g_str_equal (attune_import_dialog_get_state (f->dialog), "loading");
}

static inline void
open_dialog (Fixture *f, const char *path)
{
  f->dialog = attune_import_dialog_new (f->page.session, path);
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  adw_dialog_present (ADW_DIALOG (f->dialog), f->page.page);
  test_loop_until (has_looked, f);
}

/* Writes @n bytes (-1: a string) as @name beside the project, and opens it. */
static inline void
open_bytes (Fixture *f, const char *name, const char *bytes, gssize n)
{
  g_autofree char *path = g_build_filename (f->page.files.folder, name, NULL);

  g_assert_true (g_file_set_contents (path, bytes, n, NULL));
  open_dialog (f, path);
}

static inline gboolean
is_closed (Fixture *f)
{
  return f->dialog == NULL;
}

static inline void
cancel (Fixture *f)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (f->dialog), "import.cancel", NULL));
  test_loop_until (is_closed, f);
}

/* The button that imports, whose action says whether it can. */
static inline GtkWidget *
get_button (Fixture *f)
{
  GtkWidget *button = adw_dialog_get_default_widget (ADW_DIALOG (f->dialog));

  g_assert_true (GTK_IS_BUTTON (button));
  return button;
}

static inline gboolean
says (Fixture *f)
{
  return find_label (GTK_WIDGET (f->dialog), f->expected) != NULL;
}

/* In the dialog stands a sentence with @part. */
static inline void
assert_said (Fixture *f, const char *part)
{
  f->expected = part;
  test_loop_until (says, f); /* what has just become visible is mapped with the next frame */
}

static inline gboolean
can_import (Fixture *f)
{
  return gtk_widget_get_sensitive (get_button (f));
}

static inline gboolean
cannot_import (Fixture *f)
{
  return !can_import (f);
}

static inline AdwComboRow *
find_row (GtkWidget *root, const char *title)
{
  if (ADW_IS_COMBO_ROW (root)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return ADW_COMBO_ROW (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      AdwComboRow *found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static inline void
assert_choice (Fixture *f, const char *title, const char *expected)
{
  AdwComboRow *row = find_row (GTK_WIDGET (f->dialog), title);
  GtkStringObject *chosen;

  g_assert_nonnull (row);
  chosen = adw_combo_row_get_selected_item (row);
  g_assert_cmpstr (gtk_string_object_get_string (chosen), ==, expected);
}

static inline void
choose (Fixture *f, const char *title, const char *choice)
{
  AdwComboRow *row = find_row (GTK_WIDGET (f->dialog), title);
  GListModel *choices = adw_combo_row_get_model (row);

  for (guint i = 0; i < g_list_model_get_n_items (choices); i++)
    if (g_str_equal (gtk_string_list_get_string (GTK_STRING_LIST (choices), i), choice))
      {
        adw_combo_row_set_selected (row, i);
        return;
      }
  g_error ("%s cannot be %s", title, choice);
}

static inline GListModel *
get_rows (Fixture *f)
{
  return G_LIST_MODEL (gtk_column_view_get_model (
      GTK_COLUMN_VIEW (find_widget (GTK_WIDGET (f->dialog), GTK_TYPE_COLUMN_VIEW))));
}

static inline gboolean
has_data (Fixture *f)
{
  return attune_session_get_data (f->page.session) != NULL && page_fixture_is_idle (&f->page);
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
