/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Folders that people take for a model: which of them is one, and what the others are.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Whether the folder @path looks like one: it has a config.json. */
gboolean attune_model_folder_is_one (const char *path);

/* The model that people mean by the folder @path: itself, or the newest snapshot in a folder of the
 * hub's cache ("models--owner--name"). Returns: (transfer full): @path itself where neither is one.
 */
char *attune_model_folder_resolve (const char *path);

/* FALSE with %ATTUNE_MODEL_ERROR_UNSUPPORTED where @path is visibly no model: the error says what
 * is in it, and what to choose instead. */
gboolean attune_model_folder_check (const char *path, GError **error);

G_END_DECLS
