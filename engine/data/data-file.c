/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See data-file.h.
 */
#include "data/data-file.h"

/* What Hugging Face's programs write about the data rather than of it. */
static gboolean
is_about (const char *name)
{
  static const char *const names[]
      = { "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json",
          "config.json",       "metadata.json",      "package.json",      NULL };
  g_autofree char *base = g_path_get_basename (name);

  return g_strv_contains (names, base);
}

AttuneDataFile
attune_data_file_judge (const char *name)
{
  g_return_val_if_fail (name != NULL, ATTUNE_DATA_FILE_NONE);

  if (g_str_has_suffix (name, ".parquet") || g_str_has_suffix (name, ".jsonl"))
    return ATTUNE_DATA_FILE_RECORDS;
  if (g_str_has_suffix (name, ".csv") || g_str_has_suffix (name, ".tsv"))
    return ATTUNE_DATA_FILE_TABLE;
  return g_str_has_suffix (name, ".json") && !is_about (name) ? ATTUNE_DATA_FILE_JSON
                                                              : ATTUNE_DATA_FILE_NONE;
}
