/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The dialog: two pages, and the buttons below that go with what the session says.
 */
#include "stages/plan/search-dialog.h"

#include "core/settings.h"
#include "stages/plan/search-row.h"
#include "stages/plan/search-trials.h"
#include "stages/plan/search-words.h"
#include "widgets/words.h"

#include <glib/gi18n.h>
#include <math.h>

struct _AttuneSearchDialog
{
  AdwDialog parent_instance;

  AttuneSession *session;
  GPtrArray *rows;   /* AttuneSearchRow, borrowed */
  GPtrArray *others; /* words of the settings that have no row, in the order of other_row */
  gboolean anew;     /* a new search is put together, though there is one */
  gboolean stopping; /* that was asked for */

  AdwPreferencesGroup *settings_group, *strategy_group;
  AdwComboRow *other_row, *strategy_row;
  AdwSpinRow *trials_row, *folds_row;
  GtkStack *stack;
  AttuneSearchTrials *trials;
  GtkLabel *problem_label;
  GtkWidget *new_button, *start_button, *stop_button, *resume_button, *take_button;
};

G_DEFINE_FINAL_TYPE (AttuneSearchDialog, attune_search_dialog, ADW_TYPE_DIALOG)

static guint taken_signal;

/* What most people should try first, and begin with. */
static const char *const first_settings[]
    = { "learning-rate", "lora-rank", "epochs", "batch-size", NULL };

/* The order of the list, the best for most first. */
static const AttuneSearchStrategy strategies[]
    = { ATTUNE_SEARCH_TPE, ATTUNE_SEARCH_HALVING, ATTUNE_SEARCH_RANDOM, ATTUNE_SEARCH_GRID,
        ATTUNE_SEARCH_POLICY };

static void show (AttuneSearchDialog *self);

static AttunePlan *
get_plan (AttuneSearchDialog *self)
{
  return attune_project_get_plan (attune_session_get_project (self->session));
}

static AttuneSearchStrategy
get_strategy (AttuneSearchDialog *self)
{
  return strategies[MIN (adw_combo_row_get_selected (self->strategy_row),
                         G_N_ELEMENTS (strategies) - 1)];
}

/* --- what is to be tried */

static AttuneSearchRow *
add_row (AttuneSearchDialog *self, const char *word)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);
  g_autofree char *now = attune_settings_get_text (G_OBJECT (get_plan (self)), parts[0]);
  GtkWidget *row = attune_search_row_new (word, now);

  adw_preferences_group_add (self->settings_group, row);
  g_signal_connect_object (row, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_ptr_array_add (self->rows, row);
  return ATTUNE_SEARCH_ROW (row);
}

static void
list_others (AttuneSearchDialog *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < self->others->len; i++)
    {
      g_auto (GStrv) parts = g_strsplit (self->others->pdata[i], "=", 2);

      gtk_string_list_append (names, attune_search_name_setting (parts[0]));
    }
  adw_combo_row_set_model (self->other_row, G_LIST_MODEL (names));
  gtk_widget_set_visible (GTK_WIDGET (self->other_row), self->others->len > 0);
}

static void
on_add (AttuneSearchDialog *self)
{
  const guint selected = adw_combo_row_get_selected (self->other_row);
  g_autofree char *word = NULL;

  if (selected >= self->others->len)
    return;
  word = g_ptr_array_steal_index (self->others, selected);
  attune_search_row_set_varied (add_row (self, word), TRUE);
  list_others (self);
  show (self);
}

/* What the plan's method has a say in; the rest behind the list. */
static void
make_rows (AttuneSearchDialog *self)
{
  AttunePlan *plan = get_plan (self);
  guint n;
  g_autofree GParamSpec **settings = g_object_class_list_properties (G_OBJECT_GET_CLASS (plan), &n);

  for (guint i = 0; first_settings[i] != NULL; i++)
    {
      g_autofree char *word = attune_search_suggest (plan, first_settings[i]);

      if (word != NULL)
        attune_search_row_set_varied (add_row (self, word), i < 2);
    }
  for (guint i = 0; i < n; i++)
    {
      char *word = g_strv_contains (first_settings, settings[i]->name)
                       ? NULL
                       : attune_search_suggest (plan, settings[i]->name);

      if (word != NULL)
        g_ptr_array_add (self->others, word);
    }
  list_others (self);
}

/* Returns: (transfer full): for attune_search_space_parse(). */
static char **
get_words (AttuneSearchDialog *self)
{
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();

  for (guint i = 0; i < self->rows->len; i++)
    {
      char *word = attune_search_row_get_word (self->rows->pdata[i]);

      if (word != NULL)
        g_strv_builder_take (words, word);
    }
  return g_strv_builder_end (words);
}

/* --- showing */

static int
get_folds (AttuneSearchDialog *self)
{
  return (int) adw_spin_row_get_value (self->folds_row);
}

/* Time and disk, where they are known. Successive halving goes to the end with few: of 27 trials
 * 27 ninths, 9 thirds more or less, and 3 wholes: a third of the time. */
static void
show_cost (AttuneSearchDialog *self)
{
  const AttuneEstimate *estimate = attune_session_get_estimate (self->session);
  const double n = adw_spin_row_get_value (self->trials_row) * get_folds (self),
               seconds = attune_session_get_run_seconds (self->session)
                         * (get_strategy (self) == ATTUNE_SEARCH_HALVING ? n / 3 : n);
  g_autofree char *time = NULL, *disk = NULL, *text = NULL;

  if (estimate != NULL)
    {
      disk = g_format_size (estimate->disk_bytes * n);
      time = seconds >= 0 && isfinite (seconds) ? attune_say_about (seconds) : NULL;
      text = time != NULL
                 /* Translators: "Takes about 40 minutes and 120 MB of disk." */
                 ? g_strdup_printf (_ ("Takes %s and %s of disk, with settings as they are in the "
                                       "plan."),
                                    time, disk)
                 : g_strdup_printf (_ ("Takes %s of disk, with settings as they are in the plan."),
                                    disk);
    }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->trials_row), text != NULL ? text : "");
}

static void
show_problem (AttuneSearchDialog *self, const char *text)
{
  gtk_label_set_text (self->problem_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem_label), text != NULL);
}

/* Returns: whether a search could begin as it is put together now. */
static gboolean
show_setup (AttuneSearchDialog *self)
{
  const char *obstacle = attune_session_get_search_obstacle (self->session);
  g_auto (GStrv) words = get_words (self);
  g_autoptr (GPtrArray) space = NULL;

  adw_preferences_group_set_description (self->strategy_group,
                                         attune_search_strategy_get_text (get_strategy (self)));
  show_cost (self);
  space = attune_search_space_parse ((const char *const *) words, NULL);
  if (obstacle == NULL && get_folds (self) > 1 && get_strategy (self) == ATTUNE_SEARCH_HALVING)
    obstacle = _ ("Parts that check each other are compared at the end of their runs: choose "
                  "another strategy.");
  if (obstacle == NULL && words[0] == NULL && get_folds (self) < 2)
    obstacle = _ ("Switch on a setting that is to be tried.");
  else if (obstacle == NULL && space == NULL)
    obstacle = _ ("The values of one of the settings cannot be tried.");
  show_problem (self, obstacle);
  return obstacle == NULL;
}

static void
show_trials (AttuneSearchDialog *self)
{
  attune_search_trials_show (self->trials, self->session);
  show_problem (self, attune_session_get_search_problem (self->session));
}

static void
show (AttuneSearchDialog *self)
{
  const AttuneSearch *search;
  AttuneRunState state;
  gboolean any, setup, runs, free_now, ready;

  if (self->stack == NULL || self->session == NULL)
    return; /* being closed */
  search = attune_session_get_search (self->session);
  state = attune_session_get_search_state (self->session);
  any = search != NULL || attune_session_get_search_problem (self->session) != NULL;
  setup = !any || self->anew;
  runs = any && state == ATTUNE_RUN_RUNNING;
  free_now = attune_session_get_search_obstacle (self->session) == NULL;
  self->stopping = self->stopping && runs;
  gtk_stack_set_visible_child_name (self->stack, setup ? "setup" : "trials");
  ready = setup && show_setup (self);
  if (!setup)
    show_trials (self);
  gtk_widget_set_visible (self->new_button, any && !setup);
  gtk_widget_set_visible (self->start_button, setup);
  gtk_widget_set_visible (self->stop_button, !setup && runs);
  gtk_widget_set_visible (self->resume_button,
                          !setup && search != NULL && !runs && state != ATTUNE_RUN_FINISHED);
  gtk_widget_set_visible (self->take_button, !setup && search != NULL && search->space->len > 0
                                                 && attune_search_find_best (search) >= 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "search.start", ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "search.stop", runs && !self->stopping);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "search.resume", free_now);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "search.new", !runs);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "search.take",
                                 attune_session_get_read_only (self->session) == NULL);
}

/* --- actions */

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (widget);
  g_auto (GStrv) words = get_words (self);
  g_autoptr (GError) error = NULL;

  if (attune_session_start_search (self->session, (const char *const *) words, get_strategy (self),
                                   (int) adw_spin_row_get_value (self->trials_row),
                                   get_folds (self), &error))
    {
      self->anew = FALSE;
      show (self);
    }
  else
    show_problem (self, error->message);
}

static void
resume (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (widget);
  g_autoptr (GError) error = NULL;

  if (!attune_session_resume_search (self->session, &error) && error != NULL)
    show_problem (self, error->message);
}

static void
stop (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (widget);
  g_autoptr (GError) error = NULL;

  self->stopping = attune_session_stop_search (self->session, &error);
  show (self);
  if (error != NULL)
    show_problem (self, error->message);
}

static void
make_new (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (widget);

  self->anew = TRUE;
  show (self);
}

static void
take (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttunePlan) plan = attune_session_make_best_plan (self->session, &error);

  if (plan == NULL)
    {
      show_problem (self, error != NULL ? error->message : NULL);
      return;
    }
  g_signal_emit (self, taken_signal, 0, plan);
  adw_dialog_close (ADW_DIALOG (self));
}

/* --- the object */

AttuneSearchDialog *
attune_search_dialog_new (AttuneSession *session)
{
  AttuneSearchDialog *self = g_object_new (ATTUNE_TYPE_SEARCH_DIALOG, NULL);

  self->session = g_object_ref (session);
  make_rows (self);
  g_signal_connect_object (session, "changed", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "progress", G_CALLBACK (show), self, G_CONNECT_SWAPPED);
  show (self);
  return self;
}

static void
attune_search_dialog_dispose (GObject *object)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_SEARCH_DIALOG);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (attune_search_dialog_parent_class)->dispose (object);
}

static void
attune_search_dialog_finalize (GObject *object)
{
  AttuneSearchDialog *self = ATTUNE_SEARCH_DIALOG (object);

  g_ptr_array_unref (self->rows);
  g_ptr_array_unref (self->others);
  G_OBJECT_CLASS (attune_search_dialog_parent_class)->finalize (object);
}

static void
attune_search_dialog_class_init (AttuneSearchDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_search_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = attune_search_dialog_finalize;
  taken_signal = g_signal_new ("taken", ATTUNE_TYPE_SEARCH_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                               NULL, G_TYPE_NONE, 1, ATTUNE_TYPE_PLAN);
  gtk_widget_class_install_action (widget_class, "search.start", NULL, start);
  gtk_widget_class_install_action (widget_class, "search.stop", NULL, stop);
  gtk_widget_class_install_action (widget_class, "search.resume", NULL, resume);
  gtk_widget_class_install_action (widget_class, "search.new", NULL, make_new);
  gtk_widget_class_install_action (widget_class, "search.take", NULL, take);
  g_type_ensure (ATTUNE_TYPE_SEARCH_TRIALS);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/plan/search-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, settings_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, strategy_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, other_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, strategy_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, trials_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, folds_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, trials);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, problem_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, new_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, start_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, stop_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, resume_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneSearchDialog, take_button);
  gtk_widget_class_bind_template_callback (widget_class, show);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
}

static void
attune_search_dialog_init (AttuneSearchDialog *self)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  self->rows = g_ptr_array_new ();
  self->others = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (strategies); i++)
    gtk_string_list_append (titles, attune_search_strategy_get_title (strategies[i]));
  adw_combo_row_set_model (self->strategy_row, G_LIST_MODEL (titles));
}
