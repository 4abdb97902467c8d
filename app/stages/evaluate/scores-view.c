/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See scores-view.h.
 */
#include "stages/evaluate/scores-view.h"

#include "charts/chart.h"
#include "stages/evaluate/evaluation-history.h"
#include "stages/evaluate/evaluation-title.h"
#include "stages/evaluate/labels-view.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/score-slots.h"
#include "stages/evaluate/score-tile.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <math.h>
#include <string.h>

struct _AttuneScoresView
{
  AdwBin parent_instance;

  AttuneSession *session;
  GPtrArray *list; /* (nullable): what was read last; only to see that it has changed */
  char *path, *run;
  gboolean stale; /* what is shown is not of the model that there is now */
  guint counts[ATTUNE_N_RATINGS];

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
  AdwActionRow *earlier_row;
  GtkMenuButton *chart_menu;
  AttuneChart *chart;
  AdwBin *labels_bin; /* with an AttuneLabelsView once there are labels */
  AttuneEvaluationHistory *history;
};

G_DEFINE_FINAL_TYPE (AttuneScoresView, attune_scores_view, ADW_TYPE_BIN)

const AttuneEvaluationSummary *
attune_scores_view_get_compared (AttuneScoresView *self)
{
  g_return_val_if_fail (ATTUNE_IS_SCORES_VIEW (self), NULL);
  return attune_evaluation_history_get_compared (self->history);
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
name_scores (AttuneScoresView *self, const AttuneEvaluation *e)
{
  AttuneScoreTile *const tiles[] = { self->perplexity_tile, self->words_tile, self->exact_tile };
  AdwActionRow *const rows[] = { self->perplexity_row, self->words_row, self->exact_row };
  const AttuneScoreSlot *slots = attune_score_slots (e);

  for (guint i = 0; i < ATTUNE_SCORE_SLOTS; i++)
    {
      g_object_set (tiles[i], "title", _ (slots[i].name), NULL);
      g_object_set (rows[i], "title", _ (slots[i].name), "tooltip-text", _ (slots[i].tooltip),
                    NULL);
    }
  gtk_widget_set_visible (gtk_widget_get_parent (GTK_WIDGET (self->wins_tile)), !e->labels);
  gtk_widget_set_visible (GTK_WIDGET (self->wins_row), !e->labels);
}

static void
show_tiles (AttuneScoresView *self, const AttuneEvaluation *e)
{
  AttuneScoreTile *const tiles[] = { self->perplexity_tile, self->words_tile, self->exact_tile };
  const AttuneEvaluationSummary *other = attune_scores_view_get_compared (self);
  const AttuneScores none = { 0 }, *old = other != NULL ? &other->tuned : &none;
  const AttuneScoreSlot *slots = attune_score_slots (e);
  const char *base_name = !e->labels   ? _ ("Base")
                          : e->rewards ? _ ("Guessing")
                          : e->label_kind == ATTUNE_LABELS_NUMBER
                              ? _ ("Always the mean")
                              : _ ("Always the most frequent label");
  g_autofree char *old_name
      = other != NULL ? g_strdup_printf (_ ("Evaluation %u"), other->number) : NULL;

  for (guint i = 0; i < ATTUNE_SCORE_SLOTS; i++)
    attune_score_tile_compare (tiles[i], slots[i].format, slots[i].get (&e->tuned), base_name,
                               slots[i].get (&e->base), old_name, slots[i].get (old));
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
                  *on_ratings = attune_verdict_on_ratings (self->counts),
                  *on_earlier = attune_verdict_on_earlier (e), *name = NULL;
  g_autoptr (AttuneFigure) figure = NULL;

  name_scores (self, e);
  show_tiles (self, e);
  show_win_rate (self, ratings);
  adw_action_row_set_subtitle (self->perplexity_row, on_perplexity);
  adw_action_row_set_subtitle (self->words_row, on_words);
  adw_action_row_set_subtitle (self->exact_row, on_exact);
  adw_action_row_set_subtitle (self->wins_row, on_ratings);
  gtk_widget_set_visible (GTK_WIDGET (self->earlier_row), on_earlier != NULL);
  adw_action_row_set_subtitle (self->earlier_row, on_earlier);
  show_labels (self, e->confusion);
  name = other != NULL ? attune_evaluation_summary_get_title (other) : NULL;
  figure = attune_score_figure_new (e, ratings, other != NULL ? &other->tuned : NULL, name);
  attune_chart_set_figure (self->chart, figure);
}

/* --- which evaluation */

static void
show_about (AttuneScoresView *self)
{
  const AttuneEvaluationSummary *shown = attune_evaluation_history_get_shown (self->history);
  g_autofree char *title = NULL, *date = NULL, *about = NULL, *warning = NULL;
  guint n;

  gtk_widget_set_visible (self->stale_box, self->stale);
  if (shown == NULL)
    return;
  n = (guint) shown->tuned.n_loss;
  title = attune_evaluation_summary_get_title (shown);
  date = attune_evaluation_history_format_date (shown->made_seconds);
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
on_chosen (AttuneScoresView *self, const char *path)
{
  if (self->session != NULL)
    attune_session_show_evaluation (self->session, path);
}

static void
on_compare (AttuneScoresView *self)
{
  const AttuneEvaluation *evaluation
      = self->session != NULL ? attune_session_get_evaluation (self->session) : NULL;

  if (evaluation != NULL)
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
  folder = attune_session_get_used_run (session);
  run = folder != NULL ? g_path_get_basename (folder) : NULL;
  if (ratings != NULL)
    attune_ratings_count (ratings, counts);
  changed = g_set_str (&self->path, attune_session_get_evaluation_path (session));
  changed = g_set_str (&self->run, run) || changed;
  changed = list != self->list || changed;
  if (changed)
    {
      g_clear_pointer (&self->list, g_ptr_array_unref);
      self->list = g_ptr_array_ref (list);
      attune_evaluation_history_show (self->history, list, self->path);
    }
  shown = attune_evaluation_history_get_shown (self->history);
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
  g_type_ensure (ATTUNE_TYPE_EVALUATION_HISTORY);
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
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, earlier_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, chart_menu);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, chart);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, labels_bin);
  gtk_widget_class_bind_template_child (widget_class, AttuneScoresView, history);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
}

static void
attune_scores_view_init (AttuneScoresView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_chart_attach_menu (self->chart, self->chart_menu);
}
