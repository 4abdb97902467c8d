/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What Hugging Face's own programs have fetched before. Layout:
 * huggingface_hub, "Understand caching": models--OWNER--NAME/{blobs,refs,snapshots}.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): HF_HUB_CACHE, $HF_HOME/hub, or where it is without either; it need not
 * be there. */
char *attune_hub_cache_get_folder (void);

/* Returns: (transfer full): paths of models in @folder that Attune could read: folders of families
 * that it knows with weights as safetensors, and GGUF files; by the alphabet. Empty where there are
 * none. Blocks, shortly: it reads their config.json. */
char **attune_hub_cache_list (const char *folder);

/* What people call the model whose folder @path is: of a snapshot in the cache "NAME" of its
 * repository, as its own name is a checksum; of any other its name. Returns: (transfer full). */
char *attune_hub_cache_name (const char *path);

/* Returns: (transfer full) (nullable): the file with the content of @sha256 that was fetched from
 * @repository ("owner/name", "datasets/owner/name"). Its content is not looked at. */
char *attune_hub_cache_find (const char *folder, const char *repository, const char *sha256);

G_END_DECLS
