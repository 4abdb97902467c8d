/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See library.h. Functions are declared here as the libraries' documentation has them, so that
 * neither is needed to build: Debian's rocBLAS is 2 GB.
 */
#include "compute/hip/library.h"

#include <dlfcn.h>
#include <glob.h>

#if defined(GPU_TARGET_CUDA)
#define STRING(x) #x
#define STRING_VALUE(x) STRING (x)
/* cuBLAS has the toolkit's number. */
#define LIBRARY "libcublas.so." STRING_VALUE (CUDART_MAJOR)
#if !defined(CUDART_MAJOR)
#define CUDART_MAJOR __CUDACC_VER_MAJOR__
#endif
#define SYMBOL(name, cublas) cublas
enum
{
  NOT_TRANSPOSED = 0,
  TRANSPOSED = 1,
  OF_BF16 = 14, /* CUDA_R_16BF */
  OF_F16 = 2,
  OF_F32 = 0,
  IN_F32 = 68, /* CUBLAS_COMPUTE_32F */
  ANY_WAY = -1 /* CUBLAS_GEMM_DEFAULT */
};
typedef int (*MultiplyFunction) (void *handle, int op_a, int op_b, int m, int n, int k,
                                 const void *alpha, const void *a, int a_type, int lda,
                                 const void *b, int b_type, int ldb, const void *beta, void *c,
                                 int c_type, int ldc, int compute, int way);
#else
/* rocBLAS counts from 0 with ROCm 5, from 4 with 6, from 5 with 7. */
#if HIP_VERSION_MAJOR >= 7
#define LIBRARY "librocblas.so.5"
#elif HIP_VERSION_MAJOR == 6
#define LIBRARY "librocblas.so.4"
#else
#define LIBRARY "librocblas.so.0"
#endif
#define SYMBOL(name, cublas) "rocblas_" name
enum
{
  NOT_TRANSPOSED = 111,
  TRANSPOSED = 112,
  OF_BF16 = 168, /* rocblas_datatype_bf16_r */
  OF_F16 = 150,
  OF_F32 = 151,
  IN_F32 = 151,
  ANY_WAY = 0 /* rocblas_gemm_algo_standard */
};
typedef int (*MultiplyFunction) (void *handle, int op_a, int op_b, int m, int n, int k,
                                 const void *alpha, const void *a, int a_type, int lda,
                                 const void *b, int b_type, int ldb, const void *beta,
                                 const void *c, int c_type, int ldc, void *d, int d_type, int ldd,
                                 int compute, int way, int32_t solution, uint32_t flags);
#endif

/* alpha and beta lie there: both libraries' number for it */
#define ON_DEVICE 1

struct GpuLibrary
{
  void *handle;
  MultiplyFunction multiply;
  int (*destroy) (void *handle);
};

#if defined(GPU_TARGET_HIP)
/* rocBLAS ends the process at the first product when it has no kernels for the chip: look for their
 * files beside it. AMD's packages have them in rocblas/library, Debian's in
 * rocblas/VERSION/library.
 */
static bool
has_kernels (void *library, const char *chip)
{
  static const char *const folders[] = { "rocblas/library", "rocblas/*/library" };
  const int n = (int) strcspn (chip, ":");
  Dl_info info;

  if (!dladdr (dlsym (library, "rocblas_create_handle"), &info) || info.dli_fname == NULL)
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_path_get_dirname (info.dli_fname);
      g_autofree char *pattern = g_strdup_printf ("%s/%s/*%.*s*", folder, folders[i], n, chip);
      glob_t found;
      const int code = glob (pattern, GLOB_NOSORT, NULL, &found);

      globfree (&found);
      if (code == 0)
        return true;
    }
  return false;
}
#else
static bool
has_kernels (void *, const char *)
{
  return true;
}
#endif

/* The tests name a library of their own: rocBLAS's functions as plain loops. */
static const char *
library_name (void)
{
#if defined(GPU_TARGET_EMULATION)
  return g_getenv ("GPU_EMULATION_LIBRARY");
#else
  return LIBRARY;
#endif
}

struct GpuLibrary *
gpu_library_open (hipStream_t stream, const char *chip)
{
  const char *name = library_name ();
  void *library = name != NULL ? dlopen (name, RTLD_NOW | RTLD_LOCAL) : NULL, *handle = NULL;
  int (*create) (void **handle), (*destroy) (void *handle);
  int (*set_stream) (void *handle, hipStream_t stream), (*set_mode) (void *handle, int mode);
  MultiplyFunction multiply;
  GpuLibrary *self;

  if (library == NULL || !has_kernels (library, chip))
    return NULL;
  create = (int (*) (void **)) dlsym (library, SYMBOL ("create_handle", "cublasCreate_v2"));
  destroy = (int (*) (void *)) dlsym (library, SYMBOL ("destroy_handle", "cublasDestroy_v2"));
  set_stream = (int (*) (void *, hipStream_t)) dlsym (library,
                                                      SYMBOL ("set_stream", "cublasSetStream_v2"));
  set_mode = (int (*) (void *, int)) dlsym (
      library, SYMBOL ("set_pointer_mode", "cublasSetPointerMode_v2"));
  multiply = (MultiplyFunction) dlsym (library, SYMBOL ("gemm_ex", "cublasGemmEx"));
  if (create == NULL || destroy == NULL || set_stream == NULL || set_mode == NULL
      || multiply == NULL || create (&handle) != 0)
    return NULL;
  if (set_stream (handle, stream) != 0 || set_mode (handle, ON_DEVICE) != 0)
    {
      destroy (handle);
      return NULL;
    }
  self = g_new0 (GpuLibrary, 1);
  self->handle = handle;
  self->multiply = multiply;
  self->destroy = destroy;
  return self;
}

void
gpu_library_close (struct GpuLibrary *self)
{
  if (self == NULL)
    return;
  self->destroy (self->handle);
  g_free (self); /* the library itself stays */
}

/* They count by columns: cᵀ = bᵀ aᵀ, and what lies by rows is transposed to them. */
bool
gpu_library_multiply (struct GpuLibrary *self, float *c, int64_t ldc, const GpuFactor &a,
                      const GpuFactor &b, bool half, int64_t m, int64_t n, int64_t k,
                      const float *alpha, const float *beta)
{
#if defined(GPU_TARGET_EMULATION)
  gpu_emu::access guard; /* the tests' library reads the device's memory as a device does */
#endif
  const int of = half ? OF_F16 : OF_BF16, op_a = a.transposed ? TRANSPOSED : NOT_TRANSPOSED,
            op_b = b.transposed ? TRANSPOSED : NOT_TRANSPOSED;

#if defined(GPU_TARGET_CUDA)
  return self->multiply (self->handle, op_b, op_a, (int) n, (int) m, (int) k, alpha, b.data, of,
                         (int) b.ld, a.data, of, (int) a.ld, beta, c, OF_F32, (int) ldc, IN_F32,
                         ANY_WAY)
         == 0;
#else
  return self->multiply (self->handle, op_b, op_a, (int) n, (int) m, (int) k, alpha, b.data, of,
                         (int) b.ld, a.data, of, (int) a.ld, beta, c, OF_F32, (int) ldc, c, OF_F32,
                         (int) ldc, IN_F32, ANY_WAY, 0, 0)
         == 0;
#endif
}
