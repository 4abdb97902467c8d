/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Our products on stored weights against OpenBLAS's sgemm on f32, in the shapes of SmolLM2-135M.
 * Both sides in turn, so that the machine's other load hits both; medians. Each of our threads has
 * an OpenBLAS thread of its own against it.
 *
 * Prints a line per figure: name, ours and the peer's in GFLOP/s, ratio, goal, ok or short.
 * Arguments: parts that a name must contain.
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

typedef enum
{
  NT, /* y = x · wᵀ */
  NN, /* x = y · w */
  TN, /* w = yᵀ · x */
} Form;

static const char *const form_names[] = { "nt", "nn", "tn" };

/* And twice the instructions' work in 16 bits, less what rounding takes. */
#define GOAL_INT16 1.3

typedef struct
{
  Form form;
  gboolean int16;
  AttuneTensor x, y, w, plain; /* (M, K), (M, N), (N, K); plain: w in f32, for the peer */
} Problem;

static void
run_ours (AttuneBackend *be, const Problem *p)
{
  if (p->int16 && p->form == NT)
    be->matmul_nt_int16 (be, &p->y, &p->x, &p->w, 0);
  else if (p->int16)
    be->matmul_nn_int16 (be, &p->x, &p->y, &p->w, 0);
  else if (p->form == NT)
    be->matmul_nt (be, &p->y, &p->x, &p->w, 1, 0);
  else if (p->form == NN)
    be->matmul_nn (be, &p->x, &p->y, &p->w, 1, 0);
  else
    be->matmul_tn (be, &p->w, &p->y, &p->x, 1, 0);
}

/* A thread's part: columns where there are more of them than rows. */
static void
peer_task (gpointer data, int worker, int n_workers)
{
  const Problem *p = data;
  const AttuneTensor *a = p->form == NT ? &p->x : &p->y, *b = p->form == TN ? &p->x : &p->plain,
                     *c = p->form == NT   ? &p->y
                          : p->form == NN ? &p->x
                                          : &p->plain;
  const gboolean turn_a = p->form == TN, turn_b = p->form == NT;
  const gint64 m = c->dims[0], n = c->dims[1], k = a->dims[turn_a ? 0 : 1], lda = a->dims[1],
               ldb = b->dims[1];
  gint64 m0 = 0, m1 = m, n0 = 0, n1 = n;

  if (n > m)
    attune_split (n, 16, worker, n_workers, &n0, &n1);
  else
    attune_split (m, 1, worker, n_workers, &m0, &m1);
  if (m0 == m1 || n0 == n1)
    return;
  cblas_sgemm (CblasRowMajor, turn_a ? CblasTrans : CblasNoTrans,
               turn_b ? CblasTrans : CblasNoTrans, m1 - m0, n1 - n0, k, 1.0f,
               (const float *) a->data + (turn_a ? m0 : m0 * lda), lda,
               (const float *) b->data + (turn_b ? n0 * ldb : n0), ldb, 0.0f,
               (float *) c->data + m0 * n + n0, n);
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
  const double goal = p->int16 ? GOAL_INT16 : GOAL;
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
  printf ("%s\t%.1f\t%.1f\t%.3f\t%.2f\t%s\n", name, mine, theirs, mine / theirs, goal,
          mine / theirs >= goal ? "ok" : "short");
  fflush (stdout);
  return mine / theirs >= goal;
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

static char *
make_name (AttunePool *pool, gint64 m, gint64 n, gint64 k, AttuneType type, Form form,
           gboolean int16)
{
  return g_strdup_printf ("gemm-%s%s-%s-%dx%dx%d-%dt", attune_type_info (type)->name,
                          int16 ? "-int16" : "", form_names[form], (int) m, (int) n, (int) k,
                          attune_pool_get_size (pool));
}

static gboolean
measure_shape (AttuneBackend *be, AttunePool *pool, gint64 m, gint64 n, gint64 k, AttuneType type,
               Form form, gboolean int16)
{
  Problem p = { .form = form,
                .int16 = int16,
                .x = make_tensor (be, ATTUNE_TYPE_F32, m, k),
                .y = make_tensor (be, ATTUNE_TYPE_F32, m, n),
                .w = make_tensor (be, type, n, k),
                .plain = make_tensor (be, ATTUNE_TYPE_F32, n, k) };
  g_autofree char *name = make_name (pool, m, n, k, type, form, int16);
  gboolean ok;

  be->encode (be, &p.w, &p.plain);
  ok = measure (name, be, pool, &p);
  drop_tensor (be, &p.x);
  drop_tensor (be, &p.y);
  drop_tensor (be, &p.w);
  drop_tensor (be, &p.plain);
  return ok;
}

typedef struct
{
  gint64 m, n, k;
} Shape;

/* The base's products, forward and backward, in every type. */
static gboolean
measure_base (AttuneBackend *be, AttunePool *pool, char **parts)
{
  static const Shape shapes[] = { { 1024, 576, 576 },
                                  { 1024, 192, 576 },
                                  { 1024, 1536, 576 },
                                  { 1024, 576, 1536 },
                                  { 256, 49152, 576 } };
  static const AttuneType types[]
      = { ATTUNE_TYPE_F32, ATTUNE_TYPE_Q4_1, ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_BF16, ATTUNE_TYPE_NF4 };
  gboolean all = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (types); j++)
      for (Form form = NT; form <= NN; form++)
        for (int int16 = 0; int16 <= attune_type_has_int16 (types[j]); int16++)
          {
            const Shape *s = &shapes[i];
            g_autofree char *name = make_name (pool, s->m, s->n, s->k, types[j], form, int16);

            if (is_wanted (name, parts) && (!int16 || be->matmul_nt_int16 != NULL))
              all = measure_shape (be, pool, s->m, s->n, s->k, types[j], form, int16) && all;
          }
  return all;
}

/* LoRA's thin products, rank 16: x · aᵀ, t · bᵀ and their gradients. */
static gboolean
measure_lora (AttuneBackend *be, AttunePool *pool, char **parts)
{
  static const Shape shapes[] = {
    { 1024, 16, 576 }, { 1024, 16, 1536 }, { 1024, 576, 16 }, { 1024, 1536, 16 }, { 1024, 192, 16 }
  };
  gboolean all = TRUE;

  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (Form form = NT; form <= TN; form++)
      {
        const Shape *s = &shapes[i];
        g_autofree char *name = make_name (pool, s->m, s->n, s->k, ATTUNE_TYPE_F32, form, FALSE);

        if (is_wanted (name, parts))
          all = measure_shape (be, pool, s->m, s->n, s->k, ATTUNE_TYPE_F32, form, FALSE) && all;
      }
  return all;
}

int
main (int argc, char **argv)
{
  gboolean all = TRUE;

  openblas_set_num_threads (1);
  for (int n_threads = 1; n_threads <= MIN (2, attune_count_cores ()); n_threads++)
    {
      g_autoptr (AttuneBackend) be = attune_backend_cpu_new (n_threads);
      g_autoptr (AttunePool) pool = attune_pool_new (n_threads);

      all = measure_base (be, pool, argv + 1) && all;
      all = measure_lora (be, pool, argv + 1) && all;
    }
  return all ? 0 : 1;
}
