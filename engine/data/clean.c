/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of steps, and what they have counted.
 */
#include "data/asked-words.h"
#include "data/clean-private.h"

#include <string.h>

/* Guessing takes 0.3 ms: of where nothing depends on it, so many records give the shares within
 * four percent. */
#define LANGUAGE_SAMPLE 500

static gboolean
is_given (const char *path)
{
  return path != NULL && *path != '\0';
}

/* An address would be kept with its password in the project. */
static gboolean
check_file (const char *path, const char *what, GError **error)
{
  if (!is_given (path) || !attune_source_is_address (path))
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The %s cannot be read from a server: its address and password would stand in the "
               "project. Write the rows into a file, and choose that.",
               what);
  return FALSE;
}

/* Each cleaner has its own: they are for one thread. */
static gboolean
open_words (AttuneCleaner *self, GError **error)
{
  self->words = attune_asked_words_new (self->settings, error);
  return self->words != NULL || !attune_asked_words_are_treated (self->settings);
}

AttuneCleaner *
attune_cleaner_new (const AttuneDataValues *s, GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneCleaner) self = g_new0 (AttuneCleaner, 1);
  const gboolean expands = is_given (s->abbreviations), measures = is_given (s->evaluation_file),
                 chooses = is_given (s->language);
  const AttuneCleanDeed leaves_out = ATTUNE_CLEAN_LEAVES_OUT;
  const AttuneCleanStep steps[ATTUNE_N_CLEAN_STEPS] = {
    [ATTUNE_CLEAN_ENCODING]
    = { "repair-encoding", "Broken characters repaired", s->repair_encoding },
    [ATTUNE_CLEAN_TAGS] = { "strip-tags", "HTML tags removed", s->strip_tags },
    [ATTUNE_CLEAN_HTML] = { "unescape-html", "HTML codes resolved", s->unescape_html },
    [ATTUNE_CLEAN_UNICODE] = { "normalise-unicode", "Characters tidied", s->normalise_unicode },
    [ATTUNE_CLEAN_SPACE] = { "trim-space", "White space tidied", s->trim_space },
    [ATTUNE_CLEAN_ABBREVIATIONS] = { "abbreviations", "Abbreviations expanded", expands },
    [ATTUNE_CLEAN_SECRETS] = attune_finding_get_step (ATTUNE_FOUND_SECRET, s),
    [ATTUNE_CLEAN_PERSONAL] = attune_finding_get_step (ATTUNE_FOUND_PERSONAL, s),
    [ATTUNE_CLEAN_TOXIC] = attune_finding_get_step (ATTUNE_FOUND_TOXIC, s),
    [ATTUNE_CLEAN_STOP_WORDS] = { "drop-stop-words", "Stop words left out", s->drop_stop_words },
    [ATTUNE_CLEAN_STEMS] = { "stem-words", "Words stemmed", s->stem_words },
    [ATTUNE_CLEAN_SPLIT_WORDS] = { "split-words", "Words and signs parted", s->split_words },
    [ATTUNE_CLEAN_INCOMPLETE]
    = { "drop-incomplete", "Incomplete records left out", s->drop_incomplete, leaves_out },
    [ATTUNE_CLEAN_LENGTH]
    = { "max-answer-characters", "Answers of odd length left out", TRUE, leaves_out },
    [ATTUNE_CLEAN_LANGUAGE] = { "language", "In another language, left out", chooses, leaves_out },
    [ATTUNE_CLEAN_EVALUATION]
    = { "evaluation-file", "Left out: in the evaluation file", measures, leaves_out },
    [ATTUNE_CLEAN_DUPLICATES]
    = { "drop-duplicates", "Duplicates left out", s->drop_duplicates, leaves_out },
    [ATTUNE_CLEAN_NEAR_DUPLICATES]
    = { "drop-near-duplicates", "Near duplicates left out", s->drop_near_duplicates, leaves_out },
  };

  self->settings = s;
  memcpy (self->steps, steps, sizeof steps);
  attune_cleaner_expect (self, 0, NULL, NULL);
  if (!check_file (s->abbreviations, "abbreviations", error)
      || !check_file (s->evaluation_file, "evaluation file", error)
      || !check_file (s->toxic_words, "list of toxic words", error)
      || !attune_findings_init (&self->findings, s, error))
    return NULL;
  if (expands
      && (self->abbreviations = attune_abbreviations_read (s->abbreviations, error)) == NULL)
    return NULL;
  if (!open_words (self, error))
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
  self->language_stride
      = self->steps[ATTUNE_CLEAN_LANGUAGE].enabled ? 1 : 1 + n_records / LANGUAGE_SAMPLE;
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
  for (int i = 0; i < ATTUNE_N_CLEAN_STEPS; i++)
    attune_clean_step_clear (&self->steps[i]);
  if (!self->is_helper)
    {
      attune_abbreviations_free (self->abbreviations);
      attune_findings_clear (&self->findings);
    }
  attune_key_table_free (self->seen);
  attune_key_table_free (self->seen_near);
  attune_classic_words_free (self->words);
  attune_languages_free (self->languages);
  attune_contamination_free (self->evaluation);
  g_free (self);
}

AttuneCleaner *
attune_cleaner_new_helper (const AttuneCleaner *chief)
{
  AttuneCleaner *self = g_new0 (AttuneCleaner, 1);

  self->settings = chief->settings;
  for (int i = 0; i < ATTUNE_N_CLEAN_STEPS; i++)
    self->steps[i] = (AttuneCleanStep) { chief->steps[i].name, chief->steps[i].title,
                                         chief->steps[i].enabled, chief->steps[i].deed };
  open_words (self, NULL); /* as its chief could */
  self->abbreviations = chief->abbreviations;
  self->is_helper = TRUE;
  self->language_stride
      = chief->steps[ATTUNE_CLEAN_LANGUAGE].enabled; /* else its chief looks at a few */
  self->findings.settings = chief->settings;
  self->findings.toxic = chief->findings.toxic;
  return self;
}

AttuneLanguages *
attune_cleaner_ready_languages (AttuneCleaner *self)
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
  for (int i = 0; i < ATTUNE_N_CLEAN_STEPS; i++)
    attune_clean_step_gather (&self->steps[i], &helper->steps[i]);
  attune_findings_gather (&self->findings, &helper->findings);
  if (helper->languages != NULL && attune_cleaner_ready_languages (self) != NULL)
    attune_languages_gather (self->languages, helper->languages);
}

const AttuneCleanStep *
attune_cleaner_get_steps (const AttuneCleaner *self, guint *n)
{
  *n = ATTUNE_N_CLEAN_STEPS;
  return self->steps;
}

guint
attune_cleaner_get_found (const AttuneCleaner *self)
{
  return self->found;
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
