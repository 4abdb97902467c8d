/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our products on stored weights against OpenBLAS's sgemm on f32, in the shapes of SmolLM2-135M. Both sides in turn, so that
 * the machine's other load hits both; medians. Each of our threads has an OpenBLAS thread of its own against it.
 *
 * Prints a line per figure: name, ours and the peer's in GFLOP/s, ratio, goal, ok or short. Arguments: parts that a name
 * must contain.
 */
#include "compute/backend.h"
#include "core/threads.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A stored base must cost no more than an f32 one does with OpenBLAS. */
#define GOAL 1.0
#define BUDGET_S 0.8 /* for a line */
#define MAX_TURNS 31

typedef struct
{
  AttuneTensor x, y, w, plain; /* plain: w in f32, for the peer */
  gboolean backward;           /* y · w instead of x · wᵀ */
} Problem;

static void
run_ours (AttuneBackend *be, const Problem *p)
{
  if (p->backward)
    be->matmul_nn (be, &p->x, &p->y, &p->w, 1, 0);
  else
    be->matmul_nt (be, &p->y, &p->x, &p->w, 1, 0);
}

/* A thread's part: columns where there are more of them than rows. */
static void
peer_task (gpointer data, int worker, int n_workers)
{
  const Problem *p = data;
  const AttuneTensor *in = p->backward ? &p->y : &p->x, *out = p->backward ? &p->x : &p->y;
  const gint64 m = out->dims[0], n = out->dims[1], k = in->dims[1], ldw = p->plain.dims[1];
  gint64 m0 = 0, m1 = m, n0 = 0, n1 = n;

  if (n > m)
    attune_split (n, 16, worker, n_workers, &n0, &n1);
  else
    attune_split (m, 1, worker, n_workers, &m0, &m1);
  cblas_sgemm (CblasRowMajor, CblasNoTrans, p->backward ? CblasNoTrans : CblasTrans, m1 - m0, n1 - n0, k, 1.0f,
               (const float *) in->data + m0 * k, k,
               (const float *) p->plain.data + (p->backward ? n0 : n0 * ldw), ldw, 0.0f,
               (float *) out->data + m0 * n + n0, n);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
median (double *values, int n)
{
  qsort (values, n, sizeof *values, compare_doubles);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2.0;
}

static double
seconds (void)
{
  return g_get_monotonic_time () * 1e-6;
}

/* Prints the line; FALSE where the goal is missed. */
static gboolean
measure (const char *name, AttuneBackend *be, AttunePool *pool, Problem *p)
{
  const double work = 2.0 * p->x.dims[0] * p->w.dims[0] * p->w.dims[1] * 1e-9, begin = seconds ();
  double ours[MAX_TURNS], peer[MAX_TURNS], mine, theirs;
  int n = 0;

  run_ours (be, p); /* both warm */
  attune_pool_run (pool, peer_task, p);
  while (n < MAX_TURNS && (n < 5 || seconds () - begin < BUDGET_S))
    {
      const double start = seconds ();
      double middle;

      run_ours (be, p);
      middle = seconds ();
      attune_pool_run (pool, peer_task, p);
      ours[n] = middle - start;
      peer[n++] = seconds () - middle;
    }
  mine = work / median (ours, n);
  theirs = work / median (peer, n);
  printf ("%s\t%.1f\t%.1f\t%.3f\t%.2f\t%s\n", name, mine, theirs, mine / theirs, GOAL,
          mine / theirs >= GOAL ? "ok" : "short");
  fflush (stdout);
  return mine / theirs >= GOAL;
}

static AttuneTensor
make_tensor (AttuneBackend *be, AttuneType type, gint64 rows, gint64 columns)
{
  AttuneTensor t = { .n_dims = 2, .dims = { rows, columns }, .type = type };

  t.data = be->alloc (be, attune_tensor_bytes (&t));
  if (type == ATTUNE_TYPE_F32)
    for (gint64 i = 0; i < rows * columns; i++)
      ((float *) t.data)[i] = (i * 2654435761u >> 8) % 1000 * 0.002f - 1.0f;
  return t;
}

static void
drop_tensor (AttuneBackend *be, AttuneTensor *t)
{
  be->release (be, t->data, attune_tensor_bytes (t));
}

static gboolean
is_wanted (const char *name, char **parts)
{
  for (; *parts != NULL; parts++)
    if (strstr (name, *parts) == NULL)
      return FALSE;
  return TRUE;
}

static gboolean
measure_shape (AttuneBackend *be, AttunePool *pool, gint64 m, gint64 n, gint64 k, char **parts)
{
  static const AttuneType types[]
      = { ATTUNE_TYPE_F32, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_BF16, ATTUNE_TYPE_NF4 };
  Problem p = { .x = make_tensor (be, ATTUNE_TYPE_F32, m, k),
                .y = make_tensor (be, ATTUNE_TYPE_F32, m, n),
                .plain = make_tensor (be, ATTUNE_TYPE_F32, n, k) };
  gboolean all = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    for (p.backward = FALSE; p.backward <= TRUE; p.backward++)
      {
        g_autofree char *name
            = g_strdup_printf ("gemm-%s-%s-%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "x%" G_GINT64_FORMAT "-%dt",
                               attune_type_info (types[i])->name, p.backward ? "nn" : "nt", m, n, k,
                               attune_pool_get_size (pool));

        if (!is_wanted (name, parts))
          continue;
        p.w = make_tensor (be, types[i], n, k);
        be->encode (be, &p.w, &p.plain);
        all = measure (name, be, pool, &p) && all;
        drop_tensor (be, &p.w);
      }
  drop_tensor (be, &p.x);
  drop_tensor (be, &p.y);
  drop_tensor (be, &p.plain);
  return all;
}

int
main (int argc, char **argv)
{
  static const gint64 shapes[][3] = {
    { 1024, 576, 576 }, { 1024, 192, 576 }, { 1024, 1536, 576 }, { 1024, 576, 1536 }, { 256, 49152, 576 },
  };
  gboolean all = TRUE;

  openblas_set_num_threads (1);
  for (int n_threads = 1; n_threads <= MIN (2, attune_count_cores ()); n_threads++)
    {
      g_autoptr (AttuneBackend) be = attune_backend_cpu_new (n_threads);
      g_autoptr (AttunePool) pool = attune_pool_new (n_threads);

      for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
        all = measure_shape (be, pool, shapes[i][0], shapes[i][1], shapes[i][2], argv + 1) && all;
    }
  return all ? 0 : 1;
}
