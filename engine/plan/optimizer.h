/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The optimizers as a plan's choice: their names, what each begins with, and what it remembers.
 */
#pragma once
#include "nn/base-parts.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_OPTIMIZER (attune_optimizer_get_type ())
GType attune_optimizer_get_type (void);

/* What it begins with. */
typedef struct
{
  double rate; /* times AdamW's */
  double beta1, beta2, epsilon;
} AttuneOptimizerStart;
const AttuneOptimizerStart *attune_optimizer_get_start (AttuneOptimizer optimizer);
/* Whether its formula has the plan's setting @name: "beta1", "beta2", "epsilon". */
gboolean attune_optimizer_uses (AttuneOptimizer optimizer, const char *name);
/* Values that it remembers of @n parameters; -1: it depends on their shapes. Pure. */
gint64 attune_optimizer_count (AttuneOptimizer optimizer, gint64 n);
/* Of those for which it does: what a matrix or a vector takes, by its rows and columns; the
 * vector's is in proportion to its length. Pure. */
AttuneShapeCount attune_optimizer_get_shape_count (AttuneOptimizer optimizer);
/* Whether moments of so large a matrix are kept in 8 bits; those of others are in 32. Pure. */
gboolean attune_optimizer_rounds (gint64 rows, gint64 columns);

G_END_DECLS
