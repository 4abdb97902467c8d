/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See review-view.h. What is shown comes from AttuneReview alone. The keys: review-keys.c.
 */
#include "stages/evaluate/review-view-private.h"

#include "stages/evaluate/label-words.h"
#include "widgets/pair-layout.h"

#include <glib/gi18n.h>

G_DEFINE_FINAL_TYPE (AttuneReviewView, attune_review_view, ADW_TYPE_BIN)

static GtkToggleButton *
get_button (AttuneReviewView *self, AttuneReviewChoice choice)
{
  GtkToggleButton *buttons[ATTUNE_N_REVIEW_CHOICES]
      = { self->first_button, self->second_button, self->equal_button, self->both_bad_button };

  return buttons[choice];
}

/* --- showing */

static const char *
get_model (AttuneReviewView *self, gboolean second)
{
  if (!attune_review_is_told (self->review))
    return NULL;
  return second == attune_review_is_second_tuned (self->review) ? _ ("Tuned model")
                                                                : _ ("Base model");
}

/* Of labels there is one, and nothing to rate. */
static void
show_kind (AttuneReviewView *self, gboolean labels)
{
  gtk_label_set_text (
      self->expected_title,
      labels ? attune_label_words_for_expected (attune_review_get_label_kind (self->review))
             : _ ("Expected answer"));
  gtk_widget_set_visible (GTK_WIDGET (self->first_card), !labels);
  gtk_widget_set_visible (self->choice_box, !labels);
  gtk_widget_set_visible (GTK_WIDGET (self->rated_label), !labels);
  gtk_widget_set_visible (self->marks_label, !labels);
  gtk_widget_set_visible (GTK_WIDGET (self->blind_row), !labels);
}

static void
show_answers (AttuneReviewView *self)
{
  const gboolean labels = attune_review_is_of_labels (self->review);
  const AttuneAnswer *first = attune_review_get_answer (self->review, FALSE),
                     *second = attune_review_get_answer (self->review, TRUE);
  g_autofree char *question
      = g_utf8_make_valid (first->question != NULL ? first->question : "", -1);
  g_autofree char *expected
      = g_utf8_make_valid (first->expected != NULL ? first->expected : "", -1);

  gtk_label_set_text (self->question_label, question);
  gtk_label_set_text (self->expected_label, expected);
  show_kind (self, labels);
  if (labels)
    {
      attune_answer_card_show_label (self->second_card, attune_review_get_label_kind (self->review),
                                     second);
      return;
    }
  attune_answer_card_show (self->first_card, _ ("First answer"), get_model (self, FALSE), first);
  attune_answer_card_show (self->second_card, _ ("Second answer"), get_model (self, TRUE), second);
}

static void
show_position (AttuneReviewView *self)
{
  const guint position = attune_review_get_position (self->review),
              n = attune_review_get_size (self->review);
  g_autofree char *text = g_strdup_printf (_ ("Question %u of %u"), position + 1, n);
  g_autofree char *rated
      = g_strdup_printf (ngettext ("%u of %u answer rated", "%u of %u answers rated", n),
                         attune_review_count_rated (self->review), n);

  gtk_menu_button_set_label (self->position_button, text);
  gtk_adjustment_set_upper (self->position_adjustment, n);
  gtk_adjustment_set_value (self->position_adjustment, position + 1);
  gtk_label_set_text (self->rated_label, rated);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.previous", position > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.next", position + 1 < n);
}

static void
show_rating (AttuneReviewView *self)
{
  const int choice = attune_review_get_choice (self->review);
  const char *problem = attune_session_get_ratings_problem (self->session);
  const gboolean may = attune_session_get_ratings (self->session) != NULL
                       && !attune_review_is_of_labels (self->review)
                       && attune_session_get_read_only (self->session) == NULL;

  for (int i = 0; i < ATTUNE_N_REVIEW_CHOICES; i++)
    {
      gtk_toggle_button_set_active (get_button (self, i), i == choice);
      gtk_widget_set_sensitive (GTK_WIDGET (get_button (self, i)), may);
    }
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "review.rate", may);
  gtk_widget_set_visible (self->problem_group, problem != NULL);
  adw_action_row_set_subtitle (self->problem_row, problem != NULL ? problem : "");
}

/* In blind mode some orders would tell; labels are not rated. Each ends with
 * ATTUNE_N_REVIEW_ORDERS.
 */
static const AttuneReviewOrder all_orders[]
    = { ATTUNE_REVIEW_AS_EVALUATED, ATTUNE_REVIEW_NOT_RATED,   ATTUNE_REVIEW_DIFFERENCE,
        ATTUNE_REVIEW_TUNED_BETTER, ATTUNE_REVIEW_BASE_BETTER, ATTUNE_REVIEW_WEAKEST,
        ATTUNE_N_REVIEW_ORDERS },
    blind_orders[] = { ATTUNE_REVIEW_AS_EVALUATED, ATTUNE_REVIEW_NOT_RATED,
                       ATTUNE_REVIEW_DIFFERENCE, ATTUNE_N_REVIEW_ORDERS },
    label_orders[] = { ATTUNE_REVIEW_AS_EVALUATED, ATTUNE_REVIEW_WEAKEST, ATTUNE_N_REVIEW_ORDERS };

static void
show_orders (AttuneReviewView *self)
{
  const char *const names[ATTUNE_N_REVIEW_ORDERS]
      = { _ ("As Evaluated"),       _ ("Not Rated First"),   _ ("Largest Difference First"),
          _ ("Tuned Better First"), _ ("Base Better First"), _ ("Weakest First") };
  const AttuneReviewOrder order = attune_review_get_order (self->review),
                          *orders = attune_review_is_of_labels (self->review) ? label_orders
                                    : attune_review_get_blind (self->review)  ? blind_orders
                                                                              : all_orders;
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  if (orders != self->orders)
    {
      for (int i = 0; orders[i] != ATTUNE_N_REVIEW_ORDERS; i++)
        gtk_string_list_append (list, names[orders[i]]);
      adw_combo_row_set_model (self->order_row, G_LIST_MODEL (list));
      self->orders = orders;
    }
  for (int i = 0; orders[i] != ATTUNE_N_REVIEW_ORDERS; i++)
    if (orders[i] == order)
      adw_combo_row_set_selected (self->order_row, i);
  adw_switch_row_set_active (self->blind_row, attune_review_get_blind (self->review));
}

static void
update (AttuneReviewView *self)
{
  const gboolean any = attune_review_get_size (self->review) > 0;

  self->updating = TRUE;
  gtk_stack_set_visible_child_name (self->stack, any ? "answers" : "nothing");
  if (any)
    {
      show_answers (self);
      show_position (self);
      show_rating (self);
      show_orders (self);
    }
  self->updating = FALSE;
}

/* --- what a person does */

static void
on_toast_gone (AttuneReviewView *self, AdwToast *toast)
{
  if (self->toast == toast)
    self->toast = NULL;
}

static void
undo (AttuneReviewView *self)
{
  if (self->review != NULL)
    attune_review_undo (self->review);
}

/* Says how question @number was rated, and in blind mode whose the answers were. */
static void
tell_rating (AttuneReviewView *self, guint number, AttuneReviewChoice choice)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (GTK_WIDGET (self), ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *text = NULL;
  AdwToast *toast;

  if (choice == ATTUNE_REVIEW_EQUAL)
    text = g_strdup_printf (_ ("Question %u: equal"), number);
  else if (choice == ATTUNE_REVIEW_BOTH_BAD)
    text = g_strdup_printf (_ ("Question %u: both bad"), number);
  else if ((choice == ATTUNE_REVIEW_SECOND) == attune_review_is_second_tuned (self->review))
    text = g_strdup_printf (_ ("Question %u: the tuned model is better"), number);
  else
    text = g_strdup_printf (_ ("Question %u: the base model is better"), number);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
  if (self->toast != NULL)
    adw_toast_set_title (self->toast,
                         text); /* the one that is there, rather than a queue of them */
  if (self->toast != NULL || overlay == NULL)
    return;
  toast = adw_toast_new (text);
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (undo), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (on_toast_gone), self, G_CONNECT_SWAPPED);
  self->toast = toast;
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}

static void
rate (AttuneReviewView *self, AttuneReviewChoice choice)
{
  if (self->review == NULL)
    return;
  if (attune_review_rate (self->review, choice))
    {
      tell_rating (self, attune_review_get_position (self->review) + 1, choice);
      attune_review_move (self->review, 1);
    }
  update (self);
}

static void
rate_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  rate (ATTUNE_REVIEW_VIEW (widget), g_variant_get_int32 (parameter));
}

static void
move_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneReviewView *self = ATTUNE_REVIEW_VIEW (widget);

  if (self->review != NULL)
    attune_review_move (self->review, g_str_has_suffix (action, "next") ? 1 : -1);
}

static void
undo_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  undo (ATTUNE_REVIEW_VIEW (widget));
}

static void
restart_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneReviewView *self = ATTUNE_REVIEW_VIEW (widget);

  if (self->session != NULL)
    attune_session_restart_ratings (self->session);
}

static void
on_choice (AttuneReviewView *self, GtkToggleButton *button)
{
  for (int i = 0; i < ATTUNE_N_REVIEW_CHOICES; i++)
    if (button == get_button (self, i))
      rate (self, i);
}

static void
on_position (AttuneReviewView *self)
{
  if (!self->updating && self->review != NULL)
    attune_review_set_position (self->review,
                                (guint) gtk_spin_button_get_value_as_int (self->position_spin) - 1);
}

static void
on_popover (AttuneReviewView *self, GParamSpec *pspec, GtkWidget *popover)
{
  if (gtk_widget_get_visible (popover))
    gtk_widget_grab_focus (GTK_WIDGET (self->position_spin));
}

static void
on_blind (AttuneReviewView *self)
{
  if (!self->updating && self->review != NULL)
    attune_review_set_blind (self->review, adw_switch_row_get_active (self->blind_row));
}

static void
on_order (AttuneReviewView *self)
{
  const guint i = adw_combo_row_get_selected (self->order_row);

  if (!self->updating && self->orders != NULL && i != GTK_INVALID_LIST_POSITION)
    attune_review_set_order (self->review, self->orders[i]);
}

/* --- the object */

void
attune_review_view_set_session (AttuneReviewView *self, AttuneSession *session)
{
  g_return_if_fail (ATTUNE_IS_REVIEW_VIEW (self) && ATTUNE_IS_SESSION (session));
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  self->review = attune_review_new (session);
  g_signal_connect_object (self->review, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

AttuneReview *
attune_review_view_get_review (AttuneReviewView *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW_VIEW (self), NULL);
  return self->review;
}

static void
attune_review_view_dispose (GObject *object)
{
  AttuneReviewView *self = ATTUNE_REVIEW_VIEW (object);

  self->updating = TRUE;
  adw_bin_set_child (ADW_BIN (object), NULL); /* before the template forgets it */
  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_REVIEW_VIEW);
  g_clear_object (&self->review);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (attune_review_view_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, stack);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, position_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, position_spin);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, position_adjustment);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, problem_group);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, problem_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, question_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, expected_title);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, expected_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, first_card);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, second_card);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, first_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, second_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, equal_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, both_bad_button);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, choice_box);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, rated_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, marks_label);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, blind_row);
  gtk_widget_class_bind_template_child (widget_class, AttuneReviewView, order_row);
  gtk_widget_class_bind_template_callback (widget_class, on_choice);
  gtk_widget_class_bind_template_callback (widget_class, on_position);
  gtk_widget_class_bind_template_callback (widget_class, on_popover);
  gtk_widget_class_bind_template_callback (widget_class, on_blind);
  gtk_widget_class_bind_template_callback (widget_class, on_order);
}

static void
attune_review_view_class_init (AttuneReviewViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = attune_review_view_dispose;
  g_type_ensure (ATTUNE_TYPE_ANSWER_CARD);
  g_type_ensure (ATTUNE_TYPE_PAIR_LAYOUT);
  gtk_widget_class_install_action (widget_class, "review.previous", NULL, move_action);
  gtk_widget_class_install_action (widget_class, "review.next", NULL, move_action);
  gtk_widget_class_install_action (widget_class, "review.rate", "i", rate_action);
  gtk_widget_class_install_action (widget_class, "review.undo", NULL, undo_action);
  gtk_widget_class_install_action (widget_class, "review.restart", NULL, restart_action);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/stages/evaluate/review-view.ui");
  bind_children (widget_class);
}

static void
attune_review_view_init (AttuneReviewView *self)
{
  const char *const names[ATTUNE_N_REVIEW_CHOICES]
      = { _ ("First Is Better"), _ ("Second Is Better"), _ ("Equal"), _ ("Both Bad") };

  gtk_widget_init_template (GTK_WIDGET (self));
  for (int i = 0; i < ATTUNE_N_REVIEW_CHOICES; i++)
    {
      /* Translators: a key and what it does: "1  First Is Better" */
      g_autofree char *label = g_strdup_printf (_ ("%d  %s"), i + 1, names[i]);

      gtk_button_set_label (GTK_BUTTON (get_button (self, i)), label);
      gtk_accessible_update_property (GTK_ACCESSIBLE (get_button (self, i)),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, names[i], -1);
    }
  attune_review_view_add_keys (self);
}
