/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See earlier.h.
 */
#include "plan/earlier.h"
#include "plan/policy.h"

#include "plan/estimate.h"

#include <glib/gstdio.h>
#include <math.h>

/* Of a text: a token takes four bytes, and is one byte at worst, in an array that doubles. */
#define TEXT_SHARE 8
/* A text of more bytes is not read: replay draws some thousand samples of it. */
#define MOST_MEGABYTES 64

char *
attune_earlier_find_file (const char *path)
{
  g_return_val_if_fail (path != NULL, NULL);
  return g_file_test (path, G_FILE_TEST_IS_DIR) ? g_build_filename (path, "dataset.h5", NULL)
                                                : g_strdup (path);
}

guint64
attune_earlier_bytes (const char *path)
{
  g_autofree char *file = attune_earlier_find_file (path);
  GStatBuf info;

  if (*path == '\0' || g_stat (file, &info) != 0)
    return 0;
  return (attune_earlier_is_text (file) ? TEXT_SHARE : 1) * (guint64) info.st_size;
}

gboolean
attune_earlier_is_text (const char *path)
{
  g_autofree char *file = attune_earlier_find_file (path);

  return *file != '\0' && !g_str_has_suffix (file, ".h5");
}

int
attune_plan_count_replay (const AttunePlanValues *plan)
{
  const double share = plan->replay_share;

  if (share <= 0 || *plan->earlier == '\0')
    return 0;
  return MAX (1, (int) lround (plan->batch_size * share / (1 - share)));
}

/* Whether a head of its own learns in place of the one that tells text. */
static gboolean
replaces_text (const AttunePlanValues *plan)
{
  return attune_objective_labels (plan->objective) || attune_objective_scores (plan->objective);
}

gboolean
attune_plan_exchanges (const AttunePlanValues *plan)
{
  return *plan->term_pairs != '\0' && (plan->counterfactuals || plan->gap_weight > 0)
         && !attune_objective_prefers (plan->objective)
         && !attune_objective_writes (plan->objective)
         && !attune_objective_labels (plan->objective);
}

int
attune_plan_count_samples (const AttunePlanValues *plan)
{
  if (attune_objective_writes (plan->objective))
    return attune_policy_count_answers (plan);
  return (attune_plan_exchanges (plan) ? 2 : 1) * plan->batch_size
         + attune_plan_count_replay (plan);
}

gboolean
attune_plan_consolidates (const AttunePlanValues *plan)
{
  return plan->ewc_weight > 0 && *plan->earlier != '\0';
}

gboolean
attune_earlier_uses (const AttunePlanValues *plan, const char *name)
{
  const gboolean named = *plan->earlier != '\0', pairs = *plan->term_pairs != '\0',
                 replaced = replaces_text (plan),
                 learns_text = !replaced && !attune_objective_prefers (plan->objective)
                               && !attune_objective_writes (plan->objective);

  if (g_str_equal (name, "replay-share"))
    return (named && learns_text) || plan->replay_share > 0;
  if (g_str_equal (name, "ewc-weight"))
    return (named && !replaced) || plan->ewc_weight > 0;
  if (g_str_equal (name, "ewc-samples"))
    return plan->ewc_weight > 0;
  if (g_str_equal (name, "term-pairs"))
    return learns_text || pairs;
  if (g_str_equal (name, "counterfactuals"))
    return learns_text && pairs;
  if (g_str_equal (name, "gap-weight"))
    return (learns_text && pairs) || plan->gap_weight > 0;
  return !replaced || named;
}

static gboolean G_GNUC_PRINTF (2, 3) refuse (GError **error, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_propagate_error (error,
                     g_error_new_valist (ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE, format, list));
  va_end (list);
  return FALSE;
}

gboolean
attune_earlier_check (const AttunePlanValues *plan, GError **error)
{
  const gboolean named = *plan->earlier != '\0';

  if (!named && (plan->replay_share > 0 || plan->ewc_weight > 0))
    return refuse (error,
                   "There is no Earlier Material (earlier) to %s. Choose a text file or an earlier "
                   "project there, or set %s to 0.",
                   plan->replay_share > 0 ? "learn again" : "hold fast to",
                   plan->replay_share > 0 ? "Learned Again (replay-share)"
                                          : "Hold Fast (ewc-weight)");
  if (named && replaces_text (plan))
    return refuse (error,
                   "Earlier Material (earlier) is text, and this plan learns %s in place of it. "
                   "Choose none, or learn from the answers (--objective answers).",
                   attune_objective_labels (plan->objective) ? "labels" : "rewards");
  if (plan->replay_share > 0 && attune_objective_prefers (plan->objective))
    return refuse (error,
                   "Earlier material cannot be learned again (--replay-share) beside pairs of a "
                   "better and a worse answer. Use --ewc-weight, or --objective answers.");
  if (plan->replay_share > 0 && attune_objective_writes (plan->objective))
    return refuse (error,
                   "Earlier material cannot be learned again (--replay-share) beside answers that "
                   "the model writes itself. Use --ewc-weight, or --objective answers.");
  if (plan->ewc_weight > 0 && plan->method == ATTUNE_METHOD_HALF)
    return refuse (error, "Half of the model at a time (--method half) cannot be held fast as well "
                          "(--ewc-weight): it holds the other half already. Use --method full, or "
                          "--ewc-weight 0.");
  return TRUE;
}

gboolean
attune_terms_check (const AttunePlanValues *plan, GError **error)
{
  if (plan->gap_weight > 0 && *plan->term_pairs == '\0')
    return refuse (error,
                   "There are no Pairs of Terms (term-pairs) whose exchange could cost something. "
                   "Choose a file of them, or set Penalty on the Difference (gap-weight) to 0.");
  if (*plan->term_pairs == '\0'
      || !(attune_objective_prefers (plan->objective) || attune_objective_labels (plan->objective)
           || attune_objective_writes (plan->objective)))
    return TRUE;
  return refuse (error,
                 "Terms (--term-pairs) are exchanged where text is learned, not with --objective "
                 "%s. Choose no file, or --objective answers.",
                 attune_objective_get_name (plan->objective));
}

gboolean
attune_earlier_check_size (const char *file, GError **error)
{
  GStatBuf info;

  if (!attune_earlier_is_text (file) || g_stat (file, &info) != 0
      || info.st_size <= ((goffset) MOST_MEGABYTES << 20))
    return TRUE;
  return refuse (error,
                 "The earlier material “%s” has %.0f MB of text, and %d MB are enough to learn "
                 "again: choose a part of it.",
                 file, info.st_size / 1e6, MOST_MEGABYTES);
}

gboolean
attune_earlier_check_files (const AttunePlanValues *plan, GError **error)
{
  g_autofree char *file = attune_earlier_find_file (plan->earlier);

  if (*plan->term_pairs != '\0' && !g_file_test (plan->term_pairs, G_FILE_TEST_IS_REGULAR))
    return refuse (
        error,
        "There is no file “%s”, which Pairs of Terms (term-pairs) names. Choose one with "
        "two terms on each line, or none.",
        plan->term_pairs);
  if (*plan->label_costs != '\0' && !g_file_test (plan->label_costs, G_FILE_TEST_IS_REGULAR))
    return refuse (error,
                   "There is no file “%s”, which Costs of Mistakes (label-costs) names. Choose a "
                   "table of what each label costs for each other one, or none.",
                   plan->label_costs);
  if (*plan->earlier == '\0')
    return TRUE;
  if (g_file_test (file, G_FILE_TEST_IS_REGULAR))
    return attune_earlier_check_size (file, error);
  return refuse (error,
                 "There is no file “%s”, which Earlier Material (earlier) names. Choose a text "
                 "file, an earlier project, or none.",
                 file);
}
