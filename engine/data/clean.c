/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of steps, and what is remembered from record to record.
 */
#include "data/clean.h"

#include "data/clean-text.h"

#include <string.h>

enum
{
  HTML, /* first: what a code stands for is tidied like the rest */
  UNICODE,
  SPACE,
  ABBREVIATIONS,
  INCOMPLETE,
  LENGTH,
  DUPLICATES,
  NEAR_DUPLICATES,
  N_STEPS,
};

struct _AttuneCleaner
{
  const AttuneDataValues *settings;
  AttuneCleanStep steps[N_STEPS];
  GHashTable *expansions; /* abbreviation -> expansion */
  GHashTable *seen; /* digests of records; 128 bits: at a billion records a chance clash has odds of
                       1e-21 */
  GHashTable *seen_near;
};

/* --- digests, as keys of a hash table */

#define DIGEST_BYTES 16

static guint
digest_hash (gconstpointer digest)
{
  guint value;

  memcpy (&value, digest, sizeof value);
  return value;
}

static gboolean
digest_equal (gconstpointer a, gconstpointer b)
{
  return memcmp (a, b, DIGEST_BYTES) == 0;
}

/* TRUE when the pair was there already. */
static gboolean
remember (GHashTable *seen, const char *question, const char *answer)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize n = sizeof digest;

  g_checksum_update (sum, (const guchar *) question,
                     strlen (question) + 1); /* the NUL parts the two */
  g_checksum_update (sum, (const guchar *) answer, strlen (answer));
  g_checksum_get_digest (sum, digest, &n);
  return !g_hash_table_add (seen, g_memdup2 (digest, DIGEST_BYTES));
}

/* --- set-up */

static gboolean
add_abbreviation (const AttuneRecord *record, gpointer data, GError **error)
{
  const char *abbreviation = record->fields[ATTUNE_FIELD_QUESTION],
             *expansion = record->fields[ATTUNE_FIELD_ANSWER];

  if (abbreviation != NULL && expansion != NULL && *abbreviation != '\0' && *expansion != '\0')
    g_hash_table_insert (data, g_strstrip (g_strdup (abbreviation)),
                         g_strstrip (g_strdup (expansion)));
  return TRUE;
}

static gboolean
read_abbreviations (AttuneCleaner *self, GError **error)
{
  g_autoptr (AttuneSource) source = attune_source_probe (self->settings->abbreviations, error);

  if (source == NULL)
    return FALSE;
  if (source->columns->len < 2)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                   "The abbreviations in “%s” need two columns: abbreviation and expansion.",
                   source->path);
      return FALSE;
    }
  for (guint i = 0; i < source->roles->len; i++)
    g_array_index (source->roles, AttuneField, i) = i == 0   ? ATTUNE_FIELD_QUESTION
                                                    : i == 1 ? ATTUNE_FIELD_ANSWER
                                                             : ATTUNE_FIELD_NONE;
  return attune_source_read (source, add_abbreviation, NULL, self->expansions, NULL, error);
}

AttuneCleaner *
attune_cleaner_new (const AttuneDataValues *s, GError **error)
{
  g_autoptr (AttuneCleaner) self = g_new0 (AttuneCleaner, 1);
  const AttuneCleanStep steps[N_STEPS] = {
    [HTML] = { "unescape-html", "HTML codes resolved", s->unescape_html },
    [UNICODE] = { "normalise-unicode", "Characters tidied", s->normalise_unicode },
    [SPACE] = { "trim-space", "White space tidied", s->trim_space },
    [ABBREVIATIONS] = { "abbreviations", "Abbreviations expanded",
                        s->abbreviations != NULL && *s->abbreviations != '\0' },
    [INCOMPLETE] = { "drop-incomplete", "Incomplete records left out", s->drop_incomplete },
    [LENGTH] = { "max-answer-characters", "Answers of odd length left out", TRUE },
    [DUPLICATES] = { "drop-duplicates", "Duplicates left out", s->drop_duplicates },
    [NEAR_DUPLICATES]
    = { "drop-near-duplicates", "Near duplicates left out", s->drop_near_duplicates },
  };

  self->settings = s;
  memcpy (self->steps, steps, sizeof steps);
  self->expansions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->seen = g_hash_table_new_full (digest_hash, digest_equal, g_free, NULL);
  self->seen_near = g_hash_table_new_full (digest_hash, digest_equal, g_free, NULL);
  if (self->steps[ABBREVIATIONS].enabled && !read_abbreviations (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_cleaner_free (AttuneCleaner *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_STEPS; i++)
    for (guint j = 0; j < self->steps[i].n_examples; j++)
      {
        g_free (self->steps[i].before[j]);
        g_free (self->steps[i].after[j]);
      }
  g_hash_table_unref (self->expansions);
  g_hash_table_unref (self->seen);
  g_hash_table_unref (self->seen_near);
  g_free (self);
}

const AttuneCleanStep *
attune_cleaner_get_steps (const AttuneCleaner *self, guint *n)
{
  *n = N_STEPS;
  return self->steps;
}

/* --- the steps */

static void
add_example (AttuneCleanStep *step, const char *before, const char *after)
{
  if (step->n_examples == ATTUNE_CLEAN_EXAMPLES)
    return;
  step->before[step->n_examples] = g_strdup (before);
  step->after[step->n_examples++] = g_strdup (after);
}

/* Applies @which to a text in place; TRUE when it changed. */
static gboolean
clean_field (AttuneCleaner *self, int which, char **field)
{
  AttuneCleanStep *step = &self->steps[which];
  char *cleaned = NULL;

  switch (which)
    {
    case HTML:
      cleaned = attune_clean_html (*field);
      break;
    case UNICODE:
      cleaned = attune_clean_unicode (*field);
      break;
    case SPACE:
      cleaned = attune_clean_space (*field);
      break;
    case ABBREVIATIONS:
      cleaned = attune_expand_abbreviations (*field, self->expansions, &step->changes);
      break;
    default:
      g_assert_not_reached ();
    }
  if (cleaned == NULL)
    return FALSE;
  add_example (step, *field, cleaned);
  g_free (*field);
  *field = cleaned;
  return TRUE;
}

static void
clean_texts (AttuneCleaner *self, AttuneRecord *record)
{
  static const AttuneField texts[]
      = { ATTUNE_FIELD_QUESTION, ATTUNE_FIELD_ANSWER, ATTUNE_FIELD_SYSTEM, ATTUNE_FIELD_LABEL };

  for (int which = HTML; which <= ABBREVIATIONS; which++)
    {
      gboolean changed = FALSE;

      for (guint i = 0; self->steps[which].enabled && i < G_N_ELEMENTS (texts); i++)
        {
          char **field = &record->fields[texts[i]];
          /* a label is a name: its letters are tidied, its words are not changed */
          const gboolean wanted
              = *field != NULL && !(which == ABBREVIATIONS && texts[i] == ATTUNE_FIELD_LABEL);

          if (wanted && clean_field (self, which, field))
            changed = TRUE;
        }
      self->steps[which].count += changed;
    }
}

/* Minus, point, comma and slash in front of a digit are part of a number. */
static gboolean
belongs_to_number (const char *p)
{
  return strchr ("-.,/", *p) != NULL && g_ascii_isdigit (p[1]);
}

/* A word by itself, of one character. */
static gboolean
is_symbol (gunichar c)
{
  const GUnicodeType type = g_unichar_type (c);

  return type == G_UNICODE_MATH_SYMBOL || type == G_UNICODE_CURRENCY_SYMBOL
         || type == G_UNICODE_OTHER_SYMBOL || c == '%' || c == '#';
}

char *
attune_plain_words (const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);
  GString *plain = g_string_sized_new (strlen (text));
  gboolean gap = FALSE;

  for (const char *p = folded; *p != '\0'; p = g_utf8_next_char (p))
    {
      const gunichar c = g_utf8_get_char (p);
      const gboolean symbol = is_symbol (c);

      if (!symbol && !g_unichar_isalnum (c) && !g_unichar_ismark (c) && !belongs_to_number (p))
        {
          gap = TRUE;
          continue;
        }
      if ((gap || symbol) && plain->len > 0)
        g_string_append_c (plain, ' ');
      gap = symbol;
      g_string_append_unichar (plain, c);
    }
  return g_string_free (plain, FALSE);
}

guint64
attune_text_key (const char *text)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize n = sizeof digest;
  guint64 key = 0;

  g_checksum_update (sum, (const guchar *) text, strlen (text));
  g_checksum_get_digest (sum, digest, &n);
  for (int i = 0; i < 8; i++)
    key = key << 8 | digest[i];
  return key;
}

static gboolean
is_blank (const char *text)
{
  while (g_unichar_isspace (g_utf8_get_char (text)))
    text = g_utf8_next_char (text);
  return *text == '\0';
}

static const char *
leave_out (AttuneCleaner *self, int which, const AttuneRecord *record, const char *reason)
{
  AttuneCleanStep *step = &self->steps[which];
  const char *question = record->fields[ATTUNE_FIELD_QUESTION],
             *answer = record->fields[ATTUNE_FIELD_ANSWER];

  step->count++;
  add_example (step, question != NULL && *question != '\0' ? question : answer, NULL);
  return reason;
}

const char *
attune_cleaner_run (AttuneCleaner *self, AttuneRecord *record)
{
  const AttuneDataValues *s = self->settings;
  const char *question, *answer;
  g_autofree char *plain_question = NULL, *plain_answer = NULL;
  glong length;

  clean_texts (self, record);
  question
      = record->fields[ATTUNE_FIELD_QUESTION] != NULL ? record->fields[ATTUNE_FIELD_QUESTION] : "";
  answer = record->fields[ATTUNE_FIELD_ANSWER] != NULL ? record->fields[ATTUNE_FIELD_ANSWER] : "";

  /* Nothing can be learned from an empty answer, whatever the settings say. */
  if (is_blank (answer) || (s->drop_incomplete && is_blank (question)))
    return leave_out (self, INCOMPLETE, record,
                      is_blank (answer) ? "It has no answer." : "It has no question.");
  length = g_utf8_strlen (answer, -1);
  if (length < s->min_answer_characters || length > s->max_answer_characters)
    return leave_out (self, LENGTH, record,
                      "Its answer is shorter or longer than the settings allow.");
  if (remember (self->seen, question, answer) && s->drop_duplicates)
    return leave_out (self, DUPLICATES, record, "The same record stands earlier.");
  plain_question = attune_plain_words (question);
  plain_answer = attune_plain_words (answer);
  if (remember (self->seen_near, plain_question, plain_answer) && s->drop_near_duplicates)
    return leave_out (self, NEAR_DUPLICATES, record,
                      "A record that differs only in case, blanks or punctuation stands earlier.");
  return NULL;
}
