/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings objects to and from JSON, text and command-line flags, by their properties alone.
 */
#include "core/settings.h"
#include "core/setting-value.h"

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

/* --- JSON */

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
      json_object_set_member (object, list[i]->name, attune_setting_to_json (&value, list[i]));
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
         : G_VALUE_HOLDS_INT (value)    ? g_value_get_int (value) == 0 /* none of them */
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
      if (!attune_setting_from_json (&g_array_index (values, GValue, values->len - 1), pspec,
                                     member, error))
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
      || !attune_setting_from_text (&value, pspec, text, error))
    return FALSE;
  g_object_set_property (settings, pspec->name, &value);
  return TRUE;
}

char *
attune_settings_get_text (GObject *settings, const char *name)
{
  g_auto (GValue) value = G_VALUE_INIT;
  GParamSpec *pspec = find_setting (settings, name, NULL);

  g_return_val_if_fail (pspec != NULL, NULL);
  g_object_get_property (settings, name, &value);
  return attune_setting_to_text (&value, pspec);
}

/* --- command line */

static gboolean
parse_option (const char *option, const char *text, gpointer settings, GError **error)
{
  const char *name = option + strspn (option, "-");
  const GParamSpec *pspec = find_setting (settings, name, NULL);
  g_autofree char *path = NULL;
  g_autoptr (GError) reason = NULL;

  /* what it is kept for may be done elsewhere */
  if (pspec != NULL && (pspec->flags & ATTUNE_PARAM_FILE) != 0 && *text != '\0')
    text = path = g_canonicalize_filename (text, NULL);
  if (attune_settings_set_text (settings, name, text, &reason))
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
        range = attune_setting_describe_range (list[i]);
        now = attune_setting_to_text (g_param_spec_get_default_value (list[i]), list[i]);
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
