/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Secrets: how much of a labelled set is found, and what is found that is none.
 */
#include "data/secret-set.h"

#include "data/span-finder.h"

#define N 12000

static const char *
get_name (guint kind)
{
  return attune_secret_kind_get_name (kind);
}

static void
test_set (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  SpanScore scores[ATTUNE_N_SECRETS] = { 0 };

  for (guint i = 0; i < N; i++)
    {
      g_auto (LabelledSecret) labelled = { 0 };

      labelled_secret_init (&labelled, rand, i);
      span_score (attune_secrets_find, labelled.text, labelled.spans, scores);
    }
  span_check (scores, ATTUNE_N_SECRETS, get_name, 0.98);
}

static void
test_sample (void)
{
  span_check_sample (attune_secrets_find);
}

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

  span_check_hostile (attune_secrets_find, patterns, G_N_ELEMENTS (patterns));
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
