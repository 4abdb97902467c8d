/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool: every worker once a round, nothing lost over many rounds with and without sleep, static
 * cuts.
 */
#include "core/threads.h"

#include <string.h>

#define MAX_WORKERS 5

typedef struct
{
  int calls[MAX_WORKERS][16]; /* a cache line each: workers write their own */
  int size;
  gint64 sum;
} Counts;

static void
count (gpointer data, int worker, int n_workers)
{
  Counts *counts = data;

  g_assert_cmpint (n_workers, ==, counts->size);
  counts->calls[worker][0]++;
}

static void
test_rounds (void)
{
  for (int size = 1; size <= MAX_WORKERS; size++)
    {
      g_autoptr (AttunePool) pool = attune_pool_new (size);
      Counts counts = { .size = size };

      g_assert_cmpint (attune_pool_get_size (pool), ==, size);
      for (int round = 1; round <= 2000; round++)
        {
          attune_pool_run (pool, count, &counts);
          for (int worker = 0; worker < size; worker++)
            g_assert_cmpint (counts.calls[worker][0], ==, round);
        }
    }
}

static void
slow_worker (gpointer data, int worker, int n_workers)
{
  if (worker == n_workers - 1)
    g_usleep (3000); /* the caller falls asleep */
  count (data, worker, n_workers);
}

static void
test_sleep (void)
{
  g_autoptr (AttunePool) pool = attune_pool_new (3);
  Counts counts = { .size = 3 };

  for (int round = 1; round <= 10; round++)
    {
      g_usleep (3000); /* the workers fall asleep */
      attune_pool_run (pool, slow_worker, &counts);
      for (int worker = 0; worker < 3; worker++)
        g_assert_cmpint (counts.calls[worker][0], ==, round);
    }
}

static void
test_end (void)
{
  /* Freed while the workers have not even started, spin, or sleep. */
  for (int i = 0; i < 50; i++)
    {
      AttunePool *pool = attune_pool_new (4);

      if (i % 10 == 9)
        g_usleep (2000);
      attune_pool_free (pool);
    }
  attune_pool_free (NULL);
}

static void
test_split (void)
{
  for (gint64 n = 0; n < 70; n += 7)
    for (gint64 align = 1; align <= 16; align *= 4)
      for (int workers = 1; workers <= 5; workers++)
        {
          gint64 end = 0;

          for (int worker = 0; worker < workers; worker++)
            {
              gint64 from, to;

              attune_split (n, align, worker, workers, &from, &to);
              g_assert_cmpint (from, ==, end);
              g_assert_cmpint (to, >=, from);
              g_assert_true (to == n || to % align == 0);
              end = to;
            }
          g_assert_cmpint (end, ==, n);
        }
}

static void
test_cores (void)
{
  g_assert_cmpint (attune_count_cores (), >=, 1);
  g_assert_cmpint (attune_count_cores (), <=, g_get_num_processors ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/threads/rounds", test_rounds);
  g_test_add_func ("/threads/sleep", test_sleep);
  g_test_add_func ("/threads/end", test_end);
  g_test_add_func ("/threads/split", test_split);
  g_test_add_func ("/threads/cores", test_cores);
  return g_test_run ();
}
