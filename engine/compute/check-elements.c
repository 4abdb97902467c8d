/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of a device: what goes over elements, rows or columns.
 */
#include "compute/device-checks.h"

#define T CHECK_TOKENS
#define C 48
static const gint32 segments[] = { 0, 5, T };

static void
run_zero (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C);

  be->zero (be, &x);
}

static void
run_copy (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C);

  be->copy (be, &y, &x);
}

static void
run_add (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C);

  be->add (be, &y, &x);
}

static void
run_add_bias (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), bias = { v->slots[1], 1, { C } };

  be->add_bias (be, &y, &bias);
}

static void
run_add_bias_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dy = check_tensor (v, 0, T, C), dbias = { v->slots[1], 1, { C } };

  be->add_bias_backward (be, &dbias, &dy);
}

static void
run_scale (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C);

  be->scale (be, &x, 1.7f);
}

static void
run_scale_columns (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C),
                     g = { v->slots[2], 1, { C } };

  be->scale_columns (be, &y, &x, &g, 1);
}

static void
run_scale_columns_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dy = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C),
                     dg = { v->slots[2], 1, { C } };

  be->scale_columns_backward (be, &dg, &dy, &x);
}

static void
run_scale_rows (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C), g = { v->slots[1], 1, { T } };

  be->scale_rows (be, &x, &g);
}

static void
run_inverse_norms (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C), y = { v->slots[1], 1, { T } };

  be->inverse_norms (be, &y, &x);
}

static void
run_approach (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C);

  be->approach (be, &y, &x, 0.3f);
}

static void
run_swap (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C);

  be->swap (be, &y, &x);
}

static void
run_noise (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C);

  be->add_noise (be, &x, segments, 2, 5, 11, 3);
}

static void
run_dropout (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, C), x = check_tensor (v, 1, T, C);

  be->dropout (be, &y, &x, 0.3f, 11, 5, 3);
}

static void
run_soft_cap (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 0, T, C);

  be->soft_cap (be, &x, 0.8f);
}

static void
run_gates (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor gate = check_tensor (v, 4, T, C), up = check_tensor (v, 5, T, C);

  for (AttuneGate kind = ATTUNE_GATE_SILU; kind <= ATTUNE_GATE_SIGMOID; kind++)
    {
      const AttuneTensor y = check_tensor (v, kind, T, C);

      be->gated_forward (be, &y, &gate, &up, kind);
    }
}

static void
run_gates_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor gate = check_tensor (v, 8, T, C), up = check_tensor (v, 9, T, C),
                     dy = check_tensor (v, 10, T, C);

  for (AttuneGate kind = ATTUNE_GATE_SILU; kind <= ATTUNE_GATE_SIGMOID; kind++)
    {
      const AttuneTensor dgate = check_tensor (v, 2 * kind, T, C),
                         dup = check_tensor (v, 2 * kind + 1, T, C);

      be->gated_backward (be, &dgate, &dup, &dy, &gate, &up, kind);
    }
}

const AttuneCheck attune_checks_elements[] = {
  { "zeros", ATTUNE_ENTRY (zero), run_zero },
  { "copies", ATTUNE_ENTRY (copy), run_copy },
  { "sums", ATTUNE_ENTRY (add), run_add },
  { "biases", ATTUNE_ENTRY (add_bias), run_add_bias },
  { "the gradient of biases", ATTUNE_ENTRY (add_bias_backward), run_add_bias_backward },
  { "multiples", ATTUNE_ENTRY (scale), run_scale },
  { "scaled columns", ATTUNE_ENTRY (scale_columns), run_scale_columns },
  { "the gradient of scaled columns", ATTUNE_ENTRY (scale_columns_backward),
    run_scale_columns_backward },
  { "scaled rows", ATTUNE_ENTRY (scale_rows), run_scale_rows },
  { "lengths of rows", ATTUNE_ENTRY (inverse_norms), run_inverse_norms },
  { "averages", ATTUNE_ENTRY (approach), run_approach },
  { "exchanges", ATTUNE_ENTRY (swap), run_swap },
  { "noise", ATTUNE_ENTRY (add_noise), run_noise },
  { "dropout", ATTUNE_ENTRY (dropout), run_dropout },
  { "capped values", ATTUNE_ENTRY (soft_cap), run_soft_cap },
  { "gated activations", ATTUNE_ENTRY (gated_forward), run_gates },
  { "the gradient of gated activations", ATTUNE_ENTRY (gated_backward), run_gates_backward },
  { NULL },
};
