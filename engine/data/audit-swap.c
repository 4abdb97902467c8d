/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See audit-swap.h.
 */
#include "data/audit-swap.h"

#include "data/clean.h"
#include "data/sentiment.h"
#include "data/stop-words.h"
#include "data/toxic.h"

#include <string.h>

/* Fewer of a side show nothing. */
#define LEAST_RECORDS 20
#define LEAST_PAIRS 10

/* In the order of sides. What means something else as often is none: German “man”, “sie” and
 * “junge”; nor is what is said of both: “patient”, “Arzt”. “Her” is exchanged for one of two only.
 */
static const char *const english[][2]
    = { { "he", "she" },          { "him", "her" },      { "his", "her" },
        { "himself", "herself" }, { "man", "woman" },    { "men", "women" },
        { "boy", "girl" },        { "boys", "girls" },   { "father", "mother" },
        { "son", "daughter" },    { "husband", "wife" }, { "brother", "sister" },
        { "male", "female" },     { "mr", "mrs" },       { "mr", "ms" },
        { "gentleman", "lady" } },
    *const german[][2] = { { "mann", "frau" },
                           { "herr", "frau" },
                           { "herrn", "frau" },
                           { "männer", "frauen" },
                           { "vater", "mutter" },
                           { "sohn", "tochter" },
                           { "bruder", "schwester" },
                           { "ehemann", "ehefrau" },
                           { "männlich", "weiblich" },
                           { "männliche", "weibliche" },
                           { "männlicher", "weiblicher" },
                           { "männlichen", "weiblichen" } };

/* Each record goes by the terms of its own language; own pairs are the first's. */
static const char *const languages[] = { "en", "de" };
#define N_LANGUAGES 2

/* How a side's records speak. */
typedef struct
{
  GArray *sentiment, *toxicity; /* double, one a record */
} Side;

typedef struct
{
  double sentiment, toxicity;
  int language; /* whose terms it goes by */
} Score;

struct _AttuneSwapAudit
{
  char *first, *second;                  /* of the first pair */
  gboolean own;                          /* one list for all languages */
  GHashTable *others[N_LANGUAGES][2];    /* term of a side → term of the other */
  GHashTable *says_nothing[N_LANGUAGES]; /* stop words, which a language is told by */
  Side sides[2];
  GHashTable *questions[2]; /* question of a side, plain → Score */
  guint n_both;
  AttuneToxicWords *toxic;
};

/* --- terms */

static void
add_pair (AttuneSwapAudit *self, int language, const char *first, const char *second)
{
  GHashTable **others = self->others[language];

  if (self->first == NULL)
    {
      self->first = g_strdup (first);
      self->second = g_strdup (second);
    }
  if (!g_hash_table_contains (others[0], first))
    g_hash_table_insert (others[0], g_strdup (first), g_strdup (second));
  if (!g_hash_table_contains (others[1], second))
    g_hash_table_insert (others[1], g_strdup (second), g_strdup (first));
}

/* By which stop words stand in it more often; English where none do. */
static int
guess_language (const AttuneSwapAudit *self, char **words)
{
  int balance = 0;

  for (guint i = 0; words[i] != NULL; i++)
    balance += (int) g_hash_table_contains (self->says_nothing[1], words[i])
               - (int) g_hash_table_contains (self->says_nothing[0], words[i]);
  return balance > 0;
}

static gboolean
read_pairs (AttuneSwapAudit *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit_set (g_strstrip (lines[i]), ",;\t", -1);
      g_autofree char *first = NULL, *second = NULL;

      if (*lines[i] == '\0' || *lines[i] == '#')
        continue;
      if (g_strv_length (parts) == 2 && g_utf8_validate (lines[i], -1, NULL))
        {
          first = attune_plain_words (parts[0]);
          second = attune_plain_words (parts[1]);
        }
      if (first == NULL || *first == '\0' || *second == '\0' || strchr (first, ' ') != NULL
          || strchr (second, ' ') != NULL)
        {
          g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                       "%s, line %u, is no pair of terms. Each line has two words with a comma "
                       "between: he,she",
                       path, i + 1);
          return FALSE;
        }
      add_pair (self, 0, first, second);
    }
  if (self->first != NULL)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
               "%s holds no pair of terms. Each line has two words with a comma between: he,she",
               path);
  return FALSE;
}

AttuneSwapAudit *
attune_swap_audit_new (const char *path, GError **error)
{
  g_autoptr (AttuneSwapAudit) self = g_new0 (AttuneSwapAudit, 1);

  for (int i = 0; i < N_LANGUAGES; i++)
    {
      g_auto (GStrv) words = g_strsplit (attune_stop_words_get (languages[i]), " ", -1);

      for (int side = 0; side < 2; side++)
        self->others[i][side] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      self->says_nothing[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      for (guint j = 0; words[j] != NULL; j++)
        g_hash_table_add (self->says_nothing[i], g_strdup (words[j]));
    }
  for (int i = 0; i < 2; i++)
    {
      self->questions[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      self->sides[i].sentiment = g_array_new (FALSE, FALSE, sizeof (double));
      self->sides[i].toxicity = g_array_new (FALSE, FALSE, sizeof (double));
    }
  if ((self->toxic = attune_toxic_words_new (NULL, error)) == NULL
      || (path != NULL && !read_pairs (self, path, error)))
    return NULL;
  self->own = path != NULL;
  for (guint i = 0; !self->own && i < G_N_ELEMENTS (english); i++)
    add_pair (self, 0, english[i][0], english[i][1]);
  for (guint i = 0; !self->own && i < G_N_ELEMENTS (german); i++)
    add_pair (self, 1, german[i][0], german[i][1]);
  return g_steal_pointer (&self);
}

void
attune_swap_audit_free (AttuneSwapAudit *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < N_LANGUAGES; i++)
    {
      for (int side = 0; side < 2; side++)
        g_hash_table_unref (self->others[i][side]);
      g_hash_table_unref (self->says_nothing[i]);
    }
  for (int i = 0; i < 2; i++)
    {
      g_hash_table_unref (self->questions[i]);
      g_array_unref (self->sides[i].sentiment);
      g_array_unref (self->sides[i].toxicity);
    }
  attune_toxic_words_free (self->toxic);
  g_free (self->first);
  g_free (self->second);
  g_free (self);
}

static char *
exchange (const AttuneSwapAudit *self, char **words, int language)
{
  for (guint i = 0; words[i] != NULL; i++)
    for (int side = 0; side < 2; side++)
      {
        const char *other = g_hash_table_lookup (self->others[language][side], words[i]);

        if (other == NULL)
          continue;
        g_set_str (&words[i], other);
        break;
      }
  return g_strjoinv (" ", words);
}

char *
attune_swap_audit_exchange (const AttuneSwapAudit *self, const char *plain)
{
  g_auto (GStrv) words = g_strsplit (plain, " ", -1);

  return exchange (self, words, self->own ? 0 : guess_language (self, words));
}

/* --- records */

static void
count_terms (const AttuneSwapAudit *self, char **words, int language, guint counts[2])
{
  for (guint i = 0; words[i] != NULL; i++)
    for (int side = 0; side < 2; side++)
      counts[side] += g_hash_table_contains (self->others[language][side], words[i]);
}

/* What is learned of it is its answer: that is scored. */
void
attune_swap_audit_add (AttuneSwapAudit *self, const AttuneRecord *record)
{
  const char *text = record->fields[ATTUNE_FIELD_ANSWER];
  g_autofree char *question = attune_plain_words (record->fields[ATTUNE_FIELD_QUESTION]),
                  *answer = attune_plain_words (text),
                  *both = g_strconcat (question, " ", answer, NULL);
  g_auto (GStrv) words = g_strsplit (both, " ", -1), asked = g_strsplit (question, " ", -1);
  g_autoptr (GArray) toxic = NULL;
  const int spoken = guess_language (self, words), language = self->own ? 0 : spoken;
  Score score;
  guint counts[2] = { 0 };
  int side;

  count_terms (self, words, language, counts);
  if (counts[0] == 0 && counts[1] == 0)
    return;
  if (counts[0] > 0 && counts[1] > 0)
    {
      self->n_both++;
      return;
    }
  toxic = attune_toxic_find (self->toxic, text);
  score = (Score) { attune_sentiment (answer, languages[spoken]), toxic->len > 0, language };
  side = counts[1] > 0;
  g_array_append_val (self->sides[side].sentiment, score.sentiment);
  g_array_append_val (self->sides[side].toxicity, score.toxicity);
  counts[0] = counts[1] = 0;
  count_terms (self, asked, language, counts);
  if (counts[side] > 0)
    g_hash_table_insert (self->questions[side], g_steal_pointer (&question),
                         g_memdup2 (&score, sizeof score));
}

/* --- the report */

static double
mean (const GArray *values)
{
  double sum = 0;

  for (guint i = 0; i < values->len; i++)
    sum += g_array_index (values, double, i);
  return values->len > 0 ? sum / values->len : 0;
}

static JsonObject *
gap_object (const GArray *first, const GArray *second, const AttuneGap *gap)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "first", mean (first));
  json_object_set_double_member (object, "second", mean (second));
  json_object_set_double_member (object, "gap", gap->value);
  json_object_set_double_member (object, "low", gap->low);
  json_object_set_double_member (object, "high", gap->high);
  return object;
}

static void
add_gap (JsonObject *report, const char *name, const GArray *first, const GArray *second)
{
  AttuneGap gap;

  if (first->len < LEAST_RECORDS || second->len < LEAST_RECORDS)
    return;
  gap = attune_gap_of_means ((const double *) first->data, first->len,
                             (const double *) second->data, second->len);
  json_object_set_object_member (report, name, gap_object (first, second, &gap));
}

/* What pairs of records are compared by. */
enum
{
  FIRST_SENTIMENT,
  SECOND_SENTIMENT,
  SENTIMENT_GAP,
  FIRST_TOXICITY,
  SECOND_TOXICITY,
  TOXICITY_GAP,
  N_COLUMNS,
};

/* Returns: (transfer full): N_COLUMNS GArrays of double: the answers to questions that stand there
 * with the terms of both sides. */
static GPtrArray *
find_pairs (const AttuneSwapAudit *self)
{
  GPtrArray *columns = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  GHashTableIter iter;
  gpointer question, value;

  for (int i = 0; i < N_COLUMNS; i++)
    g_ptr_array_add (columns, g_array_new (FALSE, FALSE, sizeof (double)));
  g_hash_table_iter_init (&iter, self->questions[0]);
  while (g_hash_table_iter_next (&iter, &question, &value))
    {
      g_auto (GStrv) words = g_strsplit (question, " ", -1);
      const Score *one = value, *two;
      g_autofree char *other = exchange (self, words, one->language);

      two = g_hash_table_lookup (self->questions[1], other);
      if (two != NULL)
        {
          const double row[N_COLUMNS]
              = { one->sentiment, two->sentiment, one->sentiment - two->sentiment,
                  one->toxicity,  two->toxicity,  one->toxicity - two->toxicity };

          for (int i = 0; i < N_COLUMNS; i++)
            g_array_append_val ((GArray *) columns->pdata[i], row[i]);
        }
    }
  return columns;
}

static void
add_paired (JsonObject *report, const char *name, GPtrArray *columns, int first)
{
  const GArray *gaps = columns->pdata[first + 2];
  AttuneGap gap;

  if (gaps->len < LEAST_PAIRS)
    return;
  gap = attune_gap_of_pairs ((const double *) gaps->data, gaps->len);
  json_object_set_object_member (
      report, name, gap_object (columns->pdata[first], columns->pdata[first + 1], &gap));
}

JsonObject *
attune_swap_audit_finish (AttuneSwapAudit *self)
{
  JsonObject *report = json_object_new ();
  g_autoptr (GPtrArray) pairs = find_pairs (self);

  json_object_set_string_member (report, "first", self->first);
  json_object_set_string_member (report, "second", self->second);
  json_object_set_int_member (report, "records_first", self->sides[0].sentiment->len);
  json_object_set_int_member (report, "records_second", self->sides[1].sentiment->len);
  json_object_set_int_member (report, "records_both", self->n_both);
  add_gap (report, "sentiment", self->sides[0].sentiment, self->sides[1].sentiment);
  add_gap (report, "toxicity", self->sides[0].toxicity, self->sides[1].toxicity);
  json_object_set_int_member (report, "pairs", ((GArray *) pairs->pdata[0])->len);
  add_paired (report, "paired_sentiment", pairs, FIRST_SENTIMENT);
  add_paired (report, "paired_toxicity", pairs, FIRST_TOXICITY);
  return report;
}
