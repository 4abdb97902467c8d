/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The maker's own products in bf16: rocBLAS or cuBLAS, opened when a device is, and not needed.
 */
#pragma once
#include "compute/hip/device.h"

/* Returns: (nullable) (transfer full): NULL where there is none for the device's @chip */
struct GpuLibrary *gpu_library_open (hipStream_t stream, const char *chip);
void gpu_library_close (struct GpuLibrary *self);

/* A factor in 16 bits, rows @ld apart; or its transpose, as it lies there. */
struct GpuFactor
{
  const uint16_t *data;
  int64_t ld;
  bool transposed;
};

/* c (m, n) f32, rows @ldc apart, = alpha · a (m, k) · b (k, n) + beta · c; a and b in bf16, or in
 * f16 if @half; alpha and beta lie in the device's memory. */
bool gpu_library_multiply (struct GpuLibrary *self, float *c, int64_t ldc, const GpuFactor &a,
                           const GpuFactor &b, bool half, int64_t m, int64_t n, int64_t k,
                           const float *alpha, const float *beta);
