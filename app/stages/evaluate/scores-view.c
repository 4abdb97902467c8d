/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See scores-view.h.
 */
#include "stages/evaluate/scores-view.h"

#include "charts/chart.h"
#include "stages/evaluate/evaluation-title.h"
#include "stages/evaluate/labels-view.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/score-tile.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _AttuneScoresView
{
  AdwBin parent_instance;

  AttuneSession *session;
  GPtrArray *list; /* (nullable): the evaluations that are shown; owned */
  char *path, *run;
  gboolean stale; /* what is shown is not of the model that there is now */
  guint counts[ATTUNE_N_RATINGS];
  GPtrArray *rows;    /* (element-type GtkWidget): of history_group; borrowed */
  GArray *comparable; /* guint: which of @list each item of compare_row is, after the first */
  gboolean updating;

  GtkWidget *stale_box;
  GtkLabel *stale_label;
  GtkLabel *about_label;
  AttuneScoreTile *perplexity_tile;
  AttuneScoreTile *words_tile;
  AttuneScoreTile *exact_tile;
  AttuneScoreTile *wins_tile;
  AdwActionRow *perplexity_row;
  AdwActionRow *words_row;
  AdwActionRow *exact_row;
  AdwActionRow *wins_row;
  GtkMenuButton *chart_menu;
  AttuneChart *chart;
  AdwBin *labels_bin; /* with an AttuneLabelsView once there are labels */
  AdwPreferencesGroup *history_group;
  AdwComboRow *compare_row;
};

G_DEFINE_FINAL_TYPE (AttuneScoresView, attune_scores_view, ADW_TYPE_BIN)

static char *
format_date (gint64 seconds)
{
  g_autoptr (GDateTime) date = g_date_time_new_from_unix_local (seconds);

  return date != NULL ? g_date_time_format (date, "%x %H:%M") : g_strdup ("");
}

const AttuneEvaluationSummary *
attune_scores_view_get_compared (AttuneScoresView *self)
{
  guint selected;

  g_return_val_if_fail (ATTUNE_IS_SCORES_VIEW (self), NULL);

  selected = adw_combo_row_get_selected (self->compare_row);
  if (selected == 0 || selected == GTK_INVALID_LIST_POSITION || selected > self->comparable->len)
    return NULL;
  return g_ptr_array_index (self->list, g_array_index (self->comparable, guint, selected - 1));
}

/* --- tiles */

static void
show_win_rate (AttuneScoresView *self, const AttuneRatings *ratings)
{
  const AttuneInterval rate = attune_score_win_rate (ratings);
  g_autofree char *value = NULL, *lo = NULL, *hi = NULL, *notes = NULL;

  if (!isfinite (rate.value))
    {
      attune_score_tile_show (self->wins_tile, NULL, _ ("Not rated yet"));
      return;
    }
  value = attune_verdict_format_share (rate.value);
  lo = attune_verdict_format_share (rate.lo);
  hi = attune_verdict_format_share (rate.hi);
  notes = g_strdup_printf (_ ("%s to %s"), lo, hi);
  attune_score_tile_show (self->wins_tile, value, notes);
}

/* Labels have other scores, and nobody likes one better. */
static void
name_scores (AttuneScoresView *self, gboolean labels)
{
  const char *const names[] = { labels ? _ ("Labels in Doubt") : _ ("Perplexity"),
                                labels ? _ ("Balanced Score") : _ ("Words in Common"),
                                labels ? _ ("Right Labels") : _ ("Exact Matches") };
  const char *const tooltips[] = {
    labels ? _ ("Between how many labels the model wavers; 1 is best")
           : _ ("How many words the model wavers between at each word of your answers; 1 is best"),
    labels ? _ ("Macro F1: how well a label is found, where each label counts the same")
           : _ ("Token F1: how many words an answer shares with the expected one, of all words in "
                "both"),
    labels ? _ ("Accuracy: records whose label is the right one")
           : _ ("Answers that are the expected one but for case, punctuation and articles"),
  };
  AttuneScoreTile *const tiles[] = { self->perplexity_tile, self->words_tile, self->exact_tile };
  AdwActionRow *const rows[] = { self->perplexity_row, self->words_row, self->exact_row };

  for (guint i = 0; i < G_N_ELEMENTS (tiles); i++)
    {
      g_object_set (tiles[i], "title", names[i], NULL);
      g_object_set (rows[i], "title", names[i], "tooltip-text", tooltips[i], NULL);
    }
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->wins_tile)), !labels);
  gtk_widget_set_visible (GTK_WIDGET (self->wins_row), !labels);
}

static void
show_tiles (AttuneScoresView *self, const AttuneEvaluation *e)
{
  const AttuneEvaluationSummary *other = attune_scores_view_get_compared (self);
  const AttuneScores none = { 0 }, *now = &e->tuned, *base = &e->base,
                     *old = other != NULL ? &other->tuned : &none;
  const char *base_name = e->labels ? _ ("Always the most frequent label") : _ ("Base");
  g_autofree char *old_name
      = other != NULL ? g_strdup_printf (_ ("Evaluation %u"), other->number) : NULL;

  attune_score_tile_compare (self->perplexity_tile, attune_verdict_format_perplexity,
                             now->perplexity, base_name, base->perplexity, old_name,
                             old->perplexity);
  attune_score_tile_compare (
      self->words_tile, attune_verdict_format_share,
      e->labels ? now->macro_f1 : attune_score_token_f1 (now).value, base_name,
      e->labels ? base->macro_f1 : attune_score_token_f1 (base).value, old_name,
      e->labels ? old->macro_f1 : attune_score_token_f1 (old).value);
  attune_score_tile_compare (self->exact_tile, attune_verdict_format_share,
                             attune_score_exact_match (now).value, base_name,
                             attune_score_exact_match (base).value, old_name,
                             attune_score_exact_match (old).value);
}

static void
show_labels (AttuneScoresView *self, const AttuneConfusion *confusion)
{
  gtk_widget_set_visible (GTK_WIDGET (self->labels_bin), confusion != NULL);
  if (confusion == NULL)
    return;
  if (adw_bin_get_child (self->labels_bin) == NULL)
    adw_bin_set_child (self->labels_bin, g_object_new (ATTUNE_TYPE_LABELS_VIEW, NULL));
  attune_labels_view_show (ATTUNE_LABELS_VIEW (adw_bin_get_child (self->labels_bin)), confusion);
}

static void
show_scores (AttuneScoresView *self, const AttuneEvaluation *e, const AttuneRatings *ratings)
{
  const AttuneEvaluationSummary *other = attune_scores_view_get_compared (self);
  g_autofree char *on_perplexity = attune_verdict_on_perplexity (e),
                  *on_words = attune_verdict_on_words (e), *on_exact = attune_verdict_on_exact (e),
                  *on_ratings = attune_verdict_on_ratings (self->counts), *name = NULL;
  g_autoptr (AttuneFigure) figure = NULL;

  name_scores (self, e->labels);
  show_tiles (self, e);
  show_win_rate (self, ratings);
  adw_action_row_set_subtitle (self->perplexity_row, on_perplexity);
  adw_action_row_set_subtitle (self->words_row, on_words);
  adw_action_row_set_subtitle (self->exact_row, on_exact);
  adw_action_row_set_subtitle (self->wins_row, on_ratings);
  show_labels (self, e->confusion);
  name = other != NULL ? attune_evaluation_summary_get_title (other) : NULL;
  figure = attune_score_figure_new (e, ratings, other != NULL ? &other->tuned : NULL, name);
  attune_chart_set_figure (self->chart, figure);
}

/* --- which evaluation */

static const AttuneEvaluationSummary *
find_shown (AttuneScoresView *self)
{
  for (guint i = 0; self->list != NULL && i < self->list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (self->list, i);

      if (g_strcmp0 (one->path, self->path) == 0)
        return one;
    }
  return NULL;
}

static void
show_about (AttuneScoresView *self)
{
  const AttuneEvaluationSummary *shown = find_shown (self);
  g_autofree char *title = NULL, *date = NULL, *about = NULL, *warning = NULL;
  guint n;

  gtk_widget_set_visible (self->stale_box, self->stale);
  if (shown == NULL)
    return;
  n = (guint) shown->tuned.n_loss;
  title = attune_evaluation_summary_get_title (shown);
  date = format_date (shown->made_seconds);
  if (g_strcmp0 (shown->split, "test") == 0)
    about = g_strdup_printf (
        ngettext ("%s, %s, on %u test question that was kept away from tuning",
                  "%s, %s, on %u test questions that were kept away from tuning", n),
        title, date, n);
  else
    about = g_strdup_printf (
        ngettext ("%s, %s, on %u validation question", "%s, %s, on %u validation questions", n),
        title, date, n);
  gtk_label_set_text (self->about_label, about);
  if (self->stale && g_strcmp0 (shown->run, self->run) == 0)
    warning = g_strdup_printf (_ ("Run %s has learned more since this evaluation. Evaluate again "
                                  "to see how it does."),
                               self->run);
  else if (self->stale)
    warning = g_strdup_printf (_ ("This evaluation is of run %s, and run %s has been tuned since. "
                                  "Evaluate again to see how it does."),
                               shown->run, self->run);
  gtk_label_set_text (self->stale_label, warning != NULL ? warning : "");
}

static void
on_row (AttuneScoresView *self, GtkWidget *row)
{
  const AttuneEvaluationSummary *one;
  guint i;

  if (self->session == NULL || !g_ptr_array_find (self->rows, row, &i))
    return;
  one = g_ptr_array_index (self->list, i);
  attune_session_show_evaluation (self->session, one->path);
}

static GtkWidget *
history_row_new (AttuneScoresView *self, const AttuneEvaluationSummary *one)
{
  g_autofree char *title = attune_evaluation_summary_get_title (one),
                  *date = format_date (one->made_seconds), *subtitle = NULL,
                  *perplexity = attune_verdict_format_perplexity (one->tuned.perplexity),
                  *share = attune_verdict_format_share (one->labels ? one->tuned.exact_match
                                                                    : one->tuned.token_f1);
  const gboolean shown = g_strcmp0 (one->path, self->path) == 0;
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title,
                                 "activatable", one->problem == NULL && !shown, NULL);

  if (one->problem != NULL)
    subtitle = g_strdup (one->problem);
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
show_comparable (AttuneScoresView *self, const char *compared)
{
  const AttuneEvaluationSummary *shown = find_shown (self);
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  gtk_string_list_append (names, shown != NULL && shown->labels
                                     ? _ ("Always the Most Frequent Label")
                                     : _ ("Base Model Only"));
  g_array_set_size (self->comparable, 0);
  for (guint i = 0; i < self->list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (self->list, i);
      g_autofree char *title = attune_evaluation_summary_get_title (one);

      if (one->problem != NULL || g_strcmp0 (one->path, self->path) == 0
          || (shown != NULL && shown->labels != one->labels))
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

static void
show_history (AttuneScoresView *self, GPtrArray *list)
{
  const AttuneEvaluationSummary *before = attune_scores_view_get_compared (self);
  g_autofree char *compared = before != NULL ? g_strdup (before->path) : NULL;

  self->updating = TRUE;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->history_group, self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  g_clear_pointer (&self->list, g_ptr_array_unref);
  self->list = g_ptr_array_ref (list);
  for (guint i = 0; i < list->len; i++)
    {
      GtkWidget *row = history_row_new (self, list->pdata[i]);

      g_ptr_array_add (self->rows, row);
      adw_preferences_group_add (self->history_group, row);
    }
  show_comparable (self, compared);
  self->updating = FALSE;
}

static void
on_compare (AttuneScoresView *self)
{
  const AttuneEvaluation *evaluation
      = self->session != NULL ? attune_session_get_evaluation (self->session) : NULL;

  if (!self->updating && evaluation != NULL)
    show_scores (self, evaluation, attune_session_get_ratings (self->session));
}

void
attune_scores_view_update (AttuneScoresView *self, AttuneSession *session)
{
  const AttuneEvaluation *evaluation;
  const AttuneRatings *ratings;
  const char *folder;
  GPtrArray *list;
  g_autofree char *run = NULL;
  guint counts[ATTUNE_N_RATINGS] = { 0 };
  const AttuneEvaluationSummary *shown;
  gboolean changed, stale;

  g_return_if_fail (ATTUNE_IS_SCORES_VIEW (self) && ATTUNE_IS_SESSION (session));

  g_set_object (&self->session, session);
  evaluation = attune_session_get_evaluation (session);
  list = (GPtrArray *) attune_session_get_evaluations (session);
  if (evaluation == NULL || list == NULL)
    return;
  ratings = attune_session_get_ratings (session);
  folder = attune_session_get_run (session);
  run = folder != NULL ? g_path_get_basename (folder) : NULL;
  if (ratings != NULL)
    attune_ratings_count (ratings, counts);
  changed = g_set_str (&self->path, attune_session_get_evaluation_path (session));
  changed = g_set_str (&self->run, run) || changed;
  changed = list != self->list || changed;
  if (changed)
    show_history (self, list);
  shown = find_shown (self);
  stale = shown != NULL && run != NULL && !attune_session_uses (session, shown->run, shown->step);
  changed = stale != self->stale || changed;
  self->stale = stale;
  if (!changed && memcmp (counts, self->counts, sizeof counts) == 0)
    return;
  memcpy (self->counts, counts, sizeof counts);
  show_about (self);
  show_scores (self, evaluation, ratings);
}

/* --- the object */

static void
attune_scores_view_dispose (GObject *object)
{
  AttuneScoresView *self = ATTUNE_SCORES_VIEW (object);

  self->updating = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* before the template forgets it */
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SCORES_VIEW);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (attune_scores_view_parent_class)->dispose (object);
}

static void
attune_scores_view_finalize (GObject *object)
{
  AttuneScoresView *self = ATTUNE_SCORES_VIEW (object);

  g_clear_pointer (&self->list, g_ptr_array_unref);
  g_ptr_array_unref (self->rows);
  g_array_unref (self->comparable);
  g_free (self->path);
  g_free (self->run);
  G_OBJECT_CLASS (attune_scores_view_parent_class)->finalize (object);
}

static void
attune_scores_view_class_init (AttuneScoresViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = attune_scores_view_dispose;
  object_class->finalize = attune_scores_view_finalize;
  g_type_ensure (ATTUNE_TYPE_CHART);
  g_type_ensure (ATTUNE_TYPE_SCORE_TILE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/scores-view.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, stale_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, stale_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, about_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, perplexity_tile);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, words_tile);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, exact_tile);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, wins_tile);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, perplexity_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, words_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, exact_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, wins_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, chart_menu);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, chart);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, labels_bin);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, history_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, compare_row);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
}

static void
attune_scores_view_init (AttuneScoresView *self)
{
  self->rows = g_ptr_array_new ();
  self->comparable = g_array_new (FALSE, FALSE, sizeof (guint));
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_chart_attach_menu (self->chart, self->chart_menu);
}
