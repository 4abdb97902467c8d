/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How fast a device tunes, measured on random weights and texts: steps of a whole run without
 * reading and writing.
 */
#pragma once
#include "compute/device.h"
#include "plan/method.h"

G_BEGIN_DECLS

typedef struct
{
  const char *shape;   /* of attune_speed_shapes */
  AttuneMethod method; /* ATTUNE_METHOD_LORA (rank 16), _QLORA (NF4, scales quantised again) or
                          _FULL */
  int tokens;          /* of a text, all of them learned; > 1 */
  int batch;           /* texts in a step */
  int steps;           /* that count, after one that does not */
  gboolean checkpoint; /* activations are computed again */
  AttunePrecision precision; /* of a card's products */
  AttuneDeviceWish device;
} AttuneSpeedQuestion;

typedef struct
{
  char device[128];
  gboolean on_card;
  char *said;     /* (nullable) of the device: see attune_device_open() */
  double seconds; /* of a step: the median */
  double tokens_per_second;
  guint64 card_bytes;   /* of the card's memory, while a step is done; 0 on the processor */
  double product_flops; /* per second: what its products reach by themselves, large ones */
  double share;         /* of that: what the step's products come to, without what is computed
                           twice */
  double first_loss,
      last_loss; /* nats per token: of untrained weights about log of the vocabulary */
} AttuneSpeed;

void attune_speed_clear (AttuneSpeed *self);

/* Blocks. Errors: those of the device and its memory; that there is no card, where that was asked
 * for. @speed is to be cleared in any case. */
gboolean attune_speed_measure (const AttuneSpeedQuestion *question, AttuneSpeed *speed,
                               GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneSpeed, attune_speed_clear)

G_END_DECLS
