/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Goes against the arrows on purpose: tests/check-layers must find it.
 */
#include "nn/decoder.h"
