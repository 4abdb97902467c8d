/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of the stage “Evaluate”: scores, answers, and what the next evaluation is to be.
 */
#include "stages/evaluate/page.h"

#include "stages/evaluate/report-save.h"
#include "stages/evaluate/review-view.h"
#include "stages/evaluate/scores-view.h"
#include "widgets/gently.h"

#include <glib/gi18n.h>
#include <math.h>

struct _AttuneEvaluatePage
{
  AttuneStagePage parent_instance;

  GtkWidget *empty_page;
  GtkWidget *results_box;
  AdwViewStack *view_stack;
  AttuneScoresView *scores_view; /* (nullable): until it is made; in scores_bin */
  AttuneReviewView *review_view; /* likewise; in review_bin */
  gboolean is_made;              /* or will be, step by step */
  AdwBin *scores_bin;
  AdwBin *review_bin;
  GtkWidget *settings_group;
  AdwSpinRow *answers_row;
  AdwComboRow *split_row;
  AdwSpinRow *tokens_row;
  GMenuModel *save_menu;
};

G_DEFINE_FINAL_TYPE (AttuneEvaluatePage, attune_evaluate_page, ATTUNE_TYPE_STAGE_PAGE)

static AttuneSplit
get_split (AttuneEvaluatePage *self)
{
  return adw_combo_row_get_selected (self->split_row) == 1 ? ATTUNE_SPLIT_VALIDATION
                                                           : ATTUNE_SPLIT_TEST;
}

static guint
get_number (AdwSpinRow *row)
{
  return (guint) adw_spin_row_get_value (row);
}

/* --- the next evaluation */

/* "Takes about 4 minutes". */
static char *
format_time (double seconds)
{
  const double minutes = seconds / 60;
  guint n;

  if (minutes < 1)
    return g_strdup (_ ("Takes less than a minute."));
  if (minutes < 90)
    {
      n = (guint) ceil (minutes);
      return g_strdup_printf (ngettext ("Takes about %u minute.", "Takes about %u minutes.", n), n);
    }
  n = (guint) round (minutes / 60);
  return g_strdup_printf (ngettext ("Takes about %u hour.", "Takes about %u hours.", n), n);
}

static void
show_settings (AttuneEvaluatePage *self, AttuneSession *session)
{
  const AttuneSplit split = get_split (self);
  const AttuneDataSummary *data = attune_session_get_data (session);
  const guint n = data != NULL ? (guint) MIN (data->splits[split], G_MAXINT) : 0,
              asked = MIN (get_number (self->answers_row), n);
  const double seconds
      = attune_session_get_evaluate_seconds (session, split, asked, get_number (self->tokens_row));
  g_autofree char *of = NULL, *hint = NULL;

  if (data != NULL && data->prepared && n == 0)
    hint
        = g_strdup (_ ("There are no questions in this part of the data. Choose another part under "
                       "More Options, or give it a share on the Data page."));
  else if (seconds >= 0)
    hint = format_time (seconds);
  of = g_strdup_printf (ngettext ("Of %u there is; more take longer and make the scores surer",
                                  "Of %u there are; more take longer and make the scores surer", n),
                        n);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->answers_row), n > 0 ? of : "");
  attune_stage_page_set_hint (ATTUNE_STAGE_PAGE (self), hint);
}

static void
on_settings (AttuneEvaluatePage *self)
{
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (self));

  if (session != NULL)
    show_settings (self, session);
}

static void
start (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneEvaluatePage *self = ATTUNE_EVALUATE_PAGE (widget);
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget));

  attune_session_evaluate (session, get_split (self), get_number (self->answers_row),
                           get_number (self->tokens_row));
}

/* --- results */

static gboolean
shows_answers (AttuneEvaluatePage *self)
{
  return gtk_widget_get_visible (self->results_box)
         && g_strcmp0 (adw_view_stack_get_visible_child_name (self->view_stack), "answers") == 0;
}

static void
on_view (AttuneEvaluatePage *self)
{
  gtk_widget_set_visible (self->settings_group, !shows_answers (self));
}

static void
save (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneEvaluatePage *self = ATTUNE_EVALUATE_PAGE (widget);
  AttuneSession *session = attune_stage_page_get_session (ATTUNE_STAGE_PAGE (widget));

  attune_report_save (
      widget, session,
      self->scores_view != NULL ? attune_scores_view_get_compared (self->scores_view) : NULL,
      g_str_has_suffix (action, "report") ? ATTUNE_REPORT_PDF : ATTUNE_REPORT_CSV);
}

/* One view at a time, and none before there is something to show in it. */
static gboolean
make_part (gpointer page)
{
  AttuneEvaluatePage *self = page;
  AttuneSession *session = attune_stage_page_get_session (page);

  if (self->scores_view == NULL)
    {
      self->scores_view = g_object_new (ATTUNE_TYPE_SCORES_VIEW, NULL);
      attune_scores_view_update (self->scores_view, session);
      adw_bin_set_child (self->scores_bin, GTK_WIDGET (self->scores_view));
      return TRUE;
    }
  self->review_view = g_object_new (ATTUNE_TYPE_REVIEW_VIEW, NULL);
  attune_review_view_set_session (self->review_view, session);
  adw_bin_set_child (self->review_bin, GTK_WIDGET (self->review_view));
  return FALSE;
}

static void
attune_evaluate_page_update (AttuneStagePage *page)
{
  AttuneEvaluatePage *self = ATTUNE_EVALUATE_PAGE (page);
  AttuneSession *session = attune_stage_page_get_session (page);
  const gboolean any = attune_session_get_evaluation (session) != NULL;

  gtk_widget_set_visible (self->empty_page, !any);
  gtk_widget_set_visible (self->results_box, any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "evaluate.save-report", any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "evaluate.save-answers", any);
  if (any && !self->is_made)
    {
      self->is_made = TRUE;
      attune_do_gently (self, make_part);
    }
  else if (any && self->scores_view != NULL)
    attune_scores_view_update (self->scores_view, session);
  on_view (self);
  show_settings (self, session);
}

/* --- the object */

static void
attune_evaluate_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_EVALUATE_PAGE);
  G_OBJECT_CLASS (attune_evaluate_page_parent_class)->dispose (object);
}

static void
attune_evaluate_page_class_init (AttuneEvaluatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  AttuneStagePageClass *page_class = ATTUNE_STAGE_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_evaluate_page_dispose;
  page_class->stage = ATTUNE_STAGE_EVALUATE;
  page_class->update = attune_evaluate_page_update;
  gtk_widget_class_install_action (widget_class, "evaluate.start", NULL, start);
  gtk_widget_class_install_action (widget_class, "evaluate.save-report", NULL, save);
  gtk_widget_class_install_action (widget_class, "evaluate.save-answers", NULL, save);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/page.ui");
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, empty_page);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, results_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, view_stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, scores_bin);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, review_bin);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, settings_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, answers_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, split_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, tokens_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneEvaluatePage, save_menu);
  gtk_widget_class_bind_template_callback (widget_class, on_view);
  gtk_widget_class_bind_template_callback (widget_class, on_settings);
}

static void
attune_evaluate_page_init (AttuneEvaluatePage *self)
{
  GtkWidget *button;

  gtk_widget_init_template (GTK_WIDGET (self));
  button = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "document-save-symbolic");
  gtk_widget_set_tooltip_text (button, _ ("Save Report or Answers"));
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), self->save_menu);
  attune_stage_page_add_to_header (ATTUNE_STAGE_PAGE (self), button);
}
