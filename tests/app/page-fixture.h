/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page of a stage in a window of its own, with a real project and the tiny model.
 */
#pragma once
#include "find.h"
#include "job/program.h"
#include "loop.h"
#include "widgets/gently.h"
#include "widgets/stage-page.h"

typedef struct
{
  TestProject files;
  AttuneProject *project;
  AttuneSession *session;
  GtkWidget *window;
  GtkWidget *page;
} PageFixture;

static inline gboolean
page_fixture_is_idle (PageFixture *f)
{
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    if (attune_session_get_progress (f->session, i) >= 0)
      return FALSE;
  return TRUE;
}

static inline gboolean
page_fixture_is_gone (GtkWidget **widget)
{
  return *widget == NULL;
}

static inline gboolean
page_fixture_is_whole (gpointer data)
{
  return !attune_is_doing_gently ();
}

/* Opens the project of @f with a page of @type, all of it. */
static inline void
page_fixture_open (PageFixture *f, GType type)
{
  GtkWidget *overlay = adw_toast_overlay_new ();
  g_autoptr (GError) error = NULL;

  f->project = attune_project_open (f->files.project, &error);
  g_assert_no_error (error);
  f->session = attune_session_new (f->project);
  f->page = g_object_new (type, NULL);
  f->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 400, 700);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), f->page);
  adw_window_set_content (ADW_WINDOW (f->window), overlay);
  attune_stage_page_set_session (ATTUNE_STAGE_PAGE (f->page), f->session);
  gtk_window_present (GTK_WINDOW (f->window));
  test_loop_until (page_fixture_is_whole, NULL);
}

/* Everything that was opened must go with the window. */
static inline void
page_fixture_close (PageFixture *f)
{
  GtkWidget *page = f->page;

  g_object_add_weak_pointer (G_OBJECT (page), (gpointer *) &page);
  gtk_window_destroy (GTK_WINDOW (f->window));
  attune_session_close (f->session);
  g_clear_object (&f->session);
  g_clear_object (&f->project);
  test_loop_until (page_fixture_is_gone, &page);
}
