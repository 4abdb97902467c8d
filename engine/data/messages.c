/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See messages.h.
 */
#include "data/messages.h"

#include "core/file.h"

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

static gboolean
write_split (const char *path, gpointer data, GError **error)
{
  const Saving *self = data;
  const guint64 n = attune_dataset_count (self->dataset, self->split);
  FILE *file = g_fopen (path, "we");
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
  if (!good)
    attune_file_fail (error, errno, "Could not write", path);
  return good;
}

gboolean
attune_dataset_save_messages (const char *path, const char *system, const char *folder,
                              guint64 counts[3], GCancellable *cancellable, GError **error)
{
  static const char *const names[] = { "train.jsonl", "validation.jsonl", "test.jsonl" };
  g_autoptr (AttuneDataset) dataset = attune_dataset_open (path, error);

  if (dataset == NULL)
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      attune_file_fail (error, errno, "Could not make", folder);
      return FALSE;
    }
  for (int split = ATTUNE_SPLIT_TRAIN; split <= ATTUNE_SPLIT_TEST; split++)
    {
      g_autofree char *to = g_build_filename (folder, names[split], NULL);
      Saving saving = { dataset, split, system, cancellable };

      counts[split] = attune_dataset_count (dataset, split);
      if (counts[split] > 0 && !attune_file_replace (to, write_split, NULL, &saving, error))
        return FALSE;
    }
  return TRUE;
}
