/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of a Parquet file with lists and structs, each as the JSON object that it would be: put
 * together as Dremel does (Melnik et al. 2010).
 */
#include "data/import-private.h"
#include "data/parquet-reader.h"

#include <string.h>

static gboolean append_node (AttuneParquetReader *self, const AttuneParquetNode *node,
                             gboolean bare, GError **error);

/* A value that is not there: all leaves of @node say so once. */
static gboolean
pass_over (AttuneParquetReader *self, const AttuneParquetNode *node, GError **error)
{
  for (guint i = node->leaf; i < node->end_leaf; i++)
    {
      if (attune_parquet_reader_peek (self, i, error) == NULL)
        return FALSE;
      attune_parquet_column_take (self->columns[i]);
    }
  return TRUE;
}

static gboolean
append_leaf (AttuneParquetReader *self, const AttuneParquetNode *node, GError **error)
{
  const AttuneParquetValue *value = attune_parquet_reader_peek (self, node->leaf, error);
  const gsize before = self->text->len;
  gboolean is_words;

  if (value == NULL)
    return FALSE;
  if (attune_parquet_is_text (node))
    {
      if (!attune_parquet_append_quoted (self->text, value->text, value->n) && self->at_wanted)
        self->fault = "One of its columns holds bytes that are no characters in UTF-8.";
    }
  else if (!attune_parquet_append_text (self->text, node, value, &is_words))
    {
      g_string_append (self->text, "null");
      if (self->at_wanted && node->meaning == ATTUNE_PARQUET_DECIMAL)
        self->fault = "One of its columns holds a number too long to be read.";
    }
  else if (is_words)
    {
      g_string_insert_c (self->text, before, '"');
      g_string_append_c (self->text, '"');
    }
  attune_parquet_column_take (self->columns[node->leaf]);
  return TRUE;
}

/* @bare: a group that only holds its one child together. */
static gboolean
append_content (AttuneParquetReader *self, const AttuneParquetNode *node, gboolean bare,
                GError **error)
{
  const gboolean is_list = node->meaning == ATTUNE_PARQUET_LIST && node->children->len == 1;

  if (node->is_leaf)
    return append_leaf (self, node, error);
  if (is_list || (bare && node->children->len == 1))
    return append_node (self, attune_parquet_child (node, 0), is_list, error);
  g_string_append_c (self->text, '{');
  for (guint i = 0; i < node->children->len; i++)
    {
      const AttuneParquetNode *child = attune_parquet_child (node, i);

      g_string_append (self->text, i > 0 ? "," : "");
      attune_parquet_append_quoted (self->text, child->name, strlen (child->name));
      g_string_append_c (self->text, ':');
      if (!append_node (self, child, FALSE, error))
        return FALSE;
    }
  g_string_append_c (self->text, '}');
  return TRUE;
}

/* @more: (out): whether another element of the list follows */
static gboolean
goes_on (AttuneParquetReader *self, const AttuneParquetNode *node, gboolean *more, GError **error)
{
  g_autoptr (GError) reason = NULL;
  const AttuneParquetValue *value = attune_parquet_column_peek (self->columns[node->leaf], &reason);

  *more = value != NULL && value->rep == node->max_rep;
  if (reason == NULL) /* the column may be at its end */
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static gboolean
append_node (AttuneParquetReader *self, const AttuneParquetNode *node, gboolean bare,
             GError **error)
{
  const AttuneParquetValue *value;
  gboolean more = TRUE;

  /* a row longer than can be used is damaged or means harm, also where all of it is missing */
  if (self->text->len >= 16 * ATTUNE_MAX_ROW_BYTES)
    return attune_parquet_damaged (self->file, "one of its rows is too long", error);
  if ((value = attune_parquet_reader_peek (self, node->leaf, error)) == NULL)
    return FALSE;
  if (node->repetition != 0 && value->def < node->max_def)
    {
      g_string_append (self->text, node->repetition == 2 ? "[]" : "null");
      return pass_over (self, node, error);
    }
  if (node->repetition != 2)
    return append_content (self, node, bare, error);
  g_string_append_c (self->text, '[');
  while (more)
    {
      if (self->text->str[self->text->len - 1] != '[')
        g_string_append_c (self->text, ',');
      if (!append_content (self, node, bare, error) || !goes_on (self, node, &more, error))
        return FALSE;
    }
  g_string_append_c (self->text, ']');
  return TRUE;
}

gboolean
attune_parquet_read_nested_row (AttuneParquetReader *self, GError **error)
{
  const AttuneParquetNode *root = self->file->root;

  self->fault = NULL;
  g_string_assign (self->text, "{");
  for (guint i = 0; i < root->children->len; i++)
    if (self->used[i])
      {
        const AttuneParquetNode *child = attune_parquet_child (root, i);

        g_string_append (self->text, self->text->len > 1 ? "," : "");
        attune_parquet_append_quoted (self->text, child->name, strlen (child->name));
        g_string_append_c (self->text, ':');
        /* of lists and structs much is no text: pictures, say */
        self->at_wanted = child->is_leaf && self->wanted[i];
        if (!append_node (self, child, FALSE, error))
          return FALSE;
      }
  g_string_append_c (self->text, '}');
  return TRUE;
}
