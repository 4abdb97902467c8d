/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The device's memory: what layers ask for, and copies of weights.
 */
#include "compute/hip/cards.h"
#include "compute/hip/library.h"
#include "compute/hip/stored.h"

void
gpu_fail (Gpu *gpu, AttuneComputeError code, const char *format, ...)
{
  va_list args;

  if (gpu->failure != NULL)
    return;
  va_start (args, format);
  gpu->failure = g_error_new_valist (ATTUNE_COMPUTE_ERROR, code, format, args);
  va_end (args);
}

static void
fail_for_memory (Gpu *gpu, gsize bytes)
{
  size_t unused = 0, all = 0;
  g_autofree char *size = g_format_size (bytes), *rest = NULL;

  if (hipMemGetInfo (&unused, &all) != hipSuccess)
    (void) hipGetLastError ();
  rest = g_format_size (unused);
  gpu_fail (
      gpu, ATTUNE_COMPUTE_ERROR_MEMORY,
      "There is not enough memory on the graphics card %s: %s were asked for, and %s are "
      "left. A model in fewer bits (--method qlora) or fewer tokens at once take less, or let "
      "the processor do it (--device cpu).",
      gpu->name, size, rest);
}

bool
gpu_check (Gpu *gpu, hipError_t code, const char *what)
{
  if (code == hipSuccess)
    return true;
  (void) hipGetLastError ();
  gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE, "The graphics card %s failed %s: %s.", gpu->name,
            what, hipGetErrorString (code));
  return false;
}

char *
gpu_take (Gpu *gpu, gsize bytes)
{
  char *memory = NULL;
  const hipError_t code
      = bytes > G_MAXSSIZE ? hipErrorOutOfMemory : hipMalloc (&memory, MAX (bytes, 1));

  if (code == hipSuccess)
    return memory;
  (void) hipGetLastError ();
  if (code == hipErrorOutOfMemory)
    fail_for_memory (gpu, bytes);
  else
    gpu_check (gpu, code, "while memory was asked for");
  return NULL;
}

void *
gpu_scratch (Gpu *gpu, gsize bytes)
{
  if (bytes <= gpu->scratch_bytes)
    return gpu->scratch;
  /* Kernels may still be at work in the old one. */
  if (!gpu_check (gpu, hipStreamSynchronize (gpu->stream), "while it computed"))
    return NULL;
  if (gpu->scratch != NULL)
    (void) hipFree (gpu->scratch);
  gpu->scratch = (float *) gpu_take (gpu, bytes);
  gpu->scratch_bytes = gpu->scratch != NULL ? bytes : 0;
  return gpu->scratch;
}

/* --- what lies where */

static bool
is_inside (const GpuPiece *piece, const void *memory)
{
  return (const char *) memory >= piece->start
         && (const char *) memory < piece->start + MAX (piece->bytes, 1);
}

bool
gpu_owns (Gpu *gpu, const void *memory)
{
  for (guint i = 0; i < gpu->pieces->len; i++)
    if (is_inside (&g_array_index (gpu->pieces, GpuPiece, i), memory))
      return true;
  return false;
}

const GpuCopy *
gpu_find_copy (Gpu *gpu, const void *memory)
{
  const char *wanted = (const char *) memory;
  guint low = 0, high = gpu->copies->len;
  const GpuCopy *copy;

  while (low < high) /* the first that begins behind it */
    {
      const guint middle = (low + high) / 2;

      if (g_array_index (gpu->copies, GpuCopy, middle).host <= wanted)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return NULL;
  copy = &g_array_index (gpu->copies, GpuCopy, low - 1);
  return wanted < copy->host + copy->bytes ? copy : NULL;
}

/* --- entries */

static void *
gpu_alloc (AttuneBackend *be, gsize bytes)
{
  Gpu *gpu = gpu_of (be);
  GpuPiece piece = { NULL, bytes };

  if (!gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen"))
    return NULL;
  piece.start = gpu_take (gpu, bytes);
  if (piece.start == NULL)
    return NULL;
  if (!gpu_check (gpu, hipMemsetAsync (piece.start, 0, MAX (bytes, 1), gpu->stream),
                  "to clear its memory"))
    {
      (void) hipFree (piece.start);
      return NULL;
    }
  g_array_append_val (gpu->pieces, piece);
  return piece.start;
}

static void
gpu_release (AttuneBackend *be, void *memory, gsize bytes)
{
  Gpu *gpu = gpu_of (be);

  for (guint i = 0; memory != NULL && i < gpu->pieces->len; i++)
    if (g_array_index (gpu->pieces, GpuPiece, i).start == memory)
      {
        g_array_remove_index_fast (gpu->pieces, i);
        gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen");
        gpu_check (gpu, hipStreamSynchronize (gpu->stream), "while it computed");
        (void) hipFree (memory);
        return;
      }
}

static void
gpu_upload (AttuneBackend *be, void *memory, const void *from, gsize bytes)
{
  Gpu *gpu = gpu_of (be);

  if (bytes == 0 || !gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen"))
    return;
  gpu_check (gpu, hipMemcpyAsync (memory, from, bytes, hipMemcpyHostToDevice, gpu->stream),
             "to take what it was given");
  gpu_check (gpu, hipStreamSynchronize (gpu->stream), "while it computed");
}

static void
gpu_download (AttuneBackend *be, void *to, const void *memory, gsize bytes)
{
  Gpu *gpu = gpu_of (be);

  if (bytes == 0 || !gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen"))
    return;
  gpu_check (gpu, hipMemcpyAsync (to, memory, bytes, hipMemcpyDeviceToHost, gpu->stream),
             "to give a result");
  gpu_check (gpu, hipStreamSynchronize (gpu->stream), "while it computed");
}

/* Copies @n bytes at @bytes, which stand for @t. */
static void
keep_bytes (Gpu *gpu, const AttuneTensor *t, const void *bytes, gsize n, AttuneType type)
{
  GpuCopy copy = { (const char *) t->data, (gsize) attune_tensor_bytes (t), gpu_take (gpu, n), type };
  guint at = 0;

  if (copy.start == NULL)
    return;
  while (at < gpu->copies->len && g_array_index (gpu->copies, GpuCopy, at).host < copy.host)
    at++;
  g_array_insert_val (gpu->copies, at, copy);
  gpu_upload (&gpu->parent, copy.start, bytes, n);
}

static void
gpu_keep (AttuneBackend *be, const AttuneTensor *w)
{
  Gpu *gpu = gpu_of (be);
  const gint64 n = attune_tensor_count (w);
  g_autofree float *values = NULL;

  if (w->data == NULL || n == 0 || gpu_owns (gpu, w->data) || gpu_find_copy (gpu, w->data) != NULL
      || !gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen"))
    return;
  if (gpu_can_read (w->type))
    {
      keep_bytes (gpu, w, w->data, attune_tensor_bytes (w), w->type);
      return;
    }
  values = g_new (float, n);
  attune_tensor_decode (values, w, 0, n);
  keep_bytes (gpu, w, values, n * sizeof (float), ATTUNE_TYPE_F32);
}

static GError *
gpu_sync (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  if (gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen") && gpu_cards_wait (gpu))
    gpu_check (gpu, hipStreamSynchronize (gpu->stream), "while it computed");
  return (GError *) g_steal_pointer (&gpu->failure);
}

static void
gpu_destroy (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  (void) hipSetDevice (gpu->device);
  gpu_cards_free (gpu);
  if (gpu->stream != NULL || gpu->small != NULL)
    (void) hipStreamSynchronize (gpu->stream);
  for (guint i = 0; i < gpu->pieces->len; i++)
    (void) hipFree (g_array_index (gpu->pieces, GpuPiece, i).start);
  for (guint i = 0; i < gpu->copies->len; i++)
    (void) hipFree (g_array_index (gpu->copies, GpuCopy, i).start);
  g_array_unref (gpu->pieces);
  g_array_unref (gpu->copies);
  gpu_library_close (gpu->library);
  if (gpu->small != NULL)
    (void) hipFree (gpu->small);
  if (gpu->scratch != NULL)
    (void) hipFree (gpu->scratch);
  if (gpu->stream != NULL)
    (void) hipStreamDestroy (gpu->stream);
  g_clear_error (&gpu->failure);
  g_free (gpu);
}

void
gpu_fill_memory (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  gpu->pieces = g_array_new (FALSE, FALSE, sizeof (GpuPiece));
  gpu->copies = g_array_new (FALSE, FALSE, sizeof (GpuCopy));
  gpu->small = gpu_take (gpu, GPU_SMALL_BYTES);
  be->destroy = gpu_destroy;
  be->alloc = gpu_alloc;
  be->release = gpu_release;
  be->upload = gpu_upload;
  be->download = gpu_download;
  be->keep = gpu_keep;
  be->sync = gpu_sync;
}
