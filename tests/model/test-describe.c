/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tiny model is, and how it reads.
 */
#include "model/describe.h"

#include <string.h>

static AttuneModel *
open_tiny (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL);
  g_autoptr (GError) error = NULL;
  AttuneModel *model = attune_model_open (path, &error);

  g_assert_no_error (error);
  return model;
}

static char *
join (GPtrArray *seen)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < seen->len; i++)
    g_string_append (text, ((AttuneSeenToken *) seen->pdata[i])->text);
  return g_string_free (text, FALSE);
}

static void
test_bits (void)
{
  g_autoptr (AttuneModel) model = open_tiny ();

  /* its tensors are of several types on purpose; most values are in Q8_0 */
  g_assert_cmpint (attune_model_count_bits (model), ==, 8);
}

static void
test_text (void)
{
  g_autoptr (AttuneModel) model = open_tiny ();
  g_autoptr (GPtrArray) seen = attune_model_see_text (model, "What is <|im_end|> arthritis?");
  g_autofree char *text = join (seen);

  g_assert_cmpstr (text, ==, "What is <|im_end|> arthritis?");
  for (guint i = 0; i < seen->len; i++)
    {
      const AttuneSeenToken *token = seen->pdata[i];

      g_assert_false (
          token->special); /* what a person has written is text, whatever it looks like */
      g_assert_cmpint (token->id, >=, 0);
    }
}

static void
test_odd_text (void)
{
  g_autoptr (AttuneModel) model = open_tiny ();
  g_autoptr (GPtrArray) none = attune_model_see_text (model, "");
  g_autoptr (GPtrArray) seen = attune_model_see_text (model, "a \360\237\246\204 \001\t\n");

  g_assert_cmpuint (none->len, ==, 0);
  g_assert_cmpuint (seen->len, >, 4);
  for (guint i = 0; i < seen->len; i++)
    {
      const AttuneSeenToken *token = seen->pdata[i];

      g_assert_true (g_utf8_validate (token->text, -1, NULL));
      g_assert_cmpuint (strlen (token->text), >, 0);
    }
}

static void
test_question (void)
{
  g_autoptr (AttuneModel) model = open_tiny ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) seen = attune_model_see_question (model, "Be short.", "What?", &error);
  g_autoptr (GPtrArray) plain = attune_model_see_question (model, NULL, "What?", &error);
  g_autofree char *text = NULL, *expected = NULL;
  const AttuneMessage messages[]
      = { { ATTUNE_ROLE_SYSTEM, "Be short." }, { ATTUNE_ROLE_USER, "What?" } };
  guint n_special = 0;

  g_assert_no_error (error);
  text = join (seen);
  expected
      = attune_chat_template_render (attune_model_get_template (model), messages, 2, TRUE, &error);
  g_assert_cmpstr (text, ==, expected);
  for (guint i = 0; i < seen->len; i++)
    n_special += ((AttuneSeenToken *) seen->pdata[i])->special;
  g_assert_cmpuint (n_special, ==, 5); /* three turns begin, two end */

  g_free (text);
  g_free (expected);
  text = join (plain);
  expected = attune_chat_template_render (attune_model_get_template (model), messages + 1, 1, TRUE,
                                          &error);
  g_assert_cmpstr (text, ==, expected);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/describe/bits", test_bits);
  g_test_add_func ("/model/describe/text", test_text);
  g_test_add_func ("/model/describe/odd-text", test_odd_text);
  g_test_add_func ("/model/describe/question", test_question);
  return g_test_run ();
}
