/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preferences in a window of their own.
 */
#pragma once
#include "preferences.h"

#include "folders.h"
#include "page-fixture.h"

typedef struct
{
  GSettings *settings;
  GtkWidget *window;
  AdwDialog *dialog;
} Fixture;

static inline void
preferences_set_up (Fixture *f, gconstpointer data)
{
  f->settings = attune_open_settings ();
  f->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 600, 900);
  gtk_window_present (GTK_WINDOW (f->window));
}

static inline gboolean
is_open (Fixture *f)
{
  return find_label (f->window, "Proxy Address") != NULL;
}

static inline void
open_dialog (Fixture *f)
{
  f->dialog = attune_preferences_new (f->settings);
  adw_dialog_present (f->dialog, f->window);
  test_loop_until (is_open, f);
}

static inline gboolean
is_gone (AdwDialog **dialog)
{
  return *dialog == NULL;
}

static inline void
close_dialog (Fixture *f)
{
  g_object_add_weak_pointer (G_OBJECT (f->dialog), (gpointer *) &f->dialog);
  adw_dialog_force_close (f->dialog);
  test_loop_until (is_gone, &f->dialog);
}

static inline void
preferences_tear_down (Fixture *f, gconstpointer data)
{
  if (f->dialog != NULL)
    close_dialog (f);
  gtk_window_destroy (GTK_WINDOW (f->window));
  g_object_unref (f->settings);
}

static inline GtkWidget *
find_row (Fixture *f, const char *title)
{
  GtkWidget *label = find_label (f->window, title);

  g_assert_nonnull (label);
  return gtk_widget_get_ancestor (label, ADW_TYPE_PREFERENCES_ROW);
}
