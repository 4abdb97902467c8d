/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See tensor-names.h.
 */
#include "model/tensor-names.h"

#include <string.h>

/* Where @pattern holds "%d" @name may hold any number. Returns whether it is @name; @numbers:
 * (out): -1 where there is no (further) one. */
static gboolean
match (const char *name, const char *pattern, int numbers[2])
{
  numbers[0] = numbers[1] = -1;
  for (int i = 0; i < 2; i++)
    {
      const char *hole = strstr (pattern, "%d");
      char *end;

      if (hole == NULL)
        break;
      if (strncmp (name, pattern, hole - pattern) != 0 || !g_ascii_isdigit (name[hole - pattern]))
        return FALSE;
      numbers[i] = (int) MIN (g_ascii_strtoull (name + (hole - pattern), &end, 10), G_MAXINT);
      name = end;
      pattern = hole + 2;
    }
  return g_str_equal (name, pattern);
}

/* The layer's and the expert's numbers in the holes of @pattern. Returns: (transfer full) */
static char *
fill_holes (const char *pattern, const int numbers[2])
{
  GString *text = g_string_new (NULL);

  for (int i = 0; *pattern != 0; pattern++)
    if (pattern[0] == '%' && pattern[1] == 'd')
      {
        g_string_append_printf (text, "%d", numbers[i++]);
        pattern++;
      }
    else
      g_string_append_c (text, *pattern);
  return g_string_free_and_steal (text);
}

char *
attune_tensor_name_from_hugging_face (const AttuneFamily *family, const char *name,
                                      const char **part)
{
  static const char *const prefixes[] = { "", "language_model.", "model.language_model." };
  const char *dot = strrchr (name, '.');
  g_autofree char *stem = dot != NULL ? g_strndup (name, dot - name) : NULL;
  const AttuneTensorName *tables[] = { family->names, attune_tensor_names };

  if (stem == NULL || (!g_str_equal (dot, ".weight") && !g_str_equal (dot, ".bias")))
    return NULL;
  for (guint p = 0; p < G_N_ELEMENTS (prefixes); p++)
    for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
      for (const AttuneTensorName *row = tables[t]; row != NULL && row->gguf != NULL; row++)
        {
          const char *rest
              = g_str_has_prefix (stem, prefixes[p]) ? stem + strlen (prefixes[p]) : "";
          g_autofree char *whole = p == 2 ? g_strconcat ("model.", rest, NULL) : g_strdup (rest);
          g_autofree char *ours = NULL;
          int numbers[2];

          /* Files of GPT-2 that were saved without the head lack the first word. */
          if (!match (whole, row->hugging_face, numbers)
              && !(g_str_has_prefix (row->hugging_face, "transformer.")
                   && match (whole, row->hugging_face + strlen ("transformer."), numbers)))
            continue;
          *part = numbers[0] >= 0 ? row->gguf + strlen ("blk.%d.") : row->gguf;
          ours = fill_holes (row->gguf, numbers);
          return g_strconcat (ours, dot, NULL);
        }
  return NULL;
}

char *
attune_tensor_name_to_hugging_face (const AttuneFamily *family, const char *name,
                                    gboolean two_norms)
{
  const char *dot = strrchr (name, '.');
  g_autofree char *stem = dot != NULL ? g_strndup (name, dot - name) : NULL, *found = NULL;
  const AttuneTensorName *tables[] = { family->names, attune_tensor_names };

  for (guint t = 0; t < G_N_ELEMENTS (tables) && found == NULL; t++)
    for (const AttuneTensorName *row = tables[t]; row != NULL && row->gguf != NULL; row++)
      {
        int numbers[2];

        if (stem == NULL || !match (stem, row->gguf, numbers))
          continue;
        g_free (found);
        found = fill_holes (row->hugging_face, numbers);
        if (!two_norms)
          break;
      }
  return found != NULL ? g_strconcat (found, dot, NULL) : NULL;
}
