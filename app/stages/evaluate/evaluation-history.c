/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See evaluation-history.h.
 */
#include "stages/evaluate/evaluation-history.h"

#include "stages/evaluate/evaluation-title.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <string.h>

struct _AttuneEvaluationHistory
{
  AdwPreferencesGroup parent_instance;

  GPtrArray *list;    /* (nullable): the evaluations that are shown; owned */
  char *path;         /* (nullable): of the one whose scores are looked at */
  GPtrArray *rows;    /* (element-type GtkWidget): one of each; borrowed */
  GArray *comparable; /* guint: which of @list each item of compare_row is, after the first */
  gboolean updating;

  AdwComboRow *compare_row;
};

G_DEFINE_FINAL_TYPE (AttuneEvaluationHistory, attune_evaluation_history, ADW_TYPE_PREFERENCES_GROUP)

enum
{
  SIGNAL_CHOSEN,
  SIGNAL_COMPARED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

char *
attune_evaluation_history_format_date (gint64 seconds)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (seconds);

  return date != NULL ? g_date_time_format (date, "%x %H:%M") : g_strdup ("");
}

const AttuneEvaluationSummary *
attune_evaluation_history_get_compared (AttuneEvaluationHistory *self)
{
  guint selected;

  g_return_val_if_fail (ATTUNE_IS_EVALUATION_HISTORY (self), NULL);

  selected = adw_combo_row_get_selected (self->compare_row);
  if (selected == 0 || selected == GTK_INVALID_LIST_POSITION || selected > self->comparable->len)
    return NULL;
  return g_ptr_array_index (self->list, g_array_index (self->comparable, guint, selected - 1));
}

const AttuneEvaluationSummary *
attune_evaluation_history_get_shown (AttuneEvaluationHistory *self)
{
  g_return_val_if_fail (ATTUNE_IS_EVALUATION_HISTORY (self), NULL);

  for (guint i = 0; self->list != NULL && i < self->list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (self->list, i);

      if (g_strcmp0 (one->path, self->path) == 0)
        return one;
    }
  return NULL;
}

static void
on_row (AttuneEvaluationHistory *self, GtkWidget *row)
{
  guint i;

  if (g_ptr_array_find (self->rows, row, &i))
    g_signal_emit (self, signals[SIGNAL_CHOSEN], 0,
                   ((const AttuneEvaluationSummary *) self->list->pdata[i])->path);
}

static GtkWidget *
row_new (AttuneEvaluationHistory *self, const AttuneEvaluationSummary *one)
{
  g_autofree char *title
      = attune_evaluation_summary_get_title (one),
      *date = attune_evaluation_history_format_date (one->made_seconds), *subtitle = NULL,
      *perplexity = attune_verdict_format_perplexity (one->tuned.perplexity),
      *share
      = attune_verdict_format_share (one->labels ? one->tuned.exact_match : one->tuned.token_f1);
  const gboolean shown = g_strcmp0 (one->path, self->path) == 0;
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title,
                                 "activatable", one->problem == NULL && !shown, NULL);

  if (one->problem != NULL)
    subtitle = g_strdup (one->problem);
  else if (one->labels && one->label_kind == ATTUNE_LABELS_NUMBER)
    subtitle = g_strdup_printf (_ ("%s · %.3g off in the mean"), date, one->tuned.mae);
  else if (one->rewards)
    subtitle = g_strdup_printf (_ ("%s · better answer preferred in %s"), date, share);
  else if (one->labels)
    subtitle = g_strdup_printf (_ ("%s · right labels %s"), date, share);
  else if (one->tuned.n_answers > 0)
    subtitle
        = g_strdup_printf (_ ("%s · perplexity %s, words in common %s"), date, perplexity, share);
  else
    subtitle = g_strdup_printf (_ ("%s · perplexity %s"), date, perplexity);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  if (shown || one->problem != NULL)
    {
      GtkWidget *icon = gtk_image_new_from_icon_name (shown ? "object-select-symbolic"
                                                            : "dialog-warning-symbolic");

      gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      shown ? _ ("Shown") : _ ("Cannot be read"), -1);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon);
    }
  g_signal_connect_object (row, "activated", G_CALLBACK (on_row), self, G_CONNECT_SWAPPED);
  return row;
}

/* Keeps what was compared with, if it is still there. */
static void
show_comparable (AttuneEvaluationHistory *self, const char *compared)
{
  const AttuneEvaluationSummary *shown = attune_evaluation_history_get_shown (self);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  gtk_string_list_append (names, shown != NULL && shown->labels
                                     ? shown->rewards ? _ ("Guessing")
                                       : shown->label_kind == ATTUNE_LABELS_NUMBER
                                           ? _ ("Always the Mean")
                                           : _ ("Always the Most Frequent Label")
                                     : _ ("Base Model Only"));
  g_array_set_size (self->comparable, 0);
  for (guint i = 0; i < self->list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (self->list, i);
      g_autofree char *title = attune_evaluation_summary_get_title (one);

      if (one->problem != NULL || g_strcmp0 (one->path, self->path) == 0
          || (shown != NULL
              && (shown->labels != one->labels || shown->rewards != one->rewards
                  || shown->label_kind != one->label_kind)))
        continue;
      gtk_string_list_append (names, title);
      g_array_append_val (self->comparable, i);
      if (g_strcmp0 (one->path, compared) == 0)
        selected = self->comparable->len;
    }
  adw_combo_row_set_model (self->compare_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->compare_row, selected);
  gtk_widget_set_visible (GTK_WIDGET (self->compare_row), self->comparable->len > 0);
}

void
attune_evaluation_history_show (AttuneEvaluationHistory *self, GPtrArray *list, const char *path)
{
  const AttuneEvaluationSummary *before;
  g_autofree char *compared = NULL;

  g_return_if_fail (ATTUNE_IS_EVALUATION_HISTORY (self) && list != NULL);

  before = attune_evaluation_history_get_compared (self);
  compared = before != NULL ? g_strdup (before->path) : NULL;
  g_set_str (&self->path, path);
  self->updating = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_pointer (&self->list, g_ptr_array_unref);
  self->list = g_ptr_array_ref (list);
  for (guint i = 0; i < list->len; i++)
    {
      GtkWidget *row = row_new (self, list->pdata[i]);

      g_ptr_array_add (self->rows, row);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
    }
  show_comparable (self, compared);
  self->updating = FALSE;
}

static void
on_compare (AttuneEvaluationHistory *self)
{
  if (!self->updating)
    g_signal_emit (self, signals[SIGNAL_COMPARED], 0);
}

static void
attune_evaluation_history_dispose (GObject *object)
{
  ATTUNE_EVALUATION_HISTORY (object)->updating = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_EVALUATION_HISTORY);
  G_OBJECT_CLASS (attune_evaluation_history_parent_class)->dispose (object);
}

static void
attune_evaluation_history_finalize (GObject *object)
{
  AttuneEvaluationHistory *self = ATTUNE_EVALUATION_HISTORY (object);

  g_clear_pointer (&self->list, g_ptr_array_unref);
  g_ptr_array_unref (self->rows);
  g_array_unref (self->comparable);
  g_free (self->path);
  G_OBJECT_CLASS (attune_evaluation_history_parent_class)->finalize (object);
}

static void
attune_evaluation_history_class_init (AttuneEvaluationHistoryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_evaluation_history_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_evaluation_history_finalize;
  signals[SIGNAL_CHOSEN]
      = g_signal_new ("chosen", ATTUNE_TYPE_EVALUATION_HISTORY, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                      NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_COMPARED] = g_signal_new ("compared", ATTUNE_TYPE_EVALUATION_HISTORY,
                                           G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (
      widget_class, "/app/attune/Attune/stages/evaluate/evaluation-history.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluationHistory, compare_row);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
}

static void
attune_evaluation_history_init (AttuneEvaluationHistory *self)
{
  self->rows = g_ptr_array_new ();
  self->comparable = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
}
