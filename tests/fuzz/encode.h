/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done with a tokenizer that was read from made-up bytes.
 */
#pragma once
#include "text/tokenizer.h"

static inline void
fuzz_encode (const AttuneTokenizer *tokenizer)
{
  static const char *const texts[]
      = { "What is an \"ECG\"? It's 12-lead.\n\n  def f(x):\n\treturn x\r\n",
          "Ärzte  naïve e\xcc\x81 高血圧カタカナ 한국어 مَا हिन्दी \xf0\x9f\xa7\xac ﬁ ½ 1234567",
          "<s>a</s> <unk> <|im_start|>x<|im_end|> \xff\xc3( \xed\xa0\x80 \xe2\x96\x81x",
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (int special = 0; special < 2; special++)
      {
        g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
        g_autofree char *text = NULL;

        attune_tokenizer_encode (tokenizer, texts[i], -1,
                                 special ? ATTUNE_TOKENIZE_SPECIAL : ATTUNE_TOKENIZE_PLAIN, ids);
        for (guint k = 0; k < ids->len; k++)
          {
            const gint32 id = g_array_index (ids, gint32, k);

            g_assert_cmpint (id, >=, 0);
            g_assert_cmpuint ((guint) id, <, attune_tokenizer_get_size (tokenizer));
          }
        text = attune_tokenizer_decode (tokenizer, (const gint32 *) (gpointer) ids->data, ids->len,
                                        special);
        g_assert_true (g_utf8_validate (text, -1, NULL));
      }
}
