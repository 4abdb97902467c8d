/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What nvcc is tried with: it refuses compilers that are newer than itself.
 */
#include <math.h>
#include <string.h>

__global__ void
nothing (float *x)
{
  x[threadIdx.x] = fabsf (x[threadIdx.x]);
}
