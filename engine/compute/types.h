/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stored types of tensors. The numbers are GGUF's own (ggml_type), so that a file's number is
 * ours; what GGUF does not have starts at 1000. A block type packs `block` values of one row into
 * `bytes` bytes.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_TYPE_F32 = 0,
  ATTUNE_TYPE_F16 = 1,
  ATTUNE_TYPE_Q4_0 = 2,
  ATTUNE_TYPE_Q4_1 = 3,
  ATTUNE_TYPE_Q5_0 = 6,
  ATTUNE_TYPE_Q5_1 = 7,
  ATTUNE_TYPE_Q8_0 = 8,
  ATTUNE_TYPE_Q2_K = 10,
  ATTUNE_TYPE_Q3_K = 11,
  ATTUNE_TYPE_Q4_K = 12,
  ATTUNE_TYPE_Q5_K = 13,
  ATTUNE_TYPE_Q6_K = 14,
  ATTUNE_TYPE_Q8_K = 15,
  ATTUNE_TYPE_IQ2_XXS = 16,
  ATTUNE_TYPE_IQ2_XS = 17,
  ATTUNE_TYPE_IQ3_XXS = 18,
  ATTUNE_TYPE_IQ1_S = 19,
  ATTUNE_TYPE_IQ4_NL = 20,
  ATTUNE_TYPE_IQ3_S = 21,
  ATTUNE_TYPE_IQ2_S = 22,
  ATTUNE_TYPE_IQ4_XS = 23,
  ATTUNE_TYPE_IQ1_M = 29,
  ATTUNE_TYPE_BF16 = 30,
  ATTUNE_TYPE_TQ1_0 = 34,
  ATTUNE_TYPE_TQ2_0 = 35,
  ATTUNE_TYPE_MXFP4 = 39,
  ATTUNE_TYPE_NF4 = 1000, /* these four: see four-bits.h */
  ATTUNE_TYPE_FP4 = 1001,
  ATTUNE_TYPE_NF4_DOUBLE = 1002,
  ATTUNE_TYPE_FP4_DOUBLE = 1003,
} AttuneType;

/* @y: @n f32 values; @x: @n values in the stored type; @n is a multiple of the block. */
typedef void (*AttuneDecode) (float *y, const void *x, gint64 n);
typedef void (*AttuneEncode) (void *y, const float *x, gint64 n);
/* 32 values: those from 32 · @chunk of the block at @block. */
typedef void (*AttuneChunk) (float y[32], const guint8 *block, int chunk);

typedef struct
{
  AttuneType type;
  const char *name;    /* "Q4_1" */
  int block;           /* values in a block; 1 for plain types */
  int bytes;           /* bytes of a block */
  AttuneDecode decode; /* bit-identical to llama.cpp's dequantisation; (nullable): %NULL where
                          values need more than their own block: attune_tensor_decode() */
  AttuneEncode encode; /* (nullable): %NULL where Attune only reads the type */
  AttuneChunk chunk;   /* (nullable): a part of a block; where the type was made of such parts */
} AttuneTypeInfo;

/* Returns: (nullable): %NULL for a type that this version cannot read. */
const AttuneTypeInfo *attune_type_info (AttuneType type);

/* Whether products with weights of that type can be had in 8 bits. */
gboolean attune_type_can_round (AttuneType type);

/* Whether it is whole numbers times a step, so that such products can be had in 16 bits. */
gboolean attune_type_has_int16 (AttuneType type);

/* Bytes of @n values; @n must be a multiple of the type's block. */
gint64 attune_type_bytes (AttuneType type, gint64 n);

float attune_f16_to_f32 (guint16 x);
guint16 attune_f32_to_f16 (float x); /* rounds to nearest even */
static inline float
attune_bf16_to_f32 (guint16 x)
{
  union
  {
    guint32 u;
    float f;
  } bits = { (guint32) x << 16 };
  return bits.f;
}
guint16 attune_f32_to_bf16 (float x); /* rounds to nearest even; NaN stays NaN */

G_END_DECLS
