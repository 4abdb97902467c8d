/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data set as Hugging Face lays it out in a folder: Parquet, JSON Lines, CSV or JSON files, whose
 * names say whether they are for training, validation or test. One of these parts is read, whatever
 * number of files it is in.
 */
#include "data/data-file.h"
#include "data/folder.h"
#include "data/import-private.h"

#include <string.h>

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

/* Whether a data card lies in it, which begins with what programs read of it. */
static gboolean
has_card (const char *path)
{
  g_autofree char *card = g_build_filename (path, "README.md", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (card);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, NULL);
  char head[4] = "";

  return stream != NULL
         && g_input_stream_read (G_INPUT_STREAM (stream), head, sizeof head, NULL, NULL) == 4
         && memcmp (head, "---\n", 4) == 0;
}

/* Of the files those that are data. */
static AttuneDataFile
judge_all (const GPtrArray *names)
{
  AttuneDataFile kind = ATTUNE_DATA_FILE_NONE;

  for (guint i = 0; i < names->len; i++)
    kind = MAX (kind, attune_data_file_judge (names->pdata[i]));
  return kind;
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
  AttuneDataFile kind;

  if (reason != NULL && !g_error_matches (reason, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_EMPTY))
    {
      /* some of it has not been seen: rather none than a part that looks whole */
      g_propagate_error (error, g_steal_pointer (&reason));
      return NULL;
    }
  kind = judge_all (others);
  for (guint i = 0; kind != ATTUNE_DATA_FILE_NONE && i < others->len; i++)
    if (attune_data_file_judge (others->pdata[i]) == kind)
      {
        sure |= g_str_has_suffix (others->pdata[i], ".parquet")
                || find_split (others->pdata[i]) != NULL;
        g_ptr_array_add (names, g_strdup (others->pdata[i]));
      }
  sure |= names->len > 0 && has_card (path);
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
                 "The folder “%s” holds no data files any more.", source->path);
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

static gboolean
has_columns (const AttuneSource *file, const GPtrArray *columns)
{
  for (guint i = 0; i < columns->len; i++)
    if (file->columns->len != columns->len
        || !g_str_equal (file->columns->pdata[i], columns->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Files may be written in ways of their own. @own: (out): what @file has of it then. */
static gboolean
look_at (AttuneSource *file, AttuneSource **own, GError **error)
{
  const AttuneDataFile kind = attune_data_file_judge (file->path);

  file->format = g_str_has_suffix (file->path, ".parquet") ? "parquet"
                 : kind == ATTUNE_DATA_FILE_JSON           ? "json"
                                                           : "jsonl";
  if (g_str_equal (file->format, "parquet"))
    return TRUE;
  if (kind != ATTUNE_DATA_FILE_TABLE)
    return (file->encoding = (char *) attune_source_guess_encoding (file->path, error)) != NULL;
  if ((*own = attune_source_probe (file->path, error)) == NULL)
    return FALSE;
  if (!has_columns (*own, file->columns))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                   "“%s” has other columns than the files before it, or in another order. Give "
                   "them the same columns, or add the files one by one.",
                   file->path);
      return FALSE;
    }
  file->format = (*own)->format;
  file->encoding = (*own)->encoding;
  file->delimiter = (*own)->delimiter;
  file->header = (*own)->header;
  return TRUE;
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
      g_autoptr (AttuneSource) own = NULL;

      file.path = files->pdata[i];
      if (!look_at (&file, &own, error)
          || !attune_source_read_with (reading->pool, &file, on_record, on_bad, &part,
                                       reading->cancellable, error))
        return FALSE;
    }
  return TRUE;
}
