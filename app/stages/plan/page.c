/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Plan”: ready-made plans, what a run will take, and every setting.
 */
#include "stages/plan/page.h"

#include "core/settings.h"
#include "model/describe.h"
#include "plan/make-fit.h"
#include "stages/plan/forecast.h"
#include "stages/plan/method-row.h"
#include "stages/plan/preset-list.h"
#include "stages/plan/search-dialog.h"
#include "stages/plan/search-words.h"
#include "widgets/reading-notes.h"
#include "widgets/settings-form.h"
#include "widgets/words.h"

#include <glib/gi18n.h>

struct _AttunePlanPage
{
  AttuneStagePage parent_instance;

  AttunePlan *before;      /* (nullable): what Undo brings back */
  AttunePlanValues values; /* of the plan, until they are changed; its strings are not looked at */

  GtkWidget *problem_group, *fit_row, *notes_group;
  AdwActionRow *problem_row, *notes_row, *search_row;
  AttuneMethodRow *method_row;
  AttunePresetList *preset_list;
  AttunePlanForecast *forecast;
  AdwBin *settings_bin;
};

G_DEFINE_FINAL_TYPE (AttunePlanPage, attune_plan_page, ATTUNE_TYPE_STAGE_PAGE)

static AttuneSession *
get_session (AttunePlanPage *self)
{
  return attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));
}

static AttunePlan *
get_plan (AttunePlanPage *self)
{
  return attune_project_get_plan (attune_session_get_project (get_session (self)));
}

/* --- changing, with Undo */

/* Gives @to the values of @from; they are of one class, so each takes what the other says. */
static void
take_values (AttunePlan *to, AttunePlan *from)
{
  g_autoptr (JsonNode) values = attune_settings_to_json (G_OBJECT (from));

  attune_settings_apply_json (G_OBJECT (to), values, NULL);
}

static void
undo (AttunePlanPage *self)
{
  if (self->before == NULL || get_session (self) == NULL)
    return;
  take_values (get_plan (self), self->before);
  g_clear_object (&self->before);
}

/* Changes the plan to @plan and says @text with a button that takes it back. */
static void
change (AttunePlanPage *self, AttunePlan *plan, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  AdwToast *toast;

  g_set_object (&self->before, NULL);
  self->before = attune_plan_copy (get_plan (self));
  take_values (get_plan (self), plan);
  if (overlay == NULL)
    return;
  toast = adw_toast_new (text);
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo), self, G_CONNECT_SWAPPED);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
on_preset_chosen (AttunePlanPage *self, int preset)
{
  g_autoptr (AttunePlan) plan = NULL;
  g_autofree char *text = NULL;

  if (get_session (self) == NULL)
    return;
  plan = attune_plan_copy (get_plan (self));
  attune_preset_apply (preset, plan);
  /* Translators: %s is "Quick Try" or another name of a plan */
  text = g_strdup_printf (_ ("Plan changed to “%s”"), _ (attune_preset_get_title (preset)));
  change (self, plan, text);
}

/* The rate goes along: see on_method_changed(). */
static void
on_method_chosen (AttunePlanPage *self, int method)
{
  if (get_session (self) != NULL)
    g_object_set (get_plan (self), "method", method, NULL);
}

/* What Make It Fit gives up, as a sentence. */
static const char *
tell_cost (AttunePlan *from, AttunePlan *to)
{
  const AttunePlanValues *before = attune_plan_get_values (from),
                         *after = attune_plan_get_values (to);

  if (after->method == ATTUNE_METHOD_QLORA && attune_method_adapts (before->method))
    return _ ("It fits now; the model is rounded to 4 bits a value while it learns");
  if (after->method != before->method)
    return _ ("It fits now; an adapter will learn in place of the model itself");
  if (after->lora_rank != before->lora_rank)
    return _ ("It fits now; it will learn less detail");
  if (after->checkpoint_activations != before->checkpoint_activations)
    return _ ("It fits now; it will take a third longer");
  return _ ("It fits now; the result stays the same");
}

static AttunePlan *
find_fit (AttunePlanPage *self, GError **error)
{
  AttuneSession *session = get_session (self);
  AttuneModel *model = attune_session_get_model (session);
  const AttuneDataFacts *facts = attune_session_get_facts (session);

  if (model == NULL || facts == NULL)
    return NULL;
  return attune_plan_make_fit (get_plan (self), attune_model_get_config (model),
                               attune_model_get_bytes (model),
                               attune_model_count_parameters (model), facts,
                               attune_session_get_available_memory (session), error);
}

static void
make_fit (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttunePlanPage *self = ATTUNE_PLAN_PAGE (widget);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttunePlan) fitted = NULL;

  if (get_session (self) == NULL)
    return;
  fitted = find_fit (self, &error);
  if (fitted != NULL)
    change (self, fitted, tell_cost (get_plan (self), fitted));
  else if (error != NULL)
    attune_session_say (get_session (self), error->message);
}

static void
go_on (GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_widget_activate_action (widget, "win.show-stage", "i", ATTUNE_STAGE_TUNE);
}

/* --- search */

static void
on_taken (AttunePlanPage *self, AttunePlan *plan)
{
  if (get_session (self) != NULL)
    change (self, plan, _ ("The best settings are in the plan now. Start tuning to use them."));
}

static void
search (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttunePlanPage *self = ATTUNE_PLAN_PAGE (widget);
  AttuneSearchDialog *dialog;

  if (get_session (self) == NULL)
    return;
  dialog = attune_search_dialog_new (get_session (self));
  g_signal_connect_object (dialog, "taken", G_CALLBACK (on_taken), self, G_CONNECT_SWAPPED);
  adw_dialog_present (ADW_DIALOG (dialog), widget);
}

static void
show_search (AttunePlanPage *self)
{
  const AttuneSearch *search = attune_session_get_search (get_session (self));
  const AttuneRunState state = attune_session_get_search_state (get_session (self));
  g_autofree char *text = NULL;

  if (search == NULL)
    text = g_strdup (_ ("Tries several values, and says which made the model best."));
  else if (state == ATTUNE_RUN_RUNNING)
    text = g_strdup (_ ("A search is running. It goes on when this window is closed."));
  else
    text = attune_search_say_best (search);
  adw_action_row_set_subtitle (self->search_row, text);
}

/* --- showing */

static void
show_problem (AttunePlanPage *self)
{
  AttuneSession *session = get_session (self);
  const char *problem = attune_session_get_plan_problem (session);
  const AttuneEstimate *e = attune_session_get_estimate (session);
  const gboolean too_large
      = e != NULL && e->peak_bytes > attune_session_get_available_memory (session);
  g_autoptr (AttunePlan) fitted = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (self->problem_group, problem != NULL);
  if (problem == NULL)
    return;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->problem_row),
                                 too_large ? _ ("This Plan Does Not Fit")
                                           : _ ("This Plan Cannot Be Run"));
  if (too_large)
    {
      g_autofree char *needed = g_format_size (e->peak_bytes);
      g_autofree char *left = g_format_size (attune_session_get_available_memory (session));

      fitted = find_fit (self, NULL);
      text = g_strdup_printf (fitted != NULL
                                  ? _ ("It needs %s of memory, and %s are free.")
                                  : _ ("It needs %s of memory, and %s are free. No change of the "
                                       "plan helps: close other programs, or choose a smaller "
                                       "model."),
                              needed, left);
    }
  adw_action_row_set_subtitle (self->problem_row, text != NULL ? text : problem);
  gtk_widget_set_visible (self->fit_row, fitted != NULL);
}

/* What makes a model quietly worse, said once more before it is tuned. */
static void
show_notes (AttunePlanPage *self)
{
  AttuneSession *session = get_session (self);
  AttuneModel *model = attune_session_get_model (session);
  const AttuneDataSummary *data = attune_session_get_data (session);
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new (); /* as it was prepared */
  GString *text = g_string_new (NULL);
  g_autofree char *notes = NULL;

  if (model != NULL)
    for (const char *const *w = attune_model_get_warnings (model); *w != NULL; w++)
      g_string_append_printf (text, "%s\n", *w);
  if (data != NULL && data->prepared
      && attune_settings_apply_json (G_OBJECT (settings), data->settings, NULL))
    {
      g_autoptr (AttuneReportView) report = attune_report_view_new (data->report);
      g_autofree char *losses = attune_say_reading_notes (
          report, attune_data_settings_get_values (settings)->max_tokens);

      g_string_append (text, losses);
    }
  notes = g_strchomp (g_string_free (text, FALSE));
  adw_action_row_set_subtitle (self->notes_row, notes);
  gtk_widget_set_visible (self->notes_group, *notes != '\0');
}

/* Weights of the model itself learn: @bits that they are stored in now, 0: not known. */
static void
show_base_method (AttunePlanPage *self, AttuneMethod method, int bits)
{
  const char *about = _ (attune_method_get_text (method));
  g_autofree char *text = NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->method_row),
                                 _ (attune_method_get_title (method)));
  if (bits > 0 && bits < 16)
    text = g_strdup_printf (
        /* Translators: %s is a sentence about the method, %d is less than 16 */
        ngettext ("%s It begins with the values as they are stored, rounded to %d bit each.",
                  "%s It begins with the values as they are stored, rounded to %d bits each.",
                  bits),
        about, bits);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->method_row), text != NULL ? text : about);
}

static void
show_method (AttunePlanPage *self)
{
  AttuneModel *model = attune_session_get_model (get_session (self));
  const int bits = model != NULL ? attune_model_count_bits (model) : 0;
  const AttuneMethod method = attune_plan_get_values (get_plan (self))->method;
  g_autofree char *text = NULL;

  attune_method_row_set_method (self->method_row, method);
  if (!attune_method_adapts (method))
    {
      show_base_method (self, method, bits);
      return;
    }
  if (method != ATTUNE_METHOD_LORA)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->method_row),
                                     _ (attune_method_get_title (method)));
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->method_row),
                                     _ (attune_method_get_text (method)));
      return;
    }
  /* Translators: QLoRA and LoRA are names of methods */
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->method_row),
                                 bits > 0 && bits < 16 ? _ ("Adapter on a Compressed Model (QLoRA)")
                                                       : _ ("Adapter on a Model in Full (LoRA)"));
  if (bits > 0 && bits < 16)
    text = g_strdup_printf (
        ngettext ("A small adapter learns beside the model. The model itself stays as it is, with "
                  "its values stored in %d bit each, which takes little memory.",
                  "A small adapter learns beside the model. The model itself stays as it is, with "
                  "its values stored in %d bits each, which takes little memory.",
                  bits),
        bits);
  else
    text = g_strdup (_ ("A small adapter learns beside the model. The model itself stays as it is, "
                        "with its values stored in full."));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self->method_row), text);
}

/* Settings that have no say in the plan's method are out of the way. */
static void
show_used_settings (AttunePlanPage *self)
{
  AttuneSettingsForm *form = ATTUNE_SETTINGS_FORM (adw_bin_get_child (self->settings_bin));
  guint n;
  g_autofree GParamSpec **specs
      = g_object_class_list_properties (G_OBJECT_GET_CLASS (get_plan (self)), &n);

  for (guint i = 0; i < n; i++)
    attune_settings_form_show_row (form, specs[i]->name,
                                   attune_plan_uses (get_plan (self), specs[i]->name));
}

static void
on_method_changed (AttunePlanPage *self)
{
  const AttunePlanValues before = self->values;

  self->values = *attune_plan_get_values (get_plan (self));
  attune_plan_follow (get_plan (self), &before);
  show_used_settings (self);
}

static void
attune_plan_page_update (AttuneStagePage *page)
{
  AttunePlanPage *self = ATTUNE_PLAN_PAGE (page);
  AttuneSession *session = get_session (self);
  const AttuneEstimate *e = attune_session_get_estimate (session);
  const double seconds = attune_session_get_run_seconds (session);
  const gboolean may_change = attune_session_get_read_only (session) == NULL;
  g_autofree char *about = NULL, *size = NULL, *hint = NULL;

  attune_preset_list_set_preset (self->preset_list, attune_preset_find (get_plan (self)));
  attune_plan_forecast_show (self->forecast, e, attune_plan_get_values (get_plan (self)),
                             attune_session_get_facts (session),
                             attune_session_get_available_memory (session), seconds);
  show_problem (self);
  show_notes (self);
  show_method (self);
  show_search (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->preset_list), may_change);
  gtk_widget_set_sensitive (GTK_WIDGET (self->method_row), may_change);
  gtk_widget_set_sensitive (GTK_WIDGET (self->settings_bin), may_change);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "plan.make-fit", may_change);
  if (e != NULL && attune_session_get_plan_problem (session) == NULL)
    {
      size = g_format_size (e->peak_bytes);
      about = seconds >= 0 ? attune_say_about (seconds) : NULL;
      hint = about != NULL
                 /* Translators: "Tuning takes about 4 minutes and 640 MB of memory." */
                 ? g_strdup_printf (_ ("Tuning takes %s and %s of memory."), about, size)
                 : g_strdup_printf (_ ("Tuning takes %s of memory."), size);
    }
  attune_stage_page_set_hint (page, hint);
}

static void
attune_plan_page_set_session (AttuneStagePage *page, AttuneSession *session)
{
  AttunePlanPage *self = ATTUNE_PLAN_PAGE (page);

  GtkWidget *form = attune_settings_form_new (G_OBJECT (get_plan (self)), NULL);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (form), _ ("All Settings"));
  adw_bin_set_child (self->settings_bin, form);
  self->values = *attune_plan_get_values (get_plan (self));
  g_signal_connect_object (get_plan (self), "notify::method", G_CALLBACK (on_method_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::optimizer", G_CALLBACK (on_method_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::objective", G_CALLBACK (on_method_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::schedule", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::earlier", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::term-pairs", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::ewc-weight", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::replay-share", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (get_plan (self), "notify::gap-weight", G_CALLBACK (show_used_settings),
                           self, G_CONNECT_SWAPPED);
  show_used_settings (self);
}

/* --- the object */

static void
attune_plan_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_PLAN_PAGE);
  g_clear_object (&ATTUNE_PLAN_PAGE (object)->before);
  G_OBJECT_CLASS (attune_plan_page_parent_class)->dispose (object);
}

static void
attune_plan_page_class_init (AttunePlanPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  AttuneStagePageClass *page_class = ATTUNE_STAGE_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_plan_page_dispose;
  page_class->stage = ATTUNE_STAGE_PLAN;
  page_class->set_session = attune_plan_page_set_session;
  page_class->update = attune_plan_page_update;
  gtk_widget_class_install_action (widget_class, "plan.continue", NULL, go_on);
  gtk_widget_class_install_action (widget_class, "plan.make-fit", NULL, make_fit);
  gtk_widget_class_install_action (widget_class, "plan.search", NULL, search);
  g_type_ensure (ATTUNE_TYPE_METHOD_ROW);
  g_type_ensure (ATTUNE_TYPE_PRESET_LIST);
  g_type_ensure (ATTUNE_TYPE_PLAN_FORECAST);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/plan/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, problem_group);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, fit_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, problem_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, notes_group);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, notes_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, method_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, search_row);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, preset_list);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, forecast);
  gtk_widget_class_bind_template_child (widget_class, AttunePlanPage, settings_bin);
  gtk_widget_class_bind_template_callback (widget_class, on_preset_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_method_chosen);
}

static void
attune_plan_page_init (AttunePlanPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
