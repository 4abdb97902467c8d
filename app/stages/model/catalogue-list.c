/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows for the first few of the catalogue; the rest would crowd the page.
 */
#include "stages/model/catalogue-list.h"

#include "plan/rate.h"
#include "widgets/gently.h"

#include <glib/gi18n.h>

/* Rows that are shown on the page. */
#define N_SHOWN 3

struct _AttuneCatalogueList
{
  AdwBin parent_instance;

  GPtrArray *models;    /* AttuneCatalogueModel */
  GPtrArray *choices;   /* AttuneGuideChoice, of all of them, the best first */
  GPtrArray *downloads; /* AttuneDownload, of each of the models */
  GPtrArray *wanted;    /* AttuneGuideChoice that get a row; borrowed from the choices */
  GPtrArray *rows;      /* AttuneOfferRow, of the first of them; borrowed from the group */
  guint64 available;
  double rate, shown_rate; /* of this computer: now, and by which the rows tell their times */
  AdwPreferencesGroup *group;
  GtkWidget *error_row, *all_row, *hub_row;
};

G_DEFINE_FINAL_TYPE (AttuneCatalogueList, attune_catalogue_list, ADW_TYPE_BIN)

static guint got_signal;

/* --- which */

AttuneDownload *
attune_catalogue_list_find (AttuneCatalogueList *self, const char *id)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self) && id != NULL, NULL);

  for (guint i = 0; i < self->downloads->len; i++)
    if (g_str_equal (((AttuneCatalogueModel *) self->models->pdata[i])->id, id))
      return self->downloads->pdata[i];
  return NULL;
}

/* What is here already is not offered. */
static gboolean
is_offered (AttuneDownload *download)
{
  return attune_download_is_running (download)
         || !g_file_test (attune_download_get_path (download), G_FILE_TEST_EXISTS);
}

/* Short answers in the person's language, in a night: what most begin with. */
static void
rank (AttuneCatalogueList *self)
{
  g_autofree char *language = g_strndup (g_get_language_names ()[0], 2);
  const AttuneGuideQuestion question
      = { ATTUNE_ANSWERS_SHORT, g_str_equal (language, "C") ? "en" : language, self->available,
          10 * 3600, attune_rate_read (ATTUNE_DEVICE_CPU) };

  self->rate = question.flops_per_second;
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  self->choices = attune_guide_rank (self->models, &question);
}

/* The first that fit, or the first one at all. Returns: (transfer container) */
static GPtrArray *
choose (AttuneCatalogueList *self)
{
  GPtrArray *wanted = g_ptr_array_new ();

  for (guint i = 0; i < self->choices->len && wanted->len < N_SHOWN; i++)
    {
      AttuneGuideChoice *choice = self->choices->pdata[i];
      AttuneDownload *download = attune_catalogue_list_find (self, choice->model->id);

      if (is_offered (download) && (choice->fits || wanted->len == 0))
        g_ptr_array_add (wanted, choice);
    }
  return wanted;
}

/* Whether the rows show what is wanted now. */
static gboolean
is_shown (AttuneCatalogueList *self)
{
  if (self->rows->len != self->wanted->len || self->rate != self->shown_rate)
    return FALSE;
  for (guint i = 0; i < self->rows->len; i++)
    if (attune_offer_row_get_model (self->rows->pdata[i])
        != ((AttuneGuideChoice *) self->wanted->pdata[i])->model)
      return FALSE;
  return TRUE;
}

/* --- rows */

/* Returns: whether there are more to make. */
static gboolean
make_row (gpointer list)
{
  AttuneCatalogueList *self = list;
  const AttuneGuideChoice *choice;
  GtkWidget *row;

  if (self->rows->len >= self->wanted->len)
    return FALSE;
  choice = self->wanted->pdata[self->rows->len];
  row = attune_offer_row_new (choice, attune_catalogue_list_find (self, choice->model->id));
  adw_preferences_group_remove (self->group, self->all_row); /* these stay the last ones */
  adw_preferences_group_remove (self->group, self->hub_row);
  adw_preferences_group_add (self->group, row);
  adw_preferences_group_add (self->group, self->all_row);
  adw_preferences_group_add (self->group, self->hub_row);
  g_ptr_array_add (self->rows, row);
  return self->rows->len < self->wanted->len;
}

void
attune_catalogue_list_refresh (AttuneCatalogueList *self, guint64 available)
{
  g_return_if_fail (ATTUNE_IS_CATALOGUE_LIST (self));

  self->available = available;
  rank (self);
  g_clear_pointer (&self->wanted, g_ptr_array_unref);
  self->wanted = choose (self);
  if (!is_shown (self))
    {
      for (guint i = 0; i < self->rows->len; i++)
        adw_preferences_group_remove (self->group, self->rows->pdata[i]);
      g_ptr_array_set_size (self->rows, 0);
      self->shown_rate = self->rate;
      attune_do_gently (self, make_row);
    }
  gtk_widget_set_visible (self->all_row, self->models->len > 0);
}

AttuneOfferRow *
attune_catalogue_list_get_row (AttuneCatalogueList *self, guint i)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self), NULL);

  while (self->rows->len <= i && make_row (self))
    ;
  return i < self->rows->len ? self->rows->pdata[i] : NULL;
}

/* --- doors */

static void
on_ended (AttuneCatalogueList *self, AttuneDownload *download)
{
  g_autofree char *path = g_strdup (attune_download_get_path (download));

  if (!attune_download_is_done (download))
    return;
  attune_catalogue_list_refresh (self, self->available);
  g_signal_emit (self, got_signal, 0, path);
}

static void
add_download (AttuneCatalogueList *self, const AttuneCatalogueModel *model, const char *folder)
{
  AttuneDownload *download = attune_download_new (model, folder);

  g_signal_connect_object (download, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->downloads, download);
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
    add_download (self, self->models->pdata[i], models);
}

void
attune_catalogue_list_set_proxy (AttuneCatalogueList *self, const char *proxy)
{
  g_return_if_fail (ATTUNE_IS_CATALOGUE_LIST (self));

  for (guint i = 0; i < self->downloads->len; i++)
    if (!attune_download_is_running (self->downloads->pdata[i]))
      attune_download_set_proxy (self->downloads->pdata[i], proxy);
}

GPtrArray *
attune_catalogue_list_get_models (AttuneCatalogueList *self)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self), NULL);
  return self->models;
}

GPtrArray *
attune_catalogue_list_get_choices (AttuneCatalogueList *self)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (self), NULL);
  return g_ptr_array_ref (self->choices);
}

GtkWidget *
attune_catalogue_list_new (void)
{
  return g_object_new (ATTUNE_TYPE_CATALOGUE_LIST, NULL);
}

/* --- the object */

static void
attune_catalogue_list_dispose (GObject *object)
{
  AttuneCatalogueList *self = ATTUNE_CATALOGUE_LIST (object);

  for (guint i = 0; i < self->downloads->len; i++)
    attune_download_cancel (self->downloads->pdata[i]); /* nobody would hear of it any more */
  /* the rows first: they borrow from the catalogue */
  g_ptr_array_set_size (self->wanted, 0);
  g_ptr_array_set_size (self->rows, 0);
  g_ptr_array_set_size (self->downloads, 0);
  g_clear_object (&self->all_row);
  g_clear_object (&self->hub_row);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (attune_catalogue_list_parent_class)->dispose (object);
}

static void
attune_catalogue_list_finalize (GObject *object)
{
  AttuneCatalogueList *self = ATTUNE_CATALOGUE_LIST (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->wanted);
  g_ptr_array_unref (self->downloads);
  g_ptr_array_unref (self->choices);
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

/* Returns: (transfer full): a reference of our own, as it is taken out and put in again. */
static GtkWidget *
make_button_row (const char *title, const char *action)
{
  return g_object_ref_sink (g_object_new (ADW_TYPE_BUTTON_ROW, "title", title, "use-underline",
                                          TRUE, "action-name", action, NULL));
}

static void
attune_catalogue_list_init (AttuneCatalogueList *self)
{
  GtkWidget *guide;

  self->models = g_ptr_array_new ();
  self->choices = g_ptr_array_new ();
  self->downloads = g_ptr_array_new_with_free_func (g_object_unref);
  self->wanted = g_ptr_array_new ();
  self->rows = g_ptr_array_new ();
  self->group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (self->group, _ ("Models to Get"));
  adw_preferences_group_set_description (self->group,
                                         _ ("What suits this computer best comes first."));
  self->error_row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                                  _ ("The Catalogue Could Not Be Read"), "subtitle-lines", 0,
                                  "visible", FALSE, NULL);
  self->all_row = make_button_row (_ ("Show _All Models…"), "model.catalogue");
  self->hub_row = make_button_row (_ ("_Find in the Hub…"), "model.find");
  gtk_widget_set_visible (self->all_row, FALSE);
  adw_preferences_group_add (self->group, self->error_row);
  adw_preferences_group_add (self->group, self->all_row);
  adw_preferences_group_add (self->group, self->hub_row);
  guide = gtk_button_new_with_mnemonic (_ ("_Help Me Choose…"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (guide), "model.guide");
  gtk_widget_set_valign (guide, GTK_ALIGN_CENTER);
  adw_preferences_group_set_header_suffix (self->group, guide);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->group));
}
