/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes numbers for ticks and read-outs.
 */
#include "charts/number.h"
#include <glib/gi18n.h>
#include <math.h>

/* Decimals that tell multiples of @step apart: 0.25 needs two, 20 none. */
static int
decimals_for (double step)
{
  for (int d = 0; d < 9; d++)
    {
      const double scaled = step * pow (10, d);

      if (fabs (scaled - round (scaled)) < 1e-4 * scaled && round (scaled) > 0)
        return d;
    }
  return 9;
}

/* Decimals that leave four figures of @value. */
static int
decimals_of (double value)
{
  const double size = fabs (value);

  return size == 0 || size >= 1000 ? 0 : CLAMP (3 - (int) floor (log10 (size)), 0, 6);
}

/* printf with grouping and a true minus sign. */
static char *
fixed (double value, int decimals)
{
  g_autofree char *text = NULL;

  if (fabs (value) < 0.5 * pow (10, -decimals))
    value = 0; /* no "-0.00" */
  text = g_strdup_printf ("%'.*f", decimals, fabs (value));
  return g_strconcat (value < 0 ? "\u2212" : "", text, NULL);
}

static char *
scientific (double value, int decimals)
{
  static const char *const digit[] = { "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹" };
  int power = (int) floor (log10 (fabs (value)) + 1e-9);
  double mantissa = value / pow (10, power);
  g_autofree char *front = NULL, *figures = NULL;
  GString *text;

  /* 9.9996 with three decimals would read 10.000 */
  if (round (fabs (mantissa) * pow (10, decimals)) >= 10 * pow (10, decimals))
    mantissa /= 10, power++;
  front = fixed (mantissa, decimals);
  text = g_string_new (NULL);
  if (decimals > 0 || fabs (fabs (mantissa) - 1) > 1e-6)
    g_string_append_printf (text, "%s×", front);
  else if (mantissa < 0)
    g_string_append (text, "\u2212");
  g_string_append (text, "10");
  if (power < 0)
    g_string_append (text, "⁻");
  figures = g_strdup_printf ("%d", ABS (power));
  for (const char *p = figures; *p != '\0'; p++)
    g_string_append (text, digit[*p - '0']);
  return g_string_free (text, FALSE);
}

static char *
format_plain (double value, double step)
{
  const double size = fabs (value);

  if (size == 0)
    return g_strdup ("0");
  if (step > 0)
    {
      /* Very small or very large steps: 2×10⁻⁵, not 0.00002. */
      if (step < 0.9999e-4 || size >= 1e12)
        return scientific (value, decimals_for (step / pow (10, floor (log10 (size) + 1e-9))));
      if (step >= 1e5)
        {
          g_autofree char *millions = fixed (value / 1e6, decimals_for (step / 1e6));

          /* Translators: millions, on a chart's axis, as short as possible */
          return g_strdup_printf (_ ("%s M"), millions);
        }
      return fixed (value, decimals_for (step));
    }
  if (size < 1e-3 || size >= 1e15)
    return scientific (value, 2);
  if (value == round (value))
    return fixed (value, 0);
  return fixed (value, decimals_of (value));
}

static char *
format_bytes (double value, double step)
{
  const char *const names[] = { _ ("B"), _ ("kB"), _ ("MB"), _ ("GB"), _ ("TB"), _ ("PB") };
  const double size = fabs (value);
  const int power = size < 1000 ? 0 : MIN ((int) floor (log10 (size) / 3 + 1e-9), 5);
  const double shown = value / pow (1000, power);
  int decimals = fabs (shown) < 100 && power > 0 ? 1 : 0;
  g_autofree char *number = NULL;

  if (size == 0)
    return g_strdup ("0");
  if (step > 0)
    decimals = decimals_for (step / pow (1000, power));
  number = fixed (shown, MIN (decimals, 3));
  return g_strdup_printf ("%s\u00a0%s", number, names[power]);
}

static char *
format_seconds (double value, double step)
{
  const double size = fabs (value);
  g_autofree char *number = NULL;

  if (size == 0)
    return g_strdup ("0");
  if (size < 1)
    {
      number = fixed (value * 1000, step > 0 ? decimals_for (step * 1000) : size < 0.01 ? 1 : 0);
      return g_strdup_printf (_ ("%s ms"), number);
    }
  if (size < 60)
    {
      number = fixed (value, step > 0 ? decimals_for (step) : size < 10 ? 1 : 0);
      return g_strdup_printf (_ ("%s s"), number);
    }
  if (size < 3600 && fmod (round (size), 60) == 0)
    return g_strdup_printf (_ ("%d min"), (int) round (value / 60));
  if (size < 3600)
    return g_strdup_printf (_ ("%d:%02d min"), (int) (value / 60), (int) round (size) % 60);
  if (size < 86400 && fmod (round (size / 60), 60) == 0)
    return g_strdup_printf (_ ("%d h"), (int) round (value / 3600));
  if (size < 86400)
    return g_strdup_printf (_ ("%d:%02d h"), (int) (value / 3600), (int) (size / 60) % 60);
  number = fixed (value / 86400, fmod (size, 86400) == 0 ? 0 : 1);
  /* Translators: days, on a chart's axis */
  return g_strdup_printf (_ ("%s d"), number);
}

static char *
format_clock (double value, double step)
{
  g_autoptr (GDateTime) time = NULL;

  /* Beyond the years 1 and 9999 GDateTime knows no date. */
  if (fabs (value) < 6e10)
    time = g_date_time_new_from_unix_local ((gint64) value);
  if (time == NULL)
    return g_strdup (_ ("no value"));
  if (step == 0)
    return g_date_time_format (time, _ ("%e %b %Y, %H:%M"));
  if (step >= 86400 * 27)
    return g_date_time_format (time, _ ("%b %Y"));
  if (step >= 86400)
    return g_date_time_format (time, _ ("%e %b"));
  return g_date_time_format (time, step >= 60 ? _ ("%H:%M") : _ ("%H:%M:%S"));
}

char *
attune_number_format (double value, AttuneUnit unit, double step)
{
  g_autofree char *number = NULL;

  if (isnan (value))
    return g_strdup (_ ("no value"));
  if (isinf (value))
    return g_strdup (value < 0 ? "\u2212∞" : "∞");
  switch (unit)
    {
    case ATTUNE_UNIT_PERCENT:
      number = fixed (value * 100, step > 0 ? decimals_for (step * 100) : 1);
      /* Translators: a share in percent */
      return g_strdup_printf (_ ("%s%%"), number);
    case ATTUNE_UNIT_BYTES:
      return format_bytes (value, step);
    case ATTUNE_UNIT_SECONDS:
      return format_seconds (value, step);
    case ATTUNE_UNIT_CLOCK:
      return format_clock (value, step);
    case ATTUNE_UNIT_NUMBER:
    default:
      return format_plain (value, step);
    }
}

char *
attune_number_format_power (double value)
{
  g_return_val_if_fail (isfinite (value) && value != 0, NULL);
  return scientific (value, 0);
}
