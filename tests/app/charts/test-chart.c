/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chart in a window: what it draws and how often, pointer and keyboard, what assistive
 * technologies are told, copying and saving. Needs a display.
 */
#include "charts/chart.h"
#include "counting-figure.h"
#include "samples.h"

#include <adwaita.h>
#include <glib/gstdio.h>

/* ---- a window with a chart ---- */

typedef struct
{
  CountingFigure *figure;
  AttuneChart *chart;
  GtkWidget *window;
  char *told; /* the last toast */
} Desk;

static void
on_toast (GSimpleAction *action, GVariant *text, gpointer data)
{
  Desk *self = data;

  g_free (self->told);
  self->told = g_variant_dup_string (text, NULL);
}

static void
desk_set_up (Desk *self, gconstpointer data)
{
  static const GActionEntry toast
      = { .name = "toast", .activate = on_toast, .parameter_type = "s" };
  g_autoptr (GSimpleActionGroup) actions = g_simple_action_group_new ();

  g_action_map_add_action_entries (G_ACTION_MAP (actions), &toast, 1, self);
  self->figure = g_object_new (COUNTING_TYPE_FIGURE, "title", "Loss", NULL);
  self->chart = ATTUNE_CHART (attune_chart_new (ATTUNE_FIGURE (self->figure)));
  self->window = gtk_window_new ();
  gtk_widget_insert_action_group (self->window, "win", G_ACTION_GROUP (actions));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 500, 300);
  gtk_widget_set_valign (GTK_WIDGET (self->chart), GTK_ALIGN_START);
  gtk_window_set_child (GTK_WINDOW (self->window), GTK_WIDGET (self->chart));
  gtk_window_present (GTK_WINDOW (self->window));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart));
}

static void
desk_tear_down (Desk *self, gconstpointer data)
{
  gtk_window_destroy (GTK_WINDOW (self->window));
  g_clear_object (&self->figure);
  g_clear_pointer (&self->told, g_free);
}

/* Until @condition, for five seconds at most. */
#define wait_until(condition)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gint64 end_ = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;                              \
    while (!(condition) && g_get_monotonic_time () < end_)                                         \
      g_main_context_iteration (NULL, FALSE);                                                      \
    g_assert_true (condition);                                                                     \
  }                                                                                                \
  G_STMT_END

static GtkEventController *
controller (Desk *self, GType type)
{
  g_autoptr (GListModel) all = gtk_widget_observe_controllers (GTK_WIDGET (self->chart));

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (GtkEventController) one = g_list_model_get_item (all, i);

      if (G_OBJECT_TYPE (one) == type)
        return one; /* the chart owns it */
    }
  g_assert_not_reached ();
}

static gboolean
press (Desk *self, guint key, GdkModifierType state)
{
  gboolean handled = FALSE;

  g_signal_emit_by_name (controller (self, GTK_TYPE_EVENT_CONTROLLER_KEY), "key-pressed", key, 0,
                         state, &handled);
  return handled;
}

static void
assert_cursor (Desk *self, int series, int index)
{
  const AttuneCursor cursor = attune_chart_get_cursor (self->chart);

  g_assert_cmpint (cursor.series, ==, series);
  g_assert_cmpint (cursor.index, ==, index);
}

/* ---- tests ---- */

static void
count_notify (int *n)
{
  (*n)++;
}

static void
test_property (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneFigure) other = sample_new ("bar");
  g_autoptr (AttuneFigure) got = NULL;
  int notified = 0;

  g_signal_connect_swapped (self->chart, "notify::figure", G_CALLBACK (count_notify), &notified);
  g_object_set (self->chart, "figure", other, NULL);
  g_object_set (self->chart, "figure", other, NULL);
  g_object_get (self->chart, "figure", &got, NULL);
  g_assert_true (got == other);
  g_assert_cmpint (notified, ==, 1);
  g_object_set (self->chart, "figure", NULL, NULL);
  g_assert_null (attune_chart_get_figure (self->chart));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart)); /* nothing to draw: nothing fails */
  /* a figure that it no longer shows does not reach it */
  attune_figure_changed (other);
  assert_cursor (self, -1, -1);
}

static void
test_finalize (Desk *self, gconstpointer data)
{
  GtkWidget *button = gtk_menu_button_new ();

  g_object_ref_sink (button);
  attune_chart_attach_menu (self->chart, GTK_MENU_BUTTON (button));
  g_assert_true (gtk_widget_activate_action (button, "chart.copy", NULL));
  g_signal_emit_by_name (controller (self, GTK_TYPE_GESTURE_LONG_PRESS), "pressed", 10.0, 10.0);
  counting_figure_change (self->figure); /* leaves an update behind */
  g_object_add_weak_pointer (G_OBJECT (self->chart), (gpointer *) &self->chart);
  gtk_window_set_child (GTK_WINDOW (self->window), NULL);
  wait_until (self->chart == NULL);
  counting_figure_change (self->figure);
  g_assert_false (gtk_widget_activate_action (button, "chart.copy", NULL));
  g_object_unref (button);
}

/* Fifty changes before a frame are drawn once and said once, as after the last. */
static void
test_coalesce (Desk *self, gconstpointer data)
{
  const int before = self->figure->draws, said = self->figure->summaries;

  for (int i = 0; i < 50; i++)
    counting_figure_change (self->figure);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart));
  g_assert_cmpint (self->figure->draws, ==, before + 1);
  g_assert_cmpint (self->figure->summaries, ==, said + 1);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (self->chart),
                                       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "50 changes");
}

static void
test_accessible (Desk *self, gconstpointer data)
{
  GtkAccessible *chart = GTK_ACCESSIBLE (self->chart);

  gtk_test_accessible_assert_role (chart, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_LABEL, "Loss");
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "0 changes");
  attune_figure_set_title (ATTUNE_FIGURE (self->figure), "Loss while tuning");
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart));
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_LABEL, "Loss while tuning");
  attune_chart_set_figure (self->chart, NULL);
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_LABEL, "Chart");
}

static void
test_keyboard (Desk *self, gconstpointer data)
{
  g_assert_true (gtk_widget_grab_focus (GTK_WIDGET (self->chart)));
  g_assert_false (press (self, GDK_KEY_Escape, 0)); /* nothing to take away: a dialog may close */
  g_assert_true (press (self, GDK_KEY_Left, 0));
  assert_cursor (self, 0, 4);
  press (self, GDK_KEY_Left, 0);
  assert_cursor (self, 0, 3);
  press (self, GDK_KEY_Home, 0);
  assert_cursor (self, 0, 0);
  press (self, GDK_KEY_KP_Down, 0);
  assert_cursor (self, 1, 0);
  press (self, GDK_KEY_Page_Down, 0);
  assert_cursor (self, 1, 1);
  gtk_widget_set_direction (GTK_WIDGET (self->chart), GTK_TEXT_DIR_RTL);
  press (self, GDK_KEY_Left, 0);
  assert_cursor (self, 1, 2);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart));
  g_assert_true (self->figure->rtl);
  g_assert_cmpint (self->figure->cursor.index, ==, 2);
  g_assert_false (press (self, GDK_KEY_Left, GDK_CONTROL_MASK));
  g_assert_false (press (self, GDK_KEY_Tab, 0)); /* the focus goes on */
  g_assert_true (press (self, GDK_KEY_Escape, 0));
  assert_cursor (self, -1, -1);
  press (self, GDK_KEY_End, 0);
  assert_cursor (self, 0, 4);
  gtk_window_set_focus (GTK_WINDOW (self->window), NULL); /* the read-out goes with the focus */
  assert_cursor (self, -1, -1);
}

static void
test_pointer (Desk *self, gconstpointer data)
{
  GtkEventController *motion = controller (self, GTK_TYPE_EVENT_CONTROLLER_MOTION);
  const double width = gtk_widget_get_width (GTK_WIDGET (self->chart));
  int before;

  g_signal_emit_by_name (motion, "motion", width * 0.5, 40.0);
  gtk_test_widget_wait_for_draw (GTK_WIDGET (self->chart));
  assert_cursor (self, 1, 2);
  g_assert_cmpint (self->figure->cursor.index, ==, 2);
  before = self->figure->draws;
  g_signal_emit_by_name (motion, "motion", width * 0.5 + 1, 40.0); /* the same mark */
  gtk_widget_queue_draw (self->window);
  gtk_test_widget_wait_for_draw (self->window);
  g_assert_cmpint (self->figure->draws, ==, before);
  attune_chart_step (self->chart, ATTUNE_STEP_END); /* the keyboard goes on from there */
  assert_cursor (self, 1, 3);
  g_signal_emit_by_name (motion, "motion", 1.0, 40.0);
  assert_cursor (self, 1, 0);
  g_signal_emit_by_name (motion, "leave");
  assert_cursor (self, 1, 3);
}

static void
test_height (Desk *self, gconstpointer data)
{
  wait_until (gtk_widget_get_height (GTK_WIDGET (self->chart)) == 120);
  self->figure->height = 200;
  counting_figure_change (self->figure);
  wait_until (gtk_widget_get_height (GTK_WIDGET (self->chart)) == 200);
}

static void
test_look (Desk *self, gconstpointer data)
{
  AdwStyleManager *manager = adw_style_manager_get_default ();

  g_assert_false (self->figure->dark);
  adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_FORCE_DARK);
  wait_until (self->figure->dark);
  adw_style_manager_set_color_scheme (manager, ADW_COLOR_SCHEME_DEFAULT);
  wait_until (!self->figure->dark);
}

static void
on_text (GObject *clipboard, GAsyncResult *result, gpointer data)
{
  *(char **) data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static void
test_copy (Desk *self, gconstpointer data)
{
  g_autofree char *text = NULL;

  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->chart), "chart.copy", NULL));
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self->chart)), NULL, on_text,
                                 &text);
  wait_until (text != NULL);
  g_assert_cmpstr (text, ==, "A,B\r\n1,2\r\n");
  g_assert_cmpstr (self->told, ==, "Copied the chart’s data");
  /* an empty chart has nothing to copy */
  attune_chart_set_figure (self->chart, NULL);
  g_clear_pointer (&self->told, g_free);
  gtk_widget_activate_action (GTK_WIDGET (self->chart), "chart.copy", NULL);
  g_assert_null (self->told);
}

static void
save_as (Desk *self, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  g_clear_pointer (&self->told, g_free);
  attune_chart_save (self->chart, file);
  wait_until (self->told != NULL);
}

static void
test_save (Desk *self, gconstpointer data)
{
  static const char *const names[][2] = { { "loss.png", "\x89PNG" },
                                          { "loss", "\x89PNG" },
                                          { "loss.SVG", "<?xml" },
                                          { "loss.pdf", "%PDF-" },
                                          { "loss.csv", "\xef\xbb\xbf"
                                                        "A,B" } };
  g_autofree char *folder = g_dir_make_tmp ("attune-chart-XXXXXX", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i][0], NULL);
      g_autofree char *told = g_strdup_printf ("Saved “%s”", names[i][0]);
      g_autofree char *content = NULL;

      g_assert_true (g_file_set_contents (path, "old", -1, NULL));
      save_as (self, folder, names[i][0]);
      g_assert_cmpstr (self->told, ==, told);
      g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
      g_assert_true (g_str_has_prefix (content, names[i][1]));
      g_remove (path);
    }
  save_as (self, folder, "loss.jpg");
  g_assert_cmpstr (self->told, ==,
                   "“loss.jpg” was not saved: end the name in .png, .svg, .pdf or .csv");
  save_as (self, "/nowhere/at/all", "loss.png");
  g_assert_true (g_str_has_prefix (self->told, "“loss.png” could not be saved: "));
  g_assert_cmpint (g_rmdir (folder), ==, 0); /* nothing else is left in it */
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
#define add(name, function)                                                                        \
  g_test_add ("/charts/chart/" name, Desk, NULL, desk_set_up, function, desk_tear_down)
  add ("property", test_property);
  add ("finalize", test_finalize);
  add ("coalesce", test_coalesce);
  add ("accessible", test_accessible);
  add ("keyboard", test_keyboard);
  add ("pointer", test_pointer);
  add ("height", test_height);
  add ("look", test_look);
  add ("copy", test_copy);
  add ("save", test_save);
  return g_test_run ();
}
