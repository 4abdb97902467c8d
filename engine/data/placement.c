/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Drawn, then brought to what it is similar to.
 */
#include "data/placement.h"

#include "data/families.h"

#include "data/clean-step.h"
#include "data/key-table.h"
#include "data/similar.h"
#include "data/split.h"
#include "data/timeline.h"

enum
{
  SIMILAR,
  TOGETHER,
  ANSWERS,
  TORN,         /* from what it is similar to */
  TORN_ANSWERS, /* from where its answer is */
  TORN_TIMES,   /* from its group, or others with its question */
  TIMELESS,
  N_STEPS,
};

struct _AttunePlacement
{
  const AttuneDataValues *settings;
  AttuneSimilar *similar;
  AttuneStrata *strata;
  GByteArray *splits; /* of the records that @similar keeps */
  GArray *families;   /* guint32s, of the same: an earlier one that it is similar to, or itself */
  /* of questions, and of groups where the split is by time: AttuneSplit + 1, where records are */
  AttuneKeyTable *homes;
  AttuneKeyTable *answers; /* of answers: AttuneSplit + 1, where the first record with it is */
  AttuneKeyTable *asked;   /* of questions, whatever the group: 1; where variants are made */
  GArray *columns;         /* AttuneDateColumn of each source */
  AttuneTimeline *timeline;
  gboolean by_time;
  AttuneCleanStep steps[N_STEPS];
};

AttunePlacement *
attune_placement_new (const AttuneDataValues *s, guint64 n_records, const char *folder,
                      AttuneSpill *spill, GError **error)
{
  g_autoptr (AttunePlacement) self = g_new0 (AttunePlacement, 1);

  self->settings = s;
  self->splits = g_byte_array_new ();
  self->families = g_array_new (FALSE, FALSE, sizeof (guint32));
  self->strata = attune_strata_new (s);
  self->columns = g_array_new (FALSE, TRUE, sizeof (AttuneDateColumn));
  self->timeline = attune_timeline_new ();
  self->by_time = attune_split_is_by_time (s);
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
  self->steps[ANSWERS] = (AttuneCleanStep) { "answers-together", "Moved to where their answer is",
                                             s->answers_together };
  self->steps[TORN]
      = (AttuneCleanStep) { "drop-torn", "Similar to records of several splits, left out",
                            s->similar_together, ATTUNE_CLEAN_LEAVES_OUT };
  self->steps[TORN_ANSWERS]
      = (AttuneCleanStep) { "drop-torn-answers", "With an answer of another split, left out",
                            s->answers_together, ATTUNE_CLEAN_LEAVES_OUT };
  self->steps[TORN_TIMES]
      = (AttuneCleanStep) { "drop-torn-times", "Group or question is of another time, left out",
                            self->by_time, ATTUNE_CLEAN_LEAVES_OUT };
  self->steps[TIMELESS] = (AttuneCleanStep) { "test-from", "Without a date, left out",
                                              self->by_time, ATTUNE_CLEAN_LEAVES_OUT };
  if ((self->homes = attune_key_table_new (n_records, spill, error)) == NULL
      || (self->answers = attune_key_table_new (s->answers_together ? n_records : 0, spill, error))
             == NULL
      || (self->asked = attune_key_table_new (s->variants > 0 ? n_records : 0, spill, error))
             == NULL
      || (self->similar = attune_similar_new (s->similarity, n_records, folder, spill, error))
             == NULL)
    return NULL;
  return g_steal_pointer (&self);
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
  g_array_unref (self->columns);
  attune_timeline_free (self->timeline);
  attune_key_table_free (self->homes);
  attune_key_table_free (self->answers);
  attune_key_table_free (self->asked);
  g_byte_array_unref (self->splits);
  g_array_unref (self->families);
  g_free (self);
}

void
attune_placement_report (const AttunePlacement *self, JsonObject *report)
{
  JsonArray *steps = json_object_get_array_member (report, "steps");

  for (int i = 0; i < N_STEPS; i++)
    json_array_add_object_element (steps, attune_clean_step_to_json (&self->steps[i]));
  attune_timeline_report (self->timeline, report);
  attune_split_report (self->settings, report);
}

gboolean
attune_placement_check (const AttunePlacement *self, guint64 n_train, GError **error)
{
  if (self->by_time && attune_timeline_has_dates (self->timeline) && n_train == 0)
    {
      g_autofree char *first = attune_timeline_get_first (self->timeline),
                      *last = attune_timeline_get_last (self->timeline);

      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "No record is left to learn from: the dates are from %s to %s, and what is kept "
                   "for checking and for the test begins before. Choose later dates.",
                   first, last);
      return FALSE;
    }
  if (!self->by_time || attune_timeline_has_dates (self->timeline))
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "The final test is to be from a date on, but no record has a date that can be read. "
               "Say which column holds the date when you import the table, or draw the test by "
               "chance.");
  return FALSE;
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
say_why_torn (const AttunePlacement *self, const AttuneRecord *record, AttuneSplit there)
{
  if (self->by_time)
    return "It is similar to a record of a time that is used for something else.";
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
      *reason = say_why_torn (self, record, there);
    }
  else if (self->settings->similar_together)
    *split = there;
}

/* Shorter ones, as labels and “yes”, are the answers of many records that have nothing else in
 * common. */
#define MIN_ANSWER_WORDS 5

static gboolean
has_own_answer (const AttunePlainRecord *plain)
{
  guint n = 1;

  for (const char *p = plain->answer; *p != '\0'; p++)
    n += *p == ' ';
  return n >= MIN_ANSWER_WORDS;
}

/* @bound: the record cannot leave @split. */
static void
mind_answer (AttunePlacement *self, const AttuneRecord *record, const AttunePlainRecord *plain,
             gboolean bound, AttuneSplit *split, const char **reason)
{
  const guint there = attune_key_table_get (self->answers, plain->answer_key);

  if (there == 0 || there - 1 == *split)
    return;
  count (self, bound ? TORN_ANSWERS : ANSWERS, record);
  *split = bound ? ATTUNE_SPLIT_EXCLUDED : there - 1;
  if (bound)
    *reason = "Its answer is that of a record that is used for something else.";
}

/* By time: whether the record can stand in @split, where others of its group, or with its question,
 * stand at @home. */
static void
check_time (AttunePlacement *self, const AttuneRecord *record, guint home, AttuneSplit *split,
            const char **reason)
{
  if (home == 0 || home - 1 == *split)
    return;
  count (self, TORN_TIMES, record);
  *split = ATTUNE_SPLIT_EXCLUDED;
  *reason = has_group (record)
                ? "Others of its group are from a time that is used for something else."
                : "Its question is asked at a time that is used for something else.";
}

void
attune_placement_take_dates (AttunePlacement *self, GArray *columns)
{
  g_array_unref (self->columns);
  self->columns = columns;
}

static guint32
read_date (const AttunePlacement *self, const AttuneRecord *record, AttuneDateReading *reading)
{
  static const AttuneDateColumn unknown;
  const AttuneDateColumn *column
      = (guint) record->source < self->columns->len
            ? &g_array_index (self->columns, AttuneDateColumn, record->source)
            : &unknown;

  return attune_date_column_read (column, record->fields[ATTUNE_FIELD_DATE], reading);
}

const char *
attune_placement_refuse (AttunePlacement *self, const AttuneRecord *record)
{
  AttuneDateReading reading;

  if (!self->by_time || read_date (self, record, &reading) != 0)
    return NULL;
  attune_timeline_add (self->timeline, 0, reading, record->fields[ATTUNE_FIELD_DATE]);
  count (self, TIMELESS, record);
  return "It has no date that can be read, and the final test is what is from a date on.";
}

/* The record that is kept next belongs to all that it is similar to. */
static void
join_families (AttunePlacement *self, const GArray *hits)
{
  const guint32 own = self->families->len;

  g_array_append_val (self->families, own);
  for (guint i = 0; self->settings->similar_together && i < hits->len; i++)
    attune_families_join (self->families, own, g_array_index (hits, AttuneSimilarHit, i).record);
}

GArray *
attune_placement_find_families (AttunePlacement *self)
{
  gboolean any = FALSE;

  for (guint32 i = 0; i < self->families->len; i++)
    any = (g_array_index (self->families, guint32, i) = attune_families_find (self->families, i))
              != i
          || any;
  return any ? g_array_ref (self->families) : NULL;
}

guint32
attune_placement_get_last (const AttunePlacement *self)
{
  return self->families->len - 1;
}

void
attune_placement_join (AttunePlacement *self, guint32 other)
{
  attune_families_join (self->families, self->families->len - 1, other);
}

/* Remembers where the record stands. What is left out is nothing to stand beside. */
static gboolean
keep (AttunePlacement *self, const AttuneRecord *record, const AttunePlainRecord *plain,
      const AttuneSketch *sketch, const GArray *hits, AttuneSplit split, GError **error)
{
  const guint8 byte = split;

  if (split == ATTUNE_SPLIT_EXCLUDED)
    return TRUE;
  if (self->by_time || !has_group (record)) /* a group's draw is its home */
    attune_key_table_set (self->homes, plain->home, split + 1);
  if (self->settings->variants > 0)
    attune_key_table_set (self->asked, attune_text_key (plain->question), 1);
  if (self->settings->answers_together && has_own_answer (plain))
    attune_key_table_set (self->answers, plain->answer_key, split + 1);
  g_byte_array_append (self->splits, &byte, 1);
  join_families (self, hits);
  return attune_similar_keep (self->similar, sketch, error);
}

gboolean
attune_placement_is_asked (const AttunePlacement *self, guint64 key)
{
  return attune_key_table_get (self->asked, key) > 0;
}

gboolean
attune_placement_tells (AttunePlacement *self, const AttuneSketch *sketch, gboolean *tells,
                        GError **error)
{
  g_autoptr (GArray) hits = NULL;

  *tells = FALSE;
  if (!self->settings->similar_together)
    return TRUE;
  if ((hits = attune_similar_find (self->similar, sketch, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < hits->len; i++)
    *tells = *tells
             || self->splits->data[g_array_index (hits, AttuneSimilarHit, i).record]
                    != ATTUNE_SPLIT_TRAIN;
  for (guint i = 0; !*tells && i < hits->len; i++)
    attune_placement_join (self, g_array_index (hits, AttuneSimilarHit, i).record);
  return TRUE;
}

const AttuneSketcher *
attune_placement_get_sketcher (const AttunePlacement *self)
{
  return attune_similar_get_sketcher (self->similar);
}

gboolean
attune_placement_place (AttunePlacement *self, const AttuneRecord *record,
                        const AttunePlainRecord *plain, const AttuneSketch *sketch,
                        AttuneSplit *split, const char **reason, GError **error)
{
  g_autoptr (GArray) hits = attune_similar_find (self->similar, sketch, error);
  const guint home
      = has_group (record) && !self->by_time ? 0 : attune_key_table_get (self->homes, plain->home);
  const gboolean bound = self->by_time || has_group (record) || home > 0;
  AttuneDateReading reading;
  const guint32 day = read_date (self, record, &reading);

  if (hits == NULL)
    return FALSE;
  attune_timeline_add (self->timeline, day, reading, record->fields[ATTUNE_FIELD_DATE]);
  if (hits->len > 0)
    count (self, SIMILAR, record);
  if (hits->len > 0 && self->settings->drop_similar)
    {
      *split = ATTUNE_SPLIT_EXCLUDED;
      *reason = "A record that is nearly the same stands earlier.";
      return TRUE;
    }
  *split = home > 0 && !self->by_time ? home - 1
                                      : attune_strata_draw (self->strata, plain->home, day, record);
  if (self->by_time)
    check_time (self, record, home, split, reason);
  if (hits->len > 0 && *split != ATTUNE_SPLIT_EXCLUDED)
    bring_together (self, record, hits, bound, split, reason);
  if (self->settings->answers_together && *split != ATTUNE_SPLIT_EXCLUDED)
    mind_answer (self, record, plain, bound || (hits->len > 0 && self->settings->similar_together),
                 split, reason);
  return keep (self, record, plain, sketch, hits, *split, error);
}
