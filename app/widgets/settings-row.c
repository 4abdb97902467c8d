/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which row suits which type of property.
 */
#include "widgets/settings-row.h"

#include "core/settings.h"
#include "plan/objective.h"
#include "widgets/file-row.h"
#include "widgets/number-row.h"

#include <glib/gi18n.h>

/* --- choices */

/* Words for the choices there are; a name like “Lion” is shown by its nick. */
static const char *const choices[][2] = {
  { "auto", N_ ("Automatic") },
  { "cosine", N_ ("Cosine") },
  { "linear", N_ ("Linear") },
  { "constant", N_ ("Constant") },
  { "restarts", N_ ("Cosine, Begun Again") },
  { "stored", N_ ("As It Is Stored") },
  { "nf4", N_ ("4 Bits (NF4)") },
  { "fp4", N_ ("4 Bits (FP4)") },
  { "cpu", N_ ("Processor") },
  { "gpu", N_ ("Graphics Card") },
  { "f32", N_ ("32 Bits") },
  { "bf16", N_ ("16 Bits (bf16)") },
  { "f16", N_ ("16 Bits (f16)") },
  { "sigmoid", N_ ("Logistic (DPO)") },
  { "ipo", N_ ("Quadratic (IPO)") },
  { "hinge", N_ ("Hinge") },
  { "keep", N_ ("Leave as It Is") },
  { "mask", N_ ("Mask") },
  { "as-they-are", N_ ("As They Are") },
  { "repeat-rare", N_ ("Repeat Rare Ones") },
  { "thin-frequent", N_ ("Leave Out Frequent Ones") },
  { "mix-rare", N_ ("Mix Rare Ones (SMOTE)") },
  { "leave-out", N_ ("Leave Out the Record") },
  { "synonyms", N_ ("With Synonyms") },
  { "translation", N_ ("By Translation and Back") },
  { "model", N_ ("Written by a Model") },
  { "none", N_ ("All the Same") },
  { "inverse", N_ ("By How Rare They Are") },
  { "effective", N_ ("By How Rare They Are, More Mildly") },
  { "adamw", "AdamW" },
  { "adamw-8bit", N_ ("AdamW in 8 Bits") },
  { "sgd", N_ ("Plain Steps (SGD)") },
  { "adagrad", "AdaGrad" },
  { "rmsprop", "RMSprop" },
  { "adadelta", "AdaDelta" },
  { "zero", N_ ("Changes Nothing Yet") },
  { "pissa", N_ ("Largest Parts of the Weights") },
  { "loftq", N_ ("What 4 Bits Have Lost") },
};

char *
attune_settings_name_choice (GType type, const GEnumValue *value)
{
  const char *nick = value->value_nick;
  char *name;

  if (type == ATTUNE_TYPE_OBJECTIVE)
    return g_strdup (_ (attune_objective_get_title (value->value)));
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (strcmp (choices[i][0], nick) == 0)
      return g_strdup (_ (choices[i][1]));
  name = g_strdelimit (g_strdup (nick), "-_", ' ');
  *name = g_ascii_toupper (*name);
  return name;
}

static gboolean
choice_to_selected (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  const GEnumClass *klass = G_PARAM_SPEC_ENUM (data)->enum_class;

  for (guint i = 0; i < klass->n_values; i++)
    if (klass->values[i].value == g_value_get_enum (from))
      {
        g_value_set_uint (to, i);
        return TRUE;
      }
  return FALSE;
}

static gboolean
selected_to_choice (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  const GEnumClass *klass = G_PARAM_SPEC_ENUM (data)->enum_class;
  const guint selected = g_value_get_uint (from);

  if (selected >= klass->n_values)
    return FALSE;
  g_value_set_enum (to, klass->values[selected].value);
  return TRUE;
}

static void
on_choice_setup (GtkListItemFactory *factory, GtkListItem *item)
{
  gtk_list_item_set_child (item, gtk_label_new (NULL));
}

static void
on_choice_bind (GtkListItemFactory *factory, GtkListItem *item)
{
  gtk_label_set_text (GTK_LABEL (gtk_list_item_get_child (item)),
                      gtk_string_object_get_string (gtk_list_item_get_item (item)));
}

/* By itself the row cuts what is chosen off rather than wrap what it is about. */
static void
show_choice_whole (AdwComboRow *row)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect (factory, "setup", G_CALLBACK (on_choice_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_choice_bind), NULL);
  adw_combo_row_set_list_factory (row, adw_combo_row_get_factory (row)); /* with the check mark */
  adw_combo_row_set_factory (row, factory);
}

static GtkWidget *
combo_row_new (GObject *settings, GParamSpec *pspec)
{
  const GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < klass->n_values; i++)
    gtk_string_list_take (
        names, attune_settings_name_choice (G_PARAM_SPEC_VALUE_TYPE (pspec), &klass->values[i]));
  show_choice_whole (ADW_COMBO_ROW (row));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  g_object_bind_property_full (settings, pspec->name, row, "selected",
                               G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL, choice_to_selected,
                               selected_to_choice, pspec, NULL);
  return row;
}

/* --- numbers, words, switches */

static GtkWidget *
spin_row_new (GObject *settings, GParamSpec *pspec)
{
  const GParamSpecInt *p = G_PARAM_SPEC_INT (pspec);
  GtkAdjustment *range = gtk_adjustment_new (p->default_value, p->minimum, p->maximum, 1, 10, 0);
  /* libadwaita 1.7 says "presentation", which hides the spin button from screen readers. */
  GtkWidget *row = g_object_new (ADW_TYPE_SPIN_ROW, "accessible-role", GTK_ACCESSIBLE_ROLE_GROUP,
                                 "adjustment", range, "numeric", TRUE, NULL);

  g_object_bind_property (settings, pspec->name, row, "value",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return row;
}

/* An entry row has no room for what it is good for: that stands behind a button. */
static void
add_explanation (GtkWidget *row, const char *text)
{
  GtkWidget *label = g_object_new (GTK_TYPE_LABEL, "label", text, "wrap", TRUE, "max-width-chars",
                                   40, "margin-start", 6, "margin-end", 6, "margin-top", 6,
                                   "margin-bottom", 6, NULL);
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *button = gtk_menu_button_new ();

  gtk_popover_set_child (GTK_POPOVER (popover), label);
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (button), popover);
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "help-about-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("What This Is"));
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), button);
}

static GtkWidget *
entry_row_new (GObject *settings, GParamSpec *pspec)
{
  GtkWidget *row = adw_entry_row_new ();

  add_explanation (row, _ (g_param_spec_get_blurb (pspec)));
  g_object_bind_property (settings, pspec->name, row, "text",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return row;
}

static GtkWidget *
switch_row_new (GObject *settings, GParamSpec *pspec)
{
  GtkWidget *row = adw_switch_row_new ();

  g_object_bind_property (settings, pspec->name, row, "active",
                          G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
  return row;
}

/* --- back to the default */

typedef struct
{
  GObject *settings;
  GParamSpec *pspec;
} Reset;

static void
reset_free (gpointer data, GClosure *closure)
{
  Reset *reset = data;

  g_object_unref (reset->settings);
  g_param_spec_unref (reset->pspec);
  g_free (reset);
}

static void
on_reset (GtkButton *button, Reset *reset)
{
  g_object_set_property (reset->settings, reset->pspec->name,
                         g_param_spec_get_default_value (reset->pspec));
}

static gboolean
is_changed (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_boolean (to,
                       g_param_values_cmp (data, from, g_param_spec_get_default_value (data)) != 0);
  return TRUE;
}

static GtkWidget *
reset_button_new (GObject *settings, GParamSpec *pspec)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("edit-undo-symbolic");
  Reset *reset = g_new (Reset, 1);

  *reset = (Reset) { g_object_ref (settings), g_param_spec_ref (pspec) };
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, _ ("Reset to Default"));
  g_signal_connect_data (button, "clicked", G_CALLBACK (on_reset), reset, reset_free,
                         G_CONNECT_DEFAULT);
  g_object_bind_property_full (settings, pspec->name, button, "visible", G_BINDING_SYNC_CREATE,
                               is_changed, NULL, pspec, NULL);
  return button;
}

GtkWidget *
attune_settings_row_new (GObject *settings, GParamSpec *pspec)
{
  GtkWidget *row;

  g_return_val_if_fail (G_IS_OBJECT (settings) && pspec != NULL, NULL);

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    row = switch_row_new (settings, pspec);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    row = combo_row_new (settings, pspec);
  else if (G_IS_PARAM_SPEC_INT (pspec))
    row = spin_row_new (settings, pspec);
  else if (G_IS_PARAM_SPEC_STRING (pspec) && (pspec->flags & ATTUNE_PARAM_FILE) != 0)
    return attune_file_row_new (settings, pspec);
  else if (G_IS_PARAM_SPEC_STRING (pspec))
    row = entry_row_new (settings, pspec);
  else
    row = attune_number_row_new (settings, pspec);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (g_param_spec_get_nick (pspec)));
  if (ADW_IS_ENTRY_ROW (row))
    adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), reset_button_new (settings, pspec));
  else
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (g_param_spec_get_blurb (pspec)));
      if (!G_IS_PARAM_SPEC_BOOLEAN (pspec)) /* a switch sets itself back */
        adw_action_row_add_suffix (ADW_ACTION_ROW (row), reset_button_new (settings, pspec));
    }
  return row;
}
