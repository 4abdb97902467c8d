/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rules for white space, from Jinja2's lexer: "-" inside a tag's end strips all white space on that
 * side; a block alone on its line takes the line's indentation and its line break with it.
 */
#include "text/jinja-lexer.h"
#include "text/jinja-value.h"
#include "text/tokenizer.h"

#include <string.h>

typedef struct
{
  const char *source, *p, *end;
  GArray *tokens;
  int line;
  gboolean line_starting; /* what was read last ended a line */
} Lexer;

static void
token_clear (gpointer data)
{
  g_free (((JinjaToken *) data)->text);
}

/* Takes @text. */
static void
add (Lexer *self, JinjaTokenKind kind, char *text, gsize length)
{
  const JinjaToken token = { kind, text, length, self->line };

  g_array_append_val (self->tokens, token);
}

static gboolean
fail (const Lexer *self, const char *what, GError **error)
{
  g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE, "line %d: %s.", self->line,
               what);
  return FALSE;
}

static void
advance (Lexer *self, const char *to)
{
  for (; self->p < to; self->p++)
    self->line += *self->p == '\n';
  self->line_starting = to > self->source && to[-1] == '\n';
}

/* Skips what follows a tag that ends at self->p: all white space after "-", else one line break if
 * @trim. */
static void
skip_after (Lexer *self, gboolean dash, gboolean trim)
{
  const char *p = self->p;

  if (dash)
    while (p < self->end && jinja_is_space (g_utf8_get_char_validated (p, self->end - p)))
      p = g_utf8_next_char (p);
  else if (trim && p < self->end && *p == '\n')
    p++;
  advance (self, p);
}

/* The text from self->p to the tag at @tag, without what the tag strips from it. */
static void
add_text (Lexer *self, const char *tag, gboolean is_output, gboolean is_last)
{
  const char *stop = tag, *line = tag;

  if (!is_last && tag[2] == '-')
    for (const char *p = tag; (p = g_utf8_find_prev_char (self->p, p)) != NULL; stop = p)
      {
        if (!jinja_is_space (g_utf8_get_char_validated (p, stop - p)))
          break;
      }
  else if (!is_last && !is_output && tag[2] != '+')
    {
      while (line > self->p && (line[-1] == ' ' || line[-1] == '\t'))
        line--;
      if (line > self->p ? line[-1] == '\n' : self->line_starting)
        stop = line;
    }
  if (stop > self->p)
    add (self, JINJA_TOKEN_TEXT, g_strndup (self->p, (gsize) (stop - self->p)),
         (gsize) (stop - self->p));
  advance (self, tag);
}

static gboolean
lex_comment (Lexer *self, GError **error)
{
  const char *close = strstr (self->p + 2, "#}");

  if (close == NULL)
    return fail (self, "a comment does not end", error);
  advance (self, close + 2);
  skip_after (self, close[-1] == '-', close[-1] != '+');
  return TRUE;
}

/* Appends the character that the escape at @p (after the backslash) stands for; returns what
 * follows it. */
static const char *
read_escape (const char *p, GString *text)
{
  static const char from[] = "ntrbfav0\\'\"", to[] = "\n\t\r\b\f\a\v\0\\'\"";
  const char *known = *p != 0 ? strchr (from, *p) : NULL;
  const int digits = *p == 'x' ? 2 : *p == 'u' ? 4 : 0;
  gunichar c = 0;

  if (known != NULL)
    {
      g_string_append_c (text, to[known - from]);
      return p + 1;
    }
  for (int i = 1; i <= digits; i++)
    {
      if (!g_ascii_isxdigit (p[i]))
        {
          c = 0;
          break;
        }
      c = c * 16 + (gunichar) g_ascii_xdigit_value (p[i]);
    }
  if (c > 0 && g_unichar_validate (c))
    {
      g_string_append_unichar (text, c);
      return p + 1 + digits;
    }
  g_string_append_c (text, '\\'); /* as Python does with those it does not know */
  return p;
}

static gboolean
lex_string (Lexer *self, GError **error)
{
  const char quote = *self->p, *p = self->p + 1;
  GString *text = g_string_new (NULL);
  gsize length;

  while (p < self->end && *p != quote)
    if (*p == '\\' && p + 1 < self->end)
      p = read_escape (p + 1, text);
    else
      g_string_append_c (text, *p++);
  if (p >= self->end)
    {
      g_string_free (text, TRUE);
      return fail (self, "a text in quotes does not end", error);
    }
  length = text->len;
  add (self, JINJA_TOKEN_STRING, g_string_free (text, FALSE), length);
  advance (self, p + 1);
  return TRUE;
}

static void
lex_word (Lexer *self)
{
  const char *p = self->p;
  JinjaTokenKind kind = JINJA_TOKEN_NAME;

  if (g_ascii_isdigit (*p))
    {
      kind = JINJA_TOKEN_INTEGER;
      while (g_ascii_isdigit (*p))
        p++;
      if (*p == '.' && g_ascii_isdigit (p[1]))
        {
          kind = JINJA_TOKEN_REAL;
          for (p++; g_ascii_isdigit (*p); p++)
            ;
        }
      if ((*p == 'e' || *p == 'E') && g_ascii_isdigit (p[1 + (p[1] == '-' || p[1] == '+')]))
        {
          kind = JINJA_TOKEN_REAL;
          for (p += 2; g_ascii_isdigit (*p); p++)
            ;
        }
    }
  else
    while (g_ascii_isalnum (*p) || *p == '_')
      p++;
  add (self, kind, g_strndup (self->p, (gsize) (p - self->p)), (gsize) (p - self->p));
  advance (self, p);
}

static gboolean
lex_operator (Lexer *self, GError **error)
{
  static const char *const twos[] = { "==", "!=", ">=", "<=", "//", "**" };
  gsize length = 1;

  for (guint i = 0; i < G_N_ELEMENTS (twos); i++)
    if (strncmp (self->p, twos[i], 2) == 0)
      length = 2;
  if (length == 1 && strchr ("+-/*%~[](){}<>=.:|,", *self->p) == NULL)
    return fail (self, "a sign that templates do not know", error);
  add (self, JINJA_TOKEN_OPERATOR, g_strndup (self->p, length), length);
  advance (self, self->p + length);
  return TRUE;
}

/* The inside of a tag, from after its two signs to after its end. */
static gboolean
lex_tag (Lexer *self, gboolean is_output, GError **error)
{
  const char *close = is_output ? "}}" : "%}";
  int depth = 0; /* of braces: "}}" may end two dictionaries */

  add (self, is_output ? JINJA_TOKEN_OUTPUT : JINJA_TOKEN_BLOCK, NULL, 0);
  advance (self, self->p + 2);
  if (*self->p == '-' || *self->p == '+')
    advance (self, self->p + 1);
  while (self->p < self->end)
    {
      const char *p = self->p;
      const gboolean sign = *p == '-' || (*p == '+' && !is_output);

      if (depth == 0 && (strncmp (p, close, 2) == 0 || (sign && strncmp (p + 1, close, 2) == 0)))
        {
          add (self, is_output ? JINJA_TOKEN_OUTPUT_END : JINJA_TOKEN_BLOCK_END, NULL, 0);
          advance (self, p + 2 + sign);
          skip_after (self, *p == '-', !is_output && *p != '+');
          return TRUE;
        }
      depth += *p == '{';
      depth -= *p == '}' && depth > 0;
      if (g_ascii_isspace (*p))
        advance (self, p + 1);
      else if (*p == '\'' || *p == '"')
        {
          if (!lex_string (self, error))
            return FALSE;
        }
      else if (g_ascii_isalnum (*p) || *p == '_')
        lex_word (self);
      else if (!lex_operator (self, error))
        return FALSE;
    }
  return fail (self, "a tag does not end", error);
}

/* The next "{{", "{%" or "{#", or the end. */
static const char *
find_tag (const Lexer *self)
{
  for (const char *p = self->p; p + 1 < self->end; p++)
    if (p[0] == '{' && (p[1] == '{' || p[1] == '%' || p[1] == '#'))
      return p;
  return self->end;
}

GArray *
jinja_lex (const char *source, GError **error)
{
  g_autoptr (GString) text = g_string_new (source);
  g_autoptr (GArray) tokens = g_array_new (FALSE, FALSE, sizeof (JinjaToken));
  Lexer self = { .tokens = tokens, .line = 1, .line_starting = TRUE };

  g_array_set_clear_func (tokens, token_clear);
  g_string_replace (text, "\r\n", "\n", 0);
  g_string_replace (text, "\r", "\n", 0);
  if (text->len > 0 && text->str[text->len - 1] == '\n')
    g_string_truncate (text, text->len - 1); /* Jinja2's keep_trailing_newline is off */
  self.source = self.p = text->str;
  self.end = text->str + text->len;

  while (self.p < self.end)
    {
      const char *tag = find_tag (&self);
      gboolean ok = TRUE;

      add_text (&self, tag, tag < self.end && tag[1] == '{', tag == self.end);
      if (tag == self.end)
        break;
      ok = tag[1] == '#' ? lex_comment (&self, error) : lex_tag (&self, tag[1] == '{', error);
      if (!ok)
        return NULL;
    }
  add (&self, JINJA_TOKEN_END, NULL, 0);
  return g_steal_pointer (&tokens);
}
