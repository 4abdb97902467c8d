/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The angles by which queries and keys are turned, stretched as a family's makers did it.
 */
#include "nn/layer.h"

#include <math.h>

static int
turned_values (const AttuneDecoderConfig *c)
{
  return c->rotary_dim > 0 ? c->rotary_dim : c->head_dim;
}

/* The pair that makes @turns turns in the original context. */
static double
pair_of_turns (const AttuneDecoderConfig *c, double turns)
{
  return turned_values (c) * log (c->stretch.original / (turns * 2.0 * G_PI))
         / (2.0 * log (c->rotary_base));
}

/* Peng et al. 2023; low and high are the turns in the original context (1 and 32). */
static float
stretch_yarn (const AttuneDecoderConfig *c, float frequency, int pair)
{
  const double first = MAX (floor (pair_of_turns (c, c->stretch.high)), 0.0);
  const double last = MIN (ceil (pair_of_turns (c, c->stretch.low)), turned_values (c) - 1.0);
  const float ramp
      = CLAMP ((pair - first) / (last > first ? last - first : last - first + 0.001), 0.0, 1.0);

  return frequency / c->stretch.factor * ramp + frequency * (1.0f - ramp);
}

/* @divisors: (nullable): of each angle, from the model's file. */
static float *
make_frequencies (const AttuneDecoderConfig *c, float base, gboolean stretched,
                  const float *divisors)
{
  const int n = turned_values (c) / 2;
  float *frequencies = g_new (float, n);

  for (int i = 0; i < n; i++)
    {
      float f = 1.0f / powf (base, 2.0f * i / (2 * n));

      if (stretched && c->stretch.kind == ATTUNE_STRETCH_LINEAR)
        f /= c->stretch.factor;
      else if (stretched && c->stretch.kind == ATTUNE_STRETCH_LLAMA3)
        f = attune_stretch_llama3 (&c->stretch, f);
      else if (stretched && c->stretch.kind == ATTUNE_STRETCH_YARN)
        f = stretch_yarn (c, f, i);
      frequencies[i] = stretched && divisors != NULL ? f / divisors[i] : f;
    }
  return frequencies;
}

void
attune_rotary_set_up (AttuneDecoder *decoder, const float *divisors, const float *long_divisors)
{
  const AttuneDecoderConfig *c = &decoder->config;

  decoder->frequencies = make_frequencies (c, c->rotary_base, TRUE, divisors);
  if (long_divisors != NULL)
    decoder->long_frequencies = make_frequencies (c, c->rotary_base, TRUE, long_divisors);
  if (c->sliding_rotary_base > 0)
    decoder->sliding_frequencies = make_frequencies (c, c->sliding_rotary_base, FALSE, NULL);
}

void
attune_rotate (const AttuneDecoder *decoder, int layer, const AttuneTensor *x,
               const gint32 *positions, int longest, float sign)
{
  const AttuneDecoderConfig *c = &decoder->config;
  const AttuneRotation rotation
      = { .kind = c->rotary,
          .head_dim = c->head_dim,
          .turned = turned_values (c),
          .magnitude = c->stretch.magnitude > 0 ? c->stretch.magnitude : 1.0f };
  const float *frequencies = decoder->frequencies;

  if (c->learned_positions || attune_layer_set_has (&c->unturned, layer))
    return;
  if (decoder->sliding_frequencies != NULL && attune_layer_set_has (&c->sliding, layer))
    frequencies = decoder->sliding_frequencies;
  else if (decoder->long_frequencies != NULL && longest > c->stretch.original)
    frequencies = decoder->long_frequencies;
  decoder->be->rotary (decoder->be, x, positions, frequencies, &rotation, sign);
}
