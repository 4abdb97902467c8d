/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The GPU backend's inside: a device with its stream and memory, and the call of an entry, which
 * gives kernels the places of their arguments. Private to compute/hip.
 */
#pragma once
#include "compute/backend.h"
#include "compute/four-bits.h"
#include "compute/hip/gpu.h"
#include "compute/plugin.h"

/* Threads of a block in kernels that go over elements. */
#define GPU_BLOCK 256
#define GPU_MAX_HEAD_DIM 512

/* Memory of the device that is the backend's. */
typedef struct
{
  char *start;
  gsize bytes;
} GpuPiece;

/* What keep() copied. */
typedef struct
{
  const char *host;
  gsize bytes; /* there */
  char *start;
  AttuneType type; /* f32 in the place of a stored type that the device does not read */
} GpuCopy;

typedef struct
{
  AttuneBackend parent;
  int device;
  char name[64];
  hipStream_t stream;
  GError *failure; /* the first since the last sync */
  GArray *pieces;  /* GpuPiece: of alloc() */
  GArray *copies;  /* GpuCopy, by their host addresses */
  char *small;     /* ring for lists that come with a call */
  gsize small_used;
  float *scratch; /* f32: decoded weights, sums of blocks; grows */
  gsize scratch_bytes;
  struct GpuLibrary *library;    /* (nullable): the maker's products */
  struct GpuCards *cards;        /* (nullable): the others that share the run */
  bool can[ATTUNE_N_PRECISIONS]; /* multiplies so, and its first products were right */
  AttunePrecision precision;     /* that is asked for */
} Gpu;

static inline Gpu *
gpu_of (AttuneBackend *be)
{
  return (Gpu *) be;
}

void gpu_fail (Gpu *gpu, AttuneComputeError code, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Keeps a failure unless @code is success. */
bool gpu_check (Gpu *gpu, hipError_t code, const char *what);

/* A ring for lists that come with calls: rows, positions, targets. Calls are in order, so a place
 * may be written again while the kernel of an earlier one is still to read it: the copy waits for
 * that.
 */
#define GPU_SMALL_BYTES ((gsize) 1 << 20)

/* Device memory of @bytes; NULL with a kept failure where there is none. */
char *gpu_take (Gpu *gpu, gsize bytes);
/* Whether @memory is in a piece that alloc() gave. */
bool gpu_owns (Gpu *gpu, const void *memory);
/* The copy that @memory is in; NULL: none. */
const GpuCopy *gpu_find_copy (Gpu *gpu, const void *memory);
/* Device memory of @bytes at least until the next call of it; NULL after a failure. */
void *gpu_scratch (Gpu *gpu, gsize bytes);

/* One call of an entry. What lies in the device's memory is used where it is; what keep() copied is
 * read there; everything else lies in the host's memory and is copied for the call, and back where
 * it is a result. After a failure all pointers are NULL: launch nothing. */
class GpuCall
{
public:
  explicit GpuCall (AttuneBackend *be);
  ~GpuCall ();

  const float *
  in (const AttuneTensor *t)
  {
    return t != NULL ? (const float *) find (t->data, attune_tensor_bytes (t), true, false) : NULL;
  }
  /* All of it is overwritten. */
  float *
  out (const AttuneTensor *t)
  {
    return t != NULL ? (float *) find (t->data, attune_tensor_bytes (t), false, true) : NULL;
  }
  float *
  inout (const AttuneTensor *t)
  {
    return t != NULL ? (float *) find (t->data, attune_tensor_bytes (t), true, true) : NULL;
  }
  /* A list in the host's memory that the kernel reads. */
  template <typename T>
  const T *
  list (const T *values, gsize n)
  {
    return values != NULL ? (const T *) find (values, n * sizeof (T), true, false) : NULL;
  }
  /* One that it writes. */
  template <typename T>
  T *
  result (T *values, gsize n)
  {
    return (T *) find (values, n * sizeof (T), false, true);
  }
  template <typename T>
  T *
  state (T *values, gsize n)
  {
    return (T *) find (values, n * sizeof (T), true, true);
  }
  /* Weights of any type that the device reads. FALSE after a failure. */
  bool stored (const AttuneTensor *t, struct GpuStored *out);
  bool
  good () const
  {
    return good_;
  }

  Gpu *gpu;
  hipStream_t stream;

private:
  struct Guest
  {
    void *host;
    char *device;
    gsize bytes;
    bool small, back;
  };

  void *find (const void *memory, gsize bytes, bool read, bool write);
  char *host_guest (const void *memory, gsize bytes, bool read, bool write);

  Guest guests[16];
  int n_guests;
  bool good_;
};

/* Blocks for a kernel over @n elements, which goes on by gpu_stride(). */
static inline dim3
gpu_grid (gint64 n)
{
  return dim3 ((unsigned) CLAMP ((n + GPU_BLOCK - 1) / GPU_BLOCK, 1, 65535));
}

/* --- the table's entries, by file */

/* memory.hip */
void gpu_fill_memory (AttuneBackend *be);
/* elementwise.hip */
void gpu_fill_elementwise (AttuneBackend *be);
/* gated.hip */
void gpu_fill_gated (AttuneBackend *be);
/* scaling.hip */
void gpu_fill_scaling (AttuneBackend *be);
/* random.hip */
void gpu_fill_random (AttuneBackend *be);
/* norm.hip */
void gpu_fill_norm (AttuneBackend *be);
/* rotary.hip */
void gpu_fill_rotary (AttuneBackend *be);
/* products-16.hip: the same with factors rounded to @precision, which is not f32 */
void gpu_multiply_nt_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *y,
                         const AttuneTensor *x, const AttuneTensor *w, float alpha, float beta);
void gpu_multiply_nn_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *dx,
                         const AttuneTensor *dy, const AttuneTensor *w, float alpha, float beta);
void gpu_multiply_tn_16 (AttuneBackend *be, AttunePrecision precision, const AttuneTensor *dw,
                         const AttuneTensor *dy, const AttuneTensor *x, float alpha, float beta);
/* rounded-products.hip; when there is a stream */
void gpu_fill_rounded_products (AttuneBackend *be, const char *chip);
/* products.hip */
void gpu_fill_products (AttuneBackend *be);
/* attention.hip, attention-backward.hip, attention-cached.hip */
void gpu_fill_attention (AttuneBackend *be);
void gpu_fill_attention_backward (AttuneBackend *be);
void gpu_fill_attention_cached (AttuneBackend *be);
/* rows.hip */
void gpu_fill_rows (AttuneBackend *be);
/* loss.hip */
void gpu_fill_loss (AttuneBackend *be);
/* label-loss.hip */
void gpu_fill_label_loss (AttuneBackend *be);
/* experts.hip */
void gpu_fill_experts (AttuneBackend *be);
/* optimizer.hip, adafactor.hip */
void gpu_fill_optimizer (AttuneBackend *be);
void gpu_fill_adafactor (AttuneBackend *be);
