/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The block formats: plain loops that define what each stored type means. Kernels decode faster, to
 * the same bits.
 *
 *   Q4_0  f16 d, 16 bytes: value j in the low nibble of byte j, value j + 16 in the high one;
 *         (q - 8) · d
 *   Q4_1  f16 d, f16 m, 16 bytes the same; q · d + m
 *   Q5_0  f16 d, u32 fifth bits (bit j: value j), 16 bytes the same; (q - 16) · d
 *   Q5_1  f16 d, f16 m, u32, 16 bytes the same; q · d + m
 *   Q8_0  f16 d, 32 signed bytes; q · d
 *
 * Source: ggml-quants.c of llama.cpp. NF4 and FP4 are in four-bits.h.
 */
#pragma once
#include "compute/four-bits.h"

G_BEGIN_DECLS

void attune_decode_f32 (float *y, const void *x, gint64 n);
void attune_decode_f16 (float *y, const void *x, gint64 n);
void attune_decode_bf16 (float *y, const void *x, gint64 n);
void attune_decode_q4_0 (float *y, const void *x, gint64 n);
void attune_decode_q4_1 (float *y, const void *x, gint64 n);
void attune_decode_q5_0 (float *y, const void *x, gint64 n);
void attune_decode_q5_1 (float *y, const void *x, gint64 n);
void attune_decode_q8_0 (float *y, const void *x, gint64 n);

/* The super-blocks and those with tables: layouts are at the functions, in blocks-k.c and
 * blocks-grid.c. */
void attune_chunk_q2_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_q3_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_q4_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_q5_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_q6_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_q8_k (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq2_xxs (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq2_xs (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq3_xxs (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq1_s (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq4_nl (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq3_s (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq2_s (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq4_xs (float y[32], const guint8 *block, int chunk);
void attune_chunk_iq1_m (float y[32], const guint8 *block, int chunk);
void attune_chunk_tq1_0 (float y[32], const guint8 *block, int chunk);
void attune_chunk_tq2_0 (float y[32], const guint8 *block, int chunk);
void attune_chunk_mxfp4 (float y[32], const guint8 *block, int chunk);

/* What the nibbles of IQ4_NL and IQ4_XS, and of MXFP4, stand for. */
extern const float attune_iq4_table[16], attune_mxfp4_table[16];

void attune_encode_f32 (void *y, const float *x, gint64 n);
void attune_encode_f16 (void *y, const float *x, gint64 n);
void attune_encode_bf16 (void *y, const float *x, gint64 n);
void attune_encode_q4_0 (void *y, const float *x, gint64 n);
void attune_encode_q4_1 (void *y, const float *x, gint64 n);
void attune_encode_q5_0 (void *y, const float *x, gint64 n);
void attune_encode_q5_1 (void *y, const float *x, gint64 n);
void attune_encode_q8_0 (void *y, const float *x, gint64 n);
void attune_encode_q2_k (void *y, const float *x, gint64 n);
void attune_encode_q3_k (void *y, const float *x, gint64 n);
void attune_encode_q4_k (void *y, const float *x, gint64 n);
void attune_encode_q5_k (void *y, const float *x, gint64 n);
void attune_encode_q6_k (void *y, const float *x, gint64 n);

G_END_DECLS
