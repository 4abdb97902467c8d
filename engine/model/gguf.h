/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * GGUF v2 and v3, read memory-mapped and written. Every count, length and offset is checked before
 * it is used.
 */
#pragma once
#include "compute/tensor.h"

G_BEGIN_DECLS

#define ATTUNE_MODEL_ERROR (attune_model_error_quark ())
typedef enum
{
  ATTUNE_MODEL_ERROR_OPEN,        /* missing, no permission */
  ATTUNE_MODEL_ERROR_FORMAT,      /* not such a file, truncated, or it contradicts itself */
  ATTUNE_MODEL_ERROR_UNSUPPORTED, /* a family or type that this version cannot use */
} AttuneModelError;
GQuark attune_model_error_quark (void);

typedef struct _AttuneGguf AttuneGguf;

/* Maps the file read-only. Returns: (transfer full). */
AttuneGguf *attune_gguf_open (const char *path, GError **error);
/* The same for bytes at hand; keeps a reference. @path: the name that errors show. */
AttuneGguf *attune_gguf_open_bytes (GBytes *bytes, const char *path, GError **error);
void attune_gguf_close (AttuneGguf *self);

guint attune_gguf_n_tensors (const AttuneGguf *self);
const char *attune_gguf_tensor_name (const AttuneGguf *self, guint i);
/* A view into the map, rows first as everywhere in Attune (GGUF's own order is reversed); %NULL
 * when there is none. */
const AttuneTensor *attune_gguf_find_tensor (const AttuneGguf *self, const char *name);
gsize attune_gguf_get_size (const AttuneGguf *self); /* bytes of the file */
/* What was read of the file counts no longer as this process's memory; it is read again where it is
 * needed. */
void attune_gguf_release_pages (const AttuneGguf *self);

/* Metadata. The getters return FALSE when the key is missing or of another type. Strings and arrays
 * are borrowed. */
gboolean attune_gguf_get_uint (const AttuneGguf *self, const char *key,
                               guint64 *value); /* any integer type, >= 0 */
gboolean attune_gguf_get_double (const AttuneGguf *self, const char *key, double *value);
gboolean attune_gguf_get_bool (const AttuneGguf *self, const char *key, gboolean *value);
const char *attune_gguf_get_string (const AttuneGguf *self,
                                    const char *key); /* NUL-terminated copy, or %NULL */
const char *const *attune_gguf_get_strings (const AttuneGguf *self, const char *key, guint *n);
const gint32 *attune_gguf_get_ints (const AttuneGguf *self, const char *key, guint *n);
const float *attune_gguf_get_floats (const AttuneGguf *self, const char *key, guint *n);

/* All of it, in the file's order. */
guint attune_gguf_n_keys (const AttuneGguf *self);
const char *attune_gguf_key (const AttuneGguf *self, guint i);

/* --- writing */

typedef struct _AttuneGgufWriter AttuneGgufWriter;

AttuneGgufWriter *attune_gguf_writer_new (void);
void attune_gguf_writer_free (AttuneGgufWriter *self);
void attune_gguf_writer_set_uint (AttuneGgufWriter *self, const char *key, guint32 value);
void attune_gguf_writer_set_float (AttuneGgufWriter *self, const char *key, float value);
void attune_gguf_writer_set_bool (AttuneGgufWriter *self, const char *key, gboolean value);
void attune_gguf_writer_set_string (AttuneGgufWriter *self, const char *key, const char *value);
void attune_gguf_writer_set_strings (AttuneGgufWriter *self, const char *key,
                                     const char *const *values, guint n);
void attune_gguf_writer_set_ints (AttuneGgufWriter *self, const char *key, const gint32 *values,
                                  guint n);
void attune_gguf_writer_set_floats (AttuneGgufWriter *self, const char *key, const float *values,
                                    guint n);
void attune_gguf_writer_set_bytes (AttuneGgufWriter *self, const char *key, const guint8 *values,
                                   guint n);
/* Sets what @gguf says under @key as it stands there, whatever its type. */
void attune_gguf_writer_copy (AttuneGgufWriter *self, const AttuneGguf *gguf, const char *key);

/* @fill: writes the tensor's bytes (attune_tensor_bytes()) into memory given to it, when its turn
 * has come; so that a whole merged model is never in memory. @shape: type and dims; data is not
 * used. */
typedef gboolean (*AttuneTensorFill) (gpointer data, const char *name, void *bytes, GError **error);
void attune_gguf_writer_add_tensor (AttuneGgufWriter *self, const char *name,
                                    const AttuneTensor *shape);
/* Writes to @path as it is: wrap it in attune_file_replace(). */
gboolean attune_gguf_writer_write (AttuneGgufWriter *self, const char *path, AttuneTensorFill fill,
                                   gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneGguf, attune_gguf_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneGgufWriter, attune_gguf_writer_free)

G_END_DECLS
