/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What every kind of figure answers: the cursor's way, what lies at a position, words and CSV.
 */
#include "samples.h"
#include "charts/bar-figure.h"
#include "charts/histogram-figure.h"
#include "charts/interval-figure.h"
#include "charts/line-figure.h"
#include "charts/matrix-figure.h"
#include "charts/stack-figure.h"
#include <math.h>

#define assert_cursor(c, s, i)                                                                     \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const AttuneCursor cursor_ = (c);                                                              \
    g_assert_cmpint (cursor_.series, ==, s);                                                       \
    g_assert_cmpint (cursor_.index, ==, i);                                                        \
  }                                                                                                \
  G_STMT_END

static AttuneCursor
step (AttuneFigure *figure, int series, int index, AttuneStep way)
{
  return attune_figure_step (figure, (AttuneCursor) { series, index }, way);
}

static void
test_step_line (void)
{
  g_autoptr (AttuneFigure) figure = sample_new ("line"); /* 400, 330 and 14 points */

  assert_cursor (step (figure, -1, -1, ATTUNE_STEP_START), 0, 399);
  assert_cursor (step (figure, -1, -1, ATTUNE_STEP_FIRST), 0, 0);
  assert_cursor (step (figure, 1, 7, ATTUNE_STEP_START), 1, 6);
  assert_cursor (step (figure, 1, 7, ATTUNE_STEP_END), 1, 8);
  assert_cursor (step (figure, 1, 0, ATTUNE_STEP_START), 1, 0);
  assert_cursor (step (figure, 1, 329, ATTUNE_STEP_END), 1, 329);
  assert_cursor (step (figure, 1, 100, ATTUNE_STEP_PAGE_ON), 1, 133);
  assert_cursor (step (figure, 1, 100, ATTUNE_STEP_PAGE_BACK), 1, 67);
  assert_cursor (step (figure, 1, 100, ATTUNE_STEP_FIRST), 1, 0);
  assert_cursor (step (figure, 1, 100, ATTUNE_STEP_LAST), 1, 329);
  /* another series, as far along: 165 of 330 is 7 of 14 */
  assert_cursor (step (figure, 1, 165, ATTUNE_STEP_DOWN), 2, 7);
  assert_cursor (step (figure, 2, 7, ATTUNE_STEP_DOWN), 2, 7);
  /* a cursor on what is gone begins anew */
  assert_cursor (step (figure, 2, 14, ATTUNE_STEP_START), 0, 399);
}

static void
test_step_rows (void)
{
  g_autoptr (AttuneFigure) bar = sample_new ("bar"), matrix = sample_new ("matrix");
  g_autoptr (AttuneFigure) stack = sample_new ("stack");

  assert_cursor (step (bar, -1, -1, ATTUNE_STEP_DOWN), 0, 0);
  assert_cursor (step (bar, 0, 0, ATTUNE_STEP_DOWN), 0, 1);
  assert_cursor (step (bar, 0, 1, ATTUNE_STEP_END), 1, 1);
  assert_cursor (step (bar, 1, 4, ATTUNE_STEP_DOWN), 1, 4);
  assert_cursor (step (matrix, 2, 1, ATTUNE_STEP_END), 2, 2);
  assert_cursor (step (matrix, 2, 1, ATTUNE_STEP_UP), 1, 1);
  assert_cursor (step (stack, 0, 3, ATTUNE_STEP_END), 0, 4);
}

static void
test_empty (void)
{
  AttuneFigure *figures[]
      = { ATTUNE_FIGURE (attune_line_figure_new (NULL, NULL)),
          ATTUNE_FIGURE (attune_bar_figure_new (ATTUNE_UNIT_NUMBER)),
          ATTUNE_FIGURE (attune_stack_figure_new (ATTUNE_UNIT_BYTES)),
          ATTUNE_FIGURE (attune_histogram_figure_new (NULL, NULL, ATTUNE_UNIT_NUMBER)),
          ATTUNE_FIGURE (attune_matrix_figure_new (NULL, NULL)),
          ATTUNE_FIGURE (attune_interval_figure_new (ATTUNE_UNIT_PERCENT, NULL)) };
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (figures); i++)
    {
      g_autoptr (AttuneFigure) figure = figures[i];
      g_autofree char *before = attune_figure_summarize (figure);
      g_autofree char *words = NULL, *nothing = NULL, *csv = attune_figure_to_csv (figure);

      g_assert_true (attune_figure_is_empty (figure));
      g_assert_cmpstr (before, ==, "Nothing to show yet");
      attune_figure_set_empty_text (figure, "Press Start.");
      words = attune_figure_summarize (figure);
      g_assert_cmpstr (words, ==, "Press Start.");
      assert_cursor (step (figure, 0, 0, ATTUNE_STEP_END), -1, -1);
      assert_cursor (attune_figure_find (figure, 300, 200, &style, 150, 100), -1, -1);
      nothing = attune_figure_describe (figure, (AttuneCursor) { 0, 0 });
      g_assert_cmpstr (nothing, ==, "");
      g_assert_cmpfloat (attune_figure_get_natural_height (figure, 300, &style), >, 20);
      g_assert_true (g_str_has_suffix (csv, "\r\n")); /* the heads are there */
    }
}

/* For every sample: what is found at the place where a mark is lies on that mark; all positions
 * give nothing or a mark that exists and has a description. */
static void
test_find_anywhere (void)
{
  AttuneFigureStyle style;

  sample_style_init (&style, FALSE, FALSE);
  for (int i = 0; sample_names[i] != NULL; i++)
    {
      g_autoptr (AttuneFigure) figure = sample_new (sample_names[i]);
      const double height = attune_figure_get_natural_height (figure, 400, &style);
      int found = 0;

      for (int x = -10; x <= 410; x += 28)
        for (int y = -10; y <= height + 10; y += 17)
          {
            const AttuneCursor at = attune_figure_find (figure, 400, height, &style, x, y);
            g_autofree char *text = attune_figure_describe (figure, at);

            if (at.series < 0)
              continue;
            found++;
            g_assert_true (attune_figure_has (figure, at));
            g_assert_cmpuint (strlen (text), >, 3);
          }
      g_assert_true ((found > 0) == !attune_figure_is_empty (figure));
    }
}

static void
test_find_place (void)
{
  g_autoptr (AttuneFigure) line = sample_new ("line"), bar = sample_new ("bar");
  g_autoptr (AttuneFigure) stack = sample_new ("stack"), histogram = sample_new ("histogram");
  AttuneFigureStyle style, mirrored;
  AttuneCursor at;

  sample_style_init (&style, FALSE, FALSE);
  mirrored = style;
  mirrored.rtl = TRUE;
  /* in the golden pictures, whose margin is 8: step 450 of validation, Returns before, Weights */
  assert_cursor (attune_figure_find (line, 560, 224, &style, 438, 142), 0, 399);
  assert_cursor (attune_figure_find (bar, 560, 180, &style, 100, 96), 0, 2);
  assert_cursor (attune_figure_find (bar, 560, 180, &mirrored, 460, 96), 0, 2);
  assert_cursor (attune_figure_find (stack, 560, 115, &style, 30, 36), 0, 0);
  assert_cursor (attune_figure_find (stack, 560, 115, &style, 500, 36), -1, -1); /* free */
  at = attune_figure_find (histogram, 560, 224, &style, 60, 150);
  assert_cursor (at, 0, 2);
  at = attune_figure_find (histogram, 560, 224, &mirrored, 500, 150);
  assert_cursor (at, 0, 2);
}

static void
test_words (void)
{
  static const struct
  {
    const char *sample;
    AttuneCursor cursor;
    const char *expected;
  } cases[] = {
    { "line", { 1, 170 }, "Step 340, Training: 1.101 smoothed, 1.194 measured" },
    { "line", { 1, 0 }, "Step 0, Training: 3.266" }, /* the first is as it was measured */
    { "line", { 2, 9 }, "Step 450, Validation: 1.166. Best: step 450" },
    { "line-gaps", { 0, 41 }, "Step 41, Norm: no value" },
    { "line-gaps", { 0, 40 }, "Step 40, Norm: no value. Rolled back" },
    { "bar", { 1, 2 }, "Returns, After balancing: 622" },
    { "bar-long", { 0, 5 }, "Stroke: 77" },
    { "stack", { 0, 0 }, "Weights: 3.1\u00a0GB, 34% of all" },
    { "histogram", { 0, 2 }, "100 to 125: 92" },
    { "matrix", { 0, 0 }, "Billing recognised: 40 (90.9%)" },
    { "matrix", { 0, 2 }, "Billing taken for Returns: 4 (9.1%)" },
    { "interval", { 0, 0 }, "Exact match, Tuned: 62.0% (56.0% to 68.0%)" },
    { "interval", { 2, 2 }, "Facts covered, Monday’s run: no value" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttuneFigure) figure = sample_new (cases[i].sample);
      g_autofree char *text = attune_figure_describe (figure, cases[i].cursor);

      g_assert_cmpstr (text, ==, cases[i].expected);
    }
}

static void
test_summaries (void)
{
  static const char *const parts[][2] = {
    { "line", "Training: 330 points, last 0.7" },
    { "line", "Best: step 450." },
    { "bar", "Bar chart with 5 rows. Billing, Before: 1204. Billing, After balancing: 800." },
    { "stack-over", "9.1\u00a0GB of 8.0\u00a0GB: 1.1\u00a0GB too much. Weights: 3.1\u00a0GB." },
    { "histogram",
      "Histogram of 3000 values. Most are 225 to 250. Model’s window: 768; beyond it:" },
    { "matrix",
      "Matrix of 4 labels; 97.3% are right. Most frequent error: Billing taken for Returns" },
    { "interval", "Refuses when it should, Base model: 95.0% (91.0% to 98.0%)." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (AttuneFigure) figure = sample_new (parts[i][0]);
      g_autofree char *text = attune_figure_summarize (figure);

      if (strstr (text, parts[i][1]) == NULL)
        g_error ("“%s” is not in “%s”", parts[i][1], text);
    }
}

static void
test_changed (void)
{
  g_autoptr (AttuneLineFigure) line = attune_line_figure_new ("Step", "Loss");
  int changes = 0;

  g_signal_connect_swapped (line, "changed", G_CALLBACK (g_atomic_int_inc), &changes);
  attune_line_figure_add_series (line, "Training", ATTUNE_LINE_CURVE);
  attune_line_figure_append (line, 0, 1, 2);
  attune_line_figure_append (line, 0, 2, NAN);
  attune_figure_set_title (ATTUNE_FIGURE (line), "Loss");
  attune_figure_set_title (ATTUNE_FIGURE (line), "Loss"); /* no change */
  g_assert_cmpint (changes, ==, 4);
}

/* A resumed run does its last steps again. */
static void
test_resumed (void)
{
  g_autoptr (AttuneLineFigure) once = attune_line_figure_new ("Step", "Loss");
  g_autoptr (AttuneLineFigure) twice = attune_line_figure_new ("Step", "Loss");
  g_autofree char *expected = NULL, *got = NULL;

  attune_line_figure_set_smoothing (once, 0.9);
  attune_line_figure_set_smoothing (twice, 0.9);
  attune_line_figure_add_series (once, "Training", ATTUNE_LINE_CURVE);
  attune_line_figure_add_series (twice, "Training", ATTUNE_LINE_CURVE);
  for (int i = 0; i < 20; i++)
    attune_line_figure_append (twice, 0, i, i < 12 ? sqrt (i) : 99);
  for (int i = 12; i < 30; i++)
    attune_line_figure_append (twice, 0, i, sqrt (i));
  for (int i = 0; i < 30; i++)
    attune_line_figure_append (once, 0, i, sqrt (i));
  expected = attune_figure_to_csv (ATTUNE_FIGURE (once));
  got = attune_figure_to_csv (ATTUNE_FIGURE (twice));
  g_assert_cmpstr (got, ==, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/figure/step/line", test_step_line);
  g_test_add_func ("/charts/figure/step/rows", test_step_rows);
  g_test_add_func ("/charts/figure/empty", test_empty);
  g_test_add_func ("/charts/figure/find/anywhere", test_find_anywhere);
  g_test_add_func ("/charts/figure/find/place", test_find_place);
  g_test_add_func ("/charts/figure/words", test_words);
  g_test_add_func ("/charts/figure/summaries", test_summaries);
  g_test_add_func ("/charts/figure/changed", test_changed);
  g_test_add_func ("/charts/line/resumed", test_resumed);
  return g_test_run ();
}
