/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The preview: a row is a list of its cells.
 */
#include "stages/data/preview.h"

/* Of a cell: more cannot be read at a glance. */
#define CELL_CHARACTERS 40
/* Of a row: what has more columns is no table of questions and answers. */
#define MAX_COLUMNS 60

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_single_line_mode (GTK_LABEL (label), TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_width_chars (GTK_LABEL (label), 12);
  gtk_label_set_max_width_chars (GTK_LABEL (label), CELL_CHARACTERS);
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
  GtkStringList *cells = gtk_list_item_get_item (item);
  const char *text = gtk_string_list_get_string (cells, GPOINTER_TO_UINT (column));

  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)), text != NULL ? text : "");
}

static void
add_column (GtkColumnView *view, const char *name, guint index)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (name, factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), GUINT_TO_POINTER (index));
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_column_set_expand (column, TRUE);
  gtk_column_view_append_column (view, column);
}

void
attune_preview_show (GtkColumnView *view, GListStore *rows, const AttuneSource *source)
{
  GListModel *columns = gtk_column_view_get_columns (view);

  g_list_store_remove_all (rows);
  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (view, column);
    }
  if (source == NULL)
    return;
  for (guint i = 0; i < MIN (source->columns->len, MAX_COLUMNS); i++)
    add_column (view, g_ptr_array_index (source->columns, i), i);
  for (guint i = 0; i < source->preview->len; i++)
    {
      GStrv row = g_ptr_array_index (source->preview, i);
      g_autoptr (GtkStringList) cells = gtk_string_list_new ((const char *const *) row);

      g_list_store_append (rows, cells);
    }
}
