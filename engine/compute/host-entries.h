/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The processor's entries in a device's table, for what the device computes wrongly: tensors come
 * to the host's memory for the call, and results go back.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

/* The place of an entry in the table. */
#define ATTUNE_ENTRY(name) G_STRUCT_OFFSET (AttuneBackend, name)

/* Products that may be missing: without them those in f32 are used. */
#define ATTUNE_ENTRY_IS_OPTIONAL(entry)                                                            \
  ((entry) == ATTUNE_ENTRY (matmul_nt_int8) || (entry) == ATTUNE_ENTRY (matmul_nn_int8))

/**
 * attune_host_entry_use:
 * @be: a device's backend, of which no memory has been taken yet
 * @entry: ATTUNE_ENTRY (rotary), of what computes
 * @n_threads: of the processor, as attune_backend_cpu_new() takes them; the first call decides
 *
 * From now on the processor computes @entry, or nothing does where it is optional. What takes the
 * place is freed with @be, and its failures come out of sync().
 */
void attune_host_entry_use (AttuneBackend *be, gsize entry, int n_threads);

G_END_DECLS
