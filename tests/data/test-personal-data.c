/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Personal data: how much of a labelled set is found, and what is found that is none.
 */
#include "data/personal-set.h"

#include "data/import.h"

#define N 20000

typedef struct
{
  guint right, missed, wrong;
} Score;

static gboolean
has_span (const GArray *spans, const AttunePersonalSpan *wanted)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const AttunePersonalSpan *span = &g_array_index (spans, AttunePersonalSpan, i);

      if (span->kind == wanted->kind && span->start == wanted->start && span->end == wanted->end)
        return TRUE;
    }
  return FALSE;
}

/* Counts what @spans hold that @others do not hold exactly so. */
static void
compare (const GArray *spans, const GArray *others, Score *scores, gboolean found, const char *text)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const AttunePersonalSpan *span = &g_array_index (spans, AttunePersonalSpan, i);
      Score *score = &scores[span->kind];

      if (has_span (others, span))
        score->right += found;
      else
        {
          g_test_message ("%s “%.*s” in “%s”",
                          found ? "wrong:" : "missed:", (int) (span->end - span->start),
                          text + span->start, text);
          *(found ? &score->wrong : &score->missed) += 1;
        }
    }
}

/* The whole set; a find counts where kind, start and end are right. */
static void
test_set (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  Score scores[ATTUNE_N_PERSONAL] = { 0 }, all = { 0 };

  for (guint i = 0; i < N; i++)
    {
      g_auto (LabelledText) labelled = { 0 };
      g_autoptr (GArray) found = NULL;

      labelled_text_init (&labelled, rand, i);
      found = attune_personal_find (labelled.text, ATTUNE_PERSONAL_ALL);
      compare (found, labelled.spans, scores, TRUE, labelled.text);
      compare (labelled.spans, found, scores, FALSE, labelled.text);
    }
  for (int kind = 0; kind < ATTUNE_N_PERSONAL; kind++)
    {
      const Score *score = &scores[kind];

      g_print ("# %-6s precision %.4f recall %.4f of %u\n", attune_personal_kind_get_name (kind),
               (double) score->right / MAX (1, score->right + score->wrong),
               (double) score->right / MAX (1, score->right + score->missed),
               score->right + score->missed);
      all.right += score->right;
      all.wrong += score->wrong;
      all.missed += score->missed;
      g_assert_cmpuint (score->right + score->missed, >, 200);
      g_assert_cmpfloat ((double) score->right / (score->right + score->missed), >=, 0.95);
    }
  g_print ("# all    precision %.4f recall %.4f\n", (double) all.right / (all.right + all.wrong),
           (double) all.right / (all.right + all.missed));
  g_assert_cmpfloat ((double) all.right / (all.right + all.wrong), >=, 0.97);
}

static gboolean
find_none (const AttuneRecord *record, gpointer data, GError **error)
{
  for (int i = ATTUNE_FIELD_QUESTION; i <= ATTUNE_FIELD_ANSWER; i++)
    {
      g_autoptr (GArray) found = attune_personal_find (record->fields[i], ATTUNE_PERSONAL_ALL);

      g_assert_cmpuint (found->len, ==, 0);
    }
  ++*(guint *) data;
  return TRUE;
}

/* The sample's terms of medicine are nobody's. */
static void
test_sample (void)
{
  g_autofree char *path
      = g_test_build_filename (G_TEST_DIST, "..", "data", "samples", "medical-terms.csv", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe (path, &error);
  guint n = 0;

  g_assert_no_error (error);
  g_assert_true (attune_source_read (source, find_none, NULL, &n, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n, >, 500);
}

/* Long texts of what could begin anything take no longer than others. */
static void
test_hostile (void)
{
  static const char *const patterns[]
      = { "1", "1 ", "A", "+", "a.", "(1", "1:", "@", "Mr. ", "AA11 " };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) found = NULL;

      while (text->len < 100000)
        g_string_append (text, patterns[i]);
      g_test_timer_start ();
      found = attune_personal_find (text->str, ATTUNE_PERSONAL_ALL);
      g_assert_cmpfloat (g_test_timer_elapsed (), <, 5); /* found: 0.1 s at most */
    }
}

static void
test_mask (void)
{
  const char *text = "Frau Müller (geb. 3.4.1962) schrieb an a@b.org, nicht an C.";
  g_autoptr (GArray) all = attune_personal_find (text, ATTUNE_PERSONAL_ALL),
                     names = attune_personal_find (text, 1u << ATTUNE_PERSONAL_NAME),
                     none = attune_personal_find (text, 0);
  g_autofree char *masked = attune_personal_mask (text, all),
                  *without_name = attune_personal_mask (text, names),
                  *same = attune_personal_mask (text, none);

  g_assert_cmpstr (masked, ==,
                   "Frau [NAME] (geb. [DATE OF BIRTH]) schrieb an [E-MAIL], nicht an C.");
  g_assert_cmpstr (without_name, ==, "Frau [NAME] (geb. 3.4.1962) schrieb an a@b.org, nicht an C.");
  g_assert_cmpstr (same, ==, text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/personal-data/set", test_set);
  g_test_add_func ("/data/personal-data/sample", test_sample);
  g_test_add_func ("/data/personal-data/hostile", test_hostile);
  g_test_add_func ("/data/personal-data/mask", test_mask);
  return g_test_run ();
}
