/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The number row: an entry beside what the number means.
 */
#include "widgets/number-row.h"

#include "core/settings.h"

#include <glib/gi18n.h>

/* Long enough to type the exponent, short enough to be there before the next look at the page. */
#define PAUSE_MS 600
#define ENTRY_CHARACTERS 9

struct _AttuneNumberRow
{
  AdwActionRow parent_instance;

  GObject *settings;
  GParamSpec *pspec;
  GtkEntry *entry; /* borrowed */
  guint pause_id;
  gboolean showing; /* the text is being set by us */
  gboolean taking;  /* the setting is: 5e-4 stays 5e-4 while it is being typed */
};

G_DEFINE_FINAL_TYPE (AttuneNumberRow, attune_number_row, ADW_TYPE_ACTION_ROW)

/* --- words */

/* The smallest and the largest value; FALSE where the largest is nothing to tell a person. */
static gboolean
get_range (GParamSpec *pspec, char **low, char **high)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  *low = *high = NULL;
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      const GParamSpecDouble *p = G_PARAM_SPEC_DOUBLE (pspec);

      *low = g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", p->minimum));
      *high = g_strdup (g_ascii_formatd (text, sizeof text, "%.6g", p->maximum));
      return p->maximum < G_MAXDOUBLE;
    }
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    {
      const GParamSpecInt64 *p = G_PARAM_SPEC_INT64 (pspec);

      *low = g_strdup_printf ("%" G_GINT64_FORMAT, p->minimum);
      *high = g_strdup_printf ("%" G_GINT64_FORMAT, p->maximum);
      return p->maximum < G_MAXINT64;
    }
  *low = g_strdup_printf ("%d", G_PARAM_SPEC_INT (pspec)->minimum);
  *high = g_strdup_printf ("%d", G_PARAM_SPEC_INT (pspec)->maximum);
  return G_PARAM_SPEC_INT (pspec)->maximum < G_MAXINT;
}

/* What is to be typed instead. Returns: (transfer full). */
static char *
describe_problem (GParamSpec *pspec)
{
  g_autofree char *low = NULL, *high = NULL;
  const gboolean limited = get_range (pspec, &low, &high);

  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return limited ? g_strdup_printf (_ ("Type a number from %s to %s."), low, high)
                   : g_strdup_printf (_ ("Type a number, %s or more."), low);
  return limited ? g_strdup_printf (_ ("Type a whole number from %s to %s."), low, high)
                 : g_strdup_printf (_ ("Type a whole number, %s or more."), low);
}

/* --- showing and taking */

static void
show_problem (AttuneNumberRow *self, const char *problem)
{
  const GtkAccessibleInvalidState state
      = problem != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE;

  adw_action_row_set_subtitle (
      ADW_ACTION_ROW (self), problem != NULL ? problem : _ (g_param_spec_get_blurb (self->pspec)));
  if (problem != NULL)
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
      gtk_accessible_announce (GTK_ACCESSIBLE (self->entry), problem,
                               GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
    }
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_STATE_INVALID, state,
                               -1);
}

static void
show_value (AttuneNumberRow *self)
{
  g_autofree char *text = attune_settings_get_text (self->settings, self->pspec->name);

  self->showing = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);
  self->showing = FALSE;
  show_problem (self, NULL);
}

/* Some write 0,5; nobody writes a list here. */
static char *
with_point (const char *text)
{
  char *copy = g_strdup (text), *comma = strchr (copy, ',');

  if (comma != NULL && strchr (copy, '.') == NULL && strchr (comma + 1, ',') == NULL)
    *comma = '.';
  return copy;
}

gboolean
attune_number_row_commit (AttuneNumberRow *self)
{
  g_autofree char *text = NULL, *problem = NULL;
  gboolean good;

  g_return_val_if_fail (ATTUNE_IS_NUMBER_ROW (self), FALSE);

  g_clear_handle_id (&self->pause_id, g_source_remove);
  text = with_point (gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  self->taking = TRUE;
  good = attune_settings_set_text (self->settings, self->pspec->name, text, NULL);
  self->taking = FALSE;
  if (!good)
    problem = describe_problem (self->pspec);
  show_problem (self, problem);
  return good;
}

static gboolean
paused (gpointer data)
{
  AttuneNumberRow *self = data;

  self->pause_id = 0;
  attune_number_row_commit (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed (AttuneNumberRow *self)
{
  if (self->showing)
    return;
  g_clear_handle_id (&self->pause_id, g_source_remove);
  self->pause_id = g_timeout_add (PAUSE_MS, paused, self);
}

static void
on_setting (AttuneNumberRow *self)
{
  if (!self->taking)
    show_value (self);
}

static void
on_left (AttuneNumberRow *self)
{
  if (attune_number_row_commit (self))
    show_value (self);
}

GtkEntry *
attune_number_row_get_entry (AttuneNumberRow *self)
{
  g_return_val_if_fail (ATTUNE_IS_NUMBER_ROW (self), NULL);
  return self->entry;
}

/* --- the object */

GtkWidget *
attune_number_row_new (GObject *settings, GParamSpec *pspec)
{
  AttuneNumberRow *self;
  g_autofree char *signal = NULL;

  g_return_val_if_fail (G_IS_OBJECT (settings) && pspec != NULL, NULL);

  self = g_object_new (ATTUNE_TYPE_NUMBER_ROW, NULL);
  self->settings = g_object_ref (settings);
  self->pspec = g_param_spec_ref (pspec);
  signal = g_strdup_printf ("notify::%s", pspec->name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ (g_param_spec_get_nick (pspec)));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (g_param_spec_get_nick (pspec)),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  _ (g_param_spec_get_blurb (pspec)), -1);
  g_signal_connect_object (settings, signal, G_CALLBACK (on_setting), self, G_CONNECT_SWAPPED);
  show_value (self);
  return GTK_WIDGET (self);
}

/* What was typed last is not lost when the window closes first. */
static void
attune_number_row_dispose (GObject *object)
{
  AttuneNumberRow *self = ATTUNE_NUMBER_ROW (object);

  if (self->pause_id != 0)
    attune_number_row_commit (self);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->pspec, g_param_spec_unref);
  G_OBJECT_CLASS (attune_number_row_parent_class)->dispose (object);
}

static void
attune_number_row_class_init (AttuneNumberRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = attune_number_row_dispose;
}

static void
attune_number_row_init (AttuneNumberRow *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_widget_set_valign (GTK_WIDGET (self->entry), GTK_ALIGN_CENTER);
  gtk_editable_set_width_chars (GTK_EDITABLE (self->entry), ENTRY_CHARACTERS);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (self->entry), ENTRY_CHARACTERS);
  gtk_editable_set_alignment (GTK_EDITABLE (self->entry), 1);
  gtk_entry_set_input_purpose (self->entry, GTK_INPUT_PURPOSE_NUMBER);
  g_signal_connect_swapped (self->entry, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->entry, "activate", G_CALLBACK (on_left), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (on_left), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), focus);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->entry));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self), GTK_WIDGET (self->entry));
}
