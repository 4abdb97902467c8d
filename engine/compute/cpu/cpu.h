/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The CPU backend's inside. Every file of this folder but backend.c is built once per
 * instruction-set level; what they share carries the level in its name: LEVEL (pack) is
 * attune_cpu_pack_4 in the build for level 4.
 *
 *   level 1  plain vectors of four (any machine; NEON on AArch64)      level 3  AVX2, FMA, F16C
 * (x86-64-v3) level 2  SSE4 (x86-64-v2)                                          level 4  AVX-512
 * F, BW, DQ, VL (x86-64-v4)
 */
#pragma once
#include "compute/backend.h"
#include "core/threads.h"

G_BEGIN_DECLS

#define ATTUNE_PASTE(name, level) attune_cpu_##name##_##level
#define ATTUNE_PASTE_VALUE(name, level) ATTUNE_PASTE (name, level)
#define LEVEL(name) ATTUNE_PASTE_VALUE (name, ATTUNE_LEVEL)

/* The same for what is built once more for AVX-VNNI and AVX512-VNNI:
 * attune_cpu_matmul_rounded_4_vnni. */
#ifdef ATTUNE_VNNI
#define ATTUNE_PASTE_VNNI(name, level) attune_cpu_##name##_##level##_vnni
#define ATTUNE_PASTE_VNNI_VALUE(name, level) ATTUNE_PASTE_VNNI (name, level)
#define ROUNDED(name) ATTUNE_PASTE_VNNI_VALUE (name, ATTUNE_LEVEL)
#else
#define ROUNDED(name) LEVEL (name)
#endif

/* Scratch of a thread: packed panels, or attention's tiles. */
#define ATTUNE_CPU_SCRATCH_BYTES (4 << 20)
/* What attention's tiles have been cut for. */
#define ATTUNE_CPU_MAX_HEAD_DIM 512
#define ATTUNE_CPU_MAX_GROUP 128

typedef struct
{
  AttuneBackend parent;
  AttunePool *pool;
  int n_threads;
  GError *failure; /* the first since the last sync */
  char **scratch;  /* one block per thread */
} AttuneCpu;

static inline AttuneCpu *
attune_cpu (AttuneBackend *be)
{
  return (AttuneCpu *) be;
}

/* Keeps a failure unless there is one already. */
void attune_cpu_fail (AttuneCpu *cpu, AttuneComputeError code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Runs @task on all threads, or on this one alone (as worker 0 of 1) where @work, in some ns, is
 * not worth waking them. */
void attune_cpu_run (AttuneCpu *cpu, double work, AttuneTask task, gpointer data);

/* Fills in the entries of each level. */
void attune_cpu_fill_1 (AttuneBackend *be);
void attune_cpu_fill_2 (AttuneBackend *be);
void attune_cpu_fill_3 (AttuneBackend *be);
void attune_cpu_fill_4 (AttuneBackend *be);
void attune_cpu_fill_rounded_3_vnni (AttuneBackend *be);
void attune_cpu_fill_rounded_4_vnni (AttuneBackend *be);
void attune_cpu_fill_int16_3_vnni (AttuneBackend *be);
void attune_cpu_fill_int16_4_vnni (AttuneBackend *be);
/* label-loss.c */
void attune_cpu_label_loss (AttuneBackend *be, double *losses, float *shares,
                            const AttuneTensor *logits, const gint32 *targets,
                            const AttuneLabelLoss *settings);
/* int8.c */
void attune_cpu_matmul_nt_int8 (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x,
                                const AttuneTensor *w, float beta, void *scratch);
void attune_cpu_matmul_nn_int8 (AttuneBackend *be, const AttuneTensor *dx, const AttuneTensor *dy,
                                const AttuneTensor *w, float beta, void *scratch);

G_END_DECLS
