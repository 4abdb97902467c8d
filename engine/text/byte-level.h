/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Byte-level vocabularies spell every byte as a printable character ("Ġ" is the space), so that
 * tokens are text. Radford et al. 2019.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* The character that spells @byte. */
gunichar attune_byte_level_spell (guint8 byte);

/* Appends the bytes that @spelling stands for; if a character in it spells no byte, @spelling
 * itself. */
void attune_byte_level_decode (const char *spelling, GString *bytes);

G_END_DECLS
