/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The result's charts; its sentences are in result-text.c: every number has one.
 */
#include "stages/data/result.h"

#include "charts/bar-figure.h"
#include "charts/chart.h"
#include "charts/histogram-figure.h"
#include "stages/data/count.h"
#include "stages/data/result-text.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define MAX_LABELS 20

struct _AttuneDataResult
{
  GtkBox parent_instance;

  GtkLabel *text_label;
  AttuneChart *splits_chart, *lengths_chart, *labels_chart;
  GtkMenuButton *splits_menu, *lengths_menu, *labels_menu;
  GtkWidget *lengths_group, *labels_group;
};

G_DEFINE_FINAL_TYPE (AttuneDataResult, attune_data_result, GTK_TYPE_BOX)

/* --- charts */

static void
show_splits (AttuneDataResult *self, const AttuneReportView *report)
{
  const char *names[] = { _ ("Learning"), _ ("Checking"), _ ("Final Test"), _ ("Left Out"), NULL };
  g_autoptr (AttuneBarFigure) figure = attune_bar_figure_new (ATTUNE_UNIT_NUMBER);
  double values[ATTUNE_N_SPLITS];

  for (int i = 0; i < ATTUNE_N_SPLITS; i++)
    values[i] = report->splits[i];
  attune_figure_set_title (ATTUNE_FIGURE (figure), _ ("What the Records Are For"));
  attune_bar_figure_set_categories (figure, names);
  attune_bar_figure_add_series (figure, _ ("Records"), values, FALSE);
  attune_chart_set_figure (self->splits_chart, ATTUNE_FIGURE (figure));
}

static void
show_lengths (AttuneDataResult *self, const AttuneReportView *report, guint64 max_tokens)
{
  g_autoptr (AttuneHistogramFigure) figure
      = attune_histogram_figure_new (_ ("Tokens"), _ ("Samples"), ATTUNE_UNIT_NUMBER);

  gtk_widget_set_visible (self->lengths_group, report->bins->len > 0);
  if (report->bins->len == 0)
    return;
  attune_figure_set_title (ATTUNE_FIGURE (figure), _ ("Length of the Samples"));
  attune_histogram_figure_set_bins (figure, 0, report->bin_width,
                                    (const guint64 *) report->bins->data, report->bins->len);
  if (report->n_cut > 0)
    {
      g_autofree char *count = attune_count_to_text (max_tokens);
      g_autofree char *limit = g_strdup_printf (_ ("Cut at %s"), count);

      attune_histogram_figure_set_limit (figure, max_tokens, limit);
    }
  attune_chart_set_figure (self->lengths_chart, ATTUNE_FIGURE (figure));
}

static void
show_labels (AttuneDataResult *self, const AttuneReportView *report)
{
  const guint n = MIN (report->labels->len, MAX_LABELS);
  g_autoptr (AttuneBarFigure) figure = attune_bar_figure_new (ATTUNE_UNIT_NUMBER);
  const char *names[MAX_LABELS + 1] = { NULL };
  double values[MAX_LABELS], learned[MAX_LABELS];
  gboolean balanced = FALSE;

  gtk_widget_set_visible (self->labels_group, n > 1);
  if (n <= 1)
    return;
  for (guint i = 0; i < n; i++)
    {
      const AttuneReportLabel *label = g_ptr_array_index (report->labels, i);

      names[i] = label->label;
      learned[i] = label->learned;
      balanced = balanced || label->learned > 0;
    }
  for (guint i = 0; i < n; i++) /* one that is nowhere in what is learned from had none before */
    {
      const AttuneReportLabel *label = g_ptr_array_index (report->labels, i);

      values[i] = balanced ? label->original : label->count;
    }
  attune_figure_set_title (ATTUNE_FIGURE (figure), _ ("Labels"));
  attune_bar_figure_set_categories (figure, names);
  attune_bar_figure_add_series (figure, balanced ? _ ("Before Balancing") : _ ("Records"), values,
                                FALSE);
  if (balanced)
    attune_bar_figure_add_series (figure, _ ("Learned From"), learned, FALSE);
  attune_chart_set_figure (self->labels_chart, ATTUNE_FIGURE (figure));
}

void
attune_data_result_show (AttuneDataResult *self, const AttuneReportView *report, guint64 max_tokens)
{
  g_autofree char *text = NULL;

  g_return_if_fail (ATTUNE_IS_DATA_RESULT (self) && report != NULL);

  text = attune_data_result_say (report, max_tokens);
  gtk_label_set_text (self->text_label, text);
  show_splits (self, report);
  show_lengths (self, report, max_tokens);
  show_labels (self, report);
}

const char *
attune_data_result_get_text (AttuneDataResult *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATA_RESULT (self), NULL);
  return gtk_label_get_text (self->text_label);
}

static void
attune_data_result_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_DATA_RESULT);
  G_OBJECT_CLASS (attune_data_result_parent_class)->dispose (object);
}

static void
attune_data_result_class_init (AttuneDataResultClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_data_result_dispose;
  g_type_ensure (ATTUNE_TYPE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/data/result.ui");
#define BIND(child) gtk_widget_class_bind_template_child (widget_class, AttuneDataResult, child)
  BIND (text_label);
  BIND (splits_chart);
  BIND (lengths_chart);
  BIND (labels_chart);
  BIND (splits_menu);
  BIND (lengths_menu);
  BIND (labels_menu);
  BIND (lengths_group);
  BIND (labels_group);
#undef BIND
}

static void
attune_data_result_init (AttuneDataResult *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  attune_chart_attach_menu (self->splits_chart, self->splits_menu);
  attune_chart_attach_menu (self->lengths_chart, self->lengths_menu);
  attune_chart_attach_menu (self->labels_chart, self->labels_menu);
}
