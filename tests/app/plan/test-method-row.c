/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stages/plan/method-row.h"

static int chosen, n_chosen;

static void
on_chosen (AttuneMethodRow *row, int method)
{
  chosen = method;
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
test_choosing (void)
{
  g_autoptr (AttuneMethodRow) row
      = g_object_ref_sink (ATTUNE_METHOD_ROW (attune_method_row_new ()));
  g_autoptr (GPtrArray) checks = g_ptr_array_new ();

  g_signal_connect (row, "chosen", G_CALLBACK (on_chosen), NULL);
  collect (GTK_WIDGET (row), checks);
  g_assert_cmpuint (checks->len, ==, ATTUNE_N_METHODS);
  g_assert_true (gtk_check_button_get_active (checks->pdata[ATTUNE_METHOD_LORA]));
  attune_method_row_set_method (row, ATTUNE_METHOD_HALF);
  g_assert_cmpint (n_chosen, ==, 0); /* nobody has chosen */
  g_assert_true (gtk_check_button_get_active (checks->pdata[ATTUNE_METHOD_HALF]));
  gtk_check_button_set_active (checks->pdata[ATTUNE_METHOD_LAYERS], TRUE);
  g_assert_cmpint (n_chosen, ==, 1);
  g_assert_cmpint (chosen, ==, ATTUNE_METHOD_LAYERS);
}

static void
test_finalisation (void)
{
  GtkWidget *row = g_object_ref_sink (attune_method_row_new ());

  g_object_add_weak_pointer (G_OBJECT (row), (gpointer *) &row);
  g_object_unref (row);
  g_assert_null (row);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/method-row/choosing", test_choosing);
  g_test_add_func ("/method-row/finalisation", test_finalisation);
  return g_test_run ();
}
