/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * HTML tags out of a text. Only names of HTML elements are tags: a text about “<5 mg” or “<name>”
 * keeps them.
 */
#include "data/clean-text.h"

#include <string.h>

/* A tag with attributes; what is longer is no tag. */
#define MAX_TAG 2000

/* Sorted, for bsearch(). */
static const char *const inline_names[]
    = { "a",    "abbr",  "b",    "big",    "button", "center", "cite",  "code", "del",  "em",
        "font", "i",     "img",  "input",  "ins",    "kbd",    "label", "mark", "meta", "q",
        "s",    "small", "span", "strike", "strong", "sub",    "sup",   "tt",   "u",    "var" };
static const char *const block_names[]
    = { "article", "aside", "blockquote", "body",       "br",     "caption", "dd",
        "div",     "dl",    "dt",         "figcaption", "figure", "footer",  "form",
        "h1",      "h2",    "h3",         "h4",         "h5",     "h6",      "head",
        "header",  "hr",    "html",       "li",         "link",   "main",    "nav",
        "ol",      "p",     "pre",        "section",    "table",  "tbody",   "td",
        "tfoot",   "th",    "thead",      "title",      "tr",     "ul" };
/* What stands between these and their end is no text. */
static const char *const silent_names[] = { "script", "style" };

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, *(const char *const *) b);
}

static gboolean
contains (const char *const *names, gsize n, const char *name)
{
  return bsearch (name, names, n, sizeof *names, compare_names) != NULL;
}

/* Behind the tag that begins at @p ('<'), or %NULL where there is none; @name: (out), lower case,
 * without the slash. A bracket within quotes does not end it. Words behind the name without any
 * “=” are no attributes: “a <b and c> d” is text. */
static const char *
read_tag (const char *p, char name[16], gboolean *closing)
{
  gsize n = 0;
  char quote = 0;
  gboolean words = FALSE, attribute = FALSE;

  *closing = p[1] == '/';
  p += 1 + *closing;
  while (n < 15 && g_ascii_isalnum (p[n]))
    {
      name[n] = g_ascii_tolower (p[n]);
      n++;
    }
  name[n] = '\0';
  p += n;
  if (n == 0 || !(g_ascii_isspace (*p) || *p == '>' || (*p == '/' && p[1] == '>')))
    return NULL;
  for (const char *end = p; *end != '\0' && end - p < MAX_TAG; end++)
    if (quote != 0)
      quote = *end == quote ? 0 : quote;
    else if (*end == '"' || *end == '\'')
      quote = *end;
    else if (*end == '<')
      return NULL;
    else if (*end == '>')
      return words && !attribute ? NULL : end + 1;
    else if (*end == '=')
      attribute = TRUE;
    else if (!g_ascii_isspace (*end) && *end != '/')
      words = TRUE;
  return NULL;
}

/* What has been looked for in vain up to the end of the text: many beginnings without an end would
 * take for ever. */
typedef struct
{
  gboolean comment_end, bracket, silent_end[G_N_ELEMENTS (silent_names)];
} Missing;

/* Behind the next @what from @p on, or %NULL. */
static const char *
skip_to (const char *p, const char *what, gboolean *missing)
{
  const char *end = *missing ? NULL : strstr (p, what);

  *missing = end == NULL;
  return end != NULL ? end + strlen (what) : NULL;
}

/* Behind the end of the silent element with that number, or %NULL: where it has no end it is no
 * element, but spoken of. */
static const char *
skip_silent (const char *p, guint number, gboolean *missing)
{
  char name[16];
  gboolean closing;

  for (; !*missing && (p = strchr (p, '<')) != NULL; p++)
    {
      const char *end = read_tag (p, name, &closing);

      if (end != NULL && closing && g_str_equal (name, silent_names[number]))
        return end;
    }
  *missing = TRUE;
  return NULL;
}

static void
end_line (GString *result)
{
  if (result->len > 0 && result->str[result->len - 1] != '\n')
    g_string_append_c (result, '\n');
}

/* Behind the markup at @p ('<'), whose effect is in @result; %NULL where it is text. */
static const char *
drop_markup (const char *p, GString *result, Missing *missing)
{
  char name[16];
  gboolean closing;
  const char *end;

  if (strncmp (p, "<!--", 4) == 0) /* g_str_has_prefix() may measure all of @p */
    return skip_to (p, "-->", &missing->comment_end);
  if (g_ascii_strncasecmp (p, "<!doctype", 9) == 0)
    return skip_to (p, ">", &missing->bracket);
  end = read_tag (p, name, &closing);
  if (end == NULL)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (silent_names); i++)
    if (g_str_equal (name, silent_names[i]))
      return closing ? end : skip_silent (end, i, &missing->silent_end[i]);
  if (contains (block_names, G_N_ELEMENTS (block_names), name))
    {
      end_line (result);
      return end;
    }
  return contains (inline_names, G_N_ELEMENTS (inline_names), name) ? end : NULL;
}

char *
attune_clean_tags (const char *text)
{
  const char *first = strchr (text, '<'), *p = first;
  g_autoptr (GString) result = NULL;
  Missing missing = { 0 };
  gboolean changed = FALSE;

  if (first == NULL)
    return NULL;
  result = g_string_new_len (text, first - text);
  while (*p != '\0')
    {
      const char *end = *p == '<' ? drop_markup (p, result, &missing) : NULL;

      if (end != NULL)
        {
          changed = TRUE;
          p = end;
        }
      else
        g_string_append_c (result, *p++);
    }
  if (!changed)
    return NULL;
  while (result->len > 0 && result->str[result->len - 1] == '\n') /* of the last element's end */
    g_string_truncate (result, result->len - 1);
  return g_string_free (g_steal_pointer (&result), FALSE);
}
