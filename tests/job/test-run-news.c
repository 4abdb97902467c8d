/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the last events of a run say: of a whole run, and of one whose file was tampered with.
 */
#include "job/run-news.h"

#include "job/json.h"

static void
add (AttuneRunNews *news, const char *line)
{
  g_autoptr (JsonNode) event = json_from_string (line, NULL);

  g_assert_nonnull (event);
  attune_run_news_add (news, json_node_get_object (event));
}

static void
test_whole (void)
{
  g_autoptr (AttuneRunNews) news = attune_run_news_new ();

  g_assert_false (news->started.there || news->step.there || news->checkpoint.there
                  || news->finished.there || news->failed.there);
  add (news, "{\"event\": \"started\", \"pid\": 77, \"records\": 48, \"steps\": 30}");
  add (news, "{\"event\": \"step\", \"step\": 1, \"steps\": 30, \"seconds_left\": 9.5}");
  add (news,
       "{\"event\": \"step\", \"step\": 2, \"steps\": 30, \"epoch\": 0.5, \"seconds_left\": 9}");
  add (news, "{\"event\": \"checkpoint\", \"step\": 2}");
  add (news, "{\"event\": \"sample\", \"step\": 2, \"question\": \"?\"}");
  g_assert_cmpint (news->started.pid, ==, 77);
  g_assert_cmpint (news->started.records, ==, 48);
  g_assert_cmpint (news->started.steps, ==, 30);
  g_assert_cmpint (news->step.step, ==, 2);
  g_assert_cmpint (news->step.steps, ==, 30);
  g_assert_cmpfloat (news->step.epoch, ==, 0.5);
  g_assert_cmpfloat (news->step.seconds_left, ==, 9);
  g_assert_true (news->checkpoint.there);
  g_assert_cmpint (news->checkpoint.step, ==, 2);
  g_assert_false (news->finished.there || news->failed.there);
  add (news, "{\"event\": \"finished\", \"early\": true, \"base_loss\": 5.5, \"best_loss\": 4.5,"
             " \"best_step\": 20, \"seconds\": 12.5}");
  g_assert_true (news->finished.there && news->finished.early);
  g_assert_cmpfloat (news->finished.base_loss, ==, 5.5);
  g_assert_cmpfloat (news->finished.best_loss, ==, 4.5);
  g_assert_cmpint (news->finished.best_step, ==, 20);
  g_assert_cmpfloat (news->finished.seconds, ==, 12.5);
  add (news, "{\"event\": \"failed\", \"text\": \"The disk is full.\"}");
  g_assert_cmpstr (news->failed.text, ==, "The disk is full.");
}

/* Whatever stands there, there is a number, or none. */
static void
test_strange (void)
{
  g_autoptr (AttuneRunNews) news = attune_run_news_new ();

  add (news, "{}");
  add (news, "{\"event\": 7}");
  add (news, "{\"event\": \"started\", \"pid\": -5, \"records\": \"many\"}");
  g_assert_true (news->started.there);
  g_assert_cmpint (news->started.pid, ==, 0);
  g_assert_cmpint (news->started.records, ==, 0);
  add (news, "{\"event\": \"started\", \"pid\": 99999999999}");
  g_assert_cmpint (news->started.pid, ==, G_MAXINT);
  add (news, "{\"event\": \"step\", \"step\": null}");
  g_assert_true (news->step.there);
  g_assert_cmpint (news->step.step, ==, 0);
  g_assert_cmpfloat (news->step.seconds_left, ==, -1);
  add (news, "{\"event\": \"failed\", \"text\": [1]}");
  g_assert_true (news->failed.there);
  g_assert_null (news->failed.text);
}

/* A piece of a file goes into the curves, too. */
static void
test_take (void)
{
  g_autoptr (AttuneRunNews) news = attune_run_news_new ();
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);

  attune_run_news_take (news, curves, NULL);
  g_ptr_array_add (events,
                   json_from_string ("{\"event\": \"step\", \"step\": 3, \"loss\": 2}", NULL));
  attune_run_news_take (news, curves, events);
  g_assert_cmpuint (curves->steps->len, ==, 1);
  g_assert_cmpint (news->step.step, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/run-news/whole", test_whole);
  g_test_add_func ("/job/run-news/strange", test_strange);
  g_test_add_func ("/job/run-news/take", test_take);
  return g_test_run ();
}
