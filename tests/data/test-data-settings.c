/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data settings: defaults, JSON and back, and what is refused.
 */
#include "core/settings.h"
#include "data/data-settings.h"
#include "data/label-format.h"

#include <string.h>

static void
test_defaults (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  const AttuneDataValues *values = attune_data_settings_get_values (settings);

  g_assert_true (values->repair_encoding);
  g_assert_true (values->strip_tags);
  g_assert_true (values->normalise_unicode);
  g_assert_true (values->trim_space);
  g_assert_true (values->unescape_html);
  g_assert_true (values->drop_incomplete);
  g_assert_true (values->drop_duplicates);
  g_assert_true (values->drop_near_duplicates);
  g_assert_false (values->drop_similar);
  g_assert_cmpfloat (values->similarity, ==, 0.8);
  g_assert_true (values->similar_together);
  g_assert_false (values->stratify);
  g_assert_cmpint (values->balance, ==, ATTUNE_BALANCE_NONE);
  g_assert_cmpint (values->balance_limit, ==, 10);
  g_assert_cmpint (values->variants, ==, 0);
  g_assert_cmpint (values->variants_by, ==, ATTUNE_VARIANTS_SYNONYMS);
  g_assert_cmpint (values->folds, ==, 0);
  g_assert_cmpint (values->fold, ==, 1);
  g_assert_cmpstr (values->abbreviations, ==, "");
  g_assert_cmpstr (values->evaluation_file, ==, "");
  g_assert_cmpstr (values->language, ==, "");
  g_assert_cmpstr (values->test_from, ==, "");
  g_assert_false (values->answers_together);
  g_assert_cmpstr (values->check_from, ==, "");
  g_assert_cmpint (values->personal_data, ==, ATTUNE_PERSONAL_MASK);
  g_assert_true (values->personal_contacts);
  g_assert_true (values->personal_numbers);
  g_assert_true (values->personal_names);
  g_assert_true (values->personal_computers);
  g_assert_cmpint (values->secrets, ==, ATTUNE_PERSONAL_MASK);
  g_assert_cmpint (values->toxic, ==, ATTUNE_PERSONAL_KEEP);
  g_assert_cmpstr (values->toxic_words, ==, "");
  g_assert_cmpint (values->min_answer_characters, ==, 1);
  g_assert_cmpint (values->max_answer_characters, ==, 20000);
  g_assert_cmpfloat (values->validation_share, ==, 0.1);
  g_assert_cmpfloat (values->test_share, ==, 0.1);
  g_assert_cmpint (values->seed, ==, 42);
  g_assert_cmpstr (values->system_prompt, ==, "");
  g_assert_cmpint (values->max_tokens, ==, 1024);
}

/* Every property away from its default, through text, and back: none is forgotten or confused. */
static void
test_round_trip (void)
{
  g_autoptr (AttuneDataSettings) a = g_object_new (
      ATTUNE_TYPE_DATA_SETTINGS, "drop-similar", TRUE, "similarity", 0.5, "similar-together", FALSE,
      "stratify", TRUE, "balance", ATTUNE_BALANCE_UNDER, "balance-limit", 3, "folds", 5, "fold", 2,
      "repair-encoding", FALSE, "strip-tags", FALSE, "personal-data", ATTUNE_PERSONAL_LEAVE_OUT,
      "personal-contacts", FALSE, "personal-numbers", FALSE, "personal-names", FALSE,
      "personal-computers", FALSE, "normalise-unicode", FALSE, "trim-space", FALSE, "unescape-html",
      FALSE, "drop-incomplete", FALSE, "drop-duplicates", FALSE, "drop-near-duplicates", FALSE,
      "abbreviations", "/a \"b\" ü.csv", "evaluation-file", "/b.csv", "language", "de, en",
      "test-from", "2026-02-01", "answers-together", TRUE, "check-from", "2026-01-01", "variants",
      3, "variants-by", ATTUNE_VARIANTS_MODEL, "labels", ATTUNE_LABEL_READING_SEVERAL, "secrets",
      ATTUNE_PERSONAL_KEEP, "toxic", ATTUNE_PERSONAL_MASK, "toxic-words", "/w.txt",
      "min-answer-characters", 7, "max-answer-characters", 77, "validation-share",
      0.123456789012345, "test-share", 0.25, "seed", G_GINT64_CONSTANT (9007199254740993),
      "system-prompt", "Be\nbrief.", "max-tokens", 333, "drop-stop-words", TRUE, "stem-words", TRUE,
      "split-words", TRUE, "word-language", "de", NULL);
  g_autoptr (AttuneDataSettings) b = attune_data_settings_new ();
  g_autofree GParamSpec **specs = NULL;
  g_autoptr (JsonNode) node = attune_settings_to_json (G_OBJECT (a)), again = NULL;
  g_autofree char *text = json_to_string (node, TRUE);
  g_autoptr (GError) error = NULL;
  guint n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (a), &n);
  g_assert_cmpuint (n, ==, 44);
  g_assert_cmpuint (json_object_get_size (json_node_get_object (node)), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) value = G_VALUE_INIT;

      g_object_get_property (G_OBJECT (a), specs[i]->name,
                             g_value_init (&value, specs[i]->value_type));
      g_assert_false (g_param_value_defaults (specs[i], &value));
      g_assert_cmpuint (strlen (g_param_spec_get_blurb (specs[i])), >, 10);
      g_assert_cmpuint (strlen (g_param_spec_get_nick (specs[i])), >, 2);
    }
  again = json_from_string (text, &error);
  g_assert_no_error (error);
  g_assert_false (attune_settings_equal (G_OBJECT (a), G_OBJECT (b)));
  g_assert_true (attune_settings_apply_json (G_OBJECT (b), again, &error));
  g_assert_no_error (error);
  g_assert_true (attune_settings_equal (G_OBJECT (a), G_OBJECT (b)));
  g_assert_cmpint (attune_data_settings_get_values (b)->seed, ==, 9007199254740993);
  g_assert_cmpfloat (attune_data_settings_get_values (b)->validation_share, ==, 0.123456789012345);
  g_assert_cmpstr (attune_data_settings_get_values (b)->abbreviations, ==, "/a \"b\" ü.csv");
}

static void
test_refused (void)
{
  static const char *const wrong[][2]
      = { { "test-share", "0.6" },  { "validation-share", "-0.1" }, { "max-tokens", "3" },
          { "max-tokens", "many" }, { "trim-space", "perhaps" },    { "seed", "-1" } };
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new (), untouched = NULL;

  untouched = attune_data_settings_new ();
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (
          attune_settings_set_text (G_OBJECT (settings), wrong[i][0], wrong[i][1], &error));
      g_assert_error (error, ATTUNE_SETTINGS_ERROR, ATTUNE_SETTINGS_ERROR_VALUE);
      g_assert_nonnull (strstr (error->message, wrong[i][0]));
    }
  g_assert_true (attune_settings_equal (G_OBJECT (settings), G_OBJECT (untouched)));
}

/* Shares are not asked for where they do nothing. */
static void
test_uses (void)
{
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();

  g_assert_true (attune_data_settings_uses (settings, "test-share"));
  g_assert_true (attune_data_settings_uses (settings, "stratify"));
  g_assert_false (attune_data_settings_uses (settings, "check-from"));
  g_assert_false (attune_data_settings_uses (settings, "fold"));
  g_object_set (settings, "test-from", "2026-02-01", NULL);
  g_assert_false (attune_data_settings_uses (settings, "test-share"));
  g_assert_false (attune_data_settings_uses (settings, "stratify"));
  g_assert_false (attune_data_settings_uses (settings, "folds"));
  g_assert_true (attune_data_settings_uses (settings, "check-from"));
  g_assert_true (attune_data_settings_uses (settings, "validation-share"));
  g_object_set (settings, "check-from", "2026-01-01", NULL);
  g_assert_false (attune_data_settings_uses (settings, "validation-share"));
  g_object_set (settings, "test-from", "", "folds", 3, NULL);
  g_assert_true (attune_data_settings_uses (settings, "check-from")); /* is refused: to be seen */
  g_assert_true (attune_data_settings_uses (settings, "folds"));
  g_assert_true (attune_data_settings_uses (settings, "fold"));
  g_assert_false (attune_data_settings_uses (settings, "test-share"));
  g_assert_true (attune_data_settings_uses (settings, "seed"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/data-settings/defaults", test_defaults);
  g_test_add_func ("/data/data-settings/round-trip", test_round_trip);
  g_test_add_func ("/data/data-settings/uses", test_uses);
  g_test_add_func ("/data/data-settings/refused", test_refused);
  return g_test_run ();
}
