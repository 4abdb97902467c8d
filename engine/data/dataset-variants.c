/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See dataset-variants.h.
 */
#include "data/dataset-variants.h"

gboolean
attune_dataset_variants_read (AttuneStore *store, gint64 n_records, AttuneDatasetBeside **variants,
                              GError **error)
{
  static const AttuneBesideNames names = { "variants/record", "tokens/variant-offsets",
                                           "tokens/variant-ids", "tokens/variant-learn" };
  g_autoptr (AttuneDatasetBeside) self = NULL;
  g_autofree guint8 *use = NULL;

  *variants = NULL;
  if (!attune_dataset_beside_read (store, &names, n_records, &self, error))
    return FALSE;
  if (self == NULL)
    return TRUE;
  use = g_new (guint8, MAX (1, self->n));
  if (attune_dataset_beside_length (store, "variants/use", ATTUNE_STORE_U8) != self->n
      || !attune_store_get (store, "variants/use", ATTUNE_STORE_U8, 0, self->n, use, error))
    return FALSE;
  attune_dataset_beside_use (self, use);
  for (gint64 i = 0; i < n_records; i++)
    if (attune_dataset_beside_count (self, i) > ATTUNE_MAX_VARIANTS)
      return FALSE;
  *variants = g_steal_pointer (&self);
  return TRUE;
}
