/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Tune”: the latest run, while it runs and after.
 */
#include "stages/tune/page.h"

#include "stages/tune/curves.h"
#include "stages/tune/facts.h"
#include "stages/tune/runs.h"
#include "stages/tune/samples.h"
#include "stages/tune/trouble.h"
#include "stages/tune/words.h"
#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>

struct _AttuneTunePage
{
  AttuneStagePage parent_instance;

  GtkStack *stack;
  AdwPreferencesGroup *run_group;
  AttuneTuneTrouble *trouble;
  AttuneTuneFacts *facts;
  AttuneTuneCurves *curves;
  AttuneTuneSamples *samples;
  AttuneTuneRuns *runs;
  GtkWidget *anew_button, *evaluate_button; /* beside the primary action */
};

G_DEFINE_FINAL_TYPE (AttuneTunePage, attune_tune_page, ATTUNE_TYPE_STAGE_PAGE)

/* --- what has gone wrong */

static void
show_failure (AttuneTunePage *self, AttuneSession *session, const char *log)
{
  const char *text = attune_session_get_news (session)->failed.text;

  attune_tune_trouble_set (self->trouble, _ ("Tuning could not go on"),
                           text != NULL ? text : _ ("No reason was given."), log, FALSE);
}

static void
show_crash (AttuneTunePage *self, AttuneSession *session, const char *log)
{
  const AttuneRunNews *news = attune_session_get_news (session);
  g_autofree char *text = NULL;

  if (!news->checkpoint.there)
    text = g_strdup (_ ("The program that tunes has ended before it had saved anything. Resume "
                        "begins at the first step."));
  else
    text = g_strdup_printf (_ ("The program that tunes has ended without a word: it was ended by "
                               "somebody, or the memory or the disk was full. Nothing that was "
                               "saved is lost: Resume goes on after step %lld."),
                            (long long) news->checkpoint.step);
  attune_tune_trouble_set (self->trouble, _ ("Tuning has stopped unexpectedly"), text, log, FALSE);
}

static void
show_silence (AttuneTunePage *self, AttuneSession *session)
{
  const double silence = attune_session_get_run_silence (session);
  const gboolean ending = attune_session_is_ending (session);
  g_autofree char *time = NULL, *text = NULL;

  if (silence <= 0)
    {
      attune_tune_trouble_set (self->trouble, NULL, NULL, NULL, FALSE);
      return;
    }
  time = attune_say_about (silence);
  if (ending)
    text
        = g_strdup (_ ("It is being stopped. If it does not react within some seconds, its process "
                       "is ended. What was saved stays."));
  else
    /* Translators: %s is "about 4 minutes" */
    text = g_strdup_printf (_ ("There has been no news of it for %s. It may be busy with something "
                               "long, or hang. If you stop it, it can be resumed from what it has "
                               "saved."),
                            time);
  attune_tune_trouble_set (self->trouble, _ ("It does not say anything any more"), text, NULL,
                           !ending);
}

static void
show_trouble (AttuneTunePage *self, AttuneSession *session)
{
  const AttuneRunState state = attune_session_get_run_state (session);
  g_autofree char *log = NULL;

  if (state == ATTUNE_RUN_NEW || state == ATTUNE_RUN_FAILED || state == ATTUNE_RUN_CRASHED)
    log = attune_run_read_log (attune_session_get_run (session));
  switch (state)
    {
    case ATTUNE_RUN_NEW:
      attune_tune_trouble_set (self->trouble, _ ("Tuning did not begin"),
                               _ ("The program that tunes has ended before it began. Resume tries "
                                  "again."),
                               log, FALSE);
      break;
    case ATTUNE_RUN_FAILED:
      show_failure (self, session, log);
      break;
    case ATTUNE_RUN_CRASHED:
      show_crash (self, session, log);
      break;
    case ATTUNE_RUN_RUNNING:
    case ATTUNE_RUN_FINISHED:
    case ATTUNE_RUN_STOPPED:
    default:
      show_silence (self, session);
      break;
    }
}

/* --- the run */

static char *
describe_run (AttuneSession *session)
{
  const AttuneRunNews *news = attune_session_get_news (session);

  switch (attune_session_get_run_state (session))
    {
    case ATTUNE_RUN_RUNNING:
      if (attune_session_is_pausing (session))
        return g_strdup (_ ("It pauses after the present step."));
      if (!news->started.there)
        return g_strdup (_ ("It reads the model and the data."));
      return g_strdup_printf (_ ("It learns from %lld records."),
                              (long long) news->started.records);
    case ATTUNE_RUN_STOPPED:
      if (!news->step.there)
        return g_strdup (_ ("Paused."));
      return g_strdup_printf (_ ("Paused after step %lld of %lld. What it has learned is saved."),
                              (long long) news->step.step, (long long) news->step.steps);
    case ATTUNE_RUN_FINISHED:
      return news->finished.there ? attune_tune_describe_result (news) : g_strdup ("");
    case ATTUNE_RUN_NEW:
    case ATTUNE_RUN_FAILED:
    case ATTUNE_RUN_CRASHED:
    default:
      return g_strdup ("");
    }
}

static void
show_run (AttuneTunePage *self, AttuneSession *session)
{
  g_autofree char *name = g_path_get_basename (attune_session_get_run (session)),
                  *title = attune_tune_describe_run (name), *text = describe_run (session);

  if (attune_session_get_state (session, ATTUNE_STAGE_TUNE) == ATTUNE_STAGE_STATE_STALE)
    {
      char *both
          = g_strdup_printf (_ ("%s\nThe data, the model or the plan has changed since. Start "
                                "anew to tune with them."),
                             text);

      g_free (text);
      text = both;
    }
  adw_preferences_group_set_title (self->run_group, title);
  adw_preferences_group_set_description (self->run_group, text);
}

static void
show_curves (AttuneTunePage *self, AttuneSession *session)
{
  const AttuneRunCurves *curves = attune_session_get_curves (session);
  const AttuneRunState state = attune_session_get_run_state (session);
  const gint64 steps = attune_session_get_news (session)->started.steps;
  g_autofree char *sentence = NULL;
  AttuneDiagnosis diagnosis;

  attune_tune_curves_set_run (self->curves, attune_session_get_run (session), curves,
                              CLAMP (steps, 0, G_MAXINT));
  /* Where it could not go on, the reason is said above. */
  if (curves->steps->len > 0 && state != ATTUNE_RUN_FAILED)
    {
      attune_run_curves_diagnose (curves, state == ATTUNE_RUN_FINISHED, &diagnosis);
      sentence = attune_diagnosis_describe (&diagnosis);
    }
  attune_tune_curves_set_sentence (self->curves, sentence);
  attune_tune_samples_set_curves (self->samples, curves);
}

/* --- what can be done */

static void
show_actions (AttuneTunePage *self, AttuneSession *session)
{
  AttuneStagePage *page = ATTUNE_STAGE_PAGE (self);
  const AttuneRunState state = attune_session_get_run_state (session);
  const gboolean runs = state == ATTUNE_RUN_RUNNING, any = attune_session_get_run (session) != NULL;
  const gboolean writable = attune_session_get_read_only (session) == NULL;
  const gboolean stale
      = attune_session_get_state (session, ATTUNE_STAGE_TUNE) == ATTUNE_STAGE_STATE_STALE;
  const gboolean resumes = any && !runs && state != ATTUNE_RUN_FINISHED;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tune.resume", resumes && writable);
  gtk_widget_action_set_enabled (
      GTK_WIDGET (self), "tune.start",
      writable && !runs && attune_session_get_missing (session, ATTUNE_STAGE_TUNE) == NULL);
  if (!any)
    attune_stage_page_set_action (page, _ ("_Start Tuning"), "tune.start", FALSE);
  else if (resumes)
    attune_stage_page_set_action (page, _ ("_Resume"), "tune.resume", writable);
  else if (stale)
    attune_stage_page_set_action (page, _ ("_Start Anew"), "tune.start", FALSE);
  else
    attune_stage_page_set_action (page, _ ("_Evaluate"), "tune.evaluate", TRUE);
  gtk_widget_set_visible (self->anew_button, any && !runs && !stale);
  gtk_widget_set_visible (self->evaluate_button, state == ATTUNE_RUN_FINISHED && stale);
}

static void
show_hint (AttuneTunePage *self, AttuneSession *session)
{
  const double seconds = attune_session_get_run_seconds (session);
  g_autofree char *time = NULL, *hint = NULL;

  if (attune_session_get_run (session) == NULL && seconds >= 0 && isfinite (seconds))
    {
      time = attune_say_about (seconds);
      /* Translators: %s is "about 4 minutes" */
      hint = g_strdup_printf (_ ("Takes %s"), time);
    }
  attune_stage_page_set_hint (ATTUNE_STAGE_PAGE (self), hint);
}

static void
attune_tune_page_update (AttuneStagePage *page)
{
  AttuneTunePage *self = ATTUNE_TUNE_PAGE (page);
  AttuneSession *session = attune_stage_page_get_session (page);
  const char *run = attune_session_get_run (session);

  show_actions (self, session);
  show_hint (self, session);
  gtk_stack_set_visible_child_name (self->stack, run != NULL ? "run" : "none");
  if (run == NULL)
    return;
  show_run (self, session);
  show_trouble (self, session);
  attune_tune_facts_update (self->facts, session);
  show_curves (self, session);
  attune_tune_runs_set_run (self->runs, attune_session_get_project (session), run, self->curves);
}

static void
on_runs_changed (AttuneTunePage *self)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  if (session != NULL && attune_session_get_run (session) != NULL)
    show_curves (self, session);
}

/* --- actions */

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_start_run (attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget)));
}

static void
resume (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_resume_run (attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget)));
}

static void
end (GtkWidget *widget, const char *action, GVariant *parameter)
{
  attune_session_end_run (attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget)));
}

static void
evaluate (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "win.show-stage", "i", ATTUNE_STAGE_EVALUATE);
}

/* --- the object */

static GtkWidget *
add_button (AttuneTunePage *self, const char *label, const char *action)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_add_css_class (button, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_visible (button, FALSE);
  attune_stage_page_add_button (ATTUNE_STAGE_PAGE (self), button);
  return button;
}

static void
attune_tune_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_TUNE_PAGE);
  G_OBJECT_CLASS (attune_tune_page_parent_class)->dispose (object);
}

static void
attune_tune_page_class_init (AttuneTunePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_tune_page_dispose;
  ATTUNE_STAGE_PAGE_CLASS (klass)->stage = ATTUNE_STAGE_TUNE;
  ATTUNE_STAGE_PAGE_CLASS (klass)->update = attune_tune_page_update;
  gtk_widget_class_install_action (widget_class, "tune.start", NULL, start);
  gtk_widget_class_install_action (widget_class, "tune.resume", NULL, resume);
  gtk_widget_class_install_action (widget_class, "tune.end", NULL, end);
  gtk_widget_class_install_action (widget_class, "tune.evaluate", NULL, evaluate);
  g_type_ensure (ATTUNE_TYPE_TUNE_CURVES);
  g_type_ensure (ATTUNE_TYPE_TUNE_FACTS);
  g_type_ensure (ATTUNE_TYPE_TUNE_RUNS);
  g_type_ensure (ATTUNE_TYPE_TUNE_SAMPLES);
  g_type_ensure (ATTUNE_TYPE_TUNE_TROUBLE);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/tune/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, run_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, trouble);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, facts);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, curves);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, samples);
  gtk_widget_class_bind_template_child (widget_class, AttuneTunePage, runs);
}

static void
attune_tune_page_init (AttuneTunePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->anew_button = add_button (self, _ ("Start _Anew"), "tune.start");
  self->evaluate_button = add_button (self, _ ("_Evaluate"), "tune.evaluate");
  g_signal_connect_object (self->runs, "changed", G_CALLBACK (on_runs_changed), self,
                           G_CONNECT_SWAPPED);
}
