/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The products: blocking for the caches and the cut over the threads.
 *
 * Every thread owns a rectangle of C: it packs the panels of its columns, a block that stays in the
 * second-level cache, and multiplies all its rows of A with it. So nothing is shared but what is
 * read, and sums have the same order for any number of threads.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/gemm.h"

/* Packed panels of a block: half of a second-level cache of 1 MiB. */
#define BLOCK_BYTES (512 << 10)
/* Rows of A that are walked by columns: what a tile touches (a line per row) stays in the
 * first-level cache. */
#define MAX_K_BY_COLUMNS 256
/* Where B needs no decoding and fewer rows than this use it, it is read where it lies. */
#define MIN_ROWS_TO_PACK (2 * MR)
/* Rough cost of packing a value, in vector multiply-adds. */
#define PACK_COST 1.0

typedef struct
{
  AttuneCpu *cpu;
  gint64 m, n, k;
  const float *a;
  gint64 lda;
  gboolean a_by_columns;
  Stored w;
  gboolean transposed; /* B = wᵀ */
  float *c;
  float alpha, beta;
  int row_parts, column_parts; /* the grid of rectangles, one per thread */
} Product;

/* The grid whose slowest thread has least to do. */
static void
choose_grid (Product *p, int n_workers)
{
  const gint64 strips = divide_up (p->n, STRIP), tiles = divide_up (p->m, MR);
  double best = G_MAXDOUBLE;

  for (int rows = 1; rows <= n_workers; rows++)
    if (n_workers % rows == 0)
      {
        const double m = divide_up (tiles, rows) * MR,
                     n = divide_up (strips, n_workers / rows) * STRIP;
        const double cost = n * (m / VL + PACK_COST);

        /* Columns are cut rather than rows where it is the same: no panel is then packed twice. */
        if (cost < best)
          {
            best = cost;
            p->row_parts = rows;
            p->column_parts = n_workers / rows;
          }
      }
}

/* The block of B at columns @n0 … @n1 and rows @k0 … @k0 + @n_k, times rows @m0 … @m1 of A. */
static void
multiply_block (const Product *p, gint64 m0, gint64 m1, gint64 n0, gint64 n1, gint64 k0, int n_k,
                float *scratch)
{
  const gsize panel = padded_k (n_k) * NR;
  const gboolean direct = p->w.type == ATTUNE_TYPE_F32 && !p->transposed && (n1 - n0) % VL == 0
                          && m1 - m0 < MIN_ROWS_TO_PACK;
  Tiles tiles = {
    .m = m1 - m0,
    .n = n1 - n0,
    .k = n_k,
    .a = p->a_by_columns ? p->a + k0 * p->lda + m0 : p->a + m0 * p->lda + k0,
    .lda = p->lda,
    .a_by_columns = p->a_by_columns,
    .b = scratch,
    .ldb = NR,
    .panel_stride = panel,
    .c = p->c + m0 * p->n + n0,
    .ldc = p->n,
    .alpha = p->alpha,
    .beta = k0 > 0 ? 1.0f : p->beta,
  };

  if (direct)
    {
      tiles.b = (const float *) (p->w.data + k0 * p->w.row_bytes) + n0;
      tiles.ldb = p->w.row_bytes / sizeof (float);
      tiles.panel_stride = NR;
    }
  else
    for (gint64 n = n0; n < n1; n += STRIP)
      {
        float *panels = scratch + (n - n0) / NR * panel;

        if (p->transposed)
          LEVEL (pack_nt) (&p->w, n, k0, n_k, panels);
        else
          LEVEL (pack_nn) (&p->w, n, k0, n_k, panels);
      }
  LEVEL (multiply_tiles) (&tiles, scratch + BLOCK_BYTES / sizeof *scratch);
}

static void
multiply_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  float *scratch = (float *) p->cpu->scratch[worker];
  const int max_k = p->a_by_columns ? MAX_K_BY_COLUMNS : MAX_K;
  /* Blocks as equal as chunks and strips allow. */
  const gint64 k_step = p->k > 0 ? padded_k (divide_up (p->k, divide_up (p->k, max_k))) : CHUNK;
  const gint64 max_n = MAX (1, BLOCK_BYTES / (k_step * STRIP * (gint64) sizeof (float))) * STRIP;
  gint64 m0, m1, n0, n1, n_step;

  attune_split (p->m, MR, worker / p->column_parts, p->row_parts, &m0, &m1);
  attune_split (p->n, STRIP, worker % p->column_parts, p->column_parts, &n0, &n1);
  if (m0 == m1 || n0 == n1)
    return;
  n_step = divide_up (divide_up (n1 - n0, divide_up (n1 - n0, max_n)), STRIP) * STRIP;
  for (gint64 k = 0; k == 0 || k < p->k; k += k_step) /* once even for k = 0: C is then 0 */
    for (gint64 n = n0; n < n1; n += n_step)
      multiply_block (p, m0, m1, n, MIN (n + n_step, n1), k, MIN (k_step, p->k - k), scratch);
}

/* ns of @m · @n · @k multiply-adds on one thread, roughly. */
static double
product_work (const Product *p)
{
  return (double) p->m * p->n * (p->k + 16) / (VL * 3.0);
}

static void
multiply (AttuneBackend *be, Product *p)
{
  AttuneCpu *cpu = attune_cpu (be);

  if (p->m == 0 || p->n == 0)
    return;
  p->cpu = cpu;
  choose_grid (p, cpu->n_threads);
  if (product_work (p) < 5000.0)
    p->row_parts = p->column_parts = 1;
  attune_cpu_run (cpu, p->row_parts * p->column_parts == 1 ? 0.0 : G_MAXDOUBLE, multiply_task, p);
}

static void
gemv_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  gint64 n0, n1;

  /* Whole cache lines of y for a thread. */
  attune_split (p->n, 16, worker, n_workers, &n0, &n1);
  if (n0 < n1)
    LEVEL (gemv) (&p->w, n0, n1, p->m, p->a, p->lda, p->c, p->n, p->alpha, p->beta);
}

void
LEVEL (matmul_nt) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                   const AttuneTensor *w, float alpha, float beta)
{
  Product p = {
    .cpu = attune_cpu (be),
    .m = attune_tensor_rows (x),
    .n = attune_tensor_rows (w),
    .k = attune_tensor_columns (x),
    .a = x->data,
    .lda = attune_tensor_columns (x),
    .w = stored_tensor (w),
    .transposed = TRUE,
    .c = y->data,
    .alpha = alpha,
    .beta = beta,
  };

  if (p.m > 0 && p.m <= GEMV_MAX_ROWS)
    attune_cpu_run (p.cpu, product_work (&p), gemv_task, &p);
  else
    multiply (be, &p);
}

void
LEVEL (matmul_nn) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                   const AttuneTensor *w, float alpha, float beta)
{
  Product p = {
    .m = attune_tensor_rows (dy),
    .n = attune_tensor_columns (w),
    .k = attune_tensor_rows (w),
    .a = dy->data,
    .lda = attune_tensor_columns (dy),
    .w = stored_tensor (w),
    .c = dx->data,
    .alpha = alpha,
    .beta = beta,
  };

  multiply (be, &p);
}

void
LEVEL (matmul_tn) (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                   const AttuneTensor *x, float alpha, float beta)
{
  Product p = {
    .m = attune_tensor_columns (dy),
    .n = attune_tensor_columns (x),
    .k = attune_tensor_rows (x),
    .a = dy->data,
    .lda = attune_tensor_columns (dy),
    .a_by_columns = TRUE,
    .w = stored_tensor (x),
    .c = dw->data,
    .alpha = alpha,
    .beta = beta,
  };

  multiply (be, &p);
}
