/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of the Tune page by themselves: charts that grow, answers, trouble, and words.
 */
#include "page-fixture.h"

#include "charts/chart.h"
#include "charts/line-figure.h"
#include "job/run-summary.h"
#include "stages/tune/curves.h"
#include "stages/tune/page.h"
#include "stages/tune/runs.h"
#include "stages/tune/samples.h"
#include "stages/tune/trouble.h"
#include "stages/tune/words.h"
#include "widgets/pair-layout.h"

static GtkWidget *
show (GtkWidget *widget)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_child (GTK_WINDOW (window), widget);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* Nothing may hold what was in the window. */
static void
assert_goes (GtkWidget *window, GtkWidget *widget)
{
  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *) &widget);
  gtk_window_destroy (GTK_WINDOW (window));
  test_loop_until (page_fixture_is_gone, &widget);
}

static void
take (AttuneRunCurves *curves, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  node = json_from_string (text, NULL);
  g_assert_nonnull (node);
  attune_run_curves_add (curves, json_node_get_object (node));
}

static void
take_step (AttuneRunCurves *curves, int step)
{
  take (curves,
        "{\"event\":\"step\",\"step\":%d,\"epoch\":%f,\"loss\":%f,\"learning_rate\":0.001,"
        "\"gradient_norm\":1,\"tokens\":100,\"seconds\":0.5}",
        step, step / 10.0, 2.0 / step);
}

static AttuneFigure *
get_loss (GtkWidget *curves)
{
  return attune_chart_get_figure (ATTUNE_CHART (find_widget (curves, ATTUNE_TYPE_CHART)));
}

static int
count (GtkWidget *curves, int series)
{
  AttuneFigure *figure = get_loss (curves);

  return ATTUNE_FIGURE_GET_CLASS (figure)->count_items (figure, series);
}

/* Of answers that the model writes itself there are two charts more. */
static void
test_curves_rewards (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_CURVES, NULL), *window = show (widget);
  AdwViewStack *stack = ADW_VIEW_STACK (find_widget (widget, ADW_TYPE_VIEW_STACK));
  AttuneTuneCurves *view = ATTUNE_TUNE_CURVES (widget);
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  GtkWidget *reward = adw_view_stack_get_child_by_name (stack, "reward"),
            *kl = adw_view_stack_get_child_by_name (stack, "kl");
  AttuneFigure *figure = attune_chart_get_figure (ATTUNE_CHART (reward));

  take_step (curves, 1);
  attune_tune_curves_set_run (view, "0001", curves, 10);
  g_assert_false (adw_view_stack_page_get_visible (adw_view_stack_get_page (stack, reward)));
  take (curves, "{\"event\":\"validation\",\"step\":1,\"loss\":0.5,\"reward\":0.5}");
  take (curves, "{\"event\":\"step\",\"step\":2,\"loss\":0.75,\"reward\":0.25,\"kl\":1.5}");
  attune_tune_curves_set_run (view, "0001", curves, 10);
  g_assert_true (adw_view_stack_page_get_visible (adw_view_stack_get_page (stack, reward)));
  g_assert_true (adw_view_stack_page_get_visible (adw_view_stack_get_page (stack, kl)));
  g_assert_cmpint (ATTUNE_FIGURE_GET_CLASS (figure)->count_items (figure, 1), ==, 1);
  assert_goes (window, widget);
}

static void
test_curves_grow (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_CURVES, NULL), *window = show (widget);
  AttuneTuneCurves *view = ATTUNE_TUNE_CURVES (widget);
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autofree char *csv = NULL;

  attune_tune_curves_set_run (view, "0001", curves, 100);
  g_assert_true (attune_figure_is_empty (get_loss (widget)));
  take (curves, "{\"event\":\"validation\",\"step\":0,\"loss\":3,\"best\":true}");
  for (int step = 1; step <= 30; step++)
    {
      take_step (curves, step);
      attune_tune_curves_set_run (view, "0001", curves, 100);
      g_assert_cmpint (count (widget, 0), ==, step);
    }
  take (curves, "{\"event\":\"validation\",\"step\":30,\"loss\":1,\"best\":true}");
  attune_tune_curves_set_run (view, "0001", curves, 100);
  g_assert_cmpint (count (widget, 1), ==, 2);

  /* a run that was killed does the last steps again */
  take_step (curves, 21);
  attune_tune_curves_set_run (view, "0001", curves, 100);
  g_assert_cmpint (count (widget, 0), ==, 21);
  g_assert_cmpint (count (widget, 1), ==, 1);
  take_step (curves, 22);
  attune_tune_curves_set_run (view, "0001", curves, 100);
  g_assert_cmpint (count (widget, 0), ==, 22);
  csv = attune_figure_to_csv (get_loss (widget));
  g_assert_nonnull (strstr (csv, "22,"));
  g_assert_null (strstr (csv, "\n23,"));
  assert_goes (window, widget);
}

static void
test_curves_earlier (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_CURVES, NULL), *window = show (widget);
  AttuneTuneCurves *view = ATTUNE_TUNE_CURVES (widget);
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  AttuneRunCurves *earlier = attune_run_curves_new ();
  AttuneFigure *figure = get_loss (widget);

  take_step (curves, 1);
  take_step (earlier, 1);
  take_step (earlier, 2);
  attune_tune_curves_set_run (view, "0002", curves, 0);
  attune_tune_curves_add_earlier (view, "0001", earlier);
  g_assert_cmpint (count (widget, 2), ==, 2);
  attune_tune_curves_add_earlier (view, "0001", attune_run_curves_new ()); /* is there already */
  g_assert_cmpint (ATTUNE_FIGURE_GET_CLASS (figure)->count_series (figure), ==, 3);
  take_step (curves, 2);
  attune_tune_curves_set_run (view, "0002", curves, 0);
  g_assert_cmpint (count (widget, 0), ==, 2);
  attune_tune_curves_remove_earlier (view, "0001");
  attune_tune_curves_remove_earlier (view, "0009");
  attune_tune_curves_set_run (view, "0002", curves, 0);
  g_assert_cmpint (ATTUNE_FIGURE_GET_CLASS (figure)->count_series (figure), ==, 2);
  assert_goes (window, widget);
}

static void
test_sentence (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_CURVES, NULL), *window = show (widget);

  attune_tune_curves_set_sentence (ATTUNE_TUNE_CURVES (widget), "Still improving: let it run.");
  g_assert_nonnull (find_label (widget, "Still improving"));
  attune_tune_curves_set_sentence (ATTUNE_TUNE_CURVES (widget), NULL);
  g_assert_null (find_label (widget, "Still improving"));
  assert_goes (window, widget);
}

static void
take_sample (AttuneRunCurves *curves, int step, const char *answer)
{
  take (curves,
        "{\"event\":\"sample\",\"step\":%d,\"question\":\"What is <i>MI</i>?\",\"expected\":\"A & "
        "B\",\"answer\":\"%s\"}",
        step, answer);
}

static void
test_samples (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_SAMPLES, NULL), *window = show (widget);
  AttuneTuneSamples *view = ATTUNE_TUNE_SAMPLES (widget);
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  GtkDropDown *choice = GTK_DROP_DOWN (find_widget (widget, GTK_TYPE_DROP_DOWN));

  attune_tune_samples_set_curves (view, curves);
  g_assert_false (gtk_widget_get_visible (widget));
  take_sample (curves, 0, "first");
  attune_tune_samples_set_curves (view, curves);
  g_assert_true (gtk_widget_get_visible (widget));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (choice)));
  take_sample (curves, 20, "bell\\u0007 second");
  take_sample (curves, 40, "third");
  attune_tune_samples_set_curves (view, curves);
  while (find_label (widget, "third") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (find_label (widget, "first")); /* beside it */
  g_assert_nonnull (find_label (widget, "What is <i>MI</i>?"));
  g_assert_null (find_label (widget, "second"));

  gtk_drop_down_set_selected (choice, 1);
  while (find_label (widget, "bell\xef\xbf\xbd second") == NULL) /* data, not a command */
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_label (widget, "third"));
  /* what was chosen stays chosen when there is more */
  take_sample (curves, 60, "fourth");
  attune_tune_samples_set_curves (view, curves);
  g_assert_cmpuint (gtk_drop_down_get_selected (choice), ==, 1);
  /* but who looks at the latest goes on looking at the latest */
  gtk_drop_down_set_selected (choice, 3);
  take_sample (curves, 80, "");
  attune_tune_samples_set_curves (view, curves);
  g_assert_cmpuint (gtk_drop_down_get_selected (choice), ==, 4);
  while (find_label (widget, "(nothing)") == NULL)
    g_main_context_iteration (NULL, TRUE);
  assert_goes (window, widget);
}

/* Side by side, or one below the other, and never wider than a phone. */
static void
test_pair (void)
{
  GtkWidget *widget = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0), *window = show (widget);
  GtkWidget *first = gtk_label_new ("first"), *second = gtk_label_new ("second");
  graphene_point_t origin = GRAPHENE_POINT_INIT (0, 0), place;
  int narrow, wide, width;

  gtk_widget_set_layout_manager (widget, g_object_new (ATTUNE_TYPE_PAIR_LAYOUT, NULL));
  gtk_widget_set_size_request (first, 200, -1);
  gtk_widget_set_size_request (second, 200, -1);
  gtk_box_append (GTK_BOX (widget), first);
  gtk_box_append (GTK_BOX (widget), second);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, 300, &narrow, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, 700, &wide, NULL, NULL, NULL);
  gtk_widget_measure (widget, GTK_ORIENTATION_HORIZONTAL, -1, &width, NULL, NULL, NULL);
  g_assert_cmpint (narrow, >, wide);
  g_assert_cmpint (width, <, 300);
  gtk_widget_allocate (widget, 300, narrow, -1, NULL);
  g_assert_true (gtk_widget_compute_point (second, widget, &origin, &place));
  g_assert_cmpfloat (place.x, <, 60); /* a label is in the middle of its width */
  g_assert_cmpfloat (place.y, >, 0);
  gtk_widget_allocate (widget, 700, wide, -1, NULL);
  g_assert_true (gtk_widget_compute_point (second, widget, &origin, &place));
  g_assert_cmpfloat (place.x, >, 300);
  g_assert_cmpfloat (place.y, ==, 0);
  gtk_widget_set_direction (widget, GTK_TEXT_DIR_RTL);
  gtk_widget_allocate (widget, 700, wide, -1, NULL);
  g_assert_true (gtk_widget_compute_point (second, widget, &origin, &place));
  g_assert_cmpfloat (place.x, <, 300);
  assert_goes (window, widget);
}

static void
test_trouble (void)
{
  GtkWidget *widget = g_object_new (ATTUNE_TYPE_TUNE_TROUBLE, NULL), *window = show (widget);
  AttuneTuneTrouble *view = ATTUNE_TUNE_TROUBLE (widget);

  g_assert_false (gtk_widget_get_visible (widget));
  attune_tune_trouble_set (view, "It hangs", "file <a> & b", NULL, TRUE);
  while (find_label (widget, "file <a> & b") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_label (widget, "Last Lines of the Log"));
  attune_tune_trouble_set (view, "It crashed", NULL, "log", FALSE);
  while (find_label (widget, "Last Lines of the Log") == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (find_label (widget, "Stop This Run"));
  attune_tune_trouble_set (view, NULL, NULL, NULL, FALSE);
  g_assert_false (gtk_widget_get_visible (widget));
  assert_goes (window, widget);
}

/* --- words */

static char *
describe (const char *event)
{
  g_autoptr (JsonNode) node = json_from_string (event, NULL);
  g_autoptr (AttuneRunNews) news = attune_run_news_new ();

  json_object_set_string_member (json_node_get_object (node), "event", "finished");
  attune_run_news_add (news, json_node_get_object (node));
  return attune_tune_describe_result (news);
}

static void
test_results (void)
{
  g_autofree char *good = describe ("{\"base_loss\":3,\"best_loss\":2,\"best_step\":80,"
                                    "\"seconds\":300}"),
                  *worse = describe ("{\"base_loss\":3,\"best_loss\":3,\"best_step\":0}"),
                  *early = describe ("{\"base_loss\":3,\"best_loss\":2,\"best_step\":80,"
                                     "\"early\":true}"),
                  *met = describe ("{\"base_loss\":0.75,\"best_loss\":0,\"best_step\":7,"
                                   "\"train_reward\":0.9,\"base_reward\":0.25,"
                                   "\"best_reward\":1}"),
                  *lower = describe ("{\"train_reward\":2,\"base_reward\":3,\"best_reward\":3}"),
                  *unchecked = describe ("{\"train_reward\":0.9,\"train_loss\":0.1}"),
                  *none = describe ("{\"steps\":10}"), *broken = describe ("{\"base_loss\":\"x\"}");

  /* the loss of rewards may be 0, or less */
  g_assert_nonnull (strstr (met, "rose from 0.250 to 1.000. The best checkpoint, from step 7,"));
  g_assert_nonnull (strstr (lower, "have not become better"));
  g_assert_nonnull (strstr (unchecked, "rewards in training"));
  g_assert_nonnull (strstr (good, "from 3.000 to 2.000, a perplexity of 7.4"));
  g_assert_nonnull (strstr (good, "from step 80"));
  g_assert_nonnull (strstr (good, "about 5 minutes"));
  g_assert_nonnull (strstr (worse, "has not become better"));
  g_assert_nonnull (strstr (early, "ended early"));
  g_assert_nonnull (strstr (none, "No records were kept"));
  g_assert_nonnull (strstr (broken, "No records were kept"));
}

static void
test_changes (void)
{
  g_autoptr (AttunePlan) one = attune_plan_new (), two = attune_plan_new ();
  g_autoptr (AttuneDataSettings) data = attune_data_settings_new ();
  AttuneRunPlan first = { .model_path = (char *) "a.gguf", .plan = one, .data_settings = data };
  AttuneRunPlan second = first;
  g_autofree char *same = NULL, *rank = NULL, *many = NULL;

  second.plan = two;
  g_object_set (two, "threads", 7, NULL); /* makes no other result */
  same = attune_tune_describe_changes (&second, &first);
  g_assert_cmpstr (same, ==, "the same plan");
  g_object_set (two, "lora-rank", 5, NULL);
  rank = attune_tune_describe_changes (&second, &first);
  g_assert_nonnull (strstr (rank, "Rank 5"));
  second.model_path = (char *) "b.gguf";
  g_object_set (two, "learning-rate", 0.25, "batch-size", 3, "epochs", 9.0, "seed",
                G_GINT64_CONSTANT (5), NULL);
  many = attune_tune_describe_changes (&second, &first);
  g_assert_nonnull (strstr (many, "another model"));
  g_assert_nonnull (strstr (many, "other settings"));
}

static void
test_summary (void)
{
  AttuneRunSummary run = { .name = (char *) "0003",
                           .state = ATTUNE_RUN_STOPPED,
                           .begun = 1795575128,
                           .best_loss = 1.5,
                           .best_reward = NAN,
                           .best_step = 20 };
  g_autofree char *title = attune_tune_describe_run ("0003"),
                  *words = attune_tune_describe_summary (&run, NULL);

  g_assert_cmpstr (title, ==, "Run 3");
  g_assert_nonnull (strstr (words, "2026"));
  g_assert_nonnull (strstr (words, "Paused, best loss 1.500"));
}

static void
test_page_properties (void)
{
  GtkWidget *page = g_object_ref_sink (g_object_new (ATTUNE_TYPE_TUNE_PAGE, NULL));
  g_autofree char *label = NULL;

  g_object_get (page, "cancel-label", &label, NULL);
  g_assert_cmpstr (label, ==, "_Pause");
  g_object_add_weak_pointer (G_OBJECT (page), (gpointer *) &page);
  g_object_unref (page);
  g_assert_null (page);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/tune-widgets/curves-grow", test_curves_grow);
  g_test_add_func ("/tune-widgets/rewards", test_curves_rewards);
  g_test_add_func ("/tune-widgets/curves-earlier", test_curves_earlier);
  g_test_add_func ("/tune-widgets/sentence", test_sentence);
  g_test_add_func ("/tune-widgets/samples", test_samples);
  g_test_add_func ("/tune-widgets/pair", test_pair);
  g_test_add_func ("/tune-widgets/trouble", test_trouble);
  g_test_add_func ("/tune-widgets/results", test_results);
  g_test_add_func ("/tune-widgets/changes", test_changes);
  g_test_add_func ("/tune-widgets/summary", test_summary);
  g_test_add_func ("/tune-widgets/page-properties", test_page_properties);
  return g_test_run ();
}
