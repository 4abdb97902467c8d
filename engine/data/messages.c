/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See messages.h.
 */
#include "data/messages.h"

#include "core/file.h"
#include "data/dataset-opened.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

typedef struct
{
  AttuneDataset *dataset;
  AttuneSplit split;
  const char *system; /* (nullable) */
  GCancellable *cancellable;
} Saving;

static gboolean
is_given (const char *text)
{
  return text != NULL && *text != '\0';
}

static JsonArray *
add_message (JsonArray *messages, const char *role, const char *content)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "role", role);
  json_object_set_string_member (message, "content", content);
  json_array_add_object_element (messages, message);
  return messages;
}

/* Returns: (transfer full). */
static JsonObject *
to_object (const Saving *self, const AttuneRecord *record)
{
  const char *system = record->fields[ATTUNE_FIELD_SYSTEM],
             *answer = record->fields[ATTUNE_FIELD_ANSWER],
             *rejected = record->fields[ATTUNE_FIELD_REJECTED];
  JsonObject *object = json_object_new ();
  JsonArray *messages;

  if (record->whole)
    {
      json_object_set_string_member (object, "text", answer);
      return object;
    }
  messages = json_array_new ();
  if (is_given (system) || is_given (self->system))
    add_message (messages, "system", is_given (system) ? system : self->system);
  add_message (messages, "user", record->fields[ATTUNE_FIELD_QUESTION]);
  if (!is_given (rejected))
    {
      json_object_set_array_member (object, "messages",
                                    add_message (messages, "assistant", answer));
      return object;
    }
  json_object_set_array_member (object, "prompt", messages);
  json_object_set_array_member (object, "chosen",
                                add_message (json_array_new (), "assistant", answer));
  json_object_set_array_member (object, "rejected",
                                add_message (json_array_new (), "assistant", rejected));
  return object;
}

static gboolean
write_line (const Saving *self, guint64 i, FILE *file, GError **error)
{
  g_auto (AttuneRecord) record = { 0 };
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *line = NULL;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error)
      || !attune_dataset_get_record (self->dataset, self->split, i, &record, error))
    return FALSE;
  json_node_take_object (node, to_object (self, &record));
  if (is_given (record.fields[ATTUNE_FIELD_LABEL]))
    json_object_set_string_member (json_node_get_object (node), "label",
                                   record.fields[ATTUNE_FIELD_LABEL]);
  line = json_to_string (node, FALSE);
  fputs (line, file);
  fputc ('\n', file);
  return TRUE;
}

static const char *const names[] = { "train.jsonl", "validation.jsonl", "test.jsonl" };
#define N_SPLITS G_N_ELEMENTS (names)

/* @path: as it is called in the end; what is written is called @beside until then */
static gboolean
write_split (const Saving *self, const char *path, const char *beside, GError **error)
{
  const guint64 n = attune_dataset_count (self->dataset, self->split);
  FILE *file = g_fopen (beside, "we");
  gboolean good = file != NULL;

  for (guint64 i = 0; good && i < n; i++)
    if (!write_line (self, i, file, error))
      {
        fclose (file);
        return FALSE;
      }
  good = good && ferror (file) == 0;
  if (file != NULL && fclose (file) != 0)
    good = FALSE;
  return good || attune_file_fail (error, errno, "write", path);
}

/* What the model was told where a record says nothing, when the data was prepared. Returns:
 * (transfer full). */
static char *
read_system (const AttuneDataset *dataset, GError **error)
{
  g_autofree char *text = attune_store_get_string (dataset->store, "settings", error);
  g_autoptr (JsonNode) node = text != NULL ? json_from_string (text, error) : NULL;

  if (node == NULL)
    return NULL;
  return g_strdup (json_object_get_string_member_with_default (json_node_get_object (node),
                                                               "system-prompt", ""));
}

/* Files of these names may be a person's own: how they are called is not ours alone. */
static gboolean
check_free (char *const paths[N_SPLITS], GError **error)
{
  for (guint i = 0; i < N_SPLITS; i++)
    if (g_file_test (paths[i], G_FILE_TEST_EXISTS)
        || g_file_test (paths[i], G_FILE_TEST_IS_SYMLINK))
      {
        g_autofree char *shown = g_filename_display_name (paths[i]);

        g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                     "“%s” is there already, and was left as it is. Choose another folder, or have "
                     "it replaced.",
                     shown);
        return FALSE;
      }
  return TRUE;
}

/* Each in the place of what was; of a split without samples nothing is left, or an earlier file
 * would stand there as if it was of these. */
static gboolean
put_in_place (char *const paths[N_SPLITS], char *const besides[N_SPLITS], const guint64 *counts,
              GError **error)
{
  for (guint i = 0; i < N_SPLITS; i++)
    if (counts[i] > 0)
      {
        if (!attune_file_sync_and_rename (besides[i], paths[i], error))
          return FALSE;
      }
    else if (g_unlink (paths[i]) != 0 && errno != ENOENT)
      return attune_file_fail (error, errno, "remove", paths[i]);
  return TRUE;
}

gboolean
attune_dataset_save_messages (const char *path, const char *folder, gboolean replace,
                              guint64 counts[3], GCancellable *cancellable, GError **error)
{
  g_autoptr (AttuneDataset) dataset = attune_dataset_open (path, error);
  g_autofree char *system = dataset != NULL ? read_system (dataset, error) : NULL;
  char *paths[N_SPLITS], *besides[N_SPLITS];
  gboolean good;

  if (system == NULL)
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    return attune_file_fail (error, errno, "create", folder);
  for (guint i = 0; i < N_SPLITS; i++)
    {
      paths[i] = g_build_filename (folder, names[i], NULL);
      besides[i] = g_strconcat (paths[i], ".new", NULL);
      counts[i] = attune_dataset_count (dataset, i);
    }
  good = replace || check_free (paths, error);
  for (guint i = 0; good && i < N_SPLITS; i++)
    if (counts[i] > 0)
      good = write_split (&(Saving) { dataset, i, system, cancellable }, paths[i], besides[i],
                          error);
  good = good && put_in_place (paths, besides, counts, error);
  for (guint i = 0; i < N_SPLITS; i++)
    {
      g_unlink (besides[i]);
      g_free (besides[i]);
      g_free (paths[i]);
    }
  return good;
}
