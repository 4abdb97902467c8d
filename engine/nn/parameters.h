/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What training changes: named f32 tensors that lie one after another in one block, their gradients
 * in a second of the same shape. So the optimizer, clipping and checkpoints see plain vectors.
 */
#pragma once
#include "compute/backend.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;         /* "blk.0.attn_q.lora_a" */
  AttuneTensor value; /* views into the two blocks */
  AttuneTensor grad;  /* data %NULL: frozen */
  double rate;        /* multiplies the learning rate; 1 unless who added it says otherwise */
} AttuneParameter;

typedef struct
{
  AttuneBackend *be;   /* borrowed */
  gint64 count;        /* values in all */
  AttuneTensor values; /* (count) */
  AttuneTensor grads;  /* (count), or fewer; data is %NULL where nothing is trained */
  guint n_items;
  AttuneParameter *items; /* in the order of the decoder */
} AttuneParameters;

/**
 * attune_parameters_new:
 * @names: (array length=n), @shapes: rows and columns of each
 * @trainable: whether gradients are kept
 *
 * Returns: (transfer full): all zero; @error when there is no memory
 */
AttuneParameters *attune_parameters_new (AttuneBackend *be, guint n, const char *const *names,
                                         const gint64 (*shapes)[2], gboolean trainable,
                                         GError **error);
/* The same with @n_grads gradients, fewer than there are values, of which
 * attune_parameters_choose() says whose they are; none has one yet. */
AttuneParameters *attune_parameters_new_partly (AttuneBackend *be, guint n,
                                                const char *const *names, const gint64 (*shapes)[2],
                                                gint64 n_grads, GError **error);
/* Gives the items for which @learns (array length=n_items) is true their gradients, one after
 * another, and takes them from all others. There must be enough of them. */
void attune_parameters_choose (AttuneParameters *self, const gboolean *learns);
void attune_parameters_free (AttuneParameters *self);
/* Borrowed; %NULL when there is none of that name. */
AttuneParameter *attune_parameters_find (AttuneParameters *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneParameters, attune_parameters_free)

G_END_DECLS
