/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets: how much of a labelled set is found, and what is found that is none.
 */
#include "data/secret-set.h"

#include "data/import.h"

#define N 12000

typedef struct
{
  guint right, missed, wrong;
} Score;

static gboolean
has_span (const GArray *spans, const AttuneSpan *wanted)
{
  for (guint i = 0; i < spans->len; i++)
    {
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);

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
      const AttuneSpan *span = &g_array_index (spans, AttuneSpan, i);

      if (has_span (others, span))
        {
          scores[span->kind].right += found;
          continue;
        }
      g_test_message ("%s “%.*s” in “%s”",
                      found ? "wrong:" : "missed:", (int) (span->end - span->start),
                      text + span->start, text);
      *(found ? &scores[span->kind].wrong : &scores[span->kind].missed) += 1;
    }
}

/* The whole set; a find counts where kind, start and end are right. */
static void
test_set (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  Score scores[ATTUNE_N_SECRETS] = { 0 }, all = { 0 };

  for (guint i = 0; i < N; i++)
    {
      g_auto (LabelledSecret) labelled = { 0 };
      g_autoptr (GArray) found = NULL;

      labelled_secret_init (&labelled, rand, i);
      found = attune_secrets_find (labelled.text);
      compare (found, labelled.spans, scores, TRUE, labelled.text);
      compare (labelled.spans, found, scores, FALSE, labelled.text);
    }
  for (int kind = 0; kind < ATTUNE_N_SECRETS; kind++)
    {
      const Score *score = &scores[kind];

      g_print ("# %-11s precision %.4f recall %.4f of %u\n", attune_secret_kind_get_name (kind),
               (double) score->right / MAX (1, score->right + score->wrong),
               (double) score->right / MAX (1, score->right + score->missed),
               score->right + score->missed);
      all.right += score->right;
      all.wrong += score->wrong;
      all.missed += score->missed;
      g_assert_cmpuint (score->right + score->missed, >, 200);
      g_assert_cmpfloat ((double) score->right / (score->right + score->missed), >=, 0.95);
    }
  g_print ("# all         precision %.4f recall %.4f\n",
           (double) all.right / (all.right + all.wrong),
           (double) all.right / (all.right + all.missed));
  g_assert_cmpfloat ((double) all.right / (all.right + all.wrong), >=, 0.98);
}

static gboolean
find_none (const AttuneRecord *record, gpointer data, GError **error)
{
  for (int i = ATTUNE_FIELD_QUESTION; i <= ATTUNE_FIELD_ANSWER; i++)
    {
      g_autoptr (GArray) found = attune_secrets_find (record->fields[i]);

      g_assert_cmpuint (found->len, ==, 0);
    }
  ++*(guint *) data;
  return TRUE;
}

/* The sample's terms of medicine open no door. */
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
  static const char *const patterns[] = { "-----BEGIN PRIVATE KEY-----",
                                          "://a:",
                                          "password:",
                                          "eyJ",
                                          "sk-",
                                          "a",
                                          "=",
                                          ": ",
                                          "password is ",
                                          "key:aaaaaaaaaaaaaaaaaaaaaaaaaaaaa1",
                                          "-----BEGIN ",
                                          "'",
                                          "a://b:c" };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (GArray) found = NULL;

      while (text->len < 100000)
        g_string_append (text, patterns[i]);
      g_test_timer_start ();
      found = attune_secrets_find (text->str);
      g_test_message ("%s: %.2f s", patterns[i], g_test_timer_elapsed ());
      g_assert_cmpfloat (g_test_timer_last (), <, 5); /* found: 0.3 s at most */
    }
}

static void
test_mask (void)
{
  g_autofree char *line = g_strnfill (64, 'q'), *key = NULL, *cut = NULL;
  const struct
  {
    const char *text, *masked;
  } cases[] = {
    { "", "" },
    { "Passwort: Größe7%x und ftp://u:geh3im!@h/ sind weg.",
      "Passwort: [PASSWORD] und ftp://u:[PASSWORD]@h/ sind weg." },
    /* placeholders are words, not parts of them */
    { "Password: Sample#2024!", "Password: [PASSWORD]" },
    { "Password: n4dein!7, pw: $Ecret99!", "Password: [PASSWORD], pw: [PASSWORD]" },
    { "Password: Tr0ub4dor;xyZ9; then go", "Password: [PASSWORD]; then go" },
    { "<p>Password: kT7(pq9x</p>", "<p>Password: [PASSWORD]</p>" },
    { "https://a:80/b@c and https://h/x:y@z", "https://a:80/b@c and https://h/x:y@z" },
    /* a key without its end */
    { cut = g_strdup_printf ("-----BEGIN PRIVATE KEY-----\n%s\n%s\n%.20s\nThis is all. It is cut.",
                             line, line, line),
      "[PRIVATE KEY]\nThis is all. It is cut." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GArray) spans = attune_secrets_find (cases[i].text);
      g_autofree char *masked = attune_secrets_mask (cases[i].text, spans);

      g_assert_cmpstr (masked, ==, cases[i].masked);
    }
  key = attune_secrets_hide ("Login: a, Password: Größe7%x, and ghp_"
                             "012345678901234567"
                             "abcdefghijklmnopqr.");
  g_assert_cmpstr (key, ==, "Login: a, Password: G***, and ghp_***.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/secrets/set", test_set);
  g_test_add_func ("/data/secrets/sample", test_sample);
  g_test_add_func ("/data/secrets/hostile", test_hostile);
  g_test_add_func ("/data/secrets/mask", test_mask);
  return g_test_run ();
}
