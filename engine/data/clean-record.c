/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of cleaning, done to a record, and what is remembered from record to record.
 */
#include "data/clean-private.h"
#include "data/clean-text.h"

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
    [ATTUNE_CLEAN_ENCODING] = attune_clean_mojibake, [ATTUNE_CLEAN_TAGS] = attune_clean_tags,
    [ATTUNE_CLEAN_HTML] = attune_clean_html,         [ATTUNE_CLEAN_UNICODE] = attune_clean_unicode,
    [ATTUNE_CLEAN_SPACE] = attune_clean_space,
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
  AttuneCleanStep *step = &self->steps[ATTUNE_CLEAN_ABBREVIATIONS];
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

/* Looks for what should not be learned, and masks it where that is wanted. Returns: why the record
 * is left out, or %NULL. */
static const char *
find (AttuneCleaner *self, AttuneRecord *record)
{
  static const struct
  {
    int step;
    AttuneFinding finding;
  } order[] = { { ATTUNE_CLEAN_SECRETS, ATTUNE_FOUND_SECRET },
                { ATTUNE_CLEAN_PERSONAL, ATTUNE_FOUND_PERSONAL },
                { ATTUNE_CLEAN_TOXIC, ATTUNE_FOUND_TOXIC } };

  self->found = 0;
  for (guint which = 0; which < G_N_ELEMENTS (order); which++)
    {
      AttuneCleanStep *step = &self->steps[order[which].step];
      const AttuneFinding finding = order[which].finding;
      const char *reason = attune_finding_get_reason (finding, self->settings);
      guint n = 0;

      for (guint i = 0; i < N_TEXTS; i++)
        if (record->fields[texts[i]] != NULL)
          n += attune_findings_look (&self->findings, finding, step, &record->fields[texts[i]]);
      if (n == 0)
        continue;
      step->count++;
      self->found |= 1u << finding;
      if (reason != NULL)
        return reason;
    }
  return NULL;
}

/* What is asked, or a text that is learned whole; an answer is to be written as it is. */
static void
treat_words (AttuneCleaner *self, AttuneRecord *record)
{
  static char *(*const functions[]) (AttuneClassicWords *words, const char *text)
      = { attune_classic_words_drop_stops, attune_classic_words_stem, attune_classic_words_split };
  char **field = &record->fields[record->whole ? ATTUNE_FIELD_ANSWER : ATTUNE_FIELD_QUESTION];

  for (guint i = 0; self->words != NULL && *field != NULL && i < G_N_ELEMENTS (functions); i++)
    {
      AttuneCleanStep *step = &self->steps[ATTUNE_CLEAN_STOP_WORDS + i];

      if (step->enabled && take (step, field, functions[i](self->words, *field)))
        step->count++;
    }
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
         || attune_cleaner_ready_languages (self) == NULL
         || attune_languages_look (self->languages, text_of (record, ATTUNE_FIELD_QUESTION),
                                   text_of (record, ATTUNE_FIELD_ANSWER));
}

const char *
attune_cleaner_tidy (AttuneCleaner *self, AttuneRecord *record, AttunePlainRecord *plain)
{
  const AttuneDataValues *s = self->settings;
  const char *question, *answer, *reason;
  guint n_examples[ATTUNE_CLEAN_SECRETS];
  glong length;

  for (int i = 0; i < ATTUNE_CLEAN_SECRETS; i++)
    n_examples[i] = self->steps[i].n_examples;
  tidy (self, record);
  expand (self, record);
  reason = find (self, record);
  /* a text that is not tidied yet may hold a key that nobody sees there (“ghp_&#97;…”) */
  for (int i = 0; (self->found & 1u << ATTUNE_FOUND_SECRET) != 0 && i < ATTUNE_CLEAN_SECRETS; i++)
    attune_clean_step_forget_examples (&self->steps[i], n_examples[i]);
  if (reason != NULL)
    return reason;
  treat_words (self, record);
  question = text_of (record, ATTUNE_FIELD_QUESTION);
  answer = text_of (record, ATTUNE_FIELD_ANSWER);

  /* Nothing can be learned from an empty answer, whatever the settings say. */
  if (is_blank (answer) || (s->drop_incomplete && !record->whole && is_blank (question)))
    return leave_out (self, ATTUNE_CLEAN_INCOMPLETE, record,
                      !is_blank (answer) ? "It has no question."
                      : record->whole    ? "It has no text."
                                         : "It has no answer.");
  length = g_utf8_strlen (answer, -1);
  if (length < s->min_answer_characters || length > s->max_answer_characters)
    return leave_out (self, ATTUNE_CLEAN_LENGTH, record,
                      "Its answer is shorter or longer than the settings allow.");
  attune_plain_record_init (plain, record);
  if (!self->steps[ATTUNE_CLEAN_LANGUAGE].enabled || mind_language (self, record, plain))
    return NULL;
  attune_plain_record_clear (plain);
  return leave_out (self, ATTUNE_CLEAN_LANGUAGE, record, "It is written in another language.");
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

  if (!self->steps[ATTUNE_CLEAN_LANGUAGE].enabled)
    mind_language (self, record, plain);
  if (attune_cleaner_measures (self, plain))
    return leave_out (self, ATTUNE_CLEAN_EVALUATION, record,
                      "The evaluation file has its question, or 13 words of it in a row.");
  if (remember (self->seen, plain->exact) && s->drop_duplicates)
    return leave_out (self, ATTUNE_CLEAN_DUPLICATES, record, "The same record stands earlier.");
  if (remember (self->seen_near, plain->near) && s->drop_near_duplicates)
    return leave_out (self, ATTUNE_CLEAN_NEAR_DUPLICATES, record,
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
