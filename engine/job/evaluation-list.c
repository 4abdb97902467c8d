/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See evaluation-list.h.
 */
#include "job/evaluation-list.h"

#include <glib/gstdio.h>

static void
summary_free (gpointer data)
{
  AttuneEvaluationSummary *summary = data;

  g_free (summary->path);
  g_free (summary->problem);
  g_free (summary->run);
  g_free (summary->split);
  g_free (summary);
}

static AttuneEvaluationSummary *
read_summary (const char *path)
{
  AttuneEvaluationSummary *self = g_new0 (AttuneEvaluationSummary, 1);
  g_autofree char *name = g_path_get_basename (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneEvaluation) evaluation = attune_evaluation_read_scores (path, &error);
  GStatBuf info;

  self->path = g_strdup (path);
  self->number = (guint) g_ascii_strtoull (name, NULL, 10);
  self->made_seconds = g_stat (path, &info) == 0 ? info.st_mtime : 0;
  if (evaluation == NULL)
    {
      self->problem = g_strdup (error->message);
      return self;
    }
  self->run = g_steal_pointer (&evaluation->run);
  self->split = g_steal_pointer (&evaluation->split);
  self->step = evaluation->step;
  self->labels = evaluation->labels;
  self->rewards = evaluation->rewards;
  self->label_kind = evaluation->label_kind;
  self->base = evaluation->base;
  self->tuned = evaluation->tuned;
  return self;
}

GPtrArray *
attune_evaluation_list_read (const char *const *paths)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (summary_free);

  for (guint i = paths != NULL ? g_strv_length ((GStrv) paths) : 0; i-- > 0;)
    g_ptr_array_add (list, read_summary (paths[i]));
  return list;
}

double
attune_evaluation_list_estimate (const GPtrArray *list, guint64 n_records, guint n_answers)
{
  const AttuneEvaluationSummary *scored = NULL, *answered = NULL;
  double seconds;

  g_return_val_if_fail (list != NULL, -1);

  for (guint i = 0; i < list->len; i++)
    {
      const AttuneEvaluationSummary *one = g_ptr_array_index (list, i);

      if (scored == NULL && one->base.loss_seconds > 0 && one->base.n_loss > 0)
        scored = one;
      if (answered == NULL && one->base.answer_seconds > 0 && one->base.n_answers > 0)
        answered = one;
    }
  n_answers = (guint) MIN (n_answers, n_records);
  if (scored == NULL || (n_answers > 0 && answered == NULL))
    return -1;
  seconds = (scored->base.loss_seconds + scored->tuned.loss_seconds) * (double) n_records
            / (double) scored->base.n_loss;
  if (n_answers > 0)
    seconds += (answered->base.answer_seconds + answered->tuned.answer_seconds) * n_answers
               / (double) answered->base.n_answers;
  return seconds;
}
