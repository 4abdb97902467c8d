/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What files of weights have in common: named f32 vectors of one length with a checksum.
 */
#pragma once
#include "store/store.h"
#include "tune/checkpoint.h"

#include <string.h>

G_BEGIN_DECLS

/* FNV-1a over 32-bit words: finds a damaged disk, not an attacker. Begins with: */
#define ATTUNE_CHECKPOINT_SUM G_GUINT64_CONSTANT (14695981039346656037)
guint64 attune_checkpoint_sum (guint64 sum, const float *values, gint64 n);

/* FALSE with @error where there is no vector @name of @count values. */
gboolean attune_checkpoint_check_vector (AttuneStore *store, const char *path, const char *name,
                                         gint64 count, GError **error);
/* FALSE with @error where the vector @name is not bit for bit @values. */
gboolean attune_checkpoint_compare (AttuneStore *store, const char *path, const char *name,
                                    const float *values, gint64 count, GError **error);

/* Both return FALSE. */
gboolean attune_checkpoint_damaged (const char *path, GError **error);
gboolean attune_checkpoint_of_another (const char *path, GError **error);

G_END_DECLS
