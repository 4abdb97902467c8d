/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The emulated devices' memory. Part of gpu-emulation.h.
 */
#pragma once

namespace gpu_emu
{

/* Device memory. Without AddressSanitizer it is one region that nobody may touch but while a kernel
 * or a copy runs; each piece is a number of pages of it. */
struct piece
{
  size_t first, size;
  int device;
  piece *next;
}; /* in order */
inline std::recursive_mutex one;
inline char *region;
inline piece *pieces;
inline unsigned n_inside;
constexpr size_t page = 4096;

GPU_EMU_RAW inline void
protect (int how)
{
  GPU_EMU_ASAN ((void) how; return;)
  size_t end = 0;
  for (piece *p = pieces; p; p = p->next)
    end = p->first + p->size;
  if (end && mprotect (region, end, how))
    die ("the device's memory cannot be protected", nullptr, 0);
}

struct access
{
  GPU_EMU_RAW
  access ()
  {
    one.lock ();
    if (n_inside++ == 0)
      protect (PROT_READ | PROT_WRITE);
  }
  GPU_EMU_RAW ~access ()
  {
    if (--n_inside == 0)
      protect (PROT_NONE);
    one.unlock ();
  }
};

inline thread_local int device; /* the thread's choice */

/* Of a device. */
inline size_t
memory_used (int of)
{
  std::lock_guard<std::recursive_mutex> lock (one);
  size_t used = 0;
  for (piece *p = pieces; p; p = p->next)
    used += p->device == of ? p->size : 0;
  return used;
}

inline void *
take_memory (size_t n)
{
  std::lock_guard<std::recursive_mutex> lock (one);
  if (n > device_max)
    return nullptr;
  GPU_EMU_ASAN (void *m = nullptr; if (posix_memalign (&m, 64, n ? n : 1)) return nullptr;
                pieces = new piece{ (size_t) m, n, device, pieces }; return memset (m, 0xff, n);)
  size_t size = (n + page - 1) / page * page + page, at = 0; /* the last page stays empty */
  piece **link = &pieces;
  for (; *link && (*link)->first - at < size; link = &(*link)->next)
    at = (*link)->first + (*link)->size;
  if (at + size > device_max)
    return nullptr;
  if (!region)
    region = static_cast<char *> (
        mmap (nullptr, device_max, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  *link = new piece{ at, size, device, *link };
  access guard;
  memset (region + at, 0xff, n);
  return region + at;
}

inline bool
release_memory (void *memory)
{
  std::lock_guard<std::recursive_mutex> lock (one);
  for (piece **link = &pieces; *link; link = &(*link)->next)
    if ((uintptr_t) region + (*link)->first == (uintptr_t) memory) /* region: none with ASan */
      {
        piece *old = *link;
        *link = old->next;
        GPU_EMU_ASAN (free (memory); delete old; return true;)
        mprotect (memory, old->size, PROT_NONE);
        madvise (memory, old->size, MADV_DONTNEED);
        delete old;
        return true;
      }
  return memory == nullptr;
}

} // namespace gpu_emu
