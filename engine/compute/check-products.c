/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Checks of a device: products, stored types, rows of tables and caches, experts.
 */
#include "compute/device-checks.h"

#include "compute/four-bits.h"

#define T CHECK_TOKENS
#define C CHECK_COLUMNS
#define N 29   /* outputs */
#define FEW 5  /* rows that are multiplied by a kernel of their own */
#define WIDE 4 /* rows of 512 values, for types of large blocks */
#define WIDE_VALUES 512

static const gint32 ids[] = { 4, 0, 4, 2, 2, 2, 1 };
#define IDS ((gint64) G_N_ELEMENTS (ids))

static void
run_nt (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, N), x = check_slot (v, 1),
                     w = check_tensor (v, 2, N, C);

  be->matmul_nt (be, &y, &x, &w, 0.5f, 1);
}

static void
run_few (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, FEW, N), x = check_tensor (v, 1, FEW, C),
                     w = check_tensor (v, 2, N, C);

  be->matmul_nt (be, &y, &x, &w, 0.5f, 0);
}

static void
run_nn (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dx = check_slot (v, 0), dy = check_tensor (v, 1, T, N),
                     w = check_tensor (v, 2, N, C);

  be->matmul_nn (be, &dx, &dy, &w, 0.25f, 1);
}

static void
run_tn (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dw = check_tensor (v, 0, N, C), dy = check_tensor (v, 1, T, N),
                     x = check_slot (v, 2);

  be->matmul_tn (be, &dw, &dy, &x, 0.1f, 1);
}

/* The device's are in bf16 and the processor's in 8 bits, if it has them: both are near the exact
 * product. */
static void
run_nt_rounded (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, T, N), x = check_slot (v, 1),
                     w = check_tensor (v, 2, N, C);
  g_autofree void *scratch = g_malloc (ATTUNE_INT8_SCRATCH (T, C));

  if (be == trusted)
    be->matmul_nt (be, &y, &x, &w, 1, 1);
  else
    be->matmul_nt_int8 (be, &y, &x, &w, 1, scratch);
}

static void
run_nn_rounded (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dx = check_slot (v, 0), dy = check_tensor (v, 1, T, N),
                     w = check_tensor (v, 2, N, C);
  g_autofree void *scratch = g_malloc (ATTUNE_INT8_SCRATCH (T, N));

  if (be == trusted)
    be->matmul_nn (be, &dx, &dy, &w, 1, 1);
  else
    be->matmul_nn_int8 (be, &dx, &dy, &w, 1, scratch);
}

/* Weights of every type that Attune writes itself; they decode to the same bits everywhere. */
static void
decode (AttuneBackend *be, AttuneCheckValues *v, AttuneType type, int slot)
{
  const AttuneTensor y = check_tensor (v, slot, WIDE, WIDE_VALUES);
  g_autofree void *bytes = g_malloc0 (attune_type_bytes (type, WIDE * WIDE_VALUES));
  const AttuneTensor x = { bytes, 2, { WIDE, WIDE_VALUES }, type };

  attune_type_info (type)->encode (bytes, v->slots[CHECK_SLOTS - 1], WIDE * WIDE_VALUES);
  be->decode (be, &y, &x);
}

static void
run_decode (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  static const AttuneType types[]
      = { ATTUNE_TYPE_F16,  ATTUNE_TYPE_BF16, ATTUNE_TYPE_Q8_0, ATTUNE_TYPE_Q4_0, ATTUNE_TYPE_Q4_1,
          ATTUNE_TYPE_Q4_K, ATTUNE_TYPE_Q5_K, ATTUNE_TYPE_Q6_K, ATTUNE_TYPE_NF4,  ATTUNE_TYPE_FP4 };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    decode (be, v, types[i], i);
}

/* Four bits, with the scales in a byte. */
static void
run_decode_double (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  enum
  {
    BLOCKS = WIDE * WIDE_VALUES / ATTUNE_FOUR_BITS_BLOCK
  };
  const AttuneTensor y = check_tensor (v, 0, WIDE, WIDE_VALUES);
  guint8 blocks[33 * BLOCKS];
  float absmax[BLOCKS], second[1];
  AttuneScales scales = { blocks, second, 0 };
  const AttuneTensor x = { blocks, 2, { WIDE, WIDE_VALUES }, ATTUNE_TYPE_NF4_DOUBLE, &scales };

  for (guint i = 0; i < sizeof blocks; i++)
    blocks[i] = i * 37;
  for (int i = 0; i < BLOCKS; i++)
    absmax[i] = 1 + v->slots[1][i];
  scales.offset = attune_scales_mean (absmax, BLOCKS);
  attune_quantise_scales (blocks, absmax, BLOCKS, scales.offset, second);
  be->decode (be, &y, &x);
}

static void
run_encode (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor x = check_tensor (v, 1, WIDE, WIDE_VALUES),
                     back = check_tensor (v, 0, WIDE, WIDE_VALUES);
  g_autofree void *bytes = g_malloc0 (attune_type_bytes (ATTUNE_TYPE_NF4, WIDE * WIDE_VALUES));
  const AttuneTensor y = { bytes, 2, { WIDE, WIDE_VALUES }, ATTUNE_TYPE_NF4 };

  be->encode (be, &y, &x);
  trusted->decode (trusted, &back, &y);
}

static void
run_gather (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, IDS, C), table = check_tensor (v, 1, 5, C);

  be->gather (be, &y, &table, ids);
}

static void
run_scatter (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 0, 5, C), x = check_tensor (v, 1, IDS, C);

  be->scatter_add (be, &y, &x, ids);
}

/* --- experts: 5 of them, 2 for every token */

#define EXPERTS 5
#define USED 2
static const AttuneRouting routing = { EXPERTS, USED, TRUE };

/* Where tokens go, as the trusted backend says. */
typedef struct
{
  gint32 starts[EXPERTS + 1], rows[T * USED], slots[T * USED];
} Routes;

static void
route (AttuneBackend *be, AttuneCheckValues *v, Routes *routes)
{
  const AttuneTensor weights = { v->slots[0], 1, { T * USED } },
                     logits = check_tensor (v, 1, T, EXPERTS);

  be->route (be, routes->starts, routes->rows, routes->slots, &weights, &logits, &routing);
}

static void
run_route (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  Routes routes = { 0 };

  route (be, v, &routes);
  for (int i = 0; i < EXPERTS + 1; i++)
    v->slots[2][i] = routes.starts[i];
  for (int i = 0; i < T * USED; i++)
    {
      v->slots[3][i] = routes.rows[i];
      v->slots[4][i] = routes.slots[i];
    }
}

static void
run_route_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dlogits = check_tensor (v, 2, T, EXPERTS),
                     dweights = { v->slots[3], 1, { T * USED } },
                     weights = { v->slots[0], 1, { T * USED } },
                     logits = check_tensor (v, 1, T, EXPERTS);
  Routes routes;

  route (trusted, v, &routes);
  be->route_backward (be, &dlogits, &dweights, &weights, routes.starts, routes.slots, &logits,
                      &routing);
}

#define SMALL 24 /* columns of what experts give: T · k rows of them fit a slot */

static void
run_combine (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor y = check_tensor (v, 2, T, SMALL), x = check_tensor (v, 3, T * USED, SMALL),
                     weights = { v->slots[0], 1, { T * USED } };
  Routes routes;

  route (trusted, v, &routes);
  be->combine (be, &y, &x, &weights, routes.slots, USED);
}

static void
run_combine_backward (AttuneBackend *be, AttuneBackend *trusted, AttuneCheckValues *v)
{
  const AttuneTensor dx = check_tensor (v, 5, T * USED, SMALL),
                     dweights = { v->slots[4], 1, { T * USED } },
                     dy = check_tensor (v, 2, T, SMALL), x = check_tensor (v, 3, T * USED, SMALL),
                     weights = { v->slots[0], 1, { T * USED } };
  Routes routes;

  route (trusted, v, &routes);
  be->combine_backward (be, &dx, &dweights, &dy, &x, &weights, routes.slots, USED);
}

const AttuneCheck attune_checks_products[] = {
  { "the product of activations with weights", ATTUNE_ENTRY (matmul_nt), run_nt },
  { "the product of a few activations with weights", ATTUNE_ENTRY (matmul_nt), run_few },
  { "the product of gradients with weights", ATTUNE_ENTRY (matmul_nn), run_nn },
  { "the gradient of weights", ATTUNE_ENTRY (matmul_tn), run_tn },
  { "rounded products with weights", ATTUNE_ENTRY (matmul_nt_int8), run_nt_rounded, 0.03 },
  { "rounded products of gradients", ATTUNE_ENTRY (matmul_nn_int8), run_nn_rounded, 0.03 },
  { "stored weights", ATTUNE_ENTRY (decode), run_decode },
  { "weights in 4 bits", ATTUNE_ENTRY (decode), run_decode_double },
  { "weights that are stored", ATTUNE_ENTRY (encode), run_encode },
  { "rows of a table", ATTUNE_ENTRY (gather), run_gather },
  { "the gradient of a table", ATTUNE_ENTRY (scatter_add), run_scatter },
  { "the choice of experts", ATTUNE_ENTRY (route), run_route },
  { "the gradient of the choice of experts", ATTUNE_ENTRY (route_backward), run_route_backward },
  { "what experts give", ATTUNE_ENTRY (combine), run_combine },
  { "the gradient of what experts give", ATTUNE_ENTRY (combine_backward), run_combine_backward },
  { NULL },
};
