/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See score-slots.h.
 */
#include "stages/evaluate/score-slots.h"

#include "charts/number.h"
#include "stages/evaluate/score-figure.h"
#include "stages/evaluate/verdict.h"

#include <glib/gi18n.h>
#include <math.h>

#define GETTER(name)                                                                               \
  static double get_##name (const AttuneScores *scores) { return scores->name; }

GETTER (perplexity)
GETTER (loss)
GETTER (macro_f1)
GETTER (micro_f1)
GETTER (micro_f1_error)
GETTER (mae)
GETTER (mae_error)
GETTER (rmse)
GETTER (rmse_error)
GETTER (r2)
GETTER (r2_error)

static double
get_token_f1 (const AttuneScores *scores)
{
  return attune_score_token_f1 (scores).value;
}

static double
get_exact (const AttuneScores *scores)
{
  return attune_score_exact_match (scores).value;
}

/* Three digits, whatever its unit is. */
static char *
format_amount (double value)
{
  const double digits = value > 0 ? pow (10, floor (log10 (value)) - 2) : 1;

  return attune_number_format (value, ATTUNE_UNIT_NUMBER, digits);
}

static const AttuneScoreSlot of_texts[ATTUNE_SCORE_SLOTS] = {
  { N_ ("Perplexity"),
    N_ ("How many words the model wavers between at each word of your answers; 1 is best"),
    get_perplexity, NULL, attune_verdict_format_perplexity },
  { N_ ("Words in Common"),
    N_ ("Token F1: how many words an answer shares with the expected one, of all words in both"),
    get_token_f1, NULL, attune_verdict_format_share },
  { N_ ("Exact Matches"),
    N_ ("Answers that are the expected one but for case, punctuation and articles"), get_exact,
    NULL, attune_verdict_format_share },
};

static const AttuneScoreSlot of_labels[ATTUNE_SCORE_SLOTS] = {
  { N_ ("Labels in Doubt"), N_ ("Between how many labels the model wavers; 1 is best"),
    get_perplexity, NULL, attune_verdict_format_perplexity },
  { N_ ("Balanced Score"),
    N_ ("Macro F1: how well a label is found, where each label counts the same"), get_macro_f1,
    NULL, attune_verdict_format_share },
  { N_ ("Right Labels"), N_ ("Accuracy: records whose label is the right one"), get_exact, NULL,
    attune_verdict_format_share },
};

static const AttuneScoreSlot of_rewards[ATTUNE_SCORE_SLOTS] = {
  { N_ ("Answers in Doubt"),
    N_ ("Between how many of the two answers of a pair the model wavers; 1 is best"),
    get_perplexity, NULL, attune_verdict_format_perplexity },
  { N_ ("Loss of a Pair"),
    N_ ("In nats: how far the better answer’s reward is from leading; 0 is best"), get_loss, NULL,
    format_amount },
  { N_ ("Better Answer Preferred"), N_ ("Pairs in which the better answer gets more reward"),
    get_exact, NULL, attune_verdict_format_share },
};

static const AttuneScoreSlot of_several[ATTUNE_SCORE_SLOTS] = {
  { N_ ("Found Labels"),
    N_ ("Micro F1: how well labels are found and not said wrongly, over all of them"), get_micro_f1,
    get_micro_f1_error, attune_verdict_format_share },
  { N_ ("Balanced Score"),
    N_ ("Macro F1: how well a label is found, where each label counts the same"), get_macro_f1,
    NULL, attune_verdict_format_share },
  { N_ ("All Labels Right"), N_ ("Subset accuracy: records with all their labels and no other"),
    get_exact, NULL, attune_verdict_format_share },
};

static const AttuneScoreSlot of_numbers[ATTUNE_SCORE_SLOTS] = {
  { N_ ("Off in the Mean"),
    N_ ("Mean absolute error (MAE): how far a number is from the right one; 0 is best"), get_mae,
    get_mae_error, format_amount },
  { N_ ("Off by the Root Mean Square"),
    N_ ("RMSE: the same, where being far off counts more; 0 is best"), get_rmse, get_rmse_error,
    format_amount },
  { N_ ("Explained"),
    N_ ("R²: which share of the differences between the records is told; 100 % is best"), get_r2,
    get_r2_error, attune_verdict_format_share },
};

const AttuneScoreSlot *
attune_score_slots (const AttuneEvaluation *evaluation)
{
  if (!evaluation->labels)
    return of_texts;
  if (evaluation->rewards)
    return of_rewards;
  return evaluation->label_kind == ATTUNE_LABELS_NUMBER    ? of_numbers
         : evaluation->label_kind == ATTUNE_LABELS_SEVERAL ? of_several
                                                           : of_labels;
}

const char *
attune_score_base_title (const AttuneEvaluation *evaluation)
{
  if (!evaluation->labels)
    return _ ("Base");
  if (evaluation->rewards)
    return _ ("Guessing");
  return evaluation->label_kind == ATTUNE_LABELS_NUMBER ? _ ("Always the Mean")
                                                        : _ ("Always the Most Frequent Label");
}
