/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An evaluation with a few answers, made here and not by a model.
 */
#pragma once
#include "job/evaluation.h"

/* @n questions; of three tuned answers two are right, of four base answers one is half right. */
static inline AttuneEvaluation *
test_evaluation_new (guint n)
{
  AttuneEvaluation *self = g_new0 (AttuneEvaluation, 1);

  self->run = g_strdup ("0001");
  self->step = -1;
  self->split = g_strdup ("test");
  self->base = (AttuneScores) { .n_loss = 80,
                                .target_tokens = 900,
                                .loss = 3.81,
                                .perplexity = 45.1,
                                .n_answers = n,
                                .loss_seconds = 4,
                                .answer_seconds = 10 };
  self->tuned = (AttuneScores) { .n_loss = 80,
                                 .target_tokens = 900,
                                 .loss = 2.51,
                                 .perplexity = 12.3,
                                 .n_answers = n,
                                 .loss_seconds = 4,
                                 .answer_seconds = 12 };
  self->base_answers = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  self->tuned_answers = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  for (guint i = 0; i < n; i++)
    for (int tuned = 0; tuned < 2; tuned++)
      {
        AttuneAnswer *answer = g_new0 (AttuneAnswer, 1);
        AttuneScores *scores = tuned ? &self->tuned : &self->base;
        const char *right = tuned
                                ? (i % 3 < 2 ? "inflammation of organ %u" : "pain")
                                : (i % 4 == 0 ? "an illness of organ %u" : "I think it is a term");

        answer->question = g_strdup_printf ("What does term %u mean?", i);
        answer->expected = g_strdup_printf ("inflammation of organ %u", i);
        answer->answer = g_str_has_suffix (right, "%u")
                             ? g_strdup_printf ("%.*s%u", (int) strlen (right) - 2, right, i)
                             : g_strdup (right);
        answer->token_f1 = attune_token_f1 (answer->expected, answer->answer);
        answer->exact = attune_exact_match (answer->expected, answer->answer);
        scores->token_f1 += answer->token_f1 / n;
        scores->exact_match += (double) answer->exact / n;
        g_ptr_array_add (tuned ? self->tuned_answers : self->base_answers, answer);
      }
  return self;
}

/* Of three labels, of which 5 of 8, 2 of 2 and 0 of 1 are found. */
static inline AttuneEvaluation *
test_label_evaluation_new (void)
{
  static const char *const names[] = { "Billing", "Delivery", "Returns" };
  static const int wanted[] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2 },
                   said[] = { 0, 0, 0, 0, 0, 1, 1, 2, 1, 1, 0 };
  const guint n = G_N_ELEMENTS (wanted);
  AttuneEvaluation *self = test_evaluation_new (n);

  self->labels = TRUE;
  self->confusion = attune_confusion_new (names, G_N_ELEMENTS (names));
  for (guint i = 0; i < n; i++)
    {
      AttuneAnswer *tuned = self->tuned_answers->pdata[i], *base = self->base_answers->pdata[i];

      attune_confusion_add (self->confusion, wanted[i], said[i]);
      g_set_str (&tuned->expected, names[wanted[i]]);
      g_set_str (&base->expected, names[wanted[i]]);
      g_set_str (&tuned->answer, names[said[i]]);
      g_set_str (&base->answer, names[0]);
      tuned->token_f1 = tuned->exact = wanted[i] == said[i];
      base->token_f1 = base->exact = wanted[i] == 0;
    }
  self->tuned.token_f1 = self->tuned.exact_match = attune_confusion_accuracy (self->confusion);
  self->tuned.macro_f1 = attune_confusion_macro_f1 (self->confusion);
  self->tuned.perplexity = 1.8;
  self->base.token_f1 = self->base.exact_match = 8 / 11.0;
  self->base.macro_f1 = 0.28;
  self->base.perplexity = 2.1;
  return self;
}
