/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One side of tests/bench/train: the products of a LoRA step of SmolLM2-135M (rank 16 on all
 * linears, 4 samples of 256 tokens, all learned) as OpenBLAS's sgemm does them, and nothing else.
 * Each of two threads of ours calls a serial OpenBLAS, which is the fastest way there is. For each
 * line on standard input it measures every shape and prints "seconds 0 0" for the whole step.
 */
#include "core/threads.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

#define T 1024
#define SEGMENT 256
#define RANK 16
#define LAYERS 30
#define REPEATS 3

typedef struct
{
  int m, n, k, count; /* @count of them in a step */
} Product;

/* Forward and backward through a base matrix of @n outputs and @k inputs, and its adapter's six. */
#define LINEAR(n, k, times)                                                                        \
  { T, n, k, (times) * LAYERS }, { T, k, n, (times) * LAYERS }, { T, RANK, k, (times) * LAYERS },  \
      { T, n, RANK, (times) * LAYERS }, { T, RANK, n, (times) * LAYERS },                          \
      { n, RANK, T, (times) * LAYERS }, { RANK, k, T, (times) * LAYERS },                          \
  {                                                                                                \
    T, k, RANK, (times) * LAYERS                                                                   \
  }

static const Product products[] = {
  LINEAR (576, 576, 2),  /* q, o */
  LINEAR (192, 576, 2),  /* k, v */
  LINEAR (1536, 576, 2), /* gate, up */
  LINEAR (576, 1536, 1), /* down */
  { SEGMENT, 49152, 576, T / SEGMENT },
  { SEGMENT, 576, 49152, T / SEGMENT },
  /* Attention: a head sees half of the keys on average; forward has two products, backward five. */
  { SEGMENT, SEGMENT / 2, 64, 3 * 4 * 9 * LAYERS },
  { SEGMENT, 64, SEGMENT / 2, 4 * 4 * 9 * LAYERS },
};

typedef struct
{
  const Product *product;
  float *a, *b, *c;
} Call;

static void
task (gpointer data, int worker, int n_workers)
{
  const Call *call = data;
  const Product *p = call->product;
  gint64 m0 = 0, m1 = p->m, n0 = 0, n1 = p->n;

  if (p->n > p->m)
    attune_split (p->n, 16, worker, n_workers, &n0, &n1);
  else
    attune_split (p->m, 1, worker, n_workers, &m0, &m1);
  if (m0 < m1 && n0 < n1)
    cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, m1 - m0, n1 - n0, p->k, 1.0f,
                 call->a + m0 * p->k, p->k, call->b + n0, p->n, 0.0f, call->c + m0 * p->n + n0,
                 p->n);
}

static float *
make_values (gsize n)
{
  float *values = g_aligned_alloc (n, sizeof *values, 64);

  for (gsize i = 0; i < n; i++)
    values[i] = (i * 2654435761u >> 8) % 1000 * 0.002f - 1.0f;
  return values;
}

static double
measure (AttunePool *pool, const Product *p)
{
  Call call = { p, make_values ((gsize) p->m * p->k), make_values ((gsize) p->k * p->n),
                make_values ((gsize) p->m * p->n) };
  gint64 begun;
  double seconds;

  attune_pool_run (pool, task, &call);
  begun = g_get_monotonic_time ();
  for (int i = 0; i < REPEATS; i++)
    attune_pool_run (pool, task, &call);
  seconds = (g_get_monotonic_time () - begun) / 1e6 / REPEATS;
  g_aligned_free (call.a);
  g_aligned_free (call.b);
  g_aligned_free (call.c);
  return seconds * p->count;
}

int
main (int argc, char **argv)
{
  g_autoptr (AttunePool) pool = attune_pool_new (argc > 1 ? atoi (argv[1]) : 2);
  char line[16];

  openblas_set_num_threads (1);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      double seconds = 0;

      for (gsize i = 0; i < G_N_ELEMENTS (products); i++)
        seconds += measure (pool, &products[i]);
      printf ("%.6f 0 0\n", seconds);
      fflush (stdout);
    }
  printf ("0\n");
  return 0;
}
