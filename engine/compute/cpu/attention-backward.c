/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How attention's gradient is dealt out to the threads.
 *
 * dq sums over keys and dk, dv over rows, so a sample's head is cut into blocks of as many rows as
 * keys, which are gone through diagonal by diagonal: those of one diagonal share neither rows nor
 * keys, and any thread may take any of them. A sum has the same order on all threads, and on every
 * number of them that cuts alike.
 */
#include "compute/cpu/attention-gradient.h"

/* Waking the threads once more, in pairs of a row and a key. */
#define ROUND_COST 512.0
/* Fewer rows than this do not pay for packing their keys. */
#define MIN_BLOCK 64

static Head
find_head (const Backward *p, int segment, int kv)
{
  const AttuneAttention *s = p->shape;
  const gint64 start = s->segments[segment];
  const int group = s->n_heads / s->n_kv_heads;
  const gsize of_q = start * p->ldq + kv * group * s->head_dim,
              of_k = start * p->ldkv + kv * s->head_dim;

  return (Head) { .p = p,
                  .length = s->segments[segment + 1] - start,
                  .n_prefix = attention_prefix (s, segment),
                  .group = group,
                  .dim = s->head_dim,
                  .q = p->q + of_q,
                  .dout = p->dout + of_q,
                  .out = p->out + of_q,
                  .lse = p->lse + kv * group * p->n_tokens + start,
                  .dq = p->dq + of_q,
                  .own = of_k,
                  .prefix = kv * s->head_dim };
}

static void
clear_rows (float *x, gsize ld, int from, int to, int columns)
{
  for (int i = from; i < to; i++)
    memset (x + i * ld, 0, columns * sizeof *x);
}

/* Rows i0 … i1 with keys k0 … k1. Those of the first diagonal come first: they clear what all
 * others add to, and take all of what comes before the sample along. */
static void
backward_block (const Head *h, float *scratch, int i0, int i1, int k0, int k1)
{
  if (i0 == k0)
    {
      clear_rows (h->dq, h->p->ldq, i0, i1, h->group * h->dim);
      clear_rows (h->p->dk + h->own, h->p->ldkv, k0, k1, h->dim);
      clear_rows (h->p->dv + h->own, h->p->ldkv, k0, k1, h->dim);
      LEVEL (backward_keys) (h, scratch, i0, i1, -h->n_prefix, 0, PASS_QUERIES);
    }
  LEVEL (backward_keys) (h, scratch, i0, i1, k0, k1, PASS_QUERIES | PASS_KEYS);
}

/* Pairs of a row and a key, and what packing a key costs in pairs; 0 where no row sees a key. */
static double
block_cost (const Head *h, int i0, int i1, int k0, int k1)
{
  const int window = h->p->shape->window, rows = i1 - i0;

  if (i0 == k0)
    return attention_cost (h->n_prefix, rows) + 2.0 * (h->n_prefix + rows);
  if (window > 0 && k1 - 1 < first_key (window, 0, i0))
    return 0.0;
  return (double) rows * (k1 - k0) + 2.0 * (k1 - k0) + 64.0;
}

/* Goes through the blocks of @p's diagonal; computes those of @share's worker, or only adds their
 * cost up (@share %NULL). @slowest: (out) (optional): nothing is computed, it becomes the cost of
 * what the slowest worker has to do. */
static double
go_through (const Backward *p, Share *share, double *slowest)
{
  const AttuneAttention *s = p->shape;
  double total = 0.0, load = 0.0;
  int last = -1;

  for (int segment = 0; segment < s->n_segments; segment++)
    for (int kv = 0; kv < s->n_kv_heads; kv++)
      {
        const Head h = find_head (p, segment, kv);

        for (gint64 row = (gint64) p->diagonal * p->block; row < h.length; row += p->block)
          {
            const int i0 = row, i1 = MIN (row + p->block, h.length),
                      k0 = i0 - p->diagonal * p->block, k1 = MIN (k0 + p->block, h.length);
            const double cost = block_cost (&h, i0, i1, k0, k1);
            int worker;

            total += cost;
            if (share == NULL || cost == 0.0)
              continue;
            worker = share_deal (share, cost);
            if (slowest != NULL)
              {
                load = worker == last ? load + cost : cost;
                last = worker;
                *slowest = MAX (*slowest, load);
              }
            else if (worker == share->worker)
              backward_block (&h, (float *) p->cpu->scratch[worker], i0, i1, k0, k1);
          }
      }
  return total;
}

/* Until all threads are done, with blocks of @p's size. */
static double
planned_cost (Backward *p)
{
  double cost = 0.0;

  for (p->diagonal = 0;; p->diagonal++)
    {
      Share share = { go_through (p, NULL, NULL), 0.0, 0, p->cpu->n_threads };
      double slowest = 0.0;

      if (share.total == 0.0)
        return cost;
      go_through (p, &share, &slowest);
      cost += slowest + ROUND_COST;
    }
}

/* The size of blocks with which the threads are done first: whole samples where there are enough of
 * them and of heads. */
static void
choose_block (Backward *p)
{
  const AttuneAttention *s = p->shape;
  double best = G_MAXDOUBLE;
  int longest = 1, chosen;

  for (int segment = 0; segment < s->n_segments; segment++)
    longest = MAX (longest, s->segments[segment + 1] - s->segments[segment]);
  chosen = longest;
  for (int block = MIN_BLOCK; p->cpu->n_threads > 1 && block < 2 * longest; block *= 2)
    {
      double cost;

      p->block = MIN (block, longest);
      cost = planned_cost (p);
      if (cost <= best)
        {
          best = cost;
          chosen = p->block;
        }
    }
  p->block = chosen;
}

static void
backward_task (gpointer data, int worker, int n_workers)
{
  const Backward *p = data;
  Share share = { p->total, 0.0, worker, n_workers };

  go_through (p, &share, NULL);
}

/* The gradient of the keys that samples have before them, ADDED: a block of keys by one worker,
 * over the samples in order. */
static void
prefix_task (gpointer data, int worker, int n_workers)
{
  const Backward *p = data;
  const AttuneAttention *s = p->shape;
  const int n_keys = s->segments[1], n_blocks = (n_keys + GRADIENT_KEYS - 1) / GRADIENT_KEYS;
  gint64 from, to;

  attune_split (s->n_kv_heads * n_blocks, 1, worker, n_workers, &from, &to);
  for (gint64 block = from; block < to; block++)
    for (int segment = 1; segment < s->n_segments; segment++)
      {
        const Head h = find_head (p, segment, block / n_blocks);
        const int k0 = block % n_blocks * GRADIENT_KEYS, k1 = MIN (k0 + GRADIENT_KEYS, h.n_prefix);

        if (k0 < k1)
          LEVEL (backward_keys) (&h, (float *) p->cpu->scratch[worker], 0, h.length,
                                 k0 - h.n_prefix, k1 - h.n_prefix, PASS_KEYS);
      }
}

void
LEVEL (attention_backward) (AttuneBackend *be, const AttuneTensor *dq, const AttuneTensor *dk,
                            const AttuneTensor *dv, const AttuneTensor *dout,
                            const AttuneTensor *out, const AttuneTensor *lse, const AttuneTensor *q,
                            const AttuneTensor *k, const AttuneTensor *v,
                            const AttuneAttention *shape)
{
  Backward p = { .cpu = attune_cpu (be),
                 .shape = shape,
                 .q = q->data,
                 .k = k->data,
                 .v = v->data,
                 .dout = dout->data,
                 .out = out->data,
                 .lse = lse->data,
                 .dq = dq->data,
                 .dk = dk->data,
                 .dv = dv->data,
                 .ldq = (gsize) shape->n_heads * shape->head_dim,
                 .ldkv = (gsize) shape->n_kv_heads * shape->head_dim,
                 .n_tokens = shape->segments[shape->n_segments] };

  if (!LEVEL (check_attention) (p.cpu, shape->n_heads, shape->n_kv_heads, shape->head_dim))
    return;
  choose_block (&p);
  for (p.diagonal = 0; (p.total = go_through (&p, NULL, NULL)) > 0.0; p.diagonal++)
    attune_cpu_run (p.cpu,
                    p.total * shape->head_dim * shape->n_heads / shape->n_kv_heads / VL * 2.0,
                    backward_task, &p);
  if (shape->prefixes != NULL)
    attune_cpu_run (p.cpu, G_MAXDOUBLE, prefix_task, &p);
}
