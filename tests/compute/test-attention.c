/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Attention of every level against the reference, its gradient against central differences, and the
 * cached form against the plain one.
 */
#include "compute/harness.h"
#include "gradient-check.h"

/* Measured: 6e-7 forward, 1.5e-6 backward; the reference sums in f64. */
#define TOLERANCE 4e-6

typedef struct
{
  int n_heads, n_kv_heads, head_dim, n_segments;
  gint32 segments[8];
  gint32 prefixes[8];
  int window;
  float cap;
} Shape;

static const Shape shapes[] = {
  { 1, 1, 1, 1, { 0, 1 } },
  { 3, 1, 8, 3, { 0, 5, 6, 13 } },
  { 9, 3, 37, 4, { 0, 1, 40, 40, 203 } }, /* an empty sample among them */
  { 4, 4, 64, 2, { 0, 300, 331 } },       /* more keys than a tile has */
  { 2, 1, 130, 1, { 0, 150 } },
  { 8, 2, 20, 5, { 0, 7, 9, 75, 139, 270 } },
  { 3, 3, 12, 2, { 0, 700, 777 } },             /* shared out along the diagonals */
  { 3, 1, 8, 3, { 0, 5, 6, 13 }, { 0, 5, 3 } }, /* a beginning in common */
  { 6, 2, 37, 5, { 0, 290, 291, 330, 420, 571 }, { 0, 280, 0, 17, 129 } },
  { 3, 1, 8, 3, { 0, 5, 6, 13 }, { 0 }, 3, 2.0f }, /* a window, capped scores */
  { 4, 2, 37, 2, { 0, 400, 450 }, { 0 }, 40, 5.0f },
  { 2, 1, 20, 1, { 0, 330 }, { 0 }, 300 },
  { 2, 2, 12, 3, { 0, 290, 330, 420 }, { 0, 280, 0 }, 33 }, /* it begins in what is in common */
};
#define WITH_PREFIXES 7

typedef struct
{
  AttuneAttention shape;
  AttuneTensor q, k, v, out, lse, dout, dq, dk, dv;
} Problem;

static Problem
make_problem (Bench *b, const Shape *s, double range)
{
  const gint64 t = s->segments[s->n_segments], c = s->n_heads * s->head_dim,
               g = s->n_kv_heads * s->head_dim;

  return (Problem) {
    .shape = { .n_heads = s->n_heads,
               .n_kv_heads = s->n_kv_heads,
               .head_dim = s->head_dim,
               .scale = 1.0f / sqrtf (s->head_dim),
               .cap = s->cap,
               .window = s->window,
               .n_segments = s->n_segments,
               .segments = s->segments,
               .prefixes = s >= shapes + WITH_PREFIXES ? s->prefixes : NULL },
    .q = bench_random (b, t, c, -range, range),
    .k = bench_random (b, t, g, -range, range),
    .v = bench_random (b, t, g, -1, 1),
    .out = bench_filled (b, t, c, NAN),
    .lse = bench_filled (b, s->n_heads, t, NAN),
    .dout = bench_random (b, t, c, -1, 1),
    .dq = bench_filled (b, t, c, NAN),
    .dk = bench_filled (b, t, g, NAN),
    .dv = bench_filled (b, t, g, NAN),
  };
}

static void
forward (AttuneBackend *be, const Problem *p)
{
  be->attention_forward (be, &p->out, &p->lse, &p->q, &p->k, &p->v, &p->shape);
}

static void
backward (AttuneBackend *be, const Problem *p)
{
  be->attention_backward (be, &p->dq, &p->dk, &p->dv, &p->dout, &p->out, &p->lse, &p->q, &p->k,
                          &p->v, &p->shape);
}

static void
test_shapes (Bench *b)
{
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (double range = 1.0; range < (b->emulated ? 2.0 : 50.0); range *= 6.0) /* soft and hard */
      {
        /* A weight's relative error is its score's absolute one. */
        const double tolerance = TOLERANCE * range * range;
        Problem found, expected, again;

        if (b->emulated && shapes[i].segments[shapes[i].n_segments] > 210)
          continue;
        found = expected = again = make_problem (b, &shapes[i], range);
        expected.out = bench_copy (b, &found.out);
        expected.lse = bench_copy (b, &found.lse);
        expected.dq = bench_copy (b, &found.dq);
        expected.dk = bench_copy (b, &found.dk);
        expected.dv = bench_copy (b, &found.dv);
        again.out = bench_copy (b, &found.out);
        again.dk = bench_copy (b, &found.dk);
        again.dq = bench_copy (b, &found.dq);

        forward (b->be, &found);
        forward (b->ref, &expected);
        assert_close (&found.out, &expected.out, tolerance);
        assert_close (&found.lse, &expected.lse, TOLERANCE);
        backward (b->be, &found);
        backward (b->ref, &expected);
        assert_near (&found.dq, &expected.dq, tolerance, range);
        assert_near (&found.dk, &expected.dk, tolerance, range);
        assert_close (&found.dv, &expected.dv, tolerance);

        forward (b->be, &again);
        backward (b->be, &again);
        assert_same_bits (&again.out, &found.out);
        assert_same_bits (&again.dq, &found.dq);
        assert_same_bits (&again.dk, &found.dk);
        g_ptr_array_set_size (b->blocks, 0);
      }
}

typedef struct
{
  AttuneBackend *be;
  Problem p;
} Loss;

/* Σ r · out with random r. */
static double
loss (gpointer data)
{
  const Loss *l = data;
  double sum = 0.0;

  forward (l->be, &l->p);
  for (gint64 i = 0; i < attune_tensor_count (&l->p.out); i++)
    sum += (double) ((float *) l->p.out.data)[i] * ((float *) l->p.dout.data)[i];
  return sum;
}

static void
check_gradient (Bench *b, const Shape *shape)
{
  Loss l = { b->be, make_problem (b, shape, 1.0) };
  const Problem *p = &l.p;
  const AttuneTensor *inputs[] = { &p->q, &p->k, &p->v }, *gradients[] = { &p->dq, &p->dk, &p->dv };

  forward (b->be, p);
  backward (b->be, p);
  for (int i = 0; i < 3; i++)
    {
      const double worst = attune_gradient_check (
          inputs[i]->data, gradients[i]->data, attune_tensor_count (inputs[i]), 1, 1e-2f, loss, &l);

      g_test_message ("gradient %d: %.1e", i, worst);
      g_assert_cmpfloat (worst, <, 5e-4); /* measured: 6e-5 */
    }
}

static void
test_gradient (Bench *b)
{
  check_gradient (b, &shapes[1]);
  check_gradient (b, &shapes[WITH_PREFIXES]);
  check_gradient (b, &shapes[WITH_PREFIXES + 2]);
}

/* A prompt in pieces and single rows of several sequences give what attention over each whole
 * sequence gives. */
static AttuneTensor
as_type (Bench *b, const AttuneTensor *x, AttuneType type)
{
  AttuneTensor y = bench_tensor (b, type, attune_tensor_rows (x), attune_tensor_columns (x));

  attune_type_info (type)->encode (y.data, x->data, attune_tensor_count (x));
  return y;
}

static void
check_cached (Bench *b, AttuneType type)
{
  static const gint32 prompt[] = { 0, 75, 76, 79 };
  /* blocks of 32 need heads that are cut into them */
  const int n_heads = 6, n_kv_heads = 2, dim = type == ATTUNE_TYPE_Q8_0 ? 96 : 37, capacity = 203,
            n_sequences = 2;
  const AttuneTensor keys = bench_random (b, n_sequences * capacity, n_kv_heads * dim, -1, 1),
                     values = bench_random (b, n_sequences * capacity, n_kv_heads * dim, -1, 1);
  AttuneTensor k = as_type (b, &keys, type), v = as_type (b, &values, type);
  const int n_rows = 79 + 2 + 1;
  gint32 sequences[82], positions[82];
  AttuneTensor q = bench_random (b, n_rows, n_heads * dim, -1, 1),
               found = bench_filled (b, n_rows, n_heads * dim, NAN),
               expected = bench_copy (b, &found), again = bench_copy (b, &found);
  AttuneCachedAttention shape = { .n_heads = n_heads,
                                  .n_kv_heads = n_kv_heads,
                                  .head_dim = dim,
                                  .scale = 1.0f / sqrtf (dim),
                                  .capacity = capacity,
                                  .sequences = sequences,
                                  .positions = positions };
  AttuneCachedAttention seeing_less = shape;

  for (int piece = 0; piece < 3; piece++)
    for (int i = prompt[piece]; i < prompt[piece + 1]; i++)
      {
        sequences[i] = piece % 2;
        positions[i] = 11 + i;
      }
  sequences[79] = 0, positions[79] = 0;
  sequences[80] = 1, positions[80] = capacity - 1;
  sequences[81] = 0, positions[81] = 130;

  b->be->attention_cached (b->be, &found, &q, &k, &v, &shape);
  b->ref->attention_cached (b->ref, &expected, &q, &k, &v, &shape);
  assert_close (&found, &expected, TOLERANCE);
  b->be->attention_cached (b->be, &again, &q, &k, &v, &shape);
  assert_same_bits (&again, &found);

  seeing_less.window = 30;
  seeing_less.cap = 1.5f;
  b->be->attention_cached (b->be, &found, &q, &k, &v, &seeing_less);
  b->ref->attention_cached (b->ref, &expected, &q, &k, &v, &seeing_less);
  assert_close (&found, &expected, TOLERANCE);
}

static void
test_cached (Bench *b)
{
  check_cached (b, ATTUNE_TYPE_F32);
  check_cached (b, ATTUNE_TYPE_BF16);
  check_cached (b, ATTUNE_TYPE_Q8_0);
}

/* A row gives the same bits alone, with those that follow it and beside another sequence. */
static void
test_cached_alone (Bench *b)
{
  static const gint32 sequences[] = { 0, 0, 0, 0, 0, 1 }, positions[] = { 61, 62, 63, 64, 65, 9 };
  const AttuneTensor keys = bench_random (b, 140, 128, -3, 3),
                     values = bench_random (b, 140, 128, -1, 1),
                     q = bench_random (b, 6, 384, -3, 3);
  const AttuneTensor k = as_type (b, &keys, ATTUNE_TYPE_BF16),
                     v = as_type (b, &values, ATTUNE_TYPE_BF16);
  AttuneTensor together = bench_filled (b, 6, 384, NAN);
  AttuneCachedAttention shape = { .n_heads = 6,
                                  .n_kv_heads = 2,
                                  .head_dim = 64,
                                  .scale = 0.125f,
                                  .capacity = 70,
                                  .sequences = sequences,
                                  .positions = positions };

  b->be->attention_cached (b->be, &together, &q, &k, &v, &shape);
  for (int i = 0; i < 6; i++)
    {
      const AttuneTensor row = attune_tensor_slice (&q, i, 1),
                         expected = attune_tensor_slice (&together, i, 1);
      AttuneTensor alone = bench_filled (b, 1, 384, NAN);

      shape.sequences = &sequences[i];
      shape.positions = &positions[i];
      b->be->attention_cached (b->be, &alone, &row, &k, &v, &shape);
      assert_same_bits (&alone, &expected);
    }
}

/* Decoding alone: one row, a long cache, so that its keys are shared out. */
static void
check_cached_row (Bench *b, AttuneType type)
{
  const int n_heads = 9, n_kv_heads = 3, dim = 64, capacity = 700;
  const gint32 sequence = 0;
  const AttuneTensor keys = bench_random (b, capacity, n_kv_heads * dim, -3, 3),
                     values = bench_random (b, capacity, n_kv_heads * dim, -1, 1);
  AttuneTensor k = as_type (b, &keys, type), v = as_type (b, &values, type),
               q = bench_random (b, 1, n_heads * dim, -3, 3);

  for (gint32 position = 0; position < capacity; position += 233)
    {
      AttuneTensor found = bench_filled (b, 1, n_heads * dim, NAN),
                   expected = bench_copy (b, &found);
      const AttuneCachedAttention shape = { .n_heads = n_heads,
                                            .n_kv_heads = n_kv_heads,
                                            .head_dim = dim,
                                            .scale = 0.125f,
                                            .capacity = capacity,
                                            .sequences = &sequence,
                                            .positions = &position };

      b->be->attention_cached (b->be, &found, &q, &k, &v, &shape);
      b->ref->attention_cached (b->ref, &expected, &q, &k, &v, &shape);
      assert_close (&found, &expected, 2 * TOLERANCE);
    }
}

static void
test_cached_row (Bench *b)
{
  check_cached_row (b, ATTUNE_TYPE_F32);
  check_cached_row (b, ATTUNE_TYPE_BF16);
  check_cached_row (b, ATTUNE_TYPE_Q8_0);
}

/* A NaN in a row's query reaches that row; one in its keys reaches all rows that see it. */
static void
test_nan (Bench *b)
{
  Problem p = make_problem (b, &shapes[5], 1.0);
  const float *out = p.out.data;
  const int c = 8 * 20;

  ((float *) p.q.data)[3 * c + 2] = NAN;
  ((float *) p.k.data)[8 * 40 + 1] = NAN;
  forward (b->be, &p);
  g_assert_true (isnan (out[3 * c]));
  g_assert_true (isnan (out[8 * c]));
  g_assert_false (isnan (out[0]));
  g_assert_false (isnan (out[9 * c])); /* the next sample */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  bench_add ("shapes", test_shapes);
  bench_add_up_to ("gradient", test_gradient, 4);
  bench_add ("cached", test_cached);
  bench_add ("cached-alone", test_cached_alone);
  bench_add ("cached-row", test_cached_row);
  bench_add ("nan", test_nan);
  return g_test_run ();
}
