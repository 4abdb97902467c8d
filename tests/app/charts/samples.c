/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Figures with data such as the app has. Noise comes from a GRand with a fixed seed.
 */
#include "samples.h"
#include "charts/bar-figure.h"
#include "charts/histogram-figure.h"
#include "charts/interval-figure.h"
#include "charts/line-figure.h"
#include "charts/matrix-figure.h"
#include "charts/stack-figure.h"
#include <math.h>

const char *const sample_names[] = {
  "line",     "line-log", "line-gaps",  "line-one",  "line-huge", "line-empty", "line-dense", "bar",
  "bar-long", "stack",    "stack-over", "histogram", "matrix",    "matrix-9",   "interval",   NULL,
};

static AttuneFigure *
line (void)
{
  AttuneLineFigure *self = attune_line_figure_new ("Step", "Loss");
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  const int before = attune_line_figure_add_series (self, "Monday’s run", ATTUNE_LINE_EARLIER);
  const int train = attune_line_figure_add_series (self, "Training", ATTUNE_LINE_CURVE);
  const int valid = attune_line_figure_add_series (self, "Validation", ATTUNE_LINE_POINTS);

  attune_line_figure_set_smoothing (self, 0.9);
  for (int i = 0; i < 400; i++)
    {
      attune_line_figure_append (
          self, before, i * 2, 1.3 + 1.9 * exp (-i / 70.0) + g_rand_double_range (rand, -0.2, 0.2));
      if (i < 330)
        attune_line_figure_append (self, train, i * 2,
                                   0.7 + 2.4 * exp (-i / 90.0)
                                       + g_rand_double_range (rand, -0.25, 0.25));
    }
  for (int i = 0; i <= 13; i++)
    attune_line_figure_append (self, valid, i * 50,
                               1.05 + 2.0 * exp (-i / 3.0) + 0.004 * MAX (i - 7, 0) * (i - 7));
  attune_line_figure_set_x_range (self, 0, 900);
  attune_line_figure_add_mark (self, ATTUNE_LINE_MARK_EVENT, 0, 300, "Epoch 2");
  attune_line_figure_add_mark (self, ATTUNE_LINE_MARK_EVENT, 0, 600, "Epoch 3");
  attune_line_figure_add_mark (self, ATTUNE_LINE_MARK_BEST, valid, 450, "Best: step 450");
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
line_log (void)
{
  AttuneLineFigure *self = attune_line_figure_new ("Step", "Learning rate");
  const int rate = attune_line_figure_add_series (self, "Learning rate", ATTUNE_LINE_CURVE);

  attune_line_figure_set_log (self, FALSE, TRUE);
  for (int i = 0; i <= 500; i++)
    attune_line_figure_append (self, rate, i,
                               i < 25 ? 2e-4 * i / 25 : 1e-6 + 1e-4 * (1 + cos ((i - 25) / 152.0)));
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
line_gaps (void)
{
  AttuneLineFigure *self = attune_line_figure_new ("Step", "Gradient norm");
  const int norm = attune_line_figure_add_series (self, "Norm", ATTUNE_LINE_CURVE);

  for (int i = 0; i < 60; i++)
    attune_line_figure_append (self, norm, i,
                               i >= 40 && i < 46 ? NAN
                               : i == 50         ? INFINITY
                                                 : 1.5 + sin (i / 5.0) - (i > 50) * 0.5);
  attune_line_figure_add_mark (self, ATTUNE_LINE_MARK_PROBLEM, 0, 40, "Rolled back");
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
line_few (gboolean huge)
{
  AttuneLineFigure *self = attune_line_figure_new ("Step", "Loss");
  const int one = attune_line_figure_add_series (self, "Training", ATTUNE_LINE_CURVE);

  if (!huge)
    attune_line_figure_append (self, one, 10, 2.302);
  for (int i = 0; huge && i < 20; i++)
    attune_line_figure_append (self, one, i * 1e9, i % 2 == 0 ? 3e18 * i : -1e-12);
  return ATTUNE_FIGURE (self);
}

/* 100,000 steps of two runs, with two spikes and a gap. */
static AttuneFigure *
line_dense (void)
{
  AttuneLineFigure *self = attune_line_figure_new ("Step", "Loss");
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  const int n = 100000;
  g_autofree double *x = g_new (double, n), *y = g_new (double, n);

  attune_line_figure_set_smoothing (self, 0.98);
  for (int run = 0; run < 2; run++)
    {
      for (int i = 0; i < n; i++)
        {
          x[i] = i;
          y[i] = 0.9 + run * 0.8 + 2 * exp (-i / 15000.0) + g_rand_double_range (rand, -0.3, 0.3);
          if (run == 0 && i >= 60000 && i < 64000)
            y[i] = NAN;
        }
      y[30000] = 5;
      y[80000] = 0.1;
      attune_line_figure_add_series (self, run == 0 ? "First" : "Second", ATTUNE_LINE_CURVE);
      attune_line_figure_set_points (self, run, x, y, n);
    }
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
bar (gboolean long_names)
{
  static const char *const few[] = { "Billing", "Delivery", "Returns", "Warranty", "Other", NULL };
  static const char *const many[] = { "Myocardial infarction with ST elevation",
                                      "Heart failure",
                                      "Chronic obstructive pulmonary disease",
                                      "Pneumonia",
                                      "Urinary tract infection",
                                      "Stroke",
                                      "Fall without injury",
                                      NULL };
  static const double before[] = { 1204, 862, 311, 48, 9, 77, 3 };
  static const double after[] = { 800, 800, 622, 480, 90, 77, 30 };
  AttuneBarFigure *self = attune_bar_figure_new (ATTUNE_UNIT_NUMBER);

  attune_bar_figure_set_categories (self, long_names ? many : few);
  if (!long_names)
    attune_bar_figure_add_series (self, "Before", before, TRUE);
  attune_bar_figure_add_series (self, "After balancing", after, FALSE);
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
stack (double limit)
{
  AttuneStackFigure *self = attune_stack_figure_new (ATTUNE_UNIT_BYTES);

  attune_stack_figure_add_part (self, "Weights", 3.09e9);
  attune_stack_figure_add_part (self, "Adapter", 0.074e9);
  attune_stack_figure_add_part (self, "Gradients", 0.15e9);
  attune_stack_figure_add_part (self, "Optimizer", 0.29e9);
  attune_stack_figure_add_part (self, "Activations", 4.6e9);
  attune_stack_figure_add_part (self, "Working space", 0.9e9);
  attune_stack_figure_set_limit (self, limit, "Memory of this computer");
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
histogram (void)
{
  AttuneHistogramFigure *self
      = attune_histogram_figure_new ("Tokens per record", "Records", ATTUNE_UNIT_NUMBER);
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  double values[3000];

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      double normal = -6;

      for (int k = 0; k < 12; k++)
        normal += g_rand_double (rand);
      values[i] = floor (exp (5.6 + 0.45 * normal));
    }
  attune_histogram_figure_set_values (self, values, G_N_ELEMENTS (values));
  attune_histogram_figure_set_limit (self, 768, "Model’s window: 768");
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
matrix (int n)
{
  static const char *const names[] = { "Billing", "Delivery", "Returns", "Warranty", "Complaint",
                                       "Praise",  "Account",  "Order",   "Other" };
  const char *used[10] = { NULL };
  guint64 counts[81] = { 0 };
  AttuneMatrixFigure *self = attune_matrix_figure_new ("True label", "Model’s answer");

  for (int r = 0; r < n; r++)
    {
      used[r] = names[r];
      for (int c = 0; c < n; c++)
        counts[r * n + c] = r == c ? 40 + 37 * r % 90 : (r * 3 + c) % 5 == 2 ? r + 2 * c : 0;
    }
  attune_matrix_figure_set_counts (self, used, counts);
  return ATTUNE_FIGURE (self);
}

static AttuneFigure *
interval (void)
{
  static const char *const rows[]
      = { "Exact match", "Word overlap (F1)", "Facts covered", "Refuses when it should", NULL };
  static const double now[] = { 0.62, 0.81, 0.74, 0.93 }, now_lo[] = { 0.56, 0.78, 0.69, 0.88 },
                      now_hi[] = { 0.68, 0.84, 0.79, 0.96 };
  static const double base[] = { 0.31, 0.55, 0.61, 0.95 }, base_lo[] = { 0.26, 0.51, 0.55, 0.91 },
                      base_hi[] = { 0.37, 0.59, 0.66, 0.98 };
  static const double old[] = { 0.54, 0.77, (double) NAN, 0.9 },
                      old_lo[] = { 0.48, 0.74, (double) NAN, 0.85 },
                      old_hi[] = { 0.6, 0.8, (double) NAN, 0.94 };
  AttuneIntervalFigure *self = attune_interval_figure_new (ATTUNE_UNIT_PERCENT, NULL);

  attune_interval_figure_set_rows (self, rows);
  attune_interval_figure_add_series (self, "Tuned", ATTUNE_INTERVAL_NOW, now, now_lo, now_hi);
  attune_interval_figure_add_series (self, "Base model", ATTUNE_INTERVAL_BASE, base, base_lo,
                                     base_hi);
  attune_interval_figure_add_series (self, "Monday’s run", ATTUNE_INTERVAL_EARLIER, old, old_lo,
                                     old_hi);
  return ATTUNE_FIGURE (self);
}

AttuneFigure *
sample_new (const char *name)
{
  AttuneFigure *figure = NULL;

  if (g_str_equal (name, "line"))
    figure = line ();
  else if (g_str_equal (name, "line-log"))
    figure = line_log ();
  else if (g_str_equal (name, "line-gaps"))
    figure = line_gaps ();
  else if (g_str_equal (name, "line-one") || g_str_equal (name, "line-huge"))
    figure = line_few (g_str_equal (name, "line-huge"));
  else if (g_str_equal (name, "line-empty"))
    {
      figure = ATTUNE_FIGURE (attune_line_figure_new ("Step", "Loss"));
      attune_figure_set_empty_text (figure,
                                    "The curve appears here as soon as tuning has started.");
    }
  else if (g_str_equal (name, "line-dense"))
    figure = line_dense ();
  else if (g_str_equal (name, "bar") || g_str_equal (name, "bar-long"))
    figure = bar (g_str_equal (name, "bar-long"));
  else if (g_str_equal (name, "stack") || g_str_equal (name, "stack-over"))
    figure = stack (g_str_equal (name, "stack") ? 24e9 : 8e9);
  else if (g_str_equal (name, "histogram"))
    figure = histogram ();
  else if (g_str_equal (name, "matrix") || g_str_equal (name, "matrix-9"))
    figure = matrix (g_str_equal (name, "matrix") ? 4 : 9);
  else if (g_str_equal (name, "interval"))
    figure = interval ();
  g_assert_nonnull (figure);
  return figure;
}

void
sample_style_init (AttuneFigureStyle *style, gboolean dark, gboolean high_contrast)
{
  static cairo_font_options_t *options;

  if (options == NULL)
    {
      options = cairo_font_options_create ();
      cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
      cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_NONE);
      cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
    }
  attune_figure_style_init (style, "DejaVu Sans 10",
                            attune_color_from_hex (dark ? 0x81d0ff : 0x0461be), dark,
                            high_contrast);
  style->font_options = options;
}
