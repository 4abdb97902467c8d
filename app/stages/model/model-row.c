/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model on this computer. A damaged one says what is wrong with it and cannot be chosen.
 */
#include "stages/model/model-row.h"

#include "widgets/words.h"

#include <glib/gi18n.h>

struct _AttuneModelRow
{
  AdwPreferencesRow parent_instance;

  AttuneModelFile *file;
  gboolean showing; /* what is toggled, nobody has chosen */

  GtkCheckButton *check;
  GtkLabel *name_label, *facts_label, *notes_label;
  AttuneFitBar *fit_bar;
  GtkWidget *spinner, *remove_button;
};

G_DEFINE_FINAL_TYPE (AttuneModelRow, attune_model_row, ADW_TYPE_PREFERENCES_ROW)

enum
{
  CHOSEN,
  FORGOTTEN,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
on_toggled (AttuneModelRow *self)
{
  if (!self->showing && gtk_check_button_get_active (self->check))
    g_signal_emit (self, signals[CHOSEN], 0);
}

static void
on_remove (AttuneModelRow *self)
{
  g_signal_emit (self, signals[FORGOTTEN], 0);
}

/* "135 million values of 4 bits · 98 MB · Llama family" */
static char *
tell_facts (AttuneModelFile *file)
{
  const AttuneDecoderConfig *config = attune_model_file_get_config (file);
  const int bits = attune_model_file_get_bits (file);
  g_autofree char *count = attune_say_count (attune_model_file_get_parameters (file));
  g_autofree char *size = g_format_size (attune_model_file_get_bytes (file));
  g_autofree char *context = attune_say_count (config->max_tokens);

  /* Translators: "134.5 million parameters of 4 bits · 98.4 MB · llama family · reads 8,192 tokens"
   */
  return g_strdup_printf (
      ngettext ("%s parameters of %d bit · %s · %s family · reads up to %s tokens",
                "%s parameters of %d bits · %s · %s family · reads up to %s "
                "tokens",
                bits),
      count, bits, size, config->family, context);
}

static void
show_notes (AttuneModelRow *self, const char *error)
{
  const char *const *warnings = attune_model_file_get_warnings (self->file);
  g_autofree char *joined
      = error == NULL ? g_strjoinv ("\n", (char **) warnings) : g_strdup (error);

  gtk_label_set_text (self->notes_label, joined);
  gtk_widget_set_visible (GTK_WIDGET (self->notes_label), *joined != '\0');
  if (error != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->notes_label), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->notes_label), "error");
}

static void
show (AttuneModelRow *self)
{
  const gboolean loading = attune_model_file_is_loading (self->file);
  const char *error = loading ? NULL : attune_model_file_get_error (self->file);
  const gboolean known = !loading && attune_model_file_get_config (self->file) != NULL;
  const char *name = attune_model_file_get_name (self->file);
  g_autofree char *facts = known ? tell_facts (self->file) : NULL;
  g_autofree char *shown = g_filename_display_name (attune_model_file_get_path (self->file));

  gtk_label_set_text (self->name_label, name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->name_label), shown);
  gtk_label_set_text (self->facts_label, facts != NULL ? facts
                                         : loading     ? _ ("Looking at it…")
                                                       : _ ("It cannot be used"));
  gtk_widget_set_visible (self->spinner, loading);
  gtk_widget_set_sensitive (GTK_WIDGET (self->check), error == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->fit_bar), known);
  show_notes (self, error);
}

/* --- doors */

GtkWidget *
attune_model_row_new (AttuneModelFile *file, gboolean removable)
{
  AttuneModelRow *self = g_object_new (ATTUNE_TYPE_MODEL_ROW, NULL);

  g_return_val_if_fail (ATTUNE_IS_MODEL_FILE (file), NULL);

  self->file = g_object_ref (file);
  gtk_widget_set_visible (self->remove_button, removable);
  g_signal_connect_object (file, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  show (self);
  return GTK_WIDGET (self);
}

AttuneModelFile *
attune_model_row_get_file (AttuneModelRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_ROW (self), NULL);
  return self->file;
}

void
attune_model_row_set_group (AttuneModelRow *self, GtkCheckButton *group)
{
  g_return_if_fail (ATTUNE_IS_MODEL_ROW (self));
  gtk_check_button_set_group (self->check, group);
}

void
attune_model_row_set_chosen (AttuneModelRow *self, gboolean chosen)
{
  g_return_if_fail (ATTUNE_IS_MODEL_ROW (self));

  self->showing = TRUE;
  gtk_check_button_set_active (self->check, chosen);
  self->showing = FALSE;
}

gboolean
attune_model_row_get_chosen (AttuneModelRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_ROW (self), FALSE);
  return gtk_check_button_get_active (self->check);
}

void
attune_model_row_choose (AttuneModelRow *self)
{
  g_return_if_fail (ATTUNE_IS_MODEL_ROW (self));

  if (gtk_widget_is_sensitive (GTK_WIDGET (self->check)))
    gtk_check_button_set_active (self->check, TRUE);
}

void
attune_model_row_show_fit (AttuneModelRow *self, AttunePlan *plan, const AttuneDataFacts *data,
                           guint64 available)
{
  const AttuneDecoderConfig *config;
  g_autoptr (GError) error = NULL;
  AttuneFit fit;

  g_return_if_fail (ATTUNE_IS_MODEL_ROW (self));

  config = attune_model_file_get_config (self->file);
  if (config == NULL)
    return;
  if (!attune_fit (plan, config, attune_model_file_get_bytes (self->file),
                   attune_model_file_get_parameters (self->file), data, &fit, &error)
      /* a plan that contradicts itself says so on its own page */
      && !attune_fit (NULL, config, attune_model_file_get_bytes (self->file),
                      attune_model_file_get_parameters (self->file), data, &fit, NULL))
    {
      gtk_widget_set_visible (GTK_WIDGET (self->fit_bar), FALSE);
      return;
    }
  attune_fit_bar_show (self->fit_bar, &fit, available);
}

/* --- the object */

static void
attune_model_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_ROW);
  g_clear_object (&ATTUNE_MODEL_ROW (object)->file);
  G_OBJECT_CLASS (attune_model_row_parent_class)->dispose (object);
}

static void
attune_model_row_class_init (AttuneModelRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_row_dispose;
  signals[CHOSEN] = g_signal_new ("chosen", ATTUNE_TYPE_MODEL_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[FORGOTTEN] = g_signal_new ("forgotten", ATTUNE_TYPE_MODEL_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (ATTUNE_TYPE_FIT_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/model-row.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, check);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, facts_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, notes_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, fit_bar);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, spinner);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelRow, remove_button);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
attune_model_row_init (AttuneModelRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
