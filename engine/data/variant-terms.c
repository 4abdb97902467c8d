/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Words that must not change from a text to its variant, though nothing but their meaning tells:
 * opposites, active substances by the endings that the WHO gives them, and persons.
 */
#include "data/variant-private.h"

#include "data/clean.h"

#include <string.h>

/* English and German, as attune_plain_words() has them. */
static const char *const opposites[][2] = {
  { "left", "right" },
  { "before", "after" },
  { "more", "less" },
  { "more", "fewer" },
  { "most", "least" },
  { "high", "low" },
  { "higher", "lower" },
  { "highest", "lowest" },
  { "above", "below" },
  { "over", "under" },
  { "up", "down" },
  { "increase", "decrease" },
  { "increases", "decreases" },
  { "increased", "decreased" },
  { "raise", "lower" },
  { "rise", "fall" },
  { "start", "stop" },
  { "first", "last" },
  { "early", "late" },
  { "minimum", "maximum" },
  { "acute", "chronic" },
  { "benign", "malignant" },
  { "systolic", "diastolic" },
  { "positive", "negative" },
  { "always", "never" },
  { "inside", "outside" },
  { "old", "young" },
  { "older", "younger" },
  { "male", "female" },
  { "he", "she" },
  { "man", "woman" },
  { "father", "mother" },
  { "true", "false" },
  { "safe", "dangerous" },
  { "allowed", "forbidden" },
  { "links", "rechts" },
  { "linke", "rechte" },
  { "linken", "rechten" },
  { "linker", "rechter" },
  { "linkes", "rechtes" },
  { "vor", "nach" },
  { "vorher", "nachher" },
  { "mehr", "weniger" },
  { "hoch", "niedrig" },
  { "hohe", "niedrige" },
  { "hoher", "niedriger" },
  { "hohem", "niedrigem" },
  { "höher", "niedriger" },
  { "über", "unter" },
  { "oben", "unten" },
  { "steigt", "sinkt" },
  { "steigen", "sinken" },
  { "erhöht", "erniedrigt" },
  { "erhöht", "gesenkt" },
  { "früh", "spät" },
  { "minimal", "maximal" },
  { "akut", "chronisch" },
  { "akute", "chronische" },
  { "akuten", "chronischen" },
  { "gutartig", "bösartig" },
  { "gutartige", "bösartige" },
  { "systolisch", "diastolisch" },
  { "positiv", "negativ" },
  { "immer", "nie" },
  { "innen", "außen" },
  { "alt", "jung" },
  { "ältere", "jüngere" },
  { "männlich", "weiblich" },
  { "vater", "mutter" },
  { "erlaubt", "verboten" },
  { "hypo…", "hyper…" },
  { "mikro…", "makro…" },
  { "micro…", "macro…" },
  { "intra…", "extra…" },
  { "prä…", "post…" },
};

/* The use of stems in the selection of International Nonproprietary Names (WHO/EMP/RHT/TSN/2018.1),
 * those of four letters and more that few other words end with; an “e” at the end is English. */
static const char *const stems[]
    = { "adol",    "afil",        "astine",    "azepam",     "azolam",      "azol",
        "azole",   "barbital",    "bactam",    "caine",      "cain",        "cillin",
        "codon",   "codone",      "coxib",     "cycline",    "cyclin",      "dipine",
        "dipin",   "dronate",     "dronat",    "fibrate",    "fibrat",      "floxacin",
        "formin",  "gatran",      "gliflozin", "gliptin",    "glitazon",    "glitazone",
        "glutid",  "glutide",     "grel",      "grelor",     "kacin",       "mycin",
        "micin",   "morphin",     "morphine",  "nidazol",    "olol",        "oxetin",
        "oxetine", "parin",       "penem",     "phyllin",    "phylline",    "platin",
        "prazol",  "prazole",     "prednison", "prednisone", "prednisolon", "prednisolone",
        "pril",    "profen",      "rubicin",   "sartan",     "semid",       "semide",
        "setron",  "statin",      "tidin",     "tidine",     "thiazid",     "thiazide",
        "triptan", "vastatin",    "xaban",     "zumab",      "ximab",       "tinib",
        "insulin", "paracetamol", "aspirin",   "warfarin",   "digoxin",     NULL };

static const char *const titles[]
    = { "herr", "herrn", "frau",  "dr",     "doktor", "prof", "professor", "mr",       "mrs", "ms",
        "miss", "sir",   "señor", "señora", "sr",     "sra",  "madame",    "monsieur", NULL };

/* How often @term stands in @words; “hypo…” is how a word begins. */
static int
count (char **words, const char *term)
{
  const gboolean begins = g_str_has_suffix (term, "…");
  const gsize n = begins ? strlen (term) - strlen ("…") : 0;
  int found = 0;

  for (guint i = 0; words[i] != NULL; i++)
    found += begins ? strncmp (words[i], term, n) == 0 : g_str_equal (words[i], term);
  return found;
}

gboolean
attune_variant_same_sides (const char *text, const char *made)
{
  g_autofree char *a = attune_plain_words (text), *b = attune_plain_words (made);
  g_auto (GStrv) one = g_strsplit (a, " ", -1), other = g_strsplit (b, " ", -1);

  for (guint i = 0; i < G_N_ELEMENTS (opposites); i++)
    {
      const int first = count (one, opposites[i][0]) - count (other, opposites[i][0]),
                second = count (one, opposites[i][1]) - count (other, opposites[i][1]);

      /* less of the one and more of the other */
      if ((first > 0 && second < 0) || (first < 0 && second > 0))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_substance (const char *word)
{
  for (guint i = 0; stems[i] != NULL; i++)
    if (g_str_has_suffix (word, stems[i]) && strlen (word) >= 6)
      return TRUE;
  return FALSE;
}

static void
put_substances (GHashTable *bag, const char *text, int n)
{
  g_autofree char *plain = attune_plain_words (text);
  g_auto (GStrv) words = g_strsplit (plain, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (is_substance (words[i])
        || (i > 0 && g_strv_contains (titles, words[i - 1]) && !g_strv_contains (titles, words[i])))
      attune_variant_bag_put (bag, g_strdup (words[i]), n);
}

gboolean
attune_variant_same_substances (const char *text, const char *made)
{
  g_autoptr (GHashTable) bag = attune_variant_bag_new ();

  put_substances (bag, text, 1);
  put_substances (bag, made, -1);
  return attune_variant_bag_is_even (bag);
}
