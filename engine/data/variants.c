/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See variants.h.
 */
#include "data/variants.h"

#include "data/clean-step.h"
#include "data/similar.h"

/* What is kept of each until the end. */
typedef struct
{
  guint64 asks; /* attune_text_key() of its question in plain words */
  guint32 record, placed;
  guint n_tokens, n_rows, n_learned;
  gboolean tells; /* it is similar to a record that checks or tests */
} Kept;

struct _AttuneVariants
{
  GArray *ids, *learn, *ends, *records; /* gint32, guint8, gint64, gint32: of those at hand */
  GPtrArray *texts, *origins;           /* likewise */
  gint64 n_tokens;                      /* in all */
  gboolean begun;
  GArray *kept;           /* Kept */
  AttuneSimilar *similar; /* (nullable): of all that are kept */
  GByteArray *use;        /* after the last */
  AttuneCleanStep step;
  guint64 refused[ATTUNE_N_VARIANT_FAULTS];
};

void
attune_variant_clear (gpointer variant)
{
  AttuneVariant *self = variant;

  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->origin, g_free);
  attune_plain_record_clear (&self->plain);
  attune_sketch_clear (&self->sketch);
}

static const char *
get_title (int made_by)
{
  switch (made_by)
    {
    case ATTUNE_VARIANTS_TRANSLATION:
      return "Variants made by translation and back";
    case ATTUNE_VARIANTS_MODEL:
      return "Variants written by a model";
    default:
      return "Variants made with synonyms";
    }
}

AttuneVariants *
attune_variants_new (const AttuneDataValues *settings, guint64 n_records, const char *folder,
                     AttuneSpill *spill, GError **error)
{
  g_autoptr (AttuneVariants) self = g_new0 (AttuneVariants, 1);

  self->ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  self->ends = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->records = g_array_new (FALSE, FALSE, sizeof (gint32));
  self->texts = g_ptr_array_new_with_free_func (g_free);
  self->origins = g_ptr_array_new_with_free_func (g_free);
  self->kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  self->use = g_byte_array_new ();
  self->step = (AttuneCleanStep) { "variants", get_title (settings->variants_by),
                                   settings->variants > 0, ATTUNE_CLEAN_MAKES };
  if (settings->variants > 0 && settings->similar_together
      && (self->similar
          = attune_similar_new (settings->similarity, n_records, folder, spill, error))
             == NULL)
    return NULL;
  return g_steal_pointer (&self);
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
  g_ptr_array_unref (self->origins);
  g_array_unref (self->kept);
  g_byte_array_unref (self->use);
  g_clear_pointer (&self->similar, attune_similar_free);
  attune_clean_step_clear (&self->step);
  g_free (self);
}

gboolean
attune_variants_add (AttuneVariants *self, guint32 record, guint32 placed, const char *before,
                     const AttuneVariant *variant, const gint32 *ids, const guint8 *learn,
                     GError **error)
{
  const Kept kept = { attune_text_key (variant->plain.question),
                      record,
                      placed,
                      variant->size.n_tokens,
                      variant->size.n_rows,
                      variant->size.n_learned,
                      FALSE };
  const gint32 number = record;

  g_array_append_vals (self->ids, ids, variant->size.n_tokens);
  g_array_append_vals (self->learn, learn, variant->size.n_tokens);
  self->n_tokens += variant->size.n_tokens;
  g_array_append_val (self->ends, self->n_tokens);
  g_array_append_val (self->records, number);
  g_ptr_array_add (self->texts, g_strdup (variant->text));
  g_ptr_array_add (self->origins, g_strdup (variant->origin));
  g_array_append_val (self->kept, kept);
  attune_clean_step_add_example (&self->step, before, variant->text);
  return self->similar == NULL || attune_similar_keep (self->similar, &variant->sketch, error);
}

void
attune_variants_refuse (AttuneVariants *self, AttuneVariantFault fault)
{
  self->refused[fault]++;
}

gboolean
attune_variants_mind (AttuneVariants *self, const AttuneSketch *sketch, GError **error)
{
  g_autoptr (GArray) hits = NULL;

  if (self->similar == NULL)
    return TRUE;
  if ((hits = attune_similar_find (self->similar, sketch, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < hits->len; i++)
    g_array_index (self->kept, Kept, g_array_index (hits, AttuneSimilarHit, i).record).tells = TRUE;
  return TRUE;
}

gboolean
attune_variants_join (AttuneVariants *self, const AttuneSketch *sketch, AttunePlacement *placement,
                      GError **error)
{
  g_autoptr (GArray) hits = NULL;

  if (self->similar == NULL)
    return TRUE;
  if ((hits = attune_similar_find (self->similar, sketch, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < hits->len; i++)
    {
      const Kept *kept
          = &g_array_index (self->kept, Kept, g_array_index (hits, AttuneSimilarHit, i).record);

      if (!kept->tells)
        attune_placement_join (placement, kept->placed);
    }
  return TRUE;
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
                                    (const char *const *) self->texts->pdata, error)
      || !attune_store_append_text (store, "variants/origin", n,
                                    (const char *const *) self->origins->pdata, error))
    return FALSE;
  self->begun = TRUE;
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
  g_array_set_size (self->ends, 0);
  g_array_set_size (self->records, 0);
  g_ptr_array_set_size (self->texts, 0);
  g_ptr_array_set_size (self->origins, 0);
  return TRUE;
}

GByteArray *
attune_variants_finish (AttuneVariants *self, const AttunePlacement *placement, AttuneStore *store,
                        GError **error)
{
  g_autoptr (GHashTable) asked = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < self->kept->len; i++)
    {
      Kept *kept = &g_array_index (self->kept, Kept, i);
      /* what is learned now a part may check with later: so none asks what any record asks; and of
       * equal ones the first is enough, as with answers that are not the same */
      const guint8 use = !kept->tells && !attune_placement_is_asked (placement, kept->asks)
                         && g_hash_table_add (asked, &kept->asks);

      g_byte_array_append (self->use, &use, 1);
      self->step.count += use;
    }
  if (self->use->len > 0
      && !attune_store_append (store, "variants/use", ATTUNE_STORE_U8, self->use->len,
                               self->use->data, error))
    return NULL;
  return g_byte_array_ref (self->use);
}

guint
attune_variants_count (const AttuneVariants *self, guint32 record, guint *first)
{
  guint n = 0;

  for (; *first < self->kept->len && g_array_index (self->kept, Kept, *first).record <= record;
       (*first)++)
    n += g_array_index (self->kept, Kept, *first).record == record && self->use->data[*first] != 0;
  return n;
}

static void
add_int (JsonObject *object, const char *name, gint64 n)
{
  json_object_set_int_member (object, name,
                              json_object_get_int_member_with_default (object, name, 0) + n);
}

/* How many were made and not taken, for each reason. */
static void
report_refused (const AttuneVariants *self, JsonObject *report)
{
  JsonObject *object = json_object_new ();

  for (int i = 0; i < ATTUNE_N_VARIANT_FAULTS; i++)
    if (self->refused[i] > 0)
      json_object_set_int_member (object, attune_variant_fault_get_name (i), self->refused[i]);
  json_object_set_object_member (report, "variants_refused", object);
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
  report_refused (self, report);
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
