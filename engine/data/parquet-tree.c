/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tree of a Parquet file's columns, and what their values mean.
 */
#include "data/parquet-private.h"

#define MAX_LEAVES 10000
#define MAX_DEPTH 32

void
attune_parquet_node_free (gpointer data)
{
  AttuneParquetNode *node = data;

  g_free (node->name);
  g_clear_pointer (&node->children, g_ptr_array_unref);
  g_free (node);
}

/* ConvertedType: what was said before there were logical types. */
static void
set_converted (AttuneParquetNode *node, gint64 type)
{
  static const struct
  {
    gint64 type, unit;
    AttuneParquetMeaning meaning;
  } meanings[] = { { 0, 0, ATTUNE_PARQUET_TEXT },        { 3, 0, ATTUNE_PARQUET_LIST },
                   { 4, 0, ATTUNE_PARQUET_TEXT },        { 5, 0, ATTUNE_PARQUET_DECIMAL },
                   { 6, 0, ATTUNE_PARQUET_DATE },        { 9, 1000, ATTUNE_PARQUET_TIME },
                   { 10, 1000000, ATTUNE_PARQUET_TIME }, { 11, 0, ATTUNE_PARQUET_UNSIGNED },
                   { 12, 0, ATTUNE_PARQUET_UNSIGNED },   { 13, 0, ATTUNE_PARQUET_UNSIGNED },
                   { 14, 0, ATTUNE_PARQUET_UNSIGNED },   { 19, 0, ATTUNE_PARQUET_TEXT } };

  for (guint i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].type == type)
      {
        node->meaning = meanings[i].meaning;
        node->unit = meanings[i].unit;
      }
}

/* TimestampType's unit: a union of empty structs. */
static void
read_unit (AttuneThrift *t, AttuneParquetNode *node)
{
  static const gint64 units[] = { 0, 1000, 1000000, 1000000000 };
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    {
      gint64 inner = 0;

      if (id != 2 || type != ATTUNE_THRIFT_STRUCT)
        {
          attune_thrift_skip (t, type);
          continue;
        }
      while ((type = attune_thrift_field (t, &inner)) != ATTUNE_THRIFT_STOP)
        {
          node->unit = inner >= 1 && inner <= 3 ? units[inner] : 0;
          attune_thrift_skip (t, type);
        }
    }
}

static void
read_scale (AttuneThrift *t, AttuneParquetNode *node)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      node->scale = attune_thrift_int (t);
    else
      attune_thrift_skip (t, type);
}

/* LogicalType: a union, of which one struct is there. */
static void
read_logical (AttuneThrift *t, AttuneParquetNode *node)
{
  AttuneThriftType type;
  gint64 id = 0;

  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    {
      if (id == 1 || id == 4 || id == 12)
        node->meaning = ATTUNE_PARQUET_TEXT;
      else if (id == 3)
        node->meaning = ATTUNE_PARQUET_LIST;
      else if (id == 5)
        node->meaning = ATTUNE_PARQUET_DECIMAL;
      else if (id == 8)
        node->meaning = ATTUNE_PARQUET_TIME;
      if (id == 5 && type == ATTUNE_THRIFT_STRUCT)
        read_scale (t, node);
      else if (id == 8 && type == ATTUNE_THRIFT_STRUCT)
        read_unit (t, node);
      else
        attune_thrift_skip (t, type);
    }
}

static AttuneParquetNode *
read_element (AttuneThrift *t)
{
  AttuneParquetNode *node = g_new0 (AttuneParquetNode, 1);
  AttuneThriftType type;
  gint64 id = 0, n_children = 0;

  node->type = -1;
  while ((type = attune_thrift_field (t, &id)) != ATTUNE_THRIFT_STOP)
    if (id == 1)
      node->type = attune_thrift_int (t);
    else if (id == 2)
      node->length = attune_thrift_int (t);
    else if (id == 3)
      node->repetition = attune_thrift_int (t);
    else if (id == 4 && type == ATTUNE_THRIFT_BINARY && node->name == NULL)
      node->name = attune_thrift_text (t);
    else if (id == 5)
      n_children = attune_thrift_int (t);
    else if (id == 6)
      set_converted (node, attune_thrift_int (t));
    else if (id == 7)
      node->scale = attune_thrift_int (t);
    else if (id == 10 && type == ATTUNE_THRIFT_STRUCT)
      read_logical (t, node);
    else
      attune_thrift_skip (t, type);
  node->n_children = CLAMP (n_children, 0, MAX_LEAVES);
  node->scale = CLAMP (node->scale, 0, 38); /* as many digits as a decimal can have */
  if (node->name == NULL)
    node->name = g_strdup ("");
  return node;
}

AttuneParquetNode *
attune_parquet_read_tree (AttuneParquetFile *self, AttuneThrift *t, guint64 *n_left,
                          const AttuneParquetNode *parent, int depth)
{
  AttuneParquetNode *node;

  if (*n_left == 0 || depth > MAX_DEPTH || self->leaves->len >= MAX_LEAVES)
    return NULL;
  --*n_left;
  node = read_element (t);
  node->children = g_ptr_array_new_with_free_func (attune_parquet_node_free);
  node->leaf = self->leaves->len;
  if (parent != NULL) /* the root has no levels */
    {
      node->max_def = parent->max_def + (node->repetition != 0);
      node->max_rep = parent->max_rep + (node->repetition == 2);
    }
  node->is_leaf = node->n_children == 0 && parent != NULL;
  if (node->is_leaf)
    g_ptr_array_add (self->leaves, node);
  for (guint i = 0; i < node->n_children && !t->failed; i++)
    {
      AttuneParquetNode *child = attune_parquet_read_tree (self, t, n_left, node, depth + 1);

      if (child == NULL)
        {
          attune_parquet_node_free (node);
          return NULL;
        }
      g_ptr_array_add (node->children, child);
    }
  node->end_leaf = self->leaves->len;
  return node;
}
