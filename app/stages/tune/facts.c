/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The figures of a running run.
 */
#include "stages/tune/facts.h"

#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>

/* Single steps differ: the speed is that of so many. */
#define RECENT_STEPS 20
/* What stands where nothing is known yet. */
#define UNKNOWN "–"

struct _AttuneTuneFacts
{
  AdwBin parent_instance;

  GtkLabel *step_label, *epoch_label, *left_label, *speed_label, *loss_label;
};

G_DEFINE_FINAL_TYPE (AttuneTuneFacts, attune_tune_facts, ADW_TYPE_BIN)

/* Takes @text. */
static void
take_text (GtkLabel *label, char *text)
{
  if (g_strcmp0 (gtk_label_get_text (label), text) != 0)
    gtk_label_set_text (label, text);
  g_free (text);
}

static void
show_recent (AttuneTuneFacts *self, const GArray *steps)
{
  double tokens = 0, seconds = 0, loss = 0;
  guint n = 0;

  for (guint i = steps->len; i > 0 && n < RECENT_STEPS; i--, n++)
    {
      const AttuneCurvePoint *point = &g_array_index (steps, AttuneCurvePoint, i - 1);

      tokens += point->tokens;
      seconds += point->seconds;
      loss += point->loss;
    }
  take_text (self->speed_label, seconds > 0 && isfinite (tokens / seconds)
                                    ? attune_say_count (tokens / seconds)
                                    : g_strdup (UNKNOWN));
  take_text (self->loss_label,
             n > 0 && isfinite (loss) ? g_strdup_printf ("%.3f", loss / n) : g_strdup (UNKNOWN));
}

void
attune_tune_facts_update (AttuneTuneFacts *self, AttuneSession *session)
{
  const AttuneRunNews *news;
  double left;

  g_return_if_fail (ATTUNE_IS_TUNE_FACTS (self) && ATTUNE_IS_SESSION (session));

  gtk_widget_set_visible (GTK_WIDGET (self),
                          attune_session_get_run_state (session) == ATTUNE_RUN_RUNNING);
  if (!gtk_widget_get_visible (GTK_WIDGET (self)))
    return;
  show_recent (self, attune_session_get_curves (session)->steps);
  news = attune_session_get_news (session);
  if (!news->step.there)
    {
      take_text (self->step_label, g_strdup (UNKNOWN));
      take_text (self->epoch_label, g_strdup (UNKNOWN));
      take_text (self->left_label, g_strdup (UNKNOWN));
      return;
    }
  take_text (self->step_label, g_strdup_printf (_ ("%lld of %lld"), (long long) news->step.step,
                                                (long long) news->step.steps));
  take_text (self->epoch_label, g_strdup_printf ("%.2f", news->step.epoch));
  left = news->step.seconds_left;
  take_text (self->left_label,
             left >= 0 && isfinite (left) ? attune_say_about (left) : g_strdup (UNKNOWN));
}

/* --- the object */

static void
attune_tune_facts_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_FACTS);
  G_OBJECT_CLASS (attune_tune_facts_parent_class)->dispose (object);
}

static void
attune_tune_facts_class_init (AttuneTuneFactsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_facts_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/facts.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneFacts, step_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneFacts, epoch_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneFacts, left_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneFacts, speed_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneFacts, loss_label);
}

static void
attune_tune_facts_init (AttuneTuneFacts *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
