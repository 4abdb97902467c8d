/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The view of the trials. Its table is made anew only when what it says has changed.
 */
#include "stages/plan/search-trials.h"

#include "charts/chart.h"
#include "charts/line-figure.h"
#include "stages/plan/search-words.h"

#include <glib/gi18n.h>
#include <math.h>

#define MOST_ROWS 100 /* of the table, which has them all at hand */

struct _AttuneSearchTrials
{
  AdwBin parent_instance;

  AttuneLineFigure *figure;
  GListStore *rows; /* GtkStringList: cells of the table */
  char *shown;      /* (nullable): all that the table says, to be compared */

  AdwActionRow *status_row;
  GtkProgressBar *progress_bar;
  AttuneChart *chart;
  GtkLabel *best_label, *more_label;
  GtkMenuButton *menu_button;
  GtkColumnView *view;
};

G_DEFINE_FINAL_TYPE (AttuneSearchTrials, attune_search_trials, ADW_TYPE_BIN)

/* --- how it stands */

/* The trial that is at work, or -1. */
static int
find_current (const AttuneSearch *search)
{
  for (guint i = 0; i < search->trials->len; i++)
    if (((AttuneSearchTrial *) search->trials->pdata[i])->pending)
      return i;
  return -1;
}

static guint
count_done (const AttuneSearch *search)
{
  guint n = 0;

  for (guint i = 0; i < search->trials->len; i++)
    n += !((AttuneSearchTrial *) search->trials->pdata[i])->pending;
  return n;
}

static char *
say_running (AttuneSearchTrials *self, AttuneSession *session, const AttuneSearch *search)
{
  const int current = find_current (search);
  const char *doing = attune_session_get_doing (session, ATTUNE_STAGE_TUNE);
  g_autofree char *title = NULL, *values = NULL;

  if (current < 0)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row),
                                     _ ("The Search Is Running"));
      return g_strdup (_ ("The next trial is being made ready."));
    }
  title = g_strdup_printf (_ ("Trial %d of %u Is Running"), current + 1, search->n_trials);
  values = attune_search_say_values (search, search->trials->pdata[current]);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row), title);
  return doing != NULL ? g_strdup_printf ("%s\n%s", values, doing) : g_steal_pointer (&values);
}

static char *
say_failed (const AttuneSearch *search)
{
  g_autoptr (JsonNode) event = attune_run_find_event (search->folder, "failed");
  JsonObject *members = event != NULL ? json_node_get_object (event) : NULL;

  if (members == NULL || !json_object_has_member (members, "text"))
    return g_strdup (_ ("No reason was given."));
  return g_strdup (json_object_get_string_member (members, "text"));
}

static void
show_status (AttuneSearchTrials *self, AttuneSession *session, const AttuneSearch *search)
{
  const AttuneRunState state = attune_session_get_search_state (session);
  const char *title = NULL;
  g_autofree char *text = NULL;

  switch (state)
    {
    case ATTUNE_RUN_RUNNING:
      text = say_running (self, session, search);
      break;
    case ATTUNE_RUN_FINISHED:
      title = _ ("The Search Is Done");
      text = g_strdup_printf (
          ngettext ("%u trial was made.", "%u trials were made.", search->trials->len),
          search->trials->len);
      break;
    case ATTUNE_RUN_FAILED:
      title = _ ("The Search Could Not Go On");
      text = say_failed (search);
      break;
    case ATTUNE_RUN_NEW:
    case ATTUNE_RUN_STOPPED:
    case ATTUNE_RUN_CRASHED:
    default:
      title = state == ATTUNE_RUN_CRASHED ? _ ("The Search Has Stopped Unexpectedly")
                                          : _ ("The Search Is Stopped");
      text = g_strdup_printf (_ ("%u of %u trials are done. Nothing is lost: Resume goes on where "
                                 "it was."),
                              count_done (search), search->n_trials);
      break;
    }
  if (title != NULL)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row), title);
  adw_action_row_set_subtitle (self->status_row, text);
  gtk_widget_set_visible (GTK_WIDGET (self->progress_bar), state == ATTUNE_RUN_RUNNING);
  gtk_progress_bar_set_fraction (
      self->progress_bar,
      (count_done (search) + CLAMP (attune_session_get_progress (session, ATTUNE_STAGE_TUNE), 0, 1))
          / MAX (search->n_trials, 1));
}

/* --- the chart */

static void
show_chart (AttuneSearchTrials *self, const AttuneSearch *search)
{
  const int best = attune_search_find_best (search);
  g_autofree char *sentence = attune_search_say_best (search), *label = NULL;
  int series;

  attune_line_figure_clear (self->figure);
  attune_line_figure_clear_marks (self->figure);
  attune_line_figure_set_x_range (self->figure, 1, MAX (search->n_trials, 2));
  series = attune_line_figure_add_series (self->figure, _ ("Loss"), ATTUNE_LINE_POINTS);
  for (guint i = 0; i < search->trials->len; i++)
    {
      const double score = ((AttuneSearchTrial *) search->trials->pdata[i])->score;

      if (isfinite (score))
        attune_line_figure_append (self->figure, series, i + 1, score);
    }
  if (best >= 0)
    {
      label = g_strdup_printf (_ ("Best: trial %d"), best + 1);
      attune_line_figure_add_mark (self->figure, ATTUNE_LINE_MARK_BEST, series, best + 1, label);
    }
  gtk_label_set_text (self->best_label, sentence);
}

/* --- the table */

static int
compare_trials (gconstpointer a, gconstpointer b, gpointer search)
{
  GPtrArray *trials = ((const AttuneSearch *) search)->trials;
  const guint i = *(const guint *) a, j = *(const guint *) b;
  const AttuneSearchTrial *one = trials->pdata[i], *two = trials->pdata[j];
  /* those that came to something, those that have not yet, those that will not */
  const int rank = isfinite (one->score) ? 0
                   : isnan (one->score)  ? 1
                                         : 2,
            other = isfinite (two->score) ? 0
                    : isnan (two->score)  ? 1
                                          : 2;

  if (rank != other)
    return rank - other;
  if (one->halving.n_rungs != two->halving.n_rungs)
    return two->halving.n_rungs - one->halving.n_rungs;
  if (rank == 0 && one->score != two->score)
    return one->score < two->score ? -1 : 1;
  return i < j ? -1 : 1;
}

static const char *
say_outcome (const AttuneSearch *search, const AttuneSearchTrial *trial, gboolean best,
             gboolean running)
{
  if (trial->refused != NULL)
    return _ ("Not possible");
  if (trial->pending)
    return running ? _ ("Running") : _ ("Interrupted");
  if (isinf (trial->score))
    return _ ("Failed");
  if (best)
    return _ ("Best");
  if (search->strategy == ATTUNE_SEARCH_HALVING && trial->halving.n_rungs < ATTUNE_SEARCH_RUNGS)
    return _ ("Set aside early");
  return _ ("Done");
}

/* One for each column, and behind them why the trial was refused, or nothing. */
static GtkStringList *
make_cells (const AttuneSearch *search, guint number, gboolean best, gboolean running)
{
  const AttuneSearchTrial *trial = search->trials->pdata[number];
  GtkStringList *cells = gtk_string_list_new (NULL);

  gtk_string_list_take (cells, g_strdup_printf ("%u", number + 1));
  gtk_string_list_append (cells, say_outcome (search, trial, best, running));
  gtk_string_list_take (cells, isfinite (trial->score) ? g_strdup_printf ("%.4f", trial->score)
                                                       : g_strdup ("–"));
  for (guint i = 0; i < search->space->len; i++)
    gtk_string_list_take (
        cells, attune_search_say_value (((AttuneSearchVariable *) search->space->pdata[i])->name,
                                        trial->texts[i]));
  gtk_string_list_append (cells, trial->refused != NULL ? trial->refused : "");
  return cells;
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "numeric");
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
  GtkStringList *cells = gtk_list_item_get_item (item);
  GtkWidget *label = gtk_list_item_get_child (item);
  const guint n = g_list_model_get_n_items (G_LIST_MODEL (cells));
  const char *reason = gtk_string_list_get_string (cells, n - 1);

  gtk_label_set_text (GTK_LABEL (label),
                      gtk_string_list_get_string (cells, GPOINTER_TO_UINT (column)));
  gtk_widget_set_tooltip_text (label, *reason != '\0' ? reason : NULL);
}

static void
add_column (AttuneSearchTrials *self, const char *title, guint index)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = gtk_column_view_column_new (title, factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), GUINT_TO_POINTER (index));
  gtk_column_view_column_set_expand (column, TRUE);
  gtk_column_view_append_column (self->view, column);
}

static void
make_columns (AttuneSearchTrials *self, const AttuneSearch *search)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);

  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (self->view, column);
    }
  add_column (self, _ ("Trial"), 0);
  add_column (self, _ ("Outcome"), 1);
  add_column (self, _ ("Loss"), 2);
  for (guint i = 0; i < search->space->len; i++)
    add_column (
        self, attune_search_name_setting (((AttuneSearchVariable *) search->space->pdata[i])->name),
        3 + i);
}

/* All that the table is to say, so that it stays as it is where nothing is new. */
static char *
join (const AttuneSearch *search, GPtrArray *rows)
{
  g_autoptr (GString) all = g_string_new (search->folder);

  for (guint i = 0; i < rows->len; i++)
    for (guint j = 0; j < g_list_model_get_n_items (rows->pdata[i]); j++)
      g_string_append_printf (all, "\n%s", gtk_string_list_get_string (rows->pdata[i], j));
  return g_string_free (g_steal_pointer (&all), FALSE);
}

static void
show_table (AttuneSearchTrials *self, const AttuneSearch *search, gboolean running)
{
  const guint n = search->trials->len;
  const int best = attune_search_find_best (search), current = find_current (search);
  g_autofree guint *order = g_new (guint, n + 1);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *all = NULL, *more = NULL;

  for (guint i = 0; i < n; i++)
    order[i] = i;
  g_sort_array (order, n, sizeof *order, compare_trials, (gpointer) search);
  for (guint i = 0; i < MIN (n, MOST_ROWS); i++)
    g_ptr_array_add (rows, make_cells (search, order[i], (int) order[i] == best,
                                       running && (int) order[i] == current));
  gtk_widget_set_visible (GTK_WIDGET (self->more_label), n > MOST_ROWS);
  more = g_strdup_printf (_ ("These are the best %d of %u trials."), MOST_ROWS, n);
  gtk_label_set_text (self->more_label, more);
  all = join (search, rows);
  if (g_strcmp0 (all, self->shown) == 0)
    return;
  if (self->shown == NULL || !g_str_has_prefix (self->shown, search->folder))
    make_columns (self, search);
  g_set_str (&self->shown, all);
  g_list_store_splice (self->rows, 0, g_list_model_get_n_items (G_LIST_MODEL (self->rows)),
                       rows->pdata, rows->len);
  show_chart (self, search);
}

void
attune_search_trials_show (AttuneSearchTrials *self, AttuneSession *session)
{
  const AttuneSearch *search;

  g_return_if_fail (ATTUNE_IS_SEARCH_TRIALS (self) && ATTUNE_IS_SESSION (session));

  if ((search = attune_session_get_search (session)) == NULL)
    return;
  show_status (self, session, search);
  show_table (self, search, attune_session_get_search_state (session) == ATTUNE_RUN_RUNNING);
}

GtkWidget *
attune_search_trials_new (void)
{
  return g_object_new (ATTUNE_TYPE_SEARCH_TRIALS, NULL);
}

static void
attune_search_trials_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SEARCH_TRIALS);
  g_clear_object (&ATTUNE_SEARCH_TRIALS (object)->figure);
  g_clear_object (&ATTUNE_SEARCH_TRIALS (object)->rows);
  G_OBJECT_CLASS (attune_search_trials_parent_class)->dispose (object);
}

static void
attune_search_trials_finalize (GObject *object)
{
  g_free (ATTUNE_SEARCH_TRIALS (object)->shown);
  G_OBJECT_CLASS (attune_search_trials_parent_class)->finalize (object);
}

static void
attune_search_trials_class_init (AttuneSearchTrialsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_search_trials_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_search_trials_finalize;
  g_type_ensure (ATTUNE_TYPE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/plan/search-trials.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, status_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, chart);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, best_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, more_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, menu_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchTrials, view);
}

static void
attune_search_trials_init (AttuneSearchTrials *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->figure = attune_line_figure_new (_ ("Trial"), _ ("Loss"));
  attune_figure_set_title (ATTUNE_FIGURE (self->figure), _ ("Loss of each trial"));
  attune_figure_set_empty_text (ATTUNE_FIGURE (self->figure),
                                _ ("Shown as soon as a trial has ended"));
  attune_chart_set_figure (self->chart, ATTUNE_FIGURE (self->figure));
  attune_chart_attach_menu (self->chart, self->menu_button);
  self->rows = g_list_store_new (GTK_TYPE_STRING_LIST);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (gtk_no_selection_new (
                                             G_LIST_MODEL (g_object_ref (self->rows)))));
}
