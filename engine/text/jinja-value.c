/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values, and what Python would do with them.
 */
#include "text/jinja-value.h"

#include <string.h>

#define DEPTH_MAX 64 /* of lists in lists when they are compared */

JinjaPool *
jinja_pool_new (gsize limit)
{
  JinjaPool *pool = g_new0 (JinjaPool, 1);

  pool->blocks = g_ptr_array_new_with_free_func (g_free);
  pool->limit = limit;
  return pool;
}

void
jinja_pool_free (JinjaPool *pool)
{
  if (pool == NULL)
    return;
  g_ptr_array_unref (pool->blocks);
  g_free (pool);
}

gpointer
jinja_pool_alloc (JinjaPool *pool, gsize bytes)
{
  gpointer block = g_malloc0 (MAX (bytes, 1));

  g_ptr_array_add (pool->blocks, block);
  pool->bytes += bytes;
  pool->exceeded |= pool->limit > 0 && pool->bytes > pool->limit;
  return block;
}

gboolean
jinja_is_space (gunichar c)
{
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0
         || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f
         || c == 0x205f || c == 0x3000;
}

JinjaValue
jinja_undefined (void)
{
  return (JinjaValue) { .kind = JINJA_UNDEFINED };
}

JinjaValue
jinja_none (void)
{
  return (JinjaValue) { .kind = JINJA_NONE };
}

JinjaValue
jinja_bool (gboolean value)
{
  return (JinjaValue) { .kind = JINJA_BOOL, .i = value != FALSE };
}

JinjaValue
jinja_int (gint64 value)
{
  return (JinjaValue) { .kind = JINJA_INT, .i = value };
}

JinjaValue
jinja_real (double value)
{
  return (JinjaValue) { .kind = JINJA_REAL, .d = value };
}

/* @length bytes to be filled; marks only where @marked. */
static JinjaString *
new_string (JinjaPool *pool, gsize length, gboolean marked)
{
  JinjaString *string = jinja_pool_alloc (pool, sizeof *string);

  string->text = jinja_pool_alloc (pool, length + 1);
  string->length = length;
  string->marks = marked ? jinja_pool_alloc (pool, length) : NULL;
  string->empty = -1;
  return string;
}

static JinjaValue
wrap (JinjaString *string)
{
  return (JinjaValue) { .kind = JINJA_STRING, .string = string };
}

JinjaValue
jinja_string (JinjaPool *pool, const char *text, gsize length, AttuneOrigin origin)
{
  JinjaString *string = new_string (pool, length, origin != ATTUNE_ORIGIN_TEMPLATE);

  memcpy ((char *) string->text, text, length);
  if (string->marks != NULL)
    memset ((guint8 *) string->marks, origin, length);
  if (length == 0 && origin == ATTUNE_ORIGIN_ASSISTANT)
    string->empty = 0;
  return wrap (string);
}

JinjaValue
jinja_literal (JinjaPool *pool, const char *text)
{
  return jinja_string (pool, text, strlen (text), ATTUNE_ORIGIN_TEMPLATE);
}

JinjaValue
jinja_list (JinjaPool *pool, gsize n)
{
  JinjaList *list = jinja_pool_alloc (pool, sizeof *list);

  list->n = n;
  list->items = jinja_pool_alloc (pool, n * sizeof (JinjaValue)); /* zero: undefined */
  return (JinjaValue) { .kind = JINJA_LIST, .list = list };
}

JinjaValue
jinja_map (JinjaPool *pool)
{
  return (JinjaValue) { .kind = JINJA_MAP, .map = jinja_pool_alloc (pool, sizeof (JinjaMap)) };
}

static gssize
find_key (const JinjaMap *map, const char *key, gsize length, gboolean is_number)
{
  for (gsize i = 0; i < map->n; i++)
    if (map->keys[i].length == length && map->keys[i].is_number == is_number
        && memcmp (map->keys[i].text, key, length) == 0)
      return (gssize) i;
  return -1;
}

void
jinja_map_set (JinjaPool *pool, JinjaMap *map, JinjaString key, JinjaValue value)
{
  const gssize old = find_key (map, key.text, key.length, key.is_number);

  if (old >= 0)
    {
      map->values[old] = value;
      return;
    }
  if (map->n == map->room)
    {
      const gsize room = MAX (4, map->room * 2);
      JinjaString *keys = jinja_pool_alloc (pool, room * sizeof *keys);
      JinjaValue *values = jinja_pool_alloc (pool, room * sizeof *values);

      for (gsize i = 0; i < map->n; i++)
        {
          keys[i] = map->keys[i];
          values[i] = map->values[i];
        }
      map->keys = keys;
      map->values = values;
      map->room = room;
    }
  map->keys[map->n] = key;
  map->values[map->n++] = value;
}

const JinjaValue *
jinja_map_look (const JinjaMap *map, const char *key, gsize length)
{
  const gssize place = find_key (map, key, length, FALSE);

  return place >= 0 ? &map->values[place] : NULL;
}

JinjaValue
jinja_map_get (const JinjaMap *map, const char *key, gsize length)
{
  const JinjaValue *value = jinja_map_look (map, key, length);

  return value != NULL ? *value : jinja_undefined ();
}

JinjaValue
jinja_map_find (const JinjaMap *map, const JinjaString *key)
{
  const gssize place = find_key (map, key->text, key->length, key->is_number);

  return place >= 0 ? map->values[place] : jinja_undefined ();
}

gboolean
jinja_make_key (JinjaPool *pool, JinjaValue value, JinjaString *key)
{
  g_autofree char *number = NULL;

  if (value.kind == JINJA_STRING)
    *key = *value.string;
  else if (value.kind == JINJA_INT)
    {
      number = g_strdup_printf ("%" G_GINT64_FORMAT, value.i);
      *key = *jinja_literal (pool, number).string;
      key->is_number = TRUE;
    }
  else
    return FALSE;
  return TRUE;
}

JinjaValue
jinja_key_value (JinjaString *key)
{
  return key->is_number ? jinja_int (g_ascii_strtoll (key->text, NULL, 10)) : wrap (key);
}

JinjaValue
jinja_substring (JinjaPool *pool, const JinjaString *string, gsize from, gsize to)
{
  JinjaString *part = jinja_pool_alloc (pool, sizeof *part);
  char *text = jinja_pool_alloc (pool, to - from + 1);

  memcpy (text, string->text + from, to - from);
  part->text = text;
  part->length = to - from;
  part->marks = string->marks != NULL ? string->marks + from : NULL;
  part->empty
      = string->empty >= 0 ? CLAMP (string->empty, (gssize) from, (gssize) to) - (gssize) from : -1;
  return wrap (part);
}

JinjaValue
jinja_concat (JinjaPool *pool, const JinjaString *a, const JinjaString *b)
{
  JinjaString *both
      = new_string (pool, a->length + b->length, a->marks != NULL || b->marks != NULL);

  memcpy ((char *) both->text, a->text, a->length);
  memcpy ((char *) both->text + a->length, b->text, b->length);
  if (a->marks != NULL)
    memcpy ((guint8 *) both->marks, a->marks, a->length);
  if (b->marks != NULL)
    memcpy ((guint8 *) both->marks + a->length, b->marks, b->length);
  both->empty = b->empty >= 0 ? b->empty + (gssize) a->length : a->empty;
  return wrap (both);
}

gboolean
jinja_is_true (JinjaValue value)
{
  switch (value.kind)
    {
    case JINJA_UNDEFINED:
    case JINJA_NONE:
      return FALSE;
    case JINJA_BOOL:
    case JINJA_INT:
      return value.i != 0;
    case JINJA_REAL:
      return value.d != 0;
    case JINJA_STRING:
      return value.string->length > 0;
    case JINJA_LIST:
      return value.list->n > 0;
    case JINJA_MAP:
      return value.map->n > 0;
    default:
      return TRUE;
    }
}

static gboolean
is_number (JinjaValue value)
{
  return value.kind == JINJA_BOOL || value.kind == JINJA_INT || value.kind == JINJA_REAL;
}

static double
as_real (JinjaValue value)
{
  return value.kind == JINJA_REAL ? value.d : (double) value.i;
}

static gboolean
equal (JinjaValue a, JinjaValue b, int depth)
{
  if (is_number (a) && is_number (b))
    return a.kind == JINJA_REAL || b.kind == JINJA_REAL ? as_real (a) == as_real (b) : a.i == b.i;
  if (a.kind != b.kind)
    return FALSE;
  switch (a.kind)
    {
    case JINJA_STRING:
      return a.string->length == b.string->length
             && memcmp (a.string->text, b.string->text, a.string->length) == 0;
    case JINJA_LIST:
      if (a.list->n != b.list->n || a.list->is_tuple != b.list->is_tuple)
        return FALSE;
      for (gsize i = 0; i < a.list->n; i++)
        if (depth > DEPTH_MAX || !equal (a.list->items[i], b.list->items[i], depth + 1))
          return FALSE;
      return TRUE;
    case JINJA_MAP:
      if (a.map == b.map)
        return TRUE;
      if (a.map->n != b.map->n || depth > DEPTH_MAX)
        return FALSE;
      for (gsize i = 0; i < a.map->n; i++)
        {
          const gssize k = find_key (b.map, a.map->keys[i].text, a.map->keys[i].length,
                                     a.map->keys[i].is_number);

          if (k < 0 || !equal (a.map->values[i], b.map->values[k], depth + 1))
            return FALSE;
        }
      return TRUE;
    case JINJA_FUNCTION:
      return a.function == b.function;
    case JINJA_MACRO:
      return a.macro == b.macro;
    default:
      return TRUE; /* none and none */
    }
}

gboolean
jinja_equal (JinjaValue a, JinjaValue b)
{
  return equal (a, b, 0);
}

void
jinja_append (AttuneMarkedText *out, const JinjaString *string)
{
  gsize start = 0;

  for (gsize i = 0; i <= string->length; i++)
    {
      const gboolean at_end = i == string->length;

      if (string->empty == (gssize) i)
        {
          attune_marked_text_append (out, string->text + start, i - start,
                                     string->marks != NULL && i > start ? string->marks[start]
                                                                        : ATTUNE_ORIGIN_TEMPLATE);
          attune_marked_text_append (out, "", 0, ATTUNE_ORIGIN_ASSISTANT);
          start = i;
        }
      if (i > start
          && (at_end || (string->marks != NULL && string->marks[i] != string->marks[start])))
        {
          attune_marked_text_append (out, string->text + start, i - start,
                                     string->marks != NULL ? string->marks[start]
                                                           : ATTUNE_ORIGIN_TEMPLATE);
          start = i;
        }
    }
}
