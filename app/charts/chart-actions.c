/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Copies and saves what a chart shows, from its context menu or from a menu button of the page.
 */
#include "charts/chart-private.h"
#include "charts/chart-style.h"
#include "charts/figure-export.h"

#include <glib/gi18n.h>

/* Smaller charts are saved at this width: in a document a narrow one would be blown up. */
#define PICTURE_WIDTH 640

/* ---- saving ---- */

typedef struct
{
  GtkWidget *window; /* (nullable): told of the outcome, even when the page is gone by then */
  GFile *file;
} Save;

static void
save_free (Save *self)
{
  g_clear_object (&self->window);
  g_clear_object (&self->file);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Save, save_free)

static void
toast (GtkWidget *window, const char *text)
{
  if (window == NULL || !gtk_widget_activate_action (window, "win.toast", "s", text))
    g_message ("%s", text);
}

static void
on_written (GObject *file, GAsyncResult *result, gpointer data)
{
  g_autoptr (Save) save = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (save->file), *text = NULL;

  if (g_file_replace_contents_finish (G_FILE (file), result, NULL, &error))
    text = g_strdup_printf (_ ("Saved “%s”"), name);
  else
    text = g_strdup_printf (_ ("“%s” could not be saved: %s"), name, error->message);
  toast (save->window, text);
}

/* FALSE when the name ends in what we do not write. */
static gboolean
format_for_name (const char *name, AttuneFigureFormat *format)
{
  const char *dot = strrchr (name, '.');

  *format = ATTUNE_FIGURE_PNG;
  if (dot == NULL)
    return TRUE;
  for (*format = ATTUNE_FIGURE_PNG; *format <= ATTUNE_FIGURE_CSV; (*format)++)
    if (g_ascii_strcasecmp (dot + 1, attune_figure_format_get_suffix (*format)) == 0)
      return TRUE;
  return FALSE;
}

static GBytes *export (AttuneChart *self, AttuneFigureFormat format, GError **error)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const double width = MAX (gtk_widget_get_width (widget), PICTURE_WIDTH);
  g_auto (AttuneChartStyle) style = { 0 };
  double height;

  attune_chart_style_init_print (&style, widget);
  height = MAX (attune_figure_get_natural_height (self->figure, width, &style.figure),
                gtk_widget_get_height (widget));
  return attune_figure_export (self->figure, format, width, height, &style.figure, error);
}

void
attune_chart_save (AttuneChart *self, GFile *file)
{
  g_autoptr (Save) save = g_new0 (Save, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  AttuneFigureFormat format;
  GtkRoot *root;

  g_return_if_fail (ATTUNE_IS_CHART (self) && G_IS_FILE (file));
  g_return_if_fail (self->figure != NULL);

  root = gtk_widget_get_root (GTK_WIDGET (self));
  save->window = root != NULL ? g_object_ref (GTK_WIDGET (root)) : NULL;
  save->file = g_object_ref (file);
  name = g_file_get_basename (file);
  if (!format_for_name (name, &format))
    {
      g_autofree char *text = g_strdup_printf (
          _ ("“%s” was not saved: end the name in .png, .svg, .pdf or .csv"), name);

      toast (save->window, text);
      return;
    }
  bytes = export (self, format, &error);
  if (bytes == NULL)
    {
      g_autofree char *text
          = g_strdup_printf (_ ("“%s” could not be saved: %s"), name, error->message);

      toast (save->window, text);
      return;
    }
  g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_NONE, NULL,
                                       on_written, g_steal_pointer (&save));
}

static void
on_chosen (GObject *dialog, GAsyncResult *result, gpointer data)
{
  g_autoptr (AttuneChart) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (dialog), result, &error);

  if (file != NULL && self->figure != NULL)
    attune_chart_save (self, file);
  else if (error != NULL && !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED)
           && !g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_CANCELLED))
    toast (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))), error->message);
}

static void
add_filter (GListStore *filters, AttuneFigureFormat format, const char *name)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_suffix (filter, attune_figure_format_get_suffix (format));
  g_list_store_append (filters, filter);
}

/* "Loss While Tuning.png"; what a folder cannot hold in a name is left out. */
static char *
initial_name (AttuneChart *self, AttuneFigureFormat format)
{
  const char *title = attune_figure_get_title (self->figure);
  g_autofree char *name = g_strdup (title != NULL && *title != '\0' ? title : _ ("Chart"));

  g_strdelimit (name, "/\\:*?\"<>|\n", '-');
  return g_strdup_printf ("%s.%s", name, attune_figure_format_get_suffix (format));
}

static void
ask_where (AttuneChart *self, AttuneFigureFormat format)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  g_autoptr (GListStore) filters = g_list_store_new (GTK_TYPE_FILE_FILTER);
  g_autofree char *name = initial_name (self, format);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  if (format == ATTUNE_FIGURE_CSV)
    add_filter (filters, ATTUNE_FIGURE_CSV, _ ("Table (CSV)"));
  else
    {
      add_filter (filters, ATTUNE_FIGURE_PNG, _ ("Picture (PNG)"));
      add_filter (filters, ATTUNE_FIGURE_SVG, _ ("Drawing (SVG)"));
      add_filter (filters, ATTUNE_FIGURE_PDF, _ ("Document (PDF)"));
    }
  gtk_file_dialog_set_title (dialog,
                             format == ATTUNE_FIGURE_CSV ? _ ("Save Data") : _ ("Save Picture"));
  gtk_file_dialog_set_filters (dialog, G_LIST_MODEL (filters));
  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, NULL, on_chosen,
                        g_object_ref (self));
}

/* ---- actions ---- */

static void
copy (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  AttuneChart *self = data;
  g_autofree char *csv = attune_figure_to_csv (self->figure);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), csv);
  toast (GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self))), _ ("Copied the chart’s data"));
}

static void
save_picture (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ask_where (data, ATTUNE_FIGURE_PNG);
}

static void
save_data (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  ask_where (data, ATTUNE_FIGURE_CSV);
}

static const GActionEntry entries[] = {
  { .name = "copy", .activate = copy },
  { .name = "save-picture", .activate = save_picture },
  { .name = "save-data", .activate = save_data },
};

void
attune_chart_update_actions (AttuneChart *self)
{
  const gboolean some = self->figure != NULL && !attune_figure_is_empty (self->figure);

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->actions), entries[i].name);

      g_simple_action_set_enabled (G_SIMPLE_ACTION (action), some);
    }
}

/* ---- menu ---- */

static void
open_menu (AttuneChart *self, double x, double y)
{
  if (self->popover == NULL)
    {
      self->popover = gtk_popover_menu_new_from_model (self->menu);
      gtk_popover_set_has_arrow (GTK_POPOVER (self->popover), FALSE);
      gtk_widget_set_halign (self->popover, GTK_ALIGN_START);
      gtk_widget_set_parent (self->popover, GTK_WIDGET (self));
    }
  gtk_popover_set_pointing_to (GTK_POPOVER (self->popover),
                               &(GdkRectangle) { (int) x, (int) y, 1, 1 });
  gtk_popover_popup (GTK_POPOVER (self->popover));
}

static gboolean
on_menu_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  open_menu (ATTUNE_CHART (widget), gtk_widget_get_width (widget) / 2.0,
             gtk_widget_get_height (widget) / 2.0);
  return TRUE;
}

static void
on_menu_click (GtkGesture *gesture, int n_press, double x, double y, gpointer data)
{
  GdkEvent *event
      = gtk_gesture_get_last_event (gesture, gtk_gesture_get_last_updated_sequence (gesture));

  if (event == NULL || !gdk_event_triggers_context_menu (event))
    return;
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (data, x, y);
}

static void
on_long_press (GtkGesture *gesture, double x, double y, gpointer data)
{
  gtk_gesture_set_state (gesture, GTK_EVENT_SEQUENCE_CLAIMED);
  open_menu (data, x, y);
}

void
attune_chart_bind_menu_keys (GtkWidgetClass *klass)
{
  gtk_widget_class_add_binding (klass, GDK_KEY_F10, GDK_SHIFT_MASK, on_menu_key, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_Menu, 0, on_menu_key, NULL);
  gtk_widget_class_add_binding_action (klass, GDK_KEY_c, GDK_CONTROL_MASK, "chart.copy", NULL);
}

void
attune_chart_attach_menu (AttuneChart *self, GtkMenuButton *button)
{
  g_return_if_fail (ATTUNE_IS_CHART (self) && GTK_IS_MENU_BUTTON (button));

  gtk_widget_insert_action_group (GTK_WIDGET (button), "chart", G_ACTION_GROUP (self->actions));
  gtk_menu_button_set_menu_model (button, self->menu);
}

void
attune_chart_init_actions (AttuneChart *self)
{
  GtkGesture *click = gtk_gesture_click_new (), *press = gtk_gesture_long_press_new ();
  GMenu *menu = g_menu_new ();

  g_menu_append (menu, _ ("_Copy Data"), "chart.copy");
  g_menu_append (menu, _ ("Save as _Picture…"), "chart.save-picture");
  g_menu_append (menu, _ ("_Save Data as CSV…"), "chart.save-data");
  self->menu = G_MENU_MODEL (menu);
  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), entries, G_N_ELEMENTS (entries),
                                   self);
  attune_chart_update_actions (self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "chart", G_ACTION_GROUP (self->actions));

  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), 0);
  g_signal_connect (click, "pressed", G_CALLBACK (on_menu_click), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_gesture_single_set_touch_only (GTK_GESTURE_SINGLE (press), TRUE);
  g_signal_connect (press, "pressed", G_CALLBACK (on_long_press), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (press));
}

void
attune_chart_clear_actions (AttuneChart *self)
{
  /* A menu button of the page may hold the actions longer than the chart lives. */
  if (self->actions != NULL)
    for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
      g_action_map_remove_action (G_ACTION_MAP (self->actions), entries[i].name);
  g_clear_pointer (&self->popover, gtk_widget_unparent);
  g_clear_object (&self->actions);
  g_clear_object (&self->menu);
}
