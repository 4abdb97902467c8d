/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A config.json; what is taken for sound must be so where heads and experts are divided.
 */
#include "fuzz.h"
#include "model/hf-config.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_auto (AttuneHfConfig) config = { 0 };
  g_autoptr (GError) error = NULL;
  const gboolean ok
      = attune_hf_config_parse (&config, (const char *) data, (gssize) size, "config.json", &error);

  g_assert_true (ok == (error == NULL));
  if (!ok)
    {
      config = (AttuneHfConfig) { 0 };
      return 0;
    }
  g_assert_nonnull (config.family);
  config.config.n_vocab = 8; /* the tensors would say it */
  if (!attune_decoder_config_check (&config.config, NULL))
    return 0;
  g_assert_cmpint (config.config.n_layers, <=, ATTUNE_MAX_LAYERS);
  g_assert_cmpint (config.config.n_kv_heads, >, 0);
  g_assert_cmpint (config.config.n_heads % config.config.n_kv_heads, ==, 0);
  g_assert_cmpint (config.config.n_experts_used, <=, config.config.n_experts);
  return 0;
}
