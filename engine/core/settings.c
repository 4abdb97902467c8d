/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings objects to and from JSON, text and command-line flags, by their properties alone.
 */
#include "core/settings.h"

#include <errno.h>
#include <math.h>
#include <string.h>

G_DEFINE_QUARK (attune_settings_error, attune_settings_error)

/* Every property that is a setting, in the order of declaration. Returns: (transfer container). */
static GParamSpec **
list_settings (GObject *settings, guint *n)
{
  guint n_all;
  GParamSpec **all = g_object_class_list_properties (G_OBJECT_GET_CLASS (settings), &n_all);

  *n = 0;
  for (guint i = 0; i < n_all; i++)
    if ((all[i]->flags & G_PARAM_READWRITE) == G_PARAM_READWRITE)
      all[(*n)++] = all[i];
  return all;
}

/* --- words */

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
static char *
describe_range (GParamSpec *pspec)
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
  g_autofree char *range = describe_range (pspec);

  g_set_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_VALUE,
               "%s (%s) must be %s; “%s” is not.", g_param_spec_get_nick (pspec), pspec->name,
               range, found);
  return FALSE;
}

static gboolean
fail_unknown (GError **error, GObject *settings, const char *name)
{
  g_autofree GParamSpec **list = NULL;
  g_autoptr (GString) known = g_string_new (NULL);
  guint n;

  list = list_settings (settings, &n);
  for (guint i = 0; i < n; i++)
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", list[i]->name);
  g_set_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_UNKNOWN,
               "There is no setting “%s”. The settings are: %s.", name, known->str);
  return FALSE;
}

static GParamSpec *
find_setting (GObject *settings, const char *name, GError **error)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (settings), name);

  if (pspec == NULL || (pspec->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE)
    {
      fail_unknown (error, settings, name);
      return NULL;
    }
  return pspec;
}

/* --- values; each takes a number or word apart and leaves @value set on success */

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

static gboolean
value_from_text (GValue *value, GParamSpec *pspec, const char *text, GError **error)
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

static gboolean
value_from_json (GValue *value, GParamSpec *pspec, JsonNode *node, GError **error)
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

/* --- JSON */

static JsonNode *
value_to_json (const GValue *value, GParamSpec *pspec)
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

JsonNode *
attune_settings_to_json (GObject *settings)
{
  g_autofree GParamSpec **list = NULL;
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  guint n;

  list = list_settings (settings, &n);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (settings, list[i]->name, &value);
      json_object_set_member (object, list[i]->name, value_to_json (&value, list[i]));
    }
  json_node_take_object (node, object);
  return node;
}

/* Nothing is done where it was not there, and nothing where it has its default. */
static gboolean
is_off_by_default (GParamSpec *pspec)
{
  const GValue *value = g_param_spec_get_default_value (pspec);
  const char *text = G_VALUE_HOLDS_STRING (value) ? g_value_get_string (value) : NULL;

  return G_VALUE_HOLDS_BOOLEAN (value)  ? !g_value_get_boolean (value)
         : G_VALUE_HOLDS_STRING (value) ? text == NULL || *text == '\0'
                                        : FALSE;
}

gboolean
attune_settings_has_all (GObject *settings, JsonNode *node)
{
  g_autofree GParamSpec **list = NULL;
  guint n;

  g_return_val_if_fail (G_IS_OBJECT (settings) && JSON_NODE_HOLDS_OBJECT (node), FALSE);

  list = list_settings (settings, &n);
  for (guint i = 0; i < n; i++)
    if (!json_object_has_member (json_node_get_object (node), list[i]->name)
        && !is_off_by_default (list[i]))
      return FALSE;
  return TRUE;
}

gboolean
attune_settings_apply_json (GObject *settings, JsonNode *node, GError **error)
{
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  g_return_val_if_fail (G_IS_OBJECT (settings) && node != NULL, FALSE);
  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);

  if (!JSON_NODE_HOLDS_OBJECT (node))
    {
      g_set_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_VALUE,
                   "Settings must be a JSON object, with one member per setting.");
      return FALSE;
    }

  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &member))
    {
      GParamSpec *pspec = find_setting (settings, name, error);

      if (pspec == NULL)
        return FALSE;
      g_ptr_array_add (names, (gpointer) pspec->name);
      g_array_set_size (values, values->len + 1);
      if (!value_from_json (&g_array_index (values, GValue, values->len - 1), pspec, member, error))
        return FALSE;
    }

  g_object_freeze_notify (settings);
  for (guint i = 0; i < names->len; i++)
    g_object_set_property (settings, names->pdata[i], &g_array_index (values, GValue, i));
  g_object_thaw_notify (settings);
  return TRUE;
}

/* --- text */

gboolean
attune_settings_set_text (GObject *settings, const char *name, const char *text, GError **error)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec;

  g_return_val_if_fail (G_IS_OBJECT (settings) && name != NULL && text != NULL, FALSE);

  if ((pspec = find_setting (settings, name, error)) == NULL
      || !value_from_text (&value, pspec, text, error))
    return FALSE;
  g_object_set_property (settings, pspec->name, &value);
  return TRUE;
}

static char *
value_to_text (const GValue *value, GParamSpec *pspec)
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

char *
attune_settings_get_text (GObject *settings, const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec = find_setting (settings, name, NULL);

  g_return_val_if_fail (pspec != NULL, NULL);
  g_object_get_property (settings, name, &value);
  return value_to_text (&value, pspec);
}

/* --- command line */

static gboolean
parse_option (const char *option, const char *text, gpointer settings, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (attune_settings_set_text (settings, option + strspn (option, "-"), text, &reason))
    return TRUE;
  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, reason->message);
  return FALSE;
}

static const char *
placeholder (GParamSpec *pspec)
{
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return "yes|no";
  if (G_IS_PARAM_SPEC_STRING (pspec))
    return "TEXT";
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    return "WORD";
  return "N";
}

void
attune_settings_add_options (GObject *settings, GOptionGroup *group)
{
  g_autofree GParamSpec **list = NULL;
  guint n;

  g_return_if_fail (G_IS_OBJECT (settings) && group != NULL);

  list = list_settings (settings, &n);
  for (int expert = 0; expert < 2; expert++)
    for (guint i = 0; i < n; i++)
      {
        g_autofree char *range = NULL, *now = NULL, *help = NULL;
        GOptionEntry entries[2] = { 0 };

        if (((list[i]->flags & ATTUNE_PARAM_EXPERT) != 0) != expert)
          continue;
        range = describe_range (list[i]);
        now = value_to_text (g_param_spec_get_default_value (list[i]), list[i]);
        help = g_strdup_printf ("%s: %s%s%s%s", g_param_spec_get_blurb (list[i]), range,
                                *now ? "; default " : "", now, expert ? " (expert)" : "");
        /* GOption keeps the strings it is given. */
        entries[0].long_name = g_intern_string (list[i]->name);
        entries[0].arg = G_OPTION_ARG_CALLBACK;
        entries[0].arg_data = (gpointer) parse_option;
        entries[0].description = g_intern_string (help);
        entries[0].arg_description = placeholder (list[i]);
        g_option_group_add_entries (group, entries);
      }
}

gboolean
attune_settings_equal (GObject *a, GObject *b)
{
  g_autofree GParamSpec **list = NULL;
  guint n;

  g_return_val_if_fail (G_OBJECT_TYPE (a) == G_OBJECT_TYPE (b), FALSE);

  list = list_settings (a, &n);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) left = G_VALUE_INIT, right = G_VALUE_INIT;

      g_object_get_property (a, list[i]->name, &left);
      g_object_get_property (b, list[i]->name, &right);
      if (g_param_values_cmp (list[i], &left, &right) != 0)
        return FALSE;
    }
  return TRUE;
}
