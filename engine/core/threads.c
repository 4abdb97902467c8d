/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The thread pool. One 32-bit number, the round, starts the workers and one, the number still busy,
 * ends a run; both are waited for by spinning a little and then on a futex, so that an idle pool
 * costs nothing.
 */
#include "core/threads.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Looks before sleeping: some 20 to 100 µs, longer than the serial part between two operations. */
#define SPINS 2000
#define MAX_THREADS 1024

typedef struct
{
  AttunePool *pool;
  GThread *thread;
  int index;
} Worker;

struct _AttunePool
{
  /* Each on a cache line of its own: the workers spin on them. */
  _Alignas (64) atomic_uint round;    /* a new value: a task waits */
  _Alignas (64) atomic_uint busy;     /* workers that have not finished the round */
  _Alignas (64) atomic_uint sleepers; /* workers that may be asleep on @round */
  atomic_uint owner_sleeps;
  int size;
  gboolean quit;
  AttuneTask task;
  gpointer data;
  Worker *workers;
};

static inline void
relax (void)
{
#if defined(__x86_64__)
  __builtin_ia32_pause ();
#elif defined(__aarch64__)
  __asm__ volatile ("yield");
#endif
}

static void
futex_wait (atomic_uint *word, guint value)
{
  syscall (SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void
futex_wake (atomic_uint *word)
{
  syscall (SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/* Blocks until @pool->round is no longer @seen; returns the new one. */
static guint
wait_for_round (AttunePool *pool, guint seen)
{
  guint now;

  for (int i = 0; i < SPINS; i++)
    {
      if ((now = atomic_load_explicit (&pool->round, memory_order_acquire)) != seen)
        return now;
      relax ();
    }

  /* Announced before the last look: either the look sees the new round or its starter sees the
   * sleeper. */
  atomic_fetch_add (&pool->sleepers, 1);
  while ((now = atomic_load (&pool->round)) == seen)
    futex_wait (&pool->round, seen);
  atomic_fetch_sub (&pool->sleepers, 1);
  return now;
}

static void
wait_for_workers (AttunePool *pool)
{
  guint busy;

  for (int i = 0; i < SPINS; i++)
    {
      if (atomic_load_explicit (&pool->busy, memory_order_acquire) == 0)
        return;
      relax ();
    }

  atomic_store (&pool->owner_sleeps, 1);
  while ((busy = atomic_load (&pool->busy)) != 0)
    futex_wait (&pool->busy, busy);
  atomic_store (&pool->owner_sleeps, 0);
}

static gpointer
worker_main (gpointer data)
{
  const Worker *self = data;
  AttunePool *pool = self->pool;
  guint round = 0;

  for (;;)
    {
      round = wait_for_round (pool, round);
      if (pool->quit)
        return NULL;
      pool->task (pool->data, self->index, pool->size);
      if (atomic_fetch_sub (&pool->busy, 1) == 1 && atomic_load (&pool->owner_sleeps))
        futex_wake (&pool->busy);
    }
}

static void
start_round (AttunePool *pool)
{
  atomic_fetch_add (&pool->round, 1);
  if (atomic_load (&pool->sleepers) > 0)
    futex_wake (&pool->round);
}

AttunePool *
attune_pool_new (int n_threads)
{
  AttunePool *pool;

  g_return_val_if_fail (n_threads >= 0, NULL);

  pool = g_aligned_alloc0 (1, sizeof *pool, _Alignof (AttunePool));
  pool->size = n_threads == 0 ? attune_count_cores () : MIN (n_threads, MAX_THREADS);
  pool->workers = g_new0 (Worker, pool->size);
  for (int i = 1; i < pool->size; i++)
    {
      pool->workers[i] = (Worker) { .pool = pool, .index = i };
      pool->workers[i].thread = g_thread_new ("attune", worker_main, &pool->workers[i]);
    }
  return pool;
}

void
attune_pool_free (AttunePool *pool)
{
  if (pool == NULL)
    return;
  pool->quit = TRUE;
  start_round (pool);
  for (int i = 1; i < pool->size; i++)
    g_thread_join (pool->workers[i].thread);
  g_free (pool->workers);
  g_aligned_free (pool);
}

int
attune_pool_get_size (const AttunePool *pool)
{
  g_return_val_if_fail (pool != NULL, 1);

  return pool->size;
}

void
attune_pool_run (AttunePool *pool, AttuneTask task, gpointer data)
{
  g_return_if_fail (pool != NULL && task != NULL);

  if (pool->size > 1)
    {
      pool->task = task;
      pool->data = data;
      atomic_store_explicit (&pool->busy, pool->size - 1, memory_order_relaxed);
      start_round (pool);
    }
  task (data, 0, pool->size);
  if (pool->size > 1)
    wait_for_workers (pool);
}

/* A small number in a file of the kernel; -1 where there is none. */
static gint64
read_number (const char *path)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL,
                            NULL)) /* not there on every kernel: the caller has a default */
    return -1;
  return g_ascii_strtoll (text, NULL, 10);
}

/* Whether @cpu is the first of @allowed on its physical core. */
static gboolean
leads_core (int cpu, const cpu_set_t *allowed)
{
  g_autofree char *path
      = g_strdup_printf ("/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL)) /* no topology known: every CPU is a core */
    return TRUE;
  parts = g_strsplit (g_strstrip (text), ",", -1);
  for (int i = 0; parts[i] != NULL; i++) /* "0,4" or "0-1" */
    {
      const char *dash = strchr (parts[i], '-');
      const int first = atoi (parts[i]), last = dash != NULL ? atoi (dash + 1) : first;

      for (int other = first; other <= last && other < cpu; other++)
        if (other >= 0 && other < CPU_SETSIZE && CPU_ISSET (other, allowed))
          return FALSE;
    }
  return TRUE;
}

/* CPUs that the control group's quota is worth, rounded up; G_MAXINT without one. */
static int
count_quota (void)
{
  g_autofree char *groups = NULL, *path = NULL, *text = NULL;
  const char *group;
  char *end;
  gint64 quota, period;

  if (!g_file_get_contents ("/proc/self/cgroup", &groups, NULL, NULL)
      || (group = strstr (groups, "0::/"))
             == NULL) /* the unified hierarchy; older ones are not looked at */
    {
      quota = read_number ("/sys/fs/cgroup/cpu/cpu.cfs_quota_us");
      period = read_number ("/sys/fs/cgroup/cpu/cpu.cfs_period_us");
      return quota > 0 && period > 0 ? (int) MIN (G_MAXINT, (quota + period - 1) / period)
                                     : G_MAXINT;
    }
  path = g_strdup_printf ("/sys/fs/cgroup%.*s/cpu.max", (int) strcspn (group + 3, "\n"), group + 3);
  if (!g_file_get_contents (path, &text, NULL, NULL)
      && !g_file_get_contents ("/sys/fs/cgroup/cpu.max", &text, NULL, NULL))
    return G_MAXINT;
  quota = g_ascii_strtoll (text, &end, 10); /* "max 100000" or "150000 100000" */
  period = g_ascii_strtoll (end, NULL, 10);
  return end != text && quota > 0 && period > 0
             ? (int) MIN (G_MAXINT, (quota + period - 1) / period)
             : G_MAXINT;
}

int
attune_count_cores (void)
{
  cpu_set_t allowed;
  int n = 0;

  CPU_ZERO (&allowed);
  if (sched_getaffinity (0, sizeof allowed, &allowed) != 0) /* more than CPU_SETSIZE CPUs */
    return MAX (1, MIN ((int) g_get_num_processors (), count_quota ()));
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
    if (CPU_ISSET (cpu, &allowed) && leads_core (cpu, &allowed))
      n++;
  return MAX (1, MIN (n, count_quota ()));
}
