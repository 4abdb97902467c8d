/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The maker's own products in bf16: rocBLAS or cuBLAS, opened when a device is, and not needed.
 */
#pragma once
#include "compute/hip/device.h"

/* Returns: (nullable) (transfer full): NULL where there is none for the device's @chip */
struct GpuLibrary *gpu_library_open (hipStream_t stream, const char *chip);
void gpu_library_close (struct GpuLibrary *self);

/* c (m, n) f32, rows @ldc apart, = a (m, k) · b + beta · c; b is (n, k) if @transposed, else (k,
 * n); both bf16. */
bool gpu_library_multiply (struct GpuLibrary *self, float *c, int64_t ldc, const uint16_t *a,
                           const uint16_t *b, bool transposed, int64_t m, int64_t n, int64_t k,
                           float beta);
