/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See device-note.h. What is said of a device that is of another kind than is known here is left
 * out.
 */
#include "job/device-note.h"

#include "job/json.h"

static void
note_free (gpointer data)
{
  AttuneDeviceNote *self = data;

  g_free (self->name);
  g_free (self->trouble);
  g_free (self->note);
  g_free (self);
}

static void
add_note (JsonArray *array, guint index, JsonNode *node, gpointer notes)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *kind = attune_json_get_string (object, "kind"),
             *name = attune_json_get_string (object, "name"),
             *trouble = attune_json_get_string (object, "trouble");
  AttuneDeviceNote *note;

  if (trouble != NULL)
    name = attune_json_get_string (object, "plugin");
  if (name == NULL || (g_strcmp0 (kind, "cpu") != 0 && g_strcmp0 (kind, "gpu") != 0))
    return;
  note = g_new0 (AttuneDeviceNote, 1);
  note->is_card = g_str_equal (kind, "gpu");
  note->name = g_strdup (name);
  note->trouble = g_strdup (trouble);
  note->note = g_strdup (attune_json_get_string (object, "note"));
  note->memory_bytes = MAX (0, attune_json_get_int (object, "memory-bytes"));
  note->free_bytes = MAX (0, attune_json_get_int (object, "free-bytes"));
  g_ptr_array_add (notes, note);
}

GPtrArray *
attune_device_notes_parse (const char *line)
{
  g_autoptr (JsonNode) node = NULL;
  JsonNode *devices;
  GPtrArray *notes;

  g_return_val_if_fail (line != NULL, NULL);

  node = json_from_string (line, NULL);
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  devices = json_object_get_member (json_node_get_object (node), "devices");
  if (devices == NULL || !JSON_NODE_HOLDS_ARRAY (devices))
    return NULL;
  notes = g_ptr_array_new_with_free_func (note_free);
  json_array_foreach_element (json_node_get_array (devices), add_note, notes);
  return notes;
}
