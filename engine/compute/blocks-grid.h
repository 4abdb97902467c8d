/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables of groups for the formats of one to three bits; see blocks-grid.c. Private to compute/.
 */
#pragma once
#include <glib.h>

extern const guint16 attune_grid_iq1[2048]; /* of IQ1_S and IQ1_M */
extern const guint16 attune_grid_iq2_xxs[256];
extern const guint16 attune_grid_iq2_xs[512];
extern const guint16 attune_grid_iq2_s[1024];
extern const guint16 attune_grid_iq3_xxs[256];
extern const guint16 attune_grid_iq3_s[512];
