/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See result-text.h.
 */
#include "stages/data/result-text.h"

#include "data/language.h"
#include "stages/data/count.h"
#include "widgets/reading-notes.h"

#include <glib/gi18n.h>
#include <locale.h>

/* More sentences of the same kind nobody reads; the command line lists them all. */
#define MAX_UNDECIDED 5
#define MAX_LANGUAGES 5

static void G_GNUC_PRINTF (2, 3) add_sentence (GString *text, const char *format, ...)
{
  va_list arguments;

  if (text->len > 0)
    g_string_append_c (text, '\n');
  va_start (arguments, format);
  g_string_append_vprintf (text, format, arguments);
  va_end (arguments);
}

/* What is learned from is not the records themselves where labels are balanced or variants made. */
static void
add_uses (GString *text, const AttuneReportView *report)
{
  const guint64 *splits = report->splits, n_learned = report->sizes[ATTUNE_SPLIT_TRAIN].samples;
  g_autofree char *train = attune_count_to_text (splits[ATTUNE_SPLIT_TRAIN]),
                  *check = attune_count_to_text (splits[ATTUNE_SPLIT_VALIDATION]),
                  *test = attune_count_to_text (splits[ATTUNE_SPLIT_TEST]),
                  *learned = attune_count_to_text (n_learned);

  if (report->n_variants > 0)
    add_sentence (text,
                  _ ("With variants in other words, %s samples of %s records teach the model; %s "
                     "records check its progress while it is tuned, and %s are kept for the final "
                     "test."),
                  learned, train, check, test);
  else if (n_learned == splits[ATTUNE_SPLIT_TRAIN])
    add_sentence (text,
                  _ ("%s teach the model, %s check its progress while it is tuned, and %s are kept "
                     "for the final test."),
                  train, check, test);
  else
    add_sentence (text,
                  _ ("As the labels are balanced, %s samples of %s records teach the model; %s "
                     "records check its progress while it is tuned, and %s are kept for the final "
                     "test."),
                  learned, train, check, test);
}

static void
add_used (GString *text, const AttuneReportView *report)
{
  const guint64 *splits = report->splits, by_hand = report->n_excluded;
  const guint64 left_out = splits[ATTUNE_SPLIT_EXCLUDED],
                cleaned = left_out - MIN (left_out, by_hand);
  const guint64 n
      = splits[ATTUNE_SPLIT_TRAIN] + splits[ATTUNE_SPLIT_VALIDATION] + splits[ATTUNE_SPLIT_TEST];
  g_autofree char *used = attune_count_to_text (n), *all = attune_count_to_text (n + left_out),
                  *rest = attune_count_to_text (cleaned);

  if (left_out == 0)
    add_sentence (text, _ ("Records used: all %s."), used);
  else if (cleaned == 0)
    add_sentence (text, _ ("Records used: %s of %s."), used, all);
  else
    add_sentence (text, _ ("Records used: %s of %s; the cleaning left out %s."), used, all, rest);
  add_uses (text, report);
}

static void
add_by_hand (GString *text, const AttuneReportView *report)
{
  g_autofree char *excluded = attune_count_to_text (report->n_excluded),
                  *edited = attune_count_to_text (report->n_edited),
                  *gone = attune_count_to_text (report->n_gone);
  const char *begins = report->gone->len > 0 ? g_ptr_array_index (report->gone, 0) : "";

  if (report->n_excluded > 0)
    add_sentence (text,
                  ngettext ("You have left out %s record by hand.",
                            "You have left out %s records by hand.", (gulong) report->n_excluded),
                  excluded);
  if (report->n_edited > 0)
    add_sentence (text,
                  ngettext ("You have edited %s record by hand.",
                            "You have edited %s records by hand.", (gulong) report->n_edited),
                  edited);
  if (report->n_gone > 0)
    add_sentence (text,
                  ngettext ("%s change by hand is kept, but its record is no longer in the tables: "
                            "“%s”.",
                            "%s changes by hand are kept, but their records are no longer in the "
                            "tables: “%s” and others.",
                            (gulong) report->n_gone),
                  gone, begins);
}

/* "Personal data found: e-mail addresses 3, names 2." @titles: of the @n kinds */
static void
add_kinds (GString *text, const char *heading, const char *const *titles, const guint64 *counts,
           int n)
{
  g_autoptr (GString) found = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    if (counts[i] > 0)
      {
        g_autofree char *count = attune_count_to_text (counts[i]);

        g_string_append_printf (found, "%s%s %s", found->len > 0 ? ", " : "", titles[i], count);
      }
  if (found->len > 0) /* Translators: what was found, and how many of each kind */
    add_sentence (text, _ ("%s: %s."), heading, found->str);
}

static void
add_findings (GString *text, const AttuneReportView *report)
{
  const char *const personal[ATTUNE_N_PERSONAL] = {
    _ ("e-mail addresses"), _ ("telephone numbers"), _ ("IBANs"),          _ ("payment cards"),
    _ ("identity numbers"), _ ("IP addresses"),      _ ("dates of birth"), _ ("names")
  };
  const char *const secrets[ATTUNE_N_SECRETS]
      = { _ ("keys of services"), _ ("private keys"), _ ("passwords") };
  const char *const toxic[ATTUNE_N_TOXIC]
      = { _ ("insults"), _ ("slurs"), _ ("profanity"), _ ("threats"), _ ("words of your list") };

  add_kinds (text, _ ("Personal data found"), personal, report->personal, ATTUNE_N_PERSONAL);
  add_kinds (text, _ ("Keys and passwords found"), secrets, report->secrets, ATTUNE_N_SECRETS);
  add_kinds (text, _ ("Toxic words found"), toxic, report->toxic, ATTUNE_N_TOXIC);
}

/* "Languages: German 95 %, English 5 %." Of some 500 records the shares are as good as of all. */
static void
add_languages (GString *text, const AttuneReportView *report)
{
  const guint64 n = report->n_languages_looked_at
                    - MIN (report->n_languages_looked_at, report->n_languages_undecided);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < MIN (report->languages->len, MAX_LANGUAGES) && n > 0; i++)
    {
      const AttuneReportLanguage *language = g_ptr_array_index (report->languages, i);
      g_autofree char *name
          = attune_language_get_name (language->code, setlocale (LC_MESSAGES, NULL));

      g_string_append (found, i > 0 ? ", " : "");
      /* Translators: a language with its share, as “German 95 %” */
      g_string_append_printf (found, _ ("%s %.0f %%"), name, 100.0 * language->count / n);
    }
  if (found->len > 0)
    add_sentence (text, _ ("Languages, where they can be told: %s."), found->str);
}

/* Of dates that do not say it by themselves. */
static void
add_date_readings (GString *text, const AttuneReportView *report)
{
  const char *const readings[ATTUNE_N_DATE_READINGS] = {
    _ ("Dates such as 3/4/2024 are read with the day first, as others in their column show"),
    _ ("Dates such as 3/4/2024 are read with the month first, as others in their column show"),
    _ ("Dates such as 24/3/4 are read with the year first, as others in their column show"),
    _ ("Numbers instead of dates are read as seconds since 1970"),
    _ ("Numbers instead of dates are read as milliseconds since 1970")
  };

  for (int i = 0; i < ATTUNE_N_DATE_READINGS; i++)
    {
      g_autofree char *count = attune_count_to_text (report->n_dates[i]);

      if (report->n_dates[i] > 0) /* Translators: a sentence, and how many it is about */
        add_sentence (text, _ ("%s: %s."), readings[i], count);
    }
}

static void
add_dates (GString *text, const AttuneReportView *report)
{
  g_autofree char *unread = attune_count_to_text (report->n_unread_dates);

  if (*report->newest_tenth != '\0')
    add_sentence (text, _ ("The records are from %s to %s; a tenth of them are from %s on."),
                  report->first_date, report->last_date, report->newest_tenth);
  else if (*report->first_date != '\0')
    add_sentence (text, _ ("The records are from %s to %s."), report->first_date,
                  report->last_date);
  if (report->n_unread_dates > 0)
    add_sentence (text,
                  ngettext ("%s date cannot be read, or its day and month could be swapped.",
                            "%s dates cannot be read, or their day and month could be swapped.",
                            (gulong) report->n_unread_dates),
                  unread);
  add_date_readings (text, report);
  if (report->unused_labels && *report->test_from != '\0')
    add_sentence (text, _ ("The split is by time: the shares cannot be the same for each label."));
  else if (report->unused_labels)
    add_sentence (text, _ ("The final test is a fold: the shares cannot be the same for each "
                           "label."));
}

/* What the labels were read as, where that is not one of a few. */
static void
add_label_kind (GString *text, const AttuneReportView *report)
{
  g_autofree char *unread = attune_count_to_text (report->n_unread_numbers);

  if (report->label_doubt != ATTUNE_LABEL_DOUBT_NONE)
    add_sentence (text, "%s", _ (attune_label_doubt_get_text (report->label_doubt)));
  if (report->label_kind == ATTUNE_LABELS_SEVERAL)
    add_sentence (text, _ ("A record can have several labels."));
  if (report->label_kind != ATTUNE_LABELS_NUMBER)
    return;
  add_sentence (text, _ ("The labels are numbers from %g to %g."), report->least_number,
                report->most_number);
  if (report->n_unread_numbers > 0)
    add_sentence (text,
                  ngettext ("%s label is no number, and nothing is learned from it.",
                            "%s labels are no numbers, and nothing is learned from them.",
                            (gulong) report->n_unread_numbers),
                  unread);
}

static void
add_undecided (GString *text, const AttuneReportView *report)
{
  for (guint i = 0; i < MIN (report->undecided->len, MAX_UNDECIDED); i++)
    {
      const AttuneReportUndecided *item = g_ptr_array_index (report->undecided, i);
      g_autofree char *count = attune_count_to_text (item->count);

      add_sentence (
          text,
          ngettext ("“%s” could mean several things (%s), and nothing near it says which: "
                    "%s was left as it is.",
                    "“%s” could mean several things (%s), and nothing near them says "
                    "which: %s were left as they are.",
                    (gulong) item->count),
          item->abbreviation, item->meanings, count);
    }
}

static void
add_counts (GString *text, const AttuneReportView *report)
{
  g_autofree char *shared = attune_count_to_text (report->shared_answers);

  add_used (text, report);
  add_by_hand (text, report);
  add_findings (text, report);
  add_languages (text, report);
  add_dates (text, report);
  add_label_kind (text, report);
  add_undecided (text, report);
  if (report->splits[ATTUNE_SPLIT_VALIDATION] == 0)
    add_sentence (text, _ ("Nothing checks the progress: it will not be seen when the model begins "
                           "to memorise."));
  if (report->splits[ATTUNE_SPLIT_TEST] == 0)
    add_sentence (text, _ ("Nothing is kept for the final test: the result cannot be measured on "
                           "questions that are new to the model."));
  if (report->shared_answers > 0)
    add_sentence (text,
                  ngettext ("%s answer is both learned and asked for in the final test, by another "
                            "question.",
                            "%s answers are both learned and asked for in the final test, by "
                            "other questions.",
                            (gulong) report->shared_answers),
                  shared);
}

static void
add_lengths (GString *text, const AttuneReportView *report, guint64 max_tokens)
{
  g_autofree char *median = attune_count_to_text (report->median),
                  *longest = attune_count_to_text (report->longest);
  g_autofree char *too_long = attune_count_to_text (report->n_too_long),
                  *notes = attune_say_reading_notes (report, max_tokens);

  if (report->longest > 0)
    add_sentence (text, _ ("Half of the samples have up to %s tokens, the longest has %s."), median,
                  longest);
  if (*notes != '\0')
    add_sentence (text, "%s", notes);
  if (report->n_too_long > 0)
    add_sentence (text,
                  ngettext ("%s was left out because its question alone is too long.",
                            "%s were left out because their questions alone are too long.",
                            (gulong) report->n_too_long),
                  too_long);
}

char *
attune_data_result_say (const AttuneReportView *report, guint64 max_tokens)
{
  GString *text = g_string_new (NULL);

  add_counts (text, report);
  add_lengths (text, report, max_tokens);
  return g_string_free (text, FALSE);
}
