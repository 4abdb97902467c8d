/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows for the catalogue, made one after another: there are many.
 */
#include "stages/model/catalogue-list.h"

#include "widgets/gently.h"

#include <glib/gi18n.h>

struct _AttuneCatalogueList
{
  AdwBin parent_instance;

  GPtrArray *models;    /* AttuneCatalogueModel */
  GPtrArray *downloads; /* AttuneDownload, of each of them */
  GPtrArray *rows;      /* AttuneOfferRow, of the first of them; borrowed from the group */
  AdwPreferencesGroup *group;
  GtkWidget *error_row;
};

G_DEFINE_FINAL_TYPE (AttuneCatalogueList, attune_catalogue_list, ADW_TYPE_BIN)

static guint got_signal;

static void
on_got (AttuneCatalogueList *self, const char *path)
{
  attune_catalogue_list_refresh (self);
  g_signal_emit (self, got_signal, 0, path);
}

/* What is here already is not offered. */
static gboolean
is_offered (AttuneDownload *download)
{
  return attune_download_is_running (download)
         || !g_file_test (attune_download_get_path (download), G_FILE_TEST_EXISTS);
}

void
attune_catalogue_list_refresh (AttuneCatalogueList *self)
{
  gboolean any = FALSE;

  g_return_if_fail (ATTUNE_IS_CATALOGUE_LIST (self));

  for (guint i = 0; i < self->downloads->len; i++)
    {
      const gboolean offered = is_offered (self->downloads->pdata[i]);

      if (i < self->rows->len)
        gtk_widget_set_visible (self->rows->pdata[i], offered);
      any = any || offered;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->group),
                          any || gtk_widget_get_visible (self->error_row));
}

/* Returns: whether there are more to make. */
static gboolean
make_row (gpointer list)
{
  AttuneCatalogueList *self = list;
  const guint i = self->rows->len;
  GtkWidget *row;

  if (i == self->models->len)
    return FALSE;
  row = attune_offer_row_new (self->models->pdata[i], self->downloads->pdata[i]);
  gtk_widget_set_visible (row, is_offered (self->downloads->pdata[i]));
  g_signal_connect_object (row, "got", G_CALLBACK (on_got), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (self->group, row);
  g_ptr_array_add (self->rows, row);
  return self->rows->len < self->models->len;
}

void
attune_catalogue_list_load (AttuneCatalogueList *self, const char *folder, const char *models)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *catalogue;

  g_return_if_fail (ATTUNE_IS_CATALOGUE_LIST (self) && models != NULL);
  g_return_if_fail (self->downloads->len == 0);

  catalogue = folder != NULL ? attune_catalogue_load (folder, &error) : NULL;
  if (catalogue != NULL)
    {
      g_ptr_array_unref (self->models);
      self->models = catalogue;
    }
  gtk_widget_set_visible (self->error_row, catalogue == NULL);
  if (catalogue == NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->error_row),
                                 error != NULL ? error->message
                                               : _ ("Its files were not installed."));
  for (guint i = 0; i < self->models->len; i++)
    g_ptr_array_add (self->downloads, attune_download_new (self->models->pdata[i], models));
  attune_catalogue_list_refresh (self);
  attune_do_gently (self, make_row);
}

void
attune_catalogue_list_set_access (AttuneCatalogueList *self, const char *proxy, const char *token)
{
  g_return_if_fail (ATTUNE_IS_CATALOGUE_LIST (self));

  for (guint i = 0; i < self->downloads->len; i++)
    if (!attune_download_is_running (self->downloads->pdata[i]))
      attune_download_set_access (self->downloads->pdata[i], proxy, token);
}

GPtrArray *
attune_catalogue_list_get_models (AttuneCatalogueList *self)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self), NULL);
  return self->models;
}

AttuneOfferRow *
attune_catalogue_list_find (AttuneCatalogueList *self, const char *id)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self) && id != NULL, NULL);

  for (guint i = 0; i < self->models->len; i++)
    {
      const AttuneCatalogueModel *model = self->models->pdata[i];

      if (!g_str_equal (model->id, id))
        continue;
      while (self->rows->len <= i)
        make_row (self);
      return self->rows->pdata[i];
    }
  return NULL;
}

GtkWidget *
attune_catalogue_list_new (void)
{
  return g_object_new (ATTUNE_TYPE_CATALOGUE_LIST, NULL);
}

static void
attune_catalogue_list_dispose (GObject *object)
{
  AttuneCatalogueList *self = ATTUNE_CATALOGUE_LIST (object);

  /* the rows first: they borrow from the catalogue */
  g_ptr_array_set_size (self->rows, 0);
  g_ptr_array_set_size (self->downloads, 0);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (attune_catalogue_list_parent_class)->dispose (object);
}

static void
attune_catalogue_list_finalize (GObject *object)
{
  AttuneCatalogueList *self = ATTUNE_CATALOGUE_LIST (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->downloads);
  g_ptr_array_unref (self->models);
  G_OBJECT_CLASS (attune_catalogue_list_parent_class)->finalize (object);
}

static void
attune_catalogue_list_class_init (AttuneCatalogueListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_catalogue_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_catalogue_list_finalize;
  got_signal = g_signal_new ("got", ATTUNE_TYPE_CATALOGUE_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                             NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
attune_catalogue_list_init (AttuneCatalogueList *self)
{
  self->models = g_ptr_array_new ();
  self->downloads = g_ptr_array_new_with_free_func (g_object_unref);
  self->rows = g_ptr_array_new ();
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->group, _ ("Models to Get"));
  adw_preferences_group_set_description (
      self->group, _ ("Known to work well here. Fetching needs the network; using does not."));
  self->error_row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                                  _ ("The Catalogue Could Not Be Read"), "subtitle-lines", 0,
                                  "visible", FALSE, NULL);
  adw_preferences_group_add (self->group, self->error_row);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->group));
}
