/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether anything may be fetched from the network at all: whoever fetches asks here.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* From now on, in the whole process. */
void attune_set_offline (gboolean offline);
/* Whether that was said, or HF_HUB_OFFLINE says it (Hugging Face's own variable, as its programs
 * read it). */
gboolean attune_is_offline (void);

G_END_DECLS
