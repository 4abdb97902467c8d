/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Curves of a run in four charts, or six.
 */
#include "stages/tune/curves.h"

#include "charts/chart.h"
#include "charts/line-figure.h"
#include "stages/tune/words.h"

#include <glib/gi18n.h>
#include <math.h>

typedef enum
{
  LOSS,
  RATE,
  NORM,
  SPEED,
  REWARD,
  DISTANCE,
  N_FIGURES,
} Kind;

static const struct
{
  const char *name, *title, *short_title;
} kinds[N_FIGURES] = {
  [LOSS] = { "loss", N_ ("Loss"), N_ ("Loss") },
  [RATE] = { "rate", N_ ("Learning Rate"), N_ ("Rate") },
  [NORM] = { "norm", N_ ("Gradient Norm"), N_ ("Gradient") },
  [SPEED] = { "speed", N_ ("Tokens per Second"), N_ ("Speed") },
  /* these two of answers that the model writes itself */
  [REWARD] = { "reward", N_ ("Reward per Answer"), N_ ("Reward") },
  [DISTANCE] = { "kl", N_ ("Nats per Answer from the Model Before (KL)"), N_ ("KL") },
};

/* The series of each figure come in this order; earlier runs after them. */
#define TRAINING 0
#define VALIDATION 1

/* More upright lines than that would hide the curve. */
#define MOST_EPOCHS 10

typedef struct
{
  char *name;
  AttuneRunCurves *curves;
} Earlier;

struct _AttuneTuneCurves
{
  GtkBox parent_instance;

  AttuneLineFigure *figures[N_FIGURES];
  GtkWidget *charts[N_FIGURES]; /* in stack */
  GPtrArray *earlier;           /* of Earlier */

  char *run;                     /* (nullable): which is shown */
  const AttuneRunCurves *curves; /* only to be compared: where they are others, all is new */
  guint n_steps, n_validations;  /* that are shown */
  gint64 steps, best_step;
  guint n_epochs; /* marks */

  AdwInlineViewSwitcher *switcher;
  GtkMenuButton *menu_button;
  AdwViewStack *stack;
  GtkLabel *sentence_label;
};

G_DEFINE_FINAL_TYPE (AttuneTuneCurves, attune_tune_curves, GTK_TYPE_BOX)

static void
earlier_free (gpointer data)
{
  Earlier *earlier = data;

  g_free (earlier->name);
  attune_run_curves_free (earlier->curves);
  g_free (earlier);
}

static double
get_value (const AttuneCurvePoint *point, Kind kind)
{
  switch (kind)
    {
    case LOSS:
      return point->loss;
    case RATE:
      return point->learning_rate;
    case NORM:
      return point->gradient_norm;
    case REWARD:
      return point->reward;
    case DISTANCE:
      return point->kl;
    case SPEED:
    case N_FIGURES:
    default:
      return point->seconds > 0 ? point->tokens / point->seconds : NAN;
    }
}

static void
fill (AttuneLineFigure *figure, int series, const GArray *steps, Kind kind)
{
  g_autofree double *x = g_new (double, steps->len + 1), *y = g_new (double, steps->len + 1);
  guint n = 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const AttuneCurvePoint *point = &g_array_index (steps, AttuneCurvePoint, i);

      if (n > 0 && point->step <= x[n - 1])
        continue;
      x[n] = point->step;
      y[n++] = get_value (point, kind);
    }
  attune_line_figure_set_points (figure, series, x, y, n);
}

/* --- marks */

static void
mark_epochs (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  const GArray *steps = curves->steps;
  const AttuneCurvePoint *last;
  double total;
  guint every, epoch;

  self->n_epochs = 0;
  if (steps->len == 0)
    return;
  last = &g_array_index (steps, AttuneCurvePoint, steps->len - 1);
  total = last->step > 0 && last->epoch > 0 && isfinite (last->epoch)
              ? last->epoch / last->step * MAX (self->steps, last->step)
              : 0;
  every = epoch = MAX (1, (guint) ceil (MIN (total, 1e6) / MOST_EPOCHS));
  for (guint i = 0; i < steps->len; i++)
    {
      const AttuneCurvePoint *point = &g_array_index (steps, AttuneCurvePoint, i);
      g_autofree char *label = NULL;

      if (!(point->epoch > epoch)) /* the first step that goes beyond it */
        continue;
      label = g_strdup_printf (_ ("Pass %u"), epoch + 1);
      attune_line_figure_add_mark (self->figures[LOSS], ATTUNE_LINE_MARK_EVENT, TRAINING,
                                   point->step, label);
      self->n_epochs++;
      epoch += every;
    }
}

static gint64
find_best (const AttuneRunCurves *curves)
{
  const AttuneValidationPoint *best = NULL;

  for (guint i = 0; i < curves->validations->len; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (curves->validations, AttuneValidationPoint, i);

      if (isfinite (point->loss) && (best == NULL || point->loss < best->loss))
        best = point;
    }
  return best != NULL ? best->step : -1;
}

static void
mark (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  attune_line_figure_clear_marks (self->figures[LOSS]);
  mark_epochs (self, curves);
  self->best_step = find_best (curves);
  if (self->best_step > 0) /* the base is nothing that would be used */
    {
      g_autofree char *label = g_strdup_printf (_ ("Best: step %lld"), (long long) self->best_step);

      attune_line_figure_add_mark (self->figures[LOSS], ATTUNE_LINE_MARK_BEST, VALIDATION,
                                   self->best_step, label);
    }
}

/* --- all, and what is new */

static void
add_earlier (AttuneTuneCurves *self, const Earlier *earlier)
{
  g_autofree char *name = attune_tune_describe_run (earlier->name);

  for (int kind = 0; kind < N_FIGURES; kind++)
    fill (self->figures[kind],
          attune_line_figure_add_series (self->figures[kind], name, ATTUNE_LINE_EARLIER),
          earlier->curves->steps, kind);
}

static void
append_validations (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  for (guint i = self->n_validations; i < curves->validations->len; i++)
    {
      const AttuneValidationPoint *point
          = &g_array_index (curves->validations, AttuneValidationPoint, i);

      attune_line_figure_append (self->figures[LOSS], VALIDATION, point->step, point->loss);
      if (isfinite (point->reward))
        attune_line_figure_append (self->figures[REWARD], VALIDATION, point->step, point->reward);
    }
  self->n_validations = curves->validations->len;
}

static void
rebuild (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  /* A twentieth of the run is seen as one. */
  const double n = MAX (self->steps, curves->steps->len);

  for (int kind = 0; kind < N_FIGURES; kind++)
    {
      AttuneLineFigure *figure = self->figures[kind];

      attune_line_figure_clear (figure);
      attune_line_figure_set_smoothing (figure, kind == RATE ? 0 : CLAMP (1 - 20 / n, 0.5, 0.98));
      attune_line_figure_set_x_range (figure, NAN, self->steps > 0 ? self->steps : NAN);
      attune_line_figure_add_series (
          figure, kind == LOSS || kind == REWARD ? _ ("Training") : _ (kinds[kind].title),
          ATTUNE_LINE_CURVE);
      if (kind == LOSS || kind == REWARD)
        attune_line_figure_add_series (figure, _ ("Validation"), ATTUNE_LINE_POINTS);
      fill (figure, TRAINING, curves->steps, kind);
    }
  self->n_steps = curves->steps->len;
  self->n_validations = 0;
  append_validations (self, curves);
  for (guint i = 0; i < self->earlier->len; i++)
    add_earlier (self, self->earlier->pdata[i]);
  mark (self, curves);
}

/* A run that was resumed does again what it had not saved: from there on its points are others. */
static void
append (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  const guint before = self->n_validations;
  const GArray *steps = curves->steps;
  guint from = MIN (self->n_steps, steps->len);

  if (steps->len < self->n_steps && from > 0)
    from--;
  for (guint i = from; i < steps->len; i++)
    {
      const AttuneCurvePoint *point = &g_array_index (steps, AttuneCurvePoint, i);

      for (int kind = 0; kind < N_FIGURES; kind++)
        attune_line_figure_append (self->figures[kind], TRAINING, point->step,
                                   get_value (point, kind));
    }
  self->n_steps = steps->len;
  if (curves->validations->len < self->n_validations)
    self->n_validations = 0;
  append_validations (self, curves);
  if (self->n_validations != before || self->n_epochs < MOST_EPOCHS)
    mark (self, curves);
}

/* Charts that have something to show. */
static void
show_charts (AttuneTuneCurves *self, const AttuneRunCurves *curves)
{
  const gboolean rewards = attune_run_curves_have_rewards (curves);

  for (int kind = REWARD; kind <= DISTANCE; kind++)
    adw_view_stack_page_set_visible (adw_view_stack_get_page (self->stack, self->charts[kind]),
                                     rewards);
}

/* --- doors */

void
attune_tune_curves_set_run (AttuneTuneCurves *self, const char *name, const AttuneRunCurves *curves,
                            gint64 steps)
{
  g_return_if_fail (ATTUNE_IS_TUNE_CURVES (self) && curves != NULL);

  if (g_strcmp0 (self->run, name) != 0 || self->curves != curves || self->steps != steps)
    {
      g_set_str (&self->run, name);
      self->curves = curves;
      self->steps = steps;
      rebuild (self, curves);
    }
  else if (self->n_steps != curves->steps->len || self->n_validations != curves->validations->len)
    append (self, curves);
  show_charts (self, curves);
}

static int
find_earlier (AttuneTuneCurves *self, const char *name)
{
  for (guint i = 0; i < self->earlier->len; i++)
    if (g_strcmp0 (((Earlier *) self->earlier->pdata[i])->name, name) == 0)
      return (int) i;
  return -1;
}

void
attune_tune_curves_add_earlier (AttuneTuneCurves *self, const char *name, AttuneRunCurves *curves)
{
  Earlier *earlier;

  g_return_if_fail (ATTUNE_IS_TUNE_CURVES (self) && name != NULL && curves != NULL);

  if (find_earlier (self, name) >= 0)
    {
      attune_run_curves_free (curves);
      return;
    }
  earlier = g_new0 (Earlier, 1);
  earlier->name = g_strdup (name);
  earlier->curves = curves;
  g_ptr_array_add (self->earlier, earlier);
  if (self->curves != NULL)
    add_earlier (self, earlier);
}

void
attune_tune_curves_remove_earlier (AttuneTuneCurves *self, const char *name)
{
  int index;

  g_return_if_fail (ATTUNE_IS_TUNE_CURVES (self) && name != NULL);

  if ((index = find_earlier (self, name)) < 0)
    return;
  g_ptr_array_remove_index (self->earlier, index);
  self->curves = NULL; /* the next look builds the figures anew */
}

void
attune_tune_curves_set_sentence (AttuneTuneCurves *self, const char *sentence)
{
  const char *text = sentence != NULL ? sentence : "";

  g_return_if_fail (ATTUNE_IS_TUNE_CURVES (self));

  if (g_strcmp0 (gtk_label_get_text (self->sentence_label), text) == 0)
    return;
  gtk_label_set_text (self->sentence_label, text);
  if (sentence != NULL)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_LOW);
}

/* --- the object */

static void
on_shown (AttuneTuneCurves *self)
{
  const char *name = adw_view_stack_get_visible_child_name (self->stack);

  for (int kind = 0; kind < N_FIGURES; kind++)
    if (g_strcmp0 (name, kinds[kind].name) == 0 && self->charts[kind] != NULL)
      attune_chart_attach_menu (ATTUNE_CHART (self->charts[kind]), self->menu_button);
}

static void
attune_tune_curves_dispose (GObject *object)
{
  AttuneTuneCurves *self = ATTUNE_TUNE_CURVES (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_CURVES);
  for (int kind = 0; kind < N_FIGURES; kind++)
    g_clear_object (&self->figures[kind]);
  g_clear_pointer (&self->earlier, g_ptr_array_unref);
  g_clear_pointer (&self->run, g_free);
  G_OBJECT_CLASS (attune_tune_curves_parent_class)->dispose (object);
}

static void
attune_tune_curves_class_init (AttuneTuneCurvesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_curves_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/curves.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneCurves, switcher);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneCurves, menu_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneCurves, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneCurves, sentence_label);
  gtk_widget_class_bind_template_callback (widget_class, on_shown);
}

static void
attune_tune_curves_init (AttuneTuneCurves *self)
{
  self->earlier = g_ptr_array_new_with_free_func (earlier_free);
  self->best_step = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (int kind = 0; kind < N_FIGURES; kind++)
    {
      AttuneFigure *figure;

      self->figures[kind] = attune_line_figure_new (_ ("Step"), _ (kinds[kind].title));
      figure = ATTUNE_FIGURE (self->figures[kind]);
      attune_figure_set_title (figure, _ (kinds[kind].title));
      attune_figure_set_empty_text (figure, _ ("It begins with the first step."));
      self->charts[kind] = attune_chart_new (figure);
      adw_view_stack_add_titled (self->stack, self->charts[kind], kinds[kind].name,
                                 _ (kinds[kind].short_title));
    }
  for (int kind = REWARD; kind <= DISTANCE; kind++)
    adw_view_stack_page_set_visible (adw_view_stack_get_page (self->stack, self->charts[kind]),
                                     FALSE);
  on_shown (self);
}
