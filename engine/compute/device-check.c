/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See device-check.h. Results are compared with what rounding explains many times over: this is for
 * kernels that a chip or its compiler gets wrong, not for the last digits.
 */
#include "compute/device-check.h"

#include "core/random.h"

#include <math.h>
#include <string.h>

#define TOKENS 37
#define CHANNELS 48
#define HEADS 4
#define KV_HEADS 2
#define DIM 12
#define TOLERANCE 1e-3
#define MAX_RESULTS 3

/* All in the host's memory; the device copies. Losses are first so that no tensor's place is 0. */
typedef struct
{
  double losses[TOKENS];
  AttuneTensor x, y, w, q, k, v, rstd, lse, out, dq, dk, dv, state;
} Values;

/* One step of the check: what it computes, and the results to compare. */
typedef struct
{
  const char *name;
  void (*run) (AttuneBackend *be, Values *v);
  gsize results[MAX_RESULTS]; /* places of tensors in Values; 0 ends */
} Step;

static const gint32 segments[] = { 0, 5, TOKENS };

static AttuneAttention
attention_shape (void)
{
  return (AttuneAttention) { .n_heads = HEADS,
                             .n_kv_heads = KV_HEADS,
                             .head_dim = DIM,
                             .scale = 0.3f,
                             .n_segments = 2,
                             .segments = segments };
}

static void
run_nt (AttuneBackend *be, Values *v)
{
  be->matmul_nt (be, &v->y, &v->x, &v->w, 0.5f, 0);
}

static void
run_nn (AttuneBackend *be, Values *v)
{
  be->matmul_nn (be, &v->x, &v->y, &v->w, 0.25f, 1);
}

static void
run_tn (AttuneBackend *be, Values *v)
{
  be->matmul_tn (be, &v->w, &v->y, &v->x, 0.1f, 1);
}

static void
run_norm (AttuneBackend *be, Values *v)
{
  const AttuneTensor gain = { v->w.data, 1, { CHANNELS } };

  be->rms_norm_forward (be, &v->y, &v->rstd, &v->x, &gain, 1e-5f);
  be->rms_norm_backward (be, &v->q, NULL, &v->y, &v->x, &gain, &v->rstd);
}

static void
run_rotary (AttuneBackend *be, Values *v)
{
  static const float frequencies[DIM / 2] = { 1, 0.3f, 0.1f, 0.03f, 0.01f, 0.003f };
  const AttuneRotation rotation = { ATTUNE_ROTARY_HALVES, DIM, DIM, 1 };
  gint32 positions[TOKENS];

  for (int i = 0; i < TOKENS; i++)
    positions[i] = 3 * i;
  be->rotary (be, &v->q, positions, frequencies, &rotation, 1);
}

static void
run_attention (AttuneBackend *be, Values *v)
{
  const AttuneAttention shape = attention_shape ();

  be->attention_forward (be, &v->out, &v->lse, &v->q, &v->k, &v->v, &shape);
}

static void
run_attention_backward (AttuneBackend *be, Values *v)
{
  const AttuneAttention shape = attention_shape ();

  be->attention_backward (be, &v->dq, &v->dk, &v->dv, &v->x, &v->out, &v->lse, &v->q, &v->k, &v->v,
                          &shape);
}

static void
run_gate (AttuneBackend *be, Values *v)
{
  be->gated_forward (be, &v->out, &v->x, &v->y, ATTUNE_GATE_SILU);
  be->gated_backward (be, &v->dq, &v->q, &v->out, &v->x, &v->y, ATTUNE_GATE_SILU);
}

static void
run_loss (AttuneBackend *be, Values *v)
{
  gint32 targets[TOKENS];

  for (int i = 0; i < TOKENS; i++)
    targets[i] = i % CHANNELS;
  be->cross_entropy (be, v->losses, &v->y, targets, &(AttuneCrossEntropy) { .scale = 1 });
}

static void
run_update (AttuneBackend *be, Values *v)
{
  const AttuneAdamW step = {
    .learning_rate = 1e-2, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .gradient_scale = 1, .step = 1
  };

  be->update (be, &v->x, &v->state, NULL, &v->y, ATTUNE_OPTIMIZER_SGD, &step);
}

#define RESULT(member) G_STRUCT_OFFSET (Values, member)
static const Step steps[] = {
  { "the product of activations with weights", run_nt, { RESULT (y) } },
  { "the product of gradients with weights", run_nn, { RESULT (x) } },
  { "the gradient of weights", run_tn, { RESULT (w) } },
  { "RMS norm", run_norm, { RESULT (y), RESULT (rstd), RESULT (q) } },
  { "rotary positions", run_rotary, { RESULT (q) } },
  { "attention", run_attention, { RESULT (out), RESULT (lse) } },
  { "attention's gradients", run_attention_backward, { RESULT (dq), RESULT (dk), RESULT (dv) } },
  { "gated activations", run_gate, { RESULT (out), RESULT (dq), RESULT (q) } },
  { "the loss", run_loss, { RESULT (y) } },
  { "the optimizer", run_update, { RESULT (x), RESULT (state) } },
};

static void
take (AttuneTensor *t, gint64 rows, gint64 columns)
{
  *t = (AttuneTensor) { g_new0 (float, rows *columns), 2, { rows, columns } };
}

static void
fill (AttuneTensor *t, AttuneRandom *random)
{
  for (gint64 i = 0; i < attune_tensor_count (t); i++)
    ((float *) t->data)[i] = 2 * attune_random_uniform (random) - 1;
}

static void
values_init (Values *v)
{
  AttuneTensor *filled[] = { &v->x, &v->w, &v->q, &v->k, &v->v };
  AttuneRandom random;

  take (&v->x, TOKENS, CHANNELS);
  take (&v->y, TOKENS, CHANNELS);
  take (&v->w, CHANNELS, CHANNELS);
  take (&v->q, TOKENS, HEADS * DIM);
  take (&v->k, TOKENS, KV_HEADS * DIM);
  take (&v->v, TOKENS, KV_HEADS * DIM);
  take (&v->rstd, 1, TOKENS);
  take (&v->lse, HEADS, TOKENS);
  take (&v->out, TOKENS, HEADS * DIM);
  take (&v->dq, TOKENS, HEADS * DIM);
  take (&v->dk, TOKENS, KV_HEADS * DIM);
  take (&v->dv, TOKENS, KV_HEADS * DIM);
  take (&v->state, TOKENS, CHANNELS);
  attune_random_init (&random, 1, ATTUNE_RANDOM_TEST, 0);
  for (guint i = 0; i < G_N_ELEMENTS (filled); i++)
    fill (filled[i], &random);
}

static void
values_clear (Values *v)
{
  AttuneTensor *all[] = { &v->x,   &v->y,   &v->w,  &v->q,  &v->k,  &v->v,    &v->rstd,
                          &v->lse, &v->out, &v->dq, &v->dk, &v->dv, &v->state };

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (all[i]->data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Values, values_clear)

static gboolean
agree (const AttuneTensor *found, const AttuneTensor *expected)
{
  const float *a = found->data, *b = expected->data;
  double largest = 0;

  for (gint64 i = 0; i < attune_tensor_count (expected); i++)
    largest = MAX (largest, fabs (b[i]));
  for (gint64 i = 0; i < attune_tensor_count (expected); i++)
    if (!(fabs (a[i] - (double) b[i]) <= TOLERANCE * largest))
      return FALSE;
  return TRUE;
}

gboolean
attune_device_check (AttuneBackend *be, AttuneBackend *trusted, GError **error)
{
  g_auto (Values) found = { 0 }, expected = { 0 };

  values_init (&found);
  values_init (&expected);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      steps[i].run (be, &found);
      steps[i].run (trusted, &expected);
      if (!attune_backend_sync (be, error) || !attune_backend_sync (trusted, error))
        return FALSE;
      for (int j = 0; j < MAX_RESULTS && steps[i].results[j] > 0; j++)
        if (!agree (G_STRUCT_MEMBER_P (&found, steps[i].results[j]),
                    G_STRUCT_MEMBER_P (&expected, steps[i].results[j])))
          {
            g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE,
                         "The graphics card computes %s differently from the processor.",
                         steps[i].name);
            return FALSE;
          }
    }
  return TRUE;
}
