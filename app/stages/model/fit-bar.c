/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The bar fills with what tuning takes; the sentence says it, and what answering takes.
 */
#include "stages/model/fit-bar.h"

#include <glib/gi18n.h>

struct _AttuneFitBar
{
  AdwBin parent_instance;

  GtkLevelBar *bar;
  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE (AttuneFitBar, attune_fit_bar, ADW_TYPE_BIN)

void
attune_fit_bar_show (AttuneFitBar *self, const AttuneFit *fit, guint64 available)
{
  g_autofree char *tune = NULL, *run = NULL, *left = NULL, *text = NULL;
  gboolean fits;

  g_return_if_fail (ATTUNE_IS_FIT_BAR (self) && fit != NULL);

  fits = fit->tune_bytes <= available;
  tune = g_format_size (fit->tune_bytes);
  run = g_format_size (fit->run_bytes);
  left = g_format_size (available);
  if (fits)
    text = g_strdup_printf (_ ("Takes %s to tune and %s to answer; %s are free"), tune, run, left);
  else if (fit->run_bytes <= available)
    text = g_strdup_printf (
        _ ("Too large to tune as planned: it takes %s, and %s are free. Answering takes %s"), tune,
        left, run);
  else
    text = g_strdup_printf (_ ("Too large for this computer now: it takes %s to tune and %s to "
                               "answer, and %s are free"),
                            tune, run, left);
  gtk_label_set_text (self->label, text);
  gtk_level_bar_set_value (self->bar,
                           available > 0 ? MIN (1.0, (double) fit->tune_bytes / available) : 1);
  if (fits)
    {
      gtk_widget_remove_css_class (GTK_WIDGET (self->label), "warning");
      gtk_widget_remove_css_class (GTK_WIDGET (self->bar), "too-large");
    }
  else
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->label), "warning");
      gtk_widget_add_css_class (GTK_WIDGET (self->bar), "too-large");
    }
}

const char *
attune_fit_bar_get_text (AttuneFitBar *self)
{
  g_return_val_if_fail (ATTUNE_IS_FIT_BAR (self), NULL);
  return gtk_label_get_text (self->label);
}

GtkWidget *
attune_fit_bar_new (void)
{
  return g_object_new (ATTUNE_TYPE_FIT_BAR, NULL);
}

static void
attune_fit_bar_class_init (AttuneFitBarClass *klass)
{
}

static void
attune_fit_bar_init (AttuneFitBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);

  self->bar = GTK_LEVEL_BAR (gtk_level_bar_new ());
  self->label = GTK_LABEL (gtk_label_new (NULL));
  /* the usual colours say that much is good; here it is not */
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_LOW);
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_HIGH);
  gtk_level_bar_remove_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_FULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Share of the free memory that tuning takes"), -1);
  gtk_label_set_wrap (self->label, TRUE);
  gtk_label_set_xalign (self->label, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->label), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->label));
  adw_bin_set_child (ADW_BIN (self), box);
}
