/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See span.h.
 */
#include "data/span.h"

char *
attune_spans_mask (const char *text, const GArray *spans, const char *const *masks)
{
  GString *masked = g_string_new (NULL);
  gsize done = 0;

  for (guint i = 0; i < spans->len; i++)
    {
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);

      g_string_append_len (masked, text + done, span->start - done);
      g_string_append (masked, masks[span->kind]);
      done = span->end;
    }
  g_string_append (masked, text + done);
  return g_string_free (masked, FALSE);
}

void
attune_spans_add (GArray *spans, guint kind, gsize start, gsize end)
{
  const AttuneSpan span = { kind, start, end };

  g_array_append_val (spans, span);
}
