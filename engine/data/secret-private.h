/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What finds one form of secrets each; for secrets.c alone.
 */
#pragma once
#include "data/secrets.h"

G_BEGIN_DECLS

/* A key by its service's prefix at @p, where a word begins. Returns: its bytes, or 0. */
gsize attune_secret_match_form (const char *p);
/* A private key, from “-----BEGIN” at @p on. Returns: its bytes, or 0. */
gsize attune_secret_match_block (const char *p);
/* What is behind the sign at @p (“:”, “=”, or the blank behind “password”), if the words before it
 * announce a secret. @span: (out). Returns: whether there is one. */
gboolean attune_secret_match_announced (const char *text, const char *p, AttuneSpan *span);
/* The password in an address, whose “://” is at @p. */
gboolean attune_secret_match_address (const char *text, const char *p, AttuneSpan *span);

/* Bits per byte: 0 of “aaaa”, 4 at most of hexadecimal digits, 6 of Base64 (Shannon 1948). */
double attune_secret_entropy (const char *p, gsize n);
/* Whether it stands for something that is to be filled in: “<key>”, “xxxx”, “your-password”. */
gboolean attune_secret_is_placeholder (const char *p, gsize n);

G_END_DECLS
