/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said to a model that writes variants, in the language of the data, and what it says.
 */
#include "data/variant-writer.h"

#include <string.h>

static const struct
{
  const char *code;
  const char *reword; /* %s: the question */
  const char *answer; /* %s: the answer, then the question */
} prompts[] = {
  { "en",
    "Say the following question in other words. Keep its meaning, all names, numbers and units, "
    "and "
    "the language. Write the new question and nothing else.\n\n%s",
    "This is an answer:\n\n%s\n\nWrite a question that it answers, in other words than “%s”. Keep "
    "all names, numbers and units of that question. Write the new question and nothing else." },
  { "de",
    "Sag die folgende Frage mit anderen Worten. Behalte ihren Sinn, alle Namen, Zahlen und "
    "Einheiten und die Sprache bei. Schreibe nur die neue Frage.\n\n%s",
    "Das ist eine Antwort:\n\n%s\n\nSchreibe eine Frage, die sie beantwortet, mit anderen Worten "
    "als „%s“. Behalte alle Namen, Zahlen und Einheiten dieser Frage bei. Schreibe nur die neue "
    "Frage." },
  { "es",
    "Di la siguiente pregunta con otras palabras. Conserva su sentido, todos los nombres, números "
    "y "
    "unidades, y el idioma. Escribe solo la nueva pregunta.\n\n%s",
    "Esta es una respuesta:\n\n%s\n\nEscribe una pregunta a la que responda, con otras palabras "
    "que "
    "«%s». Conserva todos los nombres, números y unidades de esa pregunta. Escribe solo la nueva "
    "pregunta." },
  { "fr",
    "Dis la question suivante avec d'autres mots. Garde son sens, tous les noms, nombres et "
    "unités, "
    "et la langue. Écris seulement la nouvelle question.\n\n%s",
    "Voici une réponse :\n\n%s\n\nÉcris une question à laquelle elle répond, avec d'autres mots "
    "que "
    "« %s ». Garde tous les noms, nombres et unités de cette question. Écris seulement la nouvelle "
    "question." },
};

/* The place of a “%s” is filled in; not by printf, for which the form would have to be a literal.
 */
static void
append_filled (GString *text, const char *form, const char *first, const char *second)
{
  g_auto (GStrv) parts = g_strsplit (form, "%s", 3);

  g_string_append (text, parts[0]);
  g_string_append (text, first);
  g_string_append (text, parts[1]);
  if (parts[2] != NULL)
    {
      g_string_append (text, second);
      g_string_append (text, parts[2]);
    }
}

char *
attune_variant_prompt (const char *code, const char *question, const char *answer)
{
  GString *text = g_string_new (NULL);
  guint which = 0;

  for (guint i = 0; i < G_N_ELEMENTS (prompts); i++)
    if (g_strcmp0 (prompts[i].code, code) == 0)
      which = i;
  if (answer != NULL)
    append_filled (text, prompts[which].answer, answer, question);
  else
    append_filled (text, prompts[which].reword, question, NULL);
  return g_string_free (text, FALSE);
}

/* Takes quotes and stars from both ends of @text, where it has them at both. */
static void
strip_quotes (char *text)
{
  static const char *const pairs[][2]
      = { { "\"", "\"" }, { "“", "”" },   { "„", "“" }, { "«", "»" },
          { "'", "'" },   { "**", "**" }, { "*", "*" }, { "`", "`" } };

  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      const gsize n = strlen (text), a = strlen (pairs[i][0]), b = strlen (pairs[i][1]);

      if (n > a + b && g_str_has_prefix (text, pairs[i][0]) && g_str_has_suffix (text, pairs[i][1]))
        {
          text[n - b] = '\0';
          memmove (text, text + a, n - a - b + 1);
          g_strstrip (text);
        }
    }
}

/* Behind “1.”, “-”, “New question:”. */
static const char *
skip_heading (const char *line)
{
  static const char *const headings[]
      = { "the new question:", "new question:",       "question:",  "rephrased question:",
          "rephrased:",        "neue frage:",         "frage:",     "nueva pregunta:",
          "pregunta:",         "nouvelle question :", "question :", "q:" };
  const gsize digits = strspn (line, "0123456789");

  if (digits > 0 && digits < 3 && (line[digits] == '.' || line[digits] == ')')
      && line[digits + 1] == ' ')
    line += digits + 2;
  else if (strncmp (line, "- ", 2) == 0 || strncmp (line, "* ", 2) == 0)
    line += 2;
  for (guint i = 0; i < G_N_ELEMENTS (headings); i++)
    if (g_ascii_strncasecmp (line, headings[i], strlen (headings[i])) == 0)
      return line + strlen (headings[i]);
  return line;
}

char *
attune_variant_tidy (const char *answer)
{
  g_auto (GStrv) lines = g_strsplit (answer, "\n", -1);
  const char *chosen = NULL;
  char *text;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_strstrip (lines[i]);
      if (*lines[i] == '\0')
        continue;
      if (chosen == NULL)
        chosen = lines[i]; /* a statement, as “Explain gout.” */
      if (strchr (lines[i], '?') != NULL)
        {
          chosen = lines[i];
          break;
        }
    }
  text = g_strdup (chosen != NULL ? skip_heading (chosen) : "");
  g_strstrip (text);
  strip_quotes (text);
  return text;
}
