/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Train, validation or test: drawn for each question by itself.
 */
#include "core/random.h"
#include "data/clean.h"
#include "data/dataset-private.h"

AttuneSplit
attune_split_of (const char *question, const AttuneDataValues *settings)
{
  g_autofree char *plain = attune_plain_words (question);
  AttuneRandom random;
  double draw;

  attune_random_init (&random, settings->seed, ATTUNE_RANDOM_SPLIT, attune_text_key (plain));
  draw = attune_random_uniform (&random);
  if (draw < settings->test_share)
    return ATTUNE_SPLIT_TEST;
  if (draw < settings->test_share + settings->validation_share)
    return ATTUNE_SPLIT_VALIDATION;
  return ATTUNE_SPLIT_TRAIN;
}
