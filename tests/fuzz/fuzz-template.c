/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chat template, and behind a NUL byte, where there is one, what the user says.
 */
#include "fuzz.h"
#include "text/chat-template.h"

#include <string.h>

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *bytes = g_malloc (size + 2);
  const AttuneMessage messages[] = { { ATTUNE_ROLE_SYSTEM, "Be brief." },
                                     { ATTUNE_ROLE_USER, NULL },
                                     { ATTUNE_ROLE_ASSISTANT, " It's \"short\" \xff <|im_end|>" },
                                     { ATTUNE_ROLE_USER, "And?" } };
  AttuneMessage said[G_N_ELEMENTS (messages)];
  g_autoptr (AttuneChatTemplate) template = NULL;
  g_autoptr (GError) error = NULL;

  if (size > 0)
    memcpy (bytes, data, size);
  bytes[size] = bytes[size + 1] = 0;
  memcpy (said, messages, sizeof said);
  said[1].content = bytes + MIN (strlen (bytes) + 1, size);
  template = attune_chat_template_new (bytes, &error);
  g_assert_true ((template == NULL) == (error != NULL));
  if (template == NULL)
    return 0;
  attune_chat_template_set_token (template, "bos_token", "<s>");
  attune_chat_template_set_token (template, "eos_token", "</s>");
  for (int generate = 0; generate < 2; generate++)
    {
      g_autoptr (GError) reason = NULL;
      g_autofree char *text = attune_chat_template_render (template, said + !generate,
                                                           4 - !generate, generate, &reason);

      g_assert_true ((text == NULL) == (reason != NULL));
    }
  return 0;
}
