/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The row.
 */
#include "stages/plan/search-row.h"

#include "plan/search-space.h"
#include "stages/plan/search-words.h"

#include <glib/gi18n.h>
#include <string.h>

struct _AttuneSearchRow
{
  AdwExpanderRow parent_instance;

  char *name, *now;
  char *manner;         /* what follows the range: ":linear", or nothing */
  GtkEditable *ends[2]; /* of a range, or … */
  GPtrArray *checks;    /* … (nullable) (element-type GtkCheckButton): one for each of … */
  char **choices;       /* … them */
};

G_DEFINE_FINAL_TYPE (AttuneSearchRow, attune_search_row, ADW_TYPE_EXPANDER_ROW)

static guint changed_signal;

const char *
attune_search_row_get_setting (AttuneSearchRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_SEARCH_ROW (self), NULL);
  return self->name;
}

/* A comma is how many write a decimal point. */
static char *
read_end (GtkEditable *end)
{
  return g_strdelimit (g_strstrip (g_strdup (gtk_editable_get_text (end))), ",", '.');
}

static char *
make_word (AttuneSearchRow *self)
{
  g_autoptr (GString) word = g_string_new (self->name);

  g_string_append_c (word, '=');
  if (self->checks == NULL)
    {
      g_autofree char *low = read_end (self->ends[0]), *high = read_end (self->ends[1]);

      g_string_append_printf (word, "%s..%s%s", low, high, self->manner);
      return g_string_free (g_steal_pointer (&word), FALSE);
    }
  for (guint i = 0; i < self->checks->len; i++)
    if (gtk_check_button_get_active (self->checks->pdata[i]))
      g_string_append_printf (word, "%s%s", g_str_has_suffix (word->str, "=") ? "" : ",",
                              self->choices[i]);
  return g_string_free (g_steal_pointer (&word), FALSE);
}

char *
attune_search_row_get_word (AttuneSearchRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_SEARCH_ROW (self), NULL);
  return adw_expander_row_get_enable_expansion (ADW_EXPANDER_ROW (self)) ? make_word (self) : NULL;
}

static char *
say_choices (AttuneSearchRow *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->checks->len; i++)
    if (gtk_check_button_get_active (self->checks->pdata[i]))
      {
        g_autofree char *choice = attune_search_say_value (self->name, self->choices[i]);

        g_string_append_printf (text, "%s%s", text->len > 0 ? _ (", ") : "", choice);
      }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What is tried, in words; what cannot be is marked where it is typed. */
static void
show (AttuneSearchRow *self)
{
  g_autofree char *word = attune_search_row_get_word (self), *text = NULL, *now = NULL;
  g_autoptr (GPtrArray) space = NULL;

  if (word == NULL)
    {
      now = attune_search_say_value (self->name, self->now);
      /* Translators: %s is a value, such as 0.0005 */
      text = g_strdup_printf (_ ("Stays at %s"), now);
    }
  else
    space = attune_search_space_parse ((const char *[]) { word, NULL }, NULL);
  for (int i = 0; self->checks == NULL && i < 2; i++)
    {
      if (word == NULL || space != NULL)
        gtk_widget_remove_css_class (GTK_WIDGET (self->ends[i]), "error");
      else
        gtk_widget_add_css_class (GTK_WIDGET (self->ends[i]), "error");
    }
  if (text == NULL && space == NULL)
    text = g_strdup (self->checks != NULL ? _ ("Choose two at least")
                                          : _ ("Two numbers are needed, the lower one first"));
  else if (text == NULL && self->checks != NULL)
    text = say_choices (self);
  else if (text == NULL)
    /* Translators: a range of values: "From 0.00005 to 0.005" */
    text = g_strdup_printf (_ ("From %s to %s"), gtk_editable_get_text (self->ends[0]),
                            gtk_editable_get_text (self->ends[1]));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text);
}

static void
on_changed (AttuneSearchRow *self)
{
  show (self);
  g_signal_emit (self, changed_signal, 0);
}

void
attune_search_row_set_varied (AttuneSearchRow *self, gboolean varied)
{
  g_return_if_fail (ATTUNE_IS_SEARCH_ROW (self));

  adw_expander_row_set_enable_expansion (ADW_EXPANDER_ROW (self), varied);
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (self), FALSE);
}

static GtkEditable *
add_end (AttuneSearchRow *self, const char *title, const char *text)
{
  GtkWidget *row = adw_entry_row_new ();
  g_autofree char *number = attune_search_say_number (g_ascii_strtod (text, NULL));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_editable_set_text (GTK_EDITABLE (row), number);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (row, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  return GTK_EDITABLE (row);
}

static void
add_choice (AttuneSearchRow *self, const char *choice)
{
  g_autofree char *title = attune_search_say_value (self->name, choice);
  GtkWidget *row = adw_action_row_new (), *check = gtk_check_button_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (check, "toggled", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->checks, check);
}

GtkWidget *
attune_search_row_new (const char *word, const char *now)
{
  AttuneSearchRow *self = g_object_new (ATTUNE_TYPE_SEARCH_ROW, NULL);
  const char *values = strchr (word, '=') + 1;
  g_autoptr (GPtrArray) space = attune_search_space_parse ((const char *[]) { word, NULL }, NULL);

  g_return_val_if_fail (space != NULL, NULL);

  self->name = g_strndup (word, values - 1 - word);
  self->now = g_strdup (now);
  self->choices = g_strdupv (((AttuneSearchVariable *) space->pdata[0])->choices);
  if (self->choices != NULL)
    {
      self->checks = g_ptr_array_new ();
      for (guint i = 0; self->choices[i] != NULL; i++)
        add_choice (self, self->choices[i]);
    }
  else
    {
      g_auto (GStrv) ends = g_strsplit (values, "..", 2);
      char *manner = strchr (ends[1], ':');

      self->manner = g_strdup (manner != NULL ? manner : "");
      if (manner != NULL)
        *manner = '\0';
      self->ends[0] = add_end (self, _ ("Lowest"), ends[0]);
      self->ends[1] = add_end (self, _ ("Highest"), ends[1]);
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 attune_search_name_setting (self->name));
  attune_search_row_set_varied (self, FALSE);
  show (self);
  g_signal_connect (self, "notify::enable-expansion", G_CALLBACK (on_changed), NULL);
  return GTK_WIDGET (self);
}

static void
attune_search_row_finalize (GObject *object)
{
  AttuneSearchRow *self = ATTUNE_SEARCH_ROW (object);

  g_free (self->name);
  g_free (self->now);
  g_free (self->manner);
  g_strfreev (self->choices);
  g_clear_pointer (&self->checks, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_search_row_parent_class)->finalize (object);
}

static void
attune_search_row_class_init (AttuneSearchRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = attune_search_row_finalize;
  changed_signal = g_signal_new ("changed", ATTUNE_TYPE_SEARCH_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
attune_search_row_init (AttuneSearchRow *self)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_expander_row_set_subtitle_lines (ADW_EXPANDER_ROW (self), 0);
  adw_expander_row_set_show_enable_switch (ADW_EXPANDER_ROW (self), TRUE);
}
