/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A table of keys of 64 bits with a small number each, in some 12 bytes a key: there are as many as
 * records, and a data set may have millions. Of a key 61 bits count: among 20 million texts two
 * that differ have one key with odds of 1e-4. Private to data/.
 */
#pragma once
#include "core/spill.h"

G_BEGIN_DECLS

typedef struct _AttuneKeyTable AttuneKeyTable;

/* @n_expected: keys; more are slower, not wrong; @spill: (nullable): where they lie, which is not
 * freed before them. %NULL with @error, which only a @spill sets. */
AttuneKeyTable *attune_key_table_new (guint64 n_expected, AttuneSpill *spill, GError **error);
void attune_key_table_free (AttuneKeyTable *self);
/* 0: it is not there. */
guint attune_key_table_get (const AttuneKeyTable *self, guint64 key);
/* @value: 1 … 7 */
void attune_key_table_set (AttuneKeyTable *self, guint64 key, guint value);
/* How many have a value that has all @bits. */
guint64 attune_key_table_count (const AttuneKeyTable *self, guint bits);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneKeyTable, attune_key_table_free)

G_END_DECLS
