/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is asked of each finder of spans in texts: how much of a labelled set it finds, that it
 * finds nothing in texts that have none, and that no text takes it long.
 */
#pragma once
#include "data/import.h"
#include "data/span.h"

/* Returns: (transfer full) (element-type AttuneSpan): */
typedef GArray *(*SpanFinder) (const char *text);

typedef struct
{
  guint right, missed, wrong;
} SpanScore;

static inline gboolean
span_is_among (const GArray *spans, const AttuneSpan *wanted)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);

      if (span->kind == wanted->kind && span->start == wanted->start && span->end == wanted->end)
        return TRUE;
    }
  return FALSE;
}

/* Counts what @spans hold that @others do not hold exactly so. */
static inline void
span_compare (const GArray *spans, const GArray *others, SpanScore *scores, gboolean found,
              const char *text)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);

      if (span_is_among (others, span))
        {
          scores[span->kind].right += found;
          continue;
        }
      g_test_message ("%s “%.*s” in “%s”",
                      found ? "wrong:" : "missed:", (int) (span->end - span->start),
                      text + span->start, text);
      *(found ? &scores[span->kind].wrong : &scores[span->kind].missed) += 1;
    }
}

/* A find counts where kind, start and end are right. @scores: (inout): of each kind */
static inline void
span_score (SpanFinder find, const char *text, const GArray *labels, SpanScore *scores)
{
  g_autoptr (GArray) found = find (text);

  span_compare (found, labels, scores, TRUE, text);
  span_compare (labels, found, scores, FALSE, text);
}

static inline void
span_print (const char *name, const SpanScore *score)
{
  g_print ("# %-11s precision %.4f recall %.4f of %u\n", name,
           (double) score->right / MAX (1, score->right + score->wrong),
           (double) score->right / MAX (1, score->right + score->missed),
           score->right + score->missed);
}

/* Of each of @n kinds more than 200 are in the set, and 95 % of them are found. @precision: of all
 * at least */
static inline void
span_check (const SpanScore *scores, int n, const char *(*get_name) (guint kind), double precision)
{
  SpanScore all = { 0 };

  for (int kind = 0; kind < n; kind++)
    {
      const SpanScore *score = &scores[kind];

      span_print (get_name (kind), score);
      all.right += score->right;
      all.wrong += score->wrong;
      all.missed += score->missed;
      g_assert_cmpuint (score->right + score->missed, >, 200);
      g_assert_cmpfloat ((double) score->right / (score->right + score->missed), >=, 0.95);
    }
  span_print ("all", &all);
  g_assert_cmpfloat ((double) all.right / (all.right + all.wrong), >=, precision);
}

typedef struct
{
  SpanFinder find;
  guint n;
} SpanReading;

static inline gboolean
span_find_none (const AttuneRecord *record, gpointer data, GError **error)
{
  SpanReading *reading = data;

  for (int i = ATTUNE_FIELD_QUESTION; i <= ATTUNE_FIELD_ANSWER; i++)
    {
      g_autoptr (GArray) found = reading->find (record->fields[i]);

      g_assert_cmpuint (found->len, ==, 0);
    }
  reading->n++;
  return TRUE;
}

/* The sample's terms of medicine are nothing of the kind. */
static inline void
span_check_sample (SpanFinder find)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "medical-terms.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  SpanReading reading = { find, 0 };

  g_assert_no_error (error);
  g_assert_true (attune_source_read (source, span_find_none, NULL, &reading, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reading.n, >, 500);
}

/* Long texts of what could begin anything take no longer than others: 0.3 s at most were seen. */
static inline void
span_check_hostile (SpanFinder find, const char *const *patterns, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) found = NULL;

      while (text->len < 100000)
        g_string_append (text, patterns[i]);
      g_test_timer_start ();
      found = find (text->str);
      g_test_message ("%s: %.2f s", patterns[i], g_test_timer_elapsed ());
      g_assert_cmpfloat (g_test_timer_last (), <, 5);
    }
}
