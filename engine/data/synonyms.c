/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which words can be replaced, by which, and the draw.
 */
#include "data/synonyms.h"

#include "core/random.h"

#include <string.h>

/* Words as short are in too many terms and abbreviations. */
#define MIN_LETTERS 4
#define MAX_LETTERS 40
/* A part of speech, or a sense, counts as the one where it has this share of what was counted. */
#define CLEAR_SHARE 0.8
/* A text is English where this share of its words is. */
#define ENGLISH_SHARE 0.75
/* Draws for a variant before no other one is looked for. */
#define MAX_DRAWS 4

typedef struct
{
  const char *start, *end;
  gboolean joined; /* to what stands beside it, without a blank between */
  gboolean first;  /* of a sentence */
  gboolean plain;  /* nothing but small letters of English */
  char *lower;     /* (nullable): of a plain one, and of one with a capital in front */
} Word;

/* A place where a word can be replaced. */
typedef struct
{
  const char *start, *end;
  GPtrArray *words; /* char* */
} Place;

static void
word_clear (gpointer word)
{
  g_free (((Word *) word)->lower);
}

static void
place_clear (gpointer place)
{
  g_ptr_array_unref (((Place *) place)->words);
}

/* --- words */

/* Words that only hold others together: none has a synonym. WordNet has some of them as something
 * else ("in", an inch; "will", a testament), and most not at all. */
static const char *const function_words[]
    = { "a",    "about", "after",   "all",   "also",   "am",     "an",     "and",     "any",
        "are",  "as",    "at",      "be",    "been",   "before", "being",  "between", "both",
        "but",  "by",    "can",     "could", "did",    "do",     "does",   "during",  "each",
        "for",  "from",  "had",     "has",   "have",   "having", "he",     "her",     "his",
        "how",  "i",     "if",      "in",    "into",   "is",     "it",     "its",     "less",
        "many", "may",   "me",      "might", "more",   "most",   "much",   "must",    "my",
        "no",   "not",   "of",      "on",    "one",    "only",   "or",     "other",   "our",
        "over", "same",  "shall",   "she",   "should", "since",  "so",     "some",    "such",
        "than", "that",  "the",     "their", "them",   "then",   "there",  "these",   "they",
        "this", "those", "through", "to",    "under",  "until",  "up",     "us",      "very",
        "was",  "we",    "well",    "were",  "what",   "when",   "where",  "which",   "while",
        "who",  "whom",  "whose",   "why",   "will",   "with",   "within", "without", "would",
        "you",  "your",  NULL };

/* Before nouns alone: "that" and "her" stand before verbs, too ("Does that hurt?"). */
static const char *const determiners[]
    = { "a", "an", "the", "my", "your", "its", "our", "their", NULL };

/* Not pronouns nor "not": in a question they stand behind the verb ("Are you sick?"). */
static const char *const modals[]
    = { "can", "could", "may", "might", "must", "shall", "should", "will", "would", NULL };

static gboolean
is_letter (char c)
{
  return g_ascii_isalpha (c) || (guchar) c >= 0x80;
}

static gboolean
is_part (char c)
{
  return is_letter (c) || g_ascii_isdigit (c) || c == '\'' || c == '_';
}

/* What holds two words together into one: "well-being", "a/b", "x.y", "j@b". */
static gboolean
is_joint (char c)
{
  return c != '\0' && strchr ("-/\\@#&=+*%<>[]{}|~^`$", c) != NULL;
}

static gboolean
joins (const char *text, const char *start, const char *end)
{
  if (start > text && (is_joint (start[-1]) || (guchar) start[-1] >= 0x80))
    return TRUE;
  if (start > text + 1 && strchr (".:", start[-1]) != NULL)
    return TRUE; /* "www.example" */
  return is_joint (*end) || (*end != '\0' && strchr (".:", *end) != NULL && is_part (end[1]));
}

static Word
make_word (const char *text, const char *start, const char *end, gboolean first)
{
  Word word = { start, end, joins (text, start, end), first, TRUE, NULL };
  gboolean capital = g_ascii_isupper (*start);

  for (const char *p = start; p < end; p++)
    {
      word.plain = word.plain && g_ascii_islower (*p);
      capital = capital && (p == start || g_ascii_islower (*p));
    }
  if ((word.plain || capital) && end - start <= MAX_LETTERS)
    word.lower = g_ascii_strdown (start, end - start);
  return word;
}

/* Returns: (transfer full): Words. */
static GArray *
read_words (const char *text)
{
  GArray *words = g_array_new (FALSE, FALSE, sizeof (Word));
  gboolean first = TRUE;

  g_array_set_clear_func (words, word_clear);
  for (const char *p = text; *p != '\0';)
    if (is_part (*p))
      {
        const char *start = p;
        Word word;

        while (is_part (*p))
          p++;
        word = make_word (text, start, p, first);
        g_array_append_val (words, word);
        first = FALSE;
      }
    else
      first = strchr (".!?\n:", *p++) != NULL || first;
  return words;
}

static gboolean
is_in (const char *word, const char *const *list)
{
  return word != NULL && g_strv_contains (list, word);
}

static gboolean
is_known (const AttuneWordnet *wordnet, const char *word)
{
  for (int i = 0; i < ATTUNE_N_PARTS_OF_SPEECH; i++)
    if (attune_wordnet_find (wordnet, word, i, NULL))
      return TRUE;
  return FALSE;
}

/* "causes", "caused", "causing" too. */
static gboolean
is_english_word (const AttuneWordnet *wordnet, const char *word)
{
  static const char *const endings[][2]
      = { { "s", "" },   { "es", "" },  { "ies", "y" }, { "ed", "" },
          { "ed", "e" }, { "ing", "" }, { "ing", "e" }, { "'s", "" } };

  if (is_in (word, function_words) || is_known (wordnet, word))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (endings); i++)
    if (g_str_has_suffix (word, endings[i][0]))
      {
        g_autofree char *stem = g_strndup (word, strlen (word) - strlen (endings[i][0])),
                        *form = g_strconcat (stem, endings[i][1], NULL);

        if (is_known (wordnet, form))
          return TRUE;
      }
  return FALSE;
}

static gboolean
is_english (const AttuneWordnet *wordnet, const GArray *words)
{
  guint n = 0, known = 0, function = 0;

  for (guint i = 0; i < words->len; i++)
    {
      const Word *word = &g_array_index (words, Word, i);

      if (word->lower == NULL && g_ascii_isalpha (*word->start) && (guchar) word->end[-1] < 0x80)
        continue; /* an abbreviation is of no language */
      if (g_ascii_isdigit (*word->start))
        continue;
      n++;
      known += word->lower != NULL && is_english_word (wordnet, word->lower);
      function += is_in (word->lower, function_words);
    }
  return function > 0 && known >= ENGLISH_SHARE * n;
}

/* --- which can be replaced */

static const Word *
word_at (const GArray *words, guint i)
{
  return i < words->len ? &g_array_index (words, Word, i) : NULL;
}

/* Whether nothing but a blank is between them. */
static gboolean
touch (const Word *one, const Word *two)
{
  return one != NULL && two != NULL && two->start - one->end == 1 && *one->end == ' ';
}

static gboolean
has_digit (const Word *word)
{
  for (const char *p = word->start; p < word->end; p++)
    if (g_ascii_isdigit (*p))
      return TRUE;
  return FALSE;
}

/* Beside a number stand its unit and what is dosed; beside a name, its title. */
static gboolean
is_beside_fixed (const Word *before, const Word *word, const Word *after)
{
  if (before != NULL
      && (has_digit (before) || (touch (before, word) && !before->plain && !before->first)))
    return TRUE;
  return after != NULL && (has_digit (after) || (touch (word, after) && !after->plain));
}

static gboolean
is_term (const AttuneWordnet *wordnet, const Word *one, const Word *two)
{
  g_autofree char *term = NULL;

  if (!touch (one, two) || one->lower == NULL || two->lower == NULL)
    return FALSE;
  term = g_strconcat (one->lower, "_", two->lower, NULL);
  return is_known (wordnet, term);
}

/* The part of speech that @word is here, and its senses as that; ATTUNE_N_PARTS_OF_SPEECH where it
 * could be several. */
static AttunePartOfSpeech
find_part (const AttuneWordnet *wordnet, const Word *before, const Word *word,
           AttuneWordSenses *senses)
{
  const gboolean after_determiner = touch (before, word) && is_in (before->lower, determiners),
                 after_modal = touch (before, word) && is_in (before->lower, modals),
                 after_to = touch (before, word) && g_strcmp0 (before->lower, "to") == 0;
  AttuneWordSenses all[ATTUNE_N_PARTS_OF_SPEECH];
  AttunePartOfSpeech best = ATTUNE_N_PARTS_OF_SPEECH;
  guint n = 0, n_parts = 0;

  for (int i = 0; i < ATTUNE_N_PARTS_OF_SPEECH; i++)
    {
      attune_wordnet_find (wordnet, word->lower, i, &all[i]);
      if (after_determiner && (i == ATTUNE_VERB || i == ATTUNE_ADVERB))
        all[i] = (AttuneWordSenses) { 0 };
      if (all[i].n_senses == 0)
        continue;
      n_parts++;
      n += all[i].n_all;
      if (best == ATTUNE_N_PARTS_OF_SPEECH || all[i].n_all > all[best].n_all)
        best = i;
    }
  if (n_parts == 0 || (n_parts > 1 && (n == 0 || all[best].n_all < CLEAR_SHARE * n))
      || (n_parts > 1 && after_to) /* "to" stands before both */
      /* "Can sick people …": what it is elsewhere it is not here */
      || (n_parts > 1 && after_modal && best != ATTUNE_VERB && best != ATTUNE_ADVERB))
    return ATTUNE_N_PARTS_OF_SPEECH;
  *senses = all[best];
  return best;
}

static gboolean
has_clear_sense (const AttuneWordSenses *senses)
{
  return senses->n_senses == 1
         || (senses->n_all > 0 && senses->n_first >= CLEAR_SHARE * senses->n_all);
}

/* Whether "a" or "an" that is before one of them can be before the other. It is not known before
 * "h"
 * ("hour", "house") and "u" ("uncle", "unit"). */
static gboolean
sounds_alike (const Word *before, const char *one, const char *other)
{
  if (before == NULL
      || (g_strcmp0 (before->lower, "a") != 0 && g_strcmp0 (before->lower, "an") != 0))
    return TRUE;
  return strchr ("hu", *one) == NULL && strchr ("hu", *other) == NULL
         && (strchr ("aeio", *one) != NULL) == (strchr ("aeio", *other) != NULL);
}

/* Whether @other says the same as a word with @senses, and is as usual. */
static gboolean
is_synonym (const AttuneWordnet *wordnet, AttunePartOfSpeech part, const AttuneWordSenses *senses,
            const char *other)
{
  AttuneWordSenses there;

  if (strlen (other) < MIN_LETTERS || is_in (other, function_words))
    return FALSE;
  for (const char *p = other; *p != '\0'; p++)
    if (!g_ascii_islower (*p)) /* a name, a term of several words, "galore(ip)" */
      return FALSE;
  return attune_wordnet_find (wordnet, other, part, &there) && there.first == senses->first
         && has_clear_sense (&there) && (there.n_first > 0 || senses->n_first == 0);
}

/* Adds the place of @words[i], if it is one. */
static void
look_at (const AttuneWordnet *wordnet, const GArray *words, guint i, GArray *places)
{
  const Word *word = word_at (words, i), *before = i > 0 ? word_at (words, i - 1) : NULL,
             *after = word_at (words, i + 1);
  g_autoptr (GPtrArray) synset = NULL, found = NULL;
  AttuneWordSenses senses;
  AttunePartOfSpeech part;
  Place place;

  if (!word->plain || word->lower == NULL || word->joined || word->end - word->start < MIN_LETTERS
      || is_in (word->lower, function_words) || is_beside_fixed (before, word, after))
    return;
  part = find_part (wordnet, before, word, &senses);
  if (part == ATTUNE_N_PARTS_OF_SPEECH || !has_clear_sense (&senses)
      || is_term (wordnet, before, word) || is_term (wordnet, word, after))
    return;
  synset = attune_wordnet_get_words (wordnet, part, senses.first);
  found = g_ptr_array_new_with_free_func (g_free);
  for (guint j = 0; j < synset->len; j++)
    if (!g_str_equal (synset->pdata[j], word->lower)
        && is_synonym (wordnet, part, &senses, synset->pdata[j])
        && sounds_alike (before, word->lower, synset->pdata[j]))
      g_ptr_array_add (found, g_strdup (synset->pdata[j]));
  if (found->len == 0)
    return;
  place = (Place) { word->start, word->end, g_steal_pointer (&found) };
  g_array_append_val (places, place);
}

/* --- the draw */

/* Half of the places, and one at least. */
static char *
draw (const char *text, const GArray *places, AttuneRandom *random)
{
  const guint sure = attune_random_uint32 (random) % places->len;
  g_autoptr (GString) varied = g_string_new (NULL);
  const char *p = text;

  for (guint i = 0; i < places->len; i++)
    {
      const Place *place = &g_array_index (places, Place, i);
      const guint32 half = attune_random_uint32 (random), which = attune_random_uint32 (random);

      if (i != sure && half % 2 == 0)
        continue;
      g_string_append_len (varied, p, place->start - p);
      g_string_append (varied, place->words->pdata[which % place->words->len]);
      p = place->end;
    }
  g_string_append (varied, p);
  return g_string_free (g_steal_pointer (&varied), FALSE);
}

GPtrArray *
attune_synonyms_vary (const AttuneWordnet *wordnet, const char *text, guint n, guint64 seed,
                      guint64 key)
{
  GPtrArray *variants = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) words = read_words (text), places = g_array_new (FALSE, FALSE, sizeof (Place));
  AttuneRandom random;

  g_array_set_clear_func (places, place_clear);
  for (guint i = 0; i < words->len; i++)
    look_at (wordnet, words, i, places);
  if (places->len == 0 || !is_english (wordnet, words))
    return variants;
  attune_random_init (&random, seed, ATTUNE_RANDOM_VARIANT, key);
  for (guint i = 0; i < n * MAX_DRAWS && variants->len < n; i++)
    {
      g_autofree char *varied = draw (text, places, &random);

      if (!g_ptr_array_find_with_equal_func (variants, varied, g_str_equal, NULL))
        g_ptr_array_add (variants, g_steal_pointer (&varied));
    }
  return variants;
}
