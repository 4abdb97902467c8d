/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session with evaluations that were made here, and a window to show things in.
 */
#pragma once
#include "session.h"

#include "job/evaluation-sample.h"
#include "loop.h"
#include "scratch-folder.h"
#include "widgets/gently.h"

#include <adwaita.h>

typedef struct
{
  char *folder, *project_path;
  AttuneProject *project;
  AttuneSession *session;
  GtkWidget *window; /* (nullable) */
  GString *said;     /* what the session said */
} Desk;

static inline void
desk_on_message (Desk *self, const char *text)
{
  g_string_append_printf (self->said, "%s\n", text);
}

static inline void
desk_open (Desk *self)
{
  g_autoptr (GError) error = NULL;

  self->project = attune_project_open (self->project_path, &error);
  g_assert_no_error (error);
  self->session = attune_session_new (self->project);
  g_signal_connect_swapped (self->session, "message", G_CALLBACK (desk_on_message), self);
}

static inline gboolean
desk_is_gone (gpointer *object)
{
  return *object == NULL;
}

/* Nothing may hold the session, once its threads are done. */
static inline void
desk_close (Desk *self)
{
  gpointer session = self->session;

  if (self->window != NULL)
    gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->window)));
  g_object_add_weak_pointer (G_OBJECT (session), &session);
  attune_session_close (self->session);
  g_clear_object (&self->session);
  test_loop_until (desk_is_gone, &session);
  g_clear_object (&self->project);
}

/* Writes an evaluation with @n answers. */
static inline char *
desk_add_evaluation (Desk *self, const char *run, guint n)
{
  g_autoptr (AttuneEvaluation) evaluation = test_evaluation_new (n);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = attune_project_open (self->project_path, &error);
  char *path;

  g_assert_no_error (error);
  g_set_str (&evaluation->run, run);
  path = attune_evaluation_write (evaluation, project, &error);
  g_assert_no_error (error);
  return path;
}

static inline void
desk_set_up (Desk *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneProject) project = NULL;

  self->folder = g_dir_make_tmp ("attune-desk-XXXXXX", NULL);
  self->project_path = g_build_filename (self->folder, "Nursing.attune", NULL);
  self->said = g_string_new (NULL);
  project = attune_project_create (self->project_path, &error);
  g_assert_no_error (error);
}

static inline void
desk_tear_down (Desk *self, gconstpointer data)
{
  if (self->session != NULL)
    desk_close (self);
  test_remove_folder (self->folder);
  g_string_free (self->said, TRUE);
  g_free (self->folder);
  g_free (self->project_path);
}

static inline gboolean
desk_has_read (Desk *self)
{
  return attune_session_get_evaluations (self->session) != NULL;
}

static inline gboolean
desk_is_whole (Desk *self)
{
  return gtk_widget_get_mapped (self->window) && !attune_is_doing_gently ();
}

/* Shows @child in a window with a toast overlay. */
static inline void
desk_show (Desk *self, GtkWidget *child)
{
  GtkWidget *overlay = adw_toast_overlay_new ();

  self->window = g_object_new (ADW_TYPE_WINDOW, "default-width", 700, "default-height", 900, NULL);
  adw_toast_overlay_set_child (ADW_TOAST_OVERLAY (overlay), child);
  adw_window_set_content (ADW_WINDOW (self->window), overlay);
  gtk_window_present (GTK_WINDOW (self->window));
  test_loop_until (desk_is_whole, self);
}

typedef gboolean (*DeskMatch) (GtkWidget *widget, gconstpointer data);

/* The first widget below @widget, itself included, that @match takes and that is to be seen. */
static inline GtkWidget *
desk_find (GtkWidget *widget, DeskMatch match, gconstpointer data)
{
  if (!gtk_widget_get_visible (widget))
    return NULL;
  if (match (widget, data))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found
          = gtk_widget_get_child_visible (child) ? desk_find (child, match, data) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

static inline gboolean
desk_has_text (GtkWidget *widget, gconstpointer data)
{
  return GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), data) != NULL;
}

static inline gboolean
desk_shows (GtkWidget *widget, const char *text)
{
  return desk_find (widget, desk_has_text, text) != NULL;
}
