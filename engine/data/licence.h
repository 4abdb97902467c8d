/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Under which terms a file was published, as far as what lies beside it says so. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/**
 * attune_licence_find:
 * @path: of a file or a folder that was imported
 *
 * Looks at what lies beside it or in it: a data card, README.md, whose heading has “license: …”, as
 * Hugging Face's have; then LICENSE, LICENCE, COPYING, with or without .txt or .md, for what such
 * texts begin with. Nothing is fetched. Blocks.
 *
 * Returns: (transfer full) (nullable): an SPDX name or what the card says; %NULL where nothing does
 */
char *attune_licence_find (const char *path);

G_END_DECLS
