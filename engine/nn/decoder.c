/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Makes a decoder of named tensors.
 */
#include "nn/layer.h"
#include "nn/quantise-base.h"

AttuneLinear *
attune_decoder_layer_linear (AttuneDecoderLayer *layer, int i)
{
  AttuneLinear *linears[ATTUNE_LAYER_LINEARS]
      = { &layer->q, &layer->k, &layer->v, &layer->o, &layer->gate, &layer->up, &layer->down };

  if (i >= ATTUNE_LINEAR_EXPERTS)
    return &layer->experts[i - ATTUNE_LINEAR_EXPERTS];
  return i == ATTUNE_LINEAR_ROUTER        ? &layer->router
         : i == ATTUNE_LINEAR_SHARED_GATE ? &layer->shared_gate
                                          : linears[i];
}

typedef struct
{
  AttuneTensorLookup lookup;
  gpointer data;
} Source;

static void
tensor_clear (gpointer data)
{
  g_free (((AttuneDecoderTensor *) data)->name);
}

static gboolean
refuse_shape (const char *name, GError **error)
{
  g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
               "The model's tensor “%s” has another shape than its configuration says.", name);
  return FALSE;
}

/* Notes @view, (a part of) what is stored, under @name. @out, @gradient: where it and its gradient
 * stand in the decoder. */
static void
put (AttuneDecoder *self, const char *name, const AttuneTensor *view, AttuneTensor *out,
     AttuneTensor *gradient)
{
  *out = *view;
  g_array_append_val (
      self->tensors,
      ((AttuneDecoderTensor) {
          .name = g_strdup (name), .place = out, .gradient = gradient, .base = *view }));
}

/* @rows: 0 for a vector of @columns. */
static gboolean
find_tensor (AttuneDecoder *self, const Source *source, const char *name, gint64 rows,
             gint64 columns, AttuneTensor *out, AttuneTensor *gradient, GError **error)
{
  const AttuneTensor *found = source->lookup (source->data, name);
  const int n_dims = rows > 0 ? 2 : 1;

  if (found == NULL)
    {
      g_set_error (error, ATTUNE_COMPUTE_ERROR, ATTUNE_COMPUTE_ERROR_UNSUPPORTED,
                   "The model has no tensor “%s”.", name);
      return FALSE;
    }
  if (found->n_dims != n_dims || attune_tensor_columns (found) != columns
      || (rows > 0 && attune_tensor_rows (found) != rows)
      || (rows == 0 && found->type != ATTUNE_TYPE_F32))
    return refuse_shape (name, error);
  put (self, name, found, out, gradient);
  return TRUE;
}

/* A norm over @columns, by the name of its tensors without ".weight"; its bias may be missing. */
static gboolean
find_norm (AttuneDecoder *self, const Source *source, const char *name, gint64 columns,
           AttuneNorm *norm, GError **error)
{
  g_autofree char *gain = g_strconcat (name, ".weight", NULL),
                  *bias = g_strconcat (name, ".bias", NULL);

  return find_tensor (self, source, gain, 0, columns, &norm->gain, &norm->d_gain, error)
         && (source->lookup (source->data, bias) == NULL
             || find_tensor (self, source, bias, 0, columns, &norm->bias, &norm->d_bias, error));
}

static gboolean
find_norms (AttuneDecoder *self, const Source *source, int layer, GError **error)
{
  const AttuneDecoderConfig *c = &self->config;
  AttuneDecoderLayer *out = &self->layers[layer];
  const gboolean pre = c->block != ATTUNE_BLOCK_POST, post = attune_norms_after (c),
                 parallel = c->block == ATTUNE_BLOCK_PARALLEL,
                 qk = c->qk_norm != ATTUNE_QK_NORM_NONE, each = c->qk_norm == ATTUNE_QK_NORM_HEAD;
  g_autofree char *second = g_strdup_printf ("blk.%d.attn_norm_2.weight", layer);
  /* Falcon's names: where a parallel block has two norms, attention's is the second. */
  const gboolean two = parallel && source->lookup (source->data, second) != NULL;
  const struct
  {
    const char *name;
    gboolean there;
    gint64 columns;
    AttuneNorm *norm;
  } norms[] = {
    { two ? "attn_norm_2" : "attn_norm", pre, c->n_embd, &out->attn_norm },
    { two ? "attn_norm" : "ffn_norm", pre && (two || !parallel), c->n_embd, &out->ffn_norm },
    { "post_attention_norm", post, c->n_embd, &out->attn_post_norm },
    { "post_ffw_norm", post, c->n_embd, &out->ffn_post_norm },
    { "attn_q_norm", qk, each ? 1 : c->n_heads, &out->q_norm },
    { "attn_k_norm", qk, each ? 1 : c->n_kv_heads, &out->k_norm },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (norms); i++)
    {
      g_autofree char *name = g_strdup_printf ("blk.%d.%s", layer, norms[i].name);
      const gint64 columns = i < 4 ? norms[i].columns : norms[i].columns * c->head_dim;

      if (norms[i].there && !find_norm (self, source, name, columns, norms[i].norm, error))
        return FALSE;
    }
  if (parallel && !two) /* one norm for both */
    {
      out->one_norm = TRUE;
      out->ffn_norm = (AttuneNorm) { .gain = out->attn_norm.gain, .bias = out->attn_norm.bias };
    }
  return TRUE;
}

/* Some families store linears that read the same one after another as one: q, k, v or gate, up.
 * Views the part of @linear in it. @first: rows before it, @all: rows of the whole. */
static gboolean
find_part (AttuneDecoder *self, const Source *source, const char *whole, gint64 first, gint64 rows,
           gint64 all, gint64 columns, AttuneLinear *linear, GError **error)
{
  g_autofree char *weight_name = g_strconcat (whole, ".weight", NULL),
                  *bias_name = g_strconcat (whole, ".bias", NULL);
  g_autofree char *name = g_strconcat (linear->name, ".weight", NULL),
                  *bias_of = g_strconcat (linear->name, ".bias", NULL);
  const AttuneTensor *weight = source->lookup (source->data, weight_name),
                     *bias = source->lookup (source->data, bias_name);
  AttuneTensor part;

  if (weight->n_dims != 2 || attune_tensor_columns (weight) != columns
      || attune_tensor_rows (weight) != all)
    return refuse_shape (weight_name, error);
  part = attune_tensor_slice (weight, first, rows);
  put (self, name, &part, &linear->weight, &linear->d_weight);
  if (bias == NULL)
    return TRUE;
  if (bias->n_dims != 1 || bias->dims[0] != all || bias->type != ATTUNE_TYPE_F32)
    return refuse_shape (bias_name, error);
  part = (AttuneTensor) { (float *) bias->data + first, 1, { rows } };
  put (self, bias_of, &part, &linear->bias, &linear->d_bias);
  return TRUE;
}

/* All experts' linears of a kind may be one tensor. Returns whether it is so and fits; else the
 * expert has its own, or is missing. */
static gboolean
find_expert (AttuneDecoder *self, const Source *source, int layer, int i, AttuneLinear *linear)
{
  const char *kind = attune_linear_names[attune_linear_target (i)];
  const int expert = (i - ATTUNE_LINEAR_EXPERTS) / 3;
  g_autofree char *name = g_strdup_printf ("blk.%d.%s_exps.weight", layer, kind),
                  *own = g_strconcat (linear->name, ".weight", NULL);
  const AttuneTensor *all = source->lookup (source->data, name);
  AttuneTensor part;
  gint64 rows, columns;

  attune_linear_shape (&self->config, i, &rows, &columns);
  if (all == NULL || all->n_dims != 3 || all->dims[0] != self->config.n_experts
      || all->dims[1] != rows || all->dims[2] != columns)
    return FALSE;
  part = attune_tensor_slice (all, expert * rows, rows);
  put (self, own, &part, &linear->weight, &linear->d_weight);
  return TRUE;
}

/* A row of weights, which GGUF stores as a vector. */
static gboolean
find_shared_gate (AttuneDecoder *self, const Source *source, const char *name, AttuneLinear *linear,
                  GError **error)
{
  const AttuneTensor *found = source->lookup (source->data, name);
  AttuneTensor row;

  if (found == NULL || attune_tensor_count (found) != self->config.n_embd)
    return refuse_shape (name, error);
  row = *found;
  row.n_dims = 2;
  row.dims[0] = 1;
  row.dims[1] = self->config.n_embd;
  put (self, name, &row, &linear->weight, &linear->d_weight);
  return TRUE;
}

static gboolean
find_linear (AttuneDecoder *self, const Source *source, int layer, int i, GError **error)
{
  const AttuneDecoderConfig *c = &self->config;
  AttuneLinear *linear = attune_decoder_layer_linear (&self->layers[layer], i);
  g_autofree char *part = attune_linear_name (c, i);
  char *name = g_strdup_printf ("blk.%d.%s", layer, part);
  g_autofree char *weight = g_strconcat (name, ".weight", NULL),
                  *bias = g_strconcat (name, ".bias", NULL);
  const gint64 q = (gint64) c->n_heads * c->head_dim, kv = (gint64) c->n_kv_heads * c->head_dim;
  const gint64 before[] = { 0, q, q + kv, 0, 0, c->n_ff };
  const gboolean of_qkv = i < 3, of_ffn = i == ATTUNE_LINEAR_GATE || i == ATTUNE_LINEAR_GATE + 1;
  g_autofree char *whole = g_strdup_printf ("blk.%d.%s", layer, of_qkv ? "attn_qkv" : "ffn_up");
  g_autofree char *whole_weight = g_strconcat (whole, ".weight", NULL);
  g_autofree char *gate = g_strdup_printf ("blk.%d.ffn_gate.weight", layer);
  gint64 rows, columns;

  g_ptr_array_add (self->names, name);
  linear->name = name;
  attune_linear_shape (c, i, &rows, &columns);
  if (rows == 0)
    return TRUE;
  if (of_qkv && source->lookup (source->data, whole_weight) != NULL)
    return find_part (self, source, whole, before[i], rows, q + 2 * kv, columns, linear, error);
  if (i >= ATTUNE_LINEAR_EXPERTS && find_expert (self, source, layer, i, linear))
    return TRUE;
  if (i == ATTUNE_LINEAR_SHARED_GATE)
    return find_shared_gate (self, source, weight, linear, error);
  if (of_ffn && c->n_experts == 0 && !c->ungated && source->lookup (source->data, gate) == NULL
      && source->lookup (source->data, whole_weight) != NULL)
    return find_part (self, source, whole, before[i], rows, 2 * (gint64) c->n_ff, columns, linear,
                      error);
  return find_tensor (self, source, weight, rows, columns, &linear->weight, &linear->d_weight,
                      error)
         && (source->lookup (source->data, bias) == NULL
             || find_tensor (self, source, bias, 0, rows, &linear->bias, &linear->d_bias, error));
}

/* The model's own divisors of its angles, if it has some. @out: (out): borrowed, or %NULL. */
static gboolean
find_divisors (const AttuneDecoder *self, const Source *source, const char *name, const float **out,
               GError **error)
{
  const AttuneTensor *found = source->lookup (source->data, name);
  const int turned = self->config.rotary_dim > 0 ? self->config.rotary_dim : self->config.head_dim;

  *out = NULL;
  if (found == NULL)
    return TRUE;
  if (found->n_dims != 1 || found->type != ATTUNE_TYPE_F32 || found->dims[0] != turned / 2)
    return refuse_shape (name, error);
  *out = found->data;
  return TRUE;
}

static gboolean
find_angles (AttuneDecoder *self, const Source *source, GError **error)
{
  const float *plain, *of_short, *of_long;

  if (!find_divisors (self, source, "rope_freqs.weight", &plain, error)
      || !find_divisors (self, source, "rope_factors_short.weight", &of_short, error)
      || !find_divisors (self, source, "rope_factors_long.weight", &of_long, error))
    return FALSE;
  attune_rotary_set_up (self, plain != NULL ? plain : of_short, of_long);
  return TRUE;
}

AttuneDecoder *
attune_decoder_new (const AttuneDecoderConfig *config, AttuneBackend *be, AttuneTensorLookup lookup,
                    gpointer data, GError **error)
{
  const Source source = { lookup, data };
  g_autoptr (AttuneDecoder) self = g_new0 (AttuneDecoder, 1);

  self->config = *config;
  self->be = be;
  self->first_trained = config->n_layers;
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_array_new (FALSE, FALSE, sizeof (AttuneDecoderTensor));
  g_array_set_clear_func (self->tensors, tensor_clear);
  if (!attune_decoder_config_check (config, error))
    return NULL;
  self->layers = g_new0 (AttuneDecoderLayer, config->n_layers);
  if (!find_angles (self, &source, error)
      || !find_tensor (self, &source, "token_embd.weight", config->n_vocab, config->n_embd,
                       &self->embedding, &self->d_embedding, error)
      || !find_norm (self, &source, "output_norm", config->n_embd, &self->output_norm, error))
    return NULL;
  if (config->learned_positions
      && !find_tensor (self, &source, "position_embd.weight", config->max_tokens, config->n_embd,
                       &self->positions, &self->d_positions, error))
    return NULL;
  if (config->tied_head)
    self->head = self->embedding;
  else if (!find_tensor (self, &source, "output.weight", config->n_vocab, config->n_embd,
                         &self->head, &self->d_head, error))
    return NULL;
  for (int layer = 0; layer < config->n_layers; layer++)
    {
      if (!find_norms (self, &source, layer, error))
        return NULL;
      self->layers[layer].experts = g_new0 (AttuneLinear, 3 * config->n_experts);
      for (int i = 0; i < attune_layer_linears (config); i++)
        if (!find_linear (self, &source, layer, i, error))
          return NULL;
    }
  return g_steal_pointer (&self);
}

gboolean
attune_decoder_keep_base (AttuneDecoder *self, GError **error)
{
  AttuneBackend *be = self->be;

  if (be->keep == NULL)
    return TRUE;
  for (guint i = 0; i < self->tensors->len; i++)
    be->keep (be, g_array_index (self->tensors, AttuneDecoderTensor, i).place);
  return attune_backend_sync (be, error);
}

void
attune_decoder_free (AttuneDecoder *self)
{
  if (self == NULL)
    return;
  attune_decoder_release_quantised (self);
  if (self->norms.data != NULL)
    self->be->release (self->be, self->norms.data, attune_tensor_bytes (&self->norms));
  if (self->starts.data != NULL)
    self->be->release (self->be, self->starts.data, attune_tensor_bytes (&self->starts));
  for (int i = 0; self->layers != NULL && i < self->config.n_layers; i++)
    g_free (self->layers[i].experts);
  g_free (self->layers);
  g_free (self->frequencies);
  g_free (self->long_frequencies);
  g_free (self->sliding_frequencies);
  g_ptr_array_unref (self->names);
  g_array_unref (self->tensors);
  g_free (self);
}
