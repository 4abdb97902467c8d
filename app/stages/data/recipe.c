/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The recipe's forms.
 */
#include "stages/data/recipe.h"

#include "stages/data/effect.h"
#include "widgets/settings-form.h"

#include <glib/gi18n.h>

#define MAX_FORMS 5

struct _AttuneDataRecipe
{
  AttuneDataSettings *settings;
  GtkBox *box; /* borrowed, with all that is in it */
  GtkWidget *forms[MAX_FORMS];
  guint n_forms;
  AttuneSettingsForm *split; /* borrowed: one of the forms */
  GHashTable *effects;       /* name of a step → AttuneEffect, borrowed */
};

typedef struct
{
  const char *title, *description; /* the latter (nullable) */
  const char *more, *about_more;   /* what its settings for experts are about */
  const char *const *names;
} Part;

static AttuneSettingsForm *
add_form (AttuneDataRecipe *self, const Part *part)
{
  GtkWidget *form = attune_settings_form_new (G_OBJECT (self->settings), part->names);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (form), part->title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (form), part->description);
  attune_settings_form_name_experts (ATTUNE_SETTINGS_FORM (form), part->more, part->about_more);
  gtk_box_append (self->box, form);
  self->forms[self->n_forms++] = form;
  return ATTUNE_SETTINGS_FORM (form);
}

static GtkWidget *
make_effect (AttuneDataRecipe *self, const char *step)
{
  GtkWidget *effect = attune_effect_new ();

  g_hash_table_insert (self->effects, (gpointer) step, effect);
  return effect;
}

static void
add_effect (AttuneDataRecipe *self, AttuneSettingsForm *form, const char *step)
{
  attune_settings_form_add_to_row (form, step, make_effect (self, step));
}

static void
add_cleaning (AttuneDataRecipe *self)
{
  static const char *const names[] = { "repair-encoding",
                                       "strip-tags",
                                       "unescape-html",
                                       "normalise-unicode",
                                       "trim-space",
                                       "abbreviations",
                                       "drop-incomplete",
                                       "language",
                                       "evaluation-file",
                                       "drop-duplicates",
                                       "drop-near-duplicates",
                                       "drop-similar",
                                       "similarity",
                                       "max-answer-characters",
                                       "min-answer-characters",
                                       "drop-stop-words",
                                       "stem-words",
                                       "split-words",
                                       "word-language",
                                       NULL };
  /* how a step works, not one of their own */
  static const char *const no_steps[]
      = { "similarity", "min-answer-characters", "word-language", NULL };
  const Part part = {
    .title = _ ("Cleaning"),
    .description = _ ("Nothing is deleted: what is left out is kept with the reason."),
    .more = _ ("Limits and Words"),
    .about_more = _ ("What is too similar, too short or too long; words for classic tasks"),
    .names = names,
  };
  AttuneSettingsForm *form = add_form (self, &part);

  for (guint i = 0; names[i] != NULL; i++)
    if (!g_strv_contains (no_steps, names[i]))
      add_effect (self, form, names[i]);
}

static void
add_personal_data (AttuneDataRecipe *self)
{
  static const char *const names[] = { "personal-data",  "personal-contacts",  "personal-numbers",
                                       "personal-names", "personal-computers", NULL };
  const Part part = {
    .title = _ ("Personal Data"),
    .description = _ ("What a model has read it may repeat to anybody. Look at the examples: "
                      "not everything can be found."),
    .more = _ ("Kinds of Personal Data"),
    .about_more = _ ("All of them are looked for, unless you say otherwise"),
    .names = names,
  };

  add_effect (self, add_form (self, &part), "personal-data");
}

static void
add_findings (AttuneDataRecipe *self)
{
  static const char *const names[] = { "secrets", "toxic", "toxic-words", NULL };
  const Part part = {
    .title = _ ("Keys, Passwords and Toxic Words"),
    .description = _ ("Found by their form and by lists of English and German words. The browser "
                      "of records lists what was found."),
    .more = _ ("Words of Your Own"),
    .about_more = _ ("For other languages, and for your trade"),
    .names = names,
  };
  AttuneSettingsForm *form = add_form (self, &part);

  add_effect (self, form, "secrets");
  add_effect (self, form, "toxic");
}

static const char *const split_names[]
    = { "validation-share", "test-share", "test-from", "check-from",    "similar-together",
        "answers-together", "stratify",   "balance",   "balance-limit", "variants",
        "variants-by",      "folds",      "fold",      "seed",          NULL };

/* What does nothing beside the other settings is out of the way. */
static void
show_used (AttuneDataRecipe *self)
{
  for (guint i = 0; split_names[i] != NULL; i++)
    attune_settings_form_show_row (self->split, split_names[i],
                                   attune_data_settings_uses (self->settings, split_names[i]));
}

/* The effects of two steps in one row: what is moved, and what is left out since it could not be.
 */
static void
add_two_effects (AttuneDataRecipe *self, const char *step, const char *other)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_box_append (GTK_BOX (box), make_effect (self, step));
  gtk_box_append (GTK_BOX (box), make_effect (self, other));
  attune_settings_form_add_to_row (self->split, step, box);
}

static void
add_split (AttuneDataRecipe *self)
{
  const Part part = {
    .title = _ ("Split"),
    .description = _ ("Some records are not learned from, so that progress and result can be "
                      "measured. Records of one group stay together."),
    .more = _ ("Folds and Chance"),
    .about_more = _ ("For small data and for repeated measurements"),
    .names = split_names,
  };

  self->split = add_form (self, &part);
  add_two_effects (self, "similar-together", "drop-torn");
  add_two_effects (self, "answers-together", "drop-torn-answers");
  add_two_effects (self, "test-from", "drop-torn-times");
  add_effect (self, self->split, "balance");
  add_effect (self, self->split, "variants");
  show_used (self);
  g_signal_connect_swapped (self->settings, "notify", G_CALLBACK (show_used), self);
}

static void
add_reading (AttuneDataRecipe *self)
{
  static const char *const names[] = { "system-prompt", "max-tokens", NULL };
  const Part part = {
    .title = _ ("What the Model Reads"),
    .more = _ ("Length"),
    .about_more = _ ("Where a long sample is cut"),
    .names = names,
  };

  add_form (self, &part);
}

/* --- doors */

AttuneDataRecipe *
attune_data_recipe_new (AttuneDataSettings *settings, GtkBox *box)
{
  AttuneDataRecipe *self;

  g_return_val_if_fail (ATTUNE_IS_DATA_SETTINGS (settings) && GTK_IS_BOX (box), NULL);

  self = g_new0 (AttuneDataRecipe, 1);
  self->settings = g_object_ref (settings);
  self->box = box;
  self->effects = g_hash_table_new (g_str_hash, g_str_equal);
  add_cleaning (self);
  add_personal_data (self);
  add_findings (self);
  add_split (self);
  add_reading (self);
  return self;
}

void
attune_data_recipe_free (AttuneDataRecipe *self)
{
  g_signal_handlers_disconnect_by_data (self->settings, self);
  g_object_unref (self->settings);
  g_hash_table_unref (self->effects);
  g_free (self);
}

void
attune_data_recipe_show (AttuneDataRecipe *self, const AttuneReportView *report)
{
  GHashTableIter iter;
  gpointer name, effect;

  g_return_if_fail (self != NULL && report != NULL);

  g_hash_table_iter_init (&iter, self->effects);
  while (g_hash_table_iter_next (&iter, &name, &effect))
    attune_effect_show (effect, attune_report_view_find_step (report, name));
}

void
attune_data_recipe_set_sensitive (AttuneDataRecipe *self, gboolean sensitive)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < self->n_forms; i++)
    gtk_widget_set_sensitive (self->forms[i], sensitive);
}
