/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Loss over steps on a grid of letters.
 */
#include "chart.h"

#include "output.h"

#include <math.h>
#include <string.h>

#define ROWS 9
#define COLUMNS 60

enum
{
  EMPTY,
  TRAIN,
  VALIDATION,
};

typedef struct
{
  double low, high; /* of the losses */
  gint64 last;      /* step */
  char cells[ROWS][COLUMNS];
} Grid;

static void
widen (Grid *grid, double loss)
{
  grid->low = MIN (grid->low, loss);
  grid->high = MAX (grid->high, loss);
}

static void
put (Grid *grid, gint64 step, double loss, char what)
{
  const double height
      = grid->high > grid->low ? (loss - grid->low) / (grid->high - grid->low) : 0.5;
  const int row = (int) lround ((1 - height) * (ROWS - 1));
  const int column = (int) lround ((double) step / MAX (grid->last, 1) * (COLUMNS - 1));

  grid->cells[CLAMP (row, 0, ROWS - 1)][CLAMP (column, 0, COLUMNS - 1)] = what;
}

/* The mean of the steps that fall into one column, so that noise does not hide the curve. */
static void
put_training (Grid *grid, GArray *steps, gboolean measure)
{
  const guint per_column = (steps->len + COLUMNS - 1) / COLUMNS;

  for (guint first = 0; first < steps->len; first += per_column)
    {
      const guint n = MIN (per_column, steps->len - first);
      double sum = 0;

      for (guint i = first; i < first + n; i++)
        sum += g_array_index (steps, AttuneCurvePoint, i).loss;
      if (measure)
        widen (grid, sum / n);
      else
        put (grid, g_array_index (steps, AttuneCurvePoint, first + n / 2).step, sum / n, TRAIN);
    }
}

static void
put_validation (Grid *grid, GArray *validations, gboolean measure)
{
  for (guint i = 0; i < validations->len; i++)
    {
      const AttuneValidationPoint *point = &g_array_index (validations, AttuneValidationPoint, i);

      if (measure)
        widen (grid, point->loss);
      else
        put (grid, point->step, point->loss, VALIDATION);
    }
}

void
attune_chart_print (const AttuneRunCurves *curves)
{
  Grid grid = { .low = G_MAXDOUBLE, .high = -G_MAXDOUBLE };
  g_autofree char *rule = NULL;

  if (curves->steps->len == 0)
    return;
  grid.last = g_array_index (curves->steps, AttuneCurvePoint, curves->steps->len - 1).step;
  put_training (&grid, curves->steps, TRUE);
  put_validation (&grid, curves->validations, TRUE);
  put_training (&grid, curves->steps, FALSE);
  put_validation (&grid, curves->validations, FALSE);

  attune_output_heading ("Loss (· training, ○ validation)");
  for (int row = 0; row < ROWS; row++)
    {
      g_autoptr (GString) line = g_string_new (NULL);
      const double value = grid.high - (grid.high - grid.low) * row / (ROWS - 1);

      for (int column = 0; column < COLUMNS; column++)
        g_string_append (line, grid.cells[row][column] == VALIDATION ? "○"
                               : grid.cells[row][column] == TRAIN    ? "·"
                                                                     : " ");
      g_strchomp (line->str);
      attune_output_line ("  %8.3f │%s", value, line->str);
    }
  attune_output_line ("           └────────────────────────────────────────────────────────────");
  attune_output_line ("            step 0%*s", COLUMNS - 6,
                      (rule = g_strdup_printf ("step %" G_GINT64_FORMAT, grid.last)));
}
