/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See reward-model.h. Its checkpoint says what it was made with.
 */
#include "tune/reward-model.h"

#include "core/settings.h"
#include "nn/quantise-base.h"
#include "plan/estimate.h"
#include "plan/policy.h"
#include "store/store.h"
#include "tune/checkpoint.h"

struct _AttuneRewardModel
{
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttunePlan *plan; /* its own */
  AttuneLabelReader reader;
};

void
attune_reward_model_free (AttuneRewardModel *self)
{
  if (self == NULL)
    return;
  attune_label_reader_clear (&self->reader);
  g_clear_pointer (&self->parameters, attune_parameters_free);
  g_clear_pointer (&self->decoder, attune_decoder_free);
  g_clear_object (&self->plan);
  g_free (self);
}

static AttuneStore *
open_store (const char *file, GError **error)
{
  return attune_store_open (file, "checkpoint", 1, error);
}

char *
attune_reward_model_identify (const char *path, GError **error)
{
  g_autofree char *file = attune_policy_find_checkpoint (path), *key = NULL;
  g_autoptr (AttuneStore) store = open_store (file, error);
  gint64 sum;

  if (store == NULL || (key = attune_store_get_string (store, "key", error)) == NULL
      || !attune_store_get_int (store, "checksum", &sum, error))
    return NULL;
  return g_strdup_printf ("%s %" G_GINT64_FORMAT, key, sum);
}

/* What it learned by. */
static AttunePlan *
read_plan (const char *path, const char *file, AttuneModel *model, GError **error)
{
  g_autoptr (AttuneStore) store = open_store (file, error);
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autofree char *text = NULL, *hash = NULL;
  g_autoptr (JsonNode) node = NULL;
  const char *own;

  if (store == NULL)
    return NULL;
  if (!attune_store_has (store, "text/plan") || !attune_store_has (store, "text/model"))
    {
      g_set_error (error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA,
                   "The run “%s” is no reward model (--reward-model): it has learned something "
                   "else. Choose one with --objective reward.",
                   path);
      return NULL;
    }
  if ((text = attune_store_get_string (store, "plan", error)) == NULL
      || (hash = attune_store_get_string (store, "model", error)) == NULL
      || (own = attune_model_get_hash (model, error)) == NULL)
    return NULL;
  if (!g_str_equal (hash, own))
    {
      g_set_error (
          error, ATTUNE_TUNE_ERROR, ATTUNE_TUNE_ERROR_DATA,
          "The reward model “%s” was made beside another model than “%s”. Train one beside "
          "this (--objective reward), or choose its model.",
          path, attune_model_get_name (model));
      return NULL;
    }
  if ((node = json_from_string (text, error)) == NULL
      || !attune_settings_apply_json (G_OBJECT (plan), node, error)
      || !attune_plan_check (plan, error))
    return NULL;
  return g_steal_pointer (&plan);
}

static void
release_pages (gpointer model)
{
  attune_model_release_pages (model);
}

AttuneRewardModel *
attune_reward_model_open (const char *path, AttuneModel *model, AttuneBackend *be, int max_tokens,
                          GError **error)
{
  g_autoptr (AttuneRewardModel) self = g_new0 (AttuneRewardModel, 1);
  g_autofree char *file = attune_policy_find_checkpoint (path);
  AttuneLoraConfig lora;
  AttuneType type;

  if ((self->plan = read_plan (path, file, model, error)) == NULL)
    return NULL;
  type = attune_policy_get_reward_type (self->plan);
  self->decoder
      = attune_decoder_new (attune_model_get_config (model), be, attune_model_lookup, model, error);
  if (self->decoder == NULL
      || (type != ATTUNE_TYPE_F32
          && !attune_decoder_quantise_base (self->decoder, type, release_pages, model, error))
      || !attune_plan_get_lora (self->plan, &lora, error))
    return NULL;
  lora.n_labels = 1;
  self->parameters = attune_checkpoint_read_adapter (file, TRUE, self->decoder, &lora, error);
  self->reader.eos = -1;
  if (self->parameters == NULL || !attune_decoder_keep_base (self->decoder, error)
      || !attune_label_reader_open (&self->reader, self->decoder, NULL, max_tokens, error))
    return NULL;
  return g_steal_pointer (&self);
}

gboolean
attune_reward_model_ask (AttuneRewardModel *self, AttuneSample *samples, guint n, float *rewards,
                         GError **error)
{
  return attune_scores_ask (&self->reader, samples, n, rewards, error);
}
