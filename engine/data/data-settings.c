/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The data settings: one line per property.
 */
#include "data/data-settings.h"

#include "core/settings-class.h"

#include <glib/gi18n.h> /* N_(): the window translates nicks and blurbs */

struct _AttuneDataSettings
{
  GObject parent_instance;

  AttuneDataValues values;
};

G_DEFINE_FINAL_TYPE (AttuneDataSettings, attune_data_settings, G_TYPE_OBJECT)

GType
attune_personal_mode_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_PERSONAL_KEEP, "ATTUNE_PERSONAL_KEEP", "keep" },
        { ATTUNE_PERSONAL_MASK, "ATTUNE_PERSONAL_MASK", "mask" },
        { ATTUNE_PERSONAL_LEAVE_OUT, "ATTUNE_PERSONAL_LEAVE_OUT", "leave-out" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttunePersonalMode", values));
    }
  return type;
}

GType
attune_balance_mode_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_BALANCE_NONE, "ATTUNE_BALANCE_NONE", "as-they-are" },
        { ATTUNE_BALANCE_OVER, "ATTUNE_BALANCE_OVER", "repeat-rare" },
        { ATTUNE_BALANCE_UNDER, "ATTUNE_BALANCE_UNDER", "thin-frequent" },
        { ATTUNE_BALANCE_SMOTE, "ATTUNE_BALANCE_SMOTE", "mix-rare" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneBalanceMode", values));
    }
  return type;
}

GType
attune_variant_mode_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_VARIANTS_SYNONYMS, "ATTUNE_VARIANTS_SYNONYMS", "synonyms" },
        { ATTUNE_VARIANTS_TRANSLATION, "ATTUNE_VARIANTS_TRANSLATION", "translation" },
        { ATTUNE_VARIANTS_MODEL, "ATTUNE_VARIANTS_MODEL", "model" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneVariantMode", values));
    }
  return type;
}

#define FIELD(name) G_STRUCT_OFFSET (AttuneDataSettings, values.name)
#define EXPERT (ATTUNE_PARAM | ATTUNE_PARAM_EXPERT)

static void
add_tidying (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (repair_encoding),
      g_param_spec_boolean (
          "repair-encoding", N_ ("Repair Broken Characters"),
          N_ ("Turn “Ã¶” back into “ö” where a text was once read in the wrong encoding"), TRUE,
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (strip_tags),
      g_param_spec_boolean ("strip-tags", N_ ("Remove HTML Tags"),
                            N_ ("Take out tags such as <p> and what is no text, as scripts"), TRUE,
                            ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (normalise_unicode),
      g_param_spec_boolean (
          "normalise-unicode", N_ ("Tidy Characters"),
          N_ ("Write accents and letters in one form (NFC) and remove invisible characters"), TRUE,
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (trim_space),
      g_param_spec_boolean ("trim-space", N_ ("Tidy White Space"),
                            N_ ("Remove white space at the ends and repeated blanks"), TRUE,
                            ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (unescape_html),
      g_param_spec_boolean ("unescape-html", N_ ("Resolve HTML Codes"),
                            N_ ("Turn codes such as &amp; into the characters they stand for"),
                            TRUE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (abbreviations),
      g_param_spec_string ("abbreviations", N_ ("Abbreviations"),
                           N_ ("A CSV file with the columns abbreviation, expansion and, where one "
                               "has several meanings, "
                               "context: words that tell which"),
                           "", ATTUNE_PARAM | ATTUNE_PARAM_FILE));
}

static void
add_personal_data (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (personal_data),
      g_param_spec_enum ("personal-data", N_ ("Personal Data"),
                         N_ ("What is done with e-mail addresses, telephone and account numbers, "
                             "names and dates of birth"),
                         ATTUNE_TYPE_PERSONAL_MODE, ATTUNE_PERSONAL_MASK, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (personal_contacts),
      g_param_spec_boolean ("personal-contacts", N_ ("Find E-Mail and Telephone"),
                            N_ ("Switch off where answers should give such addresses and numbers"),
                            TRUE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (personal_numbers),
      g_param_spec_boolean (
          "personal-numbers", N_ ("Find Accounts, Cards and Identity Numbers"),
          N_ ("IBAN, payment cards and numbers of states and insurances, by their check digits"),
          TRUE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (personal_names),
      g_param_spec_boolean (
          "personal-names", N_ ("Find Names and Dates of Birth"),
          N_ ("Where the words before say so, as “Patient name:”, “Mrs” and “born on”"), TRUE,
          EXPERT));
  attune_settings_class_add (
      klass, FIELD (personal_computers),
      g_param_spec_boolean ("personal-computers", N_ ("Find Addresses of Computers"),
                            N_ ("IP addresses, such as 192.0.2.7"), TRUE, EXPERT));
}

static void
add_findings (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (secrets),
      g_param_spec_enum ("secrets", N_ ("Keys and Passwords"),
                         N_ ("What is done with keys of services, private keys and passwords"),
                         ATTUNE_TYPE_PERSONAL_MODE, ATTUNE_PERSONAL_MASK, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (toxic),
      g_param_spec_enum ("toxic", N_ ("Toxic Words"),
                         N_ ("What is done with insults, slurs, profanity and threats"),
                         ATTUNE_TYPE_PERSONAL_MODE, ATTUNE_PERSONAL_KEEP, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (toxic_words),
      g_param_spec_string ("toxic-words", N_ ("More Toxic Words"),
                           N_ ("A text file with a word or phrase on each line, of any language"),
                           "", EXPERT | ATTUNE_PARAM_FILE));
}

static void
add_choosing (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (drop_incomplete),
      g_param_spec_boolean ("drop-incomplete", N_ ("Leave Out Incomplete Records"),
                            N_ ("Leave out records without a question or an answer"), TRUE,
                            ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (language),
      g_param_spec_string (
          "language", N_ ("Languages"),
          N_ ("Codes as “de, en”: records in others are left out; empty keeps all"), "",
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (evaluation_file),
      g_param_spec_string (
          "evaluation-file", N_ ("Evaluation Questions"),
          N_ ("A file that the model will be measured by: records that hold it are left out"), "",
          ATTUNE_PARAM | ATTUNE_PARAM_FILE));
  attune_settings_class_add (klass, FIELD (drop_duplicates),
                             g_param_spec_boolean ("drop-duplicates", N_ ("Leave Out Duplicates"),
                                                   N_ ("Keep only the first of equal records"),
                                                   TRUE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (drop_near_duplicates),
      g_param_spec_boolean (
          "drop-near-duplicates", N_ ("Leave Out Near Duplicates"),
          N_ ("Keep only the first of records that differ in case, blanks or punctuation"), TRUE,
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (drop_similar),
      g_param_spec_boolean ("drop-similar", N_ ("Leave Out Similar Records"),
                            N_ ("Keep only the first of records that have nearly the same words; "
                                "other numbers make another record"),
                            FALSE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (similarity),
      g_param_spec_double (
          "similarity", N_ ("Similar From"),
          N_ ("Share of pairs of neighbouring words that similar records have in common"), 0.3, 1,
          0.8, EXPERT));
  attune_settings_class_add (klass, FIELD (min_answer_characters),
                             g_param_spec_int ("min-answer-characters", N_ ("Shortest Answer"),
                                               N_ ("Characters an answer must have at least"), 1,
                                               G_MAXINT, 1, EXPERT));
  attune_settings_class_add (klass, FIELD (max_answer_characters),
                             g_param_spec_int ("max-answer-characters", N_ ("Longest Answer"),
                                               N_ ("Characters an answer may have at most"), 1,
                                               G_MAXINT, 20000, EXPERT));
}

static void
add_words (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (drop_stop_words),
      g_param_spec_boolean (
          "drop-stop-words", N_ ("Leave Out Stop Words"),
          N_ ("To tell topics apart: the, of, and … go from questions and whole texts"), FALSE,
          EXPERT));
  attune_settings_class_add (
      klass, FIELD (stem_words),
      g_param_spec_boolean (
          "stem-words", N_ ("Stem Words"),
          N_ ("To tell topics apart: “doctors” becomes “doctor”, in questions and whole texts"),
          FALSE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (split_words),
      g_param_spec_boolean ("split-words", N_ ("Part Words and Signs"),
                            N_ ("A blank between words and signs, in questions and whole texts"),
                            FALSE, EXPERT));
  attune_settings_class_add (
      klass, FIELD (word_language),
      g_param_spec_string ("word-language", N_ ("Language of Stop Words and Stems"),
                           N_ ("Its code, as “de”; empty: English"), "", EXPERT));
}

static void
add_split (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (validation_share),
      g_param_spec_double ("validation-share", N_ ("Share for Checking"),
                           N_ ("Share of the records that checks the progress while tuning"), 0,
                           0.5, 0.1, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (test_share),
      g_param_spec_double ("test-share", N_ ("Share for the Final Test"),
                           N_ ("Share of the records that is kept for the evaluation"), 0, 0.5, 0.1,
                           ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (test_from),
      g_param_spec_string (
          "test-from", N_ ("Final Test From"),
          N_ ("A date as 2026-01-31: from then on records are the final test; empty: by chance"),
          "", ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (check_from),
      g_param_spec_string (
          "check-from", N_ ("Checking From"),
          N_ ("A date: from then until the final test records are for checking; empty: by chance"),
          "", EXPERT));
  attune_settings_class_add (
      klass, FIELD (similar_together),
      g_param_spec_boolean ("similar-together", N_ ("Keep Similar Records Together"),
                            N_ ("What is similar to something learned is not used to test: else "
                                "the result looks better than it is"),
                            TRUE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (answers_together),
      g_param_spec_boolean (
          "answers-together", N_ ("Keep Equal Answers Together"),
          N_ ("So that no answer of five words or more is both learned and asked for in the test"),
          FALSE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (stratify),
      g_param_spec_boolean (
          "stratify", N_ ("Same Shares for Each Label"),
          N_ ("So that checks and tests miss no label; has no effect on groups, or with folds"),
          FALSE, ATTUNE_PARAM));
  attune_settings_class_add (klass, FIELD (folds),
                             g_param_spec_int ("folds", N_ ("Folds"),
                                               N_ ("Parts of a cross-validation, each once the "
                                                   "final test, whatever the labels; 0: none"),
                                               0, 20, 0, EXPERT));
  attune_settings_class_add (
      klass, FIELD (fold),
      g_param_spec_int ("fold", N_ ("Fold for the Final Test"),
                        N_ ("Which of the folds it is this time; the first is 1"), 1, 20, 1,
                        EXPERT));
  attune_settings_class_add (
      klass, FIELD (seed),
      g_param_spec_int64 ("seed", N_ ("Seed"),
                          N_ ("Another number gives another split of the same records"), 0,
                          G_MAXINT64, 42, EXPERT));
}

static void
add_balance (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (labels),
      g_param_spec_enum ("labels", N_ ("Labels of a Record"),
                         N_ ("One, several with ; or | or , between them, or a number; auto as "
                             "they look"),
                         ATTUNE_TYPE_LABEL_READING, ATTUNE_LABEL_READING_AUTO, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (balance),
      g_param_spec_enum (
          "balance", N_ ("Balance of Labels"),
          N_ ("Whether all labels are learned from equally often; tests stay as they are"),
          ATTUNE_TYPE_BALANCE_MODE, ATTUNE_BALANCE_NONE, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (balance_limit),
      g_param_spec_int ("balance-limit", N_ ("Most Repetitions"),
                        N_ ("A record is learned from so often at most: one that is repeated "
                            "without end is learned by heart"),
                        1, 100, 10, EXPERT));
}

static void
add_variants (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (variants),
      g_param_spec_int ("variants", N_ ("Variants of Questions"),
                        N_ ("So many more of each question to learn from, in other words"), 0,
                        ATTUNE_MAX_VARIANTS, 0, ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (variants_by),
      g_param_spec_enum (
          "variants-by", N_ ("How Variants Are Made"),
          N_ ("With English synonyms, by translation and back, or written by a model"),
          ATTUNE_TYPE_VARIANT_MODE, ATTUNE_VARIANTS_SYNONYMS, ATTUNE_PARAM));
}

static void
add_reading (GObjectClass *klass)
{
  attune_settings_class_add (
      klass, FIELD (system_prompt),
      g_param_spec_string (
          "system-prompt", N_ ("Instruction to the Model"),
          N_ ("Said to the model before every question; empty leaves the model's own"), "",
          ATTUNE_PARAM));
  attune_settings_class_add (
      klass, FIELD (max_tokens),
      g_param_spec_int ("max-tokens", N_ ("Longest Sample"),
                        N_ ("Tokens of a question with its answer; what is longer is cut"), 16,
                        1 << 20, 1024, EXPERT));
}

static void
attune_data_settings_class_init (AttuneDataSettingsClass *klass)
{
  attune_settings_class_init (G_OBJECT_CLASS (klass));
  add_tidying (G_OBJECT_CLASS (klass));
  add_personal_data (G_OBJECT_CLASS (klass));
  add_findings (G_OBJECT_CLASS (klass));
  add_choosing (G_OBJECT_CLASS (klass));
  add_words (G_OBJECT_CLASS (klass));
  add_split (G_OBJECT_CLASS (klass));
  add_balance (G_OBJECT_CLASS (klass));
  add_variants (G_OBJECT_CLASS (klass));
  add_reading (G_OBJECT_CLASS (klass));
}

static void
attune_data_settings_init (AttuneDataSettings *self)
{
}

AttuneDataSettings *
attune_data_settings_new (void)
{
  return g_object_new (ATTUNE_TYPE_DATA_SETTINGS, NULL);
}

const AttuneDataValues *
attune_data_settings_get_values (AttuneDataSettings *self)
{
  g_return_val_if_fail (ATTUNE_IS_DATA_SETTINGS (self), NULL);
  return &self->values;
}

gboolean
attune_data_settings_uses (AttuneDataSettings *self, const char *name)
{
  const AttuneDataValues *v;
  gboolean by_time, checks_by_time, folded;

  g_return_val_if_fail (ATTUNE_IS_DATA_SETTINGS (self) && name != NULL, FALSE);

  v = &self->values;
  by_time = v->test_from != NULL && *v->test_from != '\0';
  checks_by_time = v->check_from != NULL && *v->check_from != '\0';
  folded = v->folds >= 2;
  if (g_str_equal (name, "test-share") || g_str_equal (name, "stratify"))
    return !by_time && !folded;
  if (g_str_equal (name, "validation-share"))
    return !by_time || !checks_by_time;
  if (g_str_equal (name, "check-from")) /* one that is refused has to be seen */
    return by_time || checks_by_time;
  if (g_str_equal (name, "folds"))
    return !by_time || folded;
  if (g_str_equal (name, "fold"))
    return folded;
  if (g_str_equal (name, "variants-by"))
    return v->variants > 0;
  if (g_str_equal (name, "word-language"))
    return v->drop_stop_words || v->stem_words;
  return TRUE;
}
