/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Evaluations on disk: read back as they were written, listed newest first, damaged ones told of.
 */
#include "job/evaluation-list.h"

#include "evaluation-sample.h"
#include "scratch-folder.h"

typedef struct
{
  char *folder;
  AttuneProject *project;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("attune-evaluation-XXXXXX", NULL);
  path = g_build_filename (self->folder, "P.attune", NULL);
  self->project = attune_project_create (path, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_unref (self->project);
  test_remove_folder (self->folder);
  g_free (self->folder);
}

static char *
write_one (Fixture *self, guint n, double loss)
{
  g_autoptr (AttuneEvaluation) evaluation = test_evaluation_new (n);
  g_autoptr (GError) error = NULL;
  char *path;

  evaluation->tuned.loss = loss;
  evaluation->tuned.n_earlier = 3;
  evaluation->tuned.earlier_loss = 1.25;
  path = attune_evaluation_write (evaluation, self->project, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autofree char *path = write_one (self, 7, 2.5);
  g_autoptr (AttuneEvaluation) made = test_evaluation_new (7), read = NULL, scores = NULL;
  g_autoptr (GError) error = NULL;

  read = attune_evaluation_read (path, &error);
  g_assert_no_error (error);
  scores = attune_evaluation_read_scores (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (read->run, ==, "0001");
  g_assert_cmpuint (read->tuned.n_earlier, ==, 3);
  g_assert_cmpfloat (read->tuned.earlier_loss, ==, 1.25);
  g_assert_cmpuint (read->base.n_earlier, ==, 0);
  g_assert_cmpfloat (read->tuned.loss, ==, 2.5);
  g_assert_cmpfloat (read->base.answer_seconds, ==, 10);
  g_assert_cmpfloat (scores->base.token_f1, ==, read->base.token_f1);
  g_assert_cmpuint (scores->base_answers->len, ==, 0);
  g_assert_cmpuint (read->tuned_answers->len, ==, 7);
  for (guint i = 0; i < 7; i++)
    {
      const AttuneAnswer *a = made->tuned_answers->pdata[i], *b = read->tuned_answers->pdata[i];

      g_assert_cmpstr (a->question, ==, b->question);
      g_assert_cmpstr (a->answer, ==, b->answer);
      g_assert_cmpfloat (a->token_f1, ==, b->token_f1);
      g_assert_cmpint (a->exact, ==, b->exact);
    }
}

/* Of labels, only the same is right. */
static void
test_labels (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneEvaluation) made = test_evaluation_new (1), read = NULL, texts = NULL;
  AttuneAnswer *answer = made->tuned_answers->pdata[0];
  static const char *const names[] = { "C", "C++" };
  g_autofree char *plain = write_one (self, 1, 2.5), *path = NULL;
  g_autoptr (GError) error = NULL;

  made->labels = TRUE;
  made->confusion = attune_confusion_new (names, 2);
  attune_confusion_add (made->confusion, 1, 0);
  attune_confusion_add (made->confusion, -1, 1);
  g_set_str (&((AttuneAnswer *) made->base_answers->pdata[0])->expected, "C++");
  g_set_str (&answer->expected, "C++");
  g_set_str (&answer->answer, "C");
  path = attune_evaluation_write (made, self->project, &error);
  g_assert_no_error (error);
  read = attune_evaluation_read (path, &error);
  g_assert_no_error (error);
  texts = attune_evaluation_read (plain, &error);
  g_assert_no_error (error);
  g_assert_true (read->labels);
  g_assert_false (texts->labels);
  g_assert_null (texts->confusion);
  g_assert_cmpstr (read->confusion->names[1], ==, "C++");
  g_assert_cmpuint (attune_confusion_count (read->confusion), ==, 2);
  g_assert_cmpuint (attune_confusion_score (read->confusion, 0).said, ==, 1);
  g_assert_cmpuint (attune_confusion_score (read->confusion, 1).wanted, ==, 1);
  answer = read->tuned_answers->pdata[0];
  g_assert_cmpstr (answer->expected, ==, "C++");
  g_assert_false (answer->exact);
  g_assert_cmpfloat (answer->token_f1, ==, 0);
}

/* Which of two answers is better is a label of its own kind. */
static void
test_rewards (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneEvaluation) made = test_evaluation_new (1), read = NULL;
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  made->labels = made->rewards = TRUE;
  path = attune_evaluation_write (made, self->project, &error);
  g_assert_no_error (error);
  read = attune_evaluation_read (path, &error);
  g_assert_no_error (error);
  g_assert_true (read->labels && read->rewards);
  g_assert_null (read->confusion);
}

/* Several labels to a record, and numbers, come back as they were. */
static void
test_kinds (Fixture *self, gconstpointer data)
{
  static const char *const names[] = { "C", "C++" };

  for (int kind = ATTUNE_LABELS_SEVERAL; kind <= ATTUNE_LABELS_NUMBER; kind++)
    {
      g_autoptr (AttuneEvaluation) made = test_evaluation_new (1), read = NULL;
      g_autofree char *path = NULL;
      g_autoptr (GError) error = NULL;

      made->labels = TRUE;
      made->label_kind = kind;
      made->tuned.micro_f1 = 0.5, made->tuned.mae = 4.5, made->tuned.r2 = -0.25;
      made->tuned.cost_error = 0.125;
      if (kind == ATTUNE_LABELS_SEVERAL)
        {
          made->confusion = attune_confusion_new_several (names, 2);
          attune_confusion_add_one_of_several (made->confusion, 1, TRUE, TRUE);
          attune_confusion_add_one_of_several (made->confusion, 1, TRUE, FALSE);
        }
      path = attune_evaluation_write (made, self->project, &error);
      g_assert_no_error (error);
      read = attune_evaluation_read (path, &error);
      g_assert_no_error (error);
      g_assert_cmpint (read->label_kind, ==, kind);
      g_assert_cmpfloat (read->tuned.micro_f1, ==, 0.5);
      g_assert_cmpfloat (read->tuned.mae, ==, 4.5);
      g_assert_cmpfloat (read->tuned.r2, ==, -0.25);
      g_assert_cmpfloat (read->tuned.cost_error, ==, 0.125);
      g_assert_true ((read->confusion != NULL) == (kind == ATTUNE_LABELS_SEVERAL));
      if (read->confusion == NULL)
        continue;
      g_assert_cmpuint (attune_confusion_score (read->confusion, 1).wanted, ==, 2);
      g_assert_cmpuint (attune_confusion_score (read->confusion, 1).right, ==, 1);
    }
}

static void
test_list (Fixture *self, gconstpointer data)
{
  g_autofree char *first = write_one (self, 2, 2.5), *second = write_one (self, 2, 2.4),
                  *third = write_one (self, 2, 2.3);
  g_auto (GStrv) paths = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const AttuneEvaluationSummary *one;

  g_assert_true (g_file_set_contents (second, "nonsense", -1, NULL));
  paths = attune_project_list_evaluations (self->project);
  list = attune_evaluation_list_read ((const char *const *) paths);
  g_assert_cmpuint (list->len, ==, 3);
  one = list->pdata[0];
  g_assert_cmpstr (one->path, ==, third);
  g_assert_cmpuint (one->number, ==, 3);
  g_assert_cmpfloat (one->tuned.loss, ==, 2.3);
  g_assert_cmpint (ABS (one->made_seconds - g_get_real_time () / G_USEC_PER_SEC), <, 60);
  g_assert_null (one->problem);
  one = list->pdata[1];
  g_assert_nonnull (one->problem);
  g_assert_null (one->run);
  one = list->pdata[2];
  g_assert_cmpstr (one->path, ==, first);
}

static void
test_estimate (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) none = attune_evaluation_list_read (NULL), list = NULL;
  g_autofree char *first = write_one (self, 20, 2.5), *second = write_one (self, 0, 2.5);
  g_auto (GStrv) paths = attune_project_list_evaluations (self->project);

  g_assert_cmpfloat (attune_evaluation_list_estimate (none, 80, 10), <, 0);
  list = attune_evaluation_list_read ((const char *const *) paths);
  /* 8 seconds for 80 records, 22 for 20 answers; the latest has answered nothing */
  g_assert_cmpfloat_with_epsilon (attune_evaluation_list_estimate (list, 80, 10), 8 + 11, 1e-9);
  g_assert_cmpfloat_with_epsilon (attune_evaluation_list_estimate (list, 160, 0), 16, 1e-9);
  /* no more answers than records */
  g_assert_cmpfloat_with_epsilon (attune_evaluation_list_estimate (list, 10, 500), 1 + 11, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/job/evaluation/kinds", Fixture, NULL, set_up, test_kinds, tear_down);
  g_test_add ("/job/evaluation/rewards", Fixture, NULL, set_up, test_rewards, tear_down);
  g_test_add ("/job/evaluation/labels", Fixture, NULL, set_up, test_labels, tear_down);
  g_test_add ("/job/evaluation/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/job/evaluation/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add ("/job/evaluation/estimate", Fixture, NULL, set_up, test_estimate, tear_down);
  return g_test_run ();
}
