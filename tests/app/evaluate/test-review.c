/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reviewing answers: order, blindness, ratings that are kept, and the same by keyboard.
 */
#include "stages/evaluate/answer-card.h"
#include "stages/evaluate/review-view.h"

#include "desk.h"

#include <glib/gstdio.h>

#define N 12

static void
set_up (Desk *self, gconstpointer data)
{
  desk_set_up (self, data);
  g_free (desk_add_evaluation (self, "0001", N));
  desk_open (self);
  test_loop_until (desk_has_read, self);
}

static AttuneRatings *
read_ratings (Desk *self)
{
  g_autoptr (GError) error = NULL;
  AttuneRatings *ratings
      = attune_ratings_read (attune_session_get_evaluation_path (self->session),
                             attune_session_get_evaluation (self->session), &error);

  g_assert_no_error (error);
  return ratings;
}

/* --- without a widget */

static void
test_properties (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneReview) review = attune_review_new (self->session);
  guint position, order;
  gboolean blind;

  g_object_set (review, "position", 5, "order", ATTUNE_REVIEW_DIFFERENCE, NULL);
  g_object_set (review, "position", 5, "blind", TRUE, NULL);
  g_object_get (review, "position", &position, "order", &order, "blind", &blind, NULL);
  g_assert_cmpuint (position, ==, 5);
  g_assert_cmpuint (order, ==, ATTUNE_REVIEW_DIFFERENCE);
  g_assert_true (blind);
  g_object_set (review, "position", 500, NULL);
  g_assert_cmpuint (attune_review_get_position (review), ==, N - 1);
  g_assert_false (attune_review_move (review, 1));
  g_assert_true (attune_review_move (review, -1));
}

static void
test_order (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneReview) review = attune_review_new (self->session);
  double before = 2;

  attune_review_set_order (review, ATTUNE_REVIEW_TUNED_BETTER);
  for (guint i = 0; i < N; i++)
    {
      const AttuneAnswer *base, *tuned;

      attune_review_set_position (review, i);
      base = attune_review_get_answer (review, FALSE);
      tuned = attune_review_get_answer (review, TRUE);
      g_assert_cmpstr (base->question, ==, tuned->question);
      g_assert_cmpfloat (tuned->token_f1 - base->token_f1, <=, before);
      before = tuned->token_f1 - base->token_f1;
    }
  attune_review_set_order (review, ATTUNE_REVIEW_AS_EVALUATED);
  attune_review_rate (review, ATTUNE_REVIEW_EQUAL);
  attune_review_set_order (review, ATTUNE_REVIEW_NOT_RATED);
  g_assert_cmpuint (attune_review_get_answer_index (review), ==, 1);
  attune_review_set_position (review, N - 1);
  g_assert_cmpuint (attune_review_get_answer_index (review), ==, 0);
  /* the order must not tell */
  attune_review_set_order (review, ATTUNE_REVIEW_BASE_BETTER);
  attune_review_set_blind (review, TRUE);
  g_assert_cmpint (attune_review_get_order (review), ==, ATTUNE_REVIEW_DIFFERENCE);
  attune_review_set_order (review, ATTUNE_REVIEW_TUNED_BETTER);
  g_assert_cmpint (attune_review_get_order (review), ==, ATTUNE_REVIEW_DIFFERENCE);
}

static void
test_blind (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneReview) review = attune_review_new (self->session),
                           again = attune_review_new (self->session);
  guint n_second = 0;

  g_assert_true (attune_review_is_told (review));
  g_assert_true (attune_review_is_second_tuned (review));
  attune_review_set_blind (review, TRUE);
  attune_review_set_blind (again, TRUE);
  for (guint i = 0; i < N; i++)
    {
      const AttuneEvaluation *evaluation = attune_session_get_evaluation (self->session);
      const gboolean second = attune_review_is_second_tuned (review);
      const AttuneRating right = i % 2 ? ATTUNE_RATING_TUNED : ATTUNE_RATING_BASE;

      g_assert_false (attune_review_is_told (review));
      g_assert_cmpint (second, ==, attune_review_is_second_tuned (again));
      g_assert_true (attune_review_get_answer (review, second)
                     == evaluation->tuned_answers->pdata[i]);
      n_second += second;
      attune_review_rate (review, i % 2 == second ? ATTUNE_REVIEW_SECOND : ATTUNE_REVIEW_FIRST);
      g_assert_true (attune_review_is_told (review));
      g_assert_cmpint (attune_ratings_get (attune_session_get_ratings (self->session), i), ==,
                       i % 2 == 1 ? right : ATTUNE_RATING_BASE);
      g_assert_true (attune_ratings_is_blind (attune_session_get_ratings (self->session), i));
      attune_review_move (review, 1);
      attune_review_move (again, 1);
    }
  g_assert_cmpuint (n_second, >, 0);
  g_assert_cmpuint (n_second, <, N);
  /* who changes the mind after having been told is not blind */
  attune_review_rate (review, ATTUNE_REVIEW_EQUAL);
  g_assert_false (attune_ratings_is_blind (attune_session_get_ratings (self->session), N - 1));
}

/* Ratings are on disk when the window is gone, and there again when it is opened. */
static void
test_kept (Desk *self, gconstpointer data)
{
  AttuneReview *review = attune_review_new (self->session);
  g_autoptr (AttuneRatings) ratings = NULL;

  for (guint i = 0; i < N; i++)
    {
      attune_review_rate (review, i % ATTUNE_N_REVIEW_CHOICES);
      attune_review_move (review, 1);
    }
  attune_review_undo (review);
  g_assert_cmpuint (attune_review_get_position (review), ==, N - 1);
  g_assert_cmpint (attune_review_get_choice (review), ==, -1);
  g_object_unref (review);
  desk_close (self);
  desk_open (self);
  test_loop_until (desk_has_read, self);
  ratings = read_ratings (self);
  for (guint i = 0; i < N; i++)
    g_assert_cmpint (attune_ratings_get (ratings, i), ==,
                     attune_ratings_get (attune_session_get_ratings (self->session), i));
  g_assert_cmpint (attune_ratings_get (ratings, 0), ==, ATTUNE_RATING_BASE);
  g_assert_cmpint (attune_ratings_get (ratings, N - 1), ==, ATTUNE_RATING_NONE);
  g_assert_cmpint (attune_ratings_get (ratings, N - 2), ==, ATTUNE_RATING_EQUAL);
}

static gboolean
has_error (Desk *self)
{
  return attune_session_get_error (self->session, ATTUNE_STAGE_EVALUATE) != NULL;
}

static gboolean
has_no_error (Desk *self)
{
  return !has_error (self);
}

/* A full disk: said, kept in memory, and written with the next rating. */
static void
test_disk (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneReview) review = attune_review_new (self->session);
  g_autofree char *blocked
      = g_build_filename (self->project_path, "evaluations", "0001.ratings.json.new", NULL);
  g_autoptr (AttuneRatings) ratings = NULL;

  g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
  g_assert_true (attune_review_rate (review, ATTUNE_REVIEW_EQUAL));
  test_loop_until (has_error, self);
  g_assert_nonnull (strstr (attune_session_get_error (self->session, ATTUNE_STAGE_EVALUATE),
                            "could not be written"));
  g_assert_cmpint (attune_review_get_choice (review), ==, ATTUNE_REVIEW_EQUAL);
  g_assert_cmpint (g_rmdir (blocked), ==, 0);
  attune_review_move (review, 1);
  g_assert_true (attune_review_rate (review, ATTUNE_REVIEW_BOTH_BAD));
  test_loop_until (has_no_error, self);
  ratings = read_ratings (self);
  g_assert_cmpint (attune_ratings_get (ratings, 0), ==, ATTUNE_RATING_EQUAL);
  g_assert_cmpint (attune_ratings_get (ratings, 1), ==, ATTUNE_RATING_BOTH_BAD);
}

/* --- with the widget */

static AttuneReviewView *
show_view (Desk *self)
{
  GtkWidget *view = g_object_new (ATTUNE_TYPE_REVIEW_VIEW, NULL);

  attune_review_view_set_session (ATTUNE_REVIEW_VIEW (view), self->session);
  desk_show (self, view);
  return ATTUNE_REVIEW_VIEW (view);
}

/* Presses a key as the window gets it: through its controllers for shortcuts. */
static gboolean
press (Desk *self, guint key, GdkModifierType state)
{
  g_autoptr (GListModel) controllers = NULL;
  GtkWidget *view = adw_toast_overlay_get_child (
      ADW_TOAST_OVERLAY (adw_window_get_content (ADW_WINDOW (self->window))));

  controllers = gtk_widget_observe_controllers (view);
  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      for (guint k = 0; GTK_IS_SHORTCUT_CONTROLLER (controller)
                        && k < g_list_model_get_n_items (G_LIST_MODEL (controller));
           k++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), k);
          GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);
          g_autofree char *text = gtk_shortcut_trigger_to_string (trigger);
          g_autofree char *name = gtk_accelerator_name (key, state);
          g_auto (GStrv) names = g_strsplit (text, "|", -1);

          if (g_strv_contains ((const char *const *) names, name))
            return gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, view,
                                                 gtk_shortcut_get_arguments (shortcut));
        }
    }
  return FALSE;
}

static void
test_keyboard (Desk *self, gconstpointer data)
{
  AttuneReviewView *view = show_view (self);
  AttuneReview *review = attune_review_view_get_review (view);
  const AttuneRatings *ratings = attune_session_get_ratings (self->session);

  g_assert_true (desk_shows (self->window, "Question 1 of 12"));
  g_assert_true (desk_shows (self->window, "Second answer · Tuned model"));
  g_assert_true (press (self, GDK_KEY_2, 0)); /* and on to the next one */
  g_assert_true (desk_shows (self->window, "Question 2 of 12"));
  g_assert_true (desk_shows (self->window, "1 of 12 answers rated"));
  g_assert_true (desk_shows (self->window, "Question 1: the tuned model is better")); /* toast */
  g_assert_true (press (self, GDK_KEY_KP_3, 0));
  g_assert_true (press (self, GDK_KEY_4, 0));
  g_assert_true (press (self, GDK_KEY_1, 0));
  g_assert_cmpint (attune_ratings_get (ratings, 0), ==, ATTUNE_RATING_TUNED);
  g_assert_cmpint (attune_ratings_get (ratings, 1), ==, ATTUNE_RATING_EQUAL);
  g_assert_cmpint (attune_ratings_get (ratings, 2), ==, ATTUNE_RATING_BOTH_BAD);
  g_assert_cmpint (attune_ratings_get (ratings, 3), ==, ATTUNE_RATING_BASE);
  g_assert_true (press (self, GDK_KEY_Left, 0));
  g_assert_cmpuint (attune_review_get_position (review), ==, 3);
  g_assert_true (press (self, GDK_KEY_Right, 0));
  g_assert_true (press (self, GDK_KEY_Right, 0));
  g_assert_cmpuint (attune_review_get_position (review), ==, 5);
  g_assert_true (press (self, GDK_KEY_z, GDK_CONTROL_MASK)); /* back to what is undone */
  g_assert_cmpuint (attune_review_get_position (review), ==, 3);
  g_assert_cmpint (attune_ratings_get (ratings, 3), ==, ATTUNE_RATING_NONE);
  g_assert_false (press (self, GDK_KEY_5, 0));
  /* mirrored, the arrows are as well */
  gtk_widget_set_direction (GTK_WIDGET (view), GTK_TEXT_DIR_RTL);
  g_assert_true (press (self, GDK_KEY_Left, 0));
  g_assert_cmpuint (attune_review_get_position (review), ==, 4);
  /* not while it is hidden */
  gtk_widget_set_visible (GTK_WIDGET (view), FALSE);
  g_assert_false (press (self, GDK_KEY_2, 0));
}

static gboolean
is_toggle_named (GtkWidget *widget, gconstpointer data)
{
  const char *label
      = GTK_IS_TOGGLE_BUTTON (widget) ? gtk_button_get_label (GTK_BUTTON (widget)) : NULL;

  return label != NULL && strstr (label, data) != NULL;
}

static void
test_buttons (Desk *self, gconstpointer data)
{
  AttuneReviewView *view = show_view (self);
  GtkWidget *button = desk_find (self->window, is_toggle_named, "2  Second Is Better");

  g_assert_nonnull (button);
  gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, "Second Is Better");
  g_signal_emit_by_name (button, "clicked");
  g_assert_true (desk_shows (self->window, "Question 2 of 12"));
  gtk_widget_activate_action (GTK_WIDGET (view), "review.previous", NULL);
  g_assert_true (desk_shows (self->window, "Question 1 of 12"));
  g_assert_true (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
  gtk_widget_activate_action (GTK_WIDGET (view), "review.undo", NULL);
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (button)));
}

static void
test_blind_view (Desk *self, gconstpointer data)
{
  AttuneReviewView *view = show_view (self);
  AttuneReview *review = attune_review_view_get_review (view);

  g_assert_true (desk_shows (self->window, "Tuned model"));
  attune_review_set_blind (review, TRUE);
  for (guint i = 0; i < N; i++)
    {
      attune_review_set_position (review, i);
      g_assert_true (desk_shows (self->window, "First answer"));
      g_assert_false (desk_shows (self->window, "Tuned model"));
      g_assert_false (desk_shows (self->window, "Base model"));
    }
  attune_review_rate (review, ATTUNE_REVIEW_EQUAL);
  g_assert_true (desk_shows (self->window, "· Tuned model"));
  g_assert_true (desk_shows (self->window, "· Base model"));
}

static gboolean
is_narrow (Desk *self)
{
  return gtk_widget_get_width (self->window) == 360;
}

static gboolean
is_drawn (Desk *self)
{
  return gtk_widget_get_width (self->window) == 700;
}

static gboolean
has_title (GtkWidget *widget, gconstpointer data)
{
  return ATTUNE_IS_ANSWER_CARD (widget) && desk_shows (widget, data);
}

/* Side by side where there is room, else one below the other; and never wider than the window. */
static void
test_narrow (Desk *self, gconstpointer data)
{
  GtkWidget *view = GTK_WIDGET (show_view (self)), *first, *second;
  graphene_rect_t a, b;

  first = desk_find (view, has_title, "First answer");
  second = desk_find (view, has_title, "Second answer");
  test_loop_until (is_drawn, self);
  g_assert_true (gtk_widget_compute_bounds (first, view, &a));
  g_assert_true (gtk_widget_compute_bounds (second, view, &b));
  g_assert_cmpfloat (a.origin.y, ==, b.origin.y);
  g_assert_cmpfloat (a.size.width, ==, b.size.width);
  g_assert_cmpfloat (a.origin.x + a.size.width, <, b.origin.x);
  gtk_window_set_default_size (GTK_WINDOW (self->window), 360, 700);
  test_loop_until (is_narrow, self);
  g_assert_true (gtk_widget_compute_bounds (first, view, &a));
  g_assert_true (gtk_widget_compute_bounds (second, view, &b));
  g_assert_cmpfloat (a.origin.x, ==, b.origin.x);
  g_assert_cmpfloat (a.origin.y + a.size.height, <, b.origin.y);
  g_assert_cmpfloat (a.origin.x + a.size.width, <=, 360);
}

static void
test_damaged (Desk *self, gconstpointer data)
{
  g_autofree char *path
      = g_build_filename (self->project_path, "evaluations", "0001.ratings.json", NULL);
  g_autofree char *aside = g_strconcat (path, ".unreadable-1", NULL);
  AttuneReviewView *view;

  desk_close (self);
  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  desk_open (self);
  test_loop_until (desk_has_read, self);
  view = show_view (self);
  g_assert_true (desk_shows (self->window, "The Ratings Cannot Be Read"));
  g_assert_false (attune_review_rate (attune_review_view_get_review (view), ATTUNE_REVIEW_EQUAL));
  g_assert_nonnull (strstr (self->said->str, "0001.ratings.json"));
  gtk_widget_activate_action (GTK_WIDGET (view), "review.restart", NULL);
  while (attune_session_get_ratings (self->session) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_true (attune_review_rate (attune_review_view_get_review (view), ATTUNE_REVIEW_EQUAL));
  g_assert_false (desk_shows (self->window, "The Ratings Cannot Be Read"));
}

/* A second window may look, not rate. */
static void
test_read_only (Desk *self, gconstpointer data)
{
  g_autoptr (AttuneSession) second = attune_session_new (self->project);
  g_autoptr (AttuneReview) review = NULL;

  g_assert_nonnull (attune_session_get_read_only (second));
  while (attune_session_get_evaluation (second) == NULL)
    g_main_context_iteration (NULL, TRUE);
  review = attune_review_new (second);
  g_assert_false (attune_review_rate (review, ATTUNE_REVIEW_EQUAL));
  g_assert_cmpint (attune_review_get_choice (review), ==, -1);
  attune_session_close (second);
}

static void
test_finalisation (Desk *self, gconstpointer data)
{
  gpointer view = show_view (self), review = attune_review_view_get_review (view);

  press (self, GDK_KEY_2, 0);
  g_object_add_weak_pointer (view, &view);
  g_object_add_weak_pointer (review, &review);
  gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&self->window)));
  test_loop_until (desk_is_gone, &view);
  test_loop_until (desk_is_gone, &review);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
#define ADD(name, func)                                                                            \
  g_test_add ("/evaluate/review/" name, Desk, NULL, set_up, func, desk_tear_down)
  ADD ("properties", test_properties);
  ADD ("order", test_order);
  ADD ("blind", test_blind);
  ADD ("kept", test_kept);
  ADD ("disk", test_disk);
  ADD ("keyboard", test_keyboard);
  ADD ("buttons", test_buttons);
  ADD ("blind-view", test_blind_view);
  ADD ("narrow", test_narrow);
  ADD ("damaged", test_damaged);
  ADD ("read-only", test_read_only);
  ADD ("finalisation", test_finalisation);
  return g_test_run ();
}
