/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Samples of two steps.
 */
#include "stages/tune/samples.h"

#include "widgets/pair-layout.h"

#include <glib/gi18n.h>
#include <string.h>

/* A plan may ask for hundreds; nobody reads them here. */
#define MOST_QUESTIONS 10
/* Of an answer, in pixels: where two of them have no room, the second goes below the first. */
#define LEAST_WIDTH 200

struct _AttuneTuneSamples
{
  GtkBox parent_instance;

  GPtrArray *samples; /* of Sample: a copy, as the curves are only lent */
  GArray *steps;      /* gint64: which there are, ascending */
  gboolean filling;

  GtkDropDown *step_choice;
  GtkBox *list;
};

typedef struct
{
  gint64 step;
  char *question, *expected, *answer;
} Sample;

G_DEFINE_FINAL_TYPE (AttuneTuneSamples, attune_tune_samples, GTK_TYPE_BOX)

static void
sample_free (gpointer data)
{
  Sample *sample = data;

  g_free (sample->question);
  g_free (sample->expected);
  g_free (sample->answer);
  g_free (sample);
}

/* The answer to the same question after @step, or %NULL. */
static const Sample *
find_sample (AttuneTuneSamples *self, gint64 step, const char *question)
{
  for (guint i = 0; i < self->samples->len; i++)
    {
      const Sample *sample = self->samples->pdata[i];

      if (sample->step == step && strcmp (sample->question, question) == 0)
        return sample;
    }
  return NULL;
}

static char *
describe_step (gint64 step)
{
  return step == 0 ? g_strdup (_ ("Before Tuning"))
                   : g_strdup_printf (_ ("After Step %lld"), (long long) step);
}

/* --- one question */

static GtkWidget *
new_text (const char *text, const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  else
    gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  return label;
}

/* A heading and a text. */
static GtkWidget *
new_block (const char *heading, const char *text)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3), *head, *body;

  head = new_text (heading, "caption");
  gtk_widget_add_css_class (head, "dimmed");
  body = new_text (*text != '\0' ? text : _ ("(nothing)"), NULL);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (body), GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, head,
                                  NULL, -1);
  gtk_box_append (GTK_BOX (box), head);
  gtk_box_append (GTK_BOX (box), body);
  return box;
}

/* @name: what a screen reader calls it. */
static GtkWidget *
new_row (GtkWidget *child, const char *name)
{
  GtkWidget *row = adw_preferences_row_new ();

  gtk_widget_set_margin_top (child, 12);
  gtk_widget_set_margin_bottom (child, 12);
  gtk_widget_set_margin_start (child, 12);
  gtk_widget_set_margin_end (child, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), child);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return row;
}

static GtkWidget *
new_answer (const Sample *sample)
{
  g_autofree char *heading = describe_step (sample->step);
  GtkWidget *block = new_block (heading, sample->answer);

  gtk_widget_set_size_request (block, LEAST_WIDTH, -1);
  return block;
}

static GtkWidget *
new_answers (AttuneTuneSamples *self, const Sample *first, gint64 step)
{
  const Sample *then = step != first->step ? find_sample (self, step, first->question) : NULL;
  GtkWidget *answers = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

  gtk_widget_set_layout_manager (answers, g_object_new (ATTUNE_TYPE_PAIR_LAYOUT, NULL));
  gtk_box_append (GTK_BOX (answers), new_answer (first));
  if (then != NULL)
    gtk_box_append (GTK_BOX (answers), new_answer (then));
  return answers;
}

static void
add_question (AttuneTuneSamples *self, const Sample *first, gint64 step)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_box_append (GTK_BOX (box), new_block (_ ("Question"), first->question));
  gtk_box_append (GTK_BOX (box), new_block (_ ("Expected"), first->expected));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_row (box, _ ("Question")));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_row (new_answers (self, first, step), _ ("Answers")));
  gtk_box_append (self->list, group);
}

/* --- all of them */

static void
show_step (AttuneTuneSamples *self)
{
  const guint chosen = gtk_drop_down_get_selected (self->step_choice);
  const gint64 first = self->steps->len > 0 ? g_array_index (self->steps, gint64, 0) : 0;
  guint n = 0;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_box_remove (self->list, child);
  if (chosen >= self->steps->len)
    return;
  for (guint i = 0; i < self->samples->len && n < MOST_QUESTIONS; i++)
    {
      const Sample *sample = self->samples->pdata[i];

      if (sample->step != first)
        break; /* they come step by step */
      add_question (self, sample, g_array_index (self->steps, gint64, chosen));
      n++;
    }
}

static void
on_selected (AttuneTuneSamples *self)
{
  if (!self->filling)
    show_step (self);
}

/* What a model writes is data: only letters and new lines of it count. */
static char *
copy_text (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GString) copy = g_string_new (NULL);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);

      g_string_append_unichar (copy, g_unichar_iscntrl (c) && c != '\n' && c != '\t' ? 0xfffd : c);
    }
  return g_strstrip (g_string_free (g_steal_pointer (&copy), FALSE));
}

static void
copy_samples (AttuneTuneSamples *self, const GArray *samples)
{
  g_ptr_array_set_size (self->samples, 0);
  g_array_set_size (self->steps, 0);
  for (guint i = 0; i < samples->len; i++)
    {
      const AttuneCurveSample *from = &g_array_index (samples, AttuneCurveSample, i);
      Sample *sample = g_new0 (Sample, 1);

      sample->step = from->step;
      sample->question = copy_text (from->question);
      sample->expected = copy_text (from->expected);
      sample->answer = copy_text (from->answer);
      g_ptr_array_add (self->samples, sample);
      if (self->steps->len == 0
          || g_array_index (self->steps, gint64, self->steps->len - 1) < from->step)
        g_array_append_val (self->steps, from->step);
    }
}

/* The step that was chosen stays chosen, unless it was the latest one: then the next one is. */
static guint
choose (AttuneTuneSamples *self, gint64 before, gboolean was_last)
{
  for (guint i = 0; !was_last && i < self->steps->len; i++)
    if (g_array_index (self->steps, gint64, i) == before)
      return i;
  return self->steps->len - 1;
}

/* They are told in order, so the last one tells whether there is anything new. */
static gboolean
is_shown (AttuneTuneSamples *self, const GArray *samples)
{
  const AttuneCurveSample *last;
  const Sample *shown;
  g_autofree char *answer = NULL;

  if (samples->len != self->samples->len || samples->len == 0)
    return samples->len == self->samples->len;
  last = &g_array_index (samples, AttuneCurveSample, samples->len - 1);
  shown = self->samples->pdata[samples->len - 1];
  answer = copy_text (last->answer);
  return shown->step == last->step && strcmp (shown->answer, answer) == 0;
}

void
attune_tune_samples_set_curves (AttuneTuneSamples *self, const AttuneRunCurves *curves)
{
  g_autoptr (GtkStringList) names = NULL;
  gint64 before = -1;
  gboolean was_last = TRUE;
  guint chosen;

  g_return_if_fail (ATTUNE_IS_TUNE_SAMPLES (self) && curves != NULL);

  if (is_shown (self, curves->samples))
    return;
  chosen = gtk_drop_down_get_selected (self->step_choice);
  if (chosen < self->steps->len)
    {
      before = g_array_index (self->steps, gint64, chosen);
      was_last = chosen + 1 == self->steps->len;
    }
  copy_samples (self, curves->samples);
  names = gtk_string_list_new (NULL);
  for (guint i = 0; i < self->steps->len; i++)
    gtk_string_list_take (names, describe_step (g_array_index (self->steps, gint64, i)));
  self->filling = TRUE;
  gtk_drop_down_set_model (self->step_choice, G_LIST_MODEL (names));
  if (self->steps->len > 0)
    gtk_drop_down_set_selected (self->step_choice, choose (self, before, was_last));
  self->filling = FALSE;
  gtk_widget_set_visible (GTK_WIDGET (self->step_choice), self->steps->len > 1);
  gtk_widget_set_visible (GTK_WIDGET (self), self->steps->len > 0);
  show_step (self);
}

/* --- the object */

static void
attune_tune_samples_dispose (GObject *object)
{
  AttuneTuneSamples *self = ATTUNE_TUNE_SAMPLES (object);

  self->filling = TRUE;
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_SAMPLES);
  G_OBJECT_CLASS (attune_tune_samples_parent_class)->dispose (object);
}

static void
attune_tune_samples_finalize (GObject *object)
{
  AttuneTuneSamples *self = ATTUNE_TUNE_SAMPLES (object);

  g_ptr_array_unref (self->samples);
  g_array_unref (self->steps);
  G_OBJECT_CLASS (attune_tune_samples_parent_class)->finalize (object);
}

static void
attune_tune_samples_class_init (AttuneTuneSamplesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_samples_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_tune_samples_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/samples.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneSamples, step_choice);
  gtk_widget_class_bind_template_child (widget_class, AttuneTuneSamples, list);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
}

static void
attune_tune_samples_init (AttuneTuneSamples *self)
{
  self->samples = g_ptr_array_new_with_free_func (sample_free);
  self->steps = g_array_new (FALSE, FALSE, sizeof (gint64));
  gtk_widget_init_template (GTK_WIDGET (self));
}
