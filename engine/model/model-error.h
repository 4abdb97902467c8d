/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How this room says that a file is not as it should be: one sentence with the file's name in
 * front.
 */
#pragma once
#include "model/gguf.h"

G_BEGIN_DECLS

/* Maps a file read-only. Returns: (transfer full): or %NULL with a sentence. */
GMappedFile *attune_model_map (const char *path, GError **error);
/* Gives the pages of @bytes back, which are those of a map of the file @path; see gguf.h. */
void attune_model_release_map (GBytes *bytes, const char *path);

/**
 * attune_model_fail:
 * @path: the file; only its last part is shown
 * @format: the rest of the sentence, after the name: "ends in the middle of its header."
 *
 * Returns: always %FALSE, so that it can stand in a return
 */
gboolean attune_model_fail (GError **error, AttuneModelError code, const char *path,
                            const char *format, ...) G_GNUC_PRINTF (4, 5);

/* The same for the system's reasons: `errno` at the time of the call chooses the #GFileError. */
gboolean attune_model_fail_errno (GError **error, const char *path, const char *what,
                                  int error_number);

G_END_DECLS
