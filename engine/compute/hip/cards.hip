/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See cards.h. CardsFunctions are declared here as the libraries' documentation has them, which is the
 * same for both, so that neither is needed to build.
 */
#include "compute/hip/cards.h"

#include <dlfcn.h>

#if defined(GPU_TARGET_CUDA)
#define CARDS_LIBRARY "libnccl.so.2"
#else
#define CARDS_LIBRARY "librccl.so.1"
#endif

/* A card that has died lets the others wait for ever. */
#define CARDS_SECONDS 120
#define CARDS_LOOK 50

enum
{
  CARDS_F32 = 7, /* ncclFloat32 */
  CARDS_SUM = 0     /* ncclSum */
};

typedef struct
{
  char bytes[ATTUNE_CARDS_KEY_BYTES]; /* ncclUniqueId */
} CardsKey;

/* Of the library. They give 0, or a number that error() has words for. */
typedef struct
{
  int (*get_key) (CardsKey *key);
  int (*init) (void **comm, int n, CardsKey key, int rank);
  int (*destroy) (void *comm);
  int (*abort) (void *comm);
  int (*group_start) (void);
  int (*group_end) (void);
  int (*reduce) (const void *from, void *to, size_t n, int type, int operation, int root,
                 void *comm, hipStream_t stream);
  int (*broadcast) (const void *from, void *to, size_t n, int type, int root, void *comm,
                    hipStream_t stream);
  const char *(*error) (int code);
} CardsFunctions;

struct GpuCards
{
  CardsFunctions functions;
  void *comm;
  int n;
  hipStream_t stream; /* on which they exchange */
  hipEvent_t event;   /* what one stream waits for on the other */
  bool pending;       /* since the last wait */
};

#if defined(GPU_TARGET_EMULATION)
static void
with_access (void (*work) (void *data), void *data)
{
  gpu_emu::access guard;

  work (data);
}
#endif

/* The tests name a library of their own: NCCL's functions among threads. */
static const char *
cards_library_name (void)
{
#if defined(GPU_TARGET_EMULATION)
  return g_getenv ("GPU_EMULATION_CARDS");
#else
  return CARDS_LIBRARY;
#endif
}

template <typename T>
static bool
find_function (void *library, const char *name, T *function)
{
  *function = (T) dlsym (library, name);
  return *function != NULL;
}

static gboolean
open_functions (CardsFunctions *f, GError **error)
{
  const char *name = cards_library_name ();
  void *library = name != NULL ? dlopen (name, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) : NULL;

  if (library == NULL)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The graphics cards exchange through the computer's memory, which is slower: "
                   "the library %s is not installed.",
                   CARDS_LIBRARY);
      return FALSE;
    }
#if defined(GPU_TARGET_EMULATION)
  {
    void (*set_access) (void (*with) (void (*work) (void *data), void *data));

    if (find_function (library, "set_access", &set_access))
      set_access (with_access);
  }
#endif
  if (find_function (library, "ncclGetUniqueId", &f->get_key)
      && find_function (library, "ncclCommInitRank", &f->init)
      && find_function (library, "ncclCommDestroy", &f->destroy)
      && find_function (library, "ncclCommAbort", &f->abort)
      && find_function (library, "ncclGroupStart", &f->group_start)
      && find_function (library, "ncclGroupEnd", &f->group_end) && find_function (library, "ncclReduce", &f->reduce)
      && find_function (library, "ncclBroadcast", &f->broadcast)
      && find_function (library, "ncclGetErrorString", &f->error))
    return TRUE;
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
               "The graphics cards exchange through the computer's memory, which is slower: the "
               "library %s is not one that Attune knows.",
               CARDS_LIBRARY);
  return FALSE;
}

static gboolean
keep_meaning (const CardsFunctions *f, int code, GError **error)
{
  if (code == 0)
    return TRUE;
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
               "The graphics cards exchange through the computer's memory, which is slower: they "
               "cannot reach each other (%s).",
               f->error (code));
  return FALSE;
}

gboolean
gpu_cards_invite (char key[ATTUNE_CARDS_KEY_BYTES], GError **error)
{
  CardsFunctions f;
  CardsKey made;

  if (!open_functions (&f, error) || !keep_meaning (&f, f.get_key (&made), error))
    return FALSE;
  memcpy (key, made.bytes, sizeof made.bytes);
  return TRUE;
}

gboolean
gpu_cards_join (AttuneBackend *be, const char key[ATTUNE_CARDS_KEY_BYTES], int rank, int n,
                GError **error)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = g_new0 (GpuCards, 1);
  CardsKey copy;

  self->n = n;
  memcpy (copy.bytes, key, sizeof copy.bytes);
  if (!gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen")
      || !gpu_check (gpu, hipStreamCreateWithFlags (&self->stream, hipStreamNonBlocking),
                     "to exchange")
      || !gpu_check (gpu, hipEventCreateWithFlags (&self->event, hipEventDisableTiming),
                     "to exchange"))
    {
      g_propagate_error (error, (GError *) g_steal_pointer (&gpu->failure));
      gpu_cards_leave (self);
      return FALSE;
    }
  if (!open_functions (&self->functions, error)
      || !keep_meaning (&self->functions, self->functions.init (&self->comm, n, copy, rank), error))
    {
      self->comm = NULL;
      gpu_cards_leave (self);
      return FALSE;
    }
  gpu->cards = self;
  return TRUE;
}

void
gpu_cards_leave (GpuCards *self)
{
  if (self == NULL)
    return;
  if (self->comm != NULL)
    self->functions.destroy (self->comm);
  if (self->event != NULL)
    (void) hipEventDestroy (self->event);
  if (self->stream != NULL)
    (void) hipStreamDestroy (self->stream);
  g_free (self); /* the library itself stays */
}

/* --- */

static bool
exchanged (Gpu *gpu, int code)
{
  if (code != 0)
    gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE,
              "The graphics card %s failed to exchange with the others: %s.", gpu->name,
              gpu->cards->functions.error (code));
  return code == 0;
}

/* What comes on @second waits for what is on @first now. */
static bool
let_wait (Gpu *gpu, hipStream_t first, hipStream_t second)
{
  return gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen")
         && gpu_check (gpu, hipEventRecord (gpu->cards->event, first), "to exchange")
         && gpu_check (gpu, hipStreamWaitEvent (second, gpu->cards->event, 0), "to exchange");
}

void
gpu_cards_add_up (AttuneBackend *be, float *vector, const gint64 *cuts, gint64 from, gint64 to)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = gpu->cards;
  const CardsFunctions *f = &self->functions;

  if (!let_wait (gpu, gpu->stream, self->stream) || !exchanged (gpu, f->group_start ()))
    return;
  for (int rank = 0; rank < self->n; rank++)
    {
      const gint64 first = MAX (from, cuts[rank]), n = MIN (to, cuts[rank + 1]) - first;

      if (n > 0)
        exchanged (gpu, f->reduce (vector + first, vector + first, n, CARDS_F32, CARDS_SUM, rank, self->comm,
                               self->stream));
    }
  exchanged (gpu, f->group_end ());
  self->pending = true;
}

void
gpu_cards_share (AttuneBackend *be, float *vector, const gint64 *cuts)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = gpu->cards;
  const CardsFunctions *f = &self->functions;

  if (!let_wait (gpu, gpu->stream, self->stream) || !exchanged (gpu, f->group_start ()))
    return;
  for (int rank = 0; rank < self->n; rank++)
    {
      float *part = vector + cuts[rank];

      if (cuts[rank + 1] > cuts[rank])
        exchanged (gpu, f->broadcast (part, part, cuts[rank + 1] - cuts[rank], CARDS_F32, rank, self->comm,
                                  self->stream));
    }
  exchanged (gpu, f->group_end ());
  self->pending = true;
}

void
gpu_cards_settle (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  let_wait (gpu, gpu->cards->stream, gpu->stream);
}

bool
gpu_cards_wait (Gpu *gpu)
{
  GpuCards *self = gpu->cards;
  const gint64 until = g_get_monotonic_time () + CARDS_SECONDS * G_USEC_PER_SEC;
  hipError_t code;

  if (self == NULL || !self->pending)
    return true;
  while ((code = hipStreamQuery (gpu->stream)) == hipErrorNotReady
         && g_get_monotonic_time () < until)
    g_usleep (CARDS_LOOK);
  if (code != hipErrorNotReady)
    {
      self->pending = false;
      return gpu_check (gpu, code, "while it exchanged with others");
    }
  gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE,
            "The graphics card %s has waited %d seconds for the others.", gpu->name, CARDS_SECONDS);
  self->functions.abort (self->comm);
  self->comm = NULL;
  return false;
}
