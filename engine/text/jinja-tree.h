/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parsed form of a template, shared by parser and evaluator.
 */
#pragma once
#include "text/jinja.h"

G_BEGIN_DECLS

typedef enum
{
  /* expressions */
  JINJA_NODE_LITERAL, /* value */
  JINJA_NODE_NAME,    /* name */
  JINJA_NODE_LIST,    /* items; name: "(" for a tuple */
  JINJA_NODE_MAP,     /* items: key, value, key, value … */
  JINJA_NODE_MEMBER,  /* a.name */
  JINJA_NODE_INDEX,   /* a[b] */
  JINJA_NODE_SLICE,   /* a[items[0]:items[1]:items[2]], each (nullable) */
  JINJA_NODE_CALL,    /* a (items), names: of keyword arguments; c: the macro that a call block
                         is to it (nullable) */
  JINJA_NODE_FILTER,  /* a | builtin (items) */
  JINJA_NODE_TEST,    /* a is builtin (items) */
  JINJA_NODE_METHOD,  /* a.builtin (items) */
  JINJA_NODE_BINARY,  /* a name b: "+", "==", "in" … */
  JINJA_NODE_MINUS,   /* -a */
  JINJA_NODE_NOT,     /* not a */
  JINJA_NODE_AND,     /* a and b */
  JINJA_NODE_OR,      /* a or b */
  JINJA_NODE_CHOICE,  /* a if b else c; c (nullable) */
  JINJA_NODE_CAPTURE, /* the output of b */
  /* statements */
  JINJA_NODE_TEXT,   /* value */
  JINJA_NODE_OUTPUT, /* {{ a }} */
  JINJA_NODE_BLOCK,  /* items, one after the other */
  JINJA_NODE_IF,     /* a; then b, else c (nullable) */
  JINJA_NODE_FOR,    /* for names in a if d: b, else c; c and d (nullable) */
  JINJA_NODE_SET,    /* name = a, or name.member = a with names[0]; or the output of b */
  JINJA_NODE_MACRO,  /* name (names): b; items: the names' defaults, each (nullable); value:
                        whether it asks for its caller */
  JINJA_NODE_SCOPE,  /* b, whose names are its own */
  JINJA_NODE_BREAK,
  JINJA_NODE_CONTINUE,
} JinjaNodeKind;

typedef enum
{
  JINJA_BUILTIN_NONE,
  /* filters; those that are Python's string methods too */
  JINJA_TRIM,
  JINJA_LSTRIP,
  JINJA_RSTRIP,
  JINJA_UPPER,
  JINJA_LOWER,
  JINJA_REPLACE,
  JINJA_SPLIT,
  JINJA_INDENT,
  JINJA_CAPITALIZE,
  JINJA_TITLE,
  JINJA_FORMAT,
  JINJA_STARTSWITH,
  JINJA_ENDSWITH,
  JINJA_ITEMS,
  JINJA_KEYS,
  JINJA_VALUES,
  JINJA_GET,
  JINJA_UNSAFE, /* changes its receiver, which the sandbox does not allow */
  JINJA_LENGTH,
  JINJA_FIRST,
  JINJA_LAST,
  JINJA_TOJSON,
  JINJA_DEFAULT,
  JINJA_JOIN,
  JINJA_STRING_OF,
  JINJA_INT_OF,
  JINJA_LIST_OF,
  JINJA_SAFE,
  JINJA_REVERSE,
  JINJA_ABS,
  JINJA_FLOAT_OF,
  JINJA_DICTSORT,
  JINJA_MAP_OF,
  JINJA_SELECT,
  JINJA_REJECT,
  JINJA_SELECTATTR,
  JINJA_REJECTATTR,
  JINJA_SORT,
  JINJA_UNIQUE,
  JINJA_MIN,
  JINJA_MAX,
  JINJA_SUM,
  /* tests */
  JINJA_IS_DEFINED,
  JINJA_IS_UNDEFINED,
  JINJA_IS_NONE,
  JINJA_IS_STRING,
  JINJA_IS_MAPPING,
  JINJA_IS_ITERABLE,
  JINJA_IS_NUMBER,
  JINJA_IS_INTEGER,
  JINJA_IS_BOOLEAN,
  JINJA_IS_TRUE,
  JINJA_IS_FALSE,
  JINJA_IS_ODD,
  JINJA_IS_EVEN,
  JINJA_IS_EQUAL,
  JINJA_IS_IN,
  JINJA_IS_NE,
  JINJA_IS_GT,
  JINJA_IS_LT,
  JINJA_IS_GE,
  JINJA_IS_LE,
  JINJA_IS_CALLABLE,
  JINJA_IS_FLOAT,
  JINJA_IS_LOWER,
  JINJA_IS_UPPER,
} JinjaBuiltin;

typedef struct _JinjaNode JinjaNode;

struct _JinjaNode
{
  JinjaNodeKind kind;
  JinjaBuiltin builtin;
  int line;
  const char *name;
  JinjaNode *a, *b, *c, *d;
  guint n; /* of items, and of names */
  JinjaNode **items;
  const char **names; /* FOR: its n names; CALL and the like: (nullable), for each item */
  JinjaValue value;
};

struct _JinjaTemplate
{
  JinjaPool *pool; /* what the tree lies in */
  JinjaNode *root;
};

/* @what: "filter", "test" or "method". Returns: JINJA_BUILTIN_NONE for one that is not in the
 * subset. */
JinjaBuiltin jinja_builtin_find (const char *what, const char *name);
/* The place of the parameter @name, or -1. */
int jinja_builtin_parameter (JinjaBuiltin builtin, const char *name);
/* Whether keyword arguments are its own business. */
gboolean jinja_builtin_takes_names (JinjaBuiltin builtin);
gboolean jinja_test_takes_argument (JinjaBuiltin builtin);

/* --- between the two halves of the evaluator */

/* One rendering. */
typedef struct
{
  JinjaPool *pool;
  AttuneMarkedText *out; /* where output goes now; a set block has its own */
  GPtrArray *scopes;     /* JinjaMap, the innermost last */
  gint64 n_steps;
  int depth;     /* of nodes being evaluated */
  gint64 now;    /* seconds since 1970 that strftime_now takes; 0: the clock's */
  GError *error; /* the first failure; everything after it is undefined */
} JinjaState;

JinjaValue jinja_eval (JinjaState *state, const JinjaNode *node);

/* @node's operator between two values. */
JinjaValue jinja_operate (JinjaState *state, const JinjaNode *node, JinjaValue a, JinjaValue b);

/* One step more; %FALSE after a failure, which may be that it was one too many. */
gboolean jinja_may_go_on (JinjaState *state, const JinjaNode *node);

/* Counts going through @string, which is no single step where it is long. */
void jinja_charge (JinjaState *state, const JinjaString *string, gsize times);

/* Names: set in one scope, found in the innermost that has them. */
void jinja_set (JinjaState *state, JinjaMap *map, const char *name, JinjaValue value);
JinjaValue jinja_get (JinjaState *state, const char *name);

/* Keeps the first failure. Returns: undefined. */
JinjaValue jinja_fail (JinjaState *state, const JinjaNode *node, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* A filter, test or method: @self with @n arguments. */
JinjaValue jinja_builtin_call (JinjaState *state, const JinjaNode *node, JinjaValue self,
                               const JinjaValue *arguments, guint n);

/* What "for" goes through: a list's items, a map's keys, a string's characters. Fails on anything
 * else. */
JinjaList *jinja_iterate (JinjaState *state, const JinjaNode *node, JinjaValue value);

/* Whether @value is in @container. */
gboolean jinja_contains (JinjaState *state, const JinjaNode *node, JinjaValue container,
                         JinjaValue value);

/* The place of character @i of @string, in bytes. */
gsize jinja_character (const JinjaString *string, gsize i);
gsize jinja_length (const JinjaString *string); /* in characters */
gsize jinja_next_character (const JinjaString *string, gsize at);
/* Where @part begins in @string from @from on, or -1. */
gssize jinja_find (const JinjaString *string, const JinjaString *part, gsize from);
JinjaValue jinja_join (JinjaState *state, JinjaList *list, const JinjaString *separator);
/* What was written to @out, as a value. */
JinjaValue jinja_take (JinjaState *state, const AttuneMarkedText *out);
/* The output of @node as a value; its names are its own. */
JinjaValue jinja_capture (JinjaState *state, const JinjaNode *node);
/* < > <= >= */
JinjaValue jinja_compare (JinjaState *state, const JinjaNode *node, const char *name, JinjaValue a,
                          JinjaValue b);
/* Whether @value has letters, all of that case. */
JinjaValue jinja_is_case (JinjaState *state, JinjaValue value, gboolean upper);

/* --- by kind of receiver */

JinjaValue jinja_call_string (JinjaState *state, const JinjaNode *node, const JinjaString *self,
                              const JinjaValue *arguments, guint n);
JinjaValue jinja_indent (JinjaState *state, const JinjaNode *node, const JinjaString *string,
                         const JinjaValue *arguments);
/* @how: upper, lower, capitalize (the first letter large and all others small) or title (likewise,
 * of each word). */
JinjaValue jinja_change_case (JinjaState *state, const JinjaString *string, JinjaBuiltin how);
JinjaValue jinja_format (JinjaState *state, const JinjaNode *node, const JinjaString *string,
                         const JinjaValue *arguments, guint n);
JinjaValue jinja_call_list (JinjaState *state, const JinjaNode *node, JinjaValue self,
                            const JinjaValue *arguments, guint n);
/* The member @path ("a.b") of each item. */
JinjaList *jinja_pick (JinjaState *state, const JinjaList *list, const JinjaString *path);
/* tojson with its arguments. */
JinjaValue jinja_write_json (JinjaState *state, const JinjaNode *node, JinjaValue value,
                             const JinjaValue *arguments, guint n);

/* --- functions and macros */

#define JINJA_ARGUMENTS_MAX 16

/* What a name that no one has set stands for: a function, or nothing. */
JinjaValue jinja_find_function (const char *name);
/* Evaluates a node's items, each at its parameter's place; others are undefined. Returns: how many;
 * 0 after a failure. */
guint jinja_eval_items (JinjaState *state, const JinjaNode *node,
                        JinjaValue arguments[JINJA_ARGUMENTS_MAX]);
JinjaValue jinja_call (JinjaState *state, const JinjaNode *node);
/* The macro that @node defines, with the names that it sees from here. */
JinjaValue jinja_close_macro (JinjaState *state, const JinjaNode *node);
/* Calls @macro as @node does. */
JinjaValue jinja_call_macro (JinjaState *state, const JinjaNode *node, const JinjaMacro *macro,
                             const JinjaValue *arguments, guint n);

G_END_DECLS
