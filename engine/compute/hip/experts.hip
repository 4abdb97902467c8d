/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choice of experts for tokens, and what they give put together. Which expert has how many
 * tokens is for the host to know, so the host puts them in order; all else stays on the device.
 */
#include "compute/hip/device.h"

struct Routes
{
  int64_t tokens;
  int n_experts, k;
  bool renormalise;
};

/* The k largest of a token's logits, the first of equal ones; a thread has a token. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK) choose_kernel (int32_t *slots, const float *logits, Routes routes)
{
  for (int64_t t = gpu_first (); t < routes.tokens; t += gpu_stride ())
    {
      const float *x = logits + t * routes.n_experts;
      int32_t *chosen = slots + t * routes.k;

      for (int j = 0; j < routes.k; j++)
        {
          int best = -1;

          for (int i = 0; i < routes.n_experts; i++)
            {
              bool taken = false;

              for (int before = 0; before < j; before++)
                taken = taken || chosen[before] == i;
              if (!taken && (best < 0 || x[i] > x[best]))
                best = i;
            }
          chosen[j] = best;
        }
    }
}

static __device__ inline int
expert_at (const int32_t *starts, int32_t place)
{
  int e = 0;

  while (place >= starts[e + 1])
    e++;
  return e;
}

/* Σ e^(logit - largest) over the chosen, or over all. */
static __device__ inline float
sum_row (const Routes &routes, const float *x, const int32_t *starts, const int32_t *slots,
         float *largest)
{
  float sum = 0.0f;

  *largest = x[expert_at (starts, slots[0])];
  for (int j = 0; routes.renormalise && j < routes.k; j++)
    sum += expf (x[expert_at (starts, slots[j])] - *largest);
  for (int e = 0; !routes.renormalise && e < routes.n_experts; e++)
    sum += expf (x[e] - *largest);
  return sum;
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    weigh_kernel (float *weights, const float *logits, const int32_t *starts, const int32_t *slots,
                  Routes routes)
{
  for (int64_t t = gpu_first (); t < routes.tokens; t += gpu_stride ())
    {
      const float *x = logits + t * routes.n_experts;
      const int32_t *places = slots + t * routes.k;
      float largest;
      const float sum = sum_row (routes, x, starts, places, &largest);

      for (int j = 0; j < routes.k; j++)
        weights[places[j]] = expf (x[expert_at (starts, places[j])] - largest) / sum;
    }
}

static Routes
routes_of (const AttuneTensor *logits, const AttuneRouting *routing)
{
  return Routes{ attune_tensor_rows (logits), routing->n_experts, routing->n_used,
                 routing->renormalise != FALSE };
}

/* From the experts in @slots to their places: an expert's begin where the earlier ones' end. */
static void
put_in_order (gint32 *starts, gint32 *rows, gint32 *slots, const Routes *routes)
{
  const gint64 n = routes->tokens * routes->k;

  memset (starts, 0, (routes->n_experts + 1) * sizeof *starts);
  for (gint64 i = 0; i < n; i++)
    starts[slots[i] + 1]++;
  for (int e = 0; e < routes->n_experts; e++)
    starts[e + 1] += starts[e];
  for (gint64 i = 0; i < n; i++)
    {
      const gint32 place = starts[slots[i]]++;

      rows[place] = (gint32) (i / routes->k);
      slots[i] = place;
    }
  for (int e = routes->n_experts; e > 0; e--) /* they went on to the next one's */
    starts[e] = starts[e - 1];
  starts[0] = 0;
}

static void
gpu_route (AttuneBackend *be, gint32 *starts, gint32 *rows, gint32 *slots,
           const AttuneTensor *weights, const AttuneTensor *logits, const AttuneRouting *routing)
{
  const Routes routes = routes_of (logits, routing);
  const gint64 n = routes.tokens * routes.k;

  memset (slots, 0, n * sizeof *slots); /* sane places, whatever fails */
  {
    GpuCall call (be);
    const float *x = call.in (logits);
    gint32 *chosen = call.result (slots, n);

    if (call.good () && n > 0)
      GPU_LAUNCH (choose_kernel, gpu_grid (routes.tokens), GPU_BLOCK, call.stream, chosen, x,
                  routes);
  } /* the call gives its result at its end */
  put_in_order (starts, rows, slots, &routes);
  GpuCall call (be);
  const float *x = call.in (logits);
  const gint32 *first = call.list (starts, routes.n_experts + 1), *places = call.list (slots, n);
  float *to = call.result ((float *) weights->data, n);

  if (call.good () && n > 0)
    GPU_LAUNCH (weigh_kernel, gpu_grid (routes.tokens), GPU_BLOCK, call.stream, to, x, first,
                places, routes);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    route_backward_kernel (float *dlogits, const float *dweights, const float *weights,
                           const int32_t *starts, const int32_t *slots, const float *logits,
                           Routes routes)
{
  for (int64_t t = gpu_first (); t < routes.tokens; t += gpu_stride ())
    {
      const float *x = logits + t * routes.n_experts;
      const int32_t *places = slots + t * routes.k;
      float *d = dlogits + t * routes.n_experts, mean = 0.0f, largest;
      const float sum = sum_row (routes, x, starts, places, &largest);

      for (int j = 0; j < routes.k; j++)
        mean += weights[places[j]] * dweights[places[j]];
      /* Those that were not chosen count only in the sum, if at all. */
      for (int e = 0; e < routes.n_experts; e++)
        d[e] = routes.renormalise ? 0.0f : -expf (x[e] - largest) / sum * mean;
      for (int j = 0; j < routes.k; j++)
        d[expert_at (starts, places[j])] = weights[places[j]] * (dweights[places[j]] - mean);
    }
}

static void
gpu_route_backward (AttuneBackend *be, const AttuneTensor *dlogits, const AttuneTensor *dweights,
                    const AttuneTensor *weights, const gint32 *starts, const gint32 *slots,
                    const AttuneTensor *logits, const AttuneRouting *routing)
{
  const Routes routes = routes_of (logits, routing);
  const gint64 n = routes.tokens * routes.k;
  GpuCall call (be);
  const float *dw = call.list ((const float *) dweights->data, n),
              *w = call.list ((const float *) weights->data, n), *x = call.in (logits);
  const gint32 *first = call.list (starts, routes.n_experts + 1), *places = call.list (slots, n);
  float *to = call.out (dlogits);

  if (call.good () && n > 0)
    GPU_LAUNCH (route_backward_kernel, gpu_grid (routes.tokens), GPU_BLOCK, call.stream, to, dw, w,
                first, places, x, routes);
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    combine_kernel (float *y, const float *x, const float *weights, const int32_t *slots,
                    int64_t rows, int64_t columns, int k)
{
  for (int64_t i = gpu_first (); i < rows * columns; i += gpu_stride ())
    for (int j = 0; j < k; j++)
      {
        const int64_t row = i / columns, slot = slots != NULL ? slots[row * k + j] : row;

        y[i] = gpu_fma (weights != NULL ? weights[slot] : 1.0f, x[slot * columns + i % columns],
                        y[i]);
      }
}

static void
gpu_combine (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
             const AttuneTensor *weights, const gint32 *slots, int k)
{
  const gint64 rows = attune_tensor_rows (y), columns = attune_tensor_columns (y), n = rows * k;
  GpuCall call (be);
  const float *from = call.in (x),
              *w = weights != NULL ? call.list ((const float *) weights->data, n) : NULL;
  const gint32 *places = call.list (slots, n);
  float *to = call.inout (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (combine_kernel, gpu_grid (rows * columns), GPU_BLOCK, call.stream, to, from, w,
                places, rows, columns, k);
}

struct SlotSum
{
  float part[GPU_LANES];
};

/* A block a slot of a row; dx may be x. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    combine_backward_kernel (float *dx, float *dweights, const float *dy, const float *x,
                             const float *weights, const int32_t *slots, int64_t columns, int k)
{
  GPU_SHARED (SlotSum, shared);
  const int64_t row = blockIdx.x / k,
                slot = slots != NULL ? (int64_t) slots[blockIdx.x] : (int64_t) row;
  const float weight = weights[slot];
  float sum = 0.0f;

  for (int64_t i = threadIdx.x; i < columns; i += GPU_BLOCK)
    {
      const float d = dy[row * columns + i];

      sum = gpu_fma (d, x[slot * columns + i], sum);
      dx[slot * columns + i] = d * weight;
    }
  sum = gpu_block_sum (sum, shared.part);
  if (threadIdx.x == 0)
    dweights[slot] = sum;
}

static void
gpu_combine_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dweights,
                      const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *weights,
                      const gint32 *slots, int k)
{
  const gint64 columns = attune_tensor_columns (dy), n = attune_tensor_rows (dy) * k;
  GpuCall call (be);
  const float *d = call.in (dy), *from = call.in (x),
              *w = call.list ((const float *) weights->data, n);
  const gint32 *places = call.list (slots, n);
  float *to = call.inout (dx), *dw = call.state ((float *) dweights->data, n);

  if (call.good () && n > 0)
    GPU_LAUNCH (combine_backward_kernel, dim3 ((unsigned) n), GPU_BLOCK, call.stream, to, dw, d,
                from, w, places, columns, k);
}

void
gpu_fill_experts (AttuneBackend *be)
{
  be->route = gpu_route;
  be->route_backward = gpu_route_backward;
  be->combine = gpu_combine;
  be->combine_backward = gpu_combine_backward;
}
