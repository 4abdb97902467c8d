/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The run-time API of the emulated GPU: every call is done when it returns. Part of
 * gpu-emulation.h.
 *
 * GPU_EMULATION_FAULT, read at every call, is what goes wrong, by commas:
 *   devices=N   so many cards, none to 8; otherwise one
 *   first=N     bytes of memory of the first card
 *   taken=N     no more than N bytes can be had of a card, whatever it says is free: another
 *               program has the rest
 *   kernels=0   the chip is one that there are no kernels for
 *   lost=0      the card does not answer any more
 *   slow=N      of N + 1 times that a stream is asked whether it is done, N say that it is not
 */
#pragma once

typedef int hipError_t;
typedef void *hipStream_t;
typedef struct gpu_emu_event *hipEvent_t;
struct hipDeviceProp_t
{
  char name[256];
};
enum
{
  hipSuccess = 0,
  hipErrorInvalidValue = 1,
  hipErrorOutOfMemory = 2,
  hipErrorNoDevice = 100,
  hipErrorNoBinaryForGpu = 209,
  hipErrorNotReady = 600,
  hipErrorUnknown = 999
};
enum
{
  hipMemcpyHostToDevice = 1,
  hipMemcpyDeviceToHost,
  hipMemcpyDeviceToDevice
};
enum
{
  hipStreamNonBlocking = 1,
  hipEventDisableTiming
};

/* What a stream has come to. */
struct gpu_emu_event
{
  hipStream_t stream;
};

namespace gpu_emu
{

/* The tests' library between cards does its part when somebody waits for its stream. */
inline int (*waited) (void *stream);
/* What hipGetLastError() has to tell of this thread. */
inline thread_local hipError_t last;
inline thread_local long long n_asked;

/* The number that is set for a fault; -1: none. */
inline long long
fault (const char *name)
{
  const char *set = getenv ("GPU_EMULATION_FAULT"), *at = set ? strstr (set, name) : nullptr;
  size_t n = strlen (name);
  return at && at[n] == '=' ? atoll (at + n + 1) : -1;
}

inline hipError_t
answer (hipError_t code = hipSuccess)
{
  return fault ("lost") >= 0 ? hipErrorUnknown : code;
}

inline size_t
memory_of (int of)
{
  long long first = fault ("first");
  return of == 0 && first >= 0 && first < (long long) device_max ? first : device_max;
}

inline bool
begins ()
{
  return fault ("lost") < 0 && fault ("kernels") < 0;
}

} // namespace gpu_emu

inline hipError_t
hipGetDeviceCount (int *n)
{
  long long devices = gpu_emu::fault ("devices");
  *n = devices >= 0 && devices <= 8 ? (int) devices : 1;
  return *n ? hipSuccess : hipErrorNoDevice;
}
inline hipError_t
hipSetDevice (int d)
{
  int n;
  if (hipGetDeviceCount (&n) != hipSuccess || d < 0 || d >= n)
    return hipErrorNoDevice;
  gpu_emu::device = d;
  return gpu_emu::answer ();
}
inline hipError_t
hipGetDeviceProperties (hipDeviceProp_t *p, int d)
{
  *p = hipDeviceProp_t{ "CPU emulation" };
  if (d > 0)
    snprintf (p->name, sizeof p->name, "CPU emulation %d", d + 1);
  return gpu_emu::answer ();
}
inline hipError_t
hipMemGetInfo (size_t *f, size_t *t)
{
  size_t used = gpu_emu::memory_used (gpu_emu::device);
  *t = gpu_emu::memory_of (gpu_emu::device);
  *f = *t > used ? *t - used : 0;
  return gpu_emu::answer ();
}
template <typename T>
inline hipError_t
hipMalloc (T **p, size_t n)
{
  long long most = gpu_emu::fault ("taken");
  size_t used = gpu_emu::memory_used (gpu_emu::device), all = gpu_emu::memory_of (gpu_emu::device);
  if (most >= 0 && (size_t) most < all)
    all = (size_t) most;
  *p = nullptr;
  if (gpu_emu::answer () != hipSuccess)
    return hipErrorUnknown;
  if (n > all || used > all - n)
    return hipErrorOutOfMemory;
  *p = static_cast<T *> (gpu_emu::take_memory (n));
  return *p ? hipSuccess : hipErrorOutOfMemory;
}
inline hipError_t
hipFree (void *p)
{
  return gpu_emu::answer (gpu_emu::release_memory (p) ? hipSuccess : hipErrorInvalidValue);
}
inline hipError_t
hipMemcpyAsync (void *d, const void *s, size_t n, int, hipStream_t)
{
  if (gpu_emu::answer () != hipSuccess)
    return hipErrorUnknown;
  gpu_emu::access guard;
  memcpy (d, s, n);
  return hipSuccess;
}
inline hipError_t
hipMemsetAsync (void *d, int c, size_t n, hipStream_t)
{
  if (gpu_emu::answer () != hipSuccess)
    return hipErrorUnknown;
  gpu_emu::access guard;
  memset (d, c, n);
  return hipSuccess;
}
inline hipError_t
hipStreamCreateWithFlags (hipStream_t *s, unsigned)
{
  *s = new char; /* that they differ is all */
  return gpu_emu::answer ();
}
inline hipError_t
hipStreamDestroy (hipStream_t s)
{
  delete (char *) s;
  return hipSuccess;
}
inline hipError_t
hipStreamSynchronize (hipStream_t)
{
  return gpu_emu::answer ();
}
inline hipError_t
hipStreamQuery (hipStream_t)
{
  long long slow = gpu_emu::fault ("slow");
  if (slow > 0 && gpu_emu::n_asked++ % (slow + 1) < slow)
    return gpu_emu::last = hipErrorNotReady;
  return gpu_emu::answer ();
}
inline hipError_t
hipStreamWaitEvent (hipStream_t, hipEvent_t e, unsigned)
{
  if (gpu_emu::waited && gpu_emu::waited (e->stream) != 0)
    return hipErrorUnknown;
  return gpu_emu::answer ();
}
inline hipError_t
hipEventCreateWithFlags (hipEvent_t *e, unsigned)
{
  *e = new gpu_emu_event{ nullptr };
  return gpu_emu::answer ();
}
inline hipError_t
hipEventRecord (hipEvent_t e, hipStream_t s)
{
  e->stream = s;
  return gpu_emu::answer ();
}
inline hipError_t
hipEventDestroy (hipEvent_t e)
{
  delete e;
  return hipSuccess;
}
inline hipError_t
hipGetLastError ()
{
  hipError_t kept = gpu_emu::last;
  gpu_emu::last = hipSuccess;
  if (kept != hipSuccess)
    return kept;
  return gpu_emu::answer (gpu_emu::fault ("kernels") < 0 ? hipSuccess : hipErrorNoBinaryForGpu);
}
inline const char *
hipGetErrorString (hipError_t e)
{
  return e == hipErrorOutOfMemory      ? "out of memory"
         : e == hipErrorNoBinaryForGpu ? "no kernel image is available for execution on the device"
         : e == hipErrorNoDevice       ? "no device"
         : e                           ? "unknown error"
                                       : "no error";
}
