/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings to JSON, text and flags and back, on a small class that has one property of every type.
 */
#include "core/settings.h"

#include <string.h>

typedef enum
{
  PET_CAT,
  PET_DOG,
} Pet;

static GType
pet_get_type (void)
{
  static GType type;
  static const GEnumValue values[]
      = { { PET_CAT, "PET_CAT", "cat" }, { PET_DOG, "PET_DOG", "dog" }, { 0 } };

  if (type == 0)
    type = g_enum_register_static ("TestPet", values);
  return type;
}

#define TEST_TYPE_SETTINGS (test_settings_get_type ())
G_DECLARE_FINAL_TYPE (TestSettings, test_settings, TEST, SETTINGS, GObject)

struct _TestSettings
{
  GObject parent_instance;

  gboolean flag;
  int count;
  gint64 seed;
  double rate;
  char *name;
  Pet pet;
};

G_DEFINE_FINAL_TYPE (TestSettings, test_settings, G_TYPE_OBJECT)

enum
{
  PROP_FLAG = 1,
  PROP_COUNT,
  PROP_SEED,
  PROP_RATE,
  PROP_NAME,
  PROP_PET,
  PROP_READ_ONLY,
};

static void
test_settings_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TestSettings *self = TEST_SETTINGS (object);

  switch (id)
    {
    case PROP_FLAG:
      g_value_set_boolean (value, self->flag);
      break;
    case PROP_COUNT:
    case PROP_READ_ONLY:
      g_value_set_int (value, self->count);
      break;
    case PROP_SEED:
      g_value_set_int64 (value, self->seed);
      break;
    case PROP_RATE:
      g_value_set_double (value, self->rate);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    default:
      g_value_set_enum (value, self->pet);
    }
}

static void
test_settings_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TestSettings *self = TEST_SETTINGS (object);

  switch (id)
    {
    case PROP_FLAG:
      self->flag = g_value_get_boolean (value);
      break;
    case PROP_COUNT:
      self->count = g_value_get_int (value);
      break;
    case PROP_SEED:
      self->seed = g_value_get_int64 (value);
      break;
    case PROP_RATE:
      self->rate = g_value_get_double (value);
      break;
    case PROP_NAME:
      g_free (self->name);
      self->name = g_value_dup_string (value);
      break;
    default:
      self->pet = g_value_get_enum (value);
    }
}

static void
test_settings_finalize (GObject *object)
{
  g_free (TEST_SETTINGS (object)->name);
  G_OBJECT_CLASS (test_settings_parent_class)->finalize (object);
}

static void
test_settings_class_init (TestSettingsClass *class)
{
  GObjectClass *klass = G_OBJECT_CLASS (class);

  klass->get_property = test_settings_get_property;
  klass->set_property = test_settings_set_property;
  klass->finalize = test_settings_finalize;
  g_object_class_install_property (
      klass, PROP_FLAG,
      g_param_spec_boolean ("flag", "Flag", "Whether", TRUE, ATTUNE_PARAM | ATTUNE_PARAM_EXPERT));
  g_object_class_install_property (
      klass, PROP_COUNT,
      g_param_spec_int ("big-count", "Count", "How many", 1, 9, 3, ATTUNE_PARAM));
  g_object_class_install_property (
      klass, PROP_SEED,
      g_param_spec_int64 ("seed", "Seed", "Start", 0, G_MAXINT64, 42, ATTUNE_PARAM));
  g_object_class_install_property (
      klass, PROP_RATE, g_param_spec_double ("rate", "Rate", "How fast", 0, 1, 2e-4, ATTUNE_PARAM));
  g_object_class_install_property (
      klass, PROP_NAME,
      g_param_spec_string ("name", "Name", "What it is called", "", ATTUNE_PARAM));
  g_object_class_install_property (
      klass, PROP_PET,
      g_param_spec_enum ("pet", "Pet", "Which", pet_get_type (), PET_CAT, ATTUNE_PARAM));
  g_object_class_install_property (
      klass, PROP_READ_ONLY, g_param_spec_int ("read-only", NULL, NULL, 0, 9, 0, G_PARAM_READABLE));
}

static void
test_settings_init (TestSettings *self)
{
}

static TestSettings *
make (void)
{
  return g_object_new (TEST_TYPE_SETTINGS, NULL);
}

static void
test_json (void)
{
  g_autoptr (TestSettings) a = make (), b = make ();
  g_autoptr (JsonNode) node = attune_settings_to_json (G_OBJECT (a)), changed = NULL;
  g_autofree char *text = json_to_string (node, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_cmpstr (text, ==,
                   "{\"flag\":true,\"big-count\":3,\"seed\":42,\"rate\":0.00020000000000000001,"
                   "\"name\":\"\",\"pet\":\"cat\"}");
  g_object_set (a, "flag", FALSE, "big-count", 9, "seed", G_MAXINT64, "rate", 1.0 / 3, "name",
                "ö \"x\"", "pet", PET_DOG, NULL);
  g_assert_false (attune_settings_equal (G_OBJECT (a), G_OBJECT (b)));
  changed = attune_settings_to_json (G_OBJECT (a));
  g_assert_true (attune_settings_apply_json (G_OBJECT (b), changed, &error));
  g_assert_no_error (error);
  g_assert_true (attune_settings_equal (G_OBJECT (a), G_OBJECT (b)));
  g_assert_true (b->rate == 1.0 / 3 && b->seed == G_MAXINT64);
  g_assert_true (attune_settings_has_all (G_OBJECT (a), changed));
  json_object_remove_member (json_node_get_object (changed), "name");
  g_assert_true (attune_settings_has_all (G_OBJECT (a), changed)); /* it was off before, too */
  json_object_remove_member (json_node_get_object (changed), "pet");
  g_assert_false (attune_settings_has_all (G_OBJECT (a), changed));
}

/* One bad member among good ones: refused, and nothing is changed. */
static void
test_json_errors (void)
{
  static const struct
  {
    const char *json, *named;
    int code;
  } cases[] = {
    { "{\"big-count\": 5, \"rate\": 2}", "rate", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"rate\": \"fast\"}", "fast", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"seed\": -1}", "seed", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 10}", "from 1 to 9", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 4294967301}", "4294967301", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"pet\": \"cow\"}", "cat, dog", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"flag\": 1}", "yes or no", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"name\": []}", "name", ATTUNE_SETTINGS_ERROR_VALUE },
    { "{\"big-count\": 5, \"wings\": 2}", "wings", ATTUNE_SETTINGS_ERROR_UNKNOWN },
    { "{\"big-count\": 5, \"read-only\": 2}", "read-only", ATTUNE_SETTINGS_ERROR_UNKNOWN },
    { "[1]", "object", ATTUNE_SETTINGS_ERROR_VALUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TestSettings) a = make (), untouched = make ();
      g_autoptr (JsonNode) node = json_from_string (cases[i].json, NULL);
      g_autoptr (GError) error = NULL;

      g_assert_false (attune_settings_apply_json (G_OBJECT (a), node, &error));
      g_assert_error (error, ATTUNE_SETTINGS_ERROR, cases[i].code);
      g_assert_nonnull (strstr (error->message, cases[i].named));
      g_assert_true (attune_settings_equal (G_OBJECT (a), G_OBJECT (untouched)));
    }
}

static void
test_text (void)
{
  static const struct
  {
    const char *name, *typed, *shown; /* shown: NULL where it must be refused */
  } cases[] = {
    { "rate", "2e-4", "0.0002" },
    { "rate", " 0.5 ", "0.5" },
    { "rate", "0,5", NULL },
    { "rate", "nan", NULL },
    { "rate", "inf", NULL },
    { "rate", "", NULL },
    { "big-count", "7", "7" },
    { "big-count", "7.5", NULL },
    { "big-count", "0", NULL },
    { "flag", "no", "no" },
    { "flag", "TRUE", "yes" },
    { "flag", "perhaps", NULL },
    { "pet", "Dog", "dog" },
    { "pet", "cow", NULL },
    { "name", " as is ", " as is " },
    { "name", "\xff", NULL },
    { "seed", "9223372036854775807", "9223372036854775807" },
    { "seed", "9223372036854775808", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (TestSettings) a = make ();
      g_autoptr (GError) error = NULL;
      const gboolean done
          = attune_settings_set_text (G_OBJECT (a), cases[i].name, cases[i].typed, &error);

      g_assert_cmpint (done, ==, cases[i].shown != NULL);
      if (done)
        {
          g_autofree char *shown = attune_settings_get_text (G_OBJECT (a), cases[i].name);

          g_assert_cmpstr (shown, ==, cases[i].shown);
        }
      else
        g_assert_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_VALUE);
    }
}

static gboolean
parse (TestSettings *settings, const char *flag, const char *value, char **help, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("test", "Settings", "Settings", settings, NULL);
  g_autofree char **argv = g_new0 (char *, 4);
  char *words[] = { g_strdup ("program"), g_strdup (flag), g_strdup (value) };
  int argc = 3;
  gboolean done;

  for (int i = 0; i < 3; i++)
    argv[i] = words[i];
  attune_settings_add_options (G_OBJECT (settings), group);
  g_option_context_set_main_group (context, group);
  done = g_option_context_parse (context, &argc, &argv, error);
  if (help)
    *help = g_option_context_get_help (context, TRUE, NULL);
  for (int i = 0; i < 3; i++)
    g_free (words[i]);
  return done;
}

static void
test_options (void)
{
  g_autoptr (TestSettings) settings = make ();
  g_autoptr (GError) error = NULL;
  g_autofree char *help = NULL;

  g_assert_true (parse (settings, "--rate", "0.25", &help, &error));
  g_assert_no_error (error);
  g_assert_cmpfloat (settings->rate, ==, 0.25);
  g_assert_cmpint (settings->count, ==, 3);
  g_assert_nonnull (strstr (help, "--big-count=N"));
  g_assert_nonnull (strstr (help, "How many: a whole number from 1 to 9; default 3"));
  g_assert_true (strstr (help, "--flag") > strstr (help, "--pet")); /* experts' last */
  g_assert_null (strstr (help, "read-only"));

  g_assert_false (parse (settings, "--rate", "7", NULL, &error));
  g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  g_assert_nonnull (strstr (error->message, "from 0 to 1"));
  g_assert_cmpfloat (settings->rate, ==, 0.25);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/settings/json", test_json);
  g_test_add_func ("/settings/json-errors", test_json_errors);
  g_test_add_func ("/settings/text", test_text);
  g_test_add_func ("/settings/options", test_options);
  return g_test_run ();
}
