/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one thread pool of the engine.  Work is cut statically: worker i of n always gets the same
 * part, so that sums have a fixed order for a given thread count.  Workers spin briefly, then
 * sleep.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttunePool AttunePool;

/**
 * AttuneTask:
 * @data: what attune_pool_run() was given
 * @worker: 0 … @n_workers - 1; 0 runs on the calling thread
 * @n_workers: constant for the life of the pool
 */
typedef void (*AttuneTask) (gpointer data, int worker, int n_workers);

/**
 * attune_pool_new:
 * @n_threads: >= 1, or 0 for one per physical core that this process may use
 *
 * Returns: (transfer full): free with attune_pool_free()
 */
AttunePool *attune_pool_new (int n_threads);
void attune_pool_free (AttunePool *pool);
int attune_pool_get_size (const AttunePool *pool);

/**
 * attune_pool_run:
 * @task: called once per worker, on all of them at the same time
 *
 * Blocks until every worker has returned.  One caller at a time; not re-entrant.
 */
void attune_pool_run (AttunePool *pool, AttuneTask task, gpointer data);

/* The number of physical cores this process may run on, >= 1. */
int attune_count_cores (void);

/* The part [*from, *to) of @n items that belongs to @worker, cut at multiples of @align. */
static inline void
attune_split (gint64 n, gint64 align, int worker, int n_workers, gint64 *from, gint64 *to)
{
  const gint64 units = (n + align - 1) / align;

  *from = MIN (n, units * worker / n_workers * align);
  *to = MIN (n, units * (worker + 1) / n_workers * align);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePool, attune_pool_free)

G_END_DECLS
