/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The driver through which HDF5 writes. HDF5 does not survive a write that fails: the data set or
 * the file stays half closed, and the next call, or the end of the process, works on freed memory
 * (1.14.5: a contiguous data set on a full disk is enough). So it never sees one: the driver keeps
 * the first failure, lets everything after it pass, and who writes asks it.
 */
#pragma once
#include <glib.h>
#include <hdf5.h>

G_BEGIN_DECLS

/* Creates @path, replacing what is there. Returns: the file, or H5I_INVALID_HID with @code set to
 * an errno, or to 0 where the reason is HDF5's. */
hid_t attune_disk_create (const char *path, int *code);
/* The errno of the first write to @file that failed, or 0. */
int attune_disk_get_failure (hid_t file);
/* Closes @file, which writes what is left. Returns: as above, the last writes included. */
int attune_disk_close (hid_t file);

G_END_DECLS
