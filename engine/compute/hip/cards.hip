/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See cards.h. The library's functions are declared here as its documentation has them, which is the
 * same for both makers', so that neither is needed to build.
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
  CARDS_SUM = 0  /* ncclSum */
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
  void *comm; /* NULL before they join and after they have left */
  int n;
  hipStream_t stream; /* on which they exchange */
  hipEvent_t event;   /* what one stream waits for on the other */
  bool pending;       /* the stream that computes waits for them */
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
    find_function (library, "wait_for", &gpu_emu::waited);
  }
#endif
  if (find_function (library, "ncclGetUniqueId", &f->get_key)
      && find_function (library, "ncclCommInitRank", &f->init)
      && find_function (library, "ncclCommDestroy", &f->destroy)
      && find_function (library, "ncclCommAbort", &f->abort)
      && find_function (library, "ncclGroupStart", &f->group_start)
      && find_function (library, "ncclGroupEnd", &f->group_end)
      && find_function (library, "ncclReduce", &f->reduce)
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

/* --- joining and leaving */

gboolean
gpu_cards_prepare (AttuneBackend *be, GError **error)
{
  Gpu *gpu = gpu_of (be);
  CardsFunctions functions;
  GpuCards *self;

  if (!open_functions (&functions, error))
    return FALSE;
  gpu->cards = self = g_new0 (GpuCards, 1);
  self->functions = functions;
  if (gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen")
      && gpu_check (gpu, hipStreamCreateWithFlags (&self->stream, hipStreamNonBlocking),
                    "to exchange")
      && gpu_check (gpu, hipEventCreateWithFlags (&self->event, hipEventDisableTiming),
                    "to exchange"))
    return TRUE;
  gpu_cards_free (gpu);
  g_propagate_error (error, (GError *) g_steal_pointer (&gpu->failure));
  return FALSE;
}

gboolean
gpu_cards_invite (AttuneBackend *be, char key[ATTUNE_CARDS_KEY_BYTES], GError **error)
{
  const CardsFunctions *f = &gpu_of (be)->cards->functions;
  CardsKey made;

  if (!keep_meaning (f, f->get_key (&made), error))
    return FALSE;
  memcpy (key, made.bytes, sizeof made.bytes);
  return TRUE;
}

/* A value from each to each: connections are made when they are used first, which may block. */
static bool
greet (Gpu *gpu, float *value)
{
  g_autofree gint64 *cuts = g_new0 (gint64, gpu->cards->n + 1);

  for (int rank = 0; rank < gpu->cards->n; rank++)
    {
      for (int i = rank + 1; i <= gpu->cards->n; i++)
        cuts[i] = 1; /* all of it is @rank's */
      gpu_cards_add_up (&gpu->parent, value, cuts, 0, 1);
      gpu_cards_share (&gpu->parent, value, cuts);
      cuts[rank + 1] = 0;
    }
  gpu_cards_settle (&gpu->parent);
  return gpu_cards_wait (gpu) && gpu->failure == NULL;
}

gboolean
gpu_cards_join (AttuneBackend *be, const char key[ATTUNE_CARDS_KEY_BYTES], int rank, int n,
                GError **error)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = gpu->cards;
  float *value = NULL;
  CardsKey copy;

  self->n = n;
  memcpy (copy.bytes, key, sizeof copy.bytes);
  if (!gpu_check (gpu, hipSetDevice (gpu->device), "to be chosen")
      || !keep_meaning (&self->functions, self->functions.init (&self->comm, n, copy, rank), error))
    {
      self->comm = NULL;
      g_clear_error (&gpu->failure);
      return FALSE;
    }
  value = (float *) be->alloc (be, sizeof *value);
  if (value != NULL && greet (gpu, value))
    {
      be->release (be, value, sizeof *value);
      return TRUE;
    }
  gpu_cards_leave (be);
  be->release (be, value, sizeof *value);
  g_propagate_error (error, (GError *) g_steal_pointer (&gpu->failure));
  return FALSE;
}

void
gpu_cards_leave (AttuneBackend *be)
{
  GpuCards *self = gpu_of (be)->cards;

  if (self == NULL || self->comm == NULL)
    return;
  self->functions.abort (self->comm);
  self->comm = NULL;
  self->pending = false;
}

void
gpu_cards_free (Gpu *gpu)
{
  GpuCards *self = gpu->cards;

  if (self == NULL)
    return;
  if (self->comm != NULL)
    self->functions.destroy (self->comm);
  if (self->event != NULL)
    (void) hipEventDestroy (self->event);
  if (self->stream != NULL)
    (void) hipStreamDestroy (self->stream);
  g_free (self); /* the library itself stays */
  gpu->cards = NULL;
}

/* --- exchanging */

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

/* After a failure or where it has left, nothing is begun any more. */
static bool
begins (Gpu *gpu)
{
  return gpu->failure == NULL && gpu->cards->comm != NULL
         && let_wait (gpu, gpu->stream, gpu->cards->stream)
         && exchanged (gpu, gpu->cards->functions.group_start ());
}

void
gpu_cards_add_up (AttuneBackend *be, float *vector, const gint64 *cuts, gint64 from, gint64 to)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = gpu->cards;
  const CardsFunctions *f = &self->functions;

  if (!begins (gpu))
    return;
  for (int rank = 0; rank < self->n; rank++)
    {
      const gint64 first = MAX (from, cuts[rank]), n = MIN (to, cuts[rank + 1]) - first;
      float *part = vector + first;

      if (n > 0)
        exchanged (gpu, f->reduce (part, part, n, CARDS_F32, CARDS_SUM, rank, self->comm,
                                   self->stream));
    }
  exchanged (gpu, f->group_end ());
}

void
gpu_cards_share (AttuneBackend *be, float *vector, const gint64 *cuts)
{
  Gpu *gpu = gpu_of (be);
  GpuCards *self = gpu->cards;
  const CardsFunctions *f = &self->functions;

  if (!begins (gpu))
    return;
  for (int rank = 0; rank < self->n; rank++)
    {
      const gint64 n = cuts[rank + 1] - cuts[rank];
      float *part = vector + cuts[rank];

      if (n > 0)
        exchanged (gpu, f->broadcast (part, part, n, CARDS_F32, rank, self->comm, self->stream));
    }
  exchanged (gpu, f->group_end ());
}

void
gpu_cards_settle (AttuneBackend *be)
{
  Gpu *gpu = gpu_of (be);

  if (gpu->failure == NULL)
    gpu->cards->pending = let_wait (gpu, gpu->cards->stream, gpu->stream);
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
    {
      (void) hipGetLastError (); /* no failure, but it is kept as one */
      g_usleep (CARDS_LOOK);
    }
  self->pending = false;
  if (code != hipErrorNotReady)
    return gpu_check (gpu, code, "while it exchanged with others");
  (void) hipGetLastError ();
  gpu_fail (gpu, ATTUNE_COMPUTE_ERROR_DEVICE,
            "The graphics card %s has waited %d seconds for the others.", gpu->name, CARDS_SECONDS);
  gpu_cards_leave (&gpu->parent);
  return false;
}
