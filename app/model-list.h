/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model files on this computer.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): paths of the .gguf files in @folder, by name; may be empty. */
char **attune_list_model_files (const char *folder);

G_END_DECLS
