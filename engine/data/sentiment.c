/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists, and the count.
 */
#include "data/sentiment.h"

#include <string.h>

/* A “not” turns a word that comes so many words later at most. */
#define REACH 3

static const char *const kind_words[] = {
  "able", "accurate", "admirable", "amazing", "attentive", "beautiful", "best", "better", "brave",
  "bright", "brilliant", "calm", "capable", "careful", "caring", "charming", "cheerful", "clever",
  "comfortable", "competent", "confident", "considerate", "cooperative", "courageous", "courteous",
  "creative", "delighted", "dependable", "diligent", "excellent", "experienced", "fair",
  "fantastic", "friendly", "generous", "gentle", "gifted", "glad", "good", "grateful", "great",
  "happy", "hardworking", "helpful", "honest", "impressive", "intelligent", "kind", "likeable",
  "lovely", "loyal", "nice", "patiently", "perfect", "pleasant", "pleased", "polite",
  "professional", "proud", "qualified", "reasonable", "reliable", "respectful", "responsible",
  "safe", "sensible", "skilled", "smart", "strong", "successful", "superb", "talented", "thankful",
  "thorough", "thoughtful", "trustworthy", "warm", "welcome", "wise", "wonderful",
  /* German */
  "angenehm", "aufmerksam", "ausgezeichnet", "begabt", "beste", "besser", "dankbar", "ehrlich",
  "erfahren", "erfolgreich", "fähig", "fleißig", "freundlich", "freundliche", "freundlicher",
  "froh", "geduldig", "gewissenhaft", "glücklich", "großartig", "gut", "gute", "guten", "guter",
  "gutes", "hervorragend", "hilfsbereit", "hilfreich", "höflich", "intelligent", "klug", "kluge",
  "kompetent", "liebevoll", "mutig", "nett", "nette", "perfekt", "respektvoll", "schön", "schöne",
  "sorgfältig", "stark", "sympathisch", "talentiert", "toll", "vernünftig", "verlässlich",
  "wunderbar", "zufrieden", "zuverlässig", NULL
};

static const char *const unkind_words[] = {
  "abusive", "aggressive", "angry", "annoying", "arrogant", "awful", "bad", "boring", "careless",
  "complaining", "confused", "corrupt", "cowardly", "cruel", "dangerous", "deceitful", "difficult",
  "dirty", "disappointed", "disgusting", "dishonest", "disrespectful", "dreadful", "dull",
  "emotional", "evil", "foolish", "greedy", "guilty", "hateful", "horrible", "hostile",
  "hysterical", "ignorant", "immature", "impatient", "impolite", "inadequate", "incapable",
  "incompetent", "inferior", "irrational", "irresponsible", "jealous", "lazy", "lying",
  "manipulative", "mean", "miserable", "nasty", "neglectful", "negligent", "noncompliant", "poor",
  "rude", "sad", "selfish", "shameful", "sloppy", "stubborn", "stupid", "suspicious", "terrible",
  "threatening", "ugly", "unable", "uncooperative", "unfair", "unfriendly", "ungrateful", "unhappy",
  "unkind", "unpleasant", "unprofessional", "unqualified", "unreasonable", "unreliable", "upset",
  "useless", "violent", "weak", "wicked", "worse", "worst", "worthless", "wrong",
  /* German */
  "aggressiv", "arrogant", "bedrohlich", "böse", "boshaft", "dumm", "dumme", "ekelhaft",
  "enttäuscht", "faul", "faule", "feige", "feindselig", "frech", "furchtbar", "gefährlich",
  "gemein", "gierig", "grausam", "hässlich", "hysterisch", "inkompetent", "langweilig",
  "nachlässig", "neidisch", "respektlos", "rücksichtslos", "schlecht", "schlechte", "schlechter",
  "schlimm", "schmutzig", "schrecklich", "schuldig", "schwach", "schwierig", "stur", "traurig",
  "unehrlich", "unfähig", "unfreundlich", "ungeduldig", "ungerecht", "unhöflich", "unvernünftig",
  "unzufrieden", "unzuverlässig", "verlogen", "verantwortungslos", "wertlos", "wütend", NULL
};

static const char *const turns[]
    = { "not",   "never", "hardly", "isn",  "aren",  "wasn", "weren", "don",
        "doesn", "didn",  "nicht",  "kein", "keine", "nie",  "kaum",  NULL };

static GHashTable *
get_words (void)
{
  static gsize ready;

  if (g_once_init_enter (&ready))
    {
      GHashTable *words = g_hash_table_new (g_str_hash, g_str_equal);

      for (guint i = 0; kind_words[i] != NULL; i++)
        g_hash_table_insert (words, (gpointer) kind_words[i], GINT_TO_POINTER (1));
      for (guint i = 0; unkind_words[i] != NULL; i++)
        g_hash_table_insert (words, (gpointer) unkind_words[i], GINT_TO_POINTER (-1));
      for (guint i = 0; turns[i] != NULL; i++)
        g_hash_table_insert (words, (gpointer) turns[i], GINT_TO_POINTER (2));
      g_once_init_leave (&ready, (gsize) words);
    }
  return (GHashTable *) ready;
}

double
attune_sentiment (const char *plain)
{
  GHashTable *list = get_words ();
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
