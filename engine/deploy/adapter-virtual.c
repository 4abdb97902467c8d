/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See adapter-virtual.h.
 */
#include "deploy/adapter-virtual.h"

#include "deploy/json-members.h"

static gint64
count_columns (const AttuneDecoder *decoder)
{
  const AttuneDecoderConfig *c = &decoder->config;

  return decoder->prompt.data != NULL ? c->n_embd
                                      : 2 * c->n_layers * (gint64) c->n_kv_heads * c->head_dim;
}

/* Layer @layer's keys, or its values, in a row of what is stored: where value @i of it comes from.
 */
static gint64
find_source (const AttuneDecoder *decoder, int layer, gboolean key, gint64 i)
{
  g_autofree char *name = g_strdup_printf ("blk.%d.attn_%c.weight", layer, key ? 'k' : 'v');

  return attune_export_source (&decoder->config,
                               attune_export_order (&decoder->config, name, FALSE), i);
}

/* Between the layers' tensors and @stored, in the one direction or the other. */
static void
move_prefix (const AttuneDecoder *decoder, float *stored, gboolean out)
{
  const gint64 n = (gint64) decoder->config.n_kv_heads * decoder->config.head_dim,
               columns = count_columns (decoder);

  for (int layer = 0; layer < decoder->config.n_layers; layer++)
    for (int j = 0; j < 2; j++)
      {
        const AttuneDecoderLayer *l = &decoder->layers[layer];
        float *own = j == 0 ? l->prefix_k.data : l->prefix_v.data;

        for (gint64 i = 0; i < n; i++)
          {
            const gint64 source = find_source (decoder, layer, j == 0, i);

            for (int p = 0; p < decoder->n_virtual; p++)
              {
                float *there = &stored[p * columns + (2 * layer + j) * n + i],
                      *here = &own[p * n + source];

                if (out)
                  *there = *here;
                else
                  *here = *there;
              }
          }
      }
}

/* What a prompt's rows are multiplied by on their way out. Transformers multiplies the embeddings
 * of Gemma 3 in the module that PEFT takes a prompt's neighbours from, so that the prompt itself
 * goes into the model as it is; those of Gemma and Gemma 2 in the model, and the prompt with them
 * (Gemma3TextScaledWordEmbedding, GemmaModel.forward). */
static float
scale_of_prompt (const AttuneDecoderConfig *config)
{
  return g_str_equal (config->family, "gemma3") ? config->embedding_scale : 1;
}

static void
copy_scaled (float *to, const AttuneTensor *from, float scale)
{
  const float *values = from->data;

  for (gint64 i = 0; i < attune_tensor_count (from); i++)
    to[i] = scale * values[i];
}

void
attune_adapter_add_virtual (AttuneExport *self)
{
  const AttuneDecoder *decoder = self->decoder;
  AttuneTensor all = { NULL, 2, { decoder->n_virtual, count_columns (decoder) } };
  const AttuneTensor *kept;

  all.data = g_new (float, attune_tensor_count (&all));
  if (decoder->prompt.data != NULL)
    copy_scaled (all.data, &decoder->prompt, scale_of_prompt (&decoder->config));
  else
    move_prefix (decoder, all.data, TRUE);
  kept = attune_export_keep (self, all);
  attune_export_add (self, g_strdup (ATTUNE_VIRTUAL_NAME), kept, kept);
}

static void
add_count (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

JsonNode *
attune_adapter_virtual_config (const AttuneExport *self)
{
  const AttuneDecoderConfig *c = &self->decoder->config;
  const gboolean prompt = self->lora->kind == ATTUNE_ADAPTER_PROMPT;
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  attune_json_add_string (builder, "auto_mapping", NULL);
  attune_json_add_string (builder, "base_model_name_or_path", self->base_name);
  attune_json_add_bool (builder, "inference_mode", TRUE);
  /* of keys and values, where a group of queries shares them */
  add_count (builder, "num_attention_heads", prompt ? c->n_heads : c->n_kv_heads);
  add_count (builder, "num_layers", c->n_layers);
  add_count (builder, "num_transformer_submodules", 1);
  add_count (builder, "num_virtual_tokens", self->lora->n_virtual);
  attune_json_add_string (builder, "peft_type", prompt ? "PROMPT_TUNING" : "PREFIX_TUNING");
  if (prompt)
    attune_json_add_string (builder, "prompt_tuning_init", "RANDOM");
  else
    attune_json_add_bool (builder, "prefix_projection", FALSE);
  attune_json_add_string (builder, "revision", NULL);
  attune_json_add_string (builder, "task_type", "CAUSAL_LM");
  add_count (builder, "token_dim", prompt ? c->n_embd : (gint64) c->n_kv_heads * c->head_dim);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

/* --- reading back */

gboolean
attune_adapter_parse_virtual (JsonObject *object, AttuneLoraConfig *lora)
{
  const char *type = json_object_get_string_member_with_default (object, "peft_type", "");
  const gboolean prompt = g_strcmp0 (type, "PROMPT_TUNING") == 0;
  const gint64 n = json_object_get_int_member_with_default (object, "num_virtual_tokens", 0);

  if ((!prompt && g_strcmp0 (type, "PREFIX_TUNING") != 0) || n < 1 || n > G_MAXINT16)
    return FALSE;
  *lora = (AttuneLoraConfig) { .kind = prompt ? ATTUNE_ADAPTER_PROMPT : ATTUNE_ADAPTER_PREFIX,
                               .n_virtual = (int) n };
  return TRUE;
}

gboolean
attune_adapter_read_virtual (AttuneDecoder *decoder, const AttuneTensor *stored)
{
  if (stored == NULL || stored->type != ATTUNE_TYPE_F32 || stored->n_dims != 2
      || stored->dims[0] != decoder->n_virtual || stored->dims[1] != count_columns (decoder))
    return FALSE;
  if (decoder->prompt.data != NULL)
    copy_scaled (decoder->prompt.data, stored, 1 / scale_of_prompt (&decoder->config));
  else
    move_prefix (decoder, stored->data, FALSE);
  return TRUE;
}
