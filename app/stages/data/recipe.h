/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The recipe: the settings of what is done to the data, a form for each part of it, and in the rows
 * of the steps what each has done.
 */
#pragma once
#include "data/data-settings.h"
#include "data/report-view.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef struct _AttuneDataRecipe AttuneDataRecipe;

/* Adds the forms to @box, which must outlive it. */
AttuneDataRecipe *attune_data_recipe_new (AttuneDataSettings *settings, GtkBox *box);
/* Does not take the forms away. */
void attune_data_recipe_free (AttuneDataRecipe *self);
/* What the steps have done; empty where they have not been run. */
void attune_data_recipe_show (AttuneDataRecipe *self, const AttuneReportView *report);
void attune_data_recipe_set_sensitive (AttuneDataRecipe *self, gboolean sensitive);

G_END_DECLS
