/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizers' step on flat vectors, with the moments in f32 or in 8 bits, and the sum of
 * squares for clipping.
 */
#include "compute/hip/device.h"

/* Blocks of a sum: their parts are added in order, so that it does not depend on chance. */
#define SUM_BLOCKS 256

struct SquareSums
{
  double part[GPU_LANES];
};

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) squares_kernel (double *parts, const float *x, int64_t n)
{
  GPU_SHARED (SquareSums, shared);
  double sum = 0.0;

  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    sum += (double) x[i] * x[i];
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    parts[blockIdx.x] = sum;
}

static double
gpu_sum_squares (AttuneBackend *be, const AttuneTensor *x)
{
  const gint64 n = attune_tensor_count (x);
  const int blocks = (int) CLAMP ((n + GPU_BLOCK - 1) / GPU_BLOCK, 1, SUM_BLOCKS);
  double parts[SUM_BLOCKS] = { 0.0 }, sum = 0.0;

  {
    GpuCall call (be);
    const float *from = call.in (x);
    double *to = call.result (parts, blocks);

    if (call.good () && n > 0)
      GPU_LAUNCH (squares_kernel, dim3 ((unsigned) blocks), GPU_BLOCK, call.stream, to, from, n);
    else
      return 0.0;
  } /* the call gives its result at its end */
  for (int i = 0; i < blocks; i++)
    sum += parts[i];
  return sum;
}

struct Update
{
  int kind;
  float beta1, beta2, rest1, rest2; /* rest: 1 - beta, rounded once */
  float eps, gradient_scale, rate;
  float pull;  /* weight decay that is part of the gradient */
  float decay; /* 1 - learning rate · weight decay, of those that decay by themselves */
  float step_size, root_correction;
};

static Update
update_of (AttuneOptimizer kind, const AttuneAdamW *step)
{
  const bool apart = kind == ATTUNE_OPTIMIZER_ADAMW || kind == ATTUNE_OPTIMIZER_LION;
  Update p;

  p.kind = kind;
  p.beta1 = (float) step->beta1;
  p.beta2 = (float) step->beta2;
  p.rest1 = (float) (1.0 - step->beta1);
  p.rest2 = (float) (1.0 - step->beta2);
  p.eps = (float) step->eps;
  p.gradient_scale = (float) step->gradient_scale;
  p.rate = (float) step->learning_rate;
  p.pull = apart ? 0.0f : (float) step->weight_decay;
  p.decay = apart ? (float) (1.0 - step->learning_rate * step->weight_decay) : 1.0f;
  p.step_size = (float) (step->learning_rate / (1.0 - pow (step->beta1, (double) step->step)));
  p.root_correction = (float) (1.0 / sqrt (1.0 - pow (step->beta2, (double) step->step)));
  return p;
}

/* What is taken from w; changes a and b. */
static __device__ inline float
find_step (const Update &p, float g, float *a, float *b)
{
  float delta;

  switch (p.kind)
    {
    case ATTUNE_OPTIMIZER_LION:
      delta = p.beta1 * *a + p.rest1 * g;
      *a = p.beta2 * *a + p.rest2 * g;
      return delta > 0.0f ? p.rate : delta < 0.0f ? -p.rate : 0.0f;
    case ATTUNE_OPTIMIZER_SGD:
      *a = p.beta1 * *a + g;
      return p.rate * *a;
    case ATTUNE_OPTIMIZER_ADAGRAD:
      *a += g * g;
      return p.rate * g / (sqrtf (*a) + p.eps);
    case ATTUNE_OPTIMIZER_RMSPROP:
      *a = p.beta2 * *a + p.rest2 * g * g;
      return p.rate * g / (sqrtf (*a) + p.eps);
    case ATTUNE_OPTIMIZER_ADADELTA:
      *a = p.beta2 * *a + p.rest2 * g * g;
      delta = sqrtf (*b + p.eps) / sqrtf (*a + p.eps) * g;
      *b = p.beta2 * *b + p.rest2 * delta * delta;
      return p.rate * delta;
    default: /* Adam's, with either decay */
      *a = p.beta1 * *a + p.rest1 * g;
      *b = p.beta2 * *b + p.rest2 * g * g;
      return p.step_size * *a / (sqrtf (*b) * p.root_correction + p.eps);
    }
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    update_kernel (float *w, float *a, float *b, const float *g, Update p, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      float first = a[i], second = b != NULL ? b[i] : 0.0f;
      const float weight = w[i];
      const float step = find_step (p, g[i] * p.gradient_scale + p.pull * weight, &first, &second);

      a[i] = first;
      if (b != NULL)
        b[i] = second;
      w[i] = weight * p.decay - step;
    }
}

static void
gpu_update (AttuneBackend *be, const AttuneTensor *w, const AttuneTensor *a, const AttuneTensor *b,
            const AttuneTensor *g, AttuneOptimizer kind, const AttuneAdamW *step)
{
  const gint64 n = attune_tensor_count (w);
  GpuCall call (be);
  const float *gradient = call.in (g);
  float *weights = call.inout (w), *first = call.state ((float *) a->data, n),
        *second = b != NULL ? call.state ((float *) b->data, n) : NULL;

  if (call.good () && n > 0)
    GPU_LAUNCH (update_kernel, gpu_grid (n), GPU_BLOCK, call.stream, weights, first, second,
                gradient, update_of (kind, step), n);
}

/* --- moments in 8 bits: a block a block of them, a thread a value */

struct Largest
{
  float part[GPU_LANES];
};

/* As attune_dynamic_nearest() finds it. */
static __device__ inline uint8_t
nearest (const float *table, float x)
{
  int low = 0, high = 255;

  while (low < high)
    {
      const int middle = (low + high) / 2;

      if (x > (table[middle] + table[middle + 1]) / 2.0f)
        low = middle + 1;
      else
        high = middle;
    }
  return (uint8_t) low;
}

GPU_KERNEL
__launch_bounds__ (ATTUNE_MOMENTS_BLOCK)
    adamw_8bit_kernel (float *w, AttuneMoments8 *moments, const float *g, const float *table,
                       const float *unsigned_table, Update p, int64_t n)
{
  GPU_SHARED (Largest, shared);
  const int64_t i = (int64_t) blockIdx.x * ATTUNE_MOMENTS_BLOCK + threadIdx.x;
  AttuneMoments8 *m = moments + blockIdx.x;
  const bool inside = i < n;
  float first = 0.0f, second = 0.0f, most;

  if (inside)
    {
      const float gradient = g[i] * p.gradient_scale;

      first = table[m->first[threadIdx.x]] * m->first_largest;
      second = unsigned_table[m->second[threadIdx.x]] * m->second_largest;
      w[i] = w[i] * p.decay - find_step (p, gradient, &first, &second);
    }
  most = gpu_block_largest (fabsf (first), shared.part); /* and all have read the old ones */
  if (threadIdx.x == 0)
    m->first_largest = most;
  if (inside)
    m->first[threadIdx.x] = nearest (table, first * (1.0f / (most > 1e-38f ? most : 1e-38f)));
  most = gpu_block_largest (fabsf (second), shared.part);
  if (threadIdx.x == 0)
    m->second_largest = most;
  if (inside)
    m->second[threadIdx.x]
        = nearest (unsigned_table, second * (1.0f / (most > 1e-38f ? most : 1e-38f)));
}

static void
gpu_adamw_8bit (AttuneBackend *be, const AttuneTensor *w, AttuneMoments8 *moments,
                const AttuneTensor *g, const AttuneAdamW *step)
{
  const gint64 n = attune_tensor_count (w),
               blocks = (n + ATTUNE_MOMENTS_BLOCK - 1) / ATTUNE_MOMENTS_BLOCK;
  GpuCall call (be);
  const float *gradient = call.in (g), *table = call.list (attune_dynamic_table, 256),
              *unsigned_table = call.list (attune_dynamic_unsigned_table, 256);
  float *weights = call.inout (w);
  AttuneMoments8 *state = call.state (moments, blocks);

  if (call.good () && n > 0)
    GPU_LAUNCH (adamw_8bit_kernel, dim3 ((unsigned) blocks), ATTUNE_MOMENTS_BLOCK, call.stream,
                weights, state, gradient, table, unsigned_table,
                update_of (ATTUNE_OPTIMIZER_ADAMW, step), n);
}

void
gpu_fill_optimizer (AttuneBackend *be)
{
  be->sum_squares = gpu_sum_squares;
  be->update = gpu_update;
  be->adamw_8bit = gpu_adamw_8bit;
}
