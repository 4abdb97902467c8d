/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of curves: recorded ones, at the end and on the way there, and constructed ones at
 * the edges.
 *
 * tune/curves holds the steps and validations of real runs. tiny-*: the tiny model and sixty
 * made-up terms, of which tiny-few had 14, for 100 epochs, and tiny-noisy one per step at a high
 * rate. sample-*: SmolLM2 135M and 300 rows of the sample, of which sample-few had 60, for 10
 * epochs, and sample-high a learning rate of 0.05.
 */
#include "job/run-curves.h"
#include "tune/diagnosis.h"

#include <math.h>
#include <string.h>

static AttuneRunCurves *
read_curves (const char *name)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "tune", "curves", name, NULL);
  AttuneRunCurves *curves = attune_run_curves_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_run_curves_read (curves, folder, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (curves->steps->len, >, 0);
  return curves;
}

/* As it was when @step had been done. */
static void
cut (AttuneRunCurves *curves, gint64 step)
{
  while (curves->steps->len > 0
         && g_array_index (curves->steps, AttuneCurvePoint, curves->steps->len - 1).step > step)
    g_array_set_size (curves->steps, curves->steps->len - 1);
  while (curves->validations->len > 0
         && g_array_index (curves->validations, AttuneValidationPoint, curves->validations->len - 1)
                    .step
                > step)
    g_array_set_size (curves->validations, curves->validations->len - 1);
}

static void
assert_recorded (const char *name, gint64 step, AttuneDiagnosisKind kind, gint64 best)
{
  g_autoptr (AttuneRunCurves) curves = read_curves (name);
  AttuneDiagnosis diagnosis;

  cut (curves, step);
  attune_run_curves_diagnose (curves, FALSE, &diagnosis);
  if (diagnosis.kind != kind || diagnosis.best_step != best)
    g_error ("%s after step %d: %s, best %d", name, (int) step,
             attune_diagnosis_get_name (diagnosis.kind), (int) diagnosis.best_step);
}

static void
test_recorded (void)
{
  assert_recorded ("tiny-good", 5, ATTUNE_DIAGNOSIS_EARLY, 0);
  assert_recorded ("tiny-good", 10, ATTUNE_DIAGNOSIS_IMPROVING, 10);
  assert_recorded ("tiny-good", 60, ATTUNE_DIAGNOSIS_IMPROVING, 60);
  assert_recorded ("tiny-converged", 100, ATTUNE_DIAGNOSIS_IMPROVING, 100);
  assert_recorded ("tiny-converged", 300, ATTUNE_DIAGNOSIS_MEMORISING, 225);
  assert_recorded ("tiny-few", 40, ATTUNE_DIAGNOSIS_IMPROVING, 40);
  assert_recorded ("tiny-few", 80, ATTUNE_DIAGNOSIS_MEMORISING, 40);
  assert_recorded ("tiny-few", 300, ATTUNE_DIAGNOSIS_MEMORISING, 40);
  assert_recorded ("sample-few", 6, ATTUNE_DIAGNOSIS_IMPROVING, 6);
  assert_recorded ("sample-few", 18, ATTUNE_DIAGNOSIS_MEMORISING, 6);
  assert_recorded ("sample-few", 59, ATTUNE_DIAGNOSIS_MEMORISING, 6);
  assert_recorded ("sample-good", 12, ATTUNE_DIAGNOSIS_IMPROVING, 12);
  assert_recorded ("sample-good", 36, ATTUNE_DIAGNOSIS_CONVERGED, 36);
  assert_recorded ("sample-high", 10, ATTUNE_DIAGNOSIS_DIVERGING, 0);
  assert_recorded ("sample-high", 30, ATTUNE_DIAGNOSIS_DIVERGING, 0);
}

/* A run that goes well is never said to go wrong on its way. */
static void
test_no_false_alarm (void)
{
  static const char *const good[] = { "tiny-good", "tiny-converged", "sample-good" };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    for (gint64 step = 1; step <= 240; step++)
      {
        g_autoptr (AttuneRunCurves) curves = read_curves (good[i]);
        AttuneDiagnosis diagnosis;

        cut (curves, step);
        attune_run_curves_diagnose (curves, FALSE, &diagnosis);
        if (diagnosis.kind != ATTUNE_DIAGNOSIS_EARLY && diagnosis.kind != ATTUNE_DIAGNOSIS_IMPROVING
            && diagnosis.kind != ATTUNE_DIAGNOSIS_CONVERGED)
          g_error ("%s after step %d: %s", good[i], (int) step,
                   attune_diagnosis_get_name (diagnosis.kind));
      }
}

/* --- constructed */

#define N 200

static AttuneDiagnosis
diagnose (const double *train, guint n_train, const double *validation, guint n_validation)
{
  AttuneLossPoint points[N], checks[N];
  AttuneDiagnosis diagnosis;

  g_assert_cmpuint (MAX (n_train, n_validation), <=, N);
  for (guint i = 0; i < n_train; i++)
    points[i] = (AttuneLossPoint) { i + 1, train[i] };
  /* The first is the base, the last at the end. */
  for (guint i = 0; i < n_validation; i++)
    checks[i] = (AttuneLossPoint) { i * n_train / MAX (1, n_validation - 1), validation[i] };
  attune_diagnose (
      &(const AttuneDiagnosisInput) {
          .train = points, .validation = checks, .n_train = n_train, .n_validation = n_validation },
      &diagnosis);
  return diagnosis;
}

/* From @from to @to, with noise of ±@noise. */
static void
fill (double *losses, double from, double to, double noise)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);

  for (int i = 0; i < N; i++)
    losses[i] = from + (to - from) * i / (N - 1) + g_rand_double_range (rand, -noise, noise);
}

#define ASSERT_NAME(name, expected) g_assert_cmpstr (name, ==, expected)
#define ASSERT_KIND(diagnosis, expected)                                                           \
  ASSERT_NAME (attune_diagnosis_get_name ((diagnosis).kind), expected)

static void
test_without_validation (void)
{
  double falling[N], flat[N], rising[N], wild[N];

  fill (falling, 3, 1, 0.1);
  fill (flat, 1, 1, 0.02);
  fill (rising, 1, 3, 0.1);
  fill (wild, 2, 2, 2);
  ASSERT_KIND (diagnose (NULL, 0, NULL, 0), "early");
  ASSERT_KIND (diagnose (falling, 19, NULL, 0), "early");
  ASSERT_KIND (diagnose (falling, N, NULL, 0), "improving");
  ASSERT_KIND (diagnose (flat, N, NULL, 0), "converged");
  ASSERT_KIND (diagnose (rising, N, NULL, 0), "diverging");
  ASSERT_KIND (diagnose (wild, N, NULL, 0), "noisy");
  g_assert_cmpint (diagnose (falling, N, NULL, 0).best_step, ==, -1);
}

static void
test_with_validation (void)
{
  const double zigzag[] = { 3, 2, 2.4, 1.9, 2.3, 1.95, 2.4 }, worse[] = { 2, 2.1, 2.3, 2.5 },
               once[] = { 3, 2, 1.5, 1.55 }, flat[] = { 3, 1.5, 1.49, 1.5, 1.49, 1.5 },
               slow[] = { 3, 2.9, 2.8, 2.7, 2.6 }, grows[] = { 3, 3.5, 5 };
  double falling[N], rising[N];
  AttuneDiagnosis diagnosis;
  g_autofree char *sentence = NULL;

  fill (falling, 3, 1, 0.1);
  fill (rising, 3, 5, 0.1);
  ASSERT_KIND (diagnose (falling, N, zigzag, G_N_ELEMENTS (zigzag)), "noisy");
  ASSERT_KIND (diagnose (falling, N, flat, G_N_ELEMENTS (flat)), "converged");
  ASSERT_KIND (diagnose (falling, N, slow, G_N_ELEMENTS (slow)), "improving");
  ASSERT_KIND (diagnose (rising, N, grows, G_N_ELEMENTS (grows)), "diverging");
  /* A single small rise is no proof. */
  g_assert_cmpint (diagnose (falling, N, once, G_N_ELEMENTS (once)).kind, !=,
                   ATTUNE_DIAGNOSIS_MEMORISING);
  ASSERT_KIND (diagnose (falling, 10, worse, 2), "early");

  diagnosis = diagnose (falling, N, worse, G_N_ELEMENTS (worse));
  ASSERT_KIND (diagnosis, "memorising");
  g_assert_cmpint (diagnosis.best_step, ==, 0);
  sentence = attune_diagnosis_describe (&diagnosis);
  g_assert_nonnull (strstr (sentence, "has not become better"));
}

/* Rewards of a run in which the rules give @most at most: @train and @validation are the losses. */
static const char *
diagnose_rewards (double most, const double *train, guint n_train, const double *validation,
                  guint n_validation)
{
  g_autoptr (AttuneRunCurves) curves = attune_run_curves_new ();
  AttuneDiagnosis diagnosis;

  for (guint i = 0; i < n_train; i++)
    {
      const AttuneCurvePoint point
          = { .step = i + 1, .loss = train[i], .reward = most - train[i], .kl = 1 };

      g_array_append_val (curves->steps, point);
    }
  for (guint i = 0; i < n_validation; i++)
    {
      const AttuneValidationPoint point = { .step = i * n_train / MAX (1, n_validation - 1),
                                            .loss = validation[i],
                                            .reward = most - validation[i] };

      g_array_append_val (curves->validations, point);
    }
  attune_run_curves_diagnose (curves, FALSE, &diagnosis);
  return attune_diagnosis_get_name (diagnosis.kind);
}

/* The loss of rewards ends near 0, or below it. */
static void
test_rewards (void)
{
  const double best[] = { 0, -1, -2, -2.01, -1.99, -2 }, met[] = { 0, 0, 0, 0 },
               fewer[] = { -2, -1, 0.5, 2 }, falls[] = { 0, -0.5, -1, -1.5, -2 },
               worse[] = { -1, -2, -1.7, -1.6, -1.65 };
  double losses[N];

  fill (losses, -2, -2, 0.05);
  ASSERT_NAME (diagnose_rewards (0, losses, N, best, G_N_ELEMENTS (best)), "converged");
  fill (losses, 0, -2, 0.1);
  ASSERT_NAME (diagnose_rewards (1, losses, N, falls, G_N_ELEMENTS (falls)), "improving");
  ASSERT_NAME (diagnose_rewards (1, losses, N, NULL, 0), "improving");
  ASSERT_NAME (diagnose_rewards (1, losses, N, worse, G_N_ELEMENTS (worse)), "memorising");
  fill (losses, -2, 2, 0.1);
  ASSERT_NAME (diagnose_rewards (0, losses, N, fewer, G_N_ELEMENTS (fewer)), "diverging");
  ASSERT_NAME (diagnose_rewards (0, losses, N, NULL, 0), "diverging");
  /* a rule that is nearly always met */
  for (int i = 0; i < N; i++)
    losses[i] = i < N - 20 ? 0 : i % 2 * 0.1;
  ASSERT_NAME (diagnose_rewards (1, losses, N, met, G_N_ELEMENTS (met)), "converged");
  ASSERT_NAME (diagnose_rewards (1, losses, N, NULL, 0), "converged");
}

static void
test_not_a_number (void)
{
  const double nan_check[] = { 3, NAN }, infinite[] = { 3, 2, INFINITY };
  double losses[N];

  fill (losses, 3, 1, 0.1);
  ASSERT_KIND (diagnose (losses, N, nan_check, 2), "diverging");
  ASSERT_KIND (diagnose (losses, N, infinite, 3), "diverging");
  losses[4] = NAN;
  ASSERT_KIND (diagnose (losses, 5, NULL, 0), "diverging");
}

/* Each has a sentence of its own for a run that goes on and for one that has ended, memorising and
 * noise the same for both. */
static void
test_sentences (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  AttuneDiagnosis memorising
      = { .kind = ATTUNE_DIAGNOSIS_MEMORISING, .best_step = 320, .since = 340 };
  g_autofree char *sentence = attune_diagnosis_describe (&memorising);

  g_assert_cmpstr (sentence, ==,
                   "Started to memorise after step 340: the best checkpoint, from step 320, is the "
                   "one that will be used.");
  for (int kind = ATTUNE_DIAGNOSIS_EARLY; kind <= ATTUNE_DIAGNOSIS_NOISY; kind++)
    for (int ended = 0; ended < 2; ended++)
      {
        const AttuneDiagnosis diagnosis = { .kind = kind, .ended = ended, .best_step = 10 };

        g_hash_table_add (seen, attune_diagnosis_describe (&diagnosis));
      }
  g_assert_cmpuint (g_hash_table_size (seen), ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnosis/recorded", test_recorded);
  g_test_add_func ("/diagnosis/no-false-alarm", test_no_false_alarm);
  g_test_add_func ("/diagnosis/without-validation", test_without_validation);
  g_test_add_func ("/diagnosis/with-validation", test_with_validation);
  g_test_add_func ("/diagnosis/rewards", test_rewards);
  g_test_add_func ("/diagnosis/not-a-number", test_not_a_number);
  g_test_add_func ("/diagnosis/sentences", test_sentences);
  return g_test_run ();
}
