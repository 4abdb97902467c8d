/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A generator of tiny-llama.h.
 */
#pragma once
#include "tiny-llama.h"

static inline AttuneGenerator *
make_generator (TinyLlama *tiny, gint32 stop, int n_parallel, int capacity)
{
  /* This model knows nothing: its logits are so close that only exact products choose as the
   * reference does. */
  const AttuneGeneratorOptions options
      = { .stop = stop, .n_parallel = n_parallel, .capacity = capacity, .exact = TRUE };
  g_autoptr (GError) error = NULL;
  AttuneGenerator *generator
      = attune_generator_new (tiny->decoder, tiny->tokenizer, &options, &error);

  g_assert_no_error (error);
  return generator;
}
