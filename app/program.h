/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the window finds what it was installed with.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* attunectl: what ATTUNECTL names, beside the window's program, in the build folder, or on PATH.
 * Returns: (transfer full): or %NULL. */
char *attune_find_program (void);

/* A file of data/, e.g. "samples/medical-terms.csv": installed, or in the source tree.
 * Returns: (transfer full): or %NULL where it is in neither. */
char *attune_find_data (const char *name);

G_END_DECLS
