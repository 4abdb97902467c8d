/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The check of a device: it misses no entry that computes nothing, and what it puts in the place of
 * one computes what it should.
 */
#include "compute/device-check.h"

#include "compute/four-bits.h"
#include "compute/harness.h"
#include "compute/host-entries.h"

typedef void (*Entry) (void);

/* Whoever calls it gives more. */
static void
compute_nothing (void)
{
}

/* Those that a device does without. */
static gboolean
is_left_out (gsize entry)
{
  return entry == ATTUNE_ENTRY (round) || entry == ATTUNE_ENTRY (matmul_rounded)
         || entry == ATTUNE_ENTRY (pack_rounded) || entry == ATTUNE_ENTRY (matmul_nt_int16)
         || entry == ATTUNE_ENTRY (matmul_nn_int16);
}

/* Every entry that computes, alone. */
static void
test_every_entry (void)
{
  g_autoptr (AttuneBackend) trusted = attune_backend_cpu_new (1);
  int n = 0;

  for (gsize at = ATTUNE_ENTRY (matmul_nt); at <= ATTUNE_ENTRY (encode); at += sizeof (Entry))
    {
      g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
      g_autofree char *note = NULL, *after = NULL;
      g_autoptr (GError) error = NULL;

      if (is_left_out (at) || G_STRUCT_MEMBER (Entry, be, at) == NULL)
        continue;
      G_STRUCT_MEMBER (Entry, be, at) = compute_nothing;
      g_assert_true (attune_device_check (be, trusted, 1, &note, &error));
      g_assert_no_error (error);
      if (note == NULL)
        g_error ("the entry at %" G_GSIZE_FORMAT " of the table is not checked", at);
      g_assert_true (G_STRUCT_MEMBER (Entry, be, at) != compute_nothing);
      g_assert_true (attune_device_check (be, trusted, 1, &after, &error));
      g_assert_no_error (error);
      g_assert_cmpstr (after, ==, NULL);
      n++;
    }
  g_test_message ("%d entries", n);
  g_assert_cmpint (n, >=, 43);
}

/* Entries of the device that are wrong by a little, and one whose result is no number. */
static void
add_more (AttuneBackend *be, const AttuneTensor *y, const AttuneTensor *x)
{
  for (gint64 i = 0; i < attune_tensor_count (y); i++)
    ((float *) y->data)[i] += ((const float *) x->data)[i] * (i == 40 ? 1.01f : 1.0f);
}

static void
cap_to_nan (AttuneBackend *be, const AttuneTensor *x, float cap)
{
  for (gint64 i = 0; i < attune_tensor_count (x); i++)
    ((float *) x->data)[i] = cap * tanhf (((float *) x->data)[i] / cap);
  ((float *) x->data)[3] = NAN;
}

static void
test_little (void)
{
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1), trusted = attune_backend_cpu_new (1);
  g_autofree char *note = NULL;
  g_autoptr (GError) error = NULL;

  be->add = add_more;
  be->soft_cap = cap_to_nan;
  g_assert_true (attune_device_check (be, trusted, 1, &note, &error));
  g_assert_no_error (error);
  g_assert_nonnull (strstr (note, " computes sums and capped values differently"));
  g_assert_true (be->add != add_more && be->soft_cap != cap_to_nan);
}

static void
test_good (void)
{
  AttuneBackend *be = bench_open_emulation ();
  g_autoptr (AttuneBackend) trusted = attune_backend_cpu_new (1);
  g_autofree char *note = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (attune_device_check (be, trusted, 1, &note, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (note, ==, NULL);
  attune_backend_free (be);
}

/* Tensors in the device's memory: of a result in the place of what is read, and of weights whose
 * scales lie there, too. */
static void
test_memory (void)
{
  AttuneBackend *be = bench_open_emulation ();
  const gsize bytes = 64 + 33 * 3;
  float values[64] = { 0.5f, -2 }, expected[64], found[64];
  guint8 blocks[99];
  float absmax[3] = { 1, 2, 3 }, second[1];
  AttuneScales scales = { blocks, second, 2 };
  AttuneTensor w = { blocks + 66, 2, { 1, 64 }, ATTUNE_TYPE_NF4_DOUBLE, &scales };
  AttuneTensor x = { NULL, 1, { 64 } }, device_w = w;
  AttuneScales there = { .offset = 2 };
  char *memory;
  g_autoptr (GError) error = NULL;

  attune_host_entry_use (be, ATTUNE_ENTRY (decode), 1);
  attune_host_entry_use (be, ATTUNE_ENTRY (gated_forward), 1);
  attune_host_entry_use (be, ATTUNE_ENTRY (encode), 1);
  x.data = be->alloc (be, sizeof values);
  memory = be->alloc (be, bytes);
  there.first = (guint8 *) memory + 64;
  there.second = (float *) memory;
  device_w.data = memory + 64 + 66;
  device_w.scales = &there;
  for (gsize i = 0; i < sizeof blocks; i++)
    blocks[i] = 7 * i;
  attune_quantise_scales (blocks, absmax, 3, 2, second);
  attune_tensor_decode (expected, &w, 0, 64);
  attune_backend_upload (be, memory, second, sizeof second);
  attune_backend_upload (be, memory + 64, blocks, sizeof blocks);
  attune_backend_upload (be, x.data, values, sizeof values);

  be->gated_forward (be, &x, &x, NULL, ATTUNE_GATE_SIGMOID);
  attune_backend_download (be, found, x.data, sizeof found);
  g_assert_cmpfloat_with_epsilon (found[0], 0.6224593, 1e-6);
  g_assert_cmpfloat_with_epsilon (found[1], 0.1192029, 1e-6);
  be->decode (be, &x, &device_w);
  attune_backend_download (be, found, x.data, sizeof found);
  g_assert_cmpmem (found, sizeof found, expected, sizeof expected);

  /* a failure of the processor comes out of the device's sync() */
  w = (AttuneTensor) { blocks, 2, { 1, 32 }, ATTUNE_TYPE_IQ4_NL };
  x.dims[0] = 32;
  be->encode (be, &w, &x);
  g_assert_false (attune_backend_sync (be, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED);
  be->release (be, memory, bytes);
  be->release (be, x.data, sizeof values);
  attune_backend_free (be);
}

/* A failure of the device ends the check: kernels are missing for its chip, or it is lost. */
static void
check_failure (const char *fault, const char *said)
{
  AttuneBackend *be = bench_open_emulation ();
  g_autoptr (AttuneBackend) trusted = attune_backend_cpu_new (1);
  g_autofree char *note = NULL;
  g_autoptr (GError) error = NULL;

  g_setenv ("GPU_EMULATION_FAULT", fault, TRUE);
  g_assert_false (attune_device_check (be, trusted, 1, &note, &error));
  g_assert_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, said));
  g_assert_null (note);
  g_unsetenv ("GPU_EMULATION_FAULT");
  attune_backend_free (be);
}

static void
test_failures (void)
{
  check_failure ("kernels=0", "no kernel image");
  check_failure ("lost=0", "CPU emulation failed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/compute/device-check/every-entry", test_every_entry);
  g_test_add_func ("/compute/device-check/little", test_little);
  g_test_add_func ("/emulation/device-check/good", test_good);
  g_test_add_func ("/emulation/device-check/memory", test_memory);
  g_test_add_func ("/emulation/device-check/failures", test_failures);
  return g_test_run ();
}
