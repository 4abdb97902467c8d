/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rotary positions (Su et al. 2021): pair j of a head is turned by position · frequencies[j]. The
 * angles of a row are the same for all its heads, so sine and cosine are computed once a row.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

#define MAX_PAIRS (ATTUNE_CPU_MAX_HEAD_DIM / 2)

typedef struct
{
  gint64 rows, columns;
  float *x;
  const gint32 *positions;
  const float *frequencies;
  AttuneRotation shape;
  float sign;
} Rotation;

/* sin and cos of @x in radians, |x| < 2³⁰, to 1e-7 absolute. The angle is reduced to -π/4 … π/4 in
 * f64: positions are large. Polynomials: Cephes, sinf and cosf. */
INLINE void
vsincos (vf x, vf *sine, vf *cosine)
{
  const vd wide = __builtin_convertvector (x, vd);
  /* Adding and taking away 1.5 · 2⁵² rounds to a whole number. */
  const vd turns = wide * 0.63661977236758134308 + 0x1.8p52 - 0x1.8p52;
  const vf r = __builtin_convertvector (wide - turns * 1.57079632679489661923, vf), r2 = r * r;
  const vi quarter = __builtin_convertvector (turns, vi);
  vf s, c, swapped_s, swapped_c;

  s = vfma (vfma (vset (-1.9515295891e-4f), r2, vset (8.3321608736e-3f)), r2,
            vset (-1.6666654611e-1f));
  s = vfma (s * r2, r, r);
  c = vfma (vfma (vset (2.443315711809948e-5f), r2, vset (-1.388731625493765e-3f)), r2,
            vset (4.166664568298827e-2f));
  c = vfma (c * r2, r2, 1.0f - 0.5f * r2);

  swapped_s = vselect ((quarter & 1) != 0, c, s);
  swapped_c = vselect ((quarter & 1) != 0, s, c);
  *sine = (vf) ((vi) swapped_s ^ ((quarter & 2) << 30));
  *cosine = (vf) ((vi) swapped_c ^ (((quarter + 1) & 2) << 30));
}

INLINE void
turn_halves (float *x, int half, const float *sine, const float *cosine)
{
  for (int j = 0; j < half; j += VL)
    {
      const int left = half - j;
      const vf a = vload_some (x + j, left), b = vload_some (x + half + j, left),
               s = vload (sine + j), c = vload (cosine + j);

      vstore_some (x + j, a * c - b * s, left);
      vstore_some (x + half + j, b * c + a * s, left);
    }
}

/* @sine, @cosine: each value twice, with the sign that its partner needs. */
INLINE void
turn_neighbours (float *x, int n, const float *sine, const float *cosine)
{
  const vi partner = vlane () ^ 1;

  for (int j = 0; j < n; j += VL)
    {
      const int left = n - j;
      const vf a = vload_some (x + j, left);

      vstore_some (
          x + j, a * vload (cosine + j) + __builtin_shuffle (a, partner) * vload (sine + j), left);
    }
}

static void
rotary_task (gpointer data, int worker, int n_workers)
{
  const Rotation *p = data;
  const int half = p->shape.turned / 2, head_dim = p->shape.head_dim;
  const float magnitude = p->shape.magnitude;
  float sine[2 * MAX_PAIRS + VL], cosine[2 * MAX_PAIRS + VL], s[MAX_PAIRS + VL], c[MAX_PAIRS + VL];
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    {
      float *x = p->x + row * p->columns;

      for (int j = 0; j < half; j += VL)
        {
          vf vs, vc;

          /* The angle is rounded to f32, as the models were trained. */
          vsincos ((float) p->positions[row] * vload_some (p->frequencies + j, half - j), &vs, &vc);
          vstore (s + j, vs * (p->sign * magnitude));
          vstore (c + j, vc * magnitude);
        }
      if (p->shape.kind == ATTUNE_ROTARY_HALVES)
        for (gint64 head = 0; head < p->columns; head += head_dim)
          turn_halves (x + head, half, s, c);
      else
        {
          for (int j = 0; j < half; j++)
            {
              sine[2 * j] = -s[j];
              sine[2 * j + 1] = s[j];
              cosine[2 * j] = cosine[2 * j + 1] = c[j];
            }
          for (gint64 head = 0; head < p->columns; head += head_dim)
            turn_neighbours (x + head, 2 * half, sine, cosine);
        }
    }
}

void
LEVEL (rotary) (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
                const float *frequencies, const AttuneRotation *rotation, float sign)
{
  AttuneCpu *cpu = attune_cpu (be);
  Rotation p = { .rows = attune_tensor_rows (x),
                 .columns = attune_tensor_columns (x),
                 .x = x->data,
                 .positions = positions,
                 .frequencies = frequencies,
                 .shape = *rotation,
                 .sign = sign };

  if (rotation->head_dim > ATTUNE_CPU_MAX_HEAD_DIM)
    attune_cpu_fail (cpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                     "Attention heads of %d values are larger than %d", rotation->head_dim,
                     ATTUNE_CPU_MAX_HEAD_DIM);
  else
    attune_cpu_run (cpu, 0.5 * p.rows * p.columns, rotary_task, &p);
}
