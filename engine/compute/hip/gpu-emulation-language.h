/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What HIP adds to C++, for the emulated GPU. Part of gpu-emulation.h.
 */
#pragma once
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <sys/mman.h>
#if !defined(__x86_64__) || defined(GPU_EMU_UCONTEXT)
#include <ucontext.h>
#define GPU_EMU_UC(...) __VA_ARGS__
#define GPU_EMU_X64(...)
#else
#define GPU_EMU_UC(...)
#define GPU_EMU_X64(...) __VA_ARGS__
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#define GPU_EMU_ASAN(...) __VA_ARGS__
#else
#define GPU_EMU_ASAN(...)
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define GPU_EMU_TSAN(...) __VA_ARGS__
#else
#define GPU_EMU_TSAN(...)
#endif

#define __global__
#define __device__
#define __host__
#define __constant__ static
#define __forceinline__ inline __attribute__ ((always_inline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__ ((aligned (n)))
#define GPU_SHARED(type, name)                                                                     \
  type &name = *static_cast<type *> (gpu_emu::take_shared (sizeof (type)))
#define GPU_EMU_RAW __attribute__ ((no_sanitize ("address", "undefined", "thread")))
#define GPU_EMU_HERE const char *file = __builtin_FILE (), int line = __builtin_LINE ()

struct dim3
{
  unsigned x, y, z;
  constexpr
  dim3 (unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1)
      : x (x_), y (y_), z (z_)
  {
  }
};
struct uint3
{
  unsigned x, y, z;
};
struct alignas (16) uint4
{
  unsigned x, y, z, w;
};
struct alignas (16) float4
{
  float x, y, z, w;
};
static inline float4
make_float4 (float x, float y, float z, float w)
{
  return { x, y, z, w };
}
static inline float
rsqrtf (float x)
{
  return 1.f / sqrtf (x);
}
static inline float
gpu_fma (float a, float b, float c)
{
  return a * b + c;
}
using std::max;
using std::min;

inline uint3 threadIdx, blockIdx;
inline dim3 blockDim, gridDim;
