/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The choice of experts for tokens, and what they give put together; see compute/backend.h.
 */
#include "compute/cpu/entries.h"
#include "compute/cpu/vector.h"

typedef struct
{
  gint64 tokens;
  int n_experts, k;
  gboolean renormalise;
  const float *logits, *dweights;
  float *weights, *dlogits;
  const gint32 *starts;
  gint32 *slots;
} Routes;

/* The @k largest of @n, the first of equal ones, in @chosen. */
static void
choose (const float *x, int n, int k, gint32 *chosen)
{
  for (int j = 0; j < k; j++)
    {
      int best = -1;

      for (int i = 0; i < n; i++)
        {
          gboolean taken = FALSE;

          for (int before = 0; before < j; before++)
            taken |= chosen[before] == i;
          if (!taken && (best < 0 || x[i] > x[best]))
            best = i;
        }
      chosen[j] = best;
    }
}

static void
choose_task (gpointer data, int worker, int n_workers)
{
  const Routes *p = data;
  gint64 from, to;

  attune_split (p->tokens, 1, worker, n_workers, &from, &to);
  for (gint64 t = from; t < to; t++)
    choose (p->logits + t * p->n_experts, p->n_experts, p->k, p->slots + t * p->k);
}

/* Whose place it is. */
static int
expert_at (const Routes *p, gint32 place)
{
  int e = 0;

  while (place >= p->starts[e + 1])
    e++;
  return e;
}

/* Σ e^(logit - largest) over the chosen, or over all; @largest: (out). */
static float
sum_row (const Routes *p, gint64 t, float *largest)
{
  const float *x = p->logits + t * p->n_experts;
  const gint32 *slots = p->slots + t * p->k;
  float sum = 0.0f;

  *largest = x[expert_at (p, slots[0])];
  if (p->renormalise)
    for (int j = 0; j < p->k; j++)
      sum += expf (x[expert_at (p, slots[j])] - *largest);
  else
    for (int e = 0; e < p->n_experts; e++)
      sum += expf (x[e] - *largest);
  return sum;
}

static void
weigh_task (gpointer data, int worker, int n_workers)
{
  const Routes *p = data;
  gint64 from, to;

  attune_split (p->tokens, 1, worker, n_workers, &from, &to);
  for (gint64 t = from; t < to; t++)
    {
      float largest;
      const float sum = sum_row (p, t, &largest);

      for (int j = 0; j < p->k; j++)
        {
          const gint32 place = p->slots[t * p->k + j];

          p->weights[place]
              = expf (p->logits[t * p->n_experts + expert_at (p, place)] - largest) / sum;
        }
    }
}

void
LEVEL (route) (AttuneBackend *be, gint32 *starts, gint32 *rows, gint32 *slots,
               const AttuneTensor *weights, const AttuneTensor *logits,
               const AttuneRouting *routing)
{
  Routes p = { .tokens = attune_tensor_rows (logits),
               .n_experts = routing->n_experts,
               .k = routing->n_used,
               .renormalise = routing->renormalise,
               .logits = logits->data,
               .weights = weights->data,
               .starts = starts,
               .slots = slots };
  const gint64 n = p.tokens * p.k;
  const double work = 1.0 * p.tokens * p.n_experts * p.k;

  attune_cpu_run (attune_cpu (be), work, choose_task, &p);
  /* Counted, then put in order: an expert's places begin where the earlier experts' end. */
  memset (starts, 0, (p.n_experts + 1) * sizeof *starts);
  for (gint64 i = 0; i < n; i++)
    starts[slots[i] + 1]++;
  for (int e = 0; e < p.n_experts; e++)
    starts[e + 1] += starts[e];
  for (gint64 i = 0; i < n; i++)
    {
      const gint32 expert = slots[i], place = starts[expert]++;

      rows[place] = i / p.k;
      slots[i] = place;
    }
  for (int e = p.n_experts; e > 0; e--) /* they went on to the next one's */
    starts[e] = starts[e - 1];
  starts[0] = 0;
  attune_cpu_run (attune_cpu (be), work, weigh_task, &p);
}

static void
route_backward_task (gpointer data, int worker, int n_workers)
{
  const Routes *p = data;
  gint64 from, to;

  attune_split (p->tokens, 1, worker, n_workers, &from, &to);
  for (gint64 t = from; t < to; t++)
    {
      const float *x = p->logits + t * p->n_experts;
      float *d = p->dlogits + t * p->n_experts, mean = 0.0f, largest;
      const float sum = sum_row (p, t, &largest);

      for (int j = 0; j < p->k; j++)
        {
          const gint32 place = p->slots[t * p->k + j];

          mean += p->weights[place] * p->dweights[place];
        }
      /* Those that were not chosen count only in the sum, if at all. */
      for (int e = 0; e < p->n_experts; e++)
        d[e] = p->renormalise ? 0.0f : -expf (x[e] - largest) / sum * mean;
      for (int j = 0; j < p->k; j++)
        {
          const gint32 place = p->slots[t * p->k + j];

          d[expert_at (p, place)] = p->weights[place] * (p->dweights[place] - mean);
        }
    }
}

void
LEVEL (route_backward) (AttuneBackend *be, const AttuneTensor *dlogits,
                        const AttuneTensor *dweights, const AttuneTensor *weights,
                        const gint32 *starts, const gint32 *slots, const AttuneTensor *logits,
                        const AttuneRouting *routing)
{
  Routes p = { .tokens = attune_tensor_rows (logits),
               .n_experts = routing->n_experts,
               .k = routing->n_used,
               .renormalise = routing->renormalise,
               .logits = logits->data,
               .dweights = dweights->data,
               .weights = weights->data,
               .dlogits = dlogits->data,
               .starts = starts,
               .slots = (gint32 *) slots };

  attune_cpu_run (attune_cpu (be), 2.0 * p.tokens * p.n_experts, route_backward_task, &p);
}

typedef struct
{
  gint64 rows, columns;
  int k;
  float *y, *dx, *dweights;
  const float *x, *weights, *dy;
  const gint32 *slots;
} Combination;

static gint64
slot_of (const Combination *p, gint64 row, int j)
{
  return p->slots != NULL ? p->slots[row * p->k + j] : row;
}

static void
combine_task (gpointer data, int worker, int n_workers)
{
  const Combination *p = data;
  const gint64 n = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    for (int j = 0; j < p->k; j++)
      {
        const gint64 slot = slot_of (p, row, j);
        const float *x = p->x + slot * n, weight = p->weights != NULL ? p->weights[slot] : 1.0f;
        float *y = p->y + row * n;

        for (gint64 i = 0; i < n; i += VL)
          vstore_some (y + i,
                       vfma (vset (weight), vload_some (x + i, n - i), vload_some (y + i, n - i)),
                       n - i);
      }
}

void
LEVEL (combine) (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                 const AttuneTensor *weights, const gint32 *slots, int k)
{
  Combination p = { .rows = attune_tensor_rows (y),
                    .columns = attune_tensor_columns (y),
                    .k = k,
                    .y = y->data,
                    .x = x->data,
                    .weights = weights != NULL ? weights->data : NULL,
                    .slots = slots };

  attune_cpu_run (attune_cpu (be), 0.3 * p.rows * p.columns * k, combine_task, &p);
}

static void
combine_backward_task (gpointer data, int worker, int n_workers)
{
  const Combination *p = data;
  const gint64 n = p->columns;
  gint64 from, to;

  attune_split (p->rows, 1, worker, n_workers, &from, &to);
  for (gint64 row = from; row < to; row++)
    for (int j = 0; j < p->k; j++)
      {
        const gint64 slot = slot_of (p, row, j);
        const float *x = p->x + slot * n, *dy = p->dy + row * n, weight = p->weights[slot];
        float *dx = p->dx + slot * n;
        vf sum = { 0 };

        for (gint64 i = 0; i < n; i += VL)
          {
            const vf d = vload_some (dy + i, n - i);

            sum = vfma (d, vload_some (x + i, n - i), sum);
            vstore_some (dx + i, d * weight, n - i);
          }
        p->dweights[slot] = vsum (sum);
      }
}

void
LEVEL (combine_backward) (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dweights,
                          const AttuneTensor *dy, const AttuneTensor *x,
                          const AttuneTensor *weights, const gint32 *slots, int k)
{
  Combination p = { .rows = attune_tensor_rows (dy),
                    .columns = attune_tensor_columns (dy),
                    .k = k,
                    .dx = dx->data,
                    .dweights = dweights->data,
                    .dy = dy->data,
                    .x = x->data,
                    .weights = weights->data,
                    .slots = slots };

  attune_cpu_run (attune_cpu (be), 0.6 * p.rows * p.columns * k, combine_backward_task, &p);
}
