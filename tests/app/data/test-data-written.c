/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the Data page writes beside the data or where one says: the audit, variants, messages.
 */
#include "data-page-fixture.h"

#include "stages/data/audit-save.h"
#include "stages/data/messages-save.h"

#include <string.h>

/* Whole: it is there before all of it is written. */
static gboolean
has_audit (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "audit.html", NULL), *page = NULL;

  return g_file_get_contents (path, &page, NULL, NULL) && strstr (page, "</html>") != NULL;
}

/* The audit of labels is a page that is saved where one says. */
static void
test_audit (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "audit.html", NULL), *page = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (path);

  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  attune_audit_save_to (f->session, file);
  test_loop_until (has_audit, f);
  g_assert_true (g_file_get_contents (path, &page, NULL, NULL));
  g_assert_nonnull (strstr (page, "<h3>t0</h3>"));
}

static gboolean
has_files (PageFixture *f)
{
  g_autofree char *pdf = g_build_filename (f->files.folder, "audit.pdf", NULL),
                  *json = g_build_filename (f->files.folder, "audit.json", NULL), *bytes = NULL,
                  *text = NULL;

  return g_file_get_contents (pdf, &bytes, NULL, NULL) && g_str_has_prefix (bytes, "%PDF-")
         && g_file_get_contents (json, &text, NULL, NULL) && strstr (text, "\"sources\"") != NULL;
}

/* The file's name says whether it is for people or for programs. */
static void
test_audit_files (PageFixture *f, gconstpointer data)
{
  static const char *const names[] = { "audit.pdf", "audit.json" };

  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (f->files.folder, names[i], NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);

      attune_audit_save_to (f->session, file);
    }
  test_loop_until (has_files, f);
}

static gboolean
shows_writing (PageFixture *f)
{
  return find_label (f->page, "Variants Written by the Model") != NULL;
}

static gboolean
has_written (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.project, "dataset.variants.jsonl", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) && page_fixture_is_idle (f);
}

/* Variants that a model writes are asked for on the page; what is written is beside the data. */
static void
test_write (PageFixture *f, gconstpointer data)
{
  test_loop_until (is_ready, f);
  import_messy (f);
  test_loop_until (shows_table, f);
  g_assert_false (shows_writing (f));
  g_object_set (attune_project_get_data_settings (f->project), "variants", 1, "variants-by",
                ATTUNE_VARIANTS_MODEL, NULL);
  test_loop_until (shows_writing, f);
  g_assert_nonnull (
      find_label (f->page, "Prepare the data first: variants are of what is learned from"));
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  test_loop_until (page_fixture_is_idle, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.write-variants", NULL));
  test_loop_until (has_written, f);
}

static gboolean
has_messages (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messages", "train.jsonl", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Where the model has to say which records are neighbours, a program asks it; what it makes is what
 * other programs are given, too. */
static void
test_smote (PageFixture *f, gconstpointer data)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messages", NULL),
                  *file = g_build_filename (path, "train.jsonl", NULL),
                  *table = g_build_filename (f->files.folder, "messy.csv", NULL), *text = NULL;
  g_autoptr (GFile) folder = g_file_new_for_path (path);
  g_autoptr (GString) rows = g_string_new ("question,answer,label\n");
  guint n_mixed = 0;

  for (int i = 0; i < 40; i++)
    g_string_append_printf (rows, "What is the number %d in words?,It is %d.,many\n", i, i);
  for (int i = 0; i < 10; i++)
    g_string_append_printf (rows, "Lamp %d is broken.,Call the porter.,few\n", i * 7);
  g_assert_true (g_file_set_contents (table, rows->str, -1, NULL));
  test_loop_until (is_ready, f);
  g_object_set (attune_project_get_data_settings (f->project), "balance", ATTUNE_BALANCE_SMOTE,
                NULL);
  attune_session_import (f->session, attune_source_probe (table, NULL));
  test_loop_until (shows_table, f);
  g_assert_true (gtk_widget_activate_action (f->page, "data.prepare", NULL));
  test_loop_until (shows_result, f);
  g_assert_true (shows_fresh (f));
  attune_messages_save_to (f->session, folder, NULL);
  test_loop_until (has_messages, f);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  for (const char *at = text; (at = strstr (at, "is broken. Lamp")) != NULL; at++)
    n_mixed++;
  g_assert_cmpuint (n_mixed, >, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/data-page/audit", test_audit);
  CASE ("/data-page/audit-files", test_audit_files);
  CASE ("/data-page/write", test_write);
  CASE ("/data-page/smote", test_smote);
  return g_test_run ();
}
