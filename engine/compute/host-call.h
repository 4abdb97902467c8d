/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One call of an entry that the processor computes for a device. Private to compute/host-*.c.
 */
#pragma once
#include "compute/host-entries.h"

G_BEGIN_DECLS

#define ATTUNE_HOST_GUESTS 12

/* What a tensor is for the call: copied to the host's memory where it lies in the device's. */
typedef struct
{
  AttuneTensor tensor;
  AttuneScales scales;
  float *second; /* (nullable): their copy */
  void *device;  /* (nullable): where it lies, if not in the host's memory */
  gsize bytes;
  gboolean back; /* to be copied back */
  gboolean own;  /* whether the copy is to be freed: one for tensors at the same place */
} AttuneHostGuest;

typedef struct
{
  AttuneBackend *be, *cpu;
  AttuneHostGuest guests[ATTUNE_HOST_GUESTS];
  int n;
} AttuneHostCall;

AttuneHostCall attune_host_call (AttuneBackend *be);
/* Copies results back. */
void attune_host_call_end (AttuneHostCall *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneHostCall, attune_host_call_end)

/* (nullable): %NULL where @t is. Valid until the call ends. */
const AttuneTensor *attune_host_in (AttuneHostCall *call, const AttuneTensor *t);
/* The same for what the entry writes. */
const AttuneTensor *attune_host_out (AttuneHostCall *call, const AttuneTensor *t);

/* The entries, by file. */
void attune_host_fill_layers (AttuneBackend *table);
void attune_host_fill_products (AttuneBackend *table);
void attune_host_fill_learning (AttuneBackend *table);

G_END_DECLS
