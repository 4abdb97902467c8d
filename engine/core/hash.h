/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A fast number for bytes, the same on every machine: for tables, and to tell whether something has
 * changed. It keeps nobody from making two texts with one number.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * attune_hash:
 * @bytes: (array length=n)
 * @seed: another gives other numbers
 * @hash: (out): 128 bits
 *
 * MurmurHash3_x64_128 (Austin Appleby, public domain).
 */
void attune_hash (const void *bytes, gsize n, guint32 seed, guint64 hash[2]);

G_END_DECLS
