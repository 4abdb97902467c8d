/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A string and a mark per byte, growing together.
 */
#include "text/marked-text.h"

#include <string.h>

AttuneMarkedText *
attune_marked_text_new (void)
{
  AttuneMarkedText *self = g_new (AttuneMarkedText, 1);

  self->text = g_string_new (NULL);
  self->marks = g_byte_array_new ();
  self->empty = g_array_new (FALSE, FALSE, sizeof (gsize));
  return self;
}

void
attune_marked_text_free (AttuneMarkedText *self)
{
  if (self == NULL)
    return;
  if (self->text != NULL) /* may have been stolen */
    g_string_free (self->text, TRUE);
  g_byte_array_unref (self->marks);
  g_array_unref (self->empty);
  g_free (self);
}

void
attune_marked_text_append (AttuneMarkedText *self, const char *text, gsize length,
                           AttuneOrigin origin)
{
  const guint old = self->marks->len;

  if (length == 0 && origin == ATTUNE_ORIGIN_ASSISTANT)
    g_array_append_val (self->empty, self->text->len);
  g_string_append_len (self->text, text, (gssize) length);
  g_byte_array_set_size (self->marks, (guint) (old + length));
  if (length > 0)
    memset (self->marks->data + old, origin, length);
}
