/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Sorting the catalogue. How able a model is, is guessed from what its record says.
 */
#include "job/guide.h"

#include <math.h>
#include <string.h>

/* A model of next year does what one of twice the size does today; that is careful: capability per
 * parameter was found to double in a third of that time (Xiao et al. 2024). */
#define FIRST_YEAR 2019
/* In doublings of the size, too: one that has learned to answer needs less of the person's data,
 * one behind a gate costs a trip to its page, and one for research only helps few. */
#define INSTRUCTED 1.0
#define GATED 0.5
#define RESEARCH 1.0

/* In doublings of the size. Of experts the mean of all and of those that work counts, as is usual
 * in comparisons. */
static double
guess_ability (const AttuneCatalogueModel *model, AttuneAnswers answers)
{
  const double active = attune_catalogue_model_count_active (model);

  return log2 (sqrt (active * model->parameters)) + (model->year - FIRST_YEAR)
         + (model->instructed && answers != ATTUNE_ANSWERS_LABELS ? INSTRUCTED : 0)
         - (model->gated ? GATED : 0) - (model->terms == ATTUNE_TERMS_RESEARCH ? RESEARCH : 0);
}

/* Of what is no use by memory or time, what is nearest to being. */
static int
compare_needs (const AttuneGuideChoice *a, const AttuneGuideChoice *b)
{
  if (a->speaks != b->speaks)
    return b->speaks - a->speaks;
  if (a->fits != b->fits)
    return b->fits - a->fits;
  if (!a->fits && a->fit.tune_bytes != b->fit.tune_bytes)
    return a->fit.tune_bytes < b->fit.tune_bytes ? -1 : 1;
  if (a->in_time != b->in_time)
    return b->in_time - a->in_time;
  if (!a->in_time && a->seconds != b->seconds)
    return a->seconds < b->seconds ? -1 : 1;
  return b->suits - a->suits;
}

static int
compare_choices (gconstpointer one, gconstpointer other, gpointer data)
{
  const AttuneGuideChoice *a = *(gconstpointer *) one, *b = *(gconstpointer *) other;
  const AttuneGuideQuestion *question = data;
  const int needs = compare_needs (a, b);
  const double able_a = guess_ability (a->model, question->answers);
  const double able_b = guess_ability (b->model, question->answers);

  if (needs != 0)
    return needs;
  if (able_a != able_b)
    return able_a > able_b ? -1 : 1;
  return strcmp (a->model->id, b->model->id);
}

static AttuneGuideChoice *
judge (const AttuneCatalogueModel *model, const AttuneGuideQuestion *question)
{
  AttuneGuideChoice *choice = g_new0 (AttuneGuideChoice, 1);
  const gboolean known = attune_fit (NULL, &model->config, model->bytes, model->parameters, NULL,
                                     &choice->fit, NULL);

  choice->model = model;
  choice->seconds = known ? attune_fit_seconds (&choice->fit, question->flops_per_second) : 0;
  choice->speaks = question->language == NULL
                   || g_strv_contains ((const char *const *) model->languages, question->language);
  choice->suits = (model->answers >> question->answers) & 1;
  choice->fits = known && choice->fit.tune_bytes <= question->available_bytes;
  choice->in_time = known && (question->seconds <= 0 || choice->seconds <= question->seconds);
  return choice;
}

GPtrArray *
attune_guide_rank (const GPtrArray *catalogue, const AttuneGuideQuestion *question)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func (g_free);

  g_return_val_if_fail (catalogue != NULL && question != NULL, choices);
  g_return_val_if_fail ((guint) question->answers < ATTUNE_N_ANSWERS, choices);

  for (guint i = 0; i < catalogue->len; i++)
    g_ptr_array_add (choices, judge (catalogue->pdata[i], question));
  g_ptr_array_sort_with_data (choices, compare_choices, (gpointer) question);
  return choices;
}

AttuneGuideReason
attune_guide_explain (const AttuneGuideChoice *choice)
{
  g_return_val_if_fail (choice != NULL, ATTUNE_GUIDE_SUITS);

  if (!choice->fits)
    return ATTUNE_GUIDE_TOO_LARGE;
  if (!choice->in_time)
    return ATTUNE_GUIDE_SLOW;
  return choice->suits ? ATTUNE_GUIDE_SUITS : ATTUNE_GUIDE_SMALLER;
}
