/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/number.h"

double
attune_shorten_float (float value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits < 9; digits++)
    {
      const char format[] = { '%', '.', (char) ('0' + digits), 'g', '\0' };

      g_ascii_formatd (text, sizeof text, format, value);
      if ((float) g_ascii_strtod (text, NULL) == value)
        return g_ascii_strtod (text, NULL);
    }
  return value;
}
