/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evaluations on disk.
 */
#include "job/evaluation.h"

#include "plan/estimate.h"
#include "store/store.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define KIND "evaluation"
#define EVALUATION_VERSION 1
/* What "kind" says of an evaluation of labels; of texts it is not there. */
#define LABELS "labels"
#define REWARDS "rewards"

void
attune_evaluation_free (AttuneEvaluation *self)
{
  if (self == NULL)
    return;
  g_free (self->run);
  g_free (self->split);
  g_clear_pointer (&self->base_answers, g_ptr_array_unref);
  g_clear_pointer (&self->tuned_answers, g_ptr_array_unref);
  attune_confusion_free (self->confusion);
  g_free (self);
}

/* The scores that are numbers, as attributes "base-loss" and so on. */
static const struct
{
  const char *name;
  gsize offset;
  gboolean count;    /* a guint64, else a double */
  gboolean optional; /* files of version 0.1 have none */
} score_fields[] = {
  { "n-loss", G_STRUCT_OFFSET (AttuneScores, n_loss), TRUE },
  { "target-tokens", G_STRUCT_OFFSET (AttuneScores, target_tokens), TRUE },
  { "loss", G_STRUCT_OFFSET (AttuneScores, loss), FALSE },
  { "perplexity", G_STRUCT_OFFSET (AttuneScores, perplexity), FALSE },
  { "n-answers", G_STRUCT_OFFSET (AttuneScores, n_answers), TRUE },
  { "token-f1", G_STRUCT_OFFSET (AttuneScores, token_f1), FALSE },
  { "token-f1-error", G_STRUCT_OFFSET (AttuneScores, token_f1_error), FALSE },
  { "exact-match", G_STRUCT_OFFSET (AttuneScores, exact_match), FALSE },
  { "exact-match-error", G_STRUCT_OFFSET (AttuneScores, exact_match_error), FALSE },
  { "macro-f1", G_STRUCT_OFFSET (AttuneScores, macro_f1), FALSE, TRUE },
  { "micro-f1", G_STRUCT_OFFSET (AttuneScores, micro_f1), FALSE, TRUE },
  { "micro-f1-error", G_STRUCT_OFFSET (AttuneScores, micro_f1_error), FALSE, TRUE },
  { "mae", G_STRUCT_OFFSET (AttuneScores, mae), FALSE, TRUE },
  { "mae-error", G_STRUCT_OFFSET (AttuneScores, mae_error), FALSE, TRUE },
  { "rmse", G_STRUCT_OFFSET (AttuneScores, rmse), FALSE, TRUE },
  { "rmse-error", G_STRUCT_OFFSET (AttuneScores, rmse_error), FALSE, TRUE },
  { "r2", G_STRUCT_OFFSET (AttuneScores, r2), FALSE, TRUE },
  { "r2-error", G_STRUCT_OFFSET (AttuneScores, r2_error), FALSE, TRUE },
  { "cost", G_STRUCT_OFFSET (AttuneScores, cost), FALSE, TRUE },
  { "cost-error", G_STRUCT_OFFSET (AttuneScores, cost_error), FALSE, TRUE },
  { "n-earlier", G_STRUCT_OFFSET (AttuneScores, n_earlier), TRUE, TRUE },
  { "earlier-loss", G_STRUCT_OFFSET (AttuneScores, earlier_loss), FALSE, TRUE },
  { "loss-seconds", G_STRUCT_OFFSET (AttuneScores, loss_seconds), FALSE, TRUE },
  { "answer-seconds", G_STRUCT_OFFSET (AttuneScores, answer_seconds), FALSE, TRUE },
};

static gboolean
put_scores (AttuneStore *store, const char *side, const AttuneScores *scores, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (score_fields); i++)
    {
      g_autofree char *name = g_strconcat (side, "-", score_fields[i].name, NULL);
      const gboolean done
          = score_fields[i].count
                ? attune_store_set_int (
                      store, name, G_STRUCT_MEMBER (guint64, scores, score_fields[i].offset), error)
                : attune_store_set_double (
                      store, name, G_STRUCT_MEMBER (double, scores, score_fields[i].offset), error);

      if (!done)
        return FALSE;
    }
  return TRUE;
}

static gboolean
get_scores (AttuneStore *store, const char *side, AttuneScores *scores, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (score_fields); i++)
    {
      g_autofree char *name = g_strconcat (side, "-", score_fields[i].name, NULL);
      gint64 count = 0;

      if (score_fields[i].count)
        {
          if (!attune_store_get_int (store, name, &count, score_fields[i].optional ? NULL : error)
              && !score_fields[i].optional)
            return FALSE;
          G_STRUCT_MEMBER (guint64, scores, score_fields[i].offset) = MAX (count, 0);
        }
      else if (!attune_store_get_double (store, name,
                                         &G_STRUCT_MEMBER (double, scores, score_fields[i].offset),
                                         score_fields[i].optional ? NULL : error)
               && !score_fields[i].optional)
        return FALSE;
    }
  return TRUE;
}

static gboolean
put_column (AttuneStore *store, const char *name, GPtrArray *answers, gsize offset, GError **error)
{
  g_autofree const char **texts = g_new0 (const char *, answers->len + 1);

  for (guint i = 0; i < answers->len; i++)
    texts[i] = G_STRUCT_MEMBER (char *, answers->pdata[i], offset);
  return answers->len == 0 || attune_store_append_text (store, name, answers->len, texts, error);
}

static gboolean
put_answers (AttuneStore *store, const char *side, GPtrArray *answers, GError **error)
{
  g_autofree char *text = g_strconcat (side, "/answer", NULL),
                  *f1 = g_strconcat (side, "/token-f1", NULL);
  g_autofree char *match = g_strconcat (side, "/exact", NULL);
  g_autofree double *values = g_new (double, answers->len + 1);
  g_autofree guint8 *exact = g_new (guint8, answers->len + 1);
  const gint64 dims[] = { answers->len };

  for (guint i = 0; i < answers->len; i++)
    {
      const AttuneAnswer *answer = answers->pdata[i];

      values[i] = answer->token_f1;
      exact[i] = answer->exact;
    }
  return put_column (store, text, answers, G_STRUCT_OFFSET (AttuneAnswer, answer), error)
         && (answers->len == 0
             || (attune_store_put (store, f1, ATTUNE_STORE_F64, 1, dims, values, error)
                 && attune_store_put (store, match, ATTUNE_STORE_U8, 1, dims, exact, error)));
}

static gboolean
put_confusion (AttuneStore *store, const AttuneConfusion *confusion, GError **error)
{
  const gint64 dims[] = { confusion->several ? 3 : confusion->n + 1, confusion->n };

  return attune_store_append_text (store, "labels/name", confusion->n,
                                   (const char *const *) confusion->names, error)
         && attune_store_put (store, "labels/confusion", ATTUNE_STORE_I64, 2, dims,
                              confusion->counts, error);
}

/* evaluations/NNNN.h5: one more than the last. */
static char *
next_path (AttuneProject *project, GError **error)
{
  g_autofree char *folder = attune_project_get_file (project, "evaluations");
  g_auto (GStrv) paths = attune_project_list_evaluations (project);
  const guint n = g_strv_length (paths);
  guint64 last = 0;

  if (g_mkdir_with_parents (folder, 0777) != 0)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
                   "The folder “%s” could not be made: %s.", folder, g_strerror (errno));
      return NULL;
    }
  if (n > 0)
    {
      g_autofree char *name = g_path_get_basename (paths[n - 1]);

      last = g_ascii_strtoull (name, NULL, 10);
    }
  return g_strdup_printf ("%s/%04" G_GUINT64_FORMAT ".h5", folder, last + 1);
}

char *
attune_evaluation_write (const AttuneEvaluation *self, AttuneProject *project, GError **error)
{
  g_autofree char *path = next_path (project, error);
  g_autoptr (AttuneStore) store = NULL;

  if (path == NULL || (store = attune_store_create (path, KIND, EVALUATION_VERSION, error)) == NULL)
    return NULL;
  if (!attune_store_set_string (store, "engine", ATTUNE_VERSION, error)
      || !attune_store_set_string (store, "run", self->run, error)
      || !attune_store_set_int (store, "step", self->step, error)
      || !attune_store_set_string (store, "split", self->split, error)
      || (self->labels
          && !attune_store_set_string (store, "kind", self->rewards ? REWARDS : LABELS, error))
      || (self->labels
          && !attune_store_set_string (store, "label-kind",
                                       attune_label_kind_get_name (self->label_kind), error))
      || !put_scores (store, "base", &self->base, error)
      || !put_scores (store, "tuned", &self->tuned, error)
      || !put_column (store, "records/question", self->base_answers,
                      G_STRUCT_OFFSET (AttuneAnswer, question), error)
      || !put_column (store, "records/expected", self->base_answers,
                      G_STRUCT_OFFSET (AttuneAnswer, expected), error)
      || !put_answers (store, "base", self->base_answers, error)
      || !put_answers (store, "tuned", self->tuned_answers, error)
      || (self->confusion != NULL && !put_confusion (store, self->confusion, error))
      || !attune_store_commit (store, error))
    return NULL;
  return g_steal_pointer (&path);
}

/* Takes the texts of @column into the answers at @offset; makes the answers on the first call. */
static gboolean
get_column (AttuneStore *store, const char *column, GPtrArray *answers, gsize offset,
            GError **error)
{
  const gint64 n
      = attune_store_has (store, column) ? attune_store_count_text (store, column, error) : 0;
  g_auto (GStrv) texts = NULL;

  if (n < 0 || n > G_MAXINT / 2)
    return FALSE;
  if (n == 0)
    return TRUE;
  if (answers->len > 0 && answers->len != n)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
                   "The evaluation is damaged: its columns are of different lengths.");
      return FALSE;
    }
  if ((texts = attune_store_get_text (store, column, 0, n, error)) == NULL)
    return FALSE;
  while (answers->len < n)
    g_ptr_array_add (answers, g_new0 (AttuneAnswer, 1));
  for (gint64 i = 0; i < n; i++)
    G_STRUCT_MEMBER (char *, answers->pdata[i], offset) = g_strdup (texts[i]);
  return TRUE;
}

static GPtrArray *
get_answers (AttuneStore *store, const char *side, gboolean labels, GError **error)
{
  g_autoptr (GPtrArray) answers
      = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
  g_autofree char *text = g_strconcat (side, "/answer", NULL);

  if (!get_column (store, "records/question", answers, G_STRUCT_OFFSET (AttuneAnswer, question),
                   error)
      || !get_column (store, "records/expected", answers, G_STRUCT_OFFSET (AttuneAnswer, expected),
                      error)
      || !get_column (store, text, answers, G_STRUCT_OFFSET (AttuneAnswer, answer), error))
    return NULL;
  for (guint i = 0; i < answers->len; i++)
    {
      AttuneAnswer *answer = answers->pdata[i];

      answer->exact = labels ? g_strcmp0 (answer->expected, answer->answer) == 0
                             : attune_exact_match (answer->expected, answer->answer);
      answer->token_f1
          = labels ? answer->exact : attune_token_f1 (answer->expected, answer->answer);
    }
  return g_steal_pointer (&answers);
}

/* Files of version 0.1 have none: that is no error. */
static gboolean
get_confusion (AttuneStore *store, gboolean several, AttuneConfusion **confusion, GError **error)
{
  const gint64 n = attune_store_has (store, "labels/name")
                       ? attune_store_count_text (store, "labels/name", error)
                       : 0;
  g_autoptr (AttuneConfusion) read = NULL;
  g_auto (GStrv) names = NULL;
  AttuneStoreType type;
  gint64 dims[4];
  int n_dims;

  if (n == 0)
    return TRUE;
  if (n < 0 || !attune_store_shape (store, "labels/confusion", &type, &n_dims, dims, error))
    return FALSE;
  if (type != ATTUNE_STORE_I64 || n_dims != 2 || dims[0] != (several ? 3 : n + 1) || dims[1] != n
      || n > ATTUNE_LABELS_MAX)
    {
      g_set_error (error, ATTUNE_STORE_ERROR, ATTUNE_STORE_ERROR_SCHEMA,
                   "The evaluation is damaged: its table of labels is not one of %" G_GINT64_FORMAT
                   " labels.",
                   n);
      return FALSE;
    }
  if ((names = attune_store_get_text (store, "labels/name", 0, n, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < n; i++)
    {
      char *valid = g_utf8_make_valid (names[i], -1);

      g_free (names[i]);
      names[i] = valid;
    }
  read = (several ? attune_confusion_new_several
                  : attune_confusion_new) ((const char *const *) names, (guint) n);
  if (!attune_store_get (store, "labels/confusion", type, 0, dims[0], read->counts, error))
    return FALSE;
  for (gsize i = 0; i < attune_confusion_count_cells (read); i++)
    read->counts[i] = MIN (read->counts[i], G_MAXUINT32); /* negative ones, in a damaged file */
  *confusion = g_steal_pointer (&read);
  return TRUE;
}

static AttuneEvaluation *
read_scores (AttuneStore *store, GError **error)
{
  g_autoptr (AttuneEvaluation) self = g_new0 (AttuneEvaluation, 1);
  g_autofree char *kind = attune_store_get_string (store, "kind", NULL),
                  *label_kind = attune_store_get_string (store, "label-kind", NULL);

  self->rewards = g_strcmp0 (kind, REWARDS) == 0;
  self->labels = self->rewards || g_strcmp0 (kind, LABELS) == 0;
  self->label_kind = attune_label_kind_of_name (label_kind);
  if ((self->run = attune_store_get_string (store, "run", error)) == NULL
      || (self->split = attune_store_get_string (store, "split", error)) == NULL
      || !get_scores (store, "base", &self->base, error)
      || !get_scores (store, "tuned", &self->tuned, error))
    return NULL;
  if (!attune_store_get_int (store, "step", &self->step, NULL))
    self->step = -1; /* files of version 0.1 have none */
  return g_steal_pointer (&self);
}

AttuneEvaluation *
attune_evaluation_read_scores (const char *path, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, EVALUATION_VERSION, error);
  AttuneEvaluation *self = store != NULL ? read_scores (store, error) : NULL;

  if (self != NULL)
    {
      self->base_answers = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_answer_free);
      self->tuned_answers = g_ptr_array_ref (self->base_answers);
    }
  return self;
}

AttuneEvaluation *
attune_evaluation_read (const char *path, GError **error)
{
  g_autoptr (AttuneStore) store = attune_store_open (path, KIND, EVALUATION_VERSION, error);
  g_autoptr (AttuneEvaluation) self = store != NULL ? read_scores (store, error) : NULL;

  if (self == NULL
      || (self->base_answers = get_answers (store, "base", self->labels, error)) == NULL
      || (self->tuned_answers = get_answers (store, "tuned", self->labels, error)) == NULL
      || !get_confusion (store, self->label_kind == ATTUNE_LABELS_SEVERAL, &self->confusion, error))
    return NULL;
  return g_steal_pointer (&self);
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

char **
attune_project_list_evaluations (AttuneProject *project)
{
  g_autofree char *path = attune_project_get_file (project, "evaluations");
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  GPtrArray *paths = g_ptr_array_new ();
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (strspn (name, "0123456789") >= 4 && strcmp (name + strspn (name, "0123456789"), ".h5") == 0)
      g_ptr_array_add (paths, g_build_filename (path, name, NULL));
  g_ptr_array_sort (paths, compare_paths);
  g_ptr_array_add (paths, NULL);
  return (char **) g_ptr_array_free (paths, FALSE);
}
