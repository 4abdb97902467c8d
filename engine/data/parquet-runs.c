/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a Parquet page: how it is packed, and its runs of small numbers.
 */
#include "data/parquet-private.h"

#include <libdeflate.h>
#include <snappy-c.h>
#include <string.h>
#include <zstd.h>

enum
{
  NOT_PACKED = 0,
  SNAPPY = 1,
  GZIP = 2,
  ZSTD = 6,
};

gboolean
attune_parquet_knows_codec (gint64 codec)
{
  return codec == NOT_PACKED || codec == SNAPPY || codec == GZIP || codec == ZSTD;
}

static gboolean
unpack_gzip (const guint8 *from, gsize n_from, guint8 *to, gsize n_to)
{
  struct libdeflate_decompressor *unpacker = libdeflate_alloc_decompressor ();
  enum libdeflate_result result
      = libdeflate_gzip_decompress (unpacker, from, n_from, to, n_to, NULL);

  libdeflate_free_decompressor (unpacker);
  return result == LIBDEFLATE_SUCCESS;
}

gboolean
attune_parquet_unpack (gint64 codec, const guint8 *from, gsize n_from, guint8 *to, gsize n_to)
{
  gsize n = n_to;

  switch (codec)
    {
    case NOT_PACKED:
      if (n_from != n_to)
        return FALSE;
      memcpy (to, from, n_to);
      return TRUE;
    case SNAPPY:
      return snappy_uncompressed_length ((const char *) from, n_from, &n) == SNAPPY_OK && n == n_to
             && snappy_uncompress ((const char *) from, n_from, (char *) to, &n) == SNAPPY_OK;
    case GZIP:
      return unpack_gzip (from, n_from, to, n_to);
    case ZSTD:
      return ZSTD_decompress (to, n_to, from, n_from) == n_to;
    default:
      return FALSE;
    }
}

/* Begins the next run, or the next eight values that are packed, and more. */
static gboolean
next_run (AttuneParquetRuns *self)
{
  AttuneThrift bytes = { self->at, self->end };
  const guint64 head = attune_thrift_varint (&bytes);
  const int n = (self->width + 7) / 8;

  self->at = bytes.at;
  self->n_buffer = 0;
  self->buffer = 0;
  if (bytes.failed)
    return FALSE;
  if (head & 1)
    {
      if (head >> 1 > G_MAXINT32)
        return FALSE;
      self->n_bits = (head >> 1) * 8;
      return self->n_bits > 0;
    }
  self->n_run = head >> 1;
  self->value = 0;
  if (self->n_run == 0 || self->end - self->at < n)
    return FALSE;
  for (int i = 0; i < n; i++)
    self->value |= (guint32) *self->at++ << (8 * i);
  return TRUE;
}

guint32
attune_parquet_runs_next (AttuneParquetRuns *self)
{
  guint32 value;

  if (self->failed || (self->n_run == 0 && self->n_bits == 0 && !next_run (self)))
    {
      self->failed = TRUE;
      return 0;
    }
  if (self->n_run > 0)
    {
      self->n_run--;
      return self->value;
    }
  self->n_bits--;
  while (self->n_buffer < self->width)
    {
      if (self->at == self->end)
        {
          self->failed = TRUE;
          return 0;
        }
      self->buffer |= (guint64) *self->at++ << self->n_buffer;
      self->n_buffer += 8;
    }
  value = self->buffer & ((1ull << self->width) - 1);
  self->buffer >>= self->width;
  self->n_buffer -= self->width;
  return value;
}
