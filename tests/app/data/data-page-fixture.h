/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The Data page of a project, and a table with something to clean.
 */
#pragma once
#include "page-fixture.h"

#include "stages/data/page.h"
#include "stages/data/result.h"

static inline void
set_up (PageFixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  page_fixture_open (f, ATTUNE_TYPE_DATA_PAGE);
}

static inline void
tear_down (PageFixture *f, gconstpointer data)
{
  page_fixture_close (f);
  test_project_tear_down (&f->files, NULL);
}

static inline gboolean
is_ready (PageFixture *f)
{
  return attune_session_get_model (f->session) != NULL && page_fixture_is_idle (f);
}

static inline gboolean
shows_table (PageFixture *f)
{
  return find_label (f->page, "messy.csv") != NULL && page_fixture_is_idle (f);
}

static inline gboolean
shows_result (PageFixture *f)
{
  GtkWidget *result = find_widget (f->page, ATTUNE_TYPE_DATA_RESULT);

  return result != NULL && gtk_widget_get_mapped (result) && page_fixture_is_idle (f);
}

static inline gboolean
shows_stale (PageFixture *f)
{
  return find_label (f->page, "settings have changed since") != NULL;
}

static inline gboolean
shows_fresh (PageFixture *f)
{
  return !shows_stale (f);
}

static inline void
import_messy (PageFixture *f)
{
  g_autofree char *path = g_build_filename (f->files.folder, "messy.csv", NULL);
  g_autoptr (GString) table = g_string_new ("question,answer,topic\n");

  for (int i = 0; i < 40; i++)
    g_string_append_printf (table, "What is &amp; %d?,It is  number %d.,t%d\n", i, i, i % 2);
  g_string_append (table,
                   "What is a stroke?,A sudden loss of function of the brain when its blood is cut "
                   "off.,t0\n"
                   "What is a stroke please?,A sudden loss of function of the brain when its blood "
                   "is cut off.,t0\n");
  g_string_append (table, "Who helps with <b>7</b>?,Please write to j.doe@example.org.,t1\n");
  g_string_append (table, "What is &amp; 7?,It is  number 7.,t1\nbroken\n");
  g_assert_true (g_file_set_contents (path, table->str, -1, NULL));
  attune_session_import (f->session, attune_source_probe (path, NULL));
}

#define CASE(path, test) g_test_add (path, PageFixture, NULL, set_up, test, tear_down)
