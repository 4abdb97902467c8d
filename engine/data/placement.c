/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drawn, then brought to what it is similar to.
 */
#include "data/placement.h"

#include "data/clean-step.h"
#include "data/similar.h"
#include "data/split.h"

enum
{
  SIMILAR,
  TOGETHER,
  TORN,
  N_STEPS,
};

struct _AttunePlacement
{
  const AttuneDataValues *settings;
  AttuneSimilar *similar;
  AttuneStrata *strata;
  GByteArray *splits; /* of the records that @similar keeps */
  GHashTable *homes;  /* key of a question (guint64) -> AttuneSplit, where records ask it */
  AttuneCleanStep steps[N_STEPS];
};

AttunePlacement *
attune_placement_new (const AttuneDataValues *s, guint64 n_records, const char *folder,
                      GError **error)
{
  g_autoptr (AttunePlacement) self = g_new0 (AttunePlacement, 1);

  self->settings = s;
  self->splits = g_byte_array_new ();
  self->homes = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->strata = attune_strata_new (s);
  self->steps[SIMILAR]
      = s->drop_similar ? (AttuneCleanStep) { "drop-similar", "Similar records left out", TRUE,
                                              ATTUNE_CLEAN_LEAVES_OUT }
                        : (AttuneCleanStep) { "drop-similar", "Records similar to an earlier one",
                                              TRUE, ATTUNE_CLEAN_FINDS };
  self->steps[TOGETHER]
      = s->similar_together
            ? (AttuneCleanStep) { "similar-together", "Moved to what they are similar to", TRUE }
            : (AttuneCleanStep) { "similar-together", "Similar to a record of another split", TRUE,
                                  ATTUNE_CLEAN_FINDS };
  self->steps[TORN]
      = (AttuneCleanStep) { "drop-torn", "Similar to records of several splits, left out",
                            s->similar_together, ATTUNE_CLEAN_LEAVES_OUT };
  self->similar = attune_similar_new (s->similarity, n_records, folder, error);
  return self->similar != NULL ? g_steal_pointer (&self) : NULL;
}

void
attune_placement_free (AttunePlacement *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_STEPS; i++)
    attune_clean_step_clear (&self->steps[i]);
  g_clear_pointer (&self->similar, attune_similar_free);
  attune_strata_free (self->strata);
  g_hash_table_unref (self->homes);
  g_byte_array_unref (self->splits);
  g_free (self);
}

void
attune_placement_report (const AttunePlacement *self, JsonObject *report)
{
  JsonArray *steps = json_object_get_array_member (report, "steps");

  for (int i = 0; i < N_STEPS; i++)
    json_array_add_object_element (steps, attune_clean_step_to_json (&self->steps[i]));
}

static void
count (AttunePlacement *self, int which, const AttuneRecord *record)
{
  self->steps[which].count++;
  attune_clean_step_add_example (&self->steps[which], record->fields[ATTUNE_FIELD_QUESTION], NULL);
}

/* Where the earlier records that it is similar to stand; ATTUNE_SPLIT_EXCLUDED: in several splits,
 * so that it can stand in none of them without telling one of another. */
static AttuneSplit
split_of_hits (const AttunePlacement *self, const GArray *hits)
{
  const AttuneSplit first = self->splits->data[g_array_index (hits, AttuneSimilarHit, 0).record];

  for (guint i = 1; i < hits->len; i++)
    if (self->splits->data[g_array_index (hits, AttuneSimilarHit, i).record] != first)
      return ATTUNE_SPLIT_EXCLUDED;
  return first;
}

static gboolean
has_group (const AttuneRecord *record)
{
  return *record->fields[ATTUNE_FIELD_GROUP] != '\0';
}

static const char *
say_why_torn (const AttuneRecord *record, AttuneSplit there)
{
  if (there == ATTUNE_SPLIT_EXCLUDED)
    return "It is similar to records that are used for different things, as learning and the final "
           "test.";
  return has_group (record)
             ? "It is similar to a record that is used for something else than its group is."
             : "It is similar to a record that is used for something else than others with its "
               "question are.";
}

/* @bound: others of its group, or that ask the same, may stand where @split says: it cannot leave
 * them. */
static void
bring_together (AttunePlacement *self, const AttuneRecord *record, const GArray *hits,
                gboolean bound, AttuneSplit *split, const char **reason)
{
  const AttuneSplit there = split_of_hits (self, hits);
  const gboolean torn
      = self->settings->similar_together && (bound || there == ATTUNE_SPLIT_EXCLUDED);

  if (there == *split)
    return;
  count (self, torn ? TORN : TOGETHER, record);
  if (torn)
    {
      *split = ATTUNE_SPLIT_EXCLUDED;
      *reason = say_why_torn (record, there);
    }
  else if (self->settings->similar_together)
    *split = there;
}

/* Remembers where the record stands. What is left out is nothing to stand beside. */
static gboolean
keep (AttunePlacement *self, const AttuneRecord *record, guint64 key, AttuneSplit split,
      GError **error)
{
  const guint8 byte = split;

  if (split == ATTUNE_SPLIT_EXCLUDED)
    return TRUE;
  if (!has_group (record)) /* a group's draw is its home */
    g_hash_table_insert (self->homes, g_memdup2 (&key, sizeof key), GUINT_TO_POINTER (split));
  g_byte_array_append (self->splits, &byte, 1);
  return attune_similar_keep (self->similar, error);
}

gboolean
attune_placement_place (AttunePlacement *self, const AttuneRecord *record,
                        const AttunePlainRecord *plain, AttuneSplit *split, const char **reason,
                        GError **error)
{
  g_autoptr (GArray) hits
      = attune_similar_find (self->similar, plain->question, plain->answer, error);
  const guint64 key
      = attune_text_key (has_group (record) ? record->fields[ATTUNE_FIELD_GROUP] : plain->question);
  gboolean bound = has_group (record);
  gpointer home;

  if (hits == NULL)
    return FALSE;
  if (hits->len > 0)
    count (self, SIMILAR, record);
  if (hits->len > 0 && self->settings->drop_similar)
    {
      *split = ATTUNE_SPLIT_EXCLUDED;
      *reason = "A record that is nearly the same stands earlier.";
      return TRUE;
    }
  if (!bound && (bound = g_hash_table_lookup_extended (self->homes, &key, NULL, &home)))
    *split = GPOINTER_TO_UINT (home);
  else
    *split = attune_strata_draw (self->strata, key, record);
  if (hits->len > 0)
    bring_together (self, record, hits, bound, split, reason);
  return keep (self, record, key, *split, error);
}
