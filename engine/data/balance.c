/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Random over- and under-sampling, to the record.
 */
#include "data/balance.h"

#include "core/random.h"
#include "data/clean-step.h"
#include "data/clean.h"
#include "data/report-view.h"

/* A record that is learned from. */
typedef struct
{
  guint32 record;
  guint64 draw; /* the lowest of a label are the ones that are repeated once more, or that stay */
  AttuneSampleSize size;
} Member;

typedef struct
{
  char *name;
  GArray *members;   /* Member */
  guint64 n_learned; /* samples after balancing */
} Label;

struct _AttuneBalance
{
  const AttuneDataValues *settings;
  GHashTable *numbers;  /* name -> number of the label + 1 */
  GPtrArray *labels;    /* Label */
  GByteArray *times;    /* per record */
  GByteArray *samples;  /* per record: that stand there each time */
  AttuneSplitSize size; /* of what is learned from */
  guint64 n_samples;
  AttuneCleanStep step;
};

static void
label_free (gpointer data)
{
  Label *label = data;

  g_free (label->name);
  g_array_unref (label->members);
  g_free (label);
}

AttuneBalance *
attune_balance_new (const AttuneDataValues *settings)
{
  AttuneBalance *self = g_new0 (AttuneBalance, 1);
  const gboolean leaves_out = settings->balance == ATTUNE_BALANCE_UNDER;

  self->settings = settings;
  self->numbers = g_hash_table_new (g_str_hash, g_str_equal);
  self->labels = g_ptr_array_new_with_free_func (label_free);
  self->times = g_byte_array_new ();
  self->samples = g_byte_array_new ();
  self->step = (AttuneCleanStep) {
    .name = "balance",
    .title = leaves_out                                  ? "Left out of learning for the balance"
             : settings->balance == ATTUNE_BALANCE_SMOTE ? "Mixed or repeated for the balance"
                                                         : "Repeated for the balance",
    .enabled = settings->balance != ATTUNE_BALANCE_NONE,
    .deed = leaves_out                                  ? ATTUNE_CLEAN_LEAVES_OUT
            : settings->balance == ATTUNE_BALANCE_SMOTE ? ATTUNE_CLEAN_MAKES
                                                        : ATTUNE_CLEAN_CHANGES,
  };
  return self;
}

void
attune_balance_free (AttuneBalance *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->numbers);
  g_ptr_array_unref (self->labels);
  g_byte_array_unref (self->times);
  g_byte_array_unref (self->samples);
  attune_clean_step_clear (&self->step);
  g_free (self);
}

static Label *
find_label (AttuneBalance *self, const char *name)
{
  const guint number = GPOINTER_TO_UINT (g_hash_table_lookup (self->numbers, name));
  Label *label;

  if (number > 0)
    return g_ptr_array_index (self->labels, number - 1);
  label = g_new0 (Label, 1);
  label->name = g_strdup (name);
  label->members = g_array_new (FALSE, FALSE, sizeof (Member));
  g_ptr_array_add (self->labels, label);
  g_hash_table_insert (self->numbers, label->name, GUINT_TO_POINTER (self->labels->len));
  return label;
}

/* Of question and answer, so that it stays the same when rows are added. */
static guint64
draw_of (const AttuneBalance *self, const AttuneRecord *record)
{
  g_autofree char *text = g_strconcat (record->fields[ATTUNE_FIELD_QUESTION], "\n",
                                       record->fields[ATTUNE_FIELD_ANSWER], NULL);
  AttuneRandom random;

  attune_random_init (&random, self->settings->seed, ATTUNE_RANDOM_BALANCE, attune_text_key (text));
  return (guint64) attune_random_uint32 (&random) << 32 | attune_random_uint32 (&random);
}

/* @times: another sample of this size so many times */
static void
add_size (AttuneBalance *self, const AttuneSampleSize *size, guint times)
{
  self->n_samples += times;
  self->size.rows += (guint64) size->n_rows * times;
  self->size.targets += (guint64) size->n_learned * times;
  if (times > 0)
    self->size.longest = MAX (self->size.longest, size->n_tokens);
}

void
attune_balance_add (AttuneBalance *self, AttuneSplit split, const AttuneRecord *record,
                    const AttuneSampleSize *size)
{
  const char *label = record->fields[ATTUNE_FIELD_LABEL];
  const guint8 once = 1;

  if (!self->step.enabled) /* of many records two bytes each are many */
    return;
  g_byte_array_append (self->times, &once, 1);
  g_byte_array_append (self->samples, &once, 1);
  if (split != ATTUNE_SPLIT_TRAIN)
    return;
  if (*label == '\0') /* it stands for no class */
    add_size (self, size, 1);
  else
    {
      const Member member = { self->times->len - 1, draw_of (self, record), *size };

      g_array_append_val (find_label (self, label)->members, member);
    }
}

static int
compare_members (gconstpointer a, gconstpointer b)
{
  const Member *x = a, *y = b;

  return x->draw != y->draw ? (x->draw > y->draw) - (x->draw < y->draw)
                            : (x->record > y->record) - (x->record < y->record);
}

void
attune_balance_set_samples (AttuneBalance *self, guint32 record, guint n)
{
  if (!self->step.enabled)
    return;
  g_return_if_fail (record < self->samples->len && n >= 1 && n <= G_MAXUINT8);

  self->samples->data[record] = n;
}

static guint64
count_samples (const AttuneBalance *self, const Label *label)
{
  guint64 n = 0;

  for (guint i = 0; i < label->members->len; i++)
    n += self->samples->data[g_array_index (label->members, Member, i).record];
  return n;
}

/* Every one equally often, and the first ones whose samples fit once more, until there are @wanted
 * samples; none more often than the limit. */
static void
repeat (AttuneBalance *self, Label *label, guint64 wanted)
{
  const guint64 n = count_samples (self, label), each = wanted / n;
  guint64 rest = wanted % n;

  g_array_sort (label->members, compare_members);
  for (guint i = 0; i < label->members->len; i++)
    {
      const Member *member = &g_array_index (label->members, Member, i);
      const guint8 samples = self->samples->data[member->record];
      const gboolean once_more = samples <= rest || (each == 0 && i == 0); /* no label is lost */
      const guint8 times = MIN (each + once_more, (guint64) self->settings->balance_limit);

      rest -= once_more ? MIN (samples, rest) : 0;
      self->times->data[member->record] = times;
      self->step.count += times != 1;
      label->n_learned += (guint64) times * samples;
      add_size (self, &member->size, times);
    }
}

GByteArray *
attune_balance_finish (AttuneBalance *self)
{
  guint64 most = 0, fewest = G_MAXUINT64;

  for (guint i = 0; i < self->labels->len; i++)
    {
      const guint64 n = count_samples (self, self->labels->pdata[i]);

      most = MAX (most, n);
      fewest = MIN (fewest, n);
    }
  for (guint i = 0; i < self->labels->len; i++)
    repeat (self, self->labels->pdata[i],
            self->settings->balance == ATTUNE_BALANCE_OVER ? most
            : self->settings->balance == ATTUNE_BALANCE_UNDER
                ? fewest
                /* needs a model: afterwards, see data/smote-balance.h */
                : count_samples (self, self->labels->pdata[i]));
  return self->step.count > 0 ? g_byte_array_ref (self->times) : NULL;
}

void
attune_balance_report (const AttuneBalance *self, JsonObject *report)
{
  JsonObject *train
      = json_object_get_object_member (json_object_get_object_member (report, "sizes"), "train");
  JsonArray *labels = json_object_get_array_member (report, "labels");

  json_array_add_object_element (json_object_get_array_member (report, "steps"),
                                 attune_clean_step_to_json (&self->step));
  if (!self->step.enabled)
    return;
  json_object_set_int_member (train, "samples", self->n_samples);
  json_object_set_int_member (train, "rows", self->size.rows);
  json_object_set_int_member (train, "targets", self->size.targets);
  json_object_set_int_member (train, "longest", self->size.longest);
  /* what is balanced are whole texts: of several labels every set of them */
  if (attune_label_kind_of_name (
          json_object_get_string_member_with_default (report, "label_kind", NULL))
      != ATTUNE_LABELS_ONE)
    return;
  for (guint i = 0; i < json_array_get_length (labels); i++)
    {
      JsonObject *object = json_array_get_object_element (labels, i);
      const guint number = GPOINTER_TO_UINT (
          g_hash_table_lookup (self->numbers, json_object_get_string_member (object, "label")));
      const Label *label = number > 0 ? self->labels->pdata[number - 1] : NULL;

      json_object_set_int_member (object, "original", label != NULL ? label->members->len : 0);
      json_object_set_int_member (object, "learned", label != NULL ? label->n_learned : 0);
    }
}
