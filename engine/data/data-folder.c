/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set as Hugging Face lays it out in a folder: Parquet or JSON Lines files, whose names say
 * whether they are for training, validation or test. One of these parts is read, whatever number of
 * files it is in.
 */
#include "data/folder.h"
#include "data/import-private.h"

#include <string.h>

static gboolean
is_data (const char *name)
{
  return g_str_has_suffix (name, ".parquet") || g_str_has_suffix (name, ".jsonl");
}

/* Which part a name speaks of, or %NULL. */
static const char *
find_split (const char *name)
{
  static const struct
  {
    const char *word, *split;
  } words[] = { { "train", "train" },
                { "valid", "validation" },
                { "dev", "validation" },
                { "eval", "validation" },
                { "test", "test" } };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (name, words[i].word) != NULL)
      return words[i].split;
  return NULL;
}

/* "validation", or "french/validation" where the folder holds several data sets. */
static char *
part_of (const char *name)
{
  g_autofree char *lower = g_ascii_strdown (name, -1), *file = g_path_get_basename (lower),
                  *folder = g_path_get_dirname (name);
  const char *split = find_split (file);
  const gboolean plain
      = g_str_equal (folder, ".") || g_str_equal (folder, "data") || find_split (folder) != NULL;

  if (split == NULL)
    split = find_split (lower);
  if (split == NULL)
    split = "train";
  return plain ? g_strdup (split) : g_build_filename (folder, split, NULL);
}

GPtrArray *
attune_data_folder_list (const char *path)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) documents = attune_folder_list (path, others, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  gboolean sure = FALSE;

  for (guint i = 0; i < others->len; i++)
    if (is_data (others->pdata[i]))
      {
        sure |= g_str_has_suffix (others->pdata[i], ".parquet")
                || find_split (others->pdata[i]) != NULL;
        g_ptr_array_add (names, g_strdup (others->pdata[i]));
      }
  /* of documents there is a README at most */
  return sure && (documents == NULL || documents->len <= 1) ? g_steal_pointer (&names) : NULL;
}

static gboolean
is_of_part (const char *name, const char *part)
{
  g_autofree char *own = part_of (name);

  return g_str_equal (own, part);
}

/* The parts in their order, that for training first. */
static GPtrArray *
list_parts (const GPtrArray *names)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *part = part_of (names->pdata[i]);
      const gboolean is_train = g_str_has_suffix (part, "train");

      if (!g_ptr_array_find_with_equal_func (parts, part, g_str_equal, NULL))
        g_ptr_array_insert (parts, is_train ? 0 : -1, g_steal_pointer (&part));
    }
  return parts;
}

/* Paths of the files of the part that is read. */
static GPtrArray *
list_files (const AttuneSource *source)
{
  g_autoptr (GPtrArray) names = attune_data_folder_list (source->path);
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (is_of_part (names->pdata[i], source->table))
      g_ptr_array_add (files, g_build_filename (source->path, names->pdata[i], NULL));
  return files;
}

static gboolean
fail_gone (const AttuneSource *source, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
               "The folder “%s” has no part “%s”.", source->path, source->table);
  return FALSE;
}

gboolean
attune_data_folder_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (GPtrArray) names = attune_data_folder_list (source->path), files = NULL;
  g_autoptr (AttuneSource) first = NULL;

  g_return_val_if_fail (names != NULL && names->len > 0, FALSE);
  source->tables = list_parts (names);
  source->table = g_strdup (hints->table != NULL ? hints->table : source->tables->pdata[0]);
  files = list_files (source);
  if (files->len == 0)
    return fail_gone (source, error);
  if ((first = attune_source_probe (files->pdata[0], error)) == NULL)
    return FALSE;
  source->header = TRUE;
  g_ptr_array_unref (source->columns);
  source->columns = g_steal_pointer (&first->columns);
  first->columns = g_ptr_array_new ();
  g_array_append_vals (source->roles, first->roles->data, first->roles->len);
  g_ptr_array_unref (source->preview);
  source->preview = g_steal_pointer (&first->preview);
  return TRUE;
}

typedef struct
{
  const AttuneReading *reading;
  const char *name; /* of the file at hand */
} Part;

static gboolean
on_record (const AttuneRecord *record, gpointer data, GError **error)
{
  const Part *part = data;

  return part->reading->on_record (record, part->reading->data, error);
}

/* Its line is one of the file's: which file it is must be said. */
static gboolean
on_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  const Part *part = data;
  g_autofree char *reason = g_strdup_printf ("%s (in %s)", bad->reason, part->name);
  const AttuneBadRow named = { bad->line, reason, bad->text };

  return part->reading->on_bad == NULL
         || part->reading->on_bad (&named, part->reading->data, error);
}

gboolean
attune_data_folder_read (const AttuneReading *reading, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (reading->source);

  if (files->len == 0)
    return fail_gone (reading->source, error);
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *shown = g_filename_display_basename (files->pdata[i]);
      Part part = { reading, shown };
      AttuneSource file = *reading->source; /* what it owns stays its own */

      file.path = files->pdata[i];
      file.format = g_str_has_suffix (file.path, ".parquet") ? "parquet" : "jsonl";
      if (!attune_source_read_with (reading->pool, &file, on_record, on_bad, &part,
                                    reading->cancellable, error))
        return FALSE;
    }
  return TRUE;
}
