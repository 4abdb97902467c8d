/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Toxic words: how much of a labelled set is found, and what is found that is none.
 */
#include "data/toxic.h"

#include "data/import.h"
#include "scratch-folder.h"

#include <string.h>

#define PICK(rand, list) list[g_rand_int_range (rand, 0, G_N_ELEMENTS (list))]

/* Of each kind, as people write them; {} in the sentences is their place. */
static const struct
{
  AttuneToxicKind kind;
  const char *words;
} toxic_words[] = {
  { ATTUNE_TOXIC_INSULT, "idiot" },
  { ATTUNE_TOXIC_INSULT, "IDIOTS" },
  { ATTUNE_TOXIC_INSULT, "assholes" },
  { ATTUNE_TOXIC_INSULT, "a$$hole" },
  { ATTUNE_TOXIC_INSULT, "son of a\nbitch" },
  { ATTUNE_TOXIC_INSULT, "m0ron" },
  { ATTUNE_TOXIC_INSULT, "Arschlöcher" },
  { ATTUNE_TOXIC_INSULT, "ARSCHLÖCHERN" },
  { ATTUNE_TOXIC_INSULT, "Hurensohn" },
  { ATTUNE_TOXIC_INSULT, "dumme Kuh" },
  { ATTUNE_TOXIC_INSULT, "you’re stupid" },
  { ATTUNE_TOXIC_INSULT, "Du bist so dumm" },
  { ATTUNE_TOXIC_SLUR, "nigger" },
  { ATTUNE_TOXIC_SLUR, "f4ggot" },
  { ATTUNE_TOXIC_SLUR, "Kanaken" },
  { ATTUNE_TOXIC_SLUR, "Untermenschen" },
  { ATTUNE_TOXIC_PROFANITY, "fucking" },
  { ATTUNE_TOXIC_PROFANITY, "f*ck" },
  { ATTUNE_TOXIC_PROFANITY, "f**king" },
  { ATTUNE_TOXIC_PROFANITY, "sh1t" },
  { ATTUNE_TOXIC_PROFANITY, "sh*t" },
  { ATTUNE_TOXIC_PROFANITY, "scheißegal" },
  { ATTUNE_TOXIC_PROFANITY, "Scheisse" },
  { ATTUNE_TOXIC_PROFANITY, "fick dich" },
  { ATTUNE_TOXIC_PROFANITY, "halt's Maul" },
  { ATTUNE_TOXIC_THREAT, "go kill yourself" },
  { ATTUNE_TOXIC_THREAT, "I'll kill you" },
  { ATTUNE_TOXIC_THREAT, "Ich bringe dich um" },
  { ATTUNE_TOXIC_THREAT, "geh sterben" },
};

static const char *const sentences[] = { "{}",
                                         "{}!",
                                         "He said: “{}”, and left.",
                                         "… ({}) …",
                                         "**{}**",
                                         "Then came #{}.",
                                         "So ein {}, dachte ich.",
                                         "'{}'" };

/* Of trades whose words look like them. */
static const char *const none[] = {
  "The bitch is spayed before her first heat; two bitches; jackass penguins live in Namibia.",
  "Der Bastard zweier Arten, im Englischen bastard toadflax, ist unfruchtbar.",
  "Do you think of ways to kill yourself? Have you tried to hang yourself before?",
  "Frau Neger, Herr Ficker, Ms Gook and Mr. Paki; Kike Hernández plays.",
  "Imbecile was a degree of disability in old psychiatry.",
  "Fick's law: the flux is proportional to the gradient. Das Ficksche Gesetz.",
  "Metoprolol retard 47.5 mg; growth retardation; mentally retarded is an old term.",
  "A finger prick test, the anal sphincter, sexual history, vaginal bleeding, breast lump.",
  "The assassin assessed the class of glass; Scunthorpe; cockpit; cocktail; peacock.",
  "Shiitake and shih tzu. The dyke held. Mishit balls, Hitchcock and Dickens.",
  "Idiotype antibodies, idiopathic fibrosis, moribund, oxymoron.",
  "Hurenkinder und Schusterjungen vermeidet der Setzer; die Uhren gehen.",
  "Spastik der Beine, spastische Lähmung, Mongolei, Trisomie 21.",
  "He killed the process. To kill bacteria, heat it. A killer whale.",
  "Du bist am Zug. Er bringt dich um drei Uhr. Die Kuh ist trächtig.",
  "Kühe, Säue und Schweine im Stall. Er hängt dich nicht auf.",
  "x*y*z, 2**8, a*b, f(x) = k*s, 5*10^3/µl",
  "user@fu.example, @shi and #nig; $5 per unit!",
  "Cunningham, Schlampig? Nein. Dreck am Schuh. Mist aus dem Stall.",
  "Go to the hill. You are a star. I will find you a seat.",
  "Der Arzt: „Geh nicht!“ Wir sollten sterben lassen, wer sterben will?",
  "Nigeria, Niger, Negev, Montenegro, Negroni, denigrate, snigger at it.",
};

static AttuneToxicWords *
open_words (void)
{
  g_autoptr (GError) error = NULL;
  AttuneToxicWords *words = attune_toxic_words_new (NULL, &error);

  g_assert_no_error (error);
  return words;
}

/* A find counts where kind, start and end are right. */
static void
test_set (void)
{
  g_autoptr (AttuneToxicWords) words = open_words ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  guint right = 0, missed = 0, wrong = 0;

  for (guint i = 0; i < 4000; i++)
    {
      const guint which = i % (G_N_ELEMENTS (toxic_words) + G_N_ELEMENTS (none));
      const gboolean is_toxic = which < G_N_ELEMENTS (toxic_words);
      const char *sentence = PICK (rand, sentences), *place = strstr (sentence, "{}");
      g_autofree char *text = is_toxic
                                  ? g_strdup_printf ("%.*s%s%s", (int) (place - sentence), sentence,
                                                     toxic_words[which].words, place + 2)
                                  : g_strdup (none[which - G_N_ELEMENTS (toxic_words)]);
      g_autoptr (GArray) found = attune_toxic_find (words, text);
      gboolean hit = FALSE;

      for (guint j = 0; j < found->len; j++)
        {
          const AttuneSpan *span = &g_array_index (found, AttuneSpan, j);

          if (is_toxic && span->kind == toxic_words[which].kind
              && span->end - span->start == strlen (toxic_words[which].words)
              && span->start == (gsize) (place - sentence))
            hit = TRUE;
          else
            {
              g_test_message ("wrong: “%.*s” in “%s”", (int) (span->end - span->start),
                              text + span->start, text);
              wrong++;
            }
        }
      right += hit;
      missed += is_toxic && !hit;
      if (is_toxic && !hit)
        g_test_message ("missed: “%s”", text);
    }
  g_print ("# toxic words: precision %.4f recall %.4f of %u\n", (double) right / (right + wrong),
           (double) right / (right + missed), right + missed);
  g_assert_cmpuint (right + missed, >, 1000);
  g_assert_cmpfloat ((double) right / (right + missed), >=, 0.97);
  g_assert_cmpfloat ((double) right / (right + wrong), >=, 0.97);
}

typedef struct
{
  const AttuneToxicWords *words;
  guint n, found;
} Sample;

static gboolean
count_found (const AttuneRecord *record, gpointer data, GError **error)
{
  Sample *sample = data;

  for (int i = ATTUNE_FIELD_QUESTION; i <= ATTUNE_FIELD_ANSWER; i++)
    {
      g_autoptr (GArray) found = attune_toxic_find (sample->words, record->fields[i]);

      for (guint j = 0; j < found->len; j++)
        g_test_message ("“%.*s” in “%s”",
                        (int) (g_array_index (found, AttuneSpan, j).end
                               - g_array_index (found, AttuneSpan, j).start),
                        record->fields[i] + g_array_index (found, AttuneSpan, j).start,
                        record->fields[i]);
      sample->found += found->len;
    }
  sample->n++;
  return TRUE;
}

/* Terms of medicine, which lists of obscene words are full of. */
static void
test_sample (void)
{
  g_autoptr (AttuneToxicWords) words = open_words ();
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "medical-terms.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  Sample sample = { words };

  g_assert_no_error (error);
  g_assert_true (attune_source_read (source, count_found, NULL, &sample, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (sample.n, >, 500);
  g_assert_cmpuint (sample.found, ==, 0);
}

static void
test_own (void)
{
  g_autoptr (ScratchFolder) folder = scratch_folder_new ();
  g_autofree char *path = NULL, *masked = NULL;
  const char *text = "Quel CRÉTIN, mes petits cons ; constant.";
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneToxicWords) words = NULL, bad = NULL, gone = NULL;
  g_autoptr (GArray) found = NULL;

  path = g_build_filename (folder, "words.txt", NULL);
  g_assert_true (g_file_set_contents (path, "\xef\xbb\xbf# French\r\ncrétin*\r\n\r\npetits  cons\n",
                                      -1, NULL));
  words = attune_toxic_words_new (path, &error);
  g_assert_no_error (error);
  found = attune_toxic_find (words, text);
  g_assert_cmpuint (found->len, ==, 2);
  g_assert_cmpuint (g_array_index (found, AttuneSpan, 0).kind, ==, ATTUNE_TOXIC_OWN);
  masked = attune_toxic_mask (text, found);
  g_assert_cmpstr (masked, ==, "Quel […], mes […] ; constant.");

  for (guint i = 0; i < 4; i++)
    {
      static const char *const lines[]
          = { "fine\na, b\n", "fine\na b c d e f g h i\n", "fine\n\xff\xfe\n", "fine\na* b\n" };

      g_assert_true (g_file_set_contents (path, lines[i], -1, NULL));
      bad = attune_toxic_words_new (path, &error);
      g_assert_null (bad);
      g_assert_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT);
      g_assert_nonnull (strstr (error->message, "line 2"));
      g_clear_error (&error);
    }
  gone = attune_toxic_words_new ("/no such file", &error);
  g_assert_null (gone);
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* Long texts of what could begin anything take no longer than others. */
static void
test_hostile (void)
{
  static const char *const patterns[]
      = { "f", "f*",        "*",        "you are so ", "a@",          "'",
          "ß", "son of a ", "fu\u2019", "“",           "the cat sat " };
  g_autoptr (AttuneToxicWords) words = open_words ();

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) found = NULL;

      while (text->len < 1000000)
        g_string_append (text, patterns[i]);
      g_test_timer_start ();
      found = attune_toxic_find (words, text->str);
      g_test_message ("%s: %.3f s", patterns[i], g_test_timer_elapsed ());
      g_assert_cmpfloat (g_test_timer_last (), <, 5); /* found: 0.3 s at most */
    }
}

/* What belongs to an idiot is of one. */
static void
test_possessive (void)
{
  g_autoptr (AttuneToxicWords) words = open_words ();
  g_autoptr (GArray) found
      = attune_toxic_find (words, "The idiot's way and the idiot’s; his arms, halt's Maul.");
  const AttuneSpan *span = &g_array_index (found, AttuneSpan, 1);

  g_assert_cmpuint (found->len, ==, 3);
  g_assert_cmpuint (span->end - span->start, ==, strlen ("idiot"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/toxic/set", test_set);
  g_test_add_func ("/data/toxic/sample", test_sample);
  g_test_add_func ("/data/toxic/own", test_own);
  g_test_add_func ("/data/toxic/possessive", test_possessive);
  g_test_add_func ("/data/toxic/hostile", test_hostile);
  return g_test_run ();
}
