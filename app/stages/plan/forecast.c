/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate in words and as a bar.
 */
#include "stages/plan/forecast.h"

#include "charts/chart.h"
#include "charts/stack-figure.h"
#include "widgets/gently.h"
#include "widgets/words.h"

#include <glib/gi18n.h>

struct _AttunePlanForecast
{
  AdwBin parent_instance;

  AttuneStackFigure *figure;

  GtkWidget *empty_row, *chart_row, *chart, *warning_image;
  AdwActionRow *memory_row, *time_row, *steps_row, *trained_row, *disk_row;
};

G_DEFINE_FINAL_TYPE (AttunePlanForecast, attune_plan_forecast, ADW_TYPE_BIN)

static void
show_known (AttunePlanForecast *self, gboolean known)
{
  GtkWidget *const rows[] = { self->chart_row,
                              GTK_WIDGET (self->memory_row),
                              GTK_WIDGET (self->time_row),
                              GTK_WIDGET (self->steps_row),
                              GTK_WIDGET (self->trained_row),
                              GTK_WIDGET (self->disk_row) };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    gtk_widget_set_visible (rows[i], known);
  gtk_widget_set_visible (self->empty_row, !known);
}

static void
show_memory (AttunePlanForecast *self, const AttuneEstimate *e, AttuneMethod method,
             guint64 available)
{
  const struct
  {
    const char *name;
    guint64 bytes;
  } parts[] = {
    { _ ("Model"), e->weights_bytes },
    { attune_method_adapts (method) ? _ ("Adapter") : _ ("Learning"), e->learning_bytes },
    { _ ("Computation"), e->activation_bytes },
    { _ ("Sample Answers"), e->sampling_bytes },
    { _ ("Data"), e->data_bytes },
    { _ ("Program"), e->base_bytes + e->packing_bytes },
  };
  const gboolean fits = e->peak_bytes <= available;
  g_autofree char *needed = g_format_size (e->peak_bytes), *left = g_format_size (available);
  g_autofree char *text
      = fits
            ? g_strdup_printf (_ ("Takes up to %s, and %s are free"), needed, left)
            : g_strdup_printf (_ ("Does not fit: it takes %s, and only %s are free"), needed, left);

  attune_stack_figure_clear (self->figure);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    if (parts[i].bytes > 0)
      attune_stack_figure_add_part (self->figure, parts[i].name, parts[i].bytes);
  attune_stack_figure_set_limit (self->figure, available, _ ("Free memory"));
  adw_action_row_set_subtitle (self->memory_row, text);
  gtk_widget_set_visible (self->warning_image, !fits);
}

static void
show_time (AttunePlanForecast *self, double seconds)
{
  g_autofree char *about = seconds >= 0 ? attune_say_about (seconds) : NULL;
  g_autofree char *text
      = about != NULL ? g_strdup_printf (
                            /* Translators: %s is "about 4 minutes" or "less than a minute" */
                            _ ("It takes %s, going by the last run on this computer"), about)
                      : g_strdup (_ ("Not known yet: the first run on this computer will show it"));

  adw_action_row_set_subtitle (self->time_row, text);
}

static void
show_steps (AttunePlanForecast *self, const AttuneEstimate *e, const AttunePlanValues *plan,
            const AttuneDataFacts *all_data)
{
  const AttuneDataFacts facts = attune_plan_facts (plan, all_data), *data = &facts;
  g_autofree char *steps = attune_say_count (e->steps), *text = NULL;
  const double passes
      = data->n_train > 0 ? (double) e->steps * plan->batch_size / data->n_train : 0;
  g_autofree char *samples = attune_say_count (data->n_train);

  /* Translators: "100 steps of 16 samples each: 1 × all 1,600 samples" */
  text = g_strdup_printf (
      ngettext ("%s step of %d samples each: %.3g × all %s samples",
                "%s steps of %d samples each: %.3g × all %s samples", (gulong) e->steps),
      steps, plan->batch_size, plan->max_steps > 0 ? passes : plan->epochs, samples);
  adw_action_row_set_subtitle (self->steps_row, text);
}

static void
show_trained (AttunePlanForecast *self, const AttuneEstimate *e, AttuneMethod method)
{
  g_autofree char *trainable = attune_say_count (e->trainable),
                  *total = attune_say_count (e->total), *text = NULL;

  if (method == ATTUNE_METHOD_FULL)
    text = g_strdup_printf (_ ("All of the model’s %s values"), total);
  else if (!attune_method_adapts (method))
    text = g_strdup_printf (_ ("%s of the model’s %s values (%.2g %%)"), trainable, total,
                            100.0 * e->trainable / MAX (e->total, 1));
  else
    text = g_strdup_printf (_ ("%s added values beside the model’s %s, which stay as they are "
                               "(%.2g %%)"),
                            trainable, total, 100.0 * e->trainable / MAX (e->total, 1));
  adw_action_row_set_subtitle (self->trained_row, text);
}

void
attune_plan_forecast_show (AttunePlanForecast *self, const AttuneEstimate *estimate,
                           const AttunePlanValues *plan, const AttuneDataFacts *data,
                           guint64 available, double seconds)
{
  g_autofree char *disk = NULL, *disk_text = NULL;

  g_return_if_fail (ATTUNE_IS_PLAN_FORECAST (self));

  show_known (self, estimate != NULL && data != NULL);
  if (estimate == NULL || data == NULL)
    return;
  show_memory (self, estimate, plan->method, available);
  show_time (self, seconds);
  show_steps (self, estimate, plan, data);
  show_trained (self, estimate, plan->method);
  disk = g_format_size (estimate->disk_bytes);
  disk_text = g_strdup_printf (_ ("%s, to save what has been learned so far"), disk);
  adw_action_row_set_subtitle (self->disk_row, disk_text);
}

GtkWidget *
attune_plan_forecast_new (void)
{
  return g_object_new (ATTUNE_TYPE_PLAN_FORECAST, NULL);
}

static void
attune_plan_forecast_dispose (GObject *object)
{
  AttunePlanForecast *self = ATTUNE_PLAN_FORECAST (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PLAN_FORECAST);
  g_clear_object (&self->figure);
  G_OBJECT_CLASS (attune_plan_forecast_parent_class)->dispose (object);
}

static void
attune_plan_forecast_class_init (AttunePlanForecastClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_plan_forecast_dispose;
  g_type_ensure (ATTUNE_TYPE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/plan/forecast.ui");
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, empty_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, chart_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, chart);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, warning_image);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, memory_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, time_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, steps_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, trained_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanForecast, disk_row);
}

static void
attune_plan_forecast_init (AttunePlanForecast *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->figure = attune_stack_figure_new (ATTUNE_UNIT_BYTES);
  attune_figure_set_title (ATTUNE_FIGURE (self->figure), _ ("Memory by Part"));
  g_object_set (self->chart, "figure", self->figure, NULL);
  attune_show_gently (adw_bin_get_child (ADW_BIN (self)));
}
