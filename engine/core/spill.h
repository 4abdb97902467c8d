/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Room for tables that may be larger than memory: in memory as far as that is allowed, beyond in a
 * file without a name. What of the file was used is let go of again now and then, so that a process
 * never holds more than a bounded part, however large its tables are. Light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneSpill AttuneSpill;

/* @folder: where the file lies, once there is one; @in_memory_bytes: what may be in memory; more is
 * in the file */
AttuneSpill *attune_spill_new (const char *folder, guint64 in_memory_bytes);
/* Gives all room back. */
void attune_spill_free (AttuneSpill *self);

/**
 * attune_spill_take:
 * @bytes: 1 at least
 *
 * Returns: zeroed room, which stays until the spill is freed; %NULL with a #GFileError where the
 * disk has not as much. No later write to it fails.
 */
gpointer attune_spill_take (AttuneSpill *self, guint64 bytes, GError **error);

/* Says that some @pages of it have been read or written, a few more or less: when they have become
 * many, those of the file are let go of. They are read again from where they are kept: the values
 * stay. */
void attune_spill_touched (AttuneSpill *self, guint pages);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSpill, attune_spill_free)

G_END_DECLS
