/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Jinja2's filters of lists.
 */
#include "text/jinja-tree.h"

#include <string.h>

/* The member @path of @value: "a.b", where a part may be a number. */
static JinjaValue
pick (JinjaValue value, const JinjaString *path)
{
  g_auto (GStrv) parts = g_strsplit (path->text, ".", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (value.kind == JINJA_MAP)
      value = jinja_map_get (value.map, parts[i], strlen (parts[i]));
    else if (value.kind == JINJA_LIST && g_ascii_isdigit (*parts[i])
             && g_ascii_strtoull (parts[i], NULL, 10) < value.list->n)
      value = value.list->items[g_ascii_strtoull (parts[i], NULL, 10)];
    else
      return jinja_undefined ();
  return value;
}

JinjaList *
jinja_pick (JinjaState *state, const JinjaList *list, const JinjaString *path)
{
  JinjaList *picked = jinja_list (state->pool, list->n).list;

  for (gsize i = 0; i < list->n; i++)
    picked->items[i] = pick (list->items[i], path);
  return picked;
}

/* A node that calls the filter or test @name of its argument. */
static JinjaNode
make_call (const JinjaNode *node, JinjaNodeKind kind, const char *name)
{
  return (JinjaNode) { .kind = kind,
                       .builtin
                       = jinja_builtin_find (kind == JINJA_NODE_TEST ? "test" : "filter", name),
                       .line = node->line,
                       .name = name };
}

static JinjaValue
map (JinjaState *state, const JinjaNode *node, const JinjaList *list, const JinjaValue *arguments,
     guint n)
{
  JinjaValue made = jinja_list (state->pool, list->n), fallback = jinja_undefined ();
  JinjaNode call;

  made.list->is_lazy = TRUE;
  for (guint i = 1; i < n && node->names[0] != NULL; i++)
    if (node->names[i] != NULL && g_str_equal (node->names[i], "default"))
      fallback = arguments[i];
  if (n < 1 || arguments[0].kind != JINJA_STRING
      || (node->names[0] != NULL && !g_str_equal (node->names[0], "attribute")))
    return jinja_fail (state, node, "“map” needs the name of a filter or an attribute");
  call = make_call (node, JINJA_NODE_FILTER, arguments[0].string->text);
  if (node->names[0] == NULL && call.builtin == JINJA_BUILTIN_NONE)
    return jinja_fail (state, node, "the filter “%s” is not supported", call.name);
  for (gsize i = 0; i < list->n && jinja_may_go_on (state, node); i++)
    if (node->names[0] != NULL)
      {
        made.list->items[i] = pick (list->items[i], arguments[0].string);
        if (made.list->items[i].kind == JINJA_UNDEFINED)
          made.list->items[i] = fallback;
      }
    else
      {
        JinjaValue rest[JINJA_ARGUMENTS_MAX] = { 0 };

        for (guint k = 1; k < n; k++)
          rest[k - 1] = arguments[k];
        state->depth++;
        made.list->items[i] = jinja_builtin_call (state, &call, list->items[i], rest, n - 1);
        state->depth--;
      }
  return made;
}

/* select, reject, selectattr, rejectattr: those for which a test holds, or not. */
static JinjaValue
choose (JinjaState *state, const JinjaNode *node, const JinjaList *list,
        const JinjaValue *arguments, guint n)
{
  const gboolean by_member = node->builtin == JINJA_SELECTATTR || node->builtin == JINJA_REJECTATTR;
  const gboolean wanted = node->builtin == JINJA_SELECT || node->builtin == JINJA_SELECTATTR;
  const guint at = by_member ? 1 : 0; /* of the test's name */
  JinjaValue made = jinja_list (state->pool, list->n);
  JinjaNode call = { 0 };

  made.list->is_lazy = TRUE;
  made.list->n = 0;
  if ((by_member && (n < 1 || arguments[0].kind != JINJA_STRING))
      || (n > at && arguments[at].kind != JINJA_STRING))
    return jinja_fail (state, node, "“%s” needs a name", node->name);
  if (n > at)
    {
      call = make_call (node, JINJA_NODE_TEST, arguments[at].string->text);
      if (call.builtin == JINJA_BUILTIN_NONE)
        return jinja_fail (state, node, "the test “%s” is not supported", call.name);
    }
  for (gsize i = 0; i < list->n && jinja_may_go_on (state, node); i++)
    {
      const JinjaValue value
          = by_member ? pick (list->items[i], arguments[0].string) : list->items[i];
      const JinjaValue holds
          = n > at ? jinja_builtin_call (state, &call, value, arguments + at + 1, n - at - 1)
                   : value;

      if (jinja_is_true (holds) == wanted)
        made.list->items[made.list->n++] = list->items[i];
    }
  return made;
}

/* --- order */

typedef struct
{
  JinjaValue value, key;
} Sorted;

typedef struct
{
  JinjaState *state;
  const JinjaNode *node;
  gboolean reverse;
} Sorting;

/* Texts are compared without regard to case, unless that is asked for. */
static JinjaValue
make_key (JinjaState *state, JinjaValue value, gboolean case_sensitive)
{
  JinjaNode lower = { .kind = JINJA_NODE_FILTER, .builtin = JINJA_LOWER, .name = "lower" };

  return value.kind == JINJA_STRING && !case_sensitive
             ? jinja_call_string (state, &lower, value.string, NULL, 0)
             : value;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Sorting *sorting = data;
  const JinjaValue *x = &((const Sorted *) a)->key, *y = &((const Sorted *) b)->key;
  int order;

  if (sorting->state->error != NULL)
    return 0;
  order = jinja_is_true (jinja_compare (sorting->state, sorting->node, "<", *x, *y))   ? -1
          : jinja_is_true (jinja_compare (sorting->state, sorting->node, "<", *y, *x)) ? 1
                                                                                       : 0;
  return sorting->reverse ? -order : order;
}

/* Sorts @values by @keys; both have @n. */
static void
sort (JinjaState *state, const JinjaNode *node, JinjaValue *values, const JinjaValue *keys, gsize n,
      gboolean reverse)
{
  g_autofree Sorted *items = g_new (Sorted, n + 1);
  Sorting sorting = { state, node, reverse };

  for (gsize i = 0; i < n; i++)
    items[i] = (Sorted) { values[i], keys[i] };
  g_qsort_with_data (items, (int) n, sizeof *items, compare, &sorting); /* a stable one */
  for (gsize i = 0; i < n; i++)
    values[i] = items[i].value;
}

static JinjaList *
make_keys (JinjaState *state, const JinjaList *list, JinjaValue attribute, gboolean case_sensitive)
{
  JinjaList *keys = attribute.kind == JINJA_STRING
                        ? jinja_pick (state, list, attribute.string)
                        : jinja_pick (state, list, jinja_literal (state->pool, "").string);

  for (gsize i = 0; i < list->n; i++)
    keys->items[i] = make_key (
        state, attribute.kind == JINJA_STRING ? keys->items[i] : list->items[i], case_sensitive);
  return keys;
}

static JinjaValue
sort_list (JinjaState *state, const JinjaNode *node, const JinjaList *list,
           const JinjaValue *arguments)
{
  JinjaValue sorted = jinja_list (state->pool, list->n);
  const JinjaList *keys = make_keys (state, list, arguments[2], jinja_is_true (arguments[1]));

  memcpy (sorted.list->items, list->items, list->n * sizeof (JinjaValue));
  sort (state, node, sorted.list->items, keys->items, list->n, jinja_is_true (arguments[0]));
  return sorted;
}

/* Pairs of a map, by key or by value. */
static JinjaValue
sort_map (JinjaState *state, const JinjaNode *node, JinjaValue self, const JinjaValue *arguments)
{
  const gboolean by_value
      = arguments[1].kind == JINJA_STRING && g_str_equal (arguments[1].string->text, "value");
  JinjaValue sorted, keys;

  if (self.kind != JINJA_MAP)
    return jinja_fail (state, node, "“dictsort” needs a dictionary");
  sorted = jinja_list (state->pool, self.map->n);
  keys = jinja_list (state->pool, self.map->n);
  for (gsize i = 0; i < self.map->n; i++)
    {
      const JinjaValue key = jinja_key_value (&self.map->keys[i]);
      JinjaValue pair = jinja_list (state->pool, 2);

      pair.list->is_tuple = TRUE;
      pair.list->items[0] = key;
      pair.list->items[1] = self.map->values[i];
      sorted.list->items[i] = pair;
      keys.list->items[i]
          = make_key (state, by_value ? self.map->values[i] : key, jinja_is_true (arguments[0]));
    }
  sort (state, node, sorted.list->items, keys.list->items, self.map->n,
        jinja_is_true (arguments[2]));
  return sorted;
}

static JinjaValue
unique (JinjaState *state, const JinjaNode *node, const JinjaList *list,
        const JinjaValue *arguments)
{
  JinjaValue made = jinja_list (state->pool, list->n);
  const JinjaList *keys = make_keys (state, list, arguments[1], jinja_is_true (arguments[0]));

  made.list->is_lazy = TRUE;
  made.list->n = 0;
  for (gsize i = 0; i < list->n && jinja_may_go_on (state, node); i++)
    {
      gboolean seen = FALSE;

      for (gsize k = 0; k < i && !seen; k++)
        seen = jinja_equal (keys->items[k], keys->items[i]);
      if (!seen)
        made.list->items[made.list->n++] = list->items[i];
    }
  return made;
}

/* The smallest or the largest. */
static JinjaValue
extreme (JinjaState *state, const JinjaNode *node, const JinjaList *list,
         const JinjaValue *arguments)
{
  const JinjaList *keys = make_keys (state, list, arguments[1], jinja_is_true (arguments[0]));
  gsize best = 0;

  if (list->n == 0)
    return jinja_undefined ();
  for (gsize i = 1; i < list->n && state->error == NULL; i++)
    if (jinja_is_true (jinja_compare (state, node, node->builtin == JINJA_MIN ? "<" : ">",
                                      keys->items[i], keys->items[best])))
      best = i;
  return list->items[best];
}

static JinjaValue
sum (JinjaState *state, const JinjaNode *node, const JinjaList *list, const JinjaValue *arguments)
{
  const JinjaNode plus = { .kind = JINJA_NODE_BINARY, .line = node->line, .name = "+" };
  JinjaValue total = arguments[1].kind != JINJA_UNDEFINED ? arguments[1] : jinja_int (0);

  for (gsize i = 0; i < list->n && jinja_may_go_on (state, node); i++)
    total = jinja_operate (state, &plus, total,
                           arguments[0].kind == JINJA_STRING
                               ? pick (list->items[i], arguments[0].string)
                               : list->items[i]);
  return total;
}

JinjaValue
jinja_call_list (JinjaState *state, const JinjaNode *node, JinjaValue self,
                 const JinjaValue *arguments, guint n)
{
  const JinjaList *list;

  if (node->builtin == JINJA_DICTSORT)
    return sort_map (state, node, self, arguments);
  /* these ask first whether there is anything at all */
  list = !jinja_is_true (self)
                 && (node->builtin == JINJA_MAP_OF
                     || (node->builtin >= JINJA_SELECT && node->builtin <= JINJA_REJECTATTR))
             ? jinja_list (state->pool, 0).list
             : jinja_iterate (state, node, self);
  if (state->error != NULL)
    return jinja_undefined ();
  switch (node->builtin)
    {
    case JINJA_MAP_OF:
      return map (state, node, list, arguments, n);
    case JINJA_SORT:
      return sort_list (state, node, list, arguments);
    case JINJA_UNIQUE:
      return unique (state, node, list, arguments);
    case JINJA_MIN:
    case JINJA_MAX:
      return extreme (state, node, list, arguments);
    case JINJA_SUM:
      return sum (state, node, list, arguments);
    default:
      return choose (state, node, list, arguments, n);
    }
}
