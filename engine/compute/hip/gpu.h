/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One kernel source, three targets: the only place that knows how they differ.
 *
 *   hipcc        AMD's GPUs       GPU_TARGET_HIP
 *   nvcc -x cu   NVIDIA's GPUs    GPU_TARGET_CUDA
 *   g++          the CPU, tests   GPU_TARGET_EMULATION   (gpu-emulation.h)
 *
 * Sources are written in HIP: hip… names, gpu_… for what the platforms do differently. Rules that
 * keep one source right on all three:
 *   - a kernel is defined with GPU_KERNEL and launched with GPU_LAUNCH, never with <<<>>>;
 *   - lanes work in groups of GPU_LANES on every target: chips with waves of 64 run two groups in
 *     one wave. Only gpu_shuffle_xor(), never __shfl…() or warpSize;
 *   - every thread of a block reaches every __syncthreads() and gpu_shuffle_xor();
 *   - a kernel's shared memory is one struct, which GPU_SHARED names;
 *   - products are rounded before they are added, but for gpu_fma(): decoded weights have the same
 *     bits everywhere.
 */
#pragma once
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define GPU_LANES 32
#define GPU_KERNEL static __global__ void

#if defined(GPU_EMULATION)
#define GPU_TARGET_EMULATION 1
#define GPU_UNROLL
#include "compute/hip/gpu-emulation.h"

#elif defined(__HIP__)
#define GPU_TARGET_HIP 1
#define GPU_UNROLL _Pragma ("unroll")
#define HIP_DISABLE_WARP_SYNC_BUILTINS 1
#include <hip/hip_runtime.h>
#define GPU_LAUNCH(kernel, grid, block, stream, ...)                                               \
  hipLaunchKernelGGL (kernel, dim3 (grid), dim3 (block), 0, stream, __VA_ARGS__)
#define GPU_SHARED(type, name) __shared__ type name
template <typename T>
static __device__ inline T
gpu_shuffle_xor (T v, int mask)
{
  return __shfl_xor (v, mask, GPU_LANES);
}
static __device__ inline float
gpu_fma (float a, float b, float c)
{
  return fmaf (a, b, c);
}

#elif defined(__CUDACC__)
#define GPU_TARGET_CUDA 1
#define GPU_UNROLL _Pragma ("unroll")
#include <cuda_runtime.h>
/* clang-format off */
#define GPU_LAUNCH(kernel, grid, block, stream, ...)                                               \
  kernel<<<dim3 (grid), dim3 (block), 0, stream>>> (__VA_ARGS__)
/* clang-format on */
#define GPU_SHARED(type, name) __shared__ type name
template <typename T>
static __device__ inline T
gpu_shuffle_xor (T v, int mask)
{
  return __shfl_xor_sync (0xffffffffu, v, mask, GPU_LANES);
}
static __device__ inline float
gpu_fma (float a, float b, float c)
{
  return fmaf (a, b, c);
}

typedef cudaError_t hipError_t;
typedef cudaStream_t hipStream_t;
typedef cudaEvent_t hipEvent_t;
typedef cudaDeviceProp hipDeviceProp_t;
#define hipSuccess cudaSuccess
#define hipErrorOutOfMemory cudaErrorMemoryAllocation
#define hipErrorNotReady cudaErrorNotReady
#define hipMemcpyHostToDevice cudaMemcpyHostToDevice
#define hipMemcpyDeviceToHost cudaMemcpyDeviceToHost
#define hipMemcpyDeviceToDevice cudaMemcpyDeviceToDevice
#define hipStreamNonBlocking cudaStreamNonBlocking
#define hipGetDeviceCount cudaGetDeviceCount
#define hipSetDevice cudaSetDevice
#define hipGetDeviceProperties cudaGetDeviceProperties
#define hipMemGetInfo cudaMemGetInfo
#define hipMalloc cudaMalloc
#define hipFree cudaFree
#define hipMemcpyAsync cudaMemcpyAsync
#define hipMemsetAsync cudaMemsetAsync
#define hipStreamCreateWithFlags cudaStreamCreateWithFlags
#define hipStreamDestroy cudaStreamDestroy
#define hipStreamSynchronize cudaStreamSynchronize
#define hipStreamQuery cudaStreamQuery
#define hipStreamWaitEvent cudaStreamWaitEvent
#define hipEventDisableTiming cudaEventDisableTiming
#define hipEventCreateWithFlags cudaEventCreateWithFlags
#define hipEventRecord cudaEventRecord
#define hipEventDestroy cudaEventDestroy
#define hipGetLastError cudaGetLastError
#define hipGetErrorString cudaGetErrorString
#else
#error "gpu.h: compile with hipcc, with nvcc -x cu, or with g++ -DGPU_EMULATION"
#endif

/* bf16 and f16 as they lie in memory; in registers they are float. */
static __device__ inline float
gpu_from_bf16 (uint16_t bits)
{
  const uint32_t u = (uint32_t) bits << 16;
  float f;

  memcpy (&f, &u, sizeof f);
  return f;
}

/* To nearest even; NaN stays NaN. */
static __device__ inline uint16_t
gpu_to_bf16 (float f)
{
  uint32_t u;

  memcpy (&u, &f, sizeof u);
  if ((u & 0x7fffffffu) > 0x7f800000u)
    return (uint16_t) (u >> 16 | 64);
  return (uint16_t) ((u + 0x7fffu + (u >> 16 & 1)) >> 16);
}

static __device__ inline float
gpu_from_f16 (uint16_t bits)
{
  const uint32_t sign = (uint32_t) (bits & 0x8000) << 16, rest = bits & 0x7fff;
  uint32_t u;
  float f;

  if (rest >= 0x7c00) /* infinite or NaN */
    u = sign | 0x7f800000u | (rest & 0x3ff) << 13;
  else if (rest >= 0x400)
    u = sign | ((rest << 13) + (112u << 23));
  else
    {
      f = (float) rest * 0x1p-24f; /* exact, 0 too */
      memcpy (&u, &f, sizeof u);
      u |= sign;
    }
  memcpy (&f, &u, sizeof f);
  return f;
}

/* To nearest even; what is too large becomes infinite, NaN stays NaN. */
static __device__ inline uint16_t
gpu_to_f16 (float f)
{
  uint32_t u, sign, rest;

  memcpy (&u, &f, sizeof u);
  sign = u >> 16 & 0x8000u;
  u &= 0x7fffffffu;
  if (u > 0x7f800000u)
    return (uint16_t) (sign | 0x7e00u);
  if (u >= 0x47800000u) /* 2^16 and more */
    return (uint16_t) (sign | 0x7c00u);
  if (u >= 0x38800000u) /* 2^-14 and more; a carry may make it infinite */
    return (uint16_t) (sign | (u - 0x38000000u + 0xfffu + (u >> 13 & 1)) >> 13);
  /* a denormal: in units of 2^-24, exact but for the rounding that the sum does */
  memcpy (&f, &u, sizeof f);
  f += 0.5f; /* the unit of 0.5 … 1 is 2^-24 */
  memcpy (&rest, &f, sizeof rest);
  return (uint16_t) (sign | (rest - 0x3f000000u));
}

/* Over the lanes of a group; each gets the result. */
template <typename T>
static __device__ inline T
gpu_lanes_sum (T v)
{
  for (int step = GPU_LANES / 2; step > 0; step /= 2)
    v += gpu_shuffle_xor (v, step);
  return v;
}

/* A NaN wins. */
static __device__ inline float
gpu_larger (float a, float b)
{
  return a > b || isnan (a) ? a : b;
}

static __device__ inline float
gpu_lanes_largest (float v)
{
  for (int step = GPU_LANES / 2; step > 0; step /= 2)
    v = gpu_larger (v, gpu_shuffle_xor (v, step));
  return v;
}

/* Over a block, whose size is a multiple of GPU_LANES; @part: in shared memory, GPU_LANES of them.
 * In the same order always. */
template <typename T>
static __device__ inline T
gpu_block_sum (T v, T *part)
{
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES;

  v = gpu_lanes_sum (v);
  __syncthreads (); /* an earlier call may still read */
  if (lane == 0)
    part[group] = v;
  __syncthreads ();
  v = lane < (int) (blockDim.x / GPU_LANES) ? part[lane] : (T) 0;
  return gpu_lanes_sum (v);
}

static __device__ inline float
gpu_block_largest (float v, float *part)
{
  const int lane = threadIdx.x % GPU_LANES, group = threadIdx.x / GPU_LANES;

  v = gpu_lanes_largest (v);
  __syncthreads ();
  if (lane == 0)
    part[group] = v;
  __syncthreads ();
  v = lane < (int) (blockDim.x / GPU_LANES) ? part[lane] : -INFINITY;
  return gpu_lanes_largest (v);
}

/* The thread's place in a grid of one dimension, and the next one's: for (i = …; i < n; i += …). */
static __device__ inline int64_t
gpu_first (void)
{
  return (int64_t) blockIdx.x * blockDim.x + threadIdx.x;
}

static __device__ inline int64_t
gpu_stride (void)
{
  return (int64_t) gridDim.x * blockDim.x;
}
