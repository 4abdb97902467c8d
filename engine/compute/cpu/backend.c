/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The CPU backend: the choice of the instruction-set level, memory, threads and the kept failure.
 */
#include "compute/cpu/cpu.h"

#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((gsize) 2 << 20)
/* Waking the pool costs some 2 µs when its threads spin and 20 when they sleep. */
#define SERIAL_NS 5000.0

void
attune_cpu_fail (AttuneCpu *cpu, AttuneComputeError code, const char *format, ...)
{
  va_list args;

  if (cpu->failure != NULL)
    return;
  va_start (args, format);
  cpu->failure = g_error_new_valist (ATTUNE_COMPUTE_ERROR, code, format, args);
  va_end (args);
}

void
attune_cpu_run (AttuneCpu *cpu, double work, AttuneTask task, gpointer data)
{
  if (work < SERIAL_NS || cpu->n_threads == 1)
    task (data, 0, 1);
  else
    attune_pool_run (cpu->pool, task, data);
}

/* Fresh pages of the system: zero, and taken only when they are first written. */
static gsize
whole_pages (gsize bytes)
{
  const gsize unit = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : 4096;

  return MAX (unit, (bytes + unit - 1) / unit * unit);
}

static void *
map_pages (gsize bytes)
{
  const gsize size = whole_pages (bytes), margin = size >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : 0;
  char *start, *aligned;

  if (bytes > G_MAXSSIZE - 2 * HUGE_PAGE_BYTES)
    return NULL;
  start = mmap (NULL, size + margin, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED)
    return NULL;
  if (margin == 0)
    return start;
  /* Aligned to a huge page: weights and activations are walked through with few TLB misses. */
  aligned = start + (HUGE_PAGE_BYTES - (guintptr) start % HUGE_PAGE_BYTES) % HUGE_PAGE_BYTES;
  if (aligned > start)
    munmap (start, aligned - start);
  if (start + margin > aligned)
    munmap (aligned + size, start + margin - aligned);
  madvise (aligned, size, MADV_HUGEPAGE);
  return aligned;
}

static void *
cpu_alloc (AttuneBackend *be, gsize bytes)
{
  void *memory = map_pages (bytes);

  if (memory == NULL)
    {
      g_autofree char *size = g_format_size (bytes);

      attune_cpu_fail (attune_cpu (be), ATTUNE_COMPUTE_ERROR_MEMORY,
                       "There is not enough memory: %s were asked for", size);
    }
  return memory;
}

static void
cpu_release (AttuneBackend *be, void *memory, gsize bytes)
{
  if (memory != NULL)
    munmap (memory, whole_pages (bytes));
}

static GError *
cpu_sync (AttuneBackend *be)
{
  return g_steal_pointer (&attune_cpu (be)->failure);
}

static void
cpu_destroy (AttuneBackend *be)
{
  AttuneCpu *cpu = attune_cpu (be);

  attune_pool_free (cpu->pool);
  for (int i = 0; i < cpu->n_threads; i++)
    g_aligned_free (cpu->scratch[i]);
  g_free (cpu->scratch);
  g_clear_error (&cpu->failure);
  g_free (cpu);
}

/* A level of cpu.h, or one with instructions beside it that multiply bytes. */
typedef enum
{
  PLAIN = 1,
  SSE4,
  AVX2,
  AVX512,
  AVX512_VNNI,
  AVX2_VNNI
} Level;

/* The best level of this machine; the compiler's check includes that the system saves the
 * registers. */
static Level
best_level (void)
{
  const char *asked = g_getenv ("ATTUNE_CPU_LEVEL");
  const int top = asked != NULL ? (int) g_ascii_strtoll (asked, NULL, 10) : 5;

#if defined(__x86_64__)
  __builtin_cpu_init ();
  if (top >= 4 && __builtin_cpu_supports ("x86-64-v4"))
    return top >= 5 && __builtin_cpu_supports ("avx512vnni") ? AVX512_VNNI : AVX512;
  if (top >= 3 && __builtin_cpu_supports ("x86-64-v3"))
    return top >= 4 && __builtin_cpu_supports ("avxvnni") ? AVX2_VNNI : AVX2;
  if (top >= 2 && __builtin_cpu_supports ("x86-64-v2"))
    return SSE4;
#endif
  (void) top;
  return PLAIN;
}

static void
fill_level (AttuneBackend *be)
{
  switch (best_level ())
    {
#if defined(__x86_64__)
    case AVX512_VNNI:
      be->name = "cpu (AVX-512, VNNI)";
      attune_cpu_fill_4 (be);
      attune_cpu_fill_rounded_4_vnni (be);
      attune_cpu_fill_int16_4_vnni (be);
      be->matmul_nt_int8 = attune_cpu_matmul_nt_int8;
      be->matmul_nn_int8 = attune_cpu_matmul_nn_int8;
      break;
    case AVX512:
      be->name = "cpu (AVX-512)";
      attune_cpu_fill_4 (be);
      break;
    case AVX2_VNNI:
      be->name = "cpu (AVX2, VNNI)";
      attune_cpu_fill_3 (be);
      attune_cpu_fill_rounded_3_vnni (be);
      attune_cpu_fill_int16_3_vnni (be);
      break;
    case AVX2:
      be->name = "cpu (AVX2)";
      attune_cpu_fill_3 (be);
      break;
    case SSE4:
      be->name = "cpu (SSE4)";
      attune_cpu_fill_2 (be);
      break;
#endif
    default:
      be->name = "cpu (plain)";
      attune_cpu_fill_1 (be);
      break;
    }
}

AttuneBackend *
attune_backend_cpu_new (int n_threads)
{
  AttuneCpu *cpu;

  g_return_val_if_fail (n_threads >= 0, NULL);

  cpu = g_new0 (AttuneCpu, 1);
  cpu->parent = (AttuneBackend) { .abi = ATTUNE_BACKEND_ABI,
                                  .size = sizeof (AttuneBackend),
                                  .destroy = cpu_destroy,
                                  .alloc = cpu_alloc,
                                  .release = cpu_release,
                                  .label_loss = attune_cpu_label_loss,
                                  .sync = cpu_sync };
  fill_level (&cpu->parent);
  cpu->pool = attune_pool_new (n_threads);
  cpu->n_threads = attune_pool_get_size (cpu->pool);
  cpu->scratch = g_new0 (char *, cpu->n_threads);
  for (int i = 0; i < cpu->n_threads; i++)
    {
      cpu->scratch[i] = g_aligned_alloc (1, ATTUNE_CPU_SCRATCH_BYTES, HUGE_PAGE_BYTES);
      madvise (cpu->scratch[i], ATTUNE_CPU_SCRATCH_BYTES, MADV_HUGEPAGE);
    }
  return &cpu->parent;
}
