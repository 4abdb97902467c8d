/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Layers as a person names them, and the weights of a base that a plan lets learn.
 */
#include "plan/layer-words.h"

#include "plan/estimate.h"

#include <stdio.h>
#include <string.h>

static gboolean
refuse (const char *text, GError **error)
{
  g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
               "Layers That Learn (layers) is “%s”, which names no layers. Write “last 4”, “first "
               "2”, or numbers from 0 with commas, such as “0,5-8”.",
               text);
  return FALSE;
}

/* "5" or "5-8". */
static gboolean
add_range (const char *word, AttuneLayerWords *words)
{
  int from, to, end = 0;

  if (sscanf (word, "%4d%n", &from, &end) != 1)
    return FALSE;
  to = from;
  if (word[end] == '-')
    {
      const char *rest = word + end + 1;

      if (sscanf (rest, "%4d%n", &to, &end) != 1 || rest[end] != '\0')
        return FALSE;
    }
  else if (word[end] != '\0')
    return FALSE;
  if (from < 0 || to < from || to >= ATTUNE_MAX_LAYERS)
    return FALSE;
  for (int i = from; i <= to; i++)
    attune_layer_set_add (&words->set, i);
  words->highest = MAX (words->highest, to);
  return TRUE;
}

gboolean
attune_layer_words_parse (const char *text, AttuneLayerWords *words, GError **error)
{
  g_auto (GStrv) list = g_strsplit_set (text, ", ", -1);
  int end = 0;

  *words = (AttuneLayerWords) { .highest = -1 };
  if ((sscanf (text, " last %4d %n", &words->last, &end) == 1
       || sscanf (text, " first %4d %n", &words->first, &end) == 1))
    return (text[end] == '\0' && MAX (words->first, words->last) > 0) || refuse (text, error);
  words->first = words->last = 0;
  for (guint i = 0; list[i] != NULL; i++)
    if (*list[i] != '\0' && !add_range (list[i], words))
      return refuse (text, error);
  return words->highest >= 0 || refuse (text, error);
}

gboolean
attune_layer_words_apply (const AttuneLayerWords *words, int n_layers, AttuneLayerSet *layers,
                          GError **error)
{
  const int most = MAX (MAX (words->first, words->last), words->highest + 1);
  const int from = words->last > 0 ? n_layers - words->last : 0,
            to = words->last > 0 ? n_layers : words->first;

  if (most > n_layers)
    {
      g_set_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
                   "The model has %d layers, numbered from 0, and layer %d is to learn (layers). "
                   "Use “last %d” at most, or let the whole model learn (--method full).",
                   n_layers, most - 1, n_layers);
      return FALSE;
    }
  *layers = words->set;
  for (int i = from; i < to; i++)
    attune_layer_set_add (layers, i);
  return TRUE;
}

gboolean
attune_plan_get_parts (AttunePlan *self, const AttuneDecoderConfig *config, AttuneBaseParts *parts,
                       GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (self);
  AttuneLayerWords words;

  g_return_val_if_fail (!attune_method_adapts (values->method), FALSE);

  *parts = (AttuneBaseParts) { .half = values->method == ATTUNE_METHOD_HALF,
                               .biases = values->method == ATTUNE_METHOD_BIAS,
                               .some_layers = values->method == ATTUNE_METHOD_LAYERS };
  if (parts->biases && attune_base_parts_count (config, parts) == 0)
    {
      g_set_error (
          error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE,
          "Models of the family “%s” have no biases that could learn. An adapter (--method "
          "lora) or some layers (--method layers) take little, too.",
          config->family);
      return FALSE;
    }
  return !parts->some_layers
         || (attune_layer_words_parse (values->layers, &words, error)
             && attune_layer_words_apply (&words, config->n_layers, &parts->layers, error));
}
