/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes before products in 8 bits: x rounded in blocks, and w laid out in the order in which
 * it is read.
 */
#include "compute/cpu/rounded.h"
#include "compute/cpu/entries.h"

#define NS_PER_VALUE 0.1

/* Stores whole numbers from -127 to 127 as bytes; returns their sum. */
INLINE gint32
store_bytes (gint8 *q, vi whole)
{
#if ATTUNE_LEVEL == 4
  _mm_storeu_si128 ((__m128i *) q, _mm512_cvtepi32_epi8 ((__m512i) whole));
  return _mm512_reduce_add_epi32 ((__m512i) whole);
#else
  gint32 sum = 0;

  for (int i = 0; i < VL; i++)
    {
      q[i] = (gint8) whole[i];
      sum += q[i];
    }
  return sum;
#endif
}

static void
round_block (AttuneRounded *r, const float *x)
{
  vf values[BLOCK / VL], most = { 0 }, check = { 0 };
  float largest, inverse;
  gint32 sum = 0, first = 0;

  for (int i = 0; i < BLOCK / VL; i++)
    {
      values[i] = vload (x + i * VL);
      most = vmax (vmax (values[i], -values[i]), most);
      check += values[i] * 0.0f; /* NaN where a value is none or infinite */
    }
  largest = vlargest (most);
  /* What is next to nothing is nothing: its inverse would be infinite. */
  inverse = largest > 1e-30f ? 127.0f / largest : 0.0f;
  for (int i = 0; i < BLOCK / VL; i++)
    {
      const vf whole = vround (values[i] * inverse);

      if (i == BLOCK / VL / 2)
        first = sum;
      /* What is no number becomes 0; the scale says that it was none. */
      sum += store_bytes (
          r->q + i * VL, __builtin_convertvector (vselect (whole == whole, whole, (vf) { 0 }), vi));
    }
  r->scale = (inverse > 0.0f ? largest * (1.0f / 127.0f) : 0.0f) + vsum (check);
  r->sum = r->scale * sum;
  r->first = r->scale * first;
}

typedef struct
{
  gint64 blocks;
  AttuneRounded *r;
  const float *x;
} Rounding;

static void
round_task (gpointer data, int worker, int n_workers)
{
  const Rounding *p = data;
  gint64 from, to;

  attune_split (p->blocks, 8, worker, n_workers, &from, &to);
  for (gint64 i = from; i < to; i++)
    round_block (p->r + i, p->x + i * BLOCK);
}

void
LEVEL (round) (AttuneBackend *be, AttuneRounded *r, const AttuneTensor *x)
{
  Rounding p = { .blocks = attune_tensor_count (x) / BLOCK, .r = r, .x = x->data };

  attune_cpu_run (attune_cpu (be), NS_PER_VALUE * p.blocks * BLOCK, round_task, &p);
}

typedef struct
{
  AttuneTensor w;
  char *packed;
} Packing;

static void
pack_task (gpointer data, int worker, int n_workers)
{
  const Packing *p = data;
  const AttuneType type = p->w.type;
  const gint64 n = attune_tensor_rows (&p->w), columns = attune_tensor_columns (&p->w);
  const gsize row_bytes = attune_type_bytes (type, columns);
  const int size = rounded_unit_bytes (type), n_halves = count_halves (type),
            halves_at = find_halves (type), words_at = halves_at > 0 ? 0 : 2 * n_halves;
  gint64 from, to;

  attune_split (attune_packed_bytes (&p->w) / row_bytes, VL, worker, n_workers, &from, &to);
  to = MIN (to, n);
  for (gint64 row = from; row < to; row++)
    for (gint64 b = 0; b < columns / rounded_unit_values (type); b++)
      {
        const gint64 lane = row % VL;
        const char *source = (const char *) p->w.data + row * row_bytes + b * size;
        char *group = p->packed + (row - lane) * row_bytes + b * VL * size;

        for (int i = 0; i < n_halves; i++)
          memcpy (group + 2 * (VL * i + lane), source + halves_at + 2 * i, 2);
        group += 2 * VL * n_halves;
        for (int i = 0; i < (size - 2 * n_halves) / 4; i++)
          memcpy (group + 4 * (VL * i + lane), source + words_at + 4 * i, 4);
      }
}

void
LEVEL (pack_rounded) (AttuneBackend *be, void *packed, const AttuneTensor *w)
{
  Packing p = { *w, packed };

  /* Rows that fill up the last group are zeros: memory fresh from alloc() has them. */
  attune_cpu_run (attune_cpu (be), G_MAXDOUBLE, pack_task, &p);
}
