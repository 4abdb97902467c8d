/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of steps, and what is remembered from record to record.
 */
#include "data/clean.h"

#include "data/abbreviations.h"
#include "data/clean-text.h"
#include "data/contamination.h"
#include "data/key-table.h"
#include "data/personal-data.h"
#include "data/sql.h"

#include <string.h>

enum
{
  ENCODING, /* first: what follows has to read the right characters */
  TAGS,     /* before the codes: what is written as &lt;b&gt; is meant to be read */
  HTML,     /* before what tidies what the codes stand for */
  UNICODE,
  SPACE,
  ABBREVIATIONS,
  PERSONAL,
  INCOMPLETE,
  LENGTH,
  LANGUAGE,
  EVALUATION,
  DUPLICATES,
  NEAR_DUPLICATES,
  N_STEPS,
};

/* Guessing takes 0.3 ms: of where nothing depends on it, so many records give the shares within
 * four percent. */
#define LANGUAGE_SAMPLE 500

struct _AttuneCleaner
{
  const AttuneDataValues *settings;
  AttuneCleanStep steps[N_STEPS];
  AttuneAbbreviations *abbreviations; /* (nullable) */
  gboolean is_helper;                 /* the abbreviations are its chief's */
  guint personal_kinds;
  guint64 personal[ATTUNE_N_PERSONAL]; /* found of each kind */
  AttuneLanguages *languages;          /* (nullable): %NULL before the first is looked at */
  guint64 language_stride;             /* one record of so many is looked at; 0: none */
  AttuneKeyTable *seen, *seen_near;    /* of records; %NULL of a helper */
  AttuneContamination *evaluation;     /* (nullable): %NULL of a helper, too */
};

static const char *
text_of (const AttuneRecord *record, AttuneField field)
{
  return record->fields[field] != NULL ? record->fields[field] : "";
}

/* TRUE when it was there already. */
static gboolean
remember (AttuneKeyTable *seen, guint64 key)
{
  if (attune_key_table_get (seen, key) != 0)
    return TRUE;
  attune_key_table_set (seen, key, 1);
  return FALSE;
}

/* --- set-up */

static AttuneCleanStep
personal_step (const AttuneDataValues *s)
{
  switch (s->personal_data)
    {
    case ATTUNE_PERSONAL_MASK:
      return (AttuneCleanStep) { "personal-data", "Personal data masked", TRUE };
    case ATTUNE_PERSONAL_LEAVE_OUT:
      return (AttuneCleanStep) { "personal-data", "Records with personal data left out", TRUE,
                                 ATTUNE_CLEAN_LEAVES_OUT };
    default:
      return (AttuneCleanStep) { "personal-data", "Records with personal data", TRUE,
                                 ATTUNE_CLEAN_FINDS };
    }
}

static guint
personal_kinds (const AttuneDataValues *s)
{
  return (s->personal_contacts ? 1u << ATTUNE_PERSONAL_EMAIL | 1u << ATTUNE_PERSONAL_PHONE : 0)
         | (s->personal_numbers
                ? 1u << ATTUNE_PERSONAL_IBAN | 1u << ATTUNE_PERSONAL_CARD | 1u << ATTUNE_PERSONAL_ID
                : 0)
         | (s->personal_names ? 1u << ATTUNE_PERSONAL_NAME | 1u << ATTUNE_PERSONAL_BIRTH : 0)
         | (s->personal_computers ? 1u << ATTUNE_PERSONAL_IP : 0);
}

static gboolean
is_given (const char *path)
{
  return path != NULL && *path != '\0';
}

/* An address would be kept with its password in the project. */
static gboolean
check_file (const char *path, const char *what, GError **error)
{
  if (!is_given (path) || !attune_postgresql_is_address (path))
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The %s cannot be read from a server: its address and password would stand in the "
               "project. Write the rows into a file, and choose that.",
               what);
  return FALSE;
}

AttuneCleaner *
attune_cleaner_new (const AttuneDataValues *s, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneCleaner) self = g_new0 (AttuneCleaner, 1);
  const gboolean expands = is_given (s->abbreviations), measures = is_given (s->evaluation_file),
                 chooses = is_given (s->language);
  const AttuneCleanDeed leaves_out = ATTUNE_CLEAN_LEAVES_OUT;
  const AttuneCleanStep steps[N_STEPS] = {
    [ENCODING] = { "repair-encoding", "Broken characters repaired", s->repair_encoding },
    [TAGS] = { "strip-tags", "HTML tags removed", s->strip_tags },
    [HTML] = { "unescape-html", "HTML codes resolved", s->unescape_html },
    [UNICODE] = { "normalise-unicode", "Characters tidied", s->normalise_unicode },
    [SPACE] = { "trim-space", "White space tidied", s->trim_space },
    [ABBREVIATIONS] = { "abbreviations", "Abbreviations expanded", expands },
    [PERSONAL] = personal_step (s),
    [INCOMPLETE]
    = { "drop-incomplete", "Incomplete records left out", s->drop_incomplete, leaves_out },
    [LENGTH] = { "max-answer-characters", "Answers of odd length left out", TRUE, leaves_out },
    [LANGUAGE] = { "language", "In another language, left out", chooses, leaves_out },
    [EVALUATION] = { "evaluation-file", "Left out: in the evaluation file", measures, leaves_out },
    [DUPLICATES] = { "drop-duplicates", "Duplicates left out", s->drop_duplicates, leaves_out },
    [NEAR_DUPLICATES]
    = { "drop-near-duplicates", "Near duplicates left out", s->drop_near_duplicates, leaves_out },
  };

  self->settings = s;
  memcpy (self->steps, steps, sizeof steps);
  self->personal_kinds = personal_kinds (s);
  attune_cleaner_expect (self, 0, NULL, NULL);
  if (!check_file (s->abbreviations, "abbreviations", error)
      || !check_file (s->evaluation_file, "evaluation file", error))
    return NULL;
  if (expands
      && (self->abbreviations = attune_abbreviations_read (s->abbreviations, error)) == NULL)
    return NULL;
  if (chooses && (self->languages = attune_languages_new (s->language, error)) == NULL)
    return NULL;
  if (measures && (self->evaluation = attune_contamination_read (s, cancellable, error)) == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
attune_cleaner_expect (AttuneCleaner *self, guint64 n_records, AttuneSpill *spill, GError **error)
{
  self->language_stride = self->steps[LANGUAGE].enabled ? 1 : 1 + n_records / LANGUAGE_SAMPLE;
  attune_key_table_free (self->seen);
  attune_key_table_free (g_steal_pointer (&self->seen_near));
  return (self->seen = attune_key_table_new (n_records, spill, error)) != NULL
         && (self->seen_near = attune_key_table_new (n_records, spill, error)) != NULL;
}

void
attune_cleaner_free (AttuneCleaner *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_STEPS; i++)
    attune_clean_step_clear (&self->steps[i]);
  if (!self->is_helper)
    attune_abbreviations_free (self->abbreviations);
  attune_key_table_free (self->seen);
  attune_key_table_free (self->seen_near);
  attune_languages_free (self->languages);
  attune_contamination_free (self->evaluation);
  g_free (self);
}

AttuneCleaner *
attune_cleaner_new_helper (const AttuneCleaner *chief)
{
  AttuneCleaner *self = g_new0 (AttuneCleaner, 1);

  self->settings = chief->settings;
  for (int i = 0; i < N_STEPS; i++)
    self->steps[i] = (AttuneCleanStep) { chief->steps[i].name, chief->steps[i].title,
                                         chief->steps[i].enabled, chief->steps[i].deed };
  self->abbreviations = chief->abbreviations;
  self->is_helper = TRUE;
  self->language_stride = chief->steps[LANGUAGE].enabled; /* else its chief looks at a few */
  self->personal_kinds = chief->personal_kinds;
  return self;
}

/* Returns: %NULL where languages cannot be told on this computer; that is said where one is chosen,
 * before the first record. */
static AttuneLanguages *
ready_languages (AttuneCleaner *self)
{
  if (self->languages == NULL && self->language_stride > 0)
    self->languages = attune_languages_new (self->settings->language, NULL);
  if (self->languages == NULL)
    self->language_stride = 0; /* it is not tried again for each record */
  return self->languages;
}

void
attune_cleaner_gather (AttuneCleaner *self, AttuneCleaner *helper)
{
  for (int i = 0; i < N_STEPS; i++)
    attune_clean_step_gather (&self->steps[i], &helper->steps[i]);
  for (int i = 0; i < ATTUNE_N_PERSONAL; i++)
    {
      self->personal[i] += helper->personal[i];
      helper->personal[i] = 0;
    }
  if (helper->languages != NULL && ready_languages (self) != NULL)
    attune_languages_gather (self->languages, helper->languages);
}

const AttuneCleanStep *
attune_cleaner_get_steps (const AttuneCleaner *self, guint *n)
{
  *n = N_STEPS;
  return self->steps;
}

const guint64 *
attune_cleaner_get_personal (const AttuneCleaner *self)
{
  return self->personal;
}

const AttuneLanguages *
attune_cleaner_get_languages (const AttuneCleaner *self)
{
  return self->languages;
}

GArray *
attune_cleaner_get_undecided (const AttuneCleaner *self)
{
  return self->abbreviations != NULL ? attune_abbreviations_get_undecided (self->abbreviations)
                                     : NULL;
}

/* --- the steps */

/* What is read and written; a label is a name: its letters are tidied, its words are not changed.
 */
static const AttuneField texts[]
    = { ATTUNE_FIELD_QUESTION, ATTUNE_FIELD_ANSWER, ATTUNE_FIELD_SYSTEM, ATTUNE_FIELD_REJECTED,
        ATTUNE_FIELD_LABEL };
#define N_TEXTS 4
#define N_NAMES G_N_ELEMENTS (texts)

/* Puts @cleaned in the place of @field; %NULL: nothing had to change. */
static gboolean
take (AttuneCleanStep *step, char **field, char *cleaned)
{
  if (cleaned == NULL)
    return FALSE;
  attune_clean_step_add_example (step, *field, cleaned);
  g_free (*field);
  *field = cleaned;
  return TRUE;
}

static void
tidy (AttuneCleaner *self, AttuneRecord *record)
{
  static char *(*const functions[]) (const char *text) = {
    [ENCODING] = attune_clean_mojibake, [TAGS] = attune_clean_tags,   [HTML] = attune_clean_html,
    [UNICODE] = attune_clean_unicode,   [SPACE] = attune_clean_space,
  };

  for (guint which = 0; which < G_N_ELEMENTS (functions); which++)
    {
      AttuneCleanStep *step = &self->steps[which];
      gboolean changed = FALSE;

      for (guint i = 0; step->enabled && i < N_NAMES; i++)
        {
          char **field = &record->fields[texts[i]];

          if (*field != NULL && take (step, field, functions[which](*field)))
            changed = TRUE;
        }
      step->count += changed;
    }
}

static void
expand (AttuneCleaner *self, AttuneRecord *record)
{
  AttuneCleanStep *step = &self->steps[ABBREVIATIONS];
  g_autofree char *all = NULL, *context = NULL;
  gboolean changed = FALSE;

  if (!step->enabled)
    return;
  all = g_strconcat (text_of (record, ATTUNE_FIELD_QUESTION), " ",
                     text_of (record, ATTUNE_FIELD_ANSWER), NULL);
  context = attune_plain_words (all);
  for (guint i = 0; i < N_TEXTS; i++)
    {
      char **field = &record->fields[texts[i]];

      if (*field != NULL
          && take (
              step, field,
              attune_abbreviations_expand (self->abbreviations, *field, context, &step->changes)))
        changed = TRUE;
    }
  step->count += changed;
}

/* Finds personal data, and masks it where that is wanted. Returns: whether there was any. */
static gboolean
mind_persons (AttuneCleaner *self, AttuneRecord *record)
{
  AttuneCleanStep *step = &self->steps[PERSONAL];
  gboolean found = FALSE;

  for (guint i = 0; self->personal_kinds != 0 && i < N_TEXTS; i++)
    {
      char **field = &record->fields[texts[i]];
      g_autoptr (GArray) spans
          = *field != NULL ? attune_personal_find (*field, self->personal_kinds) : NULL;

      if (spans == NULL || spans->len == 0)
        continue;
      found = TRUE;
      step->changes += spans->len;
      for (guint j = 0; j < spans->len; j++)
        self->personal[g_array_index (spans, AttunePersonalSpan, j).kind]++;
      if (self->settings->personal_data == ATTUNE_PERSONAL_MASK)
        take (step, field, attune_personal_mask (*field, spans));
      else
        attune_clean_step_add_example (step, *field, NULL);
    }
  step->count += found;
  return found;
}

static gboolean
is_blank (const char *text)
{
  while (g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  return *text == '\0';
}

static const char *
leave_out (AttuneCleaner *self, int which, const AttuneRecord *record, const char *reason)
{
  AttuneCleanStep *step = &self->steps[which];
  const char *question = text_of (record, ATTUNE_FIELD_QUESTION),
             *answer = text_of (record, ATTUNE_FIELD_ANSWER);

  step->count++;
  attune_clean_step_add_example (step, *question != '\0' ? question : answer, NULL);
  return reason;
}

/* Returns: whether its language is one that stays. */
static gboolean
mind_language (AttuneCleaner *self, const AttuneRecord *record, const AttunePlainRecord *plain)
{
  return self->language_stride == 0 || plain->exact % self->language_stride != 0
         || ready_languages (self) == NULL
         || attune_languages_look (self->languages, text_of (record, ATTUNE_FIELD_QUESTION),
                                   text_of (record, ATTUNE_FIELD_ANSWER));
}

const char *
attune_cleaner_tidy (AttuneCleaner *self, AttuneRecord *record, AttunePlainRecord *plain)
{
  const AttuneDataValues *s = self->settings;
  const char *question, *answer;
  glong length;

  tidy (self, record);
  expand (self, record);
  if (mind_persons (self, record) && s->personal_data == ATTUNE_PERSONAL_LEAVE_OUT)
    return "It holds personal data.";
  question = text_of (record, ATTUNE_FIELD_QUESTION);
  answer = text_of (record, ATTUNE_FIELD_ANSWER);

  /* Nothing can be learned from an empty answer, whatever the settings say. */
  if (is_blank (answer) || (s->drop_incomplete && !record->whole && is_blank (question)))
    return leave_out (self, INCOMPLETE, record,
                      !is_blank (answer) ? "It has no question."
                      : record->whole    ? "It has no text."
                                         : "It has no answer.");
  length = g_utf8_strlen (answer, -1);
  if (length < s->min_answer_characters || length > s->max_answer_characters)
    return leave_out (self, LENGTH, record,
                      "Its answer is shorter or longer than the settings allow.");
  attune_plain_record_init (plain, record);
  if (!self->steps[LANGUAGE].enabled || mind_language (self, record, plain))
    return NULL;
  attune_plain_record_clear (plain);
  return leave_out (self, LANGUAGE, record, "It is written in another language.");
}

gboolean
attune_cleaner_measures (const AttuneCleaner *self, const AttunePlainRecord *plain)
{
  return self->evaluation != NULL && attune_contamination_find (self->evaluation, plain);
}

const char *
attune_cleaner_compare (AttuneCleaner *self, const AttuneRecord *record,
                        const AttunePlainRecord *plain)
{
  const AttuneDataValues *s = self->settings;

  if (!self->steps[LANGUAGE].enabled)
    mind_language (self, record, plain);
  if (attune_cleaner_measures (self, plain))
    return leave_out (self, EVALUATION, record,
                      "The evaluation file has its question, or 13 words of it in a row.");
  if (remember (self->seen, plain->exact) && s->drop_duplicates)
    return leave_out (self, DUPLICATES, record, "The same record stands earlier.");
  if (remember (self->seen_near, plain->near) && s->drop_near_duplicates)
    return leave_out (self, NEAR_DUPLICATES, record,
                      "A record that differs only in case, blanks or punctuation stands earlier.");
  return NULL;
}

const char *
attune_cleaner_run (AttuneCleaner *self, AttuneRecord *record, AttunePlainRecord *plain)
{
  const char *reason = attune_cleaner_tidy (self, record, plain);

  if (reason == NULL && (reason = attune_cleaner_compare (self, record, plain)) != NULL)
    attune_plain_record_clear (plain);
  return reason;
}
