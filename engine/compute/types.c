/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of stored types and the conversions of 16-bit floats.
 */
#include "compute/blocks.h"

#include <string.h>

static const AttuneTypeInfo infos[] = {
  { ATTUNE_TYPE_F32, "F32", 1, 4, attune_decode_f32, attune_encode_f32 },
  { ATTUNE_TYPE_F16, "F16", 1, 2, attune_decode_f16, attune_encode_f16 },
  { ATTUNE_TYPE_Q4_0, "Q4_0", 32, 18, attune_decode_q4_0, attune_encode_q4_0 },
  { ATTUNE_TYPE_Q4_1, "Q4_1", 32, 20, attune_decode_q4_1, attune_encode_q4_1 },
  { ATTUNE_TYPE_Q5_0, "Q5_0", 32, 22, attune_decode_q5_0, NULL },
  { ATTUNE_TYPE_Q5_1, "Q5_1", 32, 24, attune_decode_q5_1, NULL },
  { ATTUNE_TYPE_Q8_0, "Q8_0", 32, 34, attune_decode_q8_0, attune_encode_q8_0 },
  { ATTUNE_TYPE_BF16, "BF16", 1, 2, attune_decode_bf16, attune_encode_bf16 },
  { ATTUNE_TYPE_NF4, "NF4", 64, 36, attune_decode_nf4, attune_encode_nf4 },
};

const AttuneTypeInfo *
attune_type_info (AttuneType type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (infos); i++)
    if (infos[i].type == type)
      return &infos[i];
  return NULL;
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
