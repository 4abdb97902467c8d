/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text that knows of every byte who wrote it. Private to the chat template.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_ORIGIN_TEMPLATE = 0, /* may hold control tokens */
  ATTUNE_ORIGIN_PEOPLE = 1,
  ATTUNE_ORIGIN_ASSISTANT = 2, /* what the model learns to write */
} AttuneOrigin;

typedef struct
{
  GString *text;
  GByteArray *marks; /* as long as text; AttuneOrigin */
  GArray *empty;     /* gsize: where an answer of no words stands */
} AttuneMarkedText;

AttuneMarkedText *attune_marked_text_new (void);
void attune_marked_text_free (AttuneMarkedText *self);
void attune_marked_text_append (AttuneMarkedText *self, const char *text, gsize length,
                                AttuneOrigin origin);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneMarkedText, attune_marked_text_free)

G_END_DECLS
