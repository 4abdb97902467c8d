/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The value of one setting, from and to JSON and words.
 */
#include "core/setting-value.h"
#include "core/settings.h"

#include <errno.h>
#include <math.h>
#include <string.h>

static char *
format_double (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  /* The shortest of these that reads back as the same number: 0.0002, not 0.00020000000000000001.
   */
  for (int digits = 6; digits <= 17; digits++)
    {
      const char format[] = { '%', '.', '0' + digits / 10, '0' + digits % 10, 'g', '\0' };

      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  return g_strdup (text);
}

/* What a value of this setting may be, as a phrase: "a whole number from 1 to 256". */
char *
attune_setting_describe_range (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    {
      GParamSpecInt *p = G_PARAM_SPEC_INT (pspec);

      if (p->maximum == G_MAXINT)
        return g_strdup_printf ("a whole number, %d or more", p->minimum);
      return g_strdup_printf ("a whole number from %d to %d", p->minimum, p->maximum);
    }
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    {
      GParamSpecInt64 *p = G_PARAM_SPEC_INT64 (pspec);

      if (p->maximum == G_MAXINT64)
        return g_strdup_printf ("a whole number, %" G_GINT64_FORMAT " or more", p->minimum);
      return g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
                              p->minimum, p->maximum);
    }
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      GParamSpecDouble *p = G_PARAM_SPEC_DOUBLE (pspec);
      g_autofree char *low = format_double (p->minimum), *high = format_double (p->maximum);

      if (p->maximum == G_MAXDOUBLE)
        return g_strdup_printf ("a number, %s or more", low);
      return g_strdup_printf ("a number from %s to %s", low, high);
    }
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
      GString *text = g_string_new ("one of ");

      for (guint i = 0; i < klass->n_values; i++)
        g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", klass->values[i].value_nick);
      return g_string_free (text, FALSE);
    }
  return g_strdup (G_IS_PARAM_SPEC_BOOLEAN (pspec) ? "yes or no" : "text");
}

static gboolean
fail_value (GError **error, GParamSpec *pspec, const char *found)
{
  g_autofree char *range = attune_setting_describe_range (pspec);

  g_set_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_VALUE,
               "%s (%s) must be %s; “%s” is not.", g_param_spec_get_nick (pspec), pspec->name,
               range, found);
  return FALSE;
}

/* Each of these takes a number or word apart and leaves @value set on success. */

static gboolean
set_integer (GValue *value, GParamSpec *pspec, gint64 number)
{
  if (G_IS_PARAM_SPEC_INT (pspec))
    {
      if (number < G_PARAM_SPEC_INT (pspec)->minimum || number > G_PARAM_SPEC_INT (pspec)->maximum)
        return FALSE;
      g_value_set_int (value, (int) number);
      return TRUE;
    }
  if (number < G_PARAM_SPEC_INT64 (pspec)->minimum || number > G_PARAM_SPEC_INT64 (pspec)->maximum)
    return FALSE;
  g_value_set_int64 (value, number);
  return TRUE;
}

static gboolean
set_double (GValue *value, GParamSpec *pspec, double number)
{
  if (!isfinite (number) || number < G_PARAM_SPEC_DOUBLE (pspec)->minimum
      || number > G_PARAM_SPEC_DOUBLE (pspec)->maximum)
    return FALSE;
  g_value_set_double (value, number);
  return TRUE;
}

static gboolean
set_enum (GValue *value, GParamSpec *pspec, const char *nick)
{
  GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;

  for (guint i = 0; i < klass->n_values; i++)
    if (g_ascii_strcasecmp (klass->values[i].value_nick, nick) == 0)
      {
        g_value_set_enum (value, klass->values[i].value);
        return TRUE;
      }
  return FALSE;
}

static gboolean
set_boolean_word (GValue *value, const char *word)
{
  static const char *const words[2][5]
      = { { "no", "false", "off", "0", "n" }, { "yes", "true", "on", "1", "y" } };

  for (int truth = 0; truth < 2; truth++)
    for (guint i = 0; i < G_N_ELEMENTS (words[0]); i++)
      if (g_ascii_strcasecmp (word, words[truth][i]) == 0)
        {
          g_value_set_boolean (value, truth);
          return TRUE;
        }
  return FALSE;
}

gboolean
attune_setting_from_text (GValue *value, GParamSpec *pspec, const char *text, GError **error)
{
  g_autofree char *word = g_strstrip (g_strdup (text));
  char *end = word;
  gboolean good = FALSE;

  g_value_init (value, pspec->value_type);
  errno = 0;
  if (G_IS_PARAM_SPEC_STRING (pspec))
    {
      good = g_utf8_validate (text, -1, NULL);
      g_value_set_string (value, text);
    }
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    good = set_boolean_word (value, word);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    good = set_enum (value, pspec, word);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    {
      const double number = g_ascii_strtod (word, &end);

      good = end > word && *end == '\0' && set_double (value, pspec, number);
    }
  else
    {
      const gint64 number = g_ascii_strtoll (word, &end, 10);

      good = end > word && *end == '\0' && errno == 0 && set_integer (value, pspec, number);
    }
  return good ? TRUE : fail_value (error, pspec, text);
}

gboolean
attune_setting_from_json (GValue *value, GParamSpec *pspec, JsonNode *node, GError **error)
{
  const GType type
      = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  const gboolean number = type == G_TYPE_INT64 || type == G_TYPE_DOUBLE;
  gboolean good = FALSE;

  g_value_init (value, pspec->value_type);
  if (G_IS_PARAM_SPEC_STRING (pspec) && (type == G_TYPE_STRING || JSON_NODE_HOLDS_NULL (node)))
    {
      g_value_set_string (value, JSON_NODE_HOLDS_NULL (node) ? NULL : json_node_get_string (node));
      good = TRUE;
    }
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec) && type == G_TYPE_BOOLEAN)
    {
      g_value_set_boolean (value, json_node_get_boolean (node));
      good = TRUE;
    }
  else if (G_IS_PARAM_SPEC_ENUM (pspec) && type == G_TYPE_STRING)
    good = set_enum (value, pspec, json_node_get_string (node));
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec) && number)
    good = set_double (value, pspec, json_node_get_double (node));
  else if ((G_IS_PARAM_SPEC_INT (pspec) || G_IS_PARAM_SPEC_INT64 (pspec)) && type == G_TYPE_INT64)
    good = set_integer (value, pspec, json_node_get_int (node));

  if (!good)
    {
      g_autofree char *found = json_to_string (node, FALSE);

      return fail_value (error, pspec, found);
    }
  return TRUE;
}

JsonNode *
attune_setting_to_json (const GValue *value, GParamSpec *pspec)
{
  JsonNode *node = json_node_alloc ();

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return json_node_init_boolean (node, g_value_get_boolean (value));
  if (G_IS_PARAM_SPEC_INT (pspec))
    return json_node_init_int (node, g_value_get_int (value));
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    return json_node_init_int (node, g_value_get_int64 (value));
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return json_node_init_double (node, g_value_get_double (value));
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      GEnumClass *klass = G_PARAM_SPEC_ENUM (pspec)->enum_class;
      GEnumValue *item = g_enum_get_value (klass, g_value_get_enum (value));

      return json_node_init_string (node, item->value_nick);
    }
  g_assert (G_IS_PARAM_SPEC_STRING (pspec));
  return json_node_init_string (node, g_value_get_string (value) ? g_value_get_string (value) : "");
}

char *
attune_setting_to_text (const GValue *value, GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return g_strdup (g_value_get_boolean (value) ? "yes" : "no");
  if (G_IS_PARAM_SPEC_INT (pspec))
    return g_strdup_printf ("%d", g_value_get_int (value));
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    return g_strdup_printf ("%" G_GINT64_FORMAT, g_value_get_int64 (value));
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return format_double (g_value_get_double (value));
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return g_strdup (
        g_enum_get_value (G_PARAM_SPEC_ENUM (pspec)->enum_class, g_value_get_enum (value))
            ->value_nick);
  return g_strdup (g_value_get_string (value) ? g_value_get_string (value) : "");
}
