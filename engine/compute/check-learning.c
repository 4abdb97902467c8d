/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of a device: losses and optimizers.
 */
#include "compute/device-checks.h"

#define T CHECK_TOKENS
#define C 48

static const AttuneAdamW step = { .learning_rate = 1e-2,
                                  .beta1 = 0.9,
                                  .beta2 = 0.999,
                                  .eps = 1e-8,
                                  .weight_decay = 0.1,
                                  .gradient_scale = 0.5,
                                  .step = 3 };

static void
store (AttuneCheckValues *v, int slot, const double *numbers, int n)
{
  for (int i = 0; i < n; i++)
    v->slots[slot][i] = (float) numbers[i];
}

static void
run_cross_entropy (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor logits = check_tensor (v, 0, T, C);
  gint32 targets[T];
  double losses[T];

  for (int i = 0; i < T; i++)
    targets[i] = i % C;
  be->cross_entropy (be, losses, &logits, targets,
                     &(AttuneCrossEntropy) { .scale = 1, .cap = 10, .smoothing = 0.1f });
  store (v, 1, losses, T);
}

#define LABELS 5
static void
run_label_loss (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  gint32 targets[T];
  float wanted[LABELS * LABELS] = { 0 }, costs[LABELS * LABELS], positive[LABELS];
  double losses[T];

  for (int i = 0; i < T; i++)
    targets[i] = i % LABELS;
  for (int i = 0; i < LABELS; i++)
    {
      wanted[i * LABELS + i] = 1;
      positive[i] = 1 + 0.5f * i;
      for (int j = 0; j < LABELS; j++)
        costs[i * LABELS + j] = i == j ? 0 : 1 + i + 0.5f * j;
    }
  for (AttuneLabelKind kind = ATTUNE_LABELS_ONE; kind <= ATTUNE_LABELS_SCORE; kind++)
    {
      const AttuneTensor logits = check_tensor (v, 3 * kind, T, LABELS);
      const AttuneLabelLoss how = { .kind = kind,
                                    .scale = 0.3f,
                                    .focal = 2,
                                    .cost_share = 0.4f,
                                    .positive = positive,
                                    .costs = costs,
                                    .wanted = wanted };

      be->label_loss (be, losses, v->slots[3 * kind + 1], &logits, targets, &how);
      store (v, 3 * kind + 2, losses, T);
    }
}

static void
run_sum_squares (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = { v->slots[0], 1, { T * C } };

  v->slots[1][0] = (float) be->sum_squares (be, &x);
}

/* @n of them, no less than zero. */
static AttuneTensor
moments (float *values, gint64 n)
{
  for (gint64 i = 0; i < n; i++)
    values[i] = 0.5f + 0.4f * values[i];
  return (AttuneTensor) { values, 1, { n } };
}

static const AttuneOptimizer kinds[]
    = { ATTUNE_OPTIMIZER_ADAMW,   ATTUNE_OPTIMIZER_ADAM,    ATTUNE_OPTIMIZER_LION,
        ATTUNE_OPTIMIZER_SGD,     ATTUNE_OPTIMIZER_ADAGRAD, ATTUNE_OPTIMIZER_RMSPROP,
        ATTUNE_OPTIMIZER_ADADELTA };

static void
run_update (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor g = { v->slots[13], 1, { T } };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const AttuneTensor w = { v->slots[i], 1, { T } }, a = moments (v->slots[i] + T, T),
                         b = moments (v->slots[i] + 2 * T, T);

      be->update (be, &w, &a, &b, &g, kinds[i], &step);
    }
}

static void
run_adafactor (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor w = check_tensor (v, 0, T, C), g = check_tensor (v, 1, T, C),
                     state = moments (v->slots[2], T + C);
  double sums[T];

  be->adafactor (be, &w, &state, &g, sums, &step);
}

static void
run_8bit (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  enum
  {
    N = 700,
    BLOCKS = (N + ATTUNE_MOMENTS_BLOCK - 1) / ATTUNE_MOMENTS_BLOCK
  };
  const AttuneTensor w = { v->slots[0], 1, { N } }, g = { v->slots[1], 1, { N } };
  AttuneMoments8 remembered[BLOCKS] = { 0 };

  be->adamw_8bit (be, &w, remembered, &g, &(AttuneAdamW) { 1e-2, 0.9, 0.999, 1e-8, 0.1, 1, 1 });
  for (int i = 0; i < BLOCKS; i++)
    {
      v->slots[2][2 * i] = remembered[i].first_largest;
      v->slots[2][2 * i + 1] = remembered[i].second_largest;
    }
}

const AttuneCheck attune_checks_learning[] = {
  { "the loss", ATTUNE_ENTRY (cross_entropy), run_cross_entropy },
  { "the loss of labels", ATTUNE_ENTRY (label_loss), run_label_loss },
  { "the length of a gradient", ATTUNE_ENTRY (sum_squares), run_sum_squares },
  { "the optimizer", ATTUNE_ENTRY (update), run_update },
  { "Adafactor", ATTUNE_ENTRY (adafactor), run_adafactor },
  { "the optimizer in 8 bits", ATTUNE_ENTRY (adamw_8bit), run_8bit },
  { NULL },
};
