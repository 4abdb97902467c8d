/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Bytes of tokens to pieces of text that can be shown: a token may end in the middle of a
 * character, so bytes wait until their character is whole.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * attune_text_pieces_take:
 * @pending: (inout): bytes as they came; what is handed out is removed
 * @last: nothing will follow: an unfinished character is handed out as U+FFFD
 *
 * Returns: (transfer full): valid UTF-8, maybe empty. Each byte that can be part of no character
 * becomes U+FFFD, and so does NUL, which would end a C string.
 */
char *attune_text_pieces_take (GString *pending, gboolean last);

G_END_DECLS
