/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The table of optimizers.
 */
#include "plan/optimizer.h"

enum
{
  BETA1 = 1,
  BETA2 = 2,
  EPSILON = 4,
};

/* Betas and epsilons are PyTorch's defaults, Lion's the paper's. Rates: Lion moves every weight by
 * the rate itself, so it takes a fifth; RMSprop's first steps are ten times the rate; the steps of
 * AdaGrad fade; those of SGD and AdaDelta are small by themselves. */
static const struct
{
  AttuneOptimizerStart start;
  int vectors; /* as long as the parameters; -1: see attune_optimizer_count() */
  guint uses;
} optimizers[ATTUNE_N_OPTIMIZERS] = {
  [ATTUNE_OPTIMIZER_ADAMW] = { { 1, 0.9, 0.999, 1e-8 }, 2, BETA1 | BETA2 | EPSILON },
  [ATTUNE_OPTIMIZER_ADAM] = { { 1, 0.9, 0.999, 1e-8 }, 2, BETA1 | BETA2 | EPSILON },
  [ATTUNE_OPTIMIZER_LION] = { { 0.2, 0.9, 0.99, 1e-8 }, 1, BETA1 | BETA2 },
  [ATTUNE_OPTIMIZER_SGD] = { { 100, 0.9, 0.999, 1e-8 }, 1, BETA1 },
  [ATTUNE_OPTIMIZER_ADAFACTOR] = { { 1, 0.9, 0.999, 1e-8 }, -1, 0 },
  [ATTUNE_OPTIMIZER_ADAGRAD] = { { 10, 0.9, 0.999, 1e-10 }, 1, EPSILON },
  [ATTUNE_OPTIMIZER_RMSPROP] = { { 0.2, 0.9, 0.99, 1e-8 }, 1, BETA2 | EPSILON },
  [ATTUNE_OPTIMIZER_ADAMW_8BIT] = { { 1, 0.9, 0.999, 1e-8 }, -1, BETA1 | BETA2 | EPSILON },
  [ATTUNE_OPTIMIZER_ADADELTA] = { { 1000, 0.9, 0.9, 1e-6 }, 2, BETA2 | EPSILON },
};

GType
attune_optimizer_get_type (void)
{
  static gsize type;

  if (g_once_init_enter (&type))
    {
      static const GEnumValue values[] = {
        { ATTUNE_OPTIMIZER_ADAMW, "ATTUNE_OPTIMIZER_ADAMW", "adamw" },
        { ATTUNE_OPTIMIZER_ADAM, "ATTUNE_OPTIMIZER_ADAM", "adam" },
        { ATTUNE_OPTIMIZER_LION, "ATTUNE_OPTIMIZER_LION", "lion" },
        { ATTUNE_OPTIMIZER_SGD, "ATTUNE_OPTIMIZER_SGD", "sgd" },
        { ATTUNE_OPTIMIZER_ADAFACTOR, "ATTUNE_OPTIMIZER_ADAFACTOR", "adafactor" },
        { ATTUNE_OPTIMIZER_ADAGRAD, "ATTUNE_OPTIMIZER_ADAGRAD", "adagrad" },
        { ATTUNE_OPTIMIZER_RMSPROP, "ATTUNE_OPTIMIZER_RMSPROP", "rmsprop" },
        { ATTUNE_OPTIMIZER_ADADELTA, "ATTUNE_OPTIMIZER_ADADELTA", "adadelta" },
        { ATTUNE_OPTIMIZER_ADAMW_8BIT, "ATTUNE_OPTIMIZER_ADAMW_8BIT", "adamw-8bit" },
        { 0 },
      };

      g_once_init_leave (&type, g_enum_register_static ("AttuneOptimizer", values));
    }
  return type;
}

const AttuneOptimizerStart *
attune_optimizer_get_start (AttuneOptimizer optimizer)
{
  g_return_val_if_fail ((guint) optimizer < ATTUNE_N_OPTIMIZERS, NULL);
  return &optimizers[optimizer].start;
}

gboolean
attune_optimizer_uses (AttuneOptimizer optimizer, const char *name)
{
  static const char *const names[] = { "beta1", "beta2", "epsilon" };

  g_return_val_if_fail ((guint) optimizer < ATTUNE_N_OPTIMIZERS, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return (optimizers[optimizer].uses >> i & 1) != 0;
  return TRUE;
}

gint64
attune_optimizer_count (AttuneOptimizer optimizer, gint64 n)
{
  g_return_val_if_fail ((guint) optimizer < ATTUNE_N_OPTIMIZERS, 0);
  return optimizers[optimizer].vectors < 0 ? -1 : optimizers[optimizer].vectors * n;
}

/* Mean squares of rows and columns; a vector's are remembered one by one. */
static gint64
count_factors (gint64 rows, gint64 columns)
{
  return rows > 1 ? rows + columns : columns;
}

/* As bitsandbytes' min_8bit_size: small ones take little, and blocks of theirs hold too few values
 * of one size. Vectors (norms, biases) stay exact at any length. */
#define LEAST_ROUNDED 4096

gboolean
attune_optimizer_rounds (gint64 rows, gint64 columns)
{
  return rows > 1 && rows * columns >= LEAST_ROUNDED;
}

static gint64
count_moments_8 (gint64 rows, gint64 columns)
{
  const gint64 n = rows * columns, blocks = (n + ATTUNE_MOMENTS_BLOCK - 1) / ATTUNE_MOMENTS_BLOCK;

  G_STATIC_ASSERT (sizeof (AttuneMoments8) % sizeof (float) == 0);
  return attune_optimizer_rounds (rows, columns)
             ? blocks * (gint64) (sizeof (AttuneMoments8) / sizeof (float))
             : 2 * n;
}

AttuneShapeCount
attune_optimizer_get_shape_count (AttuneOptimizer optimizer)
{
  return optimizer == ATTUNE_OPTIMIZER_ADAFACTOR ? count_factors : count_moments_8;
}
