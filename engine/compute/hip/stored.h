/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stored types on the device: one value out of its block, to the bits of compute/blocks.c and
 * blocks-k.c, where the layouts are. Neighbouring threads read neighbouring values of a block.
 */
#pragma once
#include "compute/hip/device.h"

/* A tensor's bytes as a kernel reads them. */
struct GpuStored
{
  int type;
  const uint8_t *data;
  const float *dynamic; /* attune_dynamic_table; of …_DOUBLE the rest, too */
  const float *second;
  float offset;
  int64_t first_block; /* of the tensor that @second is for */
};

/* The others need tables that are not on the device. */
static inline bool
gpu_can_read (AttuneType type)
{
  switch ((int) type)
    {
    case ATTUNE_TYPE_IQ2_XXS:
    case ATTUNE_TYPE_IQ2_XS:
    case ATTUNE_TYPE_IQ3_XXS:
    case ATTUNE_TYPE_IQ1_S:
    case ATTUNE_TYPE_IQ3_S:
    case ATTUNE_TYPE_IQ2_S:
    case ATTUNE_TYPE_IQ1_M:
      return false;
    default:
      return true;
    }
}

static __device__ inline unsigned
stored_u16 (const uint8_t *p)
{
  return p[0] | p[1] << 8;
}

static __device__ inline float
stored_f16 (const uint8_t *p)
{
  return gpu_from_f16 ((uint16_t) stored_u16 (p));
}

static __device__ inline float
stored_f32 (const uint8_t *p)
{
  const uint32_t bits = stored_u16 (p) | (uint32_t) stored_u16 (p + 2) << 16;
  float f;

  memcpy (&f, &bits, sizeof f);
  return f;
}

/* The low or high four bits of byte i or i - 16 of @q: value @i of 32. */
static __device__ inline int
stored_nibble (const uint8_t *q, int i)
{
  return q[i % 16] >> i / 16 * 4 & 15;
}

static __device__ inline int
stored_five (const uint8_t *high, int i)
{
  return stored_nibble (high + 4, i) | (high[i / 8] >> i % 8 & 1) << 4;
}

static __device__ inline float
stored_q2_k (const uint8_t *p, int i)
{
  const int chunk = i / 32;
  const uint8_t scale = p[i / 16], q = p[16 + chunk / 4 * 32 + i % 32];
  const float step = stored_f16 (p + 80) * (scale & 15), low = stored_f16 (p + 82) * (scale >> 4);

  return step * (q >> chunk % 4 * 2 & 3) - low;
}

static __device__ inline float
stored_q3_k (const uint8_t *p, int i)
{
  const int chunk = i / 32, s = i / 16;
  const uint8_t *scales = p + 96;
  const uint8_t q = p[32 + chunk / 4 * 32 + i % 32];
  const int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4,
            high = scales[8 + s % 4] >> s / 4 * 2 & 3;
  const float step = stored_f16 (p + 108) * ((low | high << 4) - 32);

  return step * ((q >> chunk % 4 * 2 & 3) - (p[i % 32] >> chunk & 1 ? 0 : 4));
}

/* The step and minimum of a chunk of Q4_K or Q5_K. */
static __device__ inline void
stored_q4_k_scale (const uint8_t *p, int chunk, float *step, float *low)
{
  const uint8_t *s = p + 4;
  int scale, least;

  if (chunk < 4)
    {
      scale = s[chunk] & 63;
      least = s[chunk + 4] & 63;
    }
  else
    {
      scale = (s[chunk + 4] & 15) | s[chunk - 4] >> 6 << 4;
      least = s[chunk + 4] >> 4 | s[chunk] >> 6 << 4;
    }
  *step = stored_f16 (p) * scale;
  *low = stored_f16 (p + 2) * least;
}

static __device__ inline float
stored_q4_k (const uint8_t *p, int i)
{
  const int chunk = i / 32;
  float step, low;

  stored_q4_k_scale (p, chunk, &step, &low);
  return step * (p[16 + chunk / 2 * 32 + i % 32] >> chunk % 2 * 4 & 15) - low;
}

static __device__ inline float
stored_q5_k (const uint8_t *p, int i)
{
  const int chunk = i / 32;
  const uint8_t q = p[48 + chunk / 2 * 32 + i % 32];
  float step, low;

  stored_q4_k_scale (p, chunk, &step, &low);
  return step * ((q >> chunk % 2 * 4 & 15) | (p[16 + i % 32] >> chunk & 1) << 4) - low;
}

static __device__ inline float
stored_q6_k (const uint8_t *p, int i)
{
  const int n = i / 128, j = i / 32 % 4;
  const uint8_t low = p[64 * n + 32 * (j % 2) + i % 32], high = p[128 + 32 * n + i % 32];
  const float step = stored_f16 (p + 208) * (int8_t) p[192 + i / 16];

  return step * (((low >> j / 2 * 4 & 15) | (high >> 2 * j & 3) << 4) - 32);
}

static __device__ inline float
stored_tq1_0 (const uint8_t *p, int i)
{
  uint8_t q, power = 1;
  int digit;

  if (i < 160)
    {
      q = p[i % 32];
      digit = i / 32;
    }
  else if (i < 240)
    {
      q = p[32 + (i - 160) % 16];
      digit = (i - 160) / 16;
    }
  else
    {
      q = p[48 + (i - 240) % 4];
      digit = (i - 240) / 4;
    }
  for (; digit > 0; digit--)
    power *= 3;
  q = (uint8_t) (q * power);
  return stored_f16 (p + 52) * ((q * 3 >> 8) - 1);
}

static __device__ inline float
stored_iq4 (int q)
{
  static const float table[16]
      = { -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113 };

  return table[q];
}

static __device__ inline float
stored_iq4_xs (const uint8_t *p, int i)
{
  const int chunk = i / 32;
  const int scale
      = (p[4 + chunk / 2] >> chunk % 2 * 4 & 15) | (stored_u16 (p + 2) >> 2 * chunk & 3) << 4;

  return stored_f16 (p) * (scale - 32) * stored_iq4 (stored_nibble (p + 8 + 16 * chunk, i % 32));
}

static __device__ inline float
stored_mxfp4 (const uint8_t *p, int i)
{
  static const float table[16] = { 0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12 };
  const uint32_t bits = p[0] < 2 ? 0x00200000u << p[0] : (uint32_t) (p[0] - 1) << 23;
  float d;

  memcpy (&d, &bits, sizeof d);
  return d * table[stored_nibble (p + 1, i)];
}

static __device__ inline float
stored_four_bits (const GpuStored &w, int64_t i)
{
  static const float nf4[16] = { -1.0f,
                                 -0.6961928009986877f,
                                 -0.5250730514526367f,
                                 -0.39491748809814453f,
                                 -0.28444138169288635f,
                                 -0.18477343022823334f,
                                 -0.09105003625154495f,
                                 0.0f,
                                 0.07958029955625534f,
                                 0.16093020141124725f,
                                 0.24611230194568634f,
                                 0.33791524171829224f,
                                 0.44070982933044434f,
                                 0.5626170039176941f,
                                 0.7229568362236023f,
                                 1.0f };
  static const float fp4[16]
      = { 0.0f, 0.0625f / 12,  8.0f / 12,  1.0f,  4.0f / 12,  0.5f,  2.0f / 12,  0.25f,
          0.0f, -0.0625f / 12, -8.0f / 12, -1.0f, -4.0f / 12, -0.5f, -2.0f / 12, -0.25f };
  const bool doubled = w.type == ATTUNE_TYPE_NF4_DOUBLE || w.type == ATTUNE_TYPE_FP4_DOUBLE;
  const int64_t block = i / ATTUNE_FOUR_BITS_BLOCK, of_all = w.first_block + block;
  const uint8_t *p = w.data + block * (doubled ? 33 : 36);
  const int at = (int) (i % ATTUNE_FOUR_BITS_BLOCK), q = p[at / 2] >> (at % 2 ? 0 : 4) & 15;
  const float largest = doubled
                            ? w.dynamic[p[32]] * w.second[of_all / ATTUNE_SECOND_BLOCK] + w.offset
                            : stored_f32 (p + 32);

  return (w.type == ATTUNE_TYPE_NF4 || w.type == ATTUNE_TYPE_NF4_DOUBLE ? nf4[q] : fp4[q])
         * largest;
}

/* Value @i of the tensor. */
static __device__ inline float
stored_value (const GpuStored &w, int64_t i)
{
  const uint8_t *p = w.data + i / 32 * 18, *super = w.data;
  const int at = (int) (i % 32), of_super = (int) (i % 256);

  switch (w.type)
    {
    case ATTUNE_TYPE_F32:
      return ((const float *) w.data)[i];
    case ATTUNE_TYPE_F16:
      return stored_f16 (w.data + 2 * i);
    case ATTUNE_TYPE_BF16:
      return gpu_from_bf16 ((uint16_t) stored_u16 (w.data + 2 * i));
    case ATTUNE_TYPE_Q4_0:
      return (stored_nibble (p + 2, at) - 8) * stored_f16 (p);
    case ATTUNE_TYPE_IQ4_NL:
      return stored_f16 (p) * stored_iq4 (stored_nibble (p + 2, at));
    case ATTUNE_TYPE_Q4_1:
      p = w.data + i / 32 * 20;
      return stored_nibble (p + 4, at) * stored_f16 (p) + stored_f16 (p + 2);
    case ATTUNE_TYPE_Q5_0:
      p = w.data + i / 32 * 22;
      return (stored_five (p + 2, at) - 16) * stored_f16 (p);
    case ATTUNE_TYPE_Q5_1:
      p = w.data + i / 32 * 24;
      return stored_five (p + 4, at) * stored_f16 (p) + stored_f16 (p + 2);
    case ATTUNE_TYPE_Q8_0:
      p = w.data + i / 32 * 34;
      return (int8_t) p[2 + at] * stored_f16 (p);
    case ATTUNE_TYPE_MXFP4:
      return stored_mxfp4 (w.data + i / 32 * 17, at);
    case ATTUNE_TYPE_Q2_K:
      return stored_q2_k (super + i / 256 * 84, of_super);
    case ATTUNE_TYPE_Q3_K:
      return stored_q3_k (super + i / 256 * 110, of_super);
    case ATTUNE_TYPE_Q4_K:
      return stored_q4_k (super + i / 256 * 144, of_super);
    case ATTUNE_TYPE_Q5_K:
      return stored_q5_k (super + i / 256 * 176, of_super);
    case ATTUNE_TYPE_Q6_K:
      return stored_q6_k (super + i / 256 * 210, of_super);
    case ATTUNE_TYPE_Q8_K:
      super += i / 256 * 292;
      return stored_f32 (super) * (int8_t) super[4 + of_super];
    case ATTUNE_TYPE_IQ4_XS:
      return stored_iq4_xs (super + i / 256 * 136, of_super);
    case ATTUNE_TYPE_TQ1_0:
      return stored_tq1_0 (super + i / 256 * 54, of_super);
    case ATTUNE_TYPE_TQ2_0:
      super += i / 256 * 66;
      return stored_f16 (super + 64)
             * ((super[of_super / 128 * 32 + at] >> of_super / 32 % 4 * 2 & 3) - 1);
    default:
      return stored_four_bits (w, i);
    }
}
