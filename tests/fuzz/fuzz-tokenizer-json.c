/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tokenizer.json, and text made into tokens with what it says.
 */
#include "encode.h"
#include "fuzz.h"
#include "text/tokenizer-json.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneTokenizer) tokenizer
      = attune_tokenizer_new_from_json ((const char *) data, size, NULL, &error);

  g_assert_true ((tokenizer == NULL) == (error != NULL));
  if (tokenizer != NULL)
    fuzz_encode (tokenizer);
  return 0;
}
