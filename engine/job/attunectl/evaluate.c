/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl evaluate: base against tuned on the records that neither has seen.
 */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "evaluate/labels.h"
#include "evaluate/rewards.h"
#include "job/evaluation.h"
#include "job/search.h"
#include "job/tuned-model.h"
#include "tune/trainer.h"

#include <string.h>

#define SHOWN_ANSWERS 5
#define PARALLEL_ANSWERS 8  /* as many as fill the products of two cores */
#define SCORING_TOKENS 1024 /* in a packed stream, unless the plan has fewer */

/* The part of the bar that one of the two models takes. */
typedef struct
{
  AttuneProgressLine *line;
  double from;
  const char *side;
} Part;

static void
on_progress (gpointer data, double fraction, const char *what)
{
  Part *part = data;
  g_autofree char *text = g_strdup_printf ("%s: %s", part->side, what);

  attune_progress_line_report (part->line, part->from + fraction / 2, text);
}

static void
tell_scores (const AttuneEvaluation *e)
{
  const AttuneScores *b = &e->base, *t = &e->tuned;

  attune_output_heading ("Base against tuned (run %s), on %" G_GUINT64_FORMAT
                         " held-out records (%s split)",
                         e->run, b->n_loss, e->split);
  attune_output_row ("", "%14s %14s", "base", "tuned");
  attune_output_row ("Loss", "%14.4f %14.4f   nats per token; lower is better", b->loss, t->loss);
  attune_output_row ("Perplexity", "%14.2f %14.2f   lower is better", b->perplexity, t->perplexity);
  if (b->n_earlier > 0)
    attune_output_row ("Earlier loss",
                       "%14.4f %14.4f   on %" G_GUINT64_FORMAT
                       " samples that are not to be forgotten",
                       b->earlier_loss, t->earlier_loss, b->n_earlier);
  if (b->n_answers == 0)
    return;
  attune_output_row ("Token F1", "%7.3f ±%5.3f  %7.3f ±%5.3f   words in common; 1 is best",
                     b->token_f1, b->token_f1_error, t->token_f1, t->token_f1_error);
  attune_output_row ("Exact match", "%12.1f %% %12.1f %%   of %" G_GUINT64_FORMAT " answers",
                     100 * b->exact_match, 100 * t->exact_match, b->n_answers);
}

static void
tell_answers (const AttuneEvaluation *e)
{
  const guint n = MIN (e->base_answers->len, e->tuned_answers->len), shown = MIN (n, SHOWN_ANSWERS);

  if (shown > 0)
    attune_output_heading ("%u held-out questions, before and after", shown);
  for (guint i = 0; i < shown; i++)
    {
      const AttuneAnswer *base = e->base_answers->pdata[i * n / shown],
                         *tuned = e->tuned_answers->pdata[i * n / shown];

      attune_output_line (" ");
      attune_output_text ("Question", base->question);
      attune_output_text ("Expected", base->expected);
      attune_output_text ("Before", base->answer);
      attune_output_text ("After", tuned->answer);
    }
}

static JsonObject *
scores_to_json (const AttuneScores *s)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "records", s->n_loss);
  json_object_set_int_member (object, "target_tokens", s->target_tokens);
  json_object_set_double_member (object, "loss", s->loss);
  json_object_set_double_member (object, "perplexity", s->perplexity);
  json_object_set_int_member (object, "answers", s->n_answers);
  json_object_set_double_member (object, "token_f1", s->token_f1);
  json_object_set_double_member (object, "token_f1_error", s->token_f1_error);
  json_object_set_double_member (object, "exact_match", s->exact_match);
  json_object_set_double_member (object, "exact_match_error", s->exact_match_error);
  json_object_set_double_member (object, "macro_f1", s->macro_f1);
  json_object_set_double_member (object, "micro_f1", s->micro_f1);
  json_object_set_double_member (object, "micro_f1_error", s->micro_f1_error);
  json_object_set_double_member (object, "mae", s->mae);
  json_object_set_double_member (object, "mae_error", s->mae_error);
  json_object_set_double_member (object, "rmse", s->rmse);
  json_object_set_double_member (object, "rmse_error", s->rmse_error);
  json_object_set_double_member (object, "r2", s->r2);
  json_object_set_double_member (object, "r2_error", s->r2_error);
  json_object_set_double_member (object, "cost", s->cost);
  json_object_set_double_member (object, "cost_error", s->cost_error);
  json_object_set_int_member (object, "earlier_samples", s->n_earlier);
  json_object_set_double_member (object, "earlier_loss", s->earlier_loss);
  return object;
}

static JsonObject *
evaluation_to_json (const AttuneEvaluation *e, const char *path)
{
  JsonObject *object = json_object_new ();
  JsonArray *answers = json_array_new ();

  for (guint i = 0; i < MIN (e->base_answers->len, e->tuned_answers->len); i++)
    {
      const AttuneAnswer *base = e->base_answers->pdata[i], *tuned = e->tuned_answers->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "question", base->question);
      json_object_set_string_member (item, "expected", base->expected);
      json_object_set_string_member (item, "base", base->answer);
      json_object_set_string_member (item, "tuned", tuned->answer);
      json_object_set_double_member (item, "base_token_f1", base->token_f1);
      json_object_set_double_member (item, "tuned_token_f1", tuned->token_f1);
      json_array_add_object_element (answers, item);
    }
  json_object_set_string_member (object, "run", e->run);
  json_object_set_int_member (object, "step", e->step);
  json_object_set_string_member (object, "split", e->split);
  json_object_set_string_member (object, "file", path);
  json_object_set_object_member (object, "base", scores_to_json (&e->base));
  json_object_set_object_member (object, "tuned", scores_to_json (&e->tuned));
  json_object_set_array_member (object, "answers", answers);
  return object;
}

/* --- labels */

/* What numbers and several labels have in place of one label's accuracy. */
static void
tell_numbers (const AttuneScores *b, const AttuneScores *t)
{
  attune_output_row ("", "%14s %14s", "the mean", "tuned");
  attune_output_row ("Off in the mean", "%14.4g %14.4g   ±%.2g (MAE); 0 is best", b->mae, t->mae,
                     t->mae_error);
  attune_output_row ("Root mean square", "%14.4g %14.4g   ±%.2g (RMSE); 0 is best", b->rmse,
                     t->rmse, t->rmse_error);
  attune_output_row ("Explained (R²)", "%14.3f %14.3f   ±%.2g; 1 is best", b->r2, t->r2,
                     t->r2_error);
}

static void
tell_shares (const AttuneEvaluation *e)
{
  const AttuneScores *b = &e->base, *t = &e->tuned;
  const gboolean several = e->label_kind == ATTUNE_LABELS_SEVERAL;

  attune_output_row ("", "%14s %14s", "most frequent", "tuned");
  attune_output_row (several ? "All labels right" : "Accuracy", "%12.1f %% %12.1f %%   ±%.1f %%",
                     100 * b->exact_match, 100 * t->exact_match, 100 * t->exact_match_error);
  if (several)
    attune_output_row ("Micro F1", "%14.3f %14.3f   ±%.3f; over all labels", b->micro_f1,
                       t->micro_f1, t->micro_f1_error);
  attune_output_row ("Macro F1", "%14.3f %14.3f   each label counts the same; 1 is best",
                     b->macro_f1, t->macro_f1);
  if (b->cost > 0 || t->cost > 0)
    attune_output_row ("Cost", "%14.4g %14.4g   ±%.2g; of a record in the mean", b->cost, t->cost,
                       t->cost_error);
}

static void
tell_labels (const AttuneEvaluation *e)
{
  const AttuneScores *b = &e->base, *t = &e->tuned;
  const gboolean numbers = e->label_kind == ATTUNE_LABELS_NUMBER;

  attune_output_heading ("Labels of %" G_GUINT64_FORMAT " held-out records (%s split): always %s, "
                         "against run %s",
                         t->n_answers, e->split, numbers ? "the mean" : "the most frequent one",
                         e->run);
  if (numbers)
    tell_numbers (b, t);
  else
    tell_shares (e);
  attune_output_row ("Loss", "%14.4f %14.4f   %s; lower is better", b->loss, t->loss,
                     numbers ? "square, in spreads" : "nats per record");
  if (e->confusion == NULL)
    return;
  attune_output_heading ("By label");
  attune_output_row ("", "%9s %9s %9s %9s", "records", "precision", "recall", "F1");
  for (guint i = 0; i < e->confusion->n; i++)
    {
      const AttuneLabelScore label = attune_confusion_score (e->confusion, i);

      attune_output_row (e->confusion->names[i], "%9" G_GUINT64_FORMAT " %9.3f %9.3f %9.3f",
                         label.wanted, label.precision, label.recall, label.f1);
    }
}

static JsonArray *
confusion_to_json (const AttuneConfusion *confusion)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; confusion != NULL && i < confusion->n; i++)
    {
      const AttuneLabelScore score = attune_confusion_score (confusion, i);
      JsonObject *label = json_object_new ();

      json_object_set_string_member (label, "label", confusion->names[i]);
      json_object_set_int_member (label, "records", score.wanted);
      json_object_set_double_member (label, "precision", score.precision);
      json_object_set_double_member (label, "recall", score.recall);
      json_object_set_double_member (label, "f1", score.f1);
      json_array_add_object_element (array, label);
    }
  return array;
}

/* The evaluation in @result, which takes over the answers. */
static int
evaluate_labels (AttuneProject *project, AttuneTunedModel *tuned, AttuneDataset *dataset,
                 AttuneSplit split, int n_answers, AttuneEvaluation *result)
{
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Evaluating");
  g_auto (AttuneLabelEvaluation) labels = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  Part part = { &line, 0, "Labels" };
  JsonObject *object;
  const gboolean done
      = attune_dataset_check_reader (dataset, attune_model_get_tokenizer (tuned->model),
                                     attune_model_get_template (tuned->model), &error)
        && attune_evaluate_labels (
            tuned->decoder, tuned->labels,
            attune_tokenizer_get_eos (attune_model_get_tokenizer (tuned->model)), dataset, split,
            SCORING_TOKENS, n_answers, on_progress, &part, &labels, &error);

  attune_progress_line_clear (&line);
  if (!done)
    return attune_output_fail (error);
  result->labels = TRUE;
  result->label_kind = tuned->labels->format.kind;
  result->base = labels.base;
  result->tuned = labels.tuned;
  result->base_answers = g_steal_pointer (&labels.base_answers);
  result->tuned_answers = g_steal_pointer (&labels.tuned_answers);
  result->confusion = g_steal_pointer (&labels.confusion);
  if ((path = attune_evaluation_write (result, project, &error)) == NULL)
    return attune_output_fail (error);
  tell_labels (result);
  tell_answers (result);
  attune_output_line (" ");
  attune_output_row ("All answers", "%s", path);
  object = evaluation_to_json (result, path);
  json_object_set_array_member (object, "labels", confusion_to_json (result->confusion));
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

/* --- rewards */

static void
tell_rewards (const AttuneEvaluation *e, const AttuneRewardEvaluation *rewards)
{
  attune_output_heading ("Rewards of %" G_GUINT64_FORMAT
                         " held-out pairs of answers (%s split): guessing, against run %s",
                         e->tuned.n_answers, e->split, e->run);
  attune_output_row ("", "%14s %14s", "guessing", "tuned");
  attune_output_row ("Better preferred", "%12.1f %% %12.1f %%   %.1f to %.1f %%",
                     100 * e->base.exact_match, 100 * e->tuned.exact_match,
                     100 * rewards->accuracy.lo, 100 * rewards->accuracy.hi);
  attune_output_row ("Loss", "%14.4f %14.4f   nats per pair; lower is better", e->base.loss,
                     e->tuned.loss);
  attune_output_row ("Lead", "%14s %+14.3f   of the better answer's reward, in the mean", "",
                     rewards->difference);
}

/* The evaluation in @result, which takes over the answers. */
static int
evaluate_rewards (AttuneProject *project, AttuneTunedModel *tuned, AttuneDataset *dataset,
                  AttuneSplit split, int n_answers, AttuneEvaluation *result)
{
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Evaluating");
  g_auto (AttuneRewardEvaluation) rewards = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  Part part = { &line, 0, "Rewards" };
  JsonObject *object;
  const gboolean done
      = attune_dataset_check_reader (dataset, attune_model_get_tokenizer (tuned->model),
                                     attune_model_get_template (tuned->model), &error)
        && attune_evaluate_rewards (tuned->decoder, dataset, split, SCORING_TOKENS, n_answers,
                                    on_progress, &part, &rewards, &error);

  attune_progress_line_clear (&line);
  if (!done)
    return attune_output_fail (error);
  result->labels = result->rewards = TRUE; /* which of the two is better is a label */
  result->base = rewards.base;
  result->tuned = rewards.tuned;
  result->base_answers = g_steal_pointer (&rewards.base_answers);
  result->tuned_answers = g_steal_pointer (&rewards.tuned_answers);
  if ((path = attune_evaluation_write (result, project, &error)) == NULL)
    return attune_output_fail (error);
  tell_rewards (result, &rewards);
  tell_answers (result);
  attune_output_line (" ");
  attune_output_row ("All answers", "%s", path);
  object = evaluation_to_json (result, path);
  json_object_set_double_member (object, "accuracy", rewards.accuracy.value);
  json_object_set_double_member (object, "accuracy_lo", rewards.accuracy.lo);
  json_object_set_double_member (object, "accuracy_hi", rewards.accuracy.hi);
  json_object_set_double_member (object, "lead", rewards.difference);
  attune_output_json (object);
  return ATTUNE_EXIT_OK;
}

/* What the run is not to forget, where it names something; that this is gone is told, and ends
 * nothing. */
static AttuneEarlier *
open_earlier (AttuneTunedModel *tuned)
{
  const char *path = attune_plan_get_values (tuned->plan->plan)->earlier;
  g_autoptr (GError) error = NULL;
  AttuneEarlier *earlier = NULL;

  if (*path != '\0')
    earlier = attune_earlier_open (path, attune_model_get_tokenizer (tuned->model),
                                   attune_model_get_template (tuned->model), &error);
  if (error != NULL)
    attune_output_text ("Note", error->message);
  return earlier;
}

/* @tuned_one: or the base. */
static gboolean
score (AttuneTunedModel *tuned, AttuneDataset *dataset, AttuneSplit split, AttuneEarlier *earlier,
       const AttuneEvaluateOptions *options, gboolean tuned_one, AttuneProgressLine *line,
       AttuneScores *scores, GPtrArray **answers, GError **error)
{
  Part part = { line, tuned_one ? 0.5 : 0, tuned_one ? "Tuned" : "Base" };

  attune_decoder_set_base_only (tuned->decoder, !tuned_one);
  return attune_evaluate (tuned->decoder, attune_model_get_tokenizer (tuned->model),
                          attune_model_get_template (tuned->model), dataset, split, options,
                          on_progress, &part, NULL, scores, answers, error)
         && (earlier == NULL
             || attune_evaluate_earlier (tuned->decoder, earlier, options->max_tokens, scores,
                                         error));
}

static int
evaluate_run (AttuneProject *project, const char *name, const char *folder, AttuneSplit split,
              int n_answers, int answer_tokens)
{
  g_autofree char *path = NULL, *system_prompt = NULL;
  g_autoptr (AttuneTunedModel) tuned = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  g_autoptr (AttuneEvaluation) result = g_new0 (AttuneEvaluation, 1);
  g_autoptr (AttuneEarlier) earlier = NULL;
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Evaluating");
  g_autoptr (GError) error = NULL;
  AttuneEvaluateOptions options = { .max_answers = n_answers,
                                    .max_new_tokens = answer_tokens,
                                    .max_tokens = SCORING_TOKENS,
                                    .n_parallel = PARALLEL_ANSWERS };

  if ((tuned = attune_tuned_model_open (NULL, folder, 0, &error)) == NULL
      || (dataset = attune_plan_open_dataset (tuned->plan->plan, tuned->plan->data_path, &error))
             == NULL)
    return attune_output_fail (error);
  g_object_get (tuned->plan->data_settings, "system-prompt", &system_prompt, NULL);
  options.system_prompt = system_prompt;
  result->run = g_path_get_basename (folder);
  result->step = tuned->step;
  result->split = g_strdup (split == ATTUNE_SPLIT_TEST ? "test" : "validation");
  if (g_strcmp0 (tuned->plan->data_hash, attune_dataset_get_hash (dataset)) != 0)
    attune_output_row (
        "Note",
        "the data was prepared anew since this run: it may have seen some of these records");

  if (tuned->labels != NULL)
    return evaluate_labels (project, tuned, dataset, split, n_answers, result);
  if (tuned->scores)
    return evaluate_rewards (project, tuned, dataset, split, n_answers, result);
  earlier = open_earlier (tuned);
  if (!score (tuned, dataset, split, earlier, &options, FALSE, &line, &result->base,
              &result->base_answers, &error)
      || !score (tuned, dataset, split, earlier, &options, TRUE, &line, &result->tuned,
                 &result->tuned_answers, &error)
      || (path = attune_evaluation_write (result, project, &error)) == NULL)
    {
      attune_progress_line_clear (&line);
      return attune_output_fail (error);
    }
  attune_progress_line_clear (&line);
  tell_scores (result);
  tell_answers (result);
  attune_output_line (" ");
  attune_output_row ("All answers", "%s", path);
  attune_output_row ("Next", "attunectl chat %s, or attunectl export %s --format gguf-q8_0", name,
                     name);
  attune_output_json (evaluation_to_json (result, path));
  return ATTUNE_EXIT_OK;
}

static int
run_evaluate (const AttuneCommand *self, char **argv)
{
  g_autofree char *run = NULL, *split = NULL, *folder = NULL;
  int n_answers = 50, answer_tokens = 96;
  const GOptionEntry entries[] = {
    { "run", 0, 0, G_OPTION_ARG_STRING, &run, "Which run; the latest by default", "NUMBER" },
    { "answers", 0, 0, G_OPTION_ARG_INT, &n_answers,
      "Questions to answer with each model; 0 scores the loss only (default 50)", "N" },
    { "answer-tokens", 0, 0, G_OPTION_ARG_INT, &answer_tokens,
      "Longest answer, in tokens (default 96)", "N" },
    { "split", 0, 0, G_OPTION_ARG_STRING, &split, "test (default) or validation", "SPLIT" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (n_answers < 0 || answer_tokens < 1)
    return attune_command_misused (self, "--answers must be 0 or more, --answer-tokens 1 or more.");
  if (split != NULL && strcmp (split, "test") != 0 && strcmp (split, "validation") != 0)
    return attune_command_misused (self, "--split is test or validation.");
  if ((project = attune_project_open (arguments[0], &error)) == NULL
      || (folder = attune_project_get_used_run (project, run, &error)) == NULL)
    return attune_output_fail (error);
  return evaluate_run (project, arguments[0], folder,
                       g_strcmp0 (split, "validation") == 0 ? ATTUNE_SPLIT_VALIDATION
                                                            : ATTUNE_SPLIT_TEST,
                       n_answers, answer_tokens);
}

const AttuneCommand attune_command_evaluate = {
  .name = "evaluate",
  .parameters = "DIR",
  .summary = "Compare the tuned model with the base on held-out questions",
  .description = "The records of the test split were kept away from learning. The loss says how "
                 "surprising the expected\n"
                 "answers are to the model; token F1 and exact match compare what it writes with "
                 "what was expected.\n"
                 "\n"
                 "Examples:\n"
                 "  attunectl evaluate Nursing.attune\n"
                 "  attunectl evaluate Nursing.attune --run 2 --answers 200\n"
                 "\n"
                 "Next: attunectl chat Nursing.attune",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_evaluate,
};
