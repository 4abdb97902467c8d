/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A part of a text in which something was found.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint kind;       /* what it is: of the enumeration of whoever found it */
  gsize start, end; /* bytes of the text */
} AttuneSpan;

/* @spans: #AttuneSpan, in their order, none within another; @masks: what stands for each kind.
 * Returns: (transfer full): @text with that in place of each, as "[E-MAIL]". */
char *attune_spans_mask (const char *text, const GArray *spans, const char *const *masks);

/* Adds to @spans. */
void attune_spans_add (GArray *spans, guint kind, gsize start, gsize end);

G_END_DECLS
