/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See licence.h.
 */
#include "data/licence.h"

#include <stdio.h>
#include <string.h>

/* Of a file so much is looked at: what a licence is stands at its beginning. */
#define HEAD_BYTES 8192

/* What the texts say. What comes first in a text is its title: the GPL names the LGPL later. Where
 * several begin at one place, the more special ones stand first here. */
static const struct
{
  const char *words, *name;
} texts[] = {
  { "attribution-noncommercial-sharealike 4.0", "CC-BY-NC-SA-4.0" },
  { "attribution-noncommercial-noderivatives 4.0", "CC-BY-NC-ND-4.0" },
  { "attribution-noncommercial 4.0", "CC-BY-NC-4.0" },
  { "attribution-sharealike 4.0", "CC-BY-SA-4.0" },
  { "attribution-sharealike 3.0", "CC-BY-SA-3.0" },
  { "attribution 4.0 international", "CC-BY-4.0" },
  { "cc0 1.0 universal", "CC0-1.0" },
  { "apache license", "Apache-2.0" },
  { "gnu affero general public license", "AGPL-3.0" },
  { "gnu lesser general public license", "LGPL" },
  { "gnu general public license", "GPL" },
  { "mozilla public license version 2.0", "MPL-2.0" },
  { "open data commons attribution license", "ODC-By-1.0" },
  { "odc open database license", "ODbL-1.0" },
  { "permission is hereby granted, free of charge", "MIT" },
  { "redistribution and use in source and binary forms", "BSD" },
  { "wordnet 3.0 license", "WordNet-3.0" },
};

static char *
read_head (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  FILE *file = g_file_test (path, G_FILE_TEST_IS_REGULAR) ? fopen (path, "re") : NULL;
  char *text;
  gsize n;

  if (file == NULL)
    return NULL;
  text = g_malloc (HEAD_BYTES + 1);
  n = fread (text, 1, HEAD_BYTES, file);
  fclose (file);
  text[n] = '\0';
  return text;
}

/* "mit" of a card that begins “---”, with the line “license: mit”; a list says so in the lines
 * below. */
static char *
read_card (const char *folder)
{
  g_autofree char *text = read_head (folder, "README.md");
  g_auto (GStrv) lines = NULL;

  if (text == NULL || !g_str_has_prefix (text, "---"))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 1; lines[i] != NULL && !g_str_has_prefix (lines[i], "---"); i++)
    {
      char *value;

      if (!g_str_has_prefix (lines[i], "license:"))
        continue;
      value = g_strstrip (lines[i] + strlen ("license:"));
      if (*value == '\0' && lines[i + 1] != NULL)
        {
          value = g_strstrip (lines[i + 1]);
          value = *value == '-' ? g_strstrip (value + 1) : value + strlen (value);
        }
      if (*value == '"' || *value == '\'')
        {
          value++;
          value[strcspn (value, "\"'")] = '\0';
        }
      return *value != '\0' && g_utf8_validate (value, -1, NULL) ? g_strdup (value) : NULL;
    }
  return NULL;
}

/* Blanks and line ends as one blank, in small letters. */
static char *
flatten (const char *text)
{
  GString *flat = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isspace (*p))
      g_string_append_c (flat, g_ascii_tolower (*p));
    else if (flat->len > 0 && flat->str[flat->len - 1] != ' ')
      g_string_append_c (flat, ' ');
  return g_string_free (flat, FALSE);
}

char *
attune_licence_find (const char *path)
{
  static const char *const names[] = { "LICENSE",     "LICENSE.txt", "LICENSE.md", "LICENCE",
                                       "LICENCE.txt", "LICENCE.md",  "COPYING",    "license.txt" };
  g_autofree char *folder
      = g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  char *card = read_card (folder);

  for (guint i = 0; card == NULL && i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *text = read_head (folder, names[i]);
      g_autofree char *flat = text != NULL ? flatten (text) : NULL;
      const char *first = NULL, *name = NULL;

      for (guint j = 0; flat != NULL && j < G_N_ELEMENTS (texts); j++)
        {
          const char *found = strstr (flat, texts[j].words);

          if (found != NULL && (first == NULL || found < first))
            {
              first = found;
              name = texts[j].name;
            }
        }
      if (name != NULL)
        return g_strdup (name);
    }
  return card;
}
