/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plug-in's one symbol: its devices, and the backend on one of them.
 */
#include "compute/hip/cards.h"
#include "compute/plugin.h"

#if defined(GPU_TARGET_HIP)
#define NAME "hip"
#elif defined(GPU_TARGET_CUDA)
#define NAME "cuda"
#else
#define NAME "emulation"
#endif

/* No driver or no device is none, not a failure. */
static int
count_devices (void)
{
  int n = 0;

  if (hipGetDeviceCount (&n) == hipSuccess)
    return n;
  (void) hipGetLastError ();
  return 0;
}

static gboolean
keep_reason (hipError_t code, int device, GError **error)
{
  if (code == hipSuccess)
    return TRUE;
  (void) hipGetLastError ();
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_DEVICE,
               "Graphics card %d does not answer: %s.", device, hipGetErrorString (code));
  return FALSE;
}

static gboolean
describe_device (int device, AttuneDeviceFacts *facts, GError **error)
{
  hipDeviceProp_t properties;
  size_t unused = 0, all = 0;

  if (!keep_reason (hipSetDevice (device), device, error)
      || !keep_reason (hipGetDeviceProperties (&properties, device), device, error)
      || !keep_reason (hipMemGetInfo (&unused, &all), device, error))
    return FALSE;
  g_strlcpy (facts->name, properties.name, sizeof facts->name);
#if defined(GPU_TARGET_HIP)
  g_strlcpy (facts->chip, properties.gcnArchName, sizeof facts->chip);
#elif defined(GPU_TARGET_CUDA)
  g_snprintf (facts->chip, sizeof facts->chip, "sm_%d%d", properties.major, properties.minor);
#else
  g_strlcpy (facts->chip, "none", sizeof facts->chip);
#endif
  facts->memory_bytes = all;
  facts->free_bytes = unused;
  return TRUE;
}

static AttuneBackend *
open_device (int device, GError **error)
{
  AttuneDeviceFacts facts;
  AttuneBackend *be;
  Gpu *gpu;

  if (!describe_device (device, &facts, error))
    return NULL;
  gpu = g_new0 (Gpu, 1);
  be = &gpu->parent;
  be->abi = ATTUNE_BACKEND_ABI;
  be->size = sizeof (AttuneBackend);
  gpu->device = device;
  g_strlcpy (gpu->name, facts.name, sizeof gpu->name);
  be->name = gpu->name;
  gpu_fill_memory (be);
  gpu_fill_elementwise (be);
  gpu_fill_gated (be);
  gpu_fill_scaling (be);
  gpu_fill_random (be);
  gpu_fill_norm (be);
  gpu_fill_rotary (be);
  gpu_fill_products (be);
  gpu_fill_attention (be);
  gpu_fill_attention_backward (be);
  gpu_fill_attention_cached (be);
  gpu_fill_rows (be);
  gpu_fill_experts (be);
  gpu_fill_loss (be);
  gpu_fill_label_loss (be);
  gpu_fill_optimizer (be);
  gpu_fill_adafactor (be);
  if (gpu->failure != NULL
      || !keep_reason (hipStreamCreateWithFlags (&gpu->stream, hipStreamNonBlocking), device,
                       error))
    {
      if (gpu->failure != NULL)
        g_propagate_error (error, (GError *) g_steal_pointer (&gpu->failure));
      be->destroy (be);
      return NULL;
    }
  gpu_fill_rounded_products (be, facts.chip);
  return be;
}

static gboolean
set_precision (AttuneBackend *be, AttunePrecision precision)
{
  Gpu *gpu = gpu_of (be);

  if (precision < 0 || precision >= ATTUNE_N_PRECISIONS || !gpu->can[precision])
    return FALSE;
  gpu->precision = precision;
  return TRUE;
}

extern "C" __attribute__ ((visibility ("default"))) const AttunePlugin *
attune_plugin (guint32 abi)
{
  static const AttunePlugin plugin = { ATTUNE_BACKEND_ABI,
                                       (guint32) sizeof (AttunePlugin),
                                       (guint32) sizeof (AttuneBackend),
                                       NAME,
                                       count_devices,
                                       describe_device,
                                       open_device,
                                       set_precision,
                                       gpu_cards_prepare,
                                       gpu_cards_invite,
                                       gpu_cards_join,
                                       gpu_cards_add_up,
                                       gpu_cards_share,
                                       gpu_cards_settle,
                                       gpu_cards_leave };

  return abi == ATTUNE_BACKEND_ABI ? &plugin : NULL;
}
