/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gated activations, and their slopes.
 */
#include "compute/hip/device.h"

/* Beyond it tanh is 1 in f32, and x³ of large x is not a number that f32 holds. */
#define GELU_FLAT 10.0f

/* The function's value at @x. */
static __device__ inline float
gate_value (int kind, float x, float *slope)
{
  const float s = 1.0f / (1.0f + expf (-x)), rest = 1.0f / (1.0f + expf (x));

  if (kind == ATTUNE_GATE_SIGMOID)
    {
      *slope = s * rest;
      return s;
    }
  if (kind == ATTUNE_GATE_SILU)
    {
      *slope = s + x * s * rest;
      return x / (1.0f + expf (-x));
    }
  if (kind == ATTUNE_GATE_GELU)
    {
      const float share = 0.5f * erfcf (x * -0.70710678f);

      *slope = share + x * expf (-0.5f * x * x) * 0.39894228f;
      return x * share;
    }
  if (fabsf (x) > GELU_FLAT)
    {
      *slope = x > 0.0f ? 1.0f : 0.0f;
      return x > 0.0f ? x : -0.0f;
    }
  /* ½ (1 + tanh u) = 1 / (1 + e^(-2u)), which keeps its digits where it is near zero. */
  const float root = 0.79788456f, u = root * (x + 0.044715f * x * x * x);
  const float share = 1.0f / (1.0f + expf (-2.0f * u)), other = 1.0f / (1.0f + expf (2.0f * u));

  *slope = share + 2.0f * x * share * other * root * (1.0f + 3.0f * 0.044715f * x * x);
  return x * share;
}

GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    gated_forward_kernel (float *y, const float *gate, const float *up, int kind, int64_t n)
{
  float slope;

  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      const float value = gate_value (kind, gate[i], &slope);

      y[i] = up != NULL ? value * up[i] : value;
    }
}

static void
gpu_gated_forward (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *gate,
                   const AttuneTensor *up, AttuneGate kind)
{
  const gint64 n = attune_tensor_count (y);
  GpuCall call (be);
  const float *g = call.in (gate), *u = call.in (up);
  float *to = call.out (y);

  if (call.good () && n > 0)
    GPU_LAUNCH (gated_forward_kernel, gpu_grid (n), GPU_BLOCK, call.stream, to, g, u, (int) kind,
                n);
}

/* dgate or dup may be dy: an element is read before it is written. */
GPU_KERNEL
__launch_bounds__ (GPU_BLOCK)
    gated_backward_kernel (float *dgate, float *dup, const float *dy, const float *gate,
                           const float *up, int kind, int64_t n)
{
  for (int64_t i = gpu_first (); i < n; i += gpu_stride ())
    {
      const float d = dy[i];
      float slope;
      const float value = gate_value (kind, gate[i], &slope);

      dgate[i] = up != NULL ? d * up[i] * slope : d * slope;
      if (dup != NULL)
        dup[i] = d * value;
    }
}

static void
gpu_gated_backward (AttuneBackend *be, const AttuneTensor *dgate, const AttuneTensor *dup,
                    const AttuneTensor *dy, const AttuneTensor *gate, const AttuneTensor *up,
                    AttuneGate kind)
{
  const gint64 n = attune_tensor_count (dy);
  GpuCall call (be);
  const float *d = call.in (dy), *g = call.in (gate), *u = call.in (up);
  float *dg = call.out (dgate), *du = up != NULL ? call.out (dup) : NULL;

  if (call.good () && n > 0)
    GPU_LAUNCH (gated_backward_kernel, gpu_grid (n), GPU_BLOCK, call.stream, dg, du, d, g, u,
                (int) kind, n);
}

void
gpu_fill_gated (AttuneBackend *be)
{
  be->gated_forward = gpu_gated_forward;
  be->gated_backward = gpu_gated_backward;
}
