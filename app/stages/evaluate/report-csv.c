/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The answers of an evaluation as a table. See report.h.
 */
#include "stages/evaluate/report.h"

#include "stages/evaluate/label-words.h"
#include "charts/csv-text.h"

#include <glib/gi18n.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

void
attune_report_free (AttuneReport *self)
{
  if (self == NULL)
    return;
  g_free (self->project);
  g_free (self->model);
  g_free (self->data);
  g_clear_pointer (&self->evaluation, attune_evaluation_free);
  g_clear_pointer (&self->ratings, attune_ratings_free);
  g_free (self->earlier_name);
  g_free (self);
}

static void
add_text (GString *csv, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  attune_csv_text (csv, valid);
}

static void
add_answer (GString *csv, const AttuneReport *self, guint i)
{
  const AttuneAnswer *base = self->evaluation->base_answers->pdata[i],
                     *tuned = self->evaluation->tuned_answers->pdata[i];
  const gboolean known = self->ratings != NULL && i < attune_ratings_get_size (self->ratings);
  const AttuneRating rating = known ? attune_ratings_get (self->ratings, i) : ATTUNE_RATING_NONE;

  attune_csv_number (csv, i + 1);
  add_text (csv, base->question);
  add_text (csv, base->expected);
  add_text (csv, base->answer);
  add_text (csv, tuned->answer);
  attune_csv_number (csv, base->token_f1);
  attune_csv_number (csv, tuned->token_f1);
  attune_csv_number (csv, base->exact);
  attune_csv_number (csv, tuned->exact);
  attune_csv_text (csv, attune_rating_get_name (rating));
  attune_csv_text (csv, rating == ATTUNE_RATING_NONE                 ? ""
                        : attune_ratings_is_blind (self->ratings, i) ? "yes"
                                                                     : "no");
  attune_csv_end_line (csv);
}

/* Nobody asked the base model for labels, and nobody rates them. */
static char *
labels_to_csv (const AttuneEvaluation *evaluation)
{
  const char *const heads[]
      = { _ ("Number"), _ ("Question"), attune_label_words_for_expected (evaluation->label_kind),
          attune_label_words_for_answer (evaluation->label_kind), _ ("As expected") };
  g_autoptr (GString) csv = g_string_new (BYTE_ORDER_MARK);

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    attune_csv_text (csv, heads[i]);
  attune_csv_end_line (csv);
  for (guint i = 0; i < evaluation->tuned_answers->len; i++)
    {
      const AttuneAnswer *answer = evaluation->tuned_answers->pdata[i];

      attune_csv_number (csv, i + 1);
      add_text (csv, answer->question);
      add_text (csv, answer->expected);
      add_text (csv, answer->answer);
      attune_csv_number (csv, answer->exact);
      attune_csv_end_line (csv);
    }
  return g_string_free_and_steal (g_steal_pointer (&csv));
}

char *
attune_report_to_csv (const AttuneReport *self)
{
  const char *const heads[]
      = { _ ("Number"),         _ ("Question"),         _ ("Expected answer"),
          _ ("Base answer"),    _ ("Tuned answer"),     _ ("Base token F1"),
          _ ("Tuned token F1"), _ ("Base exact match"), _ ("Tuned exact match"),
          _ ("Better answer"),  _ ("Rated blind") };
  g_autoptr (GString) csv = g_string_new (NULL);
  guint n;

  g_return_val_if_fail (self != NULL && self->evaluation != NULL, NULL);

  if (self->evaluation->labels)
    return labels_to_csv (self->evaluation);
  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    attune_csv_text (csv, heads[i]);
  attune_csv_end_line (csv);
  n = MIN (self->evaluation->base_answers->len, self->evaluation->tuned_answers->len);
  for (guint i = 0; i < n; i++)
    add_answer (csv, self, i);
  g_string_prepend (csv, BYTE_ORDER_MARK);
  return g_string_free_and_steal (g_steal_pointer (&csv));
}
