/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Numbers in sentences.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* "134.5 million", "1,600". Returns: (transfer full). */
char *attune_say_count (double count);
/* "about 4 minutes": rounded, as an estimate is. @seconds: not below 0. Returns: (transfer full).
 */
char *attune_say_about (double seconds);

G_END_DECLS
