/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of stored types and the conversions of 16-bit floats.
 */
#include "compute/blocks.h"

#include <string.h>

/* The types that are decoded by chunks of 32: X (suffix, NAME, values, bytes, encode). */
#define FOR_EACH_CHUNKED(X)                                                                        \
  X (q2_k, Q2_K, 256, 84, attune_encode_q2_k)                                                      \
  X (q3_k, Q3_K, 256, 110, attune_encode_q3_k)                                                     \
  X (q4_k, Q4_K, 256, 144, attune_encode_q4_k)                                                     \
  X (q5_k, Q5_K, 256, 176, attune_encode_q5_k)                                                     \
  X (q6_k, Q6_K, 256, 210, attune_encode_q6_k)                                                     \
  X (q8_k, Q8_K, 256, 292, NULL)                                                                   \
  X (iq2_xxs, IQ2_XXS, 256, 66, NULL)                                                              \
  X (iq2_xs, IQ2_XS, 256, 74, NULL)                                                                \
  X (iq3_xxs, IQ3_XXS, 256, 98, NULL)                                                              \
  X (iq1_s, IQ1_S, 256, 50, NULL)                                                                  \
  X (iq4_nl, IQ4_NL, 32, 18, NULL)                                                                 \
  X (iq3_s, IQ3_S, 256, 110, NULL)                                                                 \
  X (iq2_s, IQ2_S, 256, 82, NULL)                                                                  \
  X (iq4_xs, IQ4_XS, 256, 136, NULL)                                                               \
  X (iq1_m, IQ1_M, 256, 56, NULL)                                                                  \
  X (tq1_0, TQ1_0, 256, 54, NULL)                                                                  \
  X (tq2_0, TQ2_0, 256, 66, NULL)                                                                  \
  X (mxfp4, MXFP4, 32, 17, NULL)

#define DEFINE(suffix, name, values, size, encode)                                                 \
  static void decode_##suffix (float *y, const void *x, gint64 n)                                  \
  {                                                                                                \
    for (const guint8 *p = x; n > 0; n -= values, p += size)                                       \
      for (int chunk = 0; chunk < values / 32; chunk++, y += 32)                                   \
        attune_chunk_##suffix (y, p, chunk);                                                       \
  }
FOR_EACH_CHUNKED (DEFINE)
#undef DEFINE

/* The others: X (suffix, NAME, values, bytes, encode). */
#define FOR_EACH_PLAIN(X)                                                                          \
  X (f32, F32, 1, 4, attune_encode_f32)                                                            \
  X (f16, F16, 1, 2, attune_encode_f16)                                                            \
  X (bf16, BF16, 1, 2, attune_encode_bf16)                                                         \
  X (q4_0, Q4_0, 32, 18, attune_encode_q4_0)                                                       \
  X (q4_1, Q4_1, 32, 20, attune_encode_q4_1)                                                       \
  X (q5_0, Q5_0, 32, 22, attune_encode_q5_0)                                                       \
  X (q5_1, Q5_1, 32, 24, attune_encode_q5_1)                                                       \
  X (q8_0, Q8_0, 32, 34, attune_encode_q8_0)

#define PLAIN_ROW(suffix, name, block, bytes, encode)                                              \
  [ATTUNE_TYPE_##name]                                                                             \
      = { ATTUNE_TYPE_##name, #name, block, bytes, attune_decode_##suffix, encode, NULL },
#define CHUNKED_ROW(suffix, name, block, bytes, encode)                                            \
  [ATTUNE_TYPE_##name] = { ATTUNE_TYPE_##name,   #name, block, bytes, decode_##suffix, encode,     \
                           attune_chunk_##suffix },

/* By number; a hole has no name. */
static const AttuneTypeInfo infos[] = { FOR_EACH_PLAIN (PLAIN_ROW) FOR_EACH_CHUNKED (CHUNKED_ROW) };
/* The same, from ATTUNE_TYPE_NF4. */
static const AttuneTypeInfo own[] = {
  { ATTUNE_TYPE_NF4, "NF4", 64, 36, attune_decode_nf4, attune_encode_nf4, NULL },
  { ATTUNE_TYPE_FP4, "FP4", 64, 36, attune_decode_fp4, attune_encode_fp4, NULL },
  { ATTUNE_TYPE_NF4_DOUBLE, "NF4 double", 64, 33, NULL, NULL, NULL },
  { ATTUNE_TYPE_FP4_DOUBLE, "FP4 double", 64, 33, NULL, NULL, NULL },
};

const AttuneTypeInfo *
attune_type_info (AttuneType type)
{
  if (type >= ATTUNE_TYPE_NF4 && type - ATTUNE_TYPE_NF4 < G_N_ELEMENTS (own))
    return &own[type - ATTUNE_TYPE_NF4];
  return (guint) type < G_N_ELEMENTS (infos) && infos[type].name != NULL ? &infos[type] : NULL;
}

gboolean
attune_type_can_round (AttuneType type)
{
  switch (type)
    {
    case ATTUNE_TYPE_Q4_0:
    case ATTUNE_TYPE_Q4_1:
    case ATTUNE_TYPE_Q5_0:
    case ATTUNE_TYPE_Q5_1:
    case ATTUNE_TYPE_Q8_0:
    case ATTUNE_TYPE_Q4_K:
    case ATTUNE_TYPE_Q5_K:
    case ATTUNE_TYPE_Q6_K:
    case ATTUNE_TYPE_NF4:
      return TRUE;
    default:
      return FALSE;
    }
}

gboolean
attune_type_has_int16 (AttuneType type)
{
  return attune_type_can_round (type) && type != ATTUNE_TYPE_NF4;
}

gint64
attune_type_bytes (AttuneType type, gint64 n)
{
  const AttuneTypeInfo *info = attune_type_info (type);

  g_return_val_if_fail (info != NULL && n >= 0 && n % info->block == 0, 0);

  return n / info->block * info->bytes;
}

static inline guint32
float_bits (float x)
{
  guint32 bits;

  memcpy (&bits, &x, sizeof bits);
  return bits;
}

static inline float
bits_float (guint32 bits)
{
  float x;

  memcpy (&x, &bits, sizeof x);
  return x;
}

float
attune_f16_to_f32 (guint16 x)
{
  const guint32 sign = (guint32) (x & 0x8000) << 16, rest = x & 0x7fff;

  if (rest
      >= 0x7c00) /* infinity, NaN; a signalling NaN becomes a quiet one, as the hardware does it */
    return bits_float (sign | 0x7f800000 | (rest & 0x3ff) << 13 | (rest > 0x7c00 ? 0x400000 : 0));
  if (rest < 0x400) /* zero and denormals: rest · 2⁻²⁴ */
    return bits_float (sign | float_bits (rest * 0x1p-24f));
  return bits_float (sign | ((rest << 13) + ((127 - 15) << 23)));
}

guint16
attune_f32_to_f16 (float x)
{
  const guint32 bits = float_bits (x), rest = bits & 0x7fffffff;
  const guint16 sign = bits >> 16 & 0x8000;

  if (rest > 0x7f800000)
    return sign | 0x7e00 | (rest >> 13 & 0x3ff); /* NaN, quiet */
  if (rest >= 0x477ff000)                        /* rounds to 65536 or more */
    return sign | 0x7c00;
  if (rest
      < 0x38800000) /* below 2⁻¹⁴: adding ½ leaves rest · 2²⁴, rounded to even, in the low bits */
    return sign | (guint16) (float_bits (bits_float (rest) + 0.5f) - float_bits (0.5f));
  return sign | (guint16) ((rest - ((127 - 15) << 23) + 0xfff + (rest >> 13 & 1)) >> 13);
}

guint16
attune_f32_to_bf16 (float x)
{
  const guint32 bits = float_bits (x);

  if ((bits & 0x7fffffff) > 0x7f800000)
    return bits >> 16 | 0x40;
  return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}
