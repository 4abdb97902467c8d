/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products in 16 bits for training on a base of 4 to 8 bits: its weights are whole numbers already,
 * so that only x is rounded, to 1/32767 of the largest of 32 (or 64) neighbours (with Q6_K 1/16383,
 * or 1/8191). One instruction
 * multiplies twice as many of them as floats; their sums are exact within a block.
 *
 *   y = Σ over blocks of  step_w · step_x · Σ q_w · q_x  +  low_w · step_x · Σ q_x
 *
 * Where k runs across w's rows (dx = dy · w) its steps differ from number to number: they go into
 * x, the largest of each row before it is rounded, and what a strip of columns has less than that
 * afterwards, again as 16 bits.
 *
 * Built once more for level 3 with AVX-VNNI and for level 4 with AVX512-VNNI.
 */
#include "compute/cpu/int16.h"
#include "compute/cpu/entries.h"

/* Packed strips of a block: half of a second-level cache of 1 MiB. */
#define BLOCK_BYTES (512 << 10)
/* Bytes of a strip for each value of k: numbers, steps and lows. */
#define STRIP_BYTES (2 * STRIP + 2 * sizeof (float) + 2 * sizeof (gint16))

typedef struct
{
  AttuneCpu *cpu;
  const float *x;
  gint64 m, n, k;
  Stored w;
  gboolean transposed; /* y = x · wᵀ */
  float *y;
  float beta;

  /* What is done at once: rows @m0 … @m1, values @k0 … @k0 + @n_k of k; @padded: whole blocks of
   * @block. x is then rounded in the first thread's scratch. */
  gint64 m0, m1, k0;
  int n_k, padded, block;
} Product;

/* --- rounding */

INLINE vi
vmax_whole (vi a, vi b)
{
#if ATTUNE_LEVEL == 4
  return (vi) _mm512_max_epi32 ((__m512i) a, (__m512i) b);
#elif ATTUNE_LEVEL == 3
  return (vi) _mm256_max_epi32 ((__m256i) a, (__m256i) b);
#else
  return (vi) _mm_max_epi32 ((__m128i) a, (__m128i) b);
#endif
}

/* VL lanes to 16 bits, which they fit. */
INLINE void
store_halves (gint16 *out, vi x)
{
#if ATTUNE_LEVEL == 4
  _mm256_storeu_si256 ((__m256i *) out, _mm512_cvtepi32_epi16 ((__m512i) x));
#elif ATTUNE_LEVEL == 3
  const __m256i both = _mm256_packs_epi32 ((__m256i) x, (__m256i) x);

  _mm_storeu_si128 ((__m128i *) out,
                    _mm256_castsi256_si128 (_mm256_permute4x64_epi64 (both, 0xd8)));
#else
  _mm_storel_epi64 ((__m128i *) out, _mm_packs_epi32 ((__m128i) x, (__m128i) x));
#endif
}

/* The sum of all lanes, in every lane. */
INLINE vi
sum_lanes (vi x)
{
  const vi lane = vlane ();

#pragma GCC unroll 4
  for (int d = VL / 2; d > 0; d /= 2)
    x += __builtin_shuffle (x, lane ^ d);
  return x;
}

/* Of @n values, which end with 0s, the lanes from @i on; each times its @size (nullable). */
INLINE vf
load_sized (const float *x, const float *size, int i, int n)
{
  const vf v = vload_some (x + i, MAX (0, n - i));

  return size != NULL ? v * vload (size + i) : v;
}

/* @n values, filled up with 0 to @block, as parts of @limit of the largest. */
INLINE void
round_block (const int block, const float *x, const float *size, int n, float limit, gint16 *q,
             float *step, float *total)
{
  const vi lane = vlane ();
  vi most = { 0 }, sum = { 0 };
  gint32 bits;
  float largest;
  vf inverse;

  /* Without their sign floats have the order of whole numbers, and what is no number is above. */
#pragma GCC unroll 16
  for (int i = 0; i < block; i += VL)
    most = vmax_whole (most, (vi) load_sized (x, size, i, n) & 0x7fffffff);
#pragma GCC unroll 4
  for (int d = VL / 2; d > 0; d /= 2)
    most = vmax_whole (most, __builtin_shuffle (most, lane ^ d));
  bits = most[0];
  memcpy (&largest, &bits, sizeof largest);
  if (!(largest > 1e-30f && largest <= G_MAXFLOAT))
    {
      memset (q, 0, block * sizeof *q);
      *step = *total
          = largest > 1e-30f || isnan (largest) ? NAN : 0; /* next to nothing is nothing */
      return;
    }
  inverse = vset (limit / largest);
#pragma GCC unroll 16
  for (int i = 0; i < block; i += VL)
    {
      const vf v = load_sized (x, size, i, n);
      const vi whole = __builtin_convertvector (vround (v * inverse), vi);

      sum += whole;
      store_halves (q + i, whole);
    }
  *step = largest / limit;
  *total = *step * sum_lanes (sum)[0];
}

/* --- what a thread works in */

typedef struct
{
  gint16 folded[MR * MAX_K16];
  float folded_step[MR * MAX_COLUMN_BLOCKS];
  float sizes[MAX_K16]; /* of the rows of w that k runs across; the first thread's count */
  guint8 strips[BLOCK_BYTES + STRIP_BYTES * MAX_K16]; /* STRIP_BYTES · k each */
  guint8 x[]; /* to the end of what there is: as many rows as it holds */
} Scratch;

/* The last row's steps are read as whole vectors. */
#define X_BYTES (ATTUNE_CPU_SCRATCH_BYTES - sizeof (Scratch) - 4 * VL)

static Strip16
find_strip (Scratch *scratch, gint64 i, int padded)
{
  guint8 *at = scratch->strips + i * STRIP_BYTES * padded;
  Strip16 strip = { .pairs = (gint32 *) at };

  strip.step = (float *) (at + 2 * STRIP * padded);
  strip.low = strip.step + padded;
  strip.steps = (gint16 *) (strip.low + padded);
  strip.lows = strip.steps + padded;
  return strip;
}

static gsize
row_bytes (const Product *p)
{
  return p->padded * sizeof (gint16) + p->padded / p->block * 2 * sizeof (float);
}

static float *
find_sizes (const Product *p)
{
  return ((Scratch *) p->cpu->scratch[0])->sizes;
}

/* Row @row of what is done at once. */
static Rounded16
find_row (const Product *p, gint64 row)
{
  Scratch *scratch = (Scratch *) p->cpu->scratch[0];
  const gint64 n_rows = p->m1 - p->m0;
  Rounded16 x = { .q = (gint16 *) scratch->x, .ldq = p->padded, .ld = p->padded / p->block };

  x.step = (float *) (x.q + n_rows * x.ldq);
  x.total = x.step + n_rows * x.ld;
  x.q += (row - p->m0) * x.ldq;
  x.step += (row - p->m0) * x.ld;
  x.total += (row - p->m0) * x.ld;
  return x;
}

/* --- the steps: every thread rounds some rows, then multiplies all of them by some columns. Where
 * k runs across w's rows, x is multiplied by their sizes first, so that what is rounded is as large
 * as what it will count for. */

static void
size_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  gint64 from, to;

  attune_split (p->padded, 1, worker, n_workers, &from, &to);
  for (gint64 k = from; k < to; k++)
    find_sizes (p)[k] = k < p->n_k ? LEVEL (size_row_int16) (&p->w, p->k0 + k) : 0;
}

INLINE void
round_row (const int block, const Product *p, gint64 row, float limit)
{
  const Rounded16 r = find_row (p, row);
  const float *x = p->x + row * p->k + p->k0, *sizes = find_sizes (p);

  for (int k = 0, i = 0; k < p->n_k; k += block, i++)
    round_block (block, x + k, block == ROW_BLOCK ? NULL : sizes + k, p->n_k - k, limit, r.q + k,
                 r.step + i, r.total + i);
}

static void
round_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  const float limit = largest_of_x (p->w.type, p->block);
  gint64 from, to;

  attune_split (p->m1 - p->m0, 1, worker, n_workers, &from, &to);
  for (gint64 row = p->m0 + from; row < p->m0 + to; row++)
    if (p->transposed)
      round_row (ROW_BLOCK, p, row, limit);
    else
      round_row (COLUMN_BLOCK, p, row, limit);
}

/* @n_rows of x from @row on, with the strips of columns @n0 … @n1. */
static void
multiply_rows (const Product *p, Scratch *scratch, gint64 row, int n_rows, gint64 n0, gint64 n1)
{
  StripProduct16 product = { .transposed = p->transposed,
                             .low = has_low (p->w.type),
                             .n_rows = n_rows,
                             .n_k = p->padded,
                             .x = find_row (p, row),
                             .folded = { .q = scratch->folded,
                                         .step = scratch->folded_step,
                                         .ldq = MAX_K16,
                                         .ld = MAX_COLUMN_BLOCKS },
                             .ldy = p->n,
                             .beta = p->k0 > 0 ? 1 : p->beta };

  for (gint64 n = n0; n < n1; n += STRIP)
    {
      product.strip = find_strip (scratch, (n - n0) / STRIP, p->padded);
      product.y = p->y + row * p->n + n;
      product.columns = MIN (STRIP, n1 - n);
      ROUNDED (multiply_strip_int16) (&product);
    }
}

static void
multiply_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  Scratch *scratch = (Scratch *) p->cpu->scratch[worker];
  const gint64 n_step = BLOCK_BYTES / (p->padded * STRIP_BYTES) * STRIP;
  gint64 n0, n1;
  int rows;

  attune_split (p->n, STRIP, worker, n_workers, &n0, &n1);
  for (; n0 < n1; n0 += n_step)
    {
      const gint64 end = MIN (n0 + n_step, n1);

      for (gint64 n = n0; n < end; n += STRIP)
        {
          Strip16 strip = find_strip (scratch, (n - n0) / STRIP, p->padded);

          LEVEL (pack_int16) (&p->w, p->transposed ? NULL : find_sizes (p), n, p->k0, p->n_k,
                              &strip);
        }
      for (gint64 row = p->m0; row < p->m1; row += rows)
        {
          rows = rows_of_tile (p->m1 - row);
          multiply_rows (p, scratch, row, rows, n0, end);
        }
    }
}

static void
multiply (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, const AttuneTensor *w,
          gboolean transposed, float beta)
{
  Product p = { .cpu = attune_cpu (be),
                .x = x->data,
                .m = attune_tensor_rows (x),
                .n = attune_tensor_columns (y),
                .k = attune_tensor_columns (x),
                .w = stored_tensor (w),
                .transposed = transposed,
                .y = y->data,
                .beta = beta,
                .block = transposed ? ROW_BLOCK : COLUMN_BLOCK };
  gint64 k_step, m_step;

  G_STATIC_ASSERT (X_BYTES > ATTUNE_CPU_SCRATCH_BYTES / 2);
  G_STATIC_ASSERT (MAX_K16 / COLUMN_BLOCK <= MAX_COLUMN_BLOCKS);
  g_return_if_fail (attune_type_has_int16 (w->type));
  if (p.k == 0)
    return;
  /* Parts as equal as they can be. */
  k_step = divide_up (divide_up (p.k, divide_up (p.k, MAX_K16)), COLUMN_BLOCK) * COLUMN_BLOCK;
  for (; p.k0 < p.k; p.k0 += k_step)
    {
      p.n_k = MIN (k_step, p.k - p.k0);
      p.padded = divide_up (p.n_k, p.block) * p.block;
      m_step = X_BYTES / row_bytes (&p);
      if (!transposed)
        attune_cpu_run (p.cpu, (double) p.padded * p.w.columns / CHUNK, size_task, &p);
      for (p.m0 = 0; p.m0 < p.m; p.m0 = p.m1)
        {
          const double values = (double) MIN (m_step, p.m - p.m0) * p.padded;

          p.m1 = MIN (p.m0 + m_step, p.m);
          attune_cpu_run (p.cpu, values / VL, round_task, &p);
          attune_cpu_run (p.cpu, values * p.n / (VL * 6.0), multiply_task, &p);
        }
    }
}

static void
matmul_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, const AttuneTensor *w,
           float beta)
{
  multiply (be, y, x, w, TRUE, beta);
}

static void
matmul_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy, const AttuneTensor *w,
           float beta)
{
  multiply (be, dx, dy, w, FALSE, beta);
}

void
ROUNDED (fill_int16) (AttuneBackend *be)
{
  be->matmul_nt_int16 = matmul_nt;
  be->matmul_nn_int16 = matmul_nn;
}
