/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The effect: a button with the count; its popover has up to three records before and after.
 */
#include "stages/data/effect.h"

#include "stages/data/count.h"

#include <glib/gi18n.h>

#define EXAMPLE_CHARACTERS 160
#define POPOVER_CHARACTERS 36

struct _AttuneEffect
{
  AdwBin parent_instance;

  GtkMenuButton *button; /* borrowed */
  GtkBox *examples;      /* borrowed: in the popover */
};

G_DEFINE_FINAL_TYPE (AttuneEffect, attune_effect, ADW_TYPE_BIN)

static char *
describe (const AttuneReportStep *step)
{
  g_autofree char *count = attune_count_to_text (step->count);

  switch (step->deed)
    {
    case ATTUNE_CLEAN_LEAVES_OUT:
      return g_strdup_printf (ngettext ("%s left out", "%s left out", (gulong) step->count), count);
    case ATTUNE_CLEAN_MAKES:
      return g_strdup_printf (ngettext ("%s made", "%s made", (gulong) step->count), count);
    case ATTUNE_CLEAN_FINDS:
      return g_strdup_printf (ngettext ("%s found", "%s found", (gulong) step->count), count);
    default:
      return g_strdup_printf (ngettext ("%s changed", "%s changed", (gulong) step->count), count);
    }
}

static void
add_text (GtkBox *box, const char *title, const char *text)
{
  g_autofree char *shown = g_utf8_strlen (text, -1) > EXAMPLE_CHARACTERS
                               ? g_utf8_substring (text, 0, EXAMPLE_CHARACTERS)
                               : g_strdup (text);
  GtkWidget *caption = gtk_label_new (title), *label = gtk_label_new (shown);

  gtk_label_set_xalign (GTK_LABEL (caption), 0);
  gtk_widget_add_css_class (caption, "caption-heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), POPOVER_CHARACTERS);
  gtk_label_set_width_chars (GTK_LABEL (label), MIN (24, POPOVER_CHARACTERS));
  gtk_box_append (box, caption);
  gtk_box_append (box, label);
}

/* What has happened to a record that is shown as it was. */
static const char *
name_example (AttuneCleanDeed deed)
{
  switch (deed)
    {
    case ATTUNE_CLEAN_LEAVES_OUT:
      return _ ("Left Out");
    case ATTUNE_CLEAN_FINDS:
      return _ ("Found");
    default:
      return _ ("Moved"); /* to another split: its text is the same */
    }
}

static void
show_examples (AttuneEffect *self, const AttuneReportStep *step)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->examples))) != NULL)
    gtk_box_remove (self->examples, child);
  for (guint i = 0; i < step->n_examples; i++)
    {
      if (i > 0)
        gtk_box_append (self->examples, gtk_separator_new (GTK_ORIENTATION_HORIZONTAL));
      if (step->after[i] != NULL)
        {
          add_text (self->examples, _ ("Before"), step->before[i]);
          add_text (self->examples, _ ("After"), step->after[i]);
        }
      else
        add_text (self->examples, name_example (step->deed), step->before[i]);
    }
}

void
attune_effect_show (AttuneEffect *self, const AttuneReportStep *step)
{
  g_autofree char *text = NULL;

  g_return_if_fail (ATTUNE_IS_EFFECT (self));

  if (step != NULL && step->enabled && step->count > 0)
    text = describe (step);
  gtk_menu_button_set_label (self->button, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self), text != NULL);
  if (text == NULL)
    return;
  show_examples (self, step);
  gtk_widget_set_sensitive (GTK_WIDGET (self->button), step->n_examples > 0);
}

const char *
attune_effect_get_text (AttuneEffect *self)
{
  g_return_val_if_fail (ATTUNE_IS_EFFECT (self), NULL);
  return gtk_menu_button_get_label (self->button);
}

GtkWidget *
attune_effect_new (void)
{
  return g_object_new (ATTUNE_TYPE_EFFECT, NULL);
}

static void
attune_effect_class_init (AttuneEffectClass *klass)
{
}

static void
attune_effect_init (AttuneEffect *self)
{
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->examples = GTK_BOX (box);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "caption");
  gtk_widget_set_valign (GTK_WIDGET (self->button), GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), _ ("Show Examples"));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
