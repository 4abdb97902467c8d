/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How kindly a text speaks, by words: short lists of our own, of English and German words that are
 * kind or unkind wherever they stand; a “not” before one turns it. Coarse for a single text; meant
 * for means over many. Pure.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* @plain: see attune_plain_words(); @language: "de", else English is taken. Returns: -1 … 1: kind
 * words less unkind ones, of both; 0 where there are none */
double attune_sentiment (const char *plain, const char *language);

G_END_DECLS
