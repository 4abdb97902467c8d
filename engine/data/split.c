/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train, validation or test: drawn for each question by itself.
 */
#include "core/random.h"
#include "data/clean.h"
#include "data/dataset-private.h"

#include <string.h>

AttuneSplit
attune_split_of (const char *question, const AttuneDataValues *settings)
{
  g_autofree char *plain = attune_plain_words (question);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize n = sizeof digest;
  guint64 key = 0;
  AttuneRandom random;
  double draw;

  g_checksum_update (sum, (const guchar *) plain, strlen (plain));
  g_checksum_get_digest (sum, digest, &n);
  for (int i = 0; i < 8; i++) /* the same on every byte order */
    key = key << 8 | digest[i];
  attune_random_init (&random, settings->seed, ATTUNE_RANDOM_SPLIT, key);
  draw = attune_random_uniform (&random);
  if (draw < settings->test_share)
    return ATTUNE_SPLIT_TEST;
  if (draw < settings->test_share + settings->validation_share)
    return ATTUNE_SPLIT_VALIDATION;
  return ATTUNE_SPLIT_TRAIN;
}
