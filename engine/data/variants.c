/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See variants.h.
 */
#include "data/variants.h"

#include "data/clean-step.h"

/* What is kept of each until the end. */
typedef struct
{
  guint64 home;
  guint32 record;
  guint n_tokens, n_rows, n_learned;
} Kept;

struct _AttuneVariants
{
  GArray *ids, *learn, *ends, *records; /* gint32, guint8, gint64, gint32: of those at hand */
  GPtrArray *texts;                     /* likewise */
  gint64 n_tokens;                      /* in all */
  gboolean begun;
  GArray *kept;    /* Kept */
  GByteArray *use; /* after the last */
  AttuneCleanStep step;
};

void
attune_variant_clear (gpointer variant)
{
  g_clear_pointer (&((AttuneVariant *) variant)->text, g_free);
}

AttuneVariants *
attune_variants_new (const AttuneDataValues *settings)
{
  AttuneVariants *self = g_new0 (AttuneVariants, 1);

  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->records = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  self->use = g_byte_array_new ();
  self->step = (AttuneCleanStep) { "variants", "Variants made with synonyms",
                                   settings->variants > 0, ATTUNE_CLEAN_MAKES };
  return self;
}

void
attune_variants_free (AttuneVariants *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->ids);
  g_array_unref (self->learn);
  g_array_unref (self->ends);
  g_array_unref (self->records);
  g_ptr_array_unref (self->texts);
  g_array_unref (self->kept);
  g_byte_array_unref (self->use);
  attune_clean_step_clear (&self->step);
  g_free (self);
}

void
attune_variants_add (AttuneVariants *self, guint32 record, const char *before,
                     const AttuneVariant *variant, const gint32 *ids, const guint8 *learn)
{
  const Kept kept = { variant->home, record, variant->size.n_tokens, variant->size.n_rows,
                      variant->size.n_learned };
  const gint32 number = record;

  g_array_append_vals (self->ids, ids, variant->size.n_tokens);
  g_array_append_vals (self->learn, learn, variant->size.n_tokens);
  self->n_tokens += variant->size.n_tokens;
  g_array_append_val (self->ends, self->n_tokens);
  g_array_append_val (self->records, number);
  g_ptr_array_add (self->texts, g_strdup (variant->text));
  g_array_append_val (self->kept, kept);
  attune_clean_step_add_example (&self->step, before, variant->text);
}

gboolean
attune_variants_flush (AttuneVariants *self, AttuneStore *store, GError **error)
{
  const guint n = self->ends->len;
  const gint64 zero = 0;

  if (n == 0)
    return TRUE;
  if ((!self->begun
       && !attune_store_append (store, "tokens/variant-offsets", ATTUNE_STORE_I64, 1, &zero, error))
      || !attune_store_append (store, "tokens/variant-offsets", ATTUNE_STORE_I64, n,
                               self->ends->data, error)
      || !attune_store_append (store, "tokens/variant-ids", ATTUNE_STORE_I32, self->ids->len,
                               self->ids->data, error)
      || !attune_store_append (store, "tokens/variant-learn", ATTUNE_STORE_U8, self->learn->len,
                               self->learn->data, error)
      || !attune_store_append (store, "variants/record", ATTUNE_STORE_I32, n, self->records->data,
                               error)
      || !attune_store_append_text (store, "variants/text", n,
                                    (const char *const *) self->texts->pdata, error))
    return FALSE;
  self->begun = TRUE;
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  g_array_set_size (self->ends, 0);
  g_array_set_size (self->records, 0);
  g_ptr_array_set_size (self->texts, 0);
  return TRUE;
}

GByteArray *
attune_variants_finish (AttuneVariants *self, const AttunePlacement *placement, AttuneStore *store,
                        GError **error)
{
  for (guint i = 0; i < self->kept->len; i++)
    {
      const Kept *kept = &g_array_index (self->kept, Kept, i);
      const guint8 use = attune_placement_find_home (placement, kept->home, ATTUNE_SPLIT_TRAIN)
                         == ATTUNE_SPLIT_TRAIN;

      g_byte_array_append (self->use, &use, 1);
      self->step.count += use;
    }
  if (self->use->len > 0
      && !attune_store_append (store, "variants/use", ATTUNE_STORE_U8, self->use->len,
                               self->use->data, error))
    return NULL;
  return g_byte_array_ref (self->use);
}

static void
add_int (JsonObject *object, const char *name, gint64 n)
{
  json_object_set_int_member (object, name,
                              json_object_get_int_member_with_default (object, name, 0) + n);
}

void
attune_variants_report (const AttuneVariants *self, const GByteArray *times, JsonObject *report)
{
  JsonObject *train
      = json_object_get_object_member (json_object_get_object_member (report, "sizes"), "train");
  const gint64 n_train
      = json_object_get_int_member (json_object_get_object_member (report, "splits"), "train");
  gint64 longest = json_object_get_int_member (train, "longest");

  json_array_add_object_element (json_object_get_array_member (report, "steps"),
                                 attune_clean_step_to_json (&self->step));
  json_object_set_int_member (report, "variants", self->step.count);
  if (self->step.count == 0)
    return;
  if (!json_object_has_member (train, "samples"))
    json_object_set_int_member (train, "samples", n_train);
  for (guint i = 0; i < self->kept->len; i++)
    {
      const Kept *kept = &g_array_index (self->kept, Kept, i);
      const gint64 n = self->use->data[i] == 0 ? 0 : times != NULL ? times->data[kept->record] : 1;

      add_int (train, "samples", n);
      add_int (train, "rows", n * kept->n_rows);
      add_int (train, "targets", n * kept->n_learned);
      if (n > 0)
        longest = MAX (longest, kept->n_tokens);
    }
  json_object_set_int_member (train, "longest", longest);
}
