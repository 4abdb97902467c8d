/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of Parquet as text: as a person would write them, or as JSON.
 */
#include "data/parquet-text.h"

#include <math.h>
#include <string.h>

/* As few digits as give the number again. */
static void
append_real (GString *to, double value, gboolean is_single)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = is_single ? 6 : 15; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if (is_single ? (float) g_ascii_strtod (text, NULL) == (float) value
                    : g_ascii_strtod (text, NULL) == value)
        break;
    }
  g_string_append (to, text);
}

/* @number tenths, hundredths … */
static void
append_decimal (GString *to, gint64 number, gint64 scale)
{
  g_autofree char *digits = g_strdup_printf ("%0*" G_GUINT64_FORMAT, (int) scale + 1,
                                             number < 0 ? -(guint64) number : (guint64) number);
  const gsize n = strlen (digits) - scale;

  g_string_append (to, number < 0 ? "-" : "");
  g_string_append_len (to, digits, n);
  if (scale > 0)
    g_string_append_printf (to, ".%s", digits + n);
}

/* A day or a moment. Returns: FALSE where no calendar has it. */
static gboolean
append_time (GString *to, const AttuneParquetNode *leaf, gint64 number)
{
  const gboolean is_date = leaf->meaning == ATTUNE_PARQUET_DATE;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (is_date ? number <= -(1 << 30) || number >= 1 << 30 : leaf->unit == 0)
    return FALSE;
  /* whole seconds, also before 1970 */
  time = g_date_time_new_from_unix_utc (is_date ? number * 86400
                                                : number / leaf->unit - (number % leaf->unit < 0));
  text = time != NULL ? g_date_time_format (time, is_date ? "%F" : "%F %T") : NULL;
  if (text != NULL)
    g_string_append (to, text);
  return text != NULL;
}

static void
append_whole (GString *to, const AttuneParquetNode *leaf, gint64 number, gboolean *is_words)
{
  *is_words = FALSE;
  if (leaf->meaning == ATTUNE_PARQUET_DATE || leaf->meaning == ATTUNE_PARQUET_TIME)
    *is_words = append_time (to, leaf, number);
  if (*is_words)
    return;
  if (leaf->meaning == ATTUNE_PARQUET_DECIMAL)
    append_decimal (to, number, leaf->scale);
  else if (leaf->meaning == ATTUNE_PARQUET_UNSIGNED)
    g_string_append_printf (to, "%" G_GUINT64_FORMAT, (guint64) number);
  else
    g_string_append_printf (to, "%" G_GINT64_FORMAT, number);
}

/* A decimal in bytes: two's complement, the greatest first. Returns: FALSE where it is too long. */
static gboolean
append_bytes_decimal (GString *to, const AttuneParquetNode *leaf, const AttuneParquetValue *value)
{
  const guint8 *at = (const guint8 *) value->text, *end = at + value->n;
  guint64 number;

  if (value->n == 0)
    return FALSE;
  number = *at & 0x80 ? G_MAXUINT64 : 0;
  /* bytes that only repeat the sign */
  while (end - at > 8 && *at == (number & 0xff) && !((at[0] ^ at[1]) & 0x80))
    at++;
  if (end - at > 8)
    return FALSE;
  for (; at < end; at++)
    number = number << 8 | *at;
  append_decimal (to, (gint64) number, leaf->scale);
  return TRUE;
}

gboolean
attune_parquet_is_text (const AttuneParquetNode *leaf)
{
  return leaf->type == ATTUNE_PARQUET_BYTES && leaf->meaning != ATTUNE_PARQUET_DECIMAL;
}

gboolean
attune_parquet_append_text (GString *to, const AttuneParquetNode *leaf,
                            const AttuneParquetValue *value, gboolean *is_words)
{
  *is_words = FALSE;
  if (leaf->meaning == ATTUNE_PARQUET_DECIMAL
      && (leaf->type == ATTUNE_PARQUET_BYTES || leaf->type == ATTUNE_PARQUET_FIXED))
    return append_bytes_decimal (to, leaf, value);
  switch (leaf->type)
    {
    case ATTUNE_PARQUET_BOOLEAN:
      g_string_append (to, value->number ? "true" : "false");
      return TRUE;
    case ATTUNE_PARQUET_INT32:
    case ATTUNE_PARQUET_INT64:
      append_whole (to, leaf, value->number, is_words);
      return TRUE;
    case ATTUNE_PARQUET_FLOAT:
    case ATTUNE_PARQUET_DOUBLE:
      if (!isfinite (value->real))
        return FALSE;
      append_real (to, value->real, leaf->type == ATTUNE_PARQUET_FLOAT);
      return TRUE;
    case ATTUNE_PARQUET_BYTES:
      *is_words = TRUE;
      g_string_append_len (to, value->text, value->n);
      return TRUE;
    default: /* points in time of old and bytes of fixed length */
      return FALSE;
    }
}

gboolean
attune_parquet_append_quoted (GString *to, const char *text, gsize n)
{
  if (!g_utf8_validate (text, n, NULL) || memchr (text, '\0', n) != NULL)
    {
      g_string_append (to, "null");
      return FALSE;
    }
  g_string_append_c (to, '"');
  for (gsize i = 0; i < n; i++)
    {
      const guchar c = text[i];

      if (c == '"' || c == '\\')
        g_string_append_c (to, '\\');
      if (c < 0x20)
        g_string_append_printf (to, "\\u%04x", c);
      else
        g_string_append_c (to, c);
    }
  g_string_append_c (to, '"');
  return TRUE;
}
