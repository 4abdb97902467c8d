/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See verdict.h. "Not chance" is what a 95 % interval leaves no room for.
 */
#include "stages/evaluate/verdict.h"

#include "charts/number.h"
#include "evaluate/interval.h"
#include "stages/evaluate/score-slots.h"

#include <glib/gi18n.h>
#include <math.h>

#define MUCH 0.5       /* half the perplexity and less */
#define NO_CHANGE 0.05 /* 5 % more or less */
#define FEW 10         /* of fewer answers, nothing is sure */

char *
attune_verdict_format_perplexity (double perplexity)
{
  return attune_number_format (perplexity, ATTUNE_UNIT_NUMBER,
                               perplexity < 10     ? 0.01
                               : perplexity < 1000 ? 0.1
                                                   : 1);
}

char *
attune_verdict_format_share (double share)
{
  return attune_number_format (share, ATTUNE_UNIT_PERCENT, 0.01);
}

/* Score @slot of labels, where a record has several or a number. Returns: (transfer full): %NULL of
 * others */
static char *
tell_slot (const AttuneEvaluation *e, guint slot)
{
  const AttuneScoreSlot *slots = attune_score_slots (e);
  g_autofree char *before = slots[slot].format (slots[slot].get (&e->base)),
                  *after = slots[slot].format (slots[slot].get (&e->tuned));
  const gboolean several = e->label_kind == ATTUNE_LABELS_SEVERAL;

  if (!e->labels || e->label_kind == ATTUNE_LABELS_ONE)
    return NULL;
  if (slot == 0 && several)
    return g_strdup_printf (_ ("Of all labels in all records the tuned model finds %s, counting "
                               "those it says wrongly; always the most frequent ones, %s."),
                            after, before);
  if (slot == 0)
    return g_strdup_printf (_ ("The tuned model is %s off in the mean; always the mean, %s."),
                            after, before);
  if (slot == 1 && several)
    return g_strdup_printf (_ ("Where a rare label counts as much as a frequent one, the tuned "
                               "model scores %s; always the most frequent ones, %s."),
                            after, before);
  if (slot == 1)
    return g_strdup_printf (_ ("Where being far off counts more, it is %s off; always the mean, "
                               "%s."),
                            after, before);
  if (several)
    return g_strdup_printf (_ ("In %s of the records the tuned model says all labels and no "
                               "other; always the most frequent ones, in %s."),
                            after, before);
  return g_strdup_printf (_ ("It tells %s of what the records differ by; always the mean, %s."),
                          after, before);
}

char *
attune_verdict_on_perplexity (const AttuneEvaluation *evaluation)
{
  char *told = tell_slot (evaluation, 0);
  const double base = evaluation->base.perplexity, tuned = evaluation->tuned.perplexity;
  g_autofree char *before = attune_verdict_format_perplexity (base),
                  *after = attune_verdict_format_perplexity (tuned);

  if (told != NULL)
    return told;
  if (!isfinite (base) || !isfinite (tuned) || base <= 0)
    return g_strdup (_ ("How much your answers surprise the models could not be measured."));
  if (evaluation->rewards)
    return g_strdup_printf (_ ("Of the two answers of a pair the tuned model wavers between %s; "
                               "guessing, between %s. 1 is best."),
                            after, before);
  if (evaluation->labels)
    return g_strdup_printf (
        _ ("The tuned model wavers between %s labels; knowing only how frequent "
           "each is, between %s. 1 is best."),
        after, before);
  if (tuned <= MUCH * base)
    return g_strdup_printf (_ ("The tuned model is much less surprised by your answers: perplexity "
                               "%s instead of %s."),
                            after, before);
  if (tuned <= (1 - NO_CHANGE) * base)
    return g_strdup_printf (
        _ ("The tuned model is less surprised by your answers: perplexity %s instead of %s."),
        after, before);
  if (tuned < (1 + NO_CHANGE) * base)
    return g_strdup_printf (_ ("Your answers surprise the tuned model about as much as the base "
                               "model: perplexity %s instead of %s."),
                            after, before);
  return g_strdup_printf (_ ("The tuned model is more surprised by your answers than before: "
                             "perplexity %s instead of %s. It may have learned for too long, or "
                             "from too little."),
                          after, before);
}

char *
attune_verdict_on_earlier (const AttuneEvaluation *evaluation)
{
  const double base = exp (evaluation->base.earlier_loss),
               tuned = exp (evaluation->tuned.earlier_loss);
  g_autofree char *before = attune_verdict_format_perplexity (base),
                  *after = attune_verdict_format_perplexity (tuned);

  if (evaluation->tuned.n_earlier == 0)
    return NULL;
  if (!isfinite (base) || !isfinite (tuned))
    return g_strdup (_ ("What was forgotten of the earlier material could not be measured."));
  if (tuned < (1 - NO_CHANGE) * base)
    return g_strdup_printf (_ ("The tuned model knows the earlier material better than before: "
                               "perplexity %s instead of %s."),
                            after, before);
  if (tuned < (1 + NO_CHANGE) * base)
    return g_strdup_printf (
        _ ("Next to nothing was forgotten of the earlier material: perplexity %s instead of %s."),
        after, before);
  return g_strdup_printf (_ ("Some of the earlier material was forgotten: perplexity %s instead of "
                             "%s. A larger share of it in each step (Learned Again), or more "
                             "weight (Hold Fast), keeps more."),
                          after, before);
}

static AttuneInterval
compare (const AttuneEvaluation *evaluation)
{
  const guint n = MIN (evaluation->base_answers->len, evaluation->tuned_answers->len);
  g_autofree double *before = g_new (double, n + 1), *after = g_new (double, n + 1);

  for (guint i = 0; i < n; i++)
    {
      before[i] = ((AttuneAnswer *) evaluation->base_answers->pdata[i])->token_f1;
      after[i] = ((AttuneAnswer *) evaluation->tuned_answers->pdata[i])->token_f1;
    }
  return attune_paired_difference (before, after, n);
}

/* With what a record costs, where that is known. */
static char *
words_on_balance (const AttuneEvaluation *evaluation)
{
  char *told = tell_slot (evaluation, 1);
  g_autofree char *before = attune_verdict_format_share (evaluation->base.macro_f1),
                  *after = attune_verdict_format_share (evaluation->tuned.macro_f1);

  if (told != NULL)
    return told;
  told = g_strdup_printf (_ ("Where a rare label counts as much as a frequent one, the tuned model "
                             "scores %s; always the most frequent label, %s. 100 %% is best."),
                          after, before);
  if (evaluation->base.cost > 0 || evaluation->tuned.cost > 0)
    {
      g_autofree char *first = told;

      told = g_strdup_printf (_ ("%s A record costs %.3g in the mean, by your table; always the "
                                 "same label, %.3g."),
                              first, evaluation->tuned.cost, evaluation->base.cost);
    }
  return told;
}

char *
attune_verdict_on_words (const AttuneEvaluation *evaluation)
{
  const guint n = MIN (evaluation->base_answers->len, evaluation->tuned_answers->len);
  const AttuneInterval difference = compare (evaluation);
  g_autofree char *before = attune_verdict_format_share (evaluation->base.token_f1),
                  *after = attune_verdict_format_share (evaluation->tuned.token_f1);

  if (evaluation->rewards)
    return g_strdup_printf (_ ("A pair costs %.3f nats; guessing, %.3f. The further the better "
                               "answer’s reward leads, the less."),
                            evaluation->tuned.loss, evaluation->base.loss);
  if (evaluation->labels)
    return words_on_balance (evaluation);
  if (n == 0)
    return g_strdup (_ ("No questions were answered: the words were not compared."));
  if (n >= FEW && difference.lo > 0)
    return g_strdup_printf (_ ("The tuned model’s answers share more words with the expected ones: "
                               "%s instead of %s, and that is not chance."),
                            after, before);
  if (n >= FEW && difference.hi < 0)
    return g_strdup_printf (
        _ ("The tuned model’s answers share fewer words with the expected ones: "
           "%s instead of %s, and that is not chance."),
        after, before);
  return g_strdup_printf (
      ngettext ("The tuned model’s answers share %s of their words with the "
                "expected ones, the base model’s %s. With %u answer that may be "
                "chance.",
                "The tuned model’s answers share %s of their words with the "
                "expected ones, the base model’s %s. With %u answers that may be "
                "chance.",
                n),
      after, before, n);
}

static guint
count_exact (const GPtrArray *answers)
{
  guint n = 0;

  for (guint i = 0; i < answers->len; i++)
    n += ((const AttuneAnswer *) answers->pdata[i])->exact;
  return n;
}

/* Of all records, not of those alone that are kept to be looked at. */
static char *
exact_labels (const AttuneEvaluation *evaluation)
{
  const guint n = (guint) evaluation->tuned.n_answers;

  if (evaluation->rewards)
    return g_strdup_printf (ngettext ("In %u of %u pair the tuned model prefers the better answer; "
                                      "guessing, one does so in half of them.",
                                      "In %u of %u pairs the tuned model prefers the better "
                                      "answer; guessing, one does so in half of them.",
                                      n),
                            (guint) round (evaluation->tuned.exact_match * n), n);
  return g_strdup_printf (ngettext ("%u of %u label of the tuned model is right; always the most "
                                    "frequent label, %u.",
                                    "%u of %u labels of the tuned model are right; always the "
                                    "most frequent label, %u.",
                                    n),
                          (guint) round (evaluation->tuned.exact_match * n), n,
                          (guint) round (evaluation->base.exact_match * n));
}

char *
attune_verdict_on_exact (const AttuneEvaluation *evaluation)
{
  const guint n = evaluation->tuned_answers->len;

  if (evaluation->labels && evaluation->label_kind != ATTUNE_LABELS_ONE)
    return tell_slot (evaluation, 2);
  if (evaluation->labels)
    return exact_labels (evaluation);
  if (n == 0)
    return g_strdup (_ ("No questions were answered: there is nothing that could match."));
  return g_strdup_printf (
      ngettext ("%u of %u answer of the tuned model is exactly the expected one; "
                "of the base model, %u.",
                "%u of %u answers of the tuned model are exactly the expected "
                "ones; of the base model, %u.",
                n),
      count_exact (evaluation->tuned_answers), n, count_exact (evaluation->base_answers));
}

char *
attune_verdict_on_ratings (const guint counts[ATTUNE_N_RATINGS])
{
  const guint wins = counts[ATTUNE_RATING_TUNED], losses = counts[ATTUNE_RATING_BASE],
              ties = counts[ATTUNE_RATING_EQUAL] + counts[ATTUNE_RATING_BOTH_BAD],
              n = wins + losses + ties;
  const AttuneInterval rate = attune_win_rate (wins, losses, ties);
  g_autofree char *lo = attune_verdict_format_share (rate.lo),
                  *hi = attune_verdict_format_share (rate.hi), *first = NULL;

  if (n == 0)
    return g_strdup (_ ("Rate answers to see which model you like better, and how sure that is."));
  first = g_strdup_printf (ngettext ("In %u of %u rated pair the tuned answer was better",
                                     "In %u of %u rated pairs the tuned answer was better", n),
                           wins, n);
  /* Translators: "In 34 of 50 rated pairs the tuned answer was better: a win rate of 54% to 79%, …"
   */
  if (rate.lo > 0.5)
    return g_strdup_printf (_ ("%s: a win rate of %s to %s, so it is not chance."), first, lo, hi);
  if (rate.hi < 0.5)
    return g_strdup_printf (
        _ ("%s: a win rate of %s to %s, so the base model is better, and that is not chance."),
        first, lo, hi);
  return g_strdup_printf (
      _ ("%s: a win rate of %s to %s, so it may be chance. Rating more answers makes it surer."),
      first, lo, hi);
}
