/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Dropout and noise, from the same Philox streams as everywhere (core/random.h): block b of a
 * stream gives its values 4 b … 4 b + 3, so that every thread draws its own.
 */
#include "compute/hip/device.h"

#include "core/random.h"

struct Draw
{
  uint32_t words[4];
};

static __device__ inline Draw
philox (uint64_t seed, uint32_t purpose, uint64_t step, uint32_t block)
{
  Draw c = { { block, purpose, (uint32_t) step, (uint32_t) (step >> 32) } };
  uint32_t k0 = (uint32_t) seed, k1 = (uint32_t) (seed >> 32);

  for (int round = 0; round < 10; round++)
    {
      const uint64_t p0 = (uint64_t) 0xD2511F53u * c.words[0],
                     p1 = (uint64_t) 0xCD9E8D57u * c.words[2];
      const uint32_t c1 = c.words[1], c3 = c.words[3];

      c.words[0] = (uint32_t) (p1 >> 32) ^ c1 ^ k0;
      c.words[1] = (uint32_t) p1;
      c.words[2] = (uint32_t) (p0 >> 32) ^ c3 ^ k1;
      c.words[3] = (uint32_t) p0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  return c;
}

/* A thread draws a block, for the four elements that it decides about. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    dropout_kernel (float *y, const float *x, int64_t n, float factor, uint32_t threshold,
                    uint64_t seed, uint64_t step, uint64_t offset)
{
  const int64_t first = (int64_t) (offset / 4), blocks = (int64_t) ((offset + n + 3) / 4) - first;

  for (int64_t b = gpu_first (); b < blocks; b += gpu_stride ())
    {
      const Draw draw = philox (seed, ATTUNE_RANDOM_DROPOUT, step, (uint32_t) (first + b));

      for (int i = 0; i < 4; i++)
        {
          const int64_t at = (first + b) * 4 + i - (int64_t) offset;

          if (at >= 0 && at < n)
            y[at] = x[at] * (draw.words[i] >= threshold ? factor : 0.0f);
        }
    }
}

static void
gpu_dropout (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x, float rate,
             guint64 seed, guint64 step, guint64 offset)
{
  const gint64 n = attune_tensor_count (x);
  GpuCall call (be);
  const float *from = call.in (x);
  float *to = call.out (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (dropout_kernel, gpu_grid (n / 4 + 2), GPU_BLOCK, call.stream, to, from, n,
                1.0f / (1.0f - rate), (uint32_t) (rate * 0x1p32), seed, step, offset);
}

/* A block a row, a thread a pair of values. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) noise_kernel (float *x, const int32_t *segments, int64_t columns,
                                            float alpha, uint64_t seed, uint64_t step)
{
  const int64_t row = blockIdx.x;
  int segment = 0;
  double most;

  while (row >= segments[segment + 1])
    segment++;
  most = alpha / sqrt ((double) (segments[segment + 1] - segments[segment]) * columns);
  for (int64_t pair = threadIdx.x; pair < (columns + 1) / 2; pair += blockDim.x)
    {
      const Draw draw = philox (seed, ATTUNE_RANDOM_NOISE, (step << 24) + row, (uint32_t) pair);

      for (int i = 0; i < 2; i++)
        if (2 * pair + i < columns)
          {
            const uint64_t high = draw.words[2 * i] >> 5, low = draw.words[2 * i + 1] >> 6;
            const double uniform = (high * 67108864.0 + low) / 9007199254740992.0;
            float *to = x + row * columns + 2 * pair + i;

            *to = (float) (*to + (2.0 * uniform - 1.0) * most);
          }
    }
}

static void
gpu_add_noise (AttuneBackend *be, const AttuneTensor *x, const gint32 *segments, int n, float alpha,
               guint64 seed, guint64 step)
{
  GpuCall call (be);
  const gint32 *starts = call.list (segments, n + 1);
  float *p = call.inout (x);

  if (call.good () && segments[n] > 0)
    GPU_LAUNCH (noise_kernel, dim3 ((unsigned) segments[n]), GPU_BLOCK, call.stream, p, starts,
                attune_tensor_columns (x), alpha, seed, step);
}

void
gpu_fill_random (AttuneBackend *be)
{
  be->dropout = gpu_dropout;
  be->add_noise = gpu_add_noise;
}
