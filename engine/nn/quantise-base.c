/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A base in 4 bits: copies of a decoder's linears in the place of the stored ones. Source: Dettmers
 * et al. 2023 (QLoRA).
 */
#include "nn/quantise-base.h"

#include "compute/four-bits.h"

#include <string.h>

/* Rows decoded at once, so that no whole matrix in f32 is needed. */
#define ROWS 64
/* What is at work while a base is quantised. */
typedef struct
{
  AttuneDecoder *decoder;
  AttuneType type, single; /* as wanted; as be->encode() writes it */
  void *values;            /* ROWS of the widest linear, f32; the backend's */
  void *encoded;           /* the same as single, in the host's memory */
  float *absmax;           /* of the largest linear */
  guint8 *next;            /* where the next copy goes */
  gint64 widest, most_blocks;
} Work;

static gboolean
take (AttuneBackend *be, gsize bytes, void **memory, GError **error)
{
  *memory = be->alloc (be, bytes);
  return *memory != NULL || attune_backend_sync (be, error);
}

static gboolean
take_scratch (Work *work, GError **error)
{
  const AttuneDecoderConfig *c = &work->decoder->config;
  AttuneBackend *be = work->decoder->be;
  gint64 rows, columns, count;

  for (int i = 0; i < attune_layer_linears (c); i++)
    if (attune_can_quantise (c, i, &count))
      {
        attune_linear_shape (c, i, &rows, &columns);
        work->widest = MAX (work->widest, columns);
        work->most_blocks = MAX (work->most_blocks, count / ATTUNE_FOUR_BITS_BLOCK);
      }
  if (work->widest == 0)
    return TRUE;
  work->absmax = g_new (float, work->most_blocks);
  work->encoded = g_malloc (attune_type_bytes (work->single, ROWS * work->widest));
  return take (be, ROWS * work->widest * sizeof (float), &work->values, error);
}

static void
release_scratch (Work *work)
{
  AttuneBackend *be = work->decoder->be;

  if (work->values != NULL)
    be->release (be, work->values, ROWS * work->widest * sizeof (float));
  g_free (work->encoded);
  g_free (work->absmax);
}

/* Rows @row … @row + @n - 1 of @w into the same of @copy; where absmax is quantised it is kept
 * aside and the blocks are put in @doubles. */
static gboolean
quantise_rows (Work *work, AttuneTensor *copy, guint8 *doubles, const AttuneTensor *w, gint64 row,
               gint64 n, GError **error)
{
  AttuneBackend *be = work->decoder->be;
  const gint64 columns = attune_tensor_columns (w), blocks = n * columns / ATTUNE_FOUR_BITS_BLOCK,
               first = row * columns / ATTUNE_FOUR_BITS_BLOCK;
  const AttuneTensor from = attune_tensor_slice (w, row, n),
                     values = { work->values, 2, { n, columns } };
  const AttuneTensor whole = attune_tensor_slice (copy, row, n),
                     encoded = { work->encoded, 2, { n, columns }, work->single };
  const gboolean doubled = attune_type_is_double (work->type);
  const guint8 *p = work->encoded;
  guint8 *out = doubled ? doubles + 33 * first : NULL;

  be->decode (be, &values, &from);
  be->encode (be, doubled ? &encoded : &whole, &values);
  if (!attune_backend_sync (be, error))
    return FALSE;
  for (gint64 i = 0; doubled && i < blocks; i++, p += 36, out += 33)
    {
      memcpy (out, p, 32);
      memcpy (&work->absmax[first + i], p + 32, sizeof (float));
    }
  return TRUE;
}

/* What the host knows of a copy's scales; the decoder's. */
static const AttuneScales *
take_scales (Work *work, const guint8 *first, const float *second, gint64 blocks)
{
  AttuneDecoder *self = work->decoder;
  AttuneScales *scales = g_new (AttuneScales, 1);

  *scales = (AttuneScales) { .first = first,
                             .second = second,
                             .offset = attune_scales_mean (work->absmax, blocks) };
  if (self->scales == NULL)
    self->scales = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->scales, scales);
  return scales;
}

/* A quantised copy of @w in @memory. */
static gboolean
quantise (Work *work, guint8 *memory, const AttuneTensor *w, AttuneTensor *copy, GError **error)
{
  const gint64 rows = attune_tensor_rows (w),
               blocks = attune_tensor_count (w) / ATTUNE_FOUR_BITS_BLOCK;
  const gboolean doubled = attune_type_is_double (work->type),
                 elsewhere = work->decoder->be->upload != NULL;
  const gsize bytes = attune_quantised_copy_bytes (work->type, attune_tensor_count (w)),
              head = doubled ? ATTUNE_QUANTISED_HEAD (blocks) : 0;
  g_autofree guint8 *own = doubled && elsewhere ? g_malloc0 (bytes) : NULL;
  guint8 *out = own != NULL ? own : memory;

  *copy = *w;
  copy->type = work->type;
  copy->data = memory + head;
  copy->scales = NULL;
  for (gint64 row = 0; row < rows; row += ROWS)
    if (!quantise_rows (work, copy, out + head, w, row, MIN (ROWS, rows - row), error))
      return FALSE;
  if (!doubled)
    return TRUE;
  copy->scales = take_scales (work, copy->data, (const float *) memory, blocks);
  attune_quantise_scales (out + head, work->absmax, blocks, copy->scales->offset, (float *) out);
  if (own != NULL)
    attune_backend_upload (work->decoder->be, memory, own, bytes);
  return TRUE;
}

/* The base's tensor that stands in @place. */
static AttuneDecoderTensor *
find_tensor_at (AttuneDecoder *self, const AttuneTensor *place)
{
  for (guint i = 0; i < self->tensors->len; i++)
    {
      AttuneDecoderTensor *t = &g_array_index (self->tensors, AttuneDecoderTensor, i);

      if (t->place == place)
        return t;
    }
  return NULL;
}

static gboolean
quantise_linear (Work *work, AttuneLinear *linear, GError **error)
{
  AttuneDecoder *self = work->decoder;
  AttuneDecoderTensor *t = find_tensor_at (self, &linear->weight);
  const AttuneType stored = linear->weight.type;
  const gsize bytes
      = attune_quantised_copy_bytes (work->type, attune_tensor_count (&linear->weight));
  AttuneTensor copy;

  if (t == NULL
      || (stored != ATTUNE_TYPE_F32 && stored != ATTUNE_TYPE_F16 && stored != ATTUNE_TYPE_BF16))
    return TRUE;
  if (!quantise (work, work->next, &linear->weight, &copy, error))
    return FALSE;
  work->next += bytes;
  self->n_quantised++;
  t->base = linear->weight = copy;
  return TRUE;
}

gboolean
attune_decoder_quantise_base (AttuneDecoder *self, AttuneType type, void (*done) (gpointer data),
                              gpointer data, GError **error)
{
  Work work = { .decoder = self, .type = type, .single = type };
  gboolean good;
  gint64 count;

  g_return_val_if_fail (type >= ATTUNE_TYPE_NF4 && attune_type_info (type) != NULL, FALSE);
  g_return_val_if_fail (!attune_decoder_has_trained_base (self) && self->quantised == NULL, FALSE);

  if (attune_type_is_double (type))
    work.single = type == ATTUNE_TYPE_NF4_DOUBLE ? ATTUNE_TYPE_NF4 : ATTUNE_TYPE_FP4;
  /* One block for all: pages that no copy comes to are never taken. */
  self->quantised_bytes = attune_quantised_bytes (&self->config, type);
  good = take_scratch (&work, error)
         && (self->quantised_bytes == 0
             || take (self->be, self->quantised_bytes, &self->quantised, error));
  work.next = self->quantised;
  for (int layer = 0; good && layer < self->config.n_layers; layer++)
    {
      for (int i = 0; good && i < attune_layer_linears (&self->config); i++)
        if (attune_can_quantise (&self->config, i, &count))
          good = quantise_linear (&work, attune_decoder_layer_linear (&self->layers[layer], i),
                                  error);
      if (good && done != NULL)
        done (data);
    }
  release_scratch (&work);
  return good;
}

void
attune_decoder_release_quantised (AttuneDecoder *self)
{
  if (self->quantised != NULL)
    self->be->release (self->be, self->quantised, self->quantised_bytes);
  self->quantised = NULL;
  g_clear_pointer (&self->scales, g_ptr_array_unref);
}
