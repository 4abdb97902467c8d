/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models on this computer, files and folders: those in the folder for models, those that were
 * added from elsewhere, and what Hugging Face's own programs have fetched.
 */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

/* Returns: (transfer full): paths of the .gguf files and of the models' folders in @folder,
 * by name; may be empty. */
char **attune_list_model_files (const char *folder);

/* Those in the folder for models first, then those that were added, then those that are @cached
 * (see model/hub-cache.h; listing these may take long). Both (nullable).
 * Returns: (transfer full). */
char **attune_list_models (GSettings *settings, char **cached);

/* Puts @path on the list of those from elsewhere, or takes it out. */
void attune_model_list_add (GSettings *settings, const char *path);
void attune_model_list_remove (GSettings *settings, const char *path);
/* Whether @path is on that list. */
gboolean attune_model_list_has (GSettings *settings, const char *path);

G_END_DECLS
