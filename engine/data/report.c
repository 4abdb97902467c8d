/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The report as text: what was read, what each step did, what is left, how long the samples are.
 */
#include "data/report.h"

#include "data/language.h"
#include "data/report-view.h"

#define LABELS_SHOWN 10

static void
add_line (GString *text, const char *title, guint64 value)
{
  const int pad = 32 - (int) g_utf8_strlen (title, -1);

  g_string_append_printf (text, "  %s%*s%8" G_GUINT64_FORMAT "\n", title, MAX (1, pad), "", value);
}

static void
add_steps (GString *text, const AttuneReportView *report)
{
  gboolean clean = TRUE;

  for (guint i = 0; i < report->steps->len; i++)
    {
      const AttuneReportStep *step = g_ptr_array_index (report->steps, i);

      if (!step->enabled || step->count == 0)
        continue;
      add_line (text, step->title, step->count);
      clean = FALSE;
    }
  if (clean)
    g_string_append (text, "  There was nothing to clean.\n");
}

static void
add_labels (GString *text, const AttuneReportView *report)
{
  const GPtrArray *labels = report->labels;

  if (report->label_doubt != ATTUNE_LABEL_DOUBT_NONE)
    g_string_append_printf (text, "%s (--labels)\n",
                            attune_label_doubt_get_text (report->label_doubt));
  if (report->label_kind == ATTUNE_LABELS_NUMBER)
    {
      g_string_append_printf (text,
                              "Labels\n  numbers of %" G_GUINT64_FORMAT
                              " records, from %g to %g, %g in the mean (--labels)\n",
                              report->n_numbers, report->least_number, report->most_number,
                              report->mean_number);
      if (report->n_unread_numbers > 0)
        g_string_append_printf (
            text, "  %" G_GUINT64_FORMAT " are no numbers, and nothing is learned from them\n",
            report->n_unread_numbers);
    }
  if (labels->len < 2)
    return;
  g_string_append (text, report->label_kind == ATTUNE_LABELS_SEVERAL
                             ? "Labels, of which a record can have several (--labels)\n"
                             : "Labels\n");
  for (guint i = 0; i < MIN (labels->len, LABELS_SHOWN); i++)
    {
      const AttuneReportLabel *label = g_ptr_array_index (labels, i);

      add_line (text, label->label, label->count);
      if (label->learned > 0)
        g_string_append_printf (text,
                                "    learned from %" G_GUINT64_FORMAT
                                " times, of %" G_GUINT64_FORMAT " records\n",
                                label->learned, label->original);
    }
  if (labels->len > LABELS_SHOWN)
    g_string_append_printf (text, "  … and %u more\n", labels->len - LABELS_SHOWN);
}

static void
add_some (GString *text, const char *title, guint64 value)
{
  if (value > 0)
    add_line (text, title, value);
}

static void
add_by_hand (GString *text, const AttuneReportView *report)
{
  if (report->n_excluded + report->n_edited + report->n_gone == 0)
    return;
  g_string_append (text, "By hand\n");
  add_some (text, "Left out", report->n_excluded);
  add_some (text, "Edited", report->n_edited);
  add_some (text, "Changes of records now gone", report->n_gone);
  for (guint i = 0; i < report->gone->len; i++)
    g_string_append_printf (text, "    “%s”\n", (char *) report->gone->pdata[i]);
}

/* So many of each of @n kinds, where there is any. */
static void
add_kinds (GString *text, const char *heading, const char *const *titles, const guint64 *counts,
           int n)
{
  guint64 all = 0;

  for (int i = 0; i < n; i++)
    all += counts[i];
  if (all == 0)
    return;
  g_string_append_printf (text, "%s\n", heading);
  for (int i = 0; i < n; i++)
    add_some (text, titles[i], counts[i]);
}

static void
add_findings (GString *text, const AttuneReportView *report)
{
  static const char *const personal[ATTUNE_N_PERSONAL]
      = { "E-mail addresses", "Telephone numbers", "IBANs",          "Payment cards",
          "Identity numbers", "IP addresses",      "Dates of birth", "Names" };
  static const char *const secrets[ATTUNE_N_SECRETS]
      = { "Keys of services", "Private keys", "Passwords" };
  static const char *const toxic[ATTUNE_N_TOXIC]
      = { "Insults", "Slurs", "Profanity", "Threats", "Of your list" };

  add_kinds (text, "Personal data found", personal, report->personal, ATTUNE_N_PERSONAL);
  add_kinds (text, "Keys and passwords found", secrets, report->secrets, ATTUNE_N_SECRETS);
  add_kinds (text, "Toxic words found", toxic, report->toxic, ATTUNE_N_TOXIC);
}

static void
add_undecided (GString *text, const GPtrArray *undecided)
{
  if (undecided->len == 0)
    return;
  g_string_append (text, "Abbreviations that could mean several things, left as they are\n");
  for (guint i = 0; i < MIN (undecided->len, LABELS_SHOWN); i++)
    {
      const AttuneReportUndecided *item = g_ptr_array_index (undecided, i);

      add_line (text, item->abbreviation, item->count);
      g_string_append_printf (text, "    %s\n", item->meanings);
    }
  if (undecided->len > LABELS_SHOWN)
    g_string_append_printf (text, "  … and %u more\n", undecided->len - LABELS_SHOWN);
}

static void
add_languages (GString *text, const AttuneReportView *report)
{
  if (report->languages->len == 0)
    return;
  if (report->n_languages_looked_at < report->read / 2)
    g_string_append_printf (text, "Languages of %" G_GUINT64_FORMAT " records\n",
                            report->n_languages_looked_at);
  else
    g_string_append (text, "Languages\n");
  for (guint i = 0; i < MIN (report->languages->len, LABELS_SHOWN); i++)
    {
      const AttuneReportLanguage *language = g_ptr_array_index (report->languages, i);
      g_autofree char *name = attune_language_get_name (language->code, "en"),
                      *title = g_strdup_printf ("%s (%s)", name, language->code);

      add_line (text, title, language->count);
    }
  add_some (text, "Too short or odd to tell", report->n_languages_undecided);
}

/* How dates were read that do not say it by themselves. */
static void
add_readings (GString *text, const AttuneReportView *report)
{
  static const char *const readings[ATTUNE_N_DATE_READINGS]
      = { "Read with the day first", "Read with the month first", "Read with the year first",
          "Read as seconds since 1970", "Read as milliseconds since 1970" };

  for (int i = 0; i < ATTUNE_N_DATE_READINGS; i++)
    {
      if (report->n_dates[i] == 0)
        continue;
      add_line (text, readings[i], report->n_dates[i]);
      if (i <= ATTUNE_DATE_READ_YEAR_FIRST)
        g_string_append (text, "    which such dates as 3/4/2024 do not say, but others in their "
                               "column do\n");
    }
}

/* What was chosen in vain. */
static void
add_unused (GString *text, const AttuneReportView *report)
{
  const char *why = *report->test_from != '\0' ? "the final test is from a date on"
                                               : "a fold is the final test";

  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) list = NULL;
  g_autofree char *all = NULL;

  if (report->unused_share)
    g_strv_builder_add (names, "test-share");
  if (report->unused_check_share)
    g_strv_builder_add (names, "validation-share");
  if (report->unused_labels)
    g_strv_builder_add (names, "stratify");
  list = g_strv_builder_end (names);
  all = g_strjoinv (", ", list);
  if (*all != '\0')
    g_string_append_printf (text, "  Not used, as %s: %s\n", why, all);
}

static void
add_dates (GString *text, const AttuneReportView *report)
{
  if (*report->first_date == '\0' && report->n_unread_dates == 0)
    return;
  g_string_append (text, "Dates\n");
  if (*report->first_date != '\0')
    g_string_append_printf (text, "  from %s to %s\n", report->first_date, report->last_date);
  if (*report->newest_tenth != '\0')
    g_string_append_printf (text, "  a tenth of the records from %s on\n", report->newest_tenth);
  add_readings (text, report);
  add_some (text, "Dates that could not be read", report->n_unread_dates);
}

char *
attune_data_report_to_text (const char *json)
{
  g_autoptr (JsonNode) root = json_from_string (json, NULL);
  g_autoptr (AttuneReportView) report = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  guint64 n_train, n_learned;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return g_strdup ("");
  report = attune_report_view_new (root);
  n_train = report->splits[ATTUNE_SPLIT_TRAIN];
  n_learned = report->sizes[ATTUNE_SPLIT_TRAIN].samples;
  g_string_append (text, "Records\n");
  add_line (text, "Read", report->read);
  add_some (text, "Rows that could not be read", report->bad);
  g_string_append (text, "Cleaning\n");
  add_steps (text, report);
  add_findings (text, report);
  add_undecided (text, report->undecided);
  add_languages (text, report);
  add_dates (text, report);
  add_by_hand (text, report);
  g_string_append (text, "What is left\n");
  add_line (text, "To learn from", n_learned);
  if (n_learned != n_train)
    g_string_append_printf (text, "    samples of %" G_GUINT64_FORMAT " records, %s\n", n_train,
                            report->n_variants > 0 ? "with variants of them"
                                                   : "as the labels are balanced");
  add_line (text, "To check the progress with", report->splits[ATTUNE_SPLIT_VALIDATION]);
  add_line (text, "For the final test", report->splits[ATTUNE_SPLIT_TEST]);
  add_unused (text, report);
  g_string_append (text, "Length of a sample in tokens\n");
  g_string_append_printf (text,
                          "  from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT
                          ", half of them up to %" G_GUINT64_FORMAT
                          ", 95 %% up to %" G_GUINT64_FORMAT "\n",
                          report->shortest, report->longest, report->median, report->p95);
  add_line (text, "Tokens in all", report->tokens);
  add_line (text, "of these learned (answers)", report->learned);
  add_some (text, "Samples cut for their length", report->n_cut);
  add_some (text, "Answers with no end to learn", report->n_endless);
  add_some (text, "Samples that begin twice", report->n_restarts);
  add_some (text, "Left out for their length", report->n_too_long);
  add_some (text, "Answers both learned and tested", report->shared_answers);
  add_labels (text, report);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
