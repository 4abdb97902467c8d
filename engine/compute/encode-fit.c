/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See encode-fit.h. Four values at a time: every machine has vectors of four.
 */
#include "compute/encode-fit.h"
#include "compute/types.h"

#include <math.h>
#include <string.h>

typedef float Four __attribute__ ((vector_size (16)));
typedef gint32 FourInts __attribute__ ((vector_size (16)));

/* Adding and taking away 1.5 · 2²³ leaves the nearest whole number. */
#define TO_WHOLE 12582912.0f

/* How far from the plain step, in numbers, others are tried, and in how many steps each way. */
#define TRIED_RANGE 1.0f
#define TRIED_STEPS 10
/* What rounding alone can make of the same. */
#define NEARLY_EQUAL (1 + 1e-6f)
/* So few numbers on each side are few. */
#define FEW 4
/* The best of them is tried at as many places of its first number, in parts of a step. */
#define TRIED_PHASES 8
/* How often the best is rounded again with its own step. */
#define POLISHED 2

static inline Four
load (const float *x)
{
  Four v;

  memcpy (&v, x, sizeof v);
  return v;
}

static inline Four
all (float x)
{
  return (Four) { x, x, x, x };
}

static inline float
sum (Four v)
{
  return (v[0] + v[2]) + (v[1] + v[3]);
}

/* Into @low … @high, also where it is not a number, and to the nearest whole one. */
static inline Four
to_whole (Four x, Four low, Four high)
{
  const FourInts above = x > low, below = x < high;

  x = (Four) (((FourInts) x & above) | ((FourInts) low & ~above));
  x = (Four) (((FourInts) x & below) | ((FourInts) high & ~below));
  return x + TO_WHOLE - TO_WHOLE;
}

/* Σ q, Σ q² and Σ q · x for q = (x - base) · inverse in low … high; x is taken from @origin. */
typedef struct
{
  float q, qq, qx;
} Sums;

static inline Sums
add_up (const float *x, int n, float base, float inverse, float low, float high, float origin)
{
  Four q = { 0 }, qq = { 0 }, qx = { 0 };

  for (int i = 0; i < n; i += 4)
    {
      const Four v = load (x + i), w = to_whole ((v - base) * inverse, all (low), all (high));

      q += w;
      qq += w * w;
      qx += w * (v - origin);
    }
  return (Sums) { sum (q), sum (qq), sum (qx) };
}

float
attune_fit_to_f16 (float x)
{
  return attune_f16_to_f32 (attune_f32_to_f16 (CLAMP (x, -ATTUNE_F16_MAX, ATTUNE_F16_MAX)));
}

/* --- even */

/* Takes @inverse's rounding where it is better. @gain: Σ x² less what is left. */
static void
try_even (const float *x, int n, int half, float inverse, float *step, float *gain)
{
  const Sums s = add_up (x, n, 0, inverse, -half, half - 1, 0);
  const float found = s.qq > 0 ? s.qx * s.qx / s.qq : 0;

  if (found > *gain * NEARLY_EQUAL)
    {
      *gain = found;
      *step = s.qx / s.qq;
    }
}

float
attune_fit_even (const float *x, int n, int half)
{
  float largest = 0, step, gain = 0;

  for (int i = 0; i < n; i++)
    if (fabsf (x[i]) > fabsf (largest))
      largest = x[i];
  if (largest == 0)
    return 0;
  /* The largest value takes the side that has one number more; of few numbers the other side can be
   * better. Small steps first: of equal ones the smallest is best, as the block's step follows the
   * largest of its parts. */
  step = -largest / half;
  for (int t = TRIED_STEPS; t >= -TRIED_STEPS; t--)
    {
      const float more = TRIED_RANGE * t / TRIED_STEPS;

      try_even (x, n, half, -(half + more) / largest, &step, &gain);
      if (half <= FEW)
        try_even (x, n, half, (half - 1 + more) / largest, &step, &gain);
    }
  for (int i = 0; i < POLISHED; i++)
    try_even (x, n, half, 1 / step, &step, &gain);
  return step;
}

float
attune_round_even (const float *x, int n, int half, float step, guint8 *q)
{
  const float inverse = step != 0 ? 1 / step : 0;
  Four left = { 0 };

  for (int i = 0; i < n; i += 4)
    {
      const Four v = load (x + i), w = to_whole (v * inverse, all (-half), all (half - 1));
      const Four miss = v - step * w;

      left += miss * miss;
      for (int k = 0; q != NULL && k < 4; k++)
        q[i + k] = (guint8) ((int) w[k] + half);
    }
  return sum (left);
}

/* --- from low */

typedef struct
{
  const float *x;
  int n, top;
  gboolean any_low;
  float lowest;   /* where values are counted from: they are ≥ 0 then, and nothing cancels */
  float x_sum;    /* counted so */
  float step, at; /* the best: x ≈ lowest + at + step · q … */
  float gain;     /* … and Σ x² less what it leaves */
} FromLow;

static void
try_from_low (FromLow *f, float base, float inverse)
{
  const Sums s = add_up (f->x, f->n, base, inverse, 0, f->top, f->lowest);
  const float spread = f->n * s.qq - s.q * s.q;
  float step, at, gain;

  if (spread <= 0)
    return;
  step = (f->n * s.qx - f->x_sum * s.q) / spread;
  at = (f->x_sum - step * s.q) / f->n;
  if (!f->any_low && at > -f->lowest) /* it may not be above 0 */
    {
      at = -f->lowest;
      step = (s.qx - at * s.q) / s.qq;
    }
  /* Σ x² - Σ (x - at - step q)² */
  gain = 2 * (at * f->x_sum + step * s.qx)
         - (f->n * at * at + 2 * at * step * s.q + step * step * s.qq);
  if (step > 0 && gain > f->gain)
    {
      f->gain = gain;
      f->step = step;
      f->at = at;
    }
}

float
attune_fit_from_low (const float *x, int n, int top, gboolean any_low, float *low)
{
  FromLow f = { .x = x, .n = n, .top = top, .any_low = any_low, .lowest = x[0] };
  float highest = x[0], step;

  for (int i = 1; i < n; i++)
    {
      f.lowest = MIN (f.lowest, x[i]);
      highest = MAX (highest, x[i]);
    }
  if (!any_low)
    f.lowest = MIN (f.lowest, 0);
  *low = -f.lowest;
  if (!(highest > f.lowest))
    return 0;
  for (int i = 0; i < n; i++)
    f.x_sum += x[i] - f.lowest;
  f.step = (highest - f.lowest) / top;
  for (int t = -TRIED_STEPS; t <= TRIED_STEPS; t++)
    try_from_low (&f, f.lowest, (top + TRIED_RANGE * t / TRIED_STEPS) / (highest - f.lowest));
  step = f.step;
  for (int k = 1 - TRIED_PHASES / 2; k <= TRIED_PHASES / 2; k++)
    try_from_low (&f, f.lowest + step * k / TRIED_PHASES, 1 / step);
  for (int i = 0; i < POLISHED; i++)
    try_from_low (&f, f.lowest + f.at, 1 / f.step);
  *low = -(f.lowest + f.at);
  return f.step;
}

float
attune_round_from_low (const float *x, int n, int top, float step, float low, guint8 *q)
{
  const float inverse = step != 0 ? 1 / step : 0;
  Four left = { 0 };

  for (int i = 0; i < n; i += 4)
    {
      const Four v = load (x + i) + low, w = to_whole (v * inverse, all (0), all (top));
      const Four miss = v - step * w;

      left += miss * miss;
      for (int k = 0; q != NULL && k < 4; k++)
        q[i + k] = (guint8) w[k];
    }
  return sum (left);
}
