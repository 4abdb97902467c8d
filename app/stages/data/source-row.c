/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row of a table.
 */
#include "stages/data/source-row.h"

#include "stages/data/count.h"

#include <glib/gi18n.h>

static GtkWidget *
button_new (const char *action, guint number)
{
  GtkWidget *button = gtk_button_new ();

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "u", number);
  return button;
}

GtkWidget *
attune_source_row_new (const AttuneSourceView *source, guint number)
{
  GtkWidget *row = adw_action_row_new (), *remove = button_new ("data.remove-source", number);
  g_autofree char *name = g_filename_display_basename (source->path);
  g_autofree char *n_rows = attune_count_to_text (source->rows);
  g_autofree char *rows
      = g_strdup_printf (ngettext ("%s row read", "%s rows read", (gulong) source->rows), n_rows);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 2);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), rows);
  gtk_widget_set_tooltip_text (row, source->path);
  if (source->bad > 0)
    {
      GtkWidget *bad = button_new ("data.show-bad-rows", number);
      g_autofree char *n_bad = attune_count_to_text (source->bad);
      g_autofree char *text = g_strdup_printf (
          ngettext ("%s Unreadable", "%s Unreadable", (gulong) source->bad), n_bad);

      gtk_button_set_label (GTK_BUTTON (bad), text);
      gtk_widget_add_css_class (bad, "warning");
      gtk_widget_set_tooltip_text (bad, _ ("Show Which Rows, and Why"));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), bad);
    }
  gtk_button_set_icon_name (GTK_BUTTON (remove), "user-trash-symbolic");
  gtk_widget_set_tooltip_text (remove, _ ("Remove Table"));
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  return row;
}
