/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stages/plan/preset-list.h"

#include "loop.h"

static int chosen, n_chosen;

static void
on_chosen (AttunePresetList *list, int preset)
{
  chosen = preset;
  n_chosen++;
}

/* The radio buttons of @root, in order. */
static void
collect (GtkWidget *root, GPtrArray *checks)
{
  if (GTK_IS_CHECK_BUTTON (root))
    g_ptr_array_add (checks, root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    collect (child, checks);
}

static void
test_property (void)
{
  g_autoptr (AttunePresetList) list
      = g_object_ref_sink (ATTUNE_PRESET_LIST (attune_preset_list_new ()));
  int preset;

  g_object_get (list, "preset", &preset, NULL);
  g_assert_cmpint (preset, ==, ATTUNE_PRESET_BALANCED);
  for (int i = -1; i < ATTUNE_N_PRESETS; i++)
    {
      g_object_set (list, "preset", i, NULL);
      g_assert_cmpint (attune_preset_list_get_preset (list), ==, i);
    }
}

/* Its rows come one after another. */
static gboolean
shows_all (GtkWidget *list)
{
  g_autoptr (GPtrArray) checks = g_ptr_array_new ();

  collect (list, checks);
  return checks->len == ATTUNE_N_PRESETS + 1;
}

static void
test_choosing (void)
{
  g_autoptr (AttunePresetList) list
      = g_object_ref_sink (ATTUNE_PRESET_LIST (attune_preset_list_new ()));
  g_autoptr (GPtrArray) checks = g_ptr_array_new ();

  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 400, 600);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (list));
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (shows_all, list);
  g_signal_connect (list, "chosen", G_CALLBACK (on_chosen), NULL);
  collect (GTK_WIDGET (list), checks);
  g_assert_cmpuint (checks->len, ==, ATTUNE_N_PRESETS + 1);
  n_chosen = 0;
  attune_preset_list_set_preset (list, -1);
  attune_preset_list_set_preset (list, ATTUNE_PRESET_QUICK);
  g_assert_cmpint (n_chosen, ==, 0); /* nobody has chosen */
  g_assert_true (gtk_check_button_get_active (checks->pdata[ATTUNE_PRESET_QUICK]));
  gtk_check_button_set_active (checks->pdata[ATTUNE_PRESET_BEST], TRUE);
  g_assert_cmpint (n_chosen, ==, 1);
  g_assert_cmpint (chosen, ==, ATTUNE_PRESET_BEST);
  g_assert_cmpint (attune_preset_list_get_preset (list), ==, ATTUNE_PRESET_BEST);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_finalisation (void)
{
  GtkWidget *list = g_object_ref_sink (attune_preset_list_new ());

  g_object_add_weak_pointer (G_OBJECT (list), (gpointer *) &list);
  g_object_unref (list);
  g_assert_null (list);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/preset-list/property", test_property);
  g_test_add_func ("/preset-list/choosing", test_choosing);
  g_test_add_func ("/preset-list/finalisation", test_finalisation);
  return g_test_run ();
}
