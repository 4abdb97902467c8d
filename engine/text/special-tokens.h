/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokens that are found in text as they are spelled, before anything else is done to it: control
 * tokens in what a template wrote, and those that were added to a vocabulary by hand.
 */
#pragma once
#include "text/tokenizer.h"

G_BEGIN_DECLS

typedef struct
{
  char *text; /* owned */
  gsize length;
  gint32 id;
  gboolean control; /* only in template text */
  guint8 flags;     /* of AttuneTokenFlags */
} AttuneSpecial;

typedef struct _AttuneSpecials AttuneSpecials;

AttuneSpecials *attune_specials_new (void);
void attune_specials_free (AttuneSpecials *self);
/* All before the first search. */
void attune_specials_add (AttuneSpecials *self, const char *text, gint32 id, gboolean control,
                          guint8 flags);
void attune_specials_finish (AttuneSpecials *self);
/* Whether there are any; other than control tokens where not @control. */
gboolean attune_specials_has_any (const AttuneSpecials *self, gboolean control);

/**
 * attune_specials_find:
 * @start: of the text; @p: where to look from
 * @control: whether control tokens are looked for
 * @marks: (nullable): of @start's bytes; control tokens are only where it is 0
 * @from: (out): where it begins, with white space before it that it takes
 * @to: (out): where it ends, likewise
 *
 * Returns: (nullable): the first one, of several there the longest
 */
const AttuneSpecial *attune_specials_find (const AttuneSpecials *self, const char *start,
                                           const char *p, const char *end, gboolean control,
                                           const guint8 *marks, const char **from, const char **to);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneSpecials, attune_specials_free)

G_END_DECLS
