/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layers as a person names them: "last 4", "first 2", "0,5-8". Private to plan/.
 */
#pragma once
#include "nn/base-parts.h"

G_BEGIN_DECLS

/* What was said, before it is known how many layers there are. */
typedef struct
{
  int first, last;    /* so many of them; 0: not said so */
  AttuneLayerSet set; /* otherwise */
  int highest;        /* in @set; -1: none */
} AttuneLayerWords;

gboolean attune_layer_words_parse (const char *text, AttuneLayerWords *words, GError **error);
/* The layers of a model with @n_layers of them. */
gboolean attune_layer_words_apply (const AttuneLayerWords *words, int n_layers,
                                   AttuneLayerSet *layers, GError **error);

G_END_DECLS
