/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Products, rows, experts and stored types that the processor computes for a device. Arguments are
 * evaluated in any order, which a call does not mind: a tensor is copied once, and results go back
 * at its end.
 */
#include "compute/host-call.h"

static void
host_matmul_nt (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                const AttuneTensor *w, float alpha, float beta)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->matmul_nt (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x),
                       attune_host_in (&call, w), alpha, beta);
}

static void
host_matmul_nn (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                const AttuneTensor *w, float alpha, float beta)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->matmul_nn (call.cpu, attune_host_out (&call, dx), attune_host_in (&call, dy),
                       attune_host_in (&call, w), alpha, beta);
}

static void
host_matmul_tn (AttuneBackend *be, const AttuneTensor *dw, const AttuneTensor *dy,
                const AttuneTensor *x, float alpha, float beta)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->matmul_tn (call.cpu, attune_host_out (&call, dw), attune_host_in (&call, dy),
                       attune_host_in (&call, x), alpha, beta);
}

static void
host_gather (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *table, const gint32 *ids)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->gather (call.cpu, attune_host_out (&call, y), attune_host_in (&call, table), ids);
}

static void
host_scatter_add (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                  const gint32 *ids)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->scatter_add (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x), ids);
}

static void
host_route (AttuneBackend *be, gint32 *starts, gint32 *rows, gint32 *slots,
            const AttuneTensor *weights, const AttuneTensor *logits, const AttuneRouting *routing)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->route (call.cpu, starts, rows, slots, attune_host_out (&call, weights),
                   attune_host_in (&call, logits), routing);
}

static void
host_route_backward (AttuneBackend *be, const AttuneTensor *dlogits, const AttuneTensor *dweights,
                     const AttuneTensor *weights, const gint32 *starts, const gint32 *slots,
                     const AttuneTensor *logits, const AttuneRouting *routing)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->route_backward (call.cpu, attune_host_out (&call, dlogits),
                            attune_host_in (&call, dweights), attune_host_in (&call, weights),
                            starts, slots, attune_host_in (&call, logits), routing);
}

static void
host_combine (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
              const AttuneTensor *weights, const gint32 *slots, int k)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->combine (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x),
                     attune_host_in (&call, weights), slots, k);
}

static void
host_combine_backward (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dweights,
                       const AttuneTensor *dy, const AttuneTensor *x, const AttuneTensor *weights,
                       const gint32 *slots, int k)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->combine_backward (call.cpu, attune_host_out (&call, dx),
                              attune_host_out (&call, dweights), attune_host_in (&call, dy),
                              attune_host_in (&call, x), attune_host_in (&call, weights), slots, k);
}

static void
host_decode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->decode (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x));
}

static void
host_encode (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  g_auto (AttuneHostCall) call = attune_host_call (be);

  call.cpu->encode (call.cpu, attune_host_out (&call, y), attune_host_in (&call, x));
}

void
attune_host_fill_products (AttuneBackend *table)
{
  table->matmul_nt = host_matmul_nt;
  table->matmul_nn = host_matmul_nn;
  table->matmul_tn = host_matmul_tn;
  table->gather = host_gather;
  table->scatter_add = host_scatter_add;
  table->route = host_route;
  table->route_backward = host_route_backward;
  table->combine = host_combine;
  table->combine_backward = host_combine_backward;
  table->decode = host_decode;
  table->encode = host_encode;
}
