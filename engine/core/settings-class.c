/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings whose values are fields: where a property's field lies is kept with its GParamSpec.
 */
#include "core/settings-class.h"

static GQuark
offset_quark (void)
{
  return g_quark_from_static_string ("attune-settings-offset");
}

static gpointer
find_field (GObject *object, GParamSpec *pspec)
{
  return (char *) object + GPOINTER_TO_SIZE (g_param_spec_get_qdata (pspec, offset_quark ()));
}

static void
settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  gconstpointer field = find_field (object, pspec);

  if (G_IS_PARAM_SPEC_INT (pspec))
    g_value_set_int (value, *(const int *) field);
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    g_value_set_int64 (value, *(const gint64 *) field);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    g_value_set_double (value, *(const double *) field);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, *(const gboolean *) field);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    g_value_set_enum (value, *(const int *) field);
  else
    g_value_set_string (value, *(char *const *) field);
}

static void
settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  gpointer field = find_field (object, pspec);
  g_auto (GValue) old = G_VALUE_INIT;

  g_value_init (&old, pspec->value_type);
  settings_get_property (object, id, &old, pspec);
  if (G_IS_PARAM_SPEC_INT (pspec))
    *(int *) field = g_value_get_int (value);
  else if (G_IS_PARAM_SPEC_INT64 (pspec))
    *(gint64 *) field = g_value_get_int64 (value);
  else if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    *(double *) field = g_value_get_double (value);
  else if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    *(gboolean *) field = g_value_get_boolean (value);
  else if (G_IS_PARAM_SPEC_ENUM (pspec))
    *(int *) field = g_value_get_enum (value);
  else
    {
      g_free (*(char **) field);
      *(char **) field
          = g_strdup (g_value_get_string (value) != NULL ? g_value_get_string (value) : "");
    }
  if (g_param_values_cmp (pspec, &old, value) != 0)
    g_object_notify_by_pspec (object, pspec);
}

/* Settings classes are final: the parent of the class is GObject itself. */
static void
settings_finalize (GObject *object)
{
  g_autofree GParamSpec **specs
      = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), NULL);

  for (guint i = 0; specs[i] != NULL; i++)
    if (G_IS_PARAM_SPEC_STRING (specs[i]))
      g_free (*(char **) find_field (object, specs[i]));
  G_OBJECT_CLASS (g_type_class_peek_static (G_TYPE_OBJECT))->finalize (object);
}

void
attune_settings_class_init (GObjectClass *klass)
{
  klass->get_property = settings_get_property;
  klass->set_property = settings_set_property;
  klass->finalize = settings_finalize;
}

void
attune_settings_class_add (GObjectClass *klass, gsize offset, GParamSpec *pspec)
{
  guint n;

  g_param_spec_set_qdata (pspec, offset_quark (), GSIZE_TO_POINTER (offset));
  g_free (g_object_class_list_properties (klass, &n));
  g_object_class_install_property (klass, n + 1, pspec);
}
