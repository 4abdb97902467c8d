/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Redrawing a chart of 100,000 points at 900 × 300 in memory, against the time that a frame of a
 * screen at 60 Hz takes, once for each frame's cause: a new point, the pointer's move, another
 * width.
 *
 * Prints a line per figure: name, ours and the budget in ms, ratio, goal, ok or short.
 * Arguments: parts that a name must contain.
 */
#include "charts/line-figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FRAME_MS 16.0
#define GOAL 1.0
#define TURNS 41
#define POINTS 100000
#define WIDTH 900
#define HEIGHT 300

typedef struct
{
  AttuneFigure *figure;
  AttuneFigureStyle style;
  cairo_surface_t *surface;
  int series, points;
} Bench;

typedef void (*Cause) (Bench *self, int turn);

static double
noisy_loss (int i)
{
  return 0.8 + 2.5 * exp (-i / 20000.0) + (i * 2654435761u >> 8) % 1000 * 0.0006;
}

static void
draw (Bench *self, int width, AttuneCursor cursor)
{
  cairo_t *cr = cairo_create (self->surface);

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  attune_figure_draw (self->figure, cr, width, HEIGHT, &self->style, cursor);
  cairo_destroy (cr);
  cairo_surface_flush (self->surface);
}

static void
append (Bench *self, int turn)
{
  for (int s = 0; s < self->series; s++)
    attune_line_figure_append (ATTUNE_LINE_FIGURE (self->figure), s, self->points,
                               noisy_loss (self->points) + s * 0.3);
  self->points++;
  draw (self, WIDTH, ATTUNE_CURSOR_NONE);
}

static void
hover (Bench *self, int turn)
{
  draw (self, WIDTH,
        attune_figure_find (self->figure, WIDTH, HEIGHT, &self->style, 100 + 15 * turn, 120));
}

static void
resize (Bench *self, int turn)
{
  draw (self, WIDTH - turn, ATTUNE_CURSOR_NONE);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

/* Drawing keeps one thread busy: its own time says how long it takes, whatever else runs. */
static double
cpu_ms (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static gboolean
measure (const char *name, Bench *self, Cause cause)
{
  double ms[TURNS], median;

  cause (self, 0);
  for (int i = 0; i < TURNS; i++)
    {
      const double start = cpu_ms ();

      cause (self, i);
      ms[i] = cpu_ms () - start;
    }
  qsort (ms, TURNS, sizeof *ms, compare_doubles);
  median = ms[TURNS / 2];
  printf ("%s\t%.2f\t%.1f\t%.2f\t%.2f\t%s\n", name, median, FRAME_MS, FRAME_MS / median, GOAL,
          FRAME_MS / median >= GOAL ? "ok" : "short");
  fflush (stdout);
  return FRAME_MS / median >= GOAL;
}

/* @n_series curves, smoothed, each with its raw points behind it. */
static void
open_lines (Bench *self, int n_series)
{
  g_autofree double *x = g_new (double, POINTS), *y = g_new (double, POINTS);

  self->series = n_series;
  self->points = POINTS;
  self->figure = ATTUNE_FIGURE (attune_line_figure_new ("Step", "Loss"));
  attune_line_figure_set_smoothing (ATTUNE_LINE_FIGURE (self->figure), 0.9);
  for (int s = 0; s < n_series; s++)
    {
      g_autofree char *name = g_strdup_printf ("Run %d", s + 1);

      for (int i = 0; i < POINTS; i++)
        x[i] = i, y[i] = noisy_loss (i) + s * 0.3;
      attune_line_figure_add_series (ATTUNE_LINE_FIGURE (self->figure), name, ATTUNE_LINE_CURVE);
      attune_line_figure_set_points (ATTUNE_LINE_FIGURE (self->figure), s, x, y, POINTS);
    }
}

static gboolean
is_wanted (const char *name, char **parts)
{
  for (; *parts != NULL; parts++)
    if (strstr (name, *parts) == NULL)
      return FALSE;
  return TRUE;
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    Cause cause;
  } causes[] = { { "append", append }, { "hover", hover }, { "resize", resize } };
  gboolean all = TRUE;

  for (int n = 1; n <= 3; n += 2)
    {
      Bench self = { 0 };

      open_lines (&self, n);
      attune_figure_style_init (&self.style, "Sans 10", attune_color_from_hex (0x0461be), FALSE,
                                FALSE);
      self.surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
      for (gsize i = 0; i < G_N_ELEMENTS (causes); i++)
        {
          g_autofree char *name = g_strdup_printf ("chart-%dx%d-%s", n, POINTS, causes[i].name);

          if (is_wanted (name, argv + 1))
            all = measure (name, &self, causes[i].cause) && all;
        }
      cairo_surface_destroy (self.surface);
      g_object_unref (self.figure);
    }
  return all ? 0 : 1;
}
