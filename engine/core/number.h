/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers as people write them. Light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* @value with as few digits as give this float again, so that 1e-5f is not written as
 * 9.9999997e-06. */
double attune_shorten_float (float value);

G_END_DECLS
