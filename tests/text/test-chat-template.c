/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Conversations against what transformers renders (tests/golden/chatml.json): text, ids and the
 * mask of what is learned.
 */
#include "golden.h"
#include "text/chat-template.h"

#include <string.h>

static AttuneRole
read_role (const char *name)
{
  if (g_str_equal (name, "system"))
    return ATTUNE_ROLE_SYSTEM;
  return g_str_equal (name, "user") ? ATTUNE_ROLE_USER : ATTUNE_ROLE_ASSISTANT;
}

/* @suffix: of the members with ids: "smollm2" or "tiny" */
static void
check_case (AttuneModel *model, const char *suffix, JsonObject *one)
{
  const AttuneChatTemplate *template = attune_model_get_template (model);
  const char *name = json_object_get_string_member (one, "name");
  g_autofree char *ids_name = g_strconcat ("ids_", suffix, NULL),
                  *learn_name = g_strconcat ("learn_", suffix, NULL);
  const gboolean generate = json_object_get_boolean_member (one, "add_generation_prompt");
  JsonArray *list = json_object_get_array_member (one, "messages");
  JsonArray *expected = json_object_get_array_member (one, learn_name);
  const guint n = json_array_get_length (list);
  g_autofree AttuneMessage *messages = g_new (AttuneMessage, n);
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *message = json_array_get_object_element (list, i);

      messages[i].role = read_role (json_object_get_string_member (message, "role"));
      messages[i].content = json_object_get_string_member (message, "content");
    }
  text = attune_chat_template_render (template, messages, n, generate, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, json_object_get_string_member (one, "text"));

  attune_chat_template_encode (template, attune_model_get_tokenizer (model), messages, n, generate,
                               ids, learn, &error);
  g_assert_no_error (error);
  golden_assert_ids (ids, json_object_get_array_member (one, ids_name), name);
  g_assert_cmpuint (learn->len, ==, ids->len);
  for (guint i = 0; i < learn->len; i++)
    if (g_array_index (learn, guint8, i) != json_array_get_int_element (expected, i))
      g_error ("%s: token %u: learned %d", name, i, g_array_index (learn, guint8, i));

  g_array_set_size (ids, 0); /* the same without the mask */
  attune_chat_template_encode (template, attune_model_get_tokenizer (model), messages, n, generate,
                               ids, NULL, &error);
  golden_assert_ids (ids, json_object_get_array_member (one, ids_name), name);
}

static void
check_all (AttuneModel *model, const char *suffix)
{
  g_autoptr (JsonParser) parser = golden_load ("chatml.json");
  JsonArray *cases = json_object_get_array_member (golden_root (parser), "cases");

  g_assert_cmpuint (json_array_get_length (cases), >=, 20);
  for (guint i = 0; i < json_array_get_length (cases); i++)
    check_case (model, suffix, json_array_get_object_element (cases, i));
}

static void
test_tiny (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();

  check_all (model, "tiny");
}

static void
test_smollm2 (void)
{
  g_autoptr (AttuneModel) model = golden_real_model ();

  if (model != NULL)
    check_all (model, "smollm2");
}

/* Without a source it is plain ChatML: no system prompt that nobody wrote. */
static void
test_default (void)
{
  const AttuneMessage messages[]
      = { { ATTUNE_ROLE_USER, "Hi" }, { ATTUNE_ROLE_ASSISTANT, "Yes?" } };
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneChatTemplate) template = attune_chat_template_new (NULL, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_assert_null (attune_chat_template_get_source (template));
  text = attune_chat_template_render (template, messages, 2, TRUE, &error);
  g_assert_cmpstr (text, ==,
                   "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nYes?<|im_end|>\n"
                   "<|im_start|>assistant\n");
}

static void
test_stop (void)
{
  g_autoptr (AttuneModel) model = golden_tiny_model ();
  AttuneTokenizer *tokenizer = attune_model_get_tokenizer (model);

  g_assert_cmpint (attune_chat_template_get_stop (attune_model_get_template (model), tokenizer), ==,
                   attune_tokenizer_find (tokenizer, "<|im_end|>"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/chat-template/tiny", test_tiny);
  g_test_add_func ("/text/chat-template/smollm2", test_smollm2);
  g_test_add_func ("/text/chat-template/default", test_default);
  g_test_add_func ("/text/chat-template/stop", test_stop);
  return g_test_run ();
}
