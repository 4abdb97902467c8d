/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What SMOTE has made, in a new file beside all that was there.
 */
#include "data/smote-private.h"

#include <string.h>

static int
compare_mixes (gconstpointer a, gconstpointer b)
{
  const AttuneMix *x = a, *y = b;

  return x->record != y->record ? (x->record > y->record) - (x->record < y->record)
         : x->other != y->other ? (x->other > y->other) - (x->other < y->other)
                                : strcmp (x->text, y->text);
}

static void
add_to (JsonObject *object, const char *name, gint64 more)
{
  json_object_set_int_member (object, name,
                              json_object_get_int_member_with_default (object, name, 0) + more);
}

/* What was made, in the places where attune_balance_report() says what other ways do. */
static void
report_made (const AttuneSmote *self, JsonObject *report)
{
  JsonObject *train
      = json_object_get_object_member (json_object_get_object_member (report, "sizes"), "train");
  JsonArray *steps = json_object_get_array_member (report, "steps"),
            *labels = json_object_get_array_member (report, "labels");

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);

      if (g_strcmp0 (json_object_get_string_member_with_default (step, "name", NULL), "balance")
          != 0)
        continue;
      json_array_remove_element (steps, i--);
    }
  json_array_add_object_element (steps, attune_clean_step_to_json (&self->step));
  add_to (train, "samples", self->n_added);
  add_to (train, "rows", self->size.rows);
  add_to (train, "targets", self->size.targets);
  json_object_set_int_member (train, "longest",
                              MAX (json_object_get_int_member_with_default (train, "longest", 0),
                                   (gint64) self->size.longest));
  /* of several labels every set of them was balanced: attune_balance_report() */
  if (attune_label_kind_of_name (
          json_object_get_string_member_with_default (report, "label_kind", NULL))
      != ATTUNE_LABELS_ONE)
    return;
  for (guint i = 0; i < json_array_get_length (labels); i++)
    {
      JsonObject *object = json_array_get_object_element (labels, i);

      for (guint j = 0; j < self->labels->len; j++)
        {
          const AttuneSmoteLabel *label = self->labels->pdata[j];

          if (g_str_equal (label->name, json_object_get_string_member (object, "label")))
            json_object_set_int_member (object, "learned", label->n);
        }
    }
}

/* The content with what was made. Returns: (transfer full). */
static char *
hash_made (const AttuneSmote *self)
{
  g_autoptr (GChecksum) hash = g_checksum_new (G_CHECKSUM_SHA256);

  g_checksum_update (hash, (const guchar *) attune_dataset_get_hash (self->dataset), -1);
  g_checksum_update (hash, self->times->data, self->times->len);
  for (guint i = 0; i < self->mixes->len; i++)
    {
      const AttuneMix *made = &g_array_index (self->mixes, AttuneMix, i);

      g_checksum_update (hash, (const guchar *) made->ids, made->n * sizeof *made->ids);
      g_checksum_update (hash, made->learn, made->n);
    }
  return g_strdup (g_checksum_get_string (hash));
}

gboolean
attune_smote_write (AttuneSmote *self, const char *path, JsonNode **report, GError **error)
{
  g_autoptr (JsonNode) node = json_from_string (attune_dataset_get_report (self->dataset), error);
  g_autoptr (AttuneStore) store = NULL;
  g_autofree char *text = NULL, *hash = NULL;

  if (node == NULL)
    return FALSE;
  g_array_sort (self->mixes, compare_mixes);
  report_made (self, json_node_get_object (node));
  text = json_to_string (node, FALSE);
  hash = hash_made (self);
  if ((store = attune_store_create (path, ATTUNE_DATASET_KIND, ATTUNE_DATASET_VERSION, error))
          == NULL
      || !attune_store_copy_all (store, self->dataset->store, error)
      || (self->n_repeated > 0
          && !attune_store_append (store, "records/times", ATTUNE_STORE_U8, self->times->len,
                                   self->times->data, error))
      || !attune_mixes_write (store, self->mixes, error)
      || !attune_store_set_string (store, "report", text, error)
      || !attune_store_set_string (store, "hash", hash, error))
    return FALSE;
  g_clear_pointer (&self->dataset, attune_dataset_close); /* it is about to be replaced */
  if (!attune_store_commit (store, error))
    return FALSE;
  if (report != NULL)
    *report = g_steal_pointer (&node);
  return TRUE;
}
