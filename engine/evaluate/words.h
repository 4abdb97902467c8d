/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What counts as a word; for engine/evaluate alone.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* Lower case, composed, no punctuation. Returns: (transfer full). */
char *attune_words_simplify (const char *text);

G_END_DECLS
