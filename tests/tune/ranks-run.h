/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs of several ranks, which are threads here.
 */
#pragma once
#include "whole-run.h"

/* Who hears what rank 0 says. */
static const AttuneTrainerFuncs *rank_funcs = &funcs;

typedef struct
{
  Fixture *fixture;
  AttuneRanks *ranks;
  GError *error;
} Other;

/* A rank but the first: with its own model and data set, as in a process of its own. */
static inline gpointer
other_main (gpointer data)
{
  static const AttuneTrainerFuncs nothing = { 0 };
  Other *self = data;
  g_autofree char *path = g_build_filename (self->fixture->folder, "dataset.h5", NULL);
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  g_autoptr (AttuneDataset) dataset = attune_dataset_open (path, NULL);
  AttuneTrainerResult result;

  g_assert_nonnull (dataset);
  attune_trainer_run_rank (self->ranks, self->fixture->plan, model, dataset, NULL, FALSE, &nothing,
                           NULL, &result, &self->error);
  return NULL;
}

/* The run by as many ranks as its plan says. @error: (out): of rank 0; the others have failed
 * likewise, if with records of their own. */
static inline AttuneTrainerResult
run_ranks (Fixture *f, const char *checkpoint, gboolean resume, Told *told, GError **error)
{
  const int n = attune_plan_get_values (f->plan)->ranks;
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  g_autoptr (AttuneRanks) ranks = attune_ranks_new (n, NULL);
  g_autofree Other *others = g_new0 (Other, n);
  g_autofree GThread **threads = g_new0 (GThread *, n);
  g_autoptr (GError) reason = NULL;
  AttuneTrainerResult result;

  for (int i = 1; i < n; i++)
    {
      others[i].fixture = f;
      others[i].ranks = attune_ranks_join (attune_ranks_get_fd (ranks), i, NULL);
      threads[i] = g_thread_new ("rank", other_main, &others[i]);
    }
  attune_trainer_run_rank (ranks, f->plan, f->model, f->dataset, path, resume, rank_funcs, told,
                           &result, &reason);
  for (int i = 1; i < n; i++)
    {
      g_thread_join (threads[i]);
      g_assert_true ((others[i].error != NULL) == (reason != NULL));
      if (reason != NULL)
        g_assert_error (others[i].error, reason->domain, reason->code);
      g_clear_error (&others[i].error);
      attune_ranks_free (others[i].ranks);
    }
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return result;
}

static inline AttuneTrainerResult
run_well (Fixture *f, const char *checkpoint, gboolean resume, Told *told)
{
  g_autoptr (GError) error = NULL;
  const AttuneTrainerResult result = run_ranks (f, checkpoint, resume, told, &error);

  g_assert_no_error (error);
  return result;
}
