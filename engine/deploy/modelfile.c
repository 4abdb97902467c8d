/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See modelfile.h. What the model's own template renders decides, not how it is written. Format:
 * Ollama's docs/modelfile.md; template: ChatML in its docs/template.md.
 */
#include "deploy/modelfile.h"

#include <string.h>

#define SYSTEM_HEAD "<|im_start|>system\n"
#define END "<|im_end|>\n"
/* Blanks around the text: a template that strips them is not plain ChatML. */
#define QUESTION " one  two "
#define ANSWER " three "

/* What the template puts before a question that comes without a system prompt: nothing, or a system
 * prompt of its own. Returns: (transfer full): %NULL where it is anything else. */
static char *
find_own_system (const AttuneChatTemplate *chat_template)
{
  static const char expected[] = "<|im_start|>user\n" QUESTION END "<|im_start|>assistant\n";
  const AttuneMessage question = { ATTUNE_ROLE_USER, QUESTION };
  g_autofree char *text = attune_chat_template_render (chat_template, &question, 1, TRUE, NULL);
  gsize n;

  if (text == NULL || !g_str_has_suffix (text, expected))
    return NULL;
  text[n = strlen (text) - strlen (expected)] = '\0';
  if (n == 0)
    return g_strdup ("");
  if (!g_str_has_prefix (text, SYSTEM_HEAD) || !g_str_has_suffix (text, END))
    return NULL;
  return g_strndup (text + strlen (SYSTEM_HEAD), n - strlen (SYSTEM_HEAD) - strlen (END));
}

/* Whether a whole conversation is rendered as ChatML. */
static gboolean
is_chatml (const AttuneChatTemplate *chat_template)
{
  static const char expected[] = SYSTEM_HEAD
      " be brief " END "<|im_start|>user\n" QUESTION END "<|im_start|>assistant\n" ANSWER END
      "<|im_start|>user\n" QUESTION END "<|im_start|>assistant\n";
  const AttuneMessage messages[] = { { ATTUNE_ROLE_SYSTEM, " be brief " },
                                     { ATTUNE_ROLE_USER, QUESTION },
                                     { ATTUNE_ROLE_ASSISTANT, ANSWER },
                                     { ATTUNE_ROLE_USER, QUESTION } };
  g_autofree char *text
      = attune_chat_template_render (chat_template, messages, G_N_ELEMENTS (messages), TRUE, NULL);

  return g_strcmp0 (text, expected) == 0;
}

/* Between three quotation marks everything stands for itself but three of them, and one at the end;
 * control characters are dropped. */
static gboolean
can_be_quoted (const char *text)
{
  if (strstr (text, "\"\"\"") != NULL || g_str_has_prefix (text, "\"")
      || g_str_has_suffix (text, "\""))
    return FALSE;
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)) && *c != '\n' && *c != '\t')
      return FALSE;
  return TRUE;
}

char *
attune_modelfile_make (AttuneModel *model, const char *file, const char *system)
{
  const AttuneChatTemplate *chat_template;
  g_autofree char *own = NULL;
  GString *text;
  gboolean adds_bos = FALSE;

  g_return_val_if_fail (model != NULL && file != NULL, NULL);

  chat_template = attune_model_get_template (model);
  adds_bos = attune_tokenizer_get_vocabulary (attune_model_get_tokenizer (model))->add_bos;
  if (adds_bos || (own = find_own_system (chat_template)) == NULL || !is_chatml (chat_template))
    return NULL;
  if (system == NULL || *system == '\0')
    system = own;
  if (!can_be_quoted (system) || strchr (file, '\n') != NULL)
    return NULL;

  text = g_string_new (NULL);
  g_string_append_printf (text, "FROM ./%s\n\n", file);
  g_string_append (text, "TEMPLATE \"\"\"{{- range .Messages }}<|im_start|>{{ .Role }}\n"
                         "{{ .Content }}<|im_end|>\n"
                         "{{ end }}<|im_start|>assistant\n"
                         "\"\"\"\n\n");
  if (*system != '\0')
    g_string_append_printf (text, "SYSTEM \"\"\"%s\"\"\"\n\n", system);
  g_string_append (text, "PARAMETER stop \"<|im_end|>\"\n");
  return g_string_free_and_steal (text);
}
