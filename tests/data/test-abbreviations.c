/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Abbreviations by a dictionary: what is expanded, and where several meanings are told apart.
 */
#include "data/abbreviations.h"
#include "data/rows.h"

static AttuneAbbreviations *
read_dictionary (Place *place, const char *table)
{
  g_autoptr (GError) error = NULL;
  AttuneAbbreviations *dictionary;

  place_init (place, "abbreviations.csv");
  g_assert_true (g_file_set_contents (place->path, table, -1, NULL));
  dictionary = attune_abbreviations_read (place->path, &error);
  g_assert_no_error (error);
  return dictionary;
}

static void
test_abbreviations (void)
{
  static const struct
  {
    const char *text, *expanded;
    guint64 changes;
  } cases[] = {
    { "MI?", "myocardial infarction?", 1 },
    { "MRI, MIMI, mi, aMI, MI2", NULL, 0 }, /* whole words, case as written */
    { "pt c/o MI", "patient complaining of myocardial infarction", 3 },
    { "c/o2 xc/o", NULL, 0 },
    { "(MI) MI's \"MI\"",
      "(myocardial infarction) myocardial infarction's \"myocardial infarction\"", 3 },
    { "ÄMI MIß", NULL, 0 },
  };
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneAbbreviations) dictionary
      = read_dictionary (&place, "abbreviation,expansion\nMI,myocardial infarction\n"
                                 "pt,patient\nc/o,complaining of\n");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 changes = 0;
      g_autofree char *found
          = attune_abbreviations_expand (dictionary, cases[i].text, NULL, &changes);

      g_assert_cmpstr (found, ==, cases[i].expanded);
      g_assert_cmpuint (changes, ==, cases[i].changes);
    }
}

/* One abbreviation, several meanings: what stands near decides, and where nothing does it stays and
 * is told. */
static void
test_context (void)
{
  static const struct
  {
    const char *context, *expanded;
  } cases[] = {
    { "chest pain and a raised troponin", "myocardial infarction" },
    { "a murmur at the apex with regurgitation", "mitral insufficiency" },
    { "a murmur and chest pain and troponin", "myocardial infarction" }, /* three against one */
    { "a murmur and pain", NULL },                                       /* one against one */
    { "painter of chests and murmurs", NULL },                           /* whole words */
    { "nothing", NULL },
  };
  g_auto (Place) place = { 0 };
  g_autoptr (AttuneAbbreviations) dictionary = read_dictionary (
      &place, "short,long,Context\nMI,myocardial infarction,Chest; pain; troponin\n"
              "MI,mitral insufficiency,\"murmur, regurgitation\"\n"
              "PT,physical therapy,\nPT,prothrombin time,clotting\n");
  g_autoptr (GArray) undecided = NULL;
  guint64 changes = 0;
  g_autofree char *usual
      = attune_abbreviations_expand (dictionary, "PT", "after the fall", &changes);
  g_autofree char *special = attune_abbreviations_expand (dictionary, "PT", "clotting", &changes);

  g_assert_cmpstr (usual, ==, "physical therapy"); /* the one that needs no context */
  g_assert_cmpstr (special, ==, "prothrombin time");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *found
          = attune_abbreviations_expand (dictionary, "MI", cases[i].context, &changes);

      g_assert_cmpstr (found, ==, cases[i].expanded);
    }
  undecided = attune_abbreviations_get_undecided (dictionary);
  g_assert_cmpuint (undecided->len, ==, 1);
  g_assert_cmpstr (g_array_index (undecided, AttuneUndecided, 0).abbreviation, ==, "MI");
  g_assert_cmpstr (g_array_index (undecided, AttuneUndecided, 0).meanings, ==,
                   "myocardial infarction, mitral insufficiency");
  g_assert_cmpuint (g_array_index (undecided, AttuneUndecided, 0).count, ==, 3);
}

/* What else a list has in its columns is no context, and of two meanings without any the last one
 * holds. */
static void
test_no_context (void)
{
  static const char *const tables[]
      = { "abbreviation,expansion,notes\nMI,mitral insufficiency,see valve\n"
          "MI,myocardial infarction,from the ward\n",
          "abbreviation,expansion\nMI,mitral insufficiency\nMI,myocardial infarction\n",
          "abbreviation,expansion,notes,Kontext\nMI,myocardial infarction,x,\n"
          "MI,mitral insufficiency,y,valve\n" };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      g_auto (Place) place = { 0 };
      g_autoptr (AttuneAbbreviations) dictionary = read_dictionary (&place, tables[i]);
      guint64 changes = 0;
      g_autofree char *found
          = attune_abbreviations_expand (dictionary, "MI", "nothing near", &changes);

      g_assert_cmpstr (found, ==, "myocardial infarction");
    }
}

/* The dictionary that comes with the sample. */
static void
test_medical (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "samples",
                                                 "abbreviations-medical.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneAbbreviations) dictionary = attune_abbreviations_read (path, &error);
  guint64 changes = 0;
  g_autofree char *usual = NULL, *valve = NULL;

  g_assert_no_error (error);
  usual = attune_abbreviations_expand (dictionary, "MI", "he had an mi last year", &changes);
  valve = attune_abbreviations_expand (dictionary, "MI", "the murmur of an mi", &changes);
  g_assert_cmpstr (usual, ==, "myocardial infarction");
  g_assert_cmpstr (valve, ==, "mitral insufficiency");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/abbreviations/abbreviations", test_abbreviations);
  g_test_add_func ("/data/abbreviations/context", test_context);
  g_test_add_func ("/data/abbreviations/no-context", test_no_context);
  g_test_add_func ("/data/abbreviations/medical", test_medical);
  return g_test_run ();
}
