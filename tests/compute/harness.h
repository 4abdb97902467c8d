/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs a check against every CPU level of this machine with one and two threads, next to the
 * reference. Inputs come from a fixed seed and lie in blocks of their exact size, so that the
 * sanitizer sees a step beyond.
 */
#pragma once
#include "compute/plugin.h"
#include "compute/reference.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

typedef struct
{
  AttuneBackend *be;  /* under test */
  AttuneBackend *ref; /* the plain loops */
  GRand *rand;
  GPtrArray *blocks; /* what the tensors below own */
  gboolean emulated; /* slow: leave out what is large */
} Bench;

typedef void (*Check) (Bench *b);

typedef struct
{
  Check check;
  char level[2];
  int n_threads; /* 0: the reference against itself, for checks of gradients */
  gboolean emulated;
} Case;

/* The GPU's kernels on the emulation of a launch. */
static inline AttuneBackend *
bench_open_emulation (void)
{
  g_autofree char *path
      = g_build_filename (g_getenv ("ATTUNE_PLUGIN_DIR"), "libattune-emulation.so", NULL);
  void *library = dlopen (path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  g_autoptr (GError) error = NULL;
  const AttunePlugin *(*get) (guint32 abi);
  AttuneBackend *be;

  if (library == NULL)
    g_error ("%s", dlerror ());
  get = dlsym (library, "attune_plugin");
  g_assert_nonnull (get);
  be = get (ATTUNE_BACKEND_ABI)->open_device (0, &error);
  g_assert_no_error (error);
  return be;
}

static inline void *
bench_block (Bench *b, gsize bytes)
{
  void *block = g_malloc (MAX (bytes, 1));

  g_ptr_array_add (b->blocks, block);
  return block;
}

static inline AttuneTensor
bench_tensor (Bench *b, AttuneType type, gint64 rows, gint64 columns)
{
  AttuneTensor t = { .n_dims = 2, .dims = { rows, columns }, .type = type };

  t.data = bench_block (b, attune_tensor_bytes (&t));
  return t;
}

/* f32, uniform in @low … @high. */
static inline AttuneTensor
bench_random (Bench *b, gint64 rows, gint64 columns, double low, double high)
{
  AttuneTensor t = bench_tensor (b, ATTUNE_TYPE_F32, rows, columns);

  for (gint64 i = 0; i < rows * columns; i++)
    ((float *) t.data)[i] = g_rand_double_range (b->rand, low, high);
  return t;
}

/* f32, all @value: NaN for what must be overwritten, 1 for what is added to. */
static inline AttuneTensor
bench_filled (Bench *b, gint64 rows, gint64 columns, float value)
{
  AttuneTensor t = bench_tensor (b, ATTUNE_TYPE_F32, rows, columns);

  for (gint64 i = 0; i < rows * columns; i++)
    ((float *) t.data)[i] = value;
  return t;
}

static inline AttuneTensor
bench_copy (Bench *b, const AttuneTensor *x)
{
  AttuneTensor t = *x;

  t.data = bench_block (b, attune_tensor_bytes (x));
  memcpy (t.data, x->data, attune_tensor_bytes (x));
  return t;
}

/* Largest difference, relative to the largest value of @expected or to @floor if that is more.
 * Infinite where one is a NaN and the other is not. */
static inline double
bench_difference (const AttuneTensor *found, const AttuneTensor *expected, double floor)
{
  const float *a = found->data, *b = expected->data;
  double worst = 0.0, largest = floor;

  for (gint64 i = 0; i < attune_tensor_count (expected); i++)
    {
      if (isnan (a[i]) != isnan (b[i]) || isinf (a[i]) != isinf (b[i]))
        return INFINITY;
      if (!isfinite (b[i]))
        continue;
      worst = MAX (worst, fabs ((double) a[i] - b[i]));
      largest = MAX (largest, fabs ((double) b[i]));
    }
  return worst / largest;
}

#define assert_close(found, expected, tolerance) assert_near (found, expected, tolerance, 1e-37)

/* For sums that may cancel: @floor is the size of what is summed. */
#define assert_near(found, expected, tolerance, floor)                                             \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const double difference = bench_difference (found, expected, floor);                           \
                                                                                                   \
    g_test_message ("%s: %.2e of %.0e", #found, difference, (double) (tolerance));                 \
    g_assert_cmpfloat (difference, <=, tolerance);                                                 \
  }                                                                                                \
  G_STMT_END

#define assert_same_bits(found, expected)                                                          \
  g_assert_cmpmem ((found)->data, attune_tensor_bytes (found), (expected)->data,                   \
                   attune_tensor_bytes (expected))

static inline void
bench_run (gconstpointer data)
{
  const Case *c = data;
  Bench b = { .ref = attune_backend_reference_new (),
              .rand = g_rand_new_with_seed (7), /* fixed: a failure can be replayed */
              .blocks = g_ptr_array_new_with_free_func (g_free) };
  g_autoptr (GError) error = NULL;

  g_setenv ("ATTUNE_CPU_LEVEL", c->level, TRUE);
  b.emulated = c->emulated;
  if (c->emulated)
    b.be = bench_open_emulation ();
  else
    b.be = c->n_threads > 0 ? attune_backend_cpu_new (c->n_threads)
                            : attune_backend_reference_new ();
  g_test_message ("%s", b.be->name);
  c->check (&b);
  attune_backend_sync (b.be, &error);
  g_assert_no_error (error);
  attune_backend_free (b.be);
  attune_backend_free (b.ref);
  g_rand_free (b.rand);
  g_ptr_array_unref (b.blocks);
}

/* Adds /cpu-LEVEL/threads-N/@name for the levels @first … @top, and /reference/@name. */
static inline void
bench_add_levels (const char *name, Check check, int first, int top)
{
  g_autofree char *reference = g_strdup_printf ("/reference/%s", name);
  Case *c = g_new (Case, 1);
  const char *seen = "";

  *c = (Case) { check, "1", 0 };
  g_test_add_data_func_full (reference, c, bench_run, g_free);
  for (int level = first; level <= top; level++)
    {
      const char digit[2] = { '0' + level, 0 };
      g_autoptr (AttuneBackend) be = NULL;

      g_setenv ("ATTUNE_CPU_LEVEL", digit, TRUE);
      be = attune_backend_cpu_new (1);
      if (strcmp (be->name, seen) == 0) /* this machine has no such level and fell back */
        continue;
      seen = be->name;
      for (int n_threads = 1; n_threads <= 2; n_threads++)
        {
          g_autofree char *path = g_strdup_printf ("/cpu-%d/threads-%d/%s", level, n_threads, name);

          c = g_new (Case, 1);
          *c = (Case) { check, { digit[0], 0 }, n_threads };
          g_test_add_data_func_full (path, c, bench_run, g_free);
        }
    }
}

/* What has its own kernels with AVX512-VNNI goes up to level 5. */
static inline void
bench_add_up_to (const char *name, Check check, int top)
{
  bench_add_levels (name, check, 1, top);
}

/* Adds /emulation/@name. */
static inline void
bench_add_emulation (const char *name, Check check)
{
  g_autofree char *path = g_strdup_printf ("/emulation/%s", name);
  Case *c = g_new (Case, 1);

  *c = (Case) { check, "1", 0, TRUE };
  g_test_add_data_func_full (path, c, bench_run, g_free);
}

static inline void
bench_add (const char *name, Check check)
{
  bench_add_up_to (name, check, 4);
  bench_add_emulation (name, check);
}
