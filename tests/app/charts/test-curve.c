/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done to a curve before it is drawn: smoothing and thinning; and the colours of curves.
 */
#include "charts/figure-style.h"
#include "charts/smooth.h"
#include "charts/thin.h"

static void
test_smooth_formula (void)
{
  AttuneSmooth smooth = { .weight = 0.9 };

  /* A constant stays itself from the first value on: no pull towards 0. */
  for (int i = 0; i < 50; i++)
    g_assert_cmpfloat_with_epsilon (attune_smooth_next (&smooth, 3), 3, 1e-12);
  /* (0.25 · 1 + 0.5 · 2) / 0.75, by hand for weight ½ */
  smooth = (AttuneSmooth) { .weight = 0.5 };
  g_assert_cmpfloat (attune_smooth_next (&smooth, 1), ==, 1);
  g_assert_cmpfloat_with_epsilon (attune_smooth_next (&smooth, 2), 1.25 / 0.75, 1e-12);
  smooth = (AttuneSmooth) { .weight = 0 };
  g_assert_cmpfloat (attune_smooth_next (&smooth, 0.1), ==, 0.1);
  g_assert_cmpfloat (attune_smooth_next (&smooth, 0.7), ==, 0.7);
}

static void
test_smooth_bad_step (void)
{
  AttuneSmooth with = { .weight = 0.8 }, without = { .weight = 0.8 };

  attune_smooth_next (&with, 1);
  attune_smooth_next (&without, 1);
  g_assert_true (isnan (attune_smooth_next (&with, NAN)));
  g_assert_true (isinf (attune_smooth_next (&with, INFINITY)));
  g_assert_cmpfloat (attune_smooth_next (&with, 2), ==, attune_smooth_next (&without, 2));
}

#define N 100000
#define LOW 31234
#define HIGH 77777

typedef struct
{
  double *x, *y;
  AttuneScale across, up;
} Curve;

/* A hundred thousand points on 800 × 200 pixels, with two lone extremes. */
static void
curve_set_up (Curve *self, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (9);

  self->x = g_new (double, N);
  self->y = g_new (double, N);
  for (int i = 0; i < N; i++)
    self->x[i] = i, self->y[i] = g_rand_double_range (rand, 0.4, 0.6);
  self->y[LOW] = 0;
  self->y[HIGH] = 1;
  self->across = (AttuneScale) { 0, N - 1, 0, 800, FALSE };
  self->up = (AttuneScale) { 0, 1, 200, 0, FALSE };
}

static void
curve_tear_down (Curve *self, gconstpointer data)
{
  g_free (self->x);
  g_free (self->y);
}

static gboolean
has_point (GArray *points, double x, double y)
{
  for (guint i = 0; i < points->len; i++)
    {
      const AttunePoint *p = &g_array_index (points, AttunePoint, i);

      if (fabs (p->x - x) <= 1 && fabs (p->y - y) < 1e-9)
        return TRUE;
    }
  return FALSE;
}

static void
test_thin (Curve *self, gconstpointer data)
{
  g_autoptr (GArray) points = attune_thin (self->x, self->y, N, &self->across, &self->up, 1);

  g_assert_cmpuint (points->len, <=, 5 * 801);
  g_assert_true (has_point (points, LOW * 800.0 / (N - 1), 200));
  g_assert_true (has_point (points, HIGH * 800.0 / (N - 1), 0));
  for (guint i = 1; i < points->len; i++)
    g_assert_cmpfloat (g_array_index (points, AttunePoint, i - 1).x, <=,
                       g_array_index (points, AttunePoint, i).x);
  g_assert_cmpfloat (g_array_index (points, AttunePoint, 0).x, ==, 0);
  g_assert_cmpfloat (g_array_index (points, AttunePoint, points->len - 1).x, ==, 800);
}

static void
test_band (Curve *self, gconstpointer data)
{
  g_autoptr (GArray) columns = attune_thin_band (self->x, self->y, N, &self->across, &self->up, 1);
  double top = INFINITY, bottom = -INFINITY;

  g_assert_cmpuint (columns->len, <=, 801);
  for (guint i = 0; i < columns->len; i++)
    {
      const AttuneColumn *c = &g_array_index (columns, AttuneColumn, i);

      g_assert_cmpfloat (c->top, <=, c->bottom);
      top = MIN (top, c->top), bottom = MAX (bottom, c->bottom);
    }
  g_assert_cmpfloat (top, ==, 0);
  g_assert_cmpfloat (bottom, ==, 200);
}

/* A wide gap lifts the pen once; what is not finite is never a point. */
static void
test_gaps (Curve *self, gconstpointer data)
{
  g_autoptr (GArray) points = NULL, columns = NULL;
  int lifts = 0;

  for (int i = 40000; i < 50000; i++)
    self->y[i] = i % 2 == 0 ? NAN : INFINITY;
  self->y[60000] = NAN; /* less than a column: is closed */
  points = attune_thin (self->x, self->y, N, &self->across, &self->up, 1);
  for (guint i = 0; i < points->len; i++)
    {
      const AttunePoint *p = &g_array_index (points, AttunePoint, i);

      g_assert_true (isfinite (p->x) && !isinf (p->y));
      lifts += isnan (p->y);
    }
  g_assert_cmpint (lifts, ==, 1);
  columns = attune_thin_band (self->x, self->y, N, &self->across, &self->up, 1);
  lifts = 0;
  for (guint i = 0; i < columns->len; i++)
    lifts += isnan (g_array_index (columns, AttuneColumn, i).top);
  g_assert_cmpint (lifts, ==, 1);
}

static void
test_few (void)
{
  const double x[] = { 0, 1, 2, 3 }, y[] = { 1, NAN, 2, 3 };
  const AttuneScale across = { 0, 3, 0, 300, FALSE }, up = { 0, 4, 100, 0, FALSE };
  g_autoptr (GArray) all = attune_thin (x, y, 4, &across, &up, 1);
  g_autoptr (GArray) none = attune_thin (x, y, 0, &across, &up, 1);
  g_autoptr (GArray) nothing = attune_thin_band (x + 1, y + 1, 1, &across, &up, 1);

  g_assert_cmpuint (all->len, ==, 4);
  g_assert_true (isnan (g_array_index (all, AttunePoint, 1).y));
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (nothing->len, ==, 0);
}

static double
nearest_pair (const AttuneColor *colors)
{
  double least = INFINITY;

  for (int a = 0; a < ATTUNE_PALETTE_LENGTH; a++)
    for (int b = 0; b < a; b++)
      for (AttuneVision v = ATTUNE_VISION_FULL; v <= ATTUNE_VISION_DEUTAN; v++)
        least = MIN (least, attune_color_distance (colors[a], colors[b], v));
  return least;
}

/* Adwaita's nine accent colours, on light and on dark. Okabe and Ito's hues alone, lightened until
 * they have the contrast, come as near to one another as 0.03. */
static void
test_palette (void)
{
  static const guint32 accents[][2]
      = { { 0x0461be, 0x81d0ff }, { 0x007184, 0x7bdff4 }, { 0x15772e, 0x8de698 },
          { 0x905300, 0xffc057 }, { 0xb62200, 0xff9c5b }, { 0xc00023, 0xff888c },
          { 0xa2326c, 0xffa0d8 }, { 0x8939a4, 0xfba7ff }, { 0x526678, 0xbbd1e5 } };

  for (guint i = 0; i < G_N_ELEMENTS (accents); i++)
    for (int look = 0; look < 4; look++)
      {
        const gboolean dark = look & 1, high = (look & 2) != 0;
        AttuneFigureStyle style;

        attune_figure_style_init (&style, "Sans 10", attune_color_from_hex (accents[i][dark]), dark,
                                  high);
        g_assert_cmpfloat (nearest_pair (style.series), >, high ? 0.05 : 0.07);
        for (int c = 0; c < ATTUNE_PALETTE_LENGTH; c++)
          g_assert_cmpfloat (attune_color_contrast (style.series[c], style.background), >=,
                             high ? 4.49 : 2.99);
        g_assert_cmpfloat (attune_color_contrast (style.earlier, style.background), >=, 2.99);
        g_assert_cmpfloat (attune_color_contrast (style.muted, style.background), >=, 4.5);
        g_assert_cmpfloat (attune_color_contrast (style.text, style.bubble), >=, 4.5);
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/charts/smooth/formula", test_smooth_formula);
  g_test_add_func ("/charts/smooth/bad-step", test_smooth_bad_step);
  g_test_add ("/charts/thin/points", Curve, NULL, curve_set_up, test_thin, curve_tear_down);
  g_test_add ("/charts/thin/band", Curve, NULL, curve_set_up, test_band, curve_tear_down);
  g_test_add ("/charts/thin/gaps", Curve, NULL, curve_set_up, test_gaps, curve_tear_down);
  g_test_add_func ("/charts/thin/few", test_few);
  g_test_add_func ("/charts/palette", test_palette);
  return g_test_run ();
}
