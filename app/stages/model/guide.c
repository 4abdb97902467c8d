/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The guide. It asks in the person's words and leaves the choice to the catalogue.
 */
#include "stages/model/guide.h"

#include "plan/rate.h"
#include "stages/model/model-words.h"
#include "widgets/words.h"

#include <glib/gi18n.h>

/* Of computers as they are sold; the first stands for this one. */
static const guint memories_gb[] = { 0, 4, 8, 16, 32, 64 };
/* In the order of the template; the last is a language that no model of the catalogue names. */
static const char *const languages[] = { "en", "de", "fr", "es", "" };
/* In the order of the template; 0: any. */
static const guint hours[] = { 1, 10, 60, 0 };
/* What is asked for at first: a night. */
#define A_NIGHT 1
/* The rest of a computer takes some of its memory: the desktop and what else is open. */
#define OTHERS_BYTES (2ull << 30)

struct _AttuneModelGuide
{
  AdwDialog parent_instance;

  GPtrArray *catalogue;
  guint64 available;
  double rate;                       /* of this computer; 0: not known */
  const AttuneCatalogueModel *model; /* that is recommended; borrowed from the catalogue */
  char *reason;

  AdwComboRow *answers_row, *memory_row, *time_row, *language_row;
  AdwActionRow *model_row;
};

G_DEFINE_FINAL_TYPE (AttuneModelGuide, attune_model_guide, ADW_TYPE_DIALOG)

static guint taken_signal;

static guint64
get_memory (AttuneModelGuide *self)
{
  const guint64 gb = memories_gb[adw_combo_row_get_selected (self->memory_row)];

  return gb == 0 ? self->available : gb * 1000000000 - MIN (OTHERS_BYTES, gb * 500000000);
}

static char *
explain (AttuneModelGuide *self, const AttuneGuideChoice *choice)
{
  g_autofree char *takes = g_format_size (choice->fit.tune_bytes);
  g_autofree char *there = g_format_size (get_memory (self));
  g_autofree char *time = attune_say_about (choice->seconds);

  switch (attune_guide_explain (choice))
    {
    case ATTUNE_GUIDE_SMALLER:
      return g_strdup_printf (_ ("A larger one would suit these answers better, but does not fit "
                                 "or takes too long; this one takes %s of %s, and %s."),
                              takes, there, time);
    case ATTUNE_GUIDE_SLOW:
      return g_strdup_printf (_ ("None is done in that time: this is the quickest one, and takes "
                                 "%s."),
                              time);
    case ATTUNE_GUIDE_TOO_LARGE:
      return g_strdup_printf (_ ("It is the smallest there is, and it takes %s, more than the %s "
                                 "there are. Close other programs, or let the Plan page make it "
                                 "fit."),
                              takes, there);
    case ATTUNE_GUIDE_SUITS:
    default:
      return g_strdup_printf (_ ("Tuning takes %s of %s, and %s for a thousand samples."), takes,
                              there, time);
    }
}

static void
recommend (AttuneModelGuide *self)
{
  g_autoptr (GPtrArray) choices = NULL;
  g_autofree char *strengths = NULL, *spoken = NULL, *fit = NULL;
  const AttuneGuideChoice *best;

  if (self->catalogue == NULL)
    return; /* the template is still being made */
  choices = attune_guide_rank (
      self->catalogue, &(AttuneGuideQuestion) {
                           .answers = adw_combo_row_get_selected (self->answers_row),
                           .language = languages[adw_combo_row_get_selected (self->language_row)],
                           .available_bytes = get_memory (self),
                           .seconds = hours[adw_combo_row_get_selected (self->time_row)] * 3600.0,
                           .flops_per_second = self->rate });
  best = choices->pdata[0];
  self->model = best->model;
  strengths = attune_model_say_strengths (best->model);
  spoken = attune_model_say_languages (best->model, 6);
  fit = explain (self, best);
  g_free (self->reason);
  self->reason
      = g_strdup_printf (_ ("%s Knows %s. %s%s%s"), strengths, spoken, fit, best->speaks ? "" : " ",
                         best->speaks ? ""
                                      : _ ("None of the models that Attune knows speaks "
                                           "this language well. If you have one, add it "
                                           "instead."));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->model_row), best->model->name);
  adw_action_row_set_subtitle (self->model_row, self->reason);
}

static void
on_taken (AttuneModelGuide *self)
{
  g_autofree char *id = g_strdup (self->model->id);

  g_object_ref (self);
  adw_dialog_close (ADW_DIALOG (self));
  g_signal_emit (self, taken_signal, 0, id);
  g_object_unref (self);
}

/* --- doors */

AdwDialog *
attune_model_guide_new (GPtrArray *catalogue, guint64 available)
{
  AttuneModelGuide *self;
  g_autofree char *here = g_format_size (available);
  g_autoptr (GtkStringList) memories = gtk_string_list_new (NULL);

  g_return_val_if_fail (catalogue != NULL && catalogue->len > 0, NULL);

  self = g_object_new (ATTUNE_TYPE_MODEL_GUIDE, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (memories_gb); i++)
    {
      g_autofree char *text = i == 0
                                  ? g_strdup_printf (_ ("This computer: %s free"), here)
                                  : g_strdup_printf (_ ("Another one with %u GB"), memories_gb[i]);

      gtk_string_list_append (memories, text);
    }
  self->available = available;
  self->rate = attune_rate_read (ATTUNE_DEVICE_CPU);
  adw_combo_row_set_model (self->memory_row, G_LIST_MODEL (memories));
  adw_combo_row_set_selected (self->time_row, A_NIGHT);
  self->catalogue = g_ptr_array_ref (catalogue);
  recommend (self);
  return ADW_DIALOG (self);
}

void
attune_model_guide_answer (AttuneModelGuide *self, AttuneAnswers answers, guint memory_gb,
                           guint most_hours, const char *language)
{
  guint memory = 0, known = 0, time = 0;

  g_return_if_fail (ATTUNE_IS_MODEL_GUIDE (self) && language != NULL);

  while (memory + 1 < G_N_ELEMENTS (memories_gb) && memories_gb[memory] != memory_gb)
    memory++;
  while (known + 1 < G_N_ELEMENTS (languages) && !g_str_equal (languages[known], language))
    known++;
  while (time + 1 < G_N_ELEMENTS (hours) && hours[time] != most_hours)
    time++;
  adw_combo_row_set_selected (self->answers_row, answers);
  adw_combo_row_set_selected (self->time_row, time);
  adw_combo_row_set_selected (self->memory_row, memory);
  adw_combo_row_set_selected (self->language_row, known);
}

const AttuneCatalogueModel *
attune_model_guide_get_model (AttuneModelGuide *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_GUIDE (self), NULL);
  return self->model;
}

const char *
attune_model_guide_get_reason (AttuneModelGuide *self)
{
  g_return_val_if_fail (ATTUNE_IS_MODEL_GUIDE (self), NULL);
  return self->reason;
}

/* --- the object */

static void
attune_model_guide_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_MODEL_GUIDE);
  G_OBJECT_CLASS (attune_model_guide_parent_class)->dispose (object);
}

static void
attune_model_guide_finalize (GObject *object)
{
  AttuneModelGuide *self = ATTUNE_MODEL_GUIDE (object);

  g_clear_pointer (&self->catalogue, g_ptr_array_unref);
  g_free (self->reason);
  G_OBJECT_CLASS (attune_model_guide_parent_class)->finalize (object);
}

static void
attune_model_guide_class_init (AttuneModelGuideClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_model_guide_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_model_guide_finalize;
  taken_signal = g_signal_new ("taken", ATTUNE_TYPE_MODEL_GUIDE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/model/guide.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneModelGuide, answers_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelGuide, memory_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelGuide, time_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelGuide, language_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneModelGuide, model_row);
  gtk_widget_class_bind_template_callback (widget_class, recommend);
  gtk_widget_class_bind_template_callback (widget_class, on_taken);
}

static void
attune_model_guide_init (AttuneModelGuide *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
