/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The call of an entry: where its arguments are on the device, and what it brings with it.
 */
#include "compute/hip/device.h"
#include "compute/hip/stored.h"

/* Of what lies in the host's memory, up to so much has its place in the ring. */
#define LARGEST_SMALL ((gsize) 64 << 10)

GpuCall::GpuCall (AttuneBackend *be)
    : gpu (gpu_of (be)), stream (gpu_of (be)->stream), n_guests (0), good_ (true)
{
  /* The library's choice of a device belongs to the thread. */
  good_ = gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen");
}

GpuCall::~GpuCall ()
{
  bool waited = false;

  gpu_check (gpu, hipGetLastError (), "to begin a kernel");
  for (int i = 0; i < n_guests; i++)
    {
      Guest *guest = &guests[i];

      if (good_ && guest->back && guest->bytes > 0)
        waited = gpu_check (gpu,
                            hipMemcpyAsync (guest->host, guest->device, guest->bytes,
                                            hipMemcpyDeviceToHost, stream),
                            "to give a result")
                 || waited;
    }
  if (waited)
    gpu_check (gpu, hipStreamSynchronize (stream), "while it computed");
  for (int i = 0; i < n_guests; i++)
    if (!guests[i].small && guests[i].device != NULL)
      {
        if (!waited)
          gpu_check (gpu, hipStreamSynchronize (stream), "while it computed");
        waited = true;
        (void) hipFree (guests[i].device);
      }
}

void *
GpuCall::find (const void *memory, gsize bytes, bool read, bool write)
{
  const GpuCopy *copy;

  if (good_ && memory == NULL && bytes > 0)
    {
      gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_MEMORY, "A tensor has no memory.");
      good_ = false;
    }
  if (!good_ || memory == NULL)
    return NULL;
  if (gpu_owns (gpu, memory))
    return (void *) memory;
  copy = gpu_find_copy (gpu, memory);
  if (copy != NULL && !write && (const char *) memory + bytes <= copy->host + copy->bytes)
    return copy->start + ((const char *) memory - copy->host);
  return host_guest (memory, bytes, read, write);
}

char *
GpuCall::host_guest (const void *memory, gsize bytes, bool read, bool write)
{
  Guest *guest;

  for (int i = 0; i < n_guests; i++)
    if (guests[i].host == memory && guests[i].bytes >= bytes)
      {
        guests[i].back = guests[i].back || write;
        return guests[i].device;
      }
  g_assert (n_guests < (int) G_N_ELEMENTS (guests));
  guest = &guests[n_guests++];
  *guest = (Guest) { (void *) memory, NULL, bytes, bytes <= LARGEST_SMALL, write };
  if (guest->small)
    {
      const gsize room = (bytes + 63) / 64 * 64;

      if (gpu->small_used + room > GPU_SMALL_BYTES)
        gpu->small_used = 0;
      guest->device = gpu->small + gpu->small_used;
      gpu->small_used += room;
    }
  else
    guest->device = gpu_take (gpu, bytes);
  good_ = guest->device != NULL
          && (!read || bytes == 0
              || gpu_check (
                  gpu, hipMemcpyAsync (guest->device, memory, bytes, hipMemcpyHostToDevice, stream),
                  "to take what it was given"));
  return good_ ? guest->device : NULL;
}

/* --- weights in a call */

/* Blocks that share scales with those before them. */
static void
find_scales (GpuCall *call, const AttuneTensor *t, GpuStored *out)
{
  const gint64 blocks = attune_tensor_count (t) / ATTUNE_FOUR_BITS_BLOCK;

  out->first_block = ((const guint8 *) t->data - t->scales->first) / 33;
  out->offset = t->scales->offset;
  out->second = call->list (t->scales->second, (out->first_block + blocks + ATTUNE_SECOND_BLOCK - 1)
                                                   / ATTUNE_SECOND_BLOCK);
  out->dynamic = call->list (attune_dynamic_table, 256);
}

bool
GpuCall::stored (const AttuneTensor *t, GpuStored *out)
{
  const GpuCopy *copy = gpu_find_copy (gpu, t->data);

  *out = GpuStored ();
  out->type = t->type;
  if (copy != NULL && copy->type != t->type)
    {
      const gsize skipped = (const char *) t->data - copy->host;
      const AttuneTypeInfo *info = attune_type_info (t->type);

      out->type = copy->type;
      out->data
          = (const uint8_t *) copy->start + skipped / info->bytes * info->block * sizeof (float);
      return good_;
    }
  if (!gpu_can_read (t->type))
    {
      gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                "The graphics card cannot read weights of the type %s where they lie.",
                attune_type_info (t->type)->name);
      return good_ = false;
    }
  out->data = (const uint8_t *) in (t);
  if (attune_type_is_double (t->type))
    find_scales (this, t, out);
  return good_;
}
