/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Keys of all rows of words of the evaluation file, and of its questions where they are shorter.
 */
#include "data/contamination.h"

#include "core/hash.h"
#include "data/key-table.h"

#include <string.h>

/* Words in a row that no two texts have by chance. */
#define WORDS 13

/* What a key is of. */
enum
{
  ROW = 1,
  QUESTION = 2,
};

struct _AttuneContamination
{
  AttuneKeyTable *keys;
};

/* Return FALSE to stop early. */
typedef gboolean (*KeyFunc) (const AttuneContamination *self, guint64 key);

static guint64
key_of (const char *text, gsize n, guint32 kind)
{
  guint64 hash[2];

  attune_hash (text, n, kind, hash);
  return hash[0];
}

/* Each row of words of @plain. Returns: how many there are, or G_MAXUINT where @func has stopped.
 */
static guint
go_through (const AttuneContamination *self, const char *plain, KeyFunc func)
{
  const char *starts[WORDS]; /* of the latest words, in a ring */
  guint n_words = 0, n_rows = 0;

  for (const char *at = plain; *at != '\0';)
    {
      const char *end = strchrnul (at, ' ');

      starts[n_words++ % WORDS] = at;
      if (n_words >= WORDS)
        {
          const char *first = starts[n_words % WORDS];

          n_rows++;
          if (!func (self, key_of (first, end - first, ROW)))
            return G_MAXUINT;
        }
      at = *end != '\0' ? end + 1 : end;
    }
  return n_rows;
}

static gboolean
add_key (const AttuneContamination *self, guint64 key)
{
  attune_key_table_set (self->keys, key, 1);
  return TRUE;
}

static gboolean
is_new (const AttuneContamination *self, guint64 key)
{
  return attune_key_table_get (self->keys, key) == 0;
}

static void
add_record (const AttuneContamination *self, const AttuneRecord *record)
{
  const char *question = record->fields[ATTUNE_FIELD_QUESTION],
             *answer = record->fields[ATTUNE_FIELD_ANSWER];
  g_autofree char *asked = attune_plain_words (question != NULL ? question : ""),
                  *answered = attune_plain_words (answer != NULL ? answer : "");

  if (go_through (self, asked, add_key) == 0 && *asked != '\0')
    add_key (self, key_of (asked, strlen (asked), QUESTION));
  go_through (self, answered, add_key); /* a short answer may be everybody's */
}

/* --- the evaluation file */

typedef struct
{
  AttuneContamination *found;
  AttuneCleaner *cleaner; /* what it counts is told nowhere */
  const char *path;
  gboolean only_questions; /* they are read as answers, which no source may lack */
} Reading;

static gboolean
on_record (const AttuneRecord *record, gpointer data, GError **error)
{
  const Reading *self = data;
  AttuneRecord copy = { .line = record->line, .whole = record->whole };
  AttunePlainRecord plain = { 0 };

  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    copy.fields[i] = g_strdup (record->fields[i]);
  if (self->only_questions)
    copy.fields[ATTUNE_FIELD_QUESTION] = g_steal_pointer (&copy.fields[ATTUNE_FIELD_ANSWER]);
  add_record (self->found, &copy);
  /* what it is compared with is cleaned: with its abbreviations written out, say */
  if (attune_cleaner_tidy (self->cleaner, &copy, &plain) == NULL)
    attune_plain_record_clear (&plain);
  add_record (self->found, &copy);
  attune_record_clear (&copy);
  return TRUE;
}

static gboolean
on_bad (const AttuneBadRow *bad, gpointer data, GError **error)
{
  const Reading *self = data;

  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
               "Row %" G_GUINT64_FORMAT " of the evaluation file “%s” cannot be read: %s",
               bad->line, self->path, bad->reason);
  return FALSE;
}

/* Whether there are questions without answers; these are then where answers would be. */
static gboolean
take_only_questions (AttuneSource *source)
{
  if (attune_source_get_missing_role (source) != ATTUNE_FIELD_ANSWER)
    return FALSE;
  for (guint i = 0; i < source->roles->len; i++)
    if (g_array_index (source->roles, AttuneField, i) == ATTUNE_FIELD_QUESTION)
      {
        attune_source_set_role_at (source, i, ATTUNE_FIELD_ANSWER);
        return TRUE;
      }
  return FALSE;
}

AttuneContamination *
attune_contamination_read (const AttuneDataValues *settings, GCancellable *cancellable,
                           GError **error)
{
  AttuneDataValues own = *settings;
  g_autoptr (AttuneSource) source = attune_source_probe (settings->evaluation_file, error);
  g_autoptr (AttuneContamination) self = g_new0 (AttuneContamination, 1);
  g_autoptr (AttuneCleaner) cleaner = NULL;
  Reading reading;

  own.evaluation_file = NULL;
  own.language = NULL; /* what is asked in another one is not learned either */
  self->keys = attune_key_table_new (0, NULL, NULL);
  if (source == NULL || (cleaner = attune_cleaner_new (&own, cancellable, error)) == NULL)
    return NULL;
  reading = (Reading) { self, cleaner, source->path, take_only_questions (source) };
  return attune_source_read (source, on_record, on_bad, &reading, cancellable, error)
             ? g_steal_pointer (&self)
             : NULL;
}

void
attune_contamination_free (AttuneContamination *self)
{
  if (self == NULL)
    return;
  attune_key_table_free (self->keys);
  g_free (self);
}

gboolean
attune_contamination_find (const AttuneContamination *self, const AttunePlainRecord *plain)
{
  const guint n = go_through (self, plain->question, is_new);

  return n == G_MAXUINT
         || (n == 0 && *plain->question != '\0'
             && !is_new (self, key_of (plain->question, strlen (plain->question), QUESTION)))
         || go_through (self, plain->answer, is_new) == G_MAXUINT;
}
