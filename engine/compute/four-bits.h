/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * NF4 and FP4: 64 neighbours as 4-bit numbers of a table, times the block's largest absolute value.
 * The first value of two is in the high nibble of a byte.
 *
 *   NF4, FP4          32 bytes, f32 absmax
 *   …_DOUBLE          32 bytes, a byte that stands for absmax: dynamic[byte] · second + offset,
 * where `second` is one f32 for 256 blocks of the tensor in order, and `offset` the mean absmax of
 * the tensor. These lie behind its blocks: see AttuneScales.
 *
 * Source: Dettmers et al. 2023 (QLoRA), to the bits of bitsandbytes.
 */
#pragma once
#include "compute/dynamic.h"
#include "compute/tensor.h"

G_BEGIN_DECLS

#define ATTUNE_FOUR_BITS_BLOCK 64
#define ATTUNE_SECOND_BLOCK 256 /* blocks that share a scale of scales */

/* Quantiles of the normal distribution, scaled to -1 … 1; and a float of 4 bits over 12. */
extern const float attune_nf4_table[16], attune_fp4_table[16];

void attune_decode_nf4 (float *y, const void *x, gint64 n);
void attune_decode_fp4 (float *y, const void *x, gint64 n);
void attune_encode_nf4 (void *y, const float *x, gint64 n);
void attune_encode_fp4 (void *y, const float *x, gint64 n);

/* Whether tensors of the type need their `scales`. */
static inline gboolean
attune_type_is_double (AttuneType type)
{
  return type == ATTUNE_TYPE_NF4_DOUBLE || type == ATTUNE_TYPE_FP4_DOUBLE;
}

/* A block's absmax. */
static inline float
attune_double_scale (const guint8 *block, const AttuneScales *scales)
{
  const gsize i = (gsize) (block - scales->first) / 33;

  return attune_dynamic_table[block[32]] * scales->second[i / ATTUNE_SECOND_BLOCK] + scales->offset;
}

/* The mean of @n scales, which they are quantised around. */
float attune_scales_mean (const float *absmax, gint64 n);

/**
 * attune_quantise_scales:
 * @blocks: of a …_DOUBLE type; the byte of each is written
 * @absmax: of each
 * @offset: attune_scales_mean()
 * @second: (out caller-allocates): (n + 255) / 256 scales
 */
void attune_quantise_scales (guint8 *blocks, const float *absmax, gint64 n, float offset,
                             float *second);

/* Values @first … @first + @n - 1 of @x, of any type; both multiples of its block. */
void attune_tensor_decode (float *y, const AttuneTensor *x, gint64 first, gint64 n);

G_END_DECLS
