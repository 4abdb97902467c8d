/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values written out: as Python's str() and repr(), and as its json.dumps().
 */
#include "text/jinja-tree.h"

#include <math.h>
#include <string.h>

#define DEPTH_MAX 64 /* of lists in lists */

typedef struct
{
  AttuneMarkedText *out;
  const JinjaJsonStyle *json; /* (nullable): as Python's repr() */
  int depth;
} Writer;

static void
put (Writer *self, const char *text)
{
  attune_marked_text_append (self->out, text, strlen (text), ATTUNE_ORIGIN_TEMPLATE);
}

static void
put_real (Writer *self, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (text, sizeof text, value);
  for (int precision = 1; precision < 17;
       precision++) /* the shortest that reads back the same, as in Python */
    {
      char format[8], shorter[G_ASCII_DTOSTR_BUF_SIZE];

      g_snprintf (format, sizeof format, "%%.%dg", precision);
      g_ascii_formatd (shorter, sizeof shorter, format, value);
      if (g_ascii_strtod (shorter, NULL) == value)
        {
          g_strlcpy (text, shorter, sizeof text);
          break;
        }
    }
  put (self, text);
  if (isfinite (value) && strpbrk (text, ".e") == NULL)
    put (self, ".0");
}

/* Beyond ASCII: as UTF-16. Returns: how many bytes of the text that was. */
static gsize
escape_character (const JinjaString *string, gsize at, char *escape, gsize room)
{
  const gunichar c = g_utf8_get_char_validated (string->text + at, (gssize) (string->length - at));

  if (c >= (gunichar) -2)
    return 1;
  if (c < 0x10000)
    g_snprintf (escape, room, "\\u%04x", c);
  else
    g_snprintf (escape, room, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
                0xdc00 + ((c - 0x10000) & 0x3ff));
  return jinja_next_character (string, at) - at;
}

static void
put_quoted (Writer *self, const JinjaString *string)
{
  const char quote
      = self->json != NULL ? '"'
        : memchr (string->text, '\'', string->length) && !memchr (string->text, '"', string->length)
            ? '"'
            : '\'';
  static const char plain[] = "\b\f\n\r\t\\", letters[] = "bfnrt\\";

  attune_marked_text_append (self->out, &quote, 1, ATTUNE_ORIGIN_TEMPLATE);
  for (gsize i = 0; i < string->length; i++)
    {
      const char c = string->text[i];
      const AttuneOrigin origin = string->marks != NULL ? string->marks[i] : ATTUNE_ORIGIN_TEMPLATE;
      const char *known = c != 0 ? strchr (plain, c) : NULL;
      char escape[16] = { c, 0 };
      gsize length = 1;

      if (known != NULL && (self->json || (c != '\b' && c != '\f')))
        g_snprintf (escape, sizeof escape, "\\%c", letters[known - plain]);
      else if (c == quote)
        g_snprintf (escape, sizeof escape, "\\%c", c);
      else if ((guchar) c < 0x20 || (c == 0x7f && !self->json))
        g_snprintf (escape, sizeof escape, self->json ? "\\u%04x" : "\\x%02x", (guchar) c);
      else if (self->json != NULL && self->json->ascii && (guchar) c >= 0x80)
        length = escape_character (string, i, escape, sizeof escape);
      attune_marked_text_append (self->out, escape, MAX (strlen (escape), 1), origin);
      i += length - 1;
    }
  attune_marked_text_append (self->out, &quote, 1, ATTUNE_ORIGIN_TEMPLATE);
}

static void put_value (Writer *self, JinjaValue value);

/* Before an item, or, where @last, before what ends the list. */
static void
put_break (Writer *self, gboolean first, gboolean last)
{
  if (!last && !first)
    put (self, self->json != NULL && self->json->indent != NULL ? "," : ", ");
  if (self->json == NULL || self->json->indent == NULL || (last && first))
    return;
  put (self, "\n");
  for (int i = last ? 1 : 0; i < self->depth; i++)
    put (self, self->json->indent);
}

static void
put_list (Writer *self, const JinjaList *list)
{
  const gboolean tuple = list->is_tuple && self->json == NULL;

  put (self, tuple ? "(" : "[");
  for (gsize i = 0; i < list->n; i++)
    {
      put_break (self, i == 0, FALSE);
      put_value (self, list->items[i]);
    }
  put_break (self, list->n == 0, TRUE);
  put (self, !tuple ? "]" : list->n == 1 ? ",)" : ")");
}

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data)
{
  const JinjaMap *map = data;
  const JinjaString *x = &map->keys[*(const gsize *) a], *y = &map->keys[*(const gsize *) b];
  const int order = memcmp (x->text, y->text, MIN (x->length, y->length));

  return order != 0 ? order : x->length < y->length ? -1 : x->length > y->length;
}

static void
put_map (Writer *self, const JinjaMap *map)
{
  g_autofree gsize *order = g_new (gsize, map->n + 1);

  for (gsize i = 0; i < map->n; i++)
    order[i] = i;
  if (self->json != NULL && self->json->sorted)
    g_qsort_with_data (order, (int) map->n, sizeof *order, compare_keys, (gpointer) map);
  put (self, "{");
  for (gsize i = 0; i < map->n; i++)
    {
      put_break (self, i == 0, FALSE);
      if (map->keys[order[i]].is_number && self->json == NULL)
        put (self, map->keys[order[i]].text);
      else
        put_quoted (self, &map->keys[order[i]]);
      put (self, ": ");
      put_value (self, map->values[order[i]]);
    }
  put_break (self, map->n == 0, TRUE);
  put (self, "}");
}

static void
put_value (Writer *self, JinjaValue value)
{
  g_autofree char *number = NULL;
  const gboolean json = self->json != NULL;

  if (++self->depth > DEPTH_MAX)
    put (self, "…");
  else if (value.kind == JINJA_NONE || value.kind == JINJA_UNDEFINED)
    put (self, json ? "null" : value.kind == JINJA_NONE ? "None" : "Undefined");
  else if (value.kind == JINJA_BOOL)
    put (self, json ? (value.i ? "true" : "false") : (value.i ? "True" : "False"));
  else if (value.kind == JINJA_INT)
    put (self, number = g_strdup_printf ("%" G_GINT64_FORMAT, value.i));
  else if (value.kind == JINJA_REAL)
    put_real (self, value.d);
  else if (value.kind == JINJA_STRING)
    put_quoted (self, value.string);
  else if (value.kind == JINJA_LIST)
    put_list (self, value.list);
  else if (value.kind == JINJA_MAP)
    put_map (self, value.map);
  self->depth--;
}

static JinjaString *
write_out (JinjaPool *pool, JinjaValue value, const JinjaJsonStyle *json)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  Writer writer = { out, json, 0 };
  JinjaString *string;

  put_value (&writer, value);
  string = jinja_string (pool, out->text->str, out->text->len, ATTUNE_ORIGIN_PEOPLE).string;
  if (out->marks->len > 0)
    memcpy ((guint8 *) string->marks, out->marks->data, out->marks->len);
  return string;
}

JinjaString *
jinja_to_string (JinjaPool *pool, JinjaValue value)
{
  if (value.kind == JINJA_STRING)
    return value.string;
  if (value.kind == JINJA_UNDEFINED)
    return jinja_literal (pool, "").string;
  return write_out (pool, value, NULL);
}

JinjaString *
jinja_to_json (JinjaPool *pool, JinjaValue value, const JinjaJsonStyle *style)
{
  return write_out (pool, value, style);
}

/* Whether Python's json can write @value. */
static gboolean
is_json (JinjaValue value, int depth)
{
  gboolean is = value.kind != JINJA_FUNCTION && value.kind != JINJA_MACRO
                && value.kind != JINJA_UNDEFINED && depth < DEPTH_MAX
                && !(value.kind == JINJA_LIST && value.list->is_lazy);

  for (gsize i = 0; is && value.kind == JINJA_LIST && i < value.list->n; i++)
    is = is_json (value.list->items[i], depth + 1);
  for (gsize i = 0; is && value.kind == JINJA_MAP && i < value.map->n; i++)
    is = is_json (value.map->values[i], depth + 1);
  return is;
}

JinjaValue
jinja_write_json (JinjaState *state, const JinjaNode *node, JinjaValue value,
                  const JinjaValue *arguments, guint n)
{
  g_autofree char *spaces = NULL;
  JinjaJsonStyle style
      = { n > 0 && jinja_is_true (arguments[0]), n > 3 && jinja_is_true (arguments[3]), NULL };

  if (n > 2 && arguments[2].kind != JINJA_UNDEFINED && arguments[2].kind != JINJA_NONE)
    return jinja_fail (state, node, "“separators” of “tojson” are not supported");
  if (!is_json (value, 0))
    return jinja_fail (state, node, "a value that JSON has no form for");
  if (n > 1 && arguments[1].kind == JINJA_INT)
    style.indent = spaces = g_strnfill ((gsize) CLAMP (arguments[1].i, 0, 100), ' ');
  else if (n > 1 && arguments[1].kind == JINJA_STRING)
    style.indent = arguments[1].string->text;
  return (JinjaValue) { .kind = JINJA_STRING,
                        .string = jinja_to_json (state->pool, value, &style) };
}
