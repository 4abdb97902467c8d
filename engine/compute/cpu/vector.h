/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Vectors of f32 as wide as the level has them, and the few operations that C cannot say. Private
 * to compute/cpu.
 *
 * Arithmetic is written with GCC's vector extension: a + b, a * b. Fused multiply-adds are always
 * asked for by name, so that a level computes the same whatever the compiler would like to fuse.
 */
#pragma once
#include <glib.h>
#include <math.h>
#include <string.h>

#if ATTUNE_LEVEL >= 2
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#if ATTUNE_LEVEL == 4
#define VL 16 /* lanes */
#elif ATTUNE_LEVEL == 3
#define VL 8
#else
#define VL 4
#endif

typedef float vf __attribute__ ((vector_size (4 * VL)));
typedef gint32 vi __attribute__ ((vector_size (4 * VL)));
typedef guint32 vu __attribute__ ((vector_size (4 * VL)));
typedef guint64 vul __attribute__ ((vector_size (4 * VL))); /* VL / 2 lanes */
typedef double vd __attribute__ ((vector_size (8 * VL)));   /* VL lanes, two registers */

/* The same at any address. */
typedef float vf_any __attribute__ ((vector_size (4 * VL), aligned (4), may_alias));
typedef gint32 vi_any __attribute__ ((vector_size (4 * VL), aligned (4), may_alias));

#define INLINE static inline __attribute__ ((always_inline))

INLINE vf
vload (const float *p)
{
  return *(const vf_any *) p;
}

INLINE void
vstore (float *p, vf x)
{
  *(vf_any *) p = x;
}

/* x in every lane; x - 0 is x for every x, so the compiler leaves only the broadcast. */
INLINE vf
vset (float x)
{
  return x - (vf) { 0 };
}

/* The first @n lanes, the rest 0; reads nothing beyond. */
INLINE vf
vload_some (const float *p, gint64 n)
{
#if ATTUNE_LEVEL == 4
  if (G_LIKELY (n >= VL))
    return vload (p);
  return (vf) _mm512_maskz_loadu_ps ((1u << n) - 1, p);
#else
  vf x = { 0 };

  if (G_LIKELY (n >= VL))
    return vload (p);
  for (int i = 0; i < n; i++)
    x[i] = p[i];
  return x;
#endif
}

INLINE void
vstore_some (float *p, vf x, gint64 n)
{
  if (G_LIKELY (n >= VL))
    {
      vstore (p, x);
      return;
    }
#if ATTUNE_LEVEL == 4
  _mm512_mask_storeu_ps (p, (1u << n) - 1, (__m512) x);
#else
  for (int i = 0; i < n; i++)
    p[i] = x[i];
#endif
}

/* @a in the lanes where @mask is -1, @b where it is 0. */
INLINE vf
vselect (vi mask, vf a, vf b)
{
  return (vf) ((mask & (vi) a) | (~mask & (vi) b));
}

/* a · b + c, rounded once where the level can. */
INLINE vf
vfma (vf a, vf b, vf c)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_fmadd_ps ((__m512) a, (__m512) b, (__m512) c);
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_fmadd_ps ((__m256) a, (__m256) b, (__m256) c);
#elif defined(__ARM_NEON)
  return (vf) vfmaq_f32 ((float32x4_t) c, (float32x4_t) a, (float32x4_t) b);
#else
  return a * b + c;
#endif
}

/* The larger; @b where either is a NaN. */
INLINE vf
vmax (vf a, vf b)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_max_ps ((__m512) a, (__m512) b);
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_max_ps ((__m256) a, (__m256) b);
#elif ATTUNE_LEVEL == 2
  return (vf) _mm_max_ps ((__m128) a, (__m128) b);
#else
  return vselect (a > b, a, b);
#endif
}

/* The smaller; @b where either is a NaN. */
INLINE vf
vmin (vf a, vf b)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_min_ps ((__m512) a, (__m512) b);
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_min_ps ((__m256) a, (__m256) b);
#elif ATTUNE_LEVEL == 2
  return (vf) _mm_min_ps ((__m128) a, (__m128) b);
#else
  return vselect (a < b, a, b);
#endif
}

INLINE vf
vsqrt (vf x)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_sqrt_ps ((__m512) x);
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_sqrt_ps ((__m256) x);
#elif ATTUNE_LEVEL == 2
  return (vf) _mm_sqrt_ps ((__m128) x);
#else
  for (int i = 0; i < VL; i++)
    x[i] = sqrtf (x[i]);
  return x;
#endif
}

/* To the nearest whole number, for |x| < 2²². */
INLINE vf
vround (vf x)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_roundscale_ps ((__m512) x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif ATTUNE_LEVEL == 3
  return (vf) _mm256_round_ps ((__m256) x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif ATTUNE_LEVEL == 2
  return (vf) _mm_round_ps ((__m128) x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  return x + 0x1.8p23f - 0x1.8p23f;
#endif
}

/* The lane's number. */
INLINE vi
vlane (void)
{
  vi lane;

  for (int i = 0; i < VL; i++)
    lane[i] = i;
  return lane;
}

/* The 64-bit products of the even lanes. */
INLINE vul
vmul_even (vu a, vu b)
{
#if ATTUNE_LEVEL == 4
  return (vul) _mm512_mul_epu32 ((__m512i) a, (__m512i) b);
#elif ATTUNE_LEVEL == 3
  return (vul) _mm256_mul_epu32 ((__m256i) a, (__m256i) b);
#elif ATTUNE_LEVEL == 2
  return (vul) _mm_mul_epu32 ((__m128i) a, (__m128i) b);
#else
  return ((vul) a & 0xffffffff) * ((vul) b & 0xffffffff);
#endif
}

/* x and y lane by lane in turn: the first half of both, or the second. */
INLINE vf
vzip (vf x, vf y, const gboolean second)
{
  const vi lane = vlane ();

  return __builtin_shuffle (x, y, (lane >> 1) + (lane & 1) * VL + (second ? VL / 2 : 0));
}

/* Transposes VL vectors: blocks of half the size change places, then their halves, down to single
 * lanes. */
INLINE void
vtranspose (vf r[VL])
{
  const vi lane = vlane ();

#pragma GCC unroll 4
  for (int d = VL / 2; d > 0; d /= 2)
    {
      const vi second = (lane & d) != 0; /* -1 in the lanes that come from the second vector */
      const vi keep_low = lane + (second & (VL - d)), keep_high = lane + d + (second & (VL - d));

#pragma GCC unroll 16
      for (int i = 0; i < VL; i++)
        if ((i & d) == 0)
          {
            const vf a = r[i], b = r[i + d];

            r[i] = __builtin_shuffle (a, b, keep_low);
            r[i + d] = __builtin_shuffle (a, b, keep_high);
          }
    }
}

/* Sum and largest of all lanes, in the order of a tree. */
INLINE float
vsum (vf x)
{
#if ATTUNE_LEVEL == 4
  return _mm512_reduce_add_ps ((__m512) x);
#else
  for (int half = VL / 2; half > 0; half /= 2)
    for (int i = 0; i < half; i++)
      x[i] += x[i + half];
  return x[0];
#endif
}

INLINE double
vsum_double (vf x)
{
  double sum = 0.0;

  for (int i = 0; i < VL; i++)
    sum += x[i];
  return sum;
}

INLINE float
vlargest (vf x)
{
#if ATTUNE_LEVEL == 4
  return _mm512_reduce_max_ps ((__m512) x);
#else
  float largest = x[0];

  for (int i = 1; i < VL; i++)
    largest = MAX (largest, x[i]);
  return largest;
#endif
}

/* x where the lane's number is below @n, else @other. */
INLINE vf
vkeep (vf x, gint64 n, vf other)
{
  return n >= VL ? x : vselect (vlane () < (gint32) n, x, other);
}

/* x · 2^n for whole n; x in ½ … 2, n in -160 … 130. */
INLINE vf
vscale (vf x, vf n)
{
#if ATTUNE_LEVEL == 4
  return (vf) _mm512_scalef_ps ((__m512) x, (__m512) n);
#else
  /* In two steps: 2^n itself may be no normal number. */
  const vi whole = __builtin_convertvector (n, vi), half = whole >> 1;

  return x * (vf) ((half + 127) << 23) * (vf) ((whole - half + 127) << 23);
#endif
}

/* e^x to 1.2e-7 relative; 0 below -104, infinity above 88.8; NaN stays NaN.
 * Polynomial: Cephes, expf. */
INLINE vf
vexp (vf x)
{
  vf n, r, p;

  /* The bound comes first: it is @b that a NaN leaves. */
  x = vmin (vset (89.0f), vmax (vset (-105.0f), x));
#if ATTUNE_LEVEL < 4
  const vf is_nan = x; /* the conversion to whole numbers below would lose it */
#endif
  n = vround (x * 1.44269504f);
  r = vfma (n, vset (-0.693359375f), x);
  r = vfma (n, vset (2.12194440e-4f), r);
  p = vset (1.9875691500e-4f);
  p = vfma (p, r, vset (1.3981999507e-3f));
  p = vfma (p, r, vset (8.3334519073e-3f));
  p = vfma (p, r, vset (4.1665795894e-2f));
  p = vfma (p, r, vset (1.6666665459e-1f));
  p = vfma (p, r, vset (0.5f));
  p = vfma (p * r, r, r + 1.0f);
#if ATTUNE_LEVEL < 4
  return vselect (is_nan == is_nan, vscale (p, n), is_nan);
#else
  return vscale (p, n);
#endif
}

/* 1 / (1 + e^-x), and @rest: 1 minus that, without the cancellation. */
INLINE vf
vsigmoid (vf x, vf *rest)
{
  const vf e = vexp (vmin (vset (88.0f), -x)), s = 1.0f / (1.0f + e); /* 88: e stays finite */

  *rest = e * s;
  return s;
}

/* tanh x to 2e-7 absolute. */
INLINE vf
vtanh (vf x)
{
  vf rest;
  const vf s = vsigmoid (2.0f * vmax (vset (-40.0f), x), &rest);

  return s - rest;
}
