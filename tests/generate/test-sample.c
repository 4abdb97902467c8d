/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sampling against a plain reference that sorts everything and filters as transformers' logits
 * warpers do.
 */
#include "core/random.h"
#include "generate/generator.h"

#include <math.h>
#include <stdlib.h>

#define V_MAX 400

typedef struct
{
  float logit;
  int id;
} Ranked;

static int
compare_ranked (const void *a, const void *b)
{
  const Ranked *x = a, *y = b;

  if (x->logit != y->logit)
    return x->logit > y->logit ? -1 : 1;
  return x->id - y->id;
}

/* Which tokens are left, and their probabilities. */
static void
reference_probabilities (const float *logits, int n, const AttuneSampling *sampling, double *p)
{
  g_autofree Ranked *ranked = g_new (Ranked, n);
  int n_left = n;
  double total = 0, sum = 0;

  for (int i = 0; i < n; i++)
    ranked[i] = (Ranked) { logits[i], i };
  qsort (ranked, n, sizeof *ranked, compare_ranked);
  if (sampling->top_k > 0)
    while (n_left > sampling->top_k && ranked[n_left - 1].logit < ranked[sampling->top_k - 1].logit)
      n_left--;
  for (int i = 0; i < n; i++)
    p[i] = 0;
  for (int i = 0; i < n_left; i++)
    total += exp (((double) ranked[i].logit - ranked[0].logit) / sampling->temperature);
  if (sampling->top_p < 1)
    {
      int keep = 0;

      while (keep < n_left && (keep == 0 || sum < sampling->top_p * total))
        sum += exp (((double) ranked[keep++].logit - ranked[0].logit) / sampling->temperature);
      n_left = keep;
      total = sum;
    }
  for (int i = 0; i < n_left; i++)
    p[ranked[i].id]
        = exp (((double) ranked[i].logit - ranked[0].logit) / sampling->temperature) / total;
}

/* The token at @uniform when the tokens lie one behind the other in the order of their ids. */
static int
reference_draw (const double *p, int n, double uniform)
{
  int last = -1;

  for (int i = 0; i < n; i++)
    if (p[i] > 0)
      {
        last = i;
        if (uniform < p[i])
          return i;
        uniform -= p[i];
      }
  return last;
}

static void
test_reference (void)
{
  AttuneRandom random;
  g_autofree gpointer scratch = g_malloc (8 * V_MAX);
  static const float top_ps[] = { 1, 0.95f, 0.5f, 0.1f, 0.01f, 0 };

  attune_random_init (&random, 42, ATTUNE_RANDOM_TEST, 0);
  for (int round = 0; round < 4000; round++)
    {
      const int n = 1 + attune_random_below (&random, V_MAX);
      const gboolean coarse = attune_random_below (&random, 2); /* many ties */
      float logits[V_MAX];
      double p[V_MAX];
      AttuneSampling sampling = { .max_tokens = 1 };
      gint32 token;
      double uniform;

      for (int i = 0; i < n; i++)
        {
          logits[i] = 3 * attune_random_normal (&random);
          if (coarse)
            logits[i] = roundf (logits[i]);
        }
      sampling.temperature = 0.2f + 2 * attune_random_uniform (&random);
      sampling.top_k
          = attune_random_below (&random, 3) ? 0 : 1 + attune_random_below (&random, n + 5);
      sampling.top_p = top_ps[attune_random_below (&random, G_N_ELEMENTS (top_ps))];
      uniform = attune_random_uniform (&random);
      token = attune_sample (logits, n, &sampling, uniform, scratch);
      reference_probabilities (logits, n, &sampling, p);
      g_assert_cmpint (token, >=, 0);
      g_assert_cmpint (token, <, n);
      g_assert_cmpint (token, ==, reference_draw (p, n, uniform));
    }
}

static void
test_greedy (void)
{
  const AttuneSampling greedy = ATTUNE_SAMPLING_GREEDY;
  const float ties[] = { -1, 2, 0, 2, 2 }, masked[] = { -INFINITY, -5, -INFINITY },
              high[] = { 0, INFINITY, 3 };
  const float broken[] = { 0, NAN, 5 }, nothing[] = { -INFINITY, -INFINITY };

  g_assert_cmpint (attune_sample (ties, 5, &greedy, 0.9, NULL), ==, 1);
  g_assert_cmpint (attune_sample (masked, 3, &greedy, 0, NULL), ==, 1);
  g_assert_cmpint (attune_sample (high, 3, &greedy, 0, NULL), ==, 1);
  g_assert_cmpint (attune_sample (broken, 3, &greedy, 0, NULL), ==, -1);
  g_assert_cmpint (attune_sample (nothing, 2, &greedy, 0, NULL), ==, -1);
}

/* Values where every sum is exact, so that the edges are what they are meant to be. */
static void
test_edges (void)
{
  const float l2 = (float) G_LN2;
  const float logits[] = { 0, l2 * 2, l2, 0 }; /* weights 1, 4, 2, 1 of 8 */
  const float broken[] = { 0, NAN }, high[] = { 0, INFINITY },
              masked[] = { -INFINITY, 1, -INFINITY };
  char scratch[8 * 4] __attribute__ ((aligned (8)));
  AttuneSampling sampling = { .temperature = 1, .top_p = 0 };

  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==,
                   1); /* never empty */
  sampling.top_p = 0.45f;
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 1);
  sampling.top_p = 0.55f; /* 4 of 8 is not enough: 4 + 2 */
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 2);
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.6, scratch), ==, 1);
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.7, scratch), ==, 2);
  sampling.top_p = 0.8f; /* 4 + 2 + 1: of the tie the lower id */
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 2);
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0, scratch), ==, 0);
  sampling.top_p = 1;
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 3);
  sampling.top_k = 3; /* a tie at the third place: both stay */
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 3);
  sampling.top_k = 2;
  g_assert_cmpint (attune_sample (logits, 4, &sampling, 0.999999, scratch), ==, 2);
  sampling.top_k = 0;

  g_assert_cmpint (attune_sample (broken, 2, &sampling, 0.5, scratch), ==, -1);
  g_assert_cmpint (attune_sample (high, 2, &sampling, 0.5, scratch), ==, -1);
  for (int i = 0; i < 3; i++)
    g_assert_cmpint (attune_sample (masked, 3, &sampling, i / 3.0, scratch), ==, 1);
}

/* Draws follow the probabilities: χ² with a fixed seed. */
static void
test_distribution (void)
{
  enum
  {
    N = 12,
    DRAWS = 40000
  };
  AttuneRandom random;
  float logits[N];
  double p[N], chi = 0;
  int counts[N] = { 0 }, degrees = -1;
  char scratch[8 * N] __attribute__ ((aligned (8)));
  const AttuneSampling sampling = { .temperature = 1.3f, .top_k = 10, .top_p = 0.97f };

  attune_random_init (&random, 7, ATTUNE_RANDOM_TEST, 1);
  for (int i = 0; i < N; i++)
    logits[i] = 1.5 * attune_random_normal (&random);
  reference_probabilities (logits, N, &sampling, p);
  attune_random_init (&random, 7, ATTUNE_RANDOM_SAMPLE, 0);
  for (int i = 0; i < DRAWS; i++)
    counts[attune_sample (logits, N, &sampling, attune_random_uniform (&random), scratch)]++;
  for (int i = 0; i < N; i++)
    if (p[i] == 0)
      g_assert_cmpint (counts[i], ==, 0);
    else
      {
        chi += (counts[i] - DRAWS * p[i]) * (counts[i] - DRAWS * p[i]) / (DRAWS * p[i]);
        degrees++;
      }
  g_test_message ("chi² %.2f, %d degrees of freedom", chi, degrees);
  g_assert_cmpint (degrees, >, 4);
  g_assert_cmpfloat (chi, <, 27.9); /* 99.9 % point of 9 degrees */
}

/* Bad cases for quickselect must not take quadratic time: sorted, equal and organ-pipe rows of a
 * real vocabulary. */
static void
test_large (void)
{
  enum
  {
    N = 49152
  };
  g_autofree float *logits = g_new (float, N);
  g_autofree gpointer scratch = g_malloc (8 * N);
  const AttuneSampling sampling = { .temperature = 1, .top_k = 20000, .top_p = 0.9f };
  gint64 start = g_get_monotonic_time ();

  for (int shape = 0; shape < 4; shape++)
    {
      for (int i = 0; i < N; i++)
        logits[i] = shape == 0   ? i * 1e-4f
                    : shape == 1 ? -i * 1e-4f
                    : shape == 2 ? 0
                                 : ABS (i - N / 2) * 1e-4f;
      g_assert_cmpint (attune_sample (logits, N, &sampling, 0.5, scratch), >=, 0);
    }
  g_test_message ("%.1f ms a draw", (g_get_monotonic_time () - start) / 4e3);
  g_assert_cmpint (g_get_monotonic_time () - start, <,
                   2 * G_USEC_PER_SEC); /* 0.05 s seen; quadratic would be minutes */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/generate/sample/greedy", test_greedy);
  g_test_add_func ("/generate/sample/reference", test_reference);
  g_test_add_func ("/generate/sample/edges", test_edges);
  g_test_add_func ("/generate/sample/distribution", test_distribution);
  g_test_add_func ("/generate/sample/large", test_large);
  return g_test_run ();
}
