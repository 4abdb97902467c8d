/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes CSV cells.
 */
#include "charts/csv-text.h"
#include <math.h>
#include <string.h>

static void
separate (GString *csv)
{
  if (csv->len > 0 && csv->str[csv->len - 1] != '\n')
    g_string_append_c (csv, ',');
}

void
attune_csv_text (GString *csv, const char *text)
{
  separate (csv);
  /* An empty first cell is quoted as well, or the next would not know that it is not the first. */
  if (*text != '\0' && strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (csv, text);
      return;
    }
  g_string_append_c (csv, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *p);
    }
  g_string_append_c (csv, '"');
}

void
attune_csv_number (GString *csv, double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  separate (csv);
  if (isfinite (value))
    {
      static const char *const forms[] = { "%.15g", "%.16g", "%.17g" };

      /* the shortest that is read back as the same number: %.17g always is */
      for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
        {
          g_ascii_formatd (buffer, sizeof buffer, forms[i], value);
          if (g_ascii_strtod (buffer, NULL) == value)
            break;
        }
      g_string_append (csv, buffer);
    }
}

void
attune_csv_end_line (GString *csv)
{
  g_string_append (csv, "\r\n");
}
