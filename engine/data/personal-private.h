/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What finds one kind of personal data each. All of them are given the whole text and a place in it
 * where a word begins, and return the number of bytes that belong to the find, or 0.
 */
#pragma once
#include "data/personal-data.h"

G_BEGIN_DECLS

gsize attune_personal_match_iban (const char *text, const char *p);
gsize attune_personal_match_card (const char *text, const char *p);
gsize attune_personal_match_id (const char *text, const char *p);
gsize attune_personal_match_ip (const char *text, const char *p);
gsize attune_personal_match_phone (const char *text, const char *p);
gsize attune_personal_match_email (const char *text, const char *p);
gsize attune_personal_match_birth (const char *text, const char *p);
gsize attune_personal_match_name (const char *text, const char *p);

/* Whether one of @words (lower case) stands as a whole word in the @reach bytes before @p, on the
 * same line. */
gboolean attune_personal_is_announced (const char *text, const char *p, gsize reach,
                                       const char *const *words);
/* Digits of a number that is written with single blanks, points or dashes between its groups.
 * @separators: which of them; @max: of digits. Returns: bytes it takes, 0 where it has more digits
 * or is part of a word. @n: (out): digits. */
gsize attune_personal_read_digits (const char *p, const char *separators, guint max, char *digits,
                                   guint *n);

G_END_DECLS
