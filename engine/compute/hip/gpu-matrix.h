/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products of 16 x 16 x 16 tiles in bf16, or in f16 where HALF, with sums in f32, on the matrix
 * units of chips that have them. A wave (GPU_WAVE threads: 32 or 64) works on one tile; which lane
 * holds what is the chip's affair, so that only these functions look into fragments.
 *
 * Tiles lie in shared memory, rows @ld values apart, a multiple of 8. Blocks are multiples of 64.
 * Source of the layouts: AMD's instruction set manuals, as llama.cpp's mma.cuh has them. No chip
 * has run them yet; a device whose first products are wrong does without: see rounded-products.hip.
 */
#pragma once
#include "compute/hip/gpu.h"

#if defined(__gfx908__) || defined(__gfx90a__) || defined(__gfx940__) || defined(__gfx941__)       \
    || defined(__gfx942__)
#define GPU_WAVE 64
#if !defined(__gfx908__)
#define GPU_MATRIX_MFMA 1
#endif
#elif defined(__GFX9__) || defined(__GFX8__)
#define GPU_WAVE 64
#else
#define GPU_WAVE 32
#endif
#if defined(__GFX11__)
#define GPU_MATRIX_WMMA 1
#endif

#if defined(GPU_TARGET_CUDA)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <mma.h>

template <bool HALF> struct GpuNumber
{
  typedef __nv_bfloat16 type;
};
template <> struct GpuNumber<true>
{
  typedef __half type;
};
template <bool HALF> struct GpuTileA
{
  nvcuda::wmma::fragment<nvcuda::wmma::matrix_a, 16, 16, 16, typename GpuNumber<HALF>::type,
                         nvcuda::wmma::row_major>
      f;
};
template <bool HALF> struct GpuTileB
{
  nvcuda::wmma::fragment<nvcuda::wmma::matrix_b, 16, 16, 16, typename GpuNumber<HALF>::type,
                         nvcuda::wmma::row_major>
      f;
};
struct GpuTileC
{
  nvcuda::wmma::fragment<nvcuda::wmma::accumulator, 16, 16, 16, float> f;
};

static __device__ inline void
gpu_tile_clear (GpuTileC &c)
{
  nvcuda::wmma::fill_fragment (c.f, 0.0f);
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileA<HALF> &a, const uint16_t *s, int ld)
{
  nvcuda::wmma::load_matrix_sync (a.f, reinterpret_cast<const typename GpuNumber<HALF>::type *> (s),
                                  ld);
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileB<HALF> &b, const uint16_t *s, int ld)
{
  nvcuda::wmma::load_matrix_sync (b.f, reinterpret_cast<const typename GpuNumber<HALF>::type *> (s),
                                  ld);
}

template <bool HALF>
static __device__ inline void
gpu_tile_multiply (GpuTileC &c, const GpuTileA<HALF> &a, const GpuTileB<HALF> &b)
{
  nvcuda::wmma::mma_sync (c.f, a.f, b.f, c.f);
}

static __device__ inline void
gpu_tile_store (float *s, int ld, const GpuTileC &c)
{
  nvcuda::wmma::store_matrix_sync (s, c.f, ld, nvcuda::wmma::mem_row_major);
}

#elif defined(GPU_MATRIX_MFMA)
/* lane l: a[l % 16][4 (l / 16) + i], b[4 (l / 16) + i][l % 16], c[4 (l / 16) + i][l % 16], i < 4 */
typedef short gpu_s4 __attribute__ ((ext_vector_type (4)));
typedef _Float16 gpu_h4 __attribute__ ((ext_vector_type (4)));
typedef float gpu_f4 __attribute__ ((ext_vector_type (4)));
template <bool HALF> struct GpuTileA
{
  gpu_s4 v;
};
template <bool HALF> struct GpuTileB
{
  gpu_s4 v;
};
struct GpuTileC
{
  gpu_f4 v;
};

static __device__ inline void
gpu_tile_clear (GpuTileC &c)
{
  c.v = (gpu_f4) 0.0f;
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileA<HALF> &a, const uint16_t *s, int ld)
{
  const int l = threadIdx.x % 64;

  GPU_UNROLL
  for (int i = 0; i < 4; i++)
    a.v[i] = (short) s[l % 16 * ld + l / 16 * 4 + i];
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileB<HALF> &b, const uint16_t *s, int ld)
{
  const int l = threadIdx.x % 64;

  GPU_UNROLL
  for (int i = 0; i < 4; i++)
    b.v[i] = (short) s[(l / 16 * 4 + i) * ld + l % 16];
}

template <bool HALF>
static __device__ inline void
gpu_tile_multiply (GpuTileC &c, const GpuTileA<HALF> &a, const GpuTileB<HALF> &b)
{
  if (HALF)
    c.v = __builtin_amdgcn_mfma_f32_16x16x16f16 ((gpu_h4) a.v, (gpu_h4) b.v, c.v, 0, 0, 0);
  else
    c.v = __builtin_amdgcn_mfma_f32_16x16x16bf16_1k (a.v, b.v, c.v, 0, 0, 0);
}

static __device__ inline void
gpu_tile_store (float *s, int ld, const GpuTileC &c)
{
  const int l = threadIdx.x % 64;

  GPU_UNROLL
  for (int i = 0; i < 4; i++)
    s[(l / 16 * 4 + i) * ld + l % 16] = c.v[i];
}

#elif defined(GPU_MATRIX_WMMA)
/* lane l: a[l % 16][i], b[i][l % 16], i < 16; c[2 i + l / 16][l % 16], i < 8 */
typedef short gpu_s16 __attribute__ ((ext_vector_type (16)));
typedef _Float16 gpu_h16 __attribute__ ((ext_vector_type (16)));
typedef float gpu_f8 __attribute__ ((ext_vector_type (8)));
template <bool HALF> struct GpuTileA
{
  gpu_s16 v;
};
template <bool HALF> struct GpuTileB
{
  gpu_s16 v;
};
struct GpuTileC
{
  gpu_f8 v;
};

static __device__ inline void
gpu_tile_clear (GpuTileC &c)
{
  c.v = (gpu_f8) 0.0f;
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileA<HALF> &a, const uint16_t *s, int ld)
{
  GPU_UNROLL
  for (int i = 0; i < 16; i++)
    a.v[i] = (short) s[threadIdx.x % 16 * ld + i];
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileB<HALF> &b, const uint16_t *s, int ld)
{
  GPU_UNROLL
  for (int i = 0; i < 16; i++)
    b.v[i] = (short) s[i * ld + threadIdx.x % 16];
}

template <bool HALF>
static __device__ inline void
gpu_tile_multiply (GpuTileC &c, const GpuTileA<HALF> &a, const GpuTileB<HALF> &b)
{
  if (HALF)
    c.v = __builtin_amdgcn_wmma_f32_16x16x16_f16_w32 ((gpu_h16) a.v, (gpu_h16) b.v, c.v);
  else
    c.v = __builtin_amdgcn_wmma_f32_16x16x16_bf16_w32 (a.v, b.v, c.v);
}

static __device__ inline void
gpu_tile_store (float *s, int ld, const GpuTileC &c)
{
  const int l = threadIdx.x % 32;

  GPU_UNROLL
  for (int i = 0; i < 8; i++)
    s[(2 * i + l / 16) * ld + l % 16] = c.v[i];
}

#else
/* One instruction, where gpu_from_f16() takes registers that are not there. */
static __device__ inline float
gpu_half_value (uint16_t bits)
{
#if defined(GPU_TARGET_HIP)
  _Float16 value;

  memcpy (&value, &bits, sizeof value);
  return (float) value;
#else
  return gpu_from_f16 (bits);
#endif
}

/* No matrix unit: 256 / GPU_WAVE sums a lane, straight from shared memory. */
template <bool HALF> struct GpuTileA
{
  const uint16_t *s;
  int ld;
};
template <bool HALF> struct GpuTileB
{
  const uint16_t *s;
  int ld;
};
struct GpuTileC
{
  float v[256 / GPU_WAVE];
};

static __device__ inline void
gpu_tile_clear (GpuTileC &c)
{
  GPU_UNROLL
  for (int i = 0; i < 256 / GPU_WAVE; i++)
    c.v[i] = 0.0f;
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileA<HALF> &a, const uint16_t *s, int ld)
{
  a.s = s;
  a.ld = ld;
}

template <bool HALF>
static __device__ inline void
gpu_tile_load (GpuTileB<HALF> &b, const uint16_t *s, int ld)
{
  b.s = s;
  b.ld = ld;
}

template <bool HALF>
static __device__ inline void
gpu_tile_multiply (GpuTileC &c, const GpuTileA<HALF> &a, const GpuTileB<HALF> &b)
{
  GPU_UNROLL
  for (int i = 0; i < 256 / GPU_WAVE; i++)
    {
      const int e = i * GPU_WAVE + threadIdx.x % GPU_WAVE;

      for (int k = 0; k < 16; k++)
        {
          const uint16_t x = a.s[e / 16 * a.ld + k], y = b.s[k * b.ld + e % 16];

          c.v[i] = HALF ? gpu_fma (gpu_half_value (x), gpu_half_value (y), c.v[i])
                        : gpu_fma (gpu_from_bf16 (x), gpu_from_bf16 (y), c.v[i]);
        }
    }
}

static __device__ inline void
gpu_tile_store (float *s, int ld, const GpuTileC &c)
{
  GPU_UNROLL
  for (int i = 0; i < 256 / GPU_WAVE; i++)
    {
      const int e = i * GPU_WAVE + threadIdx.x % GPU_WAVE;

      s[e / 16 * ld + e % 16] = c.v[i];
    }
}
#endif
