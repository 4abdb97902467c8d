/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a step of normalize.c reads and writes, and those steps for which ICU is asked.
 */
#pragma once
#include "text/normalize.h"

G_BEGIN_DECLS

typedef struct
{
  const char *p, *end; /* what is left to read */
  gsize read;          /* bytes read */
  gsize offset;        /* where what is written before anything is read ends */
  const GArray *ends;  /* (nullable): of what is read */
  AttuneNormalText *out;
} AttuneNormalPass;

/* Writes @n bytes for what was read, and @taken more that are read with it. */
void attune_normal_put (AttuneNormalPass *pass, const char *bytes, gsize n, gsize taken);

/* @kind: ATTUNE_NORMALIZE_NFC to _NFKD */
void attune_normal_form (AttuneNormalPass *pass, AttuneNormalizeKind kind);
/* The library's way through a table: what a reader sees as one character is looked up as a whole if
 * it is short, and the shortest entry that it begins with stands for all of it; else its parts. */
void attune_normal_map_clusters (AttuneNormalPass *pass, const AttuneCharsmap *charsmap);

G_END_DECLS
