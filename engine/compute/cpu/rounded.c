/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products in 8 bits, for generation. A group of VL rows of w is read once for all rows of x: one
 * row of x, or as many as answers are written at once, meet it in registers; for others, some of
 * its blocks are laid out first and stay in the first-level cache. Sums run over the blocks in
 * their order, so a row's result does not depend on how many rows there are, nor on the threads.
 *
 * Built once more for level 3 with AVX-VNNI and for level 4 with AVX512-VNNI, which x86-64-v3 and
 * x86-64-v4 do not promise.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/rounded-load-super.h"

/* Blocks laid out at once: 10 KB at level 4, which leaves room for x. */
#define PANEL_BLOCKS 16
/* Rows of x whose sums stay in registers. */
#define TILE_ROWS (ATTUNE_LEVEL == 4 ? 8 : 4)
/* How far ahead of its use w is asked for where it lies in rows: processors do not foresee that so
 * many are read at once. Two groups ahead, within these bounds: nearer comes late, farther falls
 * out of the cache. Packed weights are one stream, which processors fetch best unasked: asking for
 * every line of it cost a tenth to a third of the memory's rate on a Zen 4. But in a super-block's
 * 1 to 2 KB they are read to and fro: asked for, Q6_K took less than half the time on a Zen 3. */
#define AHEAD_GROUPS 2
#define AHEAD_BYTES (96 << 10)

typedef struct
{
  const guint8 *w; /* the first of VL rows; packed: all of them */
  gboolean packed;
  gsize row_bytes;
  int n_blocks; /* in a row */
  const AttuneRounded *x;
  int n_rows;
  float *y; /* the first row's first value of the group */
  gint64 ldy;
  int n_lanes; /* rows of w that are there; the others are not written */
  float beta;
} Group;

INLINE gint32
quad (const AttuneRounded *x, int j)
{
  gint32 word;

  memcpy (&word, x->q + 4 * j, sizeof word);
  return word;
}

/* Σ over quads @from … @to, of which there are 4 or 8. */
INLINE vi
dot_quads (const Kind kind, const RoundedBlock *w, const AttuneRounded *x, int from, int to)
{
  vi c = { 0 };

#ifdef HAS_PAIRS
  if (kind != KIND_WIDE)
    {
      /* What 16 bits hold: 4 · 2 · 31 · 127, or 2 · 2 · 63 · 127. */
      const int together = kind == KIND_HALVED ? 2 : 4;

#pragma GCC unroll 4
      for (int j = from; j < to; j += together)
        {
          vh pairs = { 0 };

#pragma GCC unroll 4
          for (int i = j; i < j + together; i++)
            pairs += multiply_pairs (w->q[i], quad (x, i) - (vi) { 0 });
          c += join_pairs (pairs);
        }
      return c;
    }
#endif
#pragma GCC unroll 8
  for (int j = from; j < to; j++)
    c = dot_quad (kind == KIND_WIDE, c, w->q[j], quad (x, j));
  return c;
}

/* Adds the block's products with @m rows of x, which lie @ldx blocks apart. */
INLINE void
add_block (const Kind kind, const int m, vf sum[], const RoundedBlock *w, const AttuneRounded *x,
           gsize ldx)
{
#pragma GCC unroll 8
  for (int i = 0; i < m; i++)
    {
      const AttuneRounded *r = x + i * ldx;

      if (kind == KIND_HALVED)
        {
          const vi first = dot_quads (kind, w, r, 0, QUADS / 2),
                   second = dot_quads (kind, w, r, QUADS / 2, QUADS);

          sum[i] = vfma (w->d * r->scale, __builtin_convertvector (first, vf), sum[i]);
          sum[i] = vfma (w->d2 * r->scale, __builtin_convertvector (second, vf), sum[i]);
          sum[i] = vfma (w->m, vset (r->first), sum[i]);
          sum[i] = vfma (w->m2, vset (r->sum - r->first), sum[i]);
          continue;
        }
      sum[i] = vfma (w->d * r->scale,
                     __builtin_convertvector (dot_quads (kind, w, r, 0, QUADS), vf), sum[i]);
      if (kind == KIND_NARROW || WIDE_OFFSET != 0)
        sum[i] = vfma (w->m, vset (r->sum), sum[i]);
    }
}

/* Asks for the lines from @asked to @until; returns where they end. */
INLINE const guint8 *
ask_ahead (const guint8 *asked, const guint8 *until)
{
  for (; asked < until; asked += 64)
    __builtin_prefetch (asked, 0, 2);
  return asked;
}

INLINE int
blocks_in_unit (const AttuneType type)
{
  return is_super (type) ? 8 : 1;
}

/* Bytes of BLOCK values of VL rows, or a little less. */
INLINE gsize
block_step (const AttuneType type)
{
  return VL * (gsize) rounded_unit_bytes (type) * BLOCK / rounded_unit_values (type);
}

INLINE gsize
find_ahead (const Group *g)
{
  const gsize group = VL * g->row_bytes;

  return group * AHEAD_GROUPS < AHEAD_BYTES ? group * AHEAD_GROUPS : AHEAD_BYTES;
}

/* Block @chunk of unit @unit; see blocks_in_unit(). */
INLINE void
load (const AttuneType type, const gboolean packed, RoundedBlock *block, const Group *g, int unit,
      int chunk)
{
  if (is_super (type))
    load_super_block (type, packed, block, g->w, g->row_bytes, unit, chunk);
  else if (packed)
    load_packed_block (type, block, g->w, unit);
  else
    load_block (type, block, g->w, g->row_bytes, unit);
}

/* All @m rows of x, a constant of at most TILE_ROWS. */
INLINE void
multiply_rows (const AttuneType type, const gboolean packed, const int m, const Group *g)
{
  const gsize step = block_step (type);
  /* A super-block's are unrolled where one answer is written: the places of their scales are then
   * constants. Everywhere it would take the compiler minutes. */
  const int unit = blocks_in_unit (type), blocks = packed && m == 1 ? unit : 1;
  const guint8 *asked = g->w + find_ahead (g), *until = asked;
  vf sum[TILE_ROWS];

#pragma GCC unroll 8
  for (int i = 0; i < m; i++)
    sum[i] = g->beta != 0.0f ? vload_some (g->y + i * g->ldy, g->n_lanes) : (vf) { 0 };
  for (int b = 0; b < g->n_blocks; b += blocks)
    {
      until += step * blocks;
      if (!packed || m > 1 || is_super (type))
        asked = ask_ahead (asked, until);
#pragma GCC unroll 8
      for (int i = 0; i < blocks; i++)
        {
          RoundedBlock block;

          load (type, packed, &block, g, b / unit, blocks > 1 ? i : b % unit);
          add_block (find_kind (type), m, sum, &block, g->x + b + i, g->n_blocks);
        }
    }
#pragma GCC unroll 8
  for (int i = 0; i < m; i++)
    vstore_some (g->y + i * g->ldy, sum[i], g->n_lanes);
}

/* Blocks @b0 … @b0 + @n of the group. */
INLINE void
lay_out (const AttuneType type, const gboolean packed, RoundedBlock *panel, const Group *g, int b0,
         int n)
{
  const gsize step = block_step (type);
  const guint8 *asked = g->w + find_ahead (g) + b0 * step, *until = asked;

  for (int b = 0; b < n; b++)
    {
      until += step;
      asked = ask_ahead (asked, until);
      load (type, packed, panel + b, g, (b0 + b) / blocks_in_unit (type),
            (b0 + b) % blocks_in_unit (type));
    }
}

/* @m rows of x and y with a panel; @again: what the blocks before gave stands in y. */
INLINE void
multiply_panel (const Kind kind, const int m, const RoundedBlock *panel, int n,
                const AttuneRounded *x, gsize ldx, float *y, const Group *g, gboolean again)
{
  vf sum[TILE_ROWS];

  for (int i = 0; i < m; i++)
    sum[i] = again ? vload_some (y + i * g->ldy, g->n_lanes) : (vf) { 0 };
  for (int b = 0; b < n; b++)
    add_block (kind, m, sum, panel + b, x + b, ldx);
  for (int i = 0; i < m; i++)
    vstore_some (y + i * g->ldy, sum[i], g->n_lanes);
}

typedef void (*MultiplyPanel) (const RoundedBlock *panel, int n, const AttuneRounded *x, gsize ldx,
                               float *y, const Group *g, gboolean again);

#define DEFINE_KIND(name, kind, m)                                                                 \
  static void multiply_##name##_##m (const RoundedBlock *panel, int n, const AttuneRounded *x,     \
                                     gsize ldx, float *y, const Group *g, gboolean again)          \
  {                                                                                                \
    multiply_panel (kind, m, panel, n, x, ldx, y, g, again);                                       \
  }
#define DEFINE(m)                                                                                  \
  DEFINE_KIND (narrow, KIND_NARROW, m)                                                             \
  DEFINE_KIND (wide, KIND_WIDE, m)                                                                 \
  DEFINE_KIND (halved, KIND_HALVED, m)
DEFINE (1)
DEFINE (2)
DEFINE (3)
DEFINE (4)
#if ATTUNE_LEVEL == 4
DEFINE (5)
DEFINE (6)
DEFINE (7)
DEFINE (8)
#endif
#undef DEFINE
#undef DEFINE_KIND

/* For 1 … TILE_ROWS rows. */
static const MultiplyPanel tiles[N_KINDS][TILE_ROWS] = {
#if ATTUNE_LEVEL == 4
#define ROW(name)                                                                                  \
  { multiply_##name##_1, multiply_##name##_2, multiply_##name##_3, multiply_##name##_4,            \
    multiply_##name##_5, multiply_##name##_6, multiply_##name##_7, multiply_##name##_8 }
#else
#define ROW(name)                                                                                  \
  { multiply_##name##_1, multiply_##name##_2, multiply_##name##_3, multiply_##name##_4 }
#endif
  [KIND_NARROW] = ROW (narrow),
  [KIND_WIDE] = ROW (wide),
  [KIND_HALVED] = ROW (halved),
#undef ROW
};

INLINE void
multiply_group (const AttuneType type, const gboolean packed, const Group *g)
{
  RoundedBlock panel[PANEL_BLOCKS];

  if (g->n_rows == 1)
    {
      multiply_rows (type, packed, 1, g);
      return;
    }
  if (packed && g->n_rows == TILE_ROWS)
    {
      multiply_rows (type, packed, TILE_ROWS, g);
      return;
    }
  for (int b = 0; b < g->n_blocks; b += PANEL_BLOCKS)
    {
      const int n = MIN (PANEL_BLOCKS, g->n_blocks - b);

      lay_out (type, packed, panel, g, b, n);
      for (int i = 0; i < g->n_rows; i += TILE_ROWS)
        tiles[find_kind (type)][MIN (TILE_ROWS, g->n_rows - i) - 1](
            panel, n, g->x + (gsize) i * g->n_blocks + b, g->n_blocks, g->y + i * g->ldy, g,
            b > 0 || g->beta != 0.0f);
    }
}

#define DEFINE(suffix, type)                                                                       \
  static void multiply_##suffix (const Group *g)                                                   \
  {                                                                                                \
    if (g->packed)                                                                                 \
      multiply_group (type, TRUE, g);                                                              \
    else                                                                                           \
      multiply_group (type, FALSE, g);                                                             \
  }
FOR_EACH_ROUNDED_TYPE (DEFINE)
#undef DEFINE

static void
multiply_any (AttuneType type, const Group *g)
{
  switch (type)
    {
#define CASE(suffix, type)                                                                         \
  case type:                                                                                       \
    multiply_##suffix (g);                                                                         \
    break;
      FOR_EACH_ROUNDED_TYPE (CASE)
#undef CASE
    default:
      g_assert_not_reached ();
    }
}

typedef struct
{
  AttuneCpu *cpu;
  int n_products;
  const AttuneTensor *y, *w;
  const void *const *packed; /* (nullable) */
  const AttuneRounded *x;
  float beta;
  gint64 n_groups; /* of all products */
} Product;

static gint64
count_groups (const AttuneTensor *w)
{
  return (attune_tensor_rows (w) + VL - 1) / VL;
}

/* Groups @from … @to of one product. */
static void
multiply_groups (const Product *p, int i, gint64 from, gint64 to, char *scratch)
{
  const AttuneTensor *w = &p->w[i], *y = &p->y[i];
  const gint64 n = attune_tensor_rows (w), columns = attune_tensor_columns (w);
  Group g = { .row_bytes = attune_type_bytes (w->type, columns),
              .n_blocks = columns / BLOCK,
              .x = p->x,
              .n_rows = attune_tensor_rows (y),
              .ldy = n,
              .n_lanes = VL,
              .beta = p->beta };
  const char *packed = p->packed != NULL ? p->packed[i] : NULL;

  for (gint64 group = from; group < to; group++)
    {
      g.packed = packed != NULL;
      g.w = (const guint8 *) (g.packed ? packed : w->data) + group * VL * g.row_bytes;
      g.y = (float *) y->data + group * VL;
      g.n_lanes = MIN (VL, n - group * VL);
      if (g.n_lanes < VL && !g.packed)
        {
          /* Beyond the last row may lie nothing: the rows that are there, with zeros behind. */
          memcpy (scratch, g.w, g.n_lanes * g.row_bytes);
          memset (scratch + g.n_lanes * g.row_bytes, 0, (VL - g.n_lanes) * g.row_bytes);
          g.w = (const guint8 *) scratch;
        }
      multiply_any (w->type, &g);
    }
}

static void
multiply_task (gpointer data, int worker, int n_workers)
{
  const Product *p = data;
  gint64 from, to;

  attune_split (p->n_groups, 1, worker, n_workers, &from, &to);
  for (int i = 0; i < p->n_products; i++)
    {
      const gint64 n = count_groups (&p->w[i]);

      multiply_groups (p, i, CLAMP (from, 0, n), CLAMP (to, 0, n), p->cpu->scratch[worker]);
      from -= n;
      to -= n;
    }
}

void
ROUNDED (matmul_rounded) (AttuneBackend *be, int n, const AttuneTensor *y, const AttuneRounded *x,
                          const AttuneTensor *w, const void *const *packed, float beta)
{
  Product p = {
    .cpu = attune_cpu (be), .n_products = n, .y = y, .w = w, .packed = packed, .x = x, .beta = beta
  };
  double work = 0;

  for (int i = 0; i < n; i++)
    {
      const gint64 row_bytes = attune_type_bytes (w[i].type, attune_tensor_columns (&w[i]));

      if (row_bytes > ATTUNE_CPU_SCRATCH_BYTES / VL)
        {
          attune_cpu_fail (p.cpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                           "A row of %" G_GINT64_FORMAT
                           " weights is longer than this version can do",
                           attune_tensor_columns (&w[i]));
          return;
        }
      p.n_groups += count_groups (&w[i]);
      work += attune_tensor_count (&w[i]) * (0.05 + 0.01 * attune_tensor_rows (&y[i]));
    }
  attune_cpu_run (p.cpu, work, multiply_task, &p);
}

void
ROUNDED (fill_rounded) (AttuneBackend *be)
{
  be->matmul_rounded = ROUNDED (matmul_rounded);
}
