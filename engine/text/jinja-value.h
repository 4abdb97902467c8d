/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The values of a template: Python's, as far as chat templates use them. Everything lies in a pool
 * that is freed as a whole after rendering. A string knows of each byte who wrote it, and keeps
 * that through every operation.
 */
#pragma once
#include "text/marked-text.h"

G_BEGIN_DECLS

/* Memory of one template or one rendering. */
typedef struct
{
  GPtrArray *blocks;
  gsize bytes;
  gsize limit;       /* bytes; 0: none */
  gboolean exceeded; /* more was asked for than @limit */
} JinjaPool;

JinjaPool *jinja_pool_new (gsize limit);
void jinja_pool_free (JinjaPool *pool);
/* Zeroed. Beyond the limit it is still given, and @exceeded set: check it once a step. */
gpointer jinja_pool_alloc (JinjaPool *pool, gsize bytes);

typedef enum
{
  JINJA_UNDEFINED,
  JINJA_NONE,
  JINJA_BOOL,
  JINJA_INT,
  JINJA_REAL,
  JINJA_STRING,
  JINJA_LIST,
  JINJA_MAP,
  JINJA_FUNCTION,
  JINJA_MACRO,
} JinjaKind;

typedef struct _JinjaValue JinjaValue;

typedef struct
{
  const char *text; /* NUL-terminated; may have NUL bytes inside */
  gsize length;
  const guint8 *marks; /* length; %NULL: all ATTUNE_ORIGIN_TEMPLATE */
  gssize empty;        /* where an answer of no words stands, or -1 */
  gboolean is_markup;  /* was called safe: what is added to it is written as HTML */
  gboolean is_number;  /* a dictionary's key that is a whole number */
} JinjaString;

typedef struct
{
  gsize n;
  JinjaValue *items;
  gboolean is_tuple; /* differs only when written out or compared */
  gboolean is_lazy;  /* a generator in Python: it has no length, and cannot be written out */
} JinjaList;

/* Few entries: they are searched one by one. */
typedef struct
{
  gsize n, room;
  gboolean is_namespace; /* holds nothing but what was set */
  JinjaString *keys;
  JinjaValue *values;
} JinjaMap;

typedef enum
{
  JINJA_FUNCTION_NAMESPACE,
  JINJA_FUNCTION_DICT,
  JINJA_FUNCTION_RAISE,
  JINJA_FUNCTION_RANGE,
  JINJA_FUNCTION_TIME,
  JINJA_FUNCTION_METHOD, /* one that is not called: {}.items */
} JinjaFunction;

struct _JinjaValue
{
  JinjaKind kind;
  union
  {
    gint64 i; /* BOOL and INT */
    double d;
    JinjaString *string;
    JinjaList *list;
    JinjaMap *map;
    JinjaFunction function;
    const struct _JinjaMacro *macro;
  };
};

/* A macro and the names around it, the innermost last. */
typedef struct _JinjaMacro
{
  const struct _JinjaNode *node;
  JinjaMap **scopes;
  guint n_scopes;
} JinjaMacro;

/* Python's str.isspace of one character. */
gboolean jinja_is_space (gunichar c);

JinjaValue jinja_undefined (void);
JinjaValue jinja_none (void);
JinjaValue jinja_bool (gboolean value);
JinjaValue jinja_int (gint64 value);
JinjaValue jinja_real (double value);
/* Copies @length bytes, all written by @origin. */
JinjaValue jinja_string (JinjaPool *pool, const char *text, gsize length, AttuneOrigin origin);
JinjaValue jinja_literal (JinjaPool *pool,
                          const char *text);      /* NUL-terminated, the template's own */
JinjaValue jinja_list (JinjaPool *pool, gsize n); /* of n undefined items, to be filled */
JinjaValue jinja_map (JinjaPool *pool);

void jinja_map_set (JinjaPool *pool, JinjaMap *map, JinjaString key, JinjaValue value);
/* The key that @value is, or %FALSE: a text or a whole number. */
gboolean jinja_make_key (JinjaPool *pool, JinjaValue value, JinjaString *key);
JinjaValue jinja_key_value (JinjaString *key);
JinjaValue jinja_map_find (const JinjaMap *map, const JinjaString *key);
/* Returns: (nullable): what the map holds, which may be undefined. */
const JinjaValue *jinja_map_look (const JinjaMap *map, const char *key, gsize length);
/* Undefined where there is none. */
JinjaValue jinja_map_get (const JinjaMap *map, const char *key, gsize length);

/* Bytes @from … @to of @string, marks and all. */
JinjaValue jinja_substring (JinjaPool *pool, const JinjaString *string, gsize from, gsize to);
JinjaValue jinja_concat (JinjaPool *pool, const JinjaString *a, const JinjaString *b);

gboolean jinja_is_true (JinjaValue value);
gboolean jinja_equal (JinjaValue a, JinjaValue b);
/* As str() in Python. */
JinjaString *jinja_to_string (JinjaPool *pool, JinjaValue value);
/* What json.dumps may be asked for. */
typedef struct
{
  gboolean ascii;     /* ensure_ascii */
  gboolean sorted;    /* sort_keys */
  const char *indent; /* (nullable) */
} JinjaJsonStyle;

/* As json.dumps. */
JinjaString *jinja_to_json (JinjaPool *pool, JinjaValue value, const JinjaJsonStyle *style);
void jinja_append (AttuneMarkedText *out, const JinjaString *string);

G_END_DECLS
