/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tokens back to text, run by run of what is learned and what is not.
 */
#include "data/reading.h"

static void
part_free (gpointer data)
{
  AttuneReadPart *part = data;

  g_free (part->text);
  g_free (part);
}

GPtrArray *
attune_sample_to_parts (const AttuneSample *sample, const AttuneTokenizer *tokenizer)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (part_free);
  const guint size = attune_tokenizer_get_size (tokenizer);
  guint first = 0;

  for (guint i = 0; i < sample->n; i++)
    {
      const gboolean learned = sample->learn[i] != 0;
      g_autoptr (GString) bytes = NULL;
      AttuneReadPart *part;

      if (i + 1 < sample->n && (sample->learn[i + 1] != 0) == learned)
        continue;
      bytes = g_string_new (NULL);
      for (guint j = first; j <= i; j++)
        if ((guint) sample->tokens[j] < size) /* negative ones too */
          attune_tokenizer_decode_one (tokenizer, sample->tokens[j], TRUE, bytes);
        else
          g_string_append (bytes, "\xef\xbf\xbd");
      part = g_new (AttuneReadPart, 1);
      *part = (AttuneReadPart) { g_utf8_make_valid (bytes->str, bytes->len), learned };
      g_ptr_array_add (parts, part);
      first = i + 1;
    }
  return parts;
}
