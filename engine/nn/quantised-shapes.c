/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a base in 4 bits takes, which follows from a configuration alone. Light.
 */
#include "nn/quantise-base.h"

gboolean
attune_can_quantise (const AttuneDecoderConfig *config, int i, gint64 *count)
{
  gint64 rows, columns;

  attune_linear_shape (config, i, &rows, &columns);
  *count = rows * columns;
  return i != ATTUNE_LINEAR_ROUTER && i != ATTUNE_LINEAR_SHARED_GATE && rows > 0
         && columns % ATTUNE_FOUR_BITS_BLOCK == 0;
}

gsize
attune_quantised_copy_bytes (AttuneType type, gint64 count)
{
  const gint64 blocks = count / ATTUNE_FOUR_BITS_BLOCK;

  const gsize bytes = attune_type_bytes (type, count);

  /* whole cache lines, so that the next one begins at one */
  return (attune_type_is_double (type) ? ATTUNE_QUANTISED_HEAD (blocks) : 0)
         + (bytes + 63) / 64 * 64;
}

gsize
attune_quantised_bytes (const AttuneDecoderConfig *config, AttuneType type)
{
  gsize bytes = 0;
  gint64 count;

  for (int i = 0; i < attune_layer_linears (config); i++)
    if (attune_can_quantise (config, i, &count))
      bytes += attune_quantised_copy_bytes (type, count);
  return bytes * config->n_layers;
}

gint64
attune_quantised_count (const AttuneDecoderConfig *config)
{
  gint64 all = 0, count;

  for (int i = 0; i < attune_layer_linears (config); i++)
    if (attune_can_quantise (config, i, &count))
      all += count;
  return all * config->n_layers;
}
