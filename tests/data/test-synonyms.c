/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Synonyms out of WordNet itself: what is found there, which words are replaced, and which stay.
 */
#include "data/rows.h"
#include "data/synonyms.h"
#include "scratch-folder.h"

static AttuneWordnet *
open_wordnet (void)
{
  g_autoptr (GError) error = NULL;
  AttuneWordnet *wordnet = attune_wordnet_open (NULL, &error);

  g_assert_no_error (error);
  return wordnet;
}

static void
test_find (void)
{
  static const struct
  {
    const char *word;
    AttunePartOfSpeech part;
    AttuneWordSenses senses; /* as index.noun … and cntlist.rev of WordNet 3.0 have them */
  } words[] = {
    { "physician", ATTUNE_NOUN, { 1, 10020890, 7, 7 } },
    { "begin", ATTUNE_VERB, { 10, 345761, 375, 499 } },
    { "begin", ATTUNE_NOUN, { 1, 10841657, 0, 0 } },
    { "rapid", ATTUNE_ADJECTIVE, { 2, 979697, 21, 21 } },
    { "often", ATTUNE_ADVERB, { 3, 35058, 153, 155 } },
    { "physician", ATTUNE_VERB, { 0 } },
    { "physicia", ATTUNE_NOUN, { 0 } },
    { "zzzz", ATTUNE_NOUN, { 0 } },
    { "", ATTUNE_NOUN, { 0 } },
  };
  g_autoptr (AttuneWordnet) wordnet = open_wordnet ();
  g_autoptr (GPtrArray) doctors = attune_wordnet_get_words (wordnet, ATTUNE_NOUN, 10020890),
                        none = attune_wordnet_get_words (wordnet, ATTUNE_NOUN, 10020891),
                        far = attune_wordnet_get_words (wordnet, ATTUNE_NOUN, G_MAXUINT32);

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      AttuneWordSenses senses;

      g_assert_cmpint (attune_wordnet_find (wordnet, words[i].word, words[i].part, &senses), ==,
                       words[i].senses.n_senses > 0);
      g_assert_cmpmem (&senses, sizeof senses, &words[i].senses, sizeof senses);
    }
  g_assert_true (attune_wordnet_find (wordnet, "heart_attack", ATTUNE_NOUN, NULL));
  g_ptr_array_add (doctors, NULL);
  g_assert_true (g_strv_equal (
      (const char *const *) doctors->pdata,
      (const char *const[]) { "doctor", "doc", "physician", "MD", "Dr.", "medico", NULL }));
  g_assert_cmpuint (none->len, ==, 0); /* in the middle of a line */
  g_assert_cmpuint (far->len, ==, 0);
}

/* The one variant, or %NULL. */
static char *
vary (const AttuneWordnet *wordnet, const char *text)
{
  g_autoptr (GPtrArray) variants = attune_synonyms_vary (wordnet, text, 1, 1, 1);

  return variants->len > 0 ? g_strdup (variants->pdata[0]) : NULL;
}

static void
test_replaced (void)
{
  static const char *const texts[][2] = {
    { "Which physician helps with this?", "Which doctor helps with this?" },
    { "What is the illness of the lung?", "What is the sickness of the lung?" },
    { "How can we strengthen the bone?", "How can we fortify the bone?" },
    { "Is it a lawyer?", NULL }, /* “an attorney” */
    { "Is it the lawyer?", "Is it the attorney?" },
    { "Does the sofa help?", "Does the couch help?" },
    /* several senses, or several parts of speech */
    { "What is the treatment of it?", NULL },
    { "What can fast mean?", NULL },
    { "How is it to doctor it?", NULL },
    /* pronouns stand behind the verb in questions */
    { "Are you sick?", NULL },
    { "Is it not true that it is?", NULL },
    { "Why are you likely to be there?", NULL },
    { "Is this not false?", NULL },
    { "Can sick people do it?", NULL },
    { "Does that hurt?", NULL },
    /* names, numbers and what is beside them, abbreviations, addresses, terms */
    { "Which Physician helps with this?", NULL },
    { "Who is physician Smith to them?", NULL },
    { "Give 5 physician to it, or physician 7 of them.", NULL },
    { "Is it PHYSICIAN, physician-led, a/physician or www.physician.org?", NULL },
    { "What is [physician] and <physician> in it?", NULL },
    { "Is it the sofa bed that does it?", NULL },
    /* not English, or nothing at all */
    { "Der Patient hat eine physician in der Hand und sagt etwas dazu.", NULL },
    { "Le physician de la maison est dans une grande ville.", NULL },
    { "physician", NULL },
    { "", NULL },
    { "\xc3\xa4\xc3\xb6 \xe4\xbb\x8a\xe5\xa4\xa9", NULL },
  };
  g_autoptr (AttuneWordnet) wordnet = open_wordnet ();

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *varied = vary (wordnet, texts[i][0]);

      if (g_strcmp0 (varied, texts[i][1]) != 0)
        g_test_message ("“%s”", texts[i][0]);
      g_assert_cmpstr (varied, ==, texts[i][1]);
    }
}

/* All differ, the same seed gives the same, and what is not replaced stays to the byte. */
static void
test_several (void)
{
  const char *text = "Does the physician often buy a huge sofa,  or does the illness\nstop it?";
  g_autoptr (AttuneWordnet) wordnet = open_wordnet ();
  g_autoptr (GPtrArray) variants = attune_synonyms_vary (wordnet, text, 5, 7, 9),
                        again = attune_synonyms_vary (wordnet, text, 5, 7, 9),
                        other = attune_synonyms_vary (wordnet, text, 5, 8, 9);
  gboolean differs = FALSE;

  g_assert_cmpuint (variants->len, ==, 5);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpstr (variants->pdata[i], ==, again->pdata[i]);
      differs = differs || !g_str_equal (variants->pdata[i], other->pdata[i]);
      g_assert_cmpstr (variants->pdata[i], !=, text);
      g_assert_true (g_str_has_prefix (variants->pdata[i], "Does the "));
      g_assert_nonnull (strstr (variants->pdata[i], ",  or does the "));
      g_assert_true (g_str_has_suffix (variants->pdata[i], "\nstop it?"));
      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (variants->pdata[i], !=, variants->pdata[j]);
    }
  g_assert_true (differs);
}

/* A missing file is told with what helps; damaged ones are read no further than their end. */
static void
test_missing (void)
{
  static const char *const names[]
      = { "index.noun", "index.verb", "index.adj", "index.adv",  "data.noun",
          "data.verb",  "data.adj",   "data.adv",  "cntlist.rev" };
  static const char *const damaged[]
      = { "",
          "\n",
          "physician",
          "physician n",
          "physician n 9 99999999999 @ 1",
          "physician n 1 0 1 1 0  \nphysician%1:18:00:: 1 70000000000000000000 \n",
          "0 18 n ffffffff physician 0 \nphysician n 1 0 1 1 0",
          "physician n 1 0 1 1 4294967295" };
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (attune_wordnet_open (folder, &error));
  g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ);
  g_assert_nonnull (strstr (error->message, "wordnet-base"));
  for (guint i = 0; i < G_N_ELEMENTS (damaged); i++)
    {
      g_autoptr (AttuneWordnet) wordnet = NULL;
      g_autofree char *varied = NULL;

      for (guint j = 0; j < G_N_ELEMENTS (names); j++)
        {
          g_autofree char *path = g_build_filename (folder, names[j], NULL);

          g_assert_true (g_file_set_contents (path, damaged[i], -1, NULL));
        }
      wordnet = attune_wordnet_open (folder, NULL);
      g_assert_nonnull (wordnet);
      varied = vary (wordnet, "Which physician does it?");
      g_assert_null (varied);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/synonyms/find", test_find);
  g_test_add_func ("/data/synonyms/replaced", test_replaced);
  g_test_add_func ("/data/synonyms/several", test_several);
  g_test_add_func ("/data/synonyms/missing", test_missing);
  return g_test_run ();
}
