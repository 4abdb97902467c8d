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

/* More documents in the folder itself are no papers about the data: readme, licence, changes … */
#define MAX_PAPERS 8

static gboolean
is_letter (char c)
{
  return g_ascii_isalpha (c) || (guchar) c >= 0x80;
}

/* No letter stands before or behind it: "latest" is no "test". */
static gboolean
has_word (const char *text, const char *word)
{
  const gsize n = strlen (word);

  for (const char *at = text; (at = strstr (at, word)) != NULL; at++)
    if ((at == text || !is_letter (at[-1])) && !is_letter (at[n]))
      return TRUE;
  return FALSE;
}

/* Which part a name speaks of, or %NULL. */
static const char *
find_split (const char *name)
{
  static const struct
  {
    const char *word, *split;
  } words[] = { { "train", "train" },           { "training", "train" },
                { "trainset", "train" },        { "validation", "validation" },
                { "valid", "validation" },      { "val", "validation" },
                { "valset", "validation" },     { "dev", "validation" },
                { "devset", "validation" },     { "eval", "validation" },
                { "evaluation", "validation" }, { "test", "test" },
                { "testing", "test" },          { "testset", "test" } };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (has_word (lower, words[i].word))
      return words[i].split;
  return NULL;
}

/* "validation", or "french/validation" where the folder holds several data sets. */
static char *
part_of (const char *name)
{
  g_autofree char *file = g_path_get_basename (name), *folder = g_path_get_dirname (name);
  const char *split = find_split (file);
  const gboolean plain
      = g_str_equal (folder, ".") || g_str_equal (folder, "data") || find_split (folder) != NULL;

  if (split == NULL)
    split = find_split (folder);
  if (split == NULL)
    split = "train";
  return plain ? g_strdup (split) : g_build_filename (folder, split, NULL);
}

/* Whether the documents are what the folder is for. */
static gboolean
are_documents (const GPtrArray *documents)
{
  guint n_within = 0;

  for (guint i = 0; documents != NULL && i < documents->len; i++)
    n_within += strchr (documents->pdata[i], G_DIR_SEPARATOR) != NULL;
  return n_within > 1 || (documents != NULL && documents->len - n_within > MAX_PAPERS);
}

/* %NULL without @error: it is no data set. */
static GPtrArray *
list_data (const char *path, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) documents = attune_folder_list (path, others, &reason);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  gboolean sure = FALSE;

  if (reason != NULL && !g_error_matches (reason, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY))
    {
      /* some of it has not been seen: rather none than a part that looks whole */
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  for (guint i = 0; i < others->len; i++)
    if (is_data (others->pdata[i]))
      {
        sure |= g_str_has_suffix (others->pdata[i], ".parquet")
                || find_split (others->pdata[i]) != NULL;
        g_ptr_array_add (names, g_strdup (others->pdata[i]));
      }
  return sure && !are_documents (documents) ? g_steal_pointer (&names) : NULL;
}

GPtrArray *
attune_data_folder_list (const char *path)
{
  return list_data (path, NULL);
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

static void
fail_gone (const AttuneSource *source, GError **error)
{
  if (source->table == NULL)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY,
                 "The folder “%s” holds no Parquet or JSON Lines files any more.", source->path);
  else
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                 "The folder “%s” has no part “%s”.", source->path, source->table);
}

/* The names below the folder. */
static GPtrArray *
list_names (const AttuneSource *source, GError **error)
{
  g_autoptr (GError) reason = NULL;
  GPtrArray *names = list_data (source->path, &reason);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (names == NULL)
    fail_gone (source, error);
  return names;
}

/* Paths of the files of the part that is read. */
static GPtrArray *
list_files (const AttuneSource *source, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (source, error);
  g_autoptr (GPtrArray) files = g_ptr_array_new_with_free_func (g_free);

  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (is_of_part (names->pdata[i], source->table))
      g_ptr_array_add (files, g_build_filename (source->path, names->pdata[i], NULL));
  if (files->len > 0)
    return g_steal_pointer (&files);
  fail_gone (source, error);
  return NULL;
}

gboolean
attune_data_folder_probe (AttuneSource *source, const AttuneSourceHints *hints, GError **error)
{
  g_autoptr (GPtrArray) names = list_names (source, error), files = NULL;
  g_autoptr (AttuneSource) first = NULL;

  if (names == NULL) /* the folder has changed meanwhile */
    return FALSE;
  source->tables = list_parts (names);
  source->table = g_strdup (hints->table != NULL ? hints->table : source->tables->pdata[0]);
  if ((files = list_files (source, error)) == NULL
      || (first = attune_source_probe (files->pdata[0], error)) == NULL)
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
  const char *name;          /* of the file at hand */
  guint64 n_before, *n_rows; /* of the files before it; up to the row at hand */
} Part;

static gboolean
on_record (const AttuneRecord *record, gpointer data, GError **error)
{
  const Part *part = data;
  AttuneRecord numbered = *record; /* borrowed: a number that no row of another file has */

  numbered.line += part->n_before;
  *part->n_rows = MAX (*part->n_rows, numbered.line);
  return part->reading->on_record (&numbered, part->reading->data, error);
}

/* Its line is one of the file's: which file it is must be said. */
static gboolean
on_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  const Part *part = data;
  g_autofree char *reason = g_strdup_printf ("%s (in %s)", bad->reason, part->name);
  const AttuneBadRow named = { bad->line, reason, bad->text };

  *part->n_rows = MAX (*part->n_rows, part->n_before + bad->line);
  return part->reading->on_bad == NULL
         || part->reading->on_bad (&named, part->reading->data, error);
}

gboolean
attune_data_folder_read (const AttuneReading *reading, GError **error)
{
  g_autoptr (GPtrArray) files = list_files (reading->source, error);
  guint64 n_rows = 0;

  if (files == NULL)
    return FALSE;
  for (guint i = 0; i < files->len; i++)
    {
      g_autofree char *shown = g_filename_display_basename (files->pdata[i]);
      Part part = { reading, shown, n_rows, &n_rows };
      AttuneSource file = *reading->source; /* what it owns stays its own */

      file.path = files->pdata[i];
      file.format = g_str_has_suffix (file.path, ".parquet") ? "parquet" : "jsonl";
      if (g_str_equal (file.format, "jsonl")
          && (file.encoding = (char *) attune_source_guess_encoding (file.path, error)) == NULL)
        return FALSE;
      if (!attune_source_read_with (reading->pool, &file, on_record, on_bad, &part,
                                    reading->cancellable, error))
        return FALSE;
    }
  return TRUE;
}
