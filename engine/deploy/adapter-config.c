/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See adapter-config.h. Names and meanings: peft/tuners/lora/config.py.
 */
#include "deploy/adapter-config.h"

#include "compute/blocks.h"
#include "deploy/adapter-virtual.h"

#include <math.h>

/* More than any matrix has rows. */
#define MOST_RANK 65536

void
attune_adapter_config_clear (AttuneAdapterConfig *self)
{
  g_clear_pointer (&self->base_name, g_free);
}

gboolean
attune_adapter_refuse (GError **error, const char *folder, const char *format, ...)
{
  g_autofree char *why = NULL;
  va_list list;

  va_start (list, format);
  why = g_strdup_vprintf (format, list);
  va_end (list);
  g_set_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED,
               "The adapter in “%s” cannot be read: %s%s", folder, why,
               g_str_has_suffix (why, "?") ? "" : ".");
  return FALSE;
}

float *
attune_adapter_decode (const AttuneTensor *stored)
{
  void (*const decode) (float *, const void *, gint64)
      = stored->type == ATTUNE_TYPE_F32    ? attune_decode_f32
        : stored->type == ATTUNE_TYPE_F16  ? attune_decode_f16
        : stored->type == ATTUNE_TYPE_BF16 ? attune_decode_bf16
                                           : NULL;
  float *values = decode != NULL ? g_new (float, attune_tensor_count (stored)) : NULL;

  if (values != NULL)
    decode (values, stored->data, attune_tensor_count (stored));
  return values;
}

/* --- members of any type */

/* (nullable): %NULL for null, too */
static JsonNode *
get_member (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static const char *
get_string (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
}

static double
get_number (JsonObject *object, const char *name, double otherwise)
{
  JsonNode *node = get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : otherwise;
}

/* What Python takes for true. */
static gboolean
is_set (JsonObject *object, const char *name)
{
  JsonNode *node = get_member (object, name);

  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) > 0;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) > 0;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return *json_node_get_string (node) != '\0';
  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node)
                                                           : json_node_get_double (node) != 0;
}

/* --- what is refused */

/* What changes more than A · B, with the words for it. */
static const struct
{
  const char *member, *text;
} beside[] = {
  { "lora_bias", "it has learned biases (lora_bias)" },
  { "trainable_token_indices", "it has learned single tokens anew (trainable_token_indices)" },
  { "alora_invocation_tokens", "it applies only behind some tokens (alora_invocation_tokens)" },
  { "layer_replication", "it repeats layers of its model (layer_replication)" },
};
#define INSTEAD                                                                                    \
  ". Merge it into its model where it was made (PEFT: merge_and_unload), and take the whole model"

/* Starts that leave the model's weights as they are. Of others (pissa, olora, corda, loftq …) PEFT
 * changes the weights when it loads them. */
static gboolean
starts_beside (JsonObject *object)
{
  static const char *const starts[] = { "gaussian", "eva", "orthogonal", NULL };
  JsonNode *node = get_member (object, "init_lora_weights");
  const char *name = get_string (object, "init_lora_weights");

  return node == NULL
         || (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
         || (name != NULL && g_strv_contains (starts, name));
}

/* Whether modules_to_save are none, or a head alone. */
static gboolean
check_modules (AttuneAdapterConfig *self, JsonObject *object)
{
  JsonNode *node = get_member (object, "modules_to_save");

  self->has_head = g_strcmp0 (get_string (object, "task_type"), "SEQ_CLS") == 0;
  if (!is_set (object, "modules_to_save"))
    return TRUE;
  self->has_head = TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node) || json_array_get_length (json_node_get_array (node)) != 1)
    return FALSE;
  node = json_array_get_element (json_node_get_array (node), 0);
  return JSON_NODE_HOLDS_VALUE (node) && g_strcmp0 (json_node_get_string (node), "score") == 0;
}

/* Whether what a part's B · A is multiplied by is the same for all of them: then rank and strength
 * of some differ only as those of several that are one do. */
static gboolean
has_one_scale (const AttuneLoraConfig *lora, JsonObject *object)
{
  JsonNode *ranks = get_member (object, "rank_pattern"),
           *alphas = get_member (object, "alpha_pattern");
  g_autoptr (GList) names = NULL;

  if (!is_set (object, "rank_pattern") && !is_set (object, "alpha_pattern"))
    return TRUE;
  if (ranks == NULL || alphas == NULL || !JSON_NODE_HOLDS_OBJECT (ranks)
      || !JSON_NODE_HOLDS_OBJECT (alphas)
      || json_object_get_size (json_node_get_object (ranks))
             != json_object_get_size (json_node_get_object (alphas)))
    return FALSE;
  names = json_object_get_members (json_node_get_object (ranks));
  for (GList *l = names; l != NULL; l = l->next)
    {
      const double times
          = get_number (json_node_get_object (ranks), l->data, 0) / MAX (1, lora->rank),
          wanted = lora->alpha * (lora->rank_stabilised ? sqrt (times) : times),
          alpha = get_number (json_node_get_object (alphas), l->data, NAN);

      if (!(fabs (alpha - wanted) <= 1e-5 * fabs (wanted)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_lora (AttuneAdapterConfig *self, const char *folder, JsonObject *object, gboolean joined,
            GError **error)
{
  const char *bias = get_string (object, "bias");

  for (guint i = 0; i < G_N_ELEMENTS (beside); i++)
    if (is_set (object, beside[i].member))
      return attune_adapter_refuse (error, folder, "%s" INSTEAD, beside[i].text);
  if (bias != NULL && !g_str_equal (bias, "none"))
    return attune_adapter_refuse (error, folder,
                                  "it has learned the model's biases (bias is “%s”)" INSTEAD, bias);
  if (!starts_beside (object))
    return attune_adapter_refuse (
        error, folder,
        "its start changed the model's weights (init_lora_weights is “%s”). Save it with PEFT's "
        "path_initial_model_for_weight_conversion, which makes an ordinary one of it",
        get_string (object, "init_lora_weights"));
  if (joined ? !has_one_scale (&self->lora, object)
             : is_set (object, "rank_pattern") || is_set (object, "alpha_pattern"))
    return attune_adapter_refuse (
        error, folder,
        "its rank or strength differs from part to part (rank_pattern, alpha_pattern)" INSTEAD);
  if (self->lora.rank < 1 || self->lora.rank > MOST_RANK)
    return attune_adapter_refuse (error, folder, "adapter_config.json says no rank (r)");
  return TRUE;
}

/* --- reading */

static gboolean
read_object (AttuneAdapterConfig *self, const char *folder, JsonObject *object, gboolean joined,
             GError **error)
{
  const char *kind = get_string (object, "peft_type");

  self->base_name = g_strdup (get_string (object, "base_model_name_or_path"));
  self->lora = (AttuneLoraConfig) {
    .rank = (int) CLAMP (get_number (object, "r", 0), 0, MOST_RANK + 1.0),
    .alpha = (float) get_number (object, "lora_alpha", 0),
    .rank_stabilised = is_set (object, "use_rslora"),
    .kind = is_set (object, "use_dora") ? ATTUNE_ADAPTER_DORA : ATTUNE_ADAPTER_LORA,
  };
  if (!check_modules (self, object))
    return attune_adapter_refuse (
        error, folder, "whole parts of the model were learned with it (modules_to_save)" INSTEAD);
  if (attune_adapter_parse_virtual (object, &self->lora))
    return TRUE;
  if (g_strcmp0 (kind, "IA3") == 0)
    {
      self->lora = (AttuneLoraConfig) { .kind = ATTUNE_ADAPTER_IA3 };
      return TRUE;
    }
  if (g_strcmp0 (kind, "LORA") != 0)
    return attune_adapter_refuse (error, folder, "it is of another kind than LoRA (peft_type “%s”)",
                                  kind != NULL ? kind : "");
  return check_lora (self, folder, object, joined, error);
}

gboolean
attune_adapter_config_read (AttuneAdapterConfig *self, const char *folder, gboolean joined,
                            GError **error)
{
  g_autofree char *file = g_build_filename (folder, "adapter_config.json", NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root;

  if (!json_parser_load_from_file (parser, file, error))
    return FALSE;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return attune_adapter_refuse (error, folder, "adapter_config.json holds no object");
  return read_object (self, folder, json_node_get_object (root), joined, error);
}
