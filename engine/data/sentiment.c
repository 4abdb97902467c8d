/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists, and the count. No word is in them that has another sense as often: “kind” (of),
 * “mean”.
 */
#include "data/sentiment.h"

#include <string.h>

/* A “not” turns a word that comes so many words later at most. */
#define REACH 3

static const char *const kind_en[]
    = { "able",        "accurate",   "admirable",    "amazing",     "attentive",   "beautiful",
        "best",        "better",     "brave",        "bright",      "brilliant",   "calm",
        "capable",     "careful",    "caring",       "charming",    "cheerful",    "clever",
        "comfortable", "competent",  "confident",    "considerate", "cooperative", "courageous",
        "courteous",   "creative",   "delighted",    "dependable",  "diligent",    "excellent",
        "experienced", "fair",       "fantastic",    "friendly",    "generous",    "gentle",
        "gifted",      "glad",       "good",         "grateful",    "great",       "happy",
        "hardworking", "helpful",    "honest",       "impressive",  "intelligent", "likeable",
        "lovely",      "loyal",      "nice",         "patiently",   "perfect",     "pleasant",
        "pleased",     "polite",     "professional", "proud",       "qualified",   "reasonable",
        "reliable",    "respectful", "responsible",  "safe",        "sensible",    "skilled",
        "smart",       "strong",     "successful",   "superb",      "talented",    "thankful",
        "thorough",    "thoughtful", "trustworthy",  "warm",        "welcome",     "wise",
        "wonderful",   NULL };

static const char *const kind_de[]
    = { "angenehm",   "aufmerksam",   "ausgezeichnet", "begabt",      "beste",      "besser",
        "dankbar",    "ehrlich",      "erfahren",      "erfolgreich", "fähig",      "fleißig",
        "freundlich", "freundliche",  "freundlicher",  "froh",        "geduldig",   "gewissenhaft",
        "glücklich",  "großartig",    "gut",           "gute",        "guten",      "guter",
        "gutes",      "hervorragend", "hilfsbereit",   "hilfreich",   "höflich",    "intelligent",
        "klug",       "kluge",        "kompetent",     "liebevoll",   "mutig",      "nett",
        "nette",      "perfekt",      "respektvoll",   "schön",       "schöne",     "sorgfältig",
        "stark",      "sympathisch",  "talentiert",    "toll",        "vernünftig", "verlässlich",
        "wunderbar",  "zufrieden",    "zuverlässig",   NULL };

static const char *const unkind_en[] = { "abusive",
                                         "aggressive",
                                         "angry",
                                         "annoying",
                                         "arrogant",
                                         "awful",
                                         "bad",
                                         "boring",
                                         "careless",
                                         "complaining",
                                         "confused",
                                         "corrupt",
                                         "cowardly",
                                         "cruel",
                                         "dangerous",
                                         "deceitful",
                                         "difficult",
                                         "dirty",
                                         "disappointed",
                                         "disgusting",
                                         "dishonest",
                                         "disrespectful",
                                         "dreadful",
                                         "dull",
                                         "emotional",
                                         "evil",
                                         "foolish",
                                         "greedy",
                                         "guilty",
                                         "hateful",
                                         "horrible",
                                         "hostile",
                                         "hysterical",
                                         "ignorant",
                                         "immature",
                                         "impatient",
                                         "impolite",
                                         "inadequate",
                                         "incapable",
                                         "incompetent",
                                         "inferior",
                                         "irrational",
                                         "irresponsible",
                                         "jealous",
                                         "lazy",
                                         "lying",
                                         "manipulative",
                                         "miserable",
                                         "nasty",
                                         "neglectful",
                                         "negligent",
                                         "noncompliant",
                                         "poor",
                                         "rude",
                                         "sad",
                                         "selfish",
                                         "shameful",
                                         "sloppy",
                                         "stubborn",
                                         "stupid",
                                         "suspicious",
                                         "terrible",
                                         "threatening",
                                         "ugly",
                                         "unable",
                                         "uncooperative",
                                         "unfair",
                                         "unfriendly",
                                         "ungrateful",
                                         "unhappy",
                                         "unkind",
                                         "unpleasant",
                                         "unprofessional",
                                         "unqualified",
                                         "unreasonable",
                                         "unreliable",
                                         "upset",
                                         "useless",
                                         "violent",
                                         "weak",
                                         "wicked",
                                         "worse",
                                         "worst",
                                         "worthless",
                                         "wrong",
                                         NULL };

static const char *const unkind_de[] = { "aggressiv",
                                         "arrogant",
                                         "bedrohlich",
                                         "böse",
                                         "boshaft",
                                         "dumm",
                                         "dumme",
                                         "ekelhaft",
                                         "enttäuscht",
                                         "faul",
                                         "faule",
                                         "feige",
                                         "feindselig",
                                         "frech",
                                         "furchtbar",
                                         "gefährlich",
                                         "gemein",
                                         "gierig",
                                         "grausam",
                                         "hässlich",
                                         "hysterisch",
                                         "inkompetent",
                                         "langweilig",
                                         "nachlässig",
                                         "neidisch",
                                         "respektlos",
                                         "rücksichtslos",
                                         "schlecht",
                                         "schlechte",
                                         "schlechter",
                                         "schlimm",
                                         "schmutzig",
                                         "schrecklich",
                                         "schuldig",
                                         "schwach",
                                         "schwierig",
                                         "stur",
                                         "traurig",
                                         "unehrlich",
                                         "unfähig",
                                         "unfreundlich",
                                         "ungeduldig",
                                         "ungerecht",
                                         "unhöflich",
                                         "unvernünftig",
                                         "unzufrieden",
                                         "unzuverlässig",
                                         "verlogen",
                                         "verantwortungslos",
                                         "wertlos",
                                         "wütend",
                                         NULL };

static const char *const turns_en[]
    = { "not", "never", "hardly", "isn", "aren", "wasn", "weren", "don", "doesn", "didn", NULL },
    *const turns_de[] = { "nicht", "kein", "keine", "nie", "kaum", NULL };

static GHashTable *
make_words (const char *const *kind, const char *const *unkind, const char *const *turns)
{
  GHashTable *words = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; kind[i] != NULL; i++)
    g_hash_table_insert (words, (gpointer) kind[i], GINT_TO_POINTER (1));
  for (guint i = 0; unkind[i] != NULL; i++)
    g_hash_table_insert (words, (gpointer) unkind[i], GINT_TO_POINTER (-1));
  for (guint i = 0; turns[i] != NULL; i++)
    g_hash_table_insert (words, (gpointer) turns[i], GINT_TO_POINTER (2));
  return words;
}

static GHashTable *
get_words (gboolean german)
{
  static gsize ready;
  static GHashTable *words[2];

  if (g_once_init_enter (&ready))
    {
      words[0] = make_words (kind_en, unkind_en, turns_en);
      words[1] = make_words (kind_de, unkind_de, turns_de);
      g_once_init_leave (&ready, 1);
    }
  return words[german];
}

double
attune_sentiment (const char *plain, const char *language)
{
  GHashTable *list = get_words (g_str_equal (language, "de"));
  g_auto (GStrv) words = g_strsplit (plain, " ", -1);
  int kind = 0, unkind = 0;
  guint turned = 0; /* words that a “not” still reaches */

  for (guint i = 0; words[i] != NULL; i++)
    {
      const int value = GPOINTER_TO_INT (g_hash_table_lookup (list, words[i]));

      if (value == 2)
        {
          turned = REACH;
          continue;
        }
      if (value != 0)
        {
          const gboolean good = (value > 0) == (turned == 0);

          kind += good;
          unkind += !good;
          turned = 0; /* it has turned one */
        }
      turned -= turned > 0;
    }
  return kind + unkind > 0 ? (double) (kind - unkind) / (kind + unkind) : 0;
}
