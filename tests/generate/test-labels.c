/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labels by themselves: what each counts, how they are kept, how well they are told apart, and what
 * is read of a text.
 */
#include "generate/confusion.h"
#include "generate/labels.h"

#include "plan/estimate.h"

#include <math.h>
#include <string.h>

#define THREE "{\"names\":[\"a\",\"b\",\"c\"],\"counts\":[90,9,1],\"whole\":true}"

static void
test_json (void)
{
  static const char *const damaged[] = { "",
                                         "[]",
                                         "{}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1]}",
                                         "{\"names\":[\"a\",1],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\",\"b\"],\"counts\":[1,-1]}",
                                         "{\"names\":[\"b\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"\",\"a\"],\"counts\":[1,1]}",
                                         "{\"names\":[\"a\"],\"counts\":[1]}" };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneLabels) labels = attune_labels_of_json (THREE, &error);
  g_autofree char *json = NULL;

  g_assert_no_error (error);
  json = attune_labels_to_json (labels);
  g_assert_cmpstr (json, ==, THREE);
  g_assert_cmpint (attune_labels_get_number (labels, "c"), ==, 2);
  g_assert_cmpint (attune_labels_get_number (labels, "d"), ==, -1);
  g_assert_cmpint (attune_labels_get_number (labels, ""), ==, -1);
  g_assert_cmpint (attune_labels_get_most_frequent (labels), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (GError) reason = NULL;

      g_assert_null (attune_labels_of_json (damaged[i], &reason));
      g_assert_error (reason, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
    }
}

/* scikit-learn's compute_class_weight ("balanced"), and the authors' of the effective number. */
static void
test_weights (void)
{
  g_autoptr (AttuneLabels) labels = attune_labels_of_json (THREE, NULL);
  const double effective[]
      = { 0.1 / (1 - pow (0.9, 90)), 0.1 / (1 - pow (0.9, 9)), 0.1 / (1 - pow (0.9, 1)) };
  const double sum = effective[0] + effective[1] + effective[2];
  float weights[3];

  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_NONE, 0.9, weights);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat (weights[i], ==, 1);
  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_INVERSE, 0.9, weights);
  g_assert_cmpfloat_with_epsilon (weights[0], 100 / 270.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[1], 100 / 27.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (weights[2], 100 / 3.0, 1e-5);
  attune_labels_weigh (labels, ATTUNE_LABEL_WEIGHTS_EFFECTIVE, 0.9, weights);
  for (int i = 0; i < 3; i++)
    g_assert_cmpfloat_with_epsilon (weights[i], 3 * effective[i] / sum, 1e-6);
}

/* scikit-learn's f1_score (average="macro") of the same: 0.4888889. */
static void
test_confusion (void)
{
  static const int wanted[] = { 0, 0, 0, 1, 1, 2, 2, -1 }, said[] = { 0, 0, 1, 1, 0, 1, 2, 0 };
  static const char *const names[] = { "a", "b", "c", "never" };
  g_autoptr (AttuneConfusion) made = attune_confusion_new (names, 4), confusion = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    attune_confusion_add (made, wanted[i], said[i]);
  confusion = attune_confusion_copy (made);
  g_assert_cmpuint (attune_confusion_count (confusion), ==, 8);
  g_assert_cmpfloat (attune_confusion_accuracy (confusion), ==, 0.5);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 0).precision, 0.5, 1e-12);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 0).recall, 2 / 3.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (attune_confusion_score (confusion, 2).f1, 2 / 3.0, 1e-12);
  g_assert_cmpfloat (attune_confusion_score (confusion, 3).f1, ==, 0);
  g_assert_cmpfloat_with_epsilon (attune_confusion_macro_f1 (confusion),
                                  (4 / 7.0 + 0.4 + 2 / 3.0) / 3, 1e-12);
}

/* The question as far as the answer's beginning; all of a text but its end. */
static void
test_ask (void)
{
  static const struct
  {
    gint32 tokens[6];
    guint8 learn[6];
    guint n, left;
  } samples[] = { { { 5, 6, 7, 8, 9 }, { 0, 0, 0, 1, 1 }, 5, 3 },
                  { { 5, 6, 7, 8, 2 }, { 0, 1, 1, 1, 1 }, 5, 4 },
                  { { 5, 6, 7, 8, 9 }, { 0, 1, 1, 1, 1 }, 5, 5 }, /* cut, or without an end */
                  { { 5, 6, 7 }, { 0, 0, 0 }, 3, 3 },
                  { { 5 }, { 0 }, 1, 1 } };

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      g_auto (AttuneSample) sample = { .n = samples[i].n };
      const guint n = samples[i].left;

      sample.tokens = g_memdup2 (samples[i].tokens, sample.n * sizeof (gint32));
      sample.learn = g_memdup2 (samples[i].learn, sample.n);
      attune_sample_ask_label (&sample, 3, 2);
      g_assert_cmpuint (sample.n, ==, n + 1);
      g_assert_cmpmem (sample.tokens, n * sizeof (gint32), samples[i].tokens, n * sizeof (gint32));
      g_assert_cmpint (sample.tokens[n], ==, 3);
      g_assert_cmpuint (attune_sample_targets (&sample), ==, 1);
      g_assert_cmpuint (attune_sample_rows (&sample), ==, n);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/labels/json", test_json);
  g_test_add_func ("/labels/weights", test_weights);
  g_test_add_func ("/labels/confusion", test_confusion);
  g_test_add_func ("/labels/ask", test_ask);
  return g_test_run ();
}
