/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A list to search, and a page behind each of its rows.
 */
#include "stages/model/catalogue-dialog.h"

#include "stages/model/catalogue-details.h"
#include "stages/model/model-words.h"
#include "widgets/gently.h"

#include <glib/gi18n.h>
#include <string.h>

struct _AttuneCatalogueDialog
{
  AdwDialog parent_instance;

  AttuneCatalogueList *list;
  GPtrArray *choices; /* AttuneGuideChoice; those that have a row already: the first n_made */
  guint n_made;
  guint64 available;
  char **words; /* of the search, casefolded */

  AdwNavigationView *view;
  AdwNavigationPage *details_page;
  GtkEditable *search_entry;
  GtkStack *stack;
  GtkWidget *fitting_group, *larger_group;
  GtkListBox *fitting_list, *larger_list;
  AdwBin *details_bin;
};

G_DEFINE_FINAL_TYPE (AttuneCatalogueDialog, attune_catalogue_dialog, ADW_TYPE_DIALOG)

/* --- searching */

/* Everything that is said of a model, casefolded. */
static char *
gather_text (const AttuneCatalogueModel *model)
{
  g_autofree char *languages = attune_model_say_languages (model, 0);
  g_autofree char *strengths = attune_model_say_strengths (model);
  g_autofree char *text = g_strjoin (" ", model->name, model->author, model->repository,
                                     model->licence, languages, strengths, NULL);

  return g_utf8_casefold (text, -1);
}

static gboolean
is_wanted (AttuneCatalogueDialog *self, const AttuneGuideChoice *choice)
{
  g_autofree char *text = NULL;

  if (self->words == NULL || self->words[0] == NULL)
    return TRUE;
  text = gather_text (choice->model);
  for (guint i = 0; self->words[i] != NULL; i++)
    if (strstr (text, self->words[i]) == NULL)
      return FALSE;
  return TRUE;
}

static guint
count_wanted (AttuneCatalogueDialog *self, gboolean fits)
{
  guint n = 0;

  for (guint i = 0; i < self->choices->len; i++)
    {
      const AttuneGuideChoice *choice = self->choices->pdata[i];

      n += choice->fits == fits && is_wanted (self, choice);
    }
  return n;
}

static void
show_groups (AttuneCatalogueDialog *self)
{
  const guint n_fitting = count_wanted (self, TRUE), n_larger = count_wanted (self, FALSE);

  gtk_widget_set_visible (self->fitting_group, n_fitting > 0);
  gtk_widget_set_visible (self->larger_group, n_larger > 0);
  gtk_stack_set_visible_child_name (self->stack, n_fitting + n_larger > 0 ? "models" : "none");
}

static void
on_search (AttuneCatalogueDialog *self)
{
  g_autofree char *text = g_utf8_casefold (gtk_editable_get_text (self->search_entry), -1);
  g_auto (GStrv) words = g_strsplit_set (text, " \t", -1);
  g_autoptr (GStrvBuilder) some = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (words[i][0] != '\0')
      g_strv_builder_add (some, words[i]);
  g_strfreev (self->words);
  self->words = g_strv_builder_end (some);
  gtk_list_box_invalidate_filter (self->fitting_list);
  gtk_list_box_invalidate_filter (self->larger_list);
  show_groups (self);
}

/* Escape, which the entry keeps for itself */
static void
on_stop (AttuneCatalogueDialog *self)
{
  adw_dialog_close (ADW_DIALOG (self));
}

/* --- rows */

static const AttuneGuideChoice *
get_choice (GtkListBoxRow *row)
{
  return g_object_get_data (G_OBJECT (row), "choice");
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer data)
{
  return is_wanted (data, get_choice (row));
}

/* Returns: whether there are more to make. */
static gboolean
make_row (gpointer dialog)
{
  AttuneCatalogueDialog *self = dialog;
  AttuneGuideChoice *choice;
  g_autofree char *facts = NULL, *languages = NULL, *text = NULL;
  GtkWidget *row;

  if (self->n_made >= self->choices->len)
    return FALSE;
  choice = self->choices->pdata[self->n_made++];
  facts = attune_model_say_facts (choice->model);
  languages = attune_model_say_languages (choice->model, 3);
  text = g_strdup_printf ("%s\n%s", facts, languages);
  row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", choice->model->name,
                      "subtitle", text, "subtitle-lines", 0, "activatable", TRUE, NULL);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  g_object_set_data (G_OBJECT (row), "choice", choice);
  gtk_list_box_append (choice->fits ? self->fitting_list : self->larger_list, row);
  return self->n_made < self->choices->len;
}

static void
show_details (AttuneCatalogueDialog *self, const AttuneGuideChoice *choice)
{
  AttuneDownload *download = attune_catalogue_list_find (self->list, choice->model->id);

  adw_navigation_page_set_title (self->details_page, choice->model->name);
  /* before the push, which focuses something of it: with the focus on the button that leads back,
   * something in GTK 4.18 keeps the dialog for ever (seen) */
  adw_bin_set_child (self->details_bin,
                     attune_catalogue_details_new (choice, download, self->available));
  if (adw_navigation_view_get_visible_page (self->view) != self->details_page)
    adw_navigation_view_push (self->view, self->details_page);
}

static void
on_row (AttuneCatalogueDialog *self, GtkListBoxRow *row)
{
  show_details (self, get_choice (row));
}

/* --- doors */

void
attune_catalogue_dialog_search (AttuneCatalogueDialog *self, const char *text)
{
  g_return_if_fail (ATTUNE_IS_CATALOGUE_DIALOG (self) && text != NULL);

  gtk_editable_set_text (self->search_entry, text);
  on_search (self);
}

void
attune_catalogue_dialog_open (AttuneCatalogueDialog *self, const char *id)
{
  g_return_if_fail (ATTUNE_IS_CATALOGUE_DIALOG (self) && id != NULL);

  for (guint i = 0; i < self->choices->len; i++)
    {
      const AttuneGuideChoice *choice = self->choices->pdata[i];

      if (g_str_equal (choice->model->id, id))
        show_details (self, choice);
    }
}

guint
attune_catalogue_dialog_count (AttuneCatalogueDialog *self)
{
  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_DIALOG (self), 0);
  return count_wanted (self, TRUE) + count_wanted (self, FALSE);
}

AdwDialog *
attune_catalogue_dialog_new (AttuneCatalogueList *list, guint64 available)
{
  AttuneCatalogueDialog *self;

  g_return_val_if_fail (ATTUNE_IS_CATALOGUE_LIST (list), NULL);

  self = g_object_new (ATTUNE_TYPE_CATALOGUE_DIALOG, NULL);
  self->list = g_object_ref (list);
  self->choices = attune_catalogue_list_get_choices (list);
  self->available = available;
  gtk_list_box_set_filter_func (self->fitting_list, filter_row, self, NULL);
  gtk_list_box_set_filter_func (self->larger_list, filter_row, self, NULL);
  show_groups (self);
  attune_do_gently (self, make_row);
  return ADW_DIALOG (self);
}

/* --- the object */

static void
attune_catalogue_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_CATALOGUE_DIALOG);
  G_OBJECT_CLASS (attune_catalogue_dialog_parent_class)->dispose (object);
}

static void
attune_catalogue_dialog_finalize (GObject *object)
{
  AttuneCatalogueDialog *self = ATTUNE_CATALOGUE_DIALOG (object);

  g_strfreev (self->words);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_object (&self->list); /* last: the choices borrow from its catalogue */
  G_OBJECT_CLASS (attune_catalogue_dialog_parent_class)->finalize (object);
}

static void
attune_catalogue_dialog_class_init (AttuneCatalogueDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_catalogue_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_catalogue_dialog_finalize;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/app/attune/Attune/stages/model/catalogue-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, view);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, details_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, search_entry);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, fitting_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, larger_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, fitting_list);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, larger_list);
  gtk_widget_class_bind_template_child (widget_class, AttuneCatalogueDialog, details_bin);
  gtk_widget_class_bind_template_callback (widget_class, on_search);
  gtk_widget_class_bind_template_callback (widget_class, on_stop);
  gtk_widget_class_bind_template_callback (widget_class, on_row);
}

static void
attune_catalogue_dialog_init (AttuneCatalogueDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
