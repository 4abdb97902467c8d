/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan and the data: what it reads of them, and whether that is there.
 */
#include "plan/estimate.h"
#include "plan/policy.h"

AttuneDataFacts
attune_plan_facts (const AttunePlanValues *plan, const AttuneDataFacts *facts)
{
  AttuneDataFacts read = *facts;

  if (plan->objective == ATTUNE_OBJECTIVE_TEXT)
    read.target_tokens = facts->text_tokens;
  if (attune_objective_labels (plan->objective))
    {
      read.n_train = read.target_tokens = facts->n_labelled;
      read.n_validation = facts->n_validation_labelled;
      read.train_tokens = facts->label_tokens;
    }
  if (attune_objective_writes (plan->objective))
    {
      /* as if all answers were cut */
      const guint64 answers
          = facts->n_train * attune_policy_count_answers (plan) / plan->batch_size;

      read.target_tokens = answers * plan->answer_limit;
      read.train_tokens = (facts->train_tokens - MIN (facts->train_tokens, facts->target_tokens))
                              * attune_policy_count_answers (plan) / plan->batch_size
                          + read.target_tokens;
      read.max_tokens = (facts->longest_question > 0 ? facts->longest_question : facts->max_tokens)
                        + plan->answer_limit;
    }
  if (!attune_objective_prefers (plan->objective))
    return read;
  read.n_train = facts->n_pairs;
  read.n_validation = facts->n_validation_pairs;
  read.train_tokens = facts->pair_tokens;
  /* of which the head reads the last */
  read.target_tokens
      = attune_objective_scores (plan->objective) ? 2 * facts->n_pairs : facts->pair_targets;
  read.max_tokens = MAX (facts->max_tokens, facts->longest_pair);
  return read;
}

gboolean
attune_labels_check_number (guint64 n, gint64 n_vocab, GError **error)
{
  const guint64 most = MIN (ATTUNE_LABELS_MAX, n_vocab);

  if (n >= ATTUNE_LABELS_MIN && n <= most)
    return TRUE;
  if (n > most)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The data holds %" G_GUINT64_FORMAT
                 " different labels, and at most %" G_GUINT64_FORMAT
                 " can be learned. Is the right column taken for the label? Or "
                 "learn from the answers (--objective answers).",
                 n, most);
  else
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The data holds %s, and two are needed to learn to tell them apart. Import a "
                 "table with a column of labels, or learn from the answers (--objective answers).",
                 n == 0 ? "no labels" : "only one label");
  return FALSE;
}

/* Whether what is set of labels goes with what these are. */
static gboolean
check_label_kind (const AttunePlanValues *plan, const AttuneDataFacts *facts, GError **error)
{
  const gboolean numbers = facts->label_kind == ATTUNE_LABELS_NUMBER;
  const char *setting = NULL;

  if (*plan->label_costs != '\0' && facts->label_kind != ATTUNE_LABELS_ONE)
    setting = "a table of what one label for another costs (--label-costs): choose no file";
  else if (numbers && plan->label_weights != ATTUNE_LABEL_WEIGHTS_NONE)
    setting = "weights of rare labels: use --label-weights none";
  else if (numbers && plan->focal_gamma > 0)
    setting = "a focus on hard ones: use --focal-gamma 0";
  else if (numbers && plan->label_smoothing > 0)
    setting = "label smoothing: use --label-smoothing 0";
  if (numbers && facts->n_labelled == 0)
    {
      g_set_error_literal (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                           "The labels are to be numbers, and nothing that is learned from has "
                           "one, or all of it has the same. Prepare the data with --labels one or "
                           "several, or choose another "
                           "column.");
      return FALSE;
    }
  if (setting == NULL)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "A record has %s in this data, which has no use for %s, or prepare the data with "
               "--labels one.",
               numbers ? "a number for its label" : "several labels", setting);
  return FALSE;
}

/* Whether there are questions to answer, and places for the answers. */
static gboolean
check_writing (const AttunePlanValues *plan, const AttuneDecoderConfig *config,
               const AttuneDataFacts *facts, GError **error)
{
  const int room = config->max_tokens - (int) MIN (facts->longest_question, (guint) G_MAXINT / 2);

  if (facts->n_unasked > 0)
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "%" G_GUINT64_FORMAT " of the records are texts without a question, which this "
                   "objective (%s) cannot answer. Prepare the data without them, or learn from the "
                   "text (--objective text).",
                   facts->n_unasked, attune_objective_get_name (plan->objective));
      return FALSE;
    }
  if (facts->longest_question == 0 || plan->answer_limit <= room)
    return TRUE;
  if (room > 0)
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The longest question has %u tokens and this model %d places, so that an answer "
                 "of %d (--answer-limit) does not fit behind it. Use --answer-limit %d or less.",
                 facts->longest_question, config->max_tokens, plan->answer_limit, room);
  else
    g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                 "The longest question has %u tokens, which leaves no room for an answer in the %d "
                 "places of this model. Prepare the data with shorter samples (--max-tokens), or "
                 "choose a model with a longer context.",
                 facts->longest_question, config->max_tokens);
  return FALSE;
}

gboolean
attune_plan_check_data (const AttunePlanValues *plan, const AttuneDecoderConfig *config,
                        const AttuneDataFacts *facts, GError **error)
{
  if (attune_objective_labels (plan->objective) && !check_label_kind (plan, facts, error))
    return FALSE;
  if (attune_objective_labels (plan->objective) && facts->label_kind != ATTUNE_LABELS_NUMBER
      && !attune_labels_check_number (facts->n_labels, config->n_vocab, error))
    return FALSE;
  if (attune_objective_writes (plan->objective))
    return check_writing (plan, config, facts, error);
  if (!attune_objective_prefers (plan->objective) || facts->n_pairs > 0)
    return TRUE;
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "The data holds no pairs of a better and a worse answer, which this objective (%s) "
               "learns from. Import a table with the columns prompt, chosen and rejected, or learn "
               "from the answers (--objective answers).",
               attune_objective_get_name (plan->objective));
  return FALSE;
}
