/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The checks of device-check.c: each lets a backend compute one entry on the same small inputs.
 * Private to compute/.
 */
#pragma once
#include "compute/host-entries.h"

G_BEGIN_DECLS

/* Shapes: odd, so that no block or wave is full. */
#define CHECK_TOKENS 37
#define CHECK_COLUMNS 64
#define CHECK_SLOTS 14
#define CHECK_SLOT_VALUES (CHECK_TOKENS * CHECK_COLUMNS)

/* The inputs, uniform in ±1, and at the same time the room for results: what a check changes is
 * compared, slot by slot. In the host's memory; the device copies. */
typedef struct
{
  float slots[CHECK_SLOTS][CHECK_SLOT_VALUES];
} AttuneCheckValues;

typedef struct
{
  const char *name; /* “rotary positions” */
  gsize entry;      /* ATTUNE_ENTRY (rotary) */
  /* @trusted: for what the entry needs of others */
  void (*run) (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v);
  double tolerance; /* of the largest value of a slot; 0: what rounding of f32 explains */
} AttuneCheck;

/* The end of each has no name. */
extern const AttuneCheck attune_checks_products[], attune_checks_elements[], attune_checks_layers[],
    attune_checks_learning[];

/* The @slot as a matrix. */
static inline AttuneTensor
check_tensor (AttuneCheckValues *v, int slot, gint64 rows, gint64 columns)
{
  g_assert (slot < CHECK_SLOTS && rows * columns <= CHECK_SLOT_VALUES);
  return (AttuneTensor) { v->slots[slot], 2, { rows, columns } };
}

/* All of it. */
static inline AttuneTensor
check_slot (AttuneCheckValues *v, int slot)
{
  return check_tensor (v, slot, CHECK_TOKENS, CHECK_COLUMNS);
}

G_END_DECLS
