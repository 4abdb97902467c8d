/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See pairs.h.
 */
#include "data/pairs.h"

#include "data/report-view.h"

struct _AttunePairs
{
  GArray *ids, *learn, *ends; /* gint32, guint8, gint64: of the records at hand */
  gint64 n_tokens;            /* in all */
  gboolean begun;
  AttuneSplitSize sizes[ATTUNE_N_SPLITS];
};

AttunePairs *
attune_pairs_new (void)
{
  AttunePairs *self = g_new0 (AttunePairs, 1);

  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  return self;
}

void
attune_pairs_free (AttunePairs *self)
{
  g_array_unref (self->ids);
  g_array_unref (self->learn);
  g_array_unref (self->ends);
  g_free (self);
}

void
attune_pairs_add (AttunePairs *self, AttuneSplit split, const gint32 *ids, const guint8 *learn,
                  const AttuneSampleSize *size)
{
  if (ids != NULL)
    {
      AttuneSplitSize *sum = &self->sizes[split];

      g_array_append_vals (self->ids, ids, size->n_tokens);
      g_array_append_vals (self->learn, learn, size->n_tokens);
      self->n_tokens += size->n_tokens;
      sum->samples++;
      sum->rows += size->n_rows;
      sum->targets += size->n_learned;
      sum->longest = MAX (sum->longest, size->n_tokens);
    }
  g_array_append_val (self->ends, self->n_tokens);
}

gboolean
attune_pairs_flush (AttunePairs *self, AttuneStore *store, GError **error)
{
  const gint64 zero = 0;

  if ((!self->begun
       && !attune_store_append (store, "tokens/rejected-offsets", ATTUNE_STORE_I64, 1, &zero,
                                error))
      || !attune_store_append (store, "tokens/rejected-offsets", ATTUNE_STORE_I64, self->ends->len,
                               self->ends->data, error)
      || !attune_store_append (store, "tokens/rejected-ids", ATTUNE_STORE_I32, self->ids->len,
                               self->ids->data, error)
      || !attune_store_append (store, "tokens/rejected-learn", ATTUNE_STORE_U8, self->learn->len,
                               self->learn->data, error))
    return FALSE;
  self->begun = TRUE;
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  g_array_set_size (self->ends, 0);
  return TRUE;
}

void
attune_pairs_report (const AttunePairs *self, JsonObject *report)
{
  static const char *const names[ATTUNE_SPLIT_EXCLUDED] = { "train", "validation", "test" };
  JsonObject *object = json_object_new ();

  for (int i = 0; i < ATTUNE_SPLIT_EXCLUDED; i++)
    {
      JsonObject *split = json_object_new ();

      json_object_set_int_member (split, "samples", self->sizes[i].samples);
      json_object_set_int_member (split, "rows", self->sizes[i].rows);
      json_object_set_int_member (split, "targets", self->sizes[i].targets);
      json_object_set_int_member (split, "longest", self->sizes[i].longest);
      json_object_set_object_member (object, names[i], split);
    }
  json_object_set_object_member (report, "pairs", object);
}
