/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rotary positions: a thread turns one pair of one head.
 */
#include "compute/hip/device.h"

struct Turn
{
  bool halves;
  int head_dim, half;
  float magnitude, sign;
};

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    rotary_kernel (float *x, const int32_t *positions, const float *frequencies, Turn turn,
                   int64_t n_pairs, int heads, int64_t columns)
{
  for (int64_t i = gpu_first (); i < n_pairs; i += gpu_stride ())
    {
      const int j = (int) (i % turn.half);
      const int64_t head = i / turn.half % heads, row = i / turn.half / heads;
      float *p = x + row * columns + head * turn.head_dim;
      float *a = turn.halves ? p + j : p + 2 * j, *b = turn.halves ? a + turn.half : a + 1;
      /* The angle is rounded to f32, as the models were trained. */
      const float angle = (float) positions[row] * frequencies[j], va = *a, vb = *b;
      const float c = turn.magnitude * cosf (angle), s = turn.magnitude * turn.sign * sinf (angle);

      *a = va * c - vb * s;
      *b = vb * c + va * s;
    }
}

static void
gpu_rotary (AttuneBackend *be, const AttuneTensor *x, const gint32 *positions,
            const float *frequencies, const AttuneRotation *rotation, float sign)
{
  const gint64 rows = attune_tensor_rows (x), columns = attune_tensor_columns (x);
  const int heads = (int) (columns / rotation->head_dim), half = rotation->turned / 2;
  const Turn turn = { rotation->kind == ATTUNE_ROTARY_HALVES, rotation->head_dim, half,
                      rotation->magnitude, sign };
  GpuCall call (be);
  const gint32 *where = call.list (positions, rows);
  const float *angles = call.list (frequencies, half);
  float *p = call.inout (x);

  if (call.good () && rows > 0 && half > 0)
    GPU_LAUNCH (rotary_kernel, gpu_grid (rows * heads * half), GPU_BLOCK, call.stream, p, where,
                angles, turn, rows * heads * half, heads, columns);
}

void
gpu_fill_rotary (AttuneBackend *be)
{
  be->rotary = gpu_rotary;
}
