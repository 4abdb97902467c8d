/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's properties: documented defaults, a round trip of every one, help for every one, and
 * the words of targets and layers.
 */
#include "core/settings.h"
#include "nn/decoder.h"
#include "plan/estimate.h"
#include "plan/plan.h"

#include <string.h>

static void
test_defaults (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  g_assert_cmpint (v->method, ==, ATTUNE_METHOD_LORA);
  g_assert_cmpint (v->lora_rank, ==, 16);
  g_assert_cmpfloat (v->lora_alpha, ==, 32);
  g_assert_cmpfloat (v->lora_dropout, ==, 0);
  g_assert_false (v->rank_stabilised);
  g_assert_cmpint (v->adapter_start, ==, ATTUNE_ADAPTER_START_ZERO);
  g_assert_cmpfloat (v->lora_plus_ratio, ==, 1);
  g_assert_cmpint (v->base_type, ==, ATTUNE_BASE_AUTO);
  g_assert_true (v->double_quantisation);
  g_assert_cmpint (v->virtual_tokens, ==, 20);
  g_assert_cmpstr (v->targets, ==, "all");
  g_assert_cmpstr (v->layers, ==, "last 4");
  g_assert_cmpint (v->rounds, ==, 4);
  g_assert_cmpint (v->objective, ==, ATTUNE_OBJECTIVE_ANSWERS);
  g_assert_cmpint (v->preference_loss, ==, ATTUNE_PREFERENCE_LOSS_SIGMOID);
  g_assert_cmpfloat (v->preference_beta, ==, 0.1);
  g_assert_cmpfloat (v->simpo_gamma, ==, 0.5);
  g_assert_cmpfloat (v->desirable_weight * v->undesirable_weight, ==, 1);
  g_assert_cmpint (v->label_weights, ==, ATTUNE_LABEL_WEIGHTS_NONE);
  g_assert_cmpfloat (v->effective_beta, ==, 0.999);
  g_assert_cmpfloat (v->focal_gamma, ==, 0);
  g_assert_cmpstr (v->earlier, ==, "");
  g_assert_cmpfloat (v->replay_share + v->ewc_weight, ==, 0);
  g_assert_cmpint (v->ewc_samples, ==, 200);
  g_assert_cmpstr (v->term_pairs, ==, "");
  g_assert_true (v->counterfactuals);
  g_assert_cmpfloat (v->gap_weight, ==, 0);
  g_assert_cmpint (v->optimizer, ==, ATTUNE_OPTIMIZER_ADAMW);
  g_assert_cmpfloat (v->learning_rate, ==, 5e-4);
  g_assert_cmpfloat (v->epochs, ==, 1);
  g_assert_cmpint (v->max_steps, ==, 0);
  g_assert_cmpint (v->batch_size, ==, 16);
  g_assert_cmpint (v->micro_batch_tokens, ==, 1024);
  g_assert_cmpint (v->schedule, ==, ATTUNE_SCHEDULE_COSINE);
  g_assert_cmpfloat (v->warmup_ratio, ==, 0.05);
  g_assert_cmpfloat (v->weight_decay, ==, 0);
  g_assert_cmpfloat (v->beta1, ==, 0.9);
  g_assert_cmpfloat (v->beta2, ==, 0.999);
  g_assert_cmpfloat (v->epsilon, ==, 1e-8);
  g_assert_cmpint (v->cycles, ==, 3);
  g_assert_false (v->paged_optimizer);
  g_assert_cmpfloat (v->max_gradient_norm, ==, 1);
  g_assert_cmpfloat (v->ema_decay + v->neftune_alpha + v->label_smoothing, ==, 0);
  g_assert_cmpint (v->validate_every, ==, 0);
  g_assert_cmpint (v->max_validation_samples, ==, 200);
  g_assert_cmpint (v->checkpoint_every, ==, 0);
  g_assert_false (v->checkpoint_activations);
  g_assert_cmpint (v->samples, ==, 3);
  g_assert_cmpint (v->seed, ==, 42);
  g_assert_cmpint (v->folds, ==, 1);
  g_assert_cmpint (v->fold, ==, 1);
  g_assert_cmpint (v->threads, ==, 0);
  g_assert_cmpint (v->ranks, ==, 1);
}

/* Another value than the default for any property, as JSON. */
static JsonNode *
other_value (GParamSpec *pspec)
{
  const GValue *now = g_param_spec_get_default_value (pspec);
  JsonNode *node = json_node_alloc ();

  if (G_IS_PARAM_SPEC_INT (pspec))
    return json_node_init_int (node, MAX (G_PARAM_SPEC_INT (pspec)->minimum, 1) + 1);
  if (G_IS_PARAM_SPEC_INT64 (pspec))
    return json_node_init_int (node, G_MAXINT64);
  if (G_IS_PARAM_SPEC_DOUBLE (pspec))
    return json_node_init_double (
        node, (G_PARAM_SPEC_DOUBLE (pspec)->minimum + g_value_get_double (now)) / 2 + 1e-3);
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    return json_node_init_boolean (node, !g_value_get_boolean (now));
  if (G_IS_PARAM_SPEC_ENUM (pspec))
    {
      const GEnumValue *values = G_PARAM_SPEC_ENUM (pspec)->enum_class->values;

      return json_node_init_string (
          node, values[values[1].value == g_value_get_enum (now) ? 0 : 1].value_nick);
    }
  return json_node_init_string (node, "q,v");
}

static void
count_notify (GObject *object, GParamSpec *pspec, gpointer data)
{
  (*(int *) data)++;
}

/* Every property alone: is set, is notified once, comes back, leaves all others as they were. */
static void
test_round_trip (void)
{
  guint n;
  g_autoptr (AttunePlan) whole = attune_plan_new ();
  g_autofree GParamSpec **list = g_object_class_list_properties (G_OBJECT_GET_CLASS (whole), &n);

  g_assert_cmpuint (n, ==, 84); /* as many as AttunePlanValues has fields */
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (AttunePlan) plan = attune_plan_new (), fresh = attune_plan_new ();
      g_autoptr (JsonNode) before = attune_settings_to_json (G_OBJECT (plan)), after = NULL;
      g_autoptr (JsonNode) change = json_node_new (JSON_NODE_OBJECT);
      JsonObject *object = json_object_new ();
      g_autoptr (GError) error = NULL;
      int notified = 0;

      json_node_take_object (change, object);
      json_object_set_member (object, list[i]->name, other_value (list[i]));
      g_signal_connect (plan, "notify", G_CALLBACK (count_notify), &notified);
      g_assert_true (attune_settings_apply_json (G_OBJECT (plan), change, &error));
      g_assert_no_error (error);
      g_assert_cmpint (notified, ==, 1);
      g_assert_true (attune_settings_apply_json (G_OBJECT (plan), change, NULL));
      g_assert_cmpint (notified, ==, 1); /* the same value again is no change */

      after = attune_settings_to_json (G_OBJECT (plan));
      g_assert_false (json_node_equal (before, after));
      json_object_set_member (json_node_get_object (before), list[i]->name,
                              json_node_copy (json_object_get_member (object, list[i]->name)));
      g_assert_true (json_node_equal (before, after));
      g_assert_false (attune_settings_equal (G_OBJECT (plan), G_OBJECT (fresh)));
    }
}

static void
test_help (void)
{
  guint n;
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autofree GParamSpec **list = g_object_class_list_properties (G_OBJECT_GET_CLASS (plan), &n);

  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpstr (g_param_spec_get_nick (list[i]), !=, list[i]->name);
      g_assert_cmpuint (strlen (g_param_spec_get_blurb (list[i])), >=, 20);
      g_assert_cmpuint (strlen (g_param_spec_get_blurb (list[i])), <=, 90);
    }
}

static void
test_targets (void)
{
  static const struct
  {
    const char *text;
    guint bits; /* 0: refused */
    const char *named;
  } cases[] = {
    { "all", 0xff, NULL },
    { "q,v", 0x05, NULL },
    { " down , gate ", 0x50, NULL },
    { "q,all", 0xff, NULL },
    { "k,o,up", 0x2a, NULL },
    { "q,query", 0, "query" },
    { "attention", 0x0f, NULL },
    { "feed-forward,q_proj", 0x71, NULL },
    { "all-linear", 0xff, NULL },
    { "", 0, "empty" },
    { ",", 0, "empty" },
  };
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      guint bits = 0;

      g_object_set (plan, "targets", cases[i].text, NULL);
      if (attune_plan_get_targets (plan, &bits, &error))
        g_assert_cmphex (bits, ==, cases[i].bits);
      else
        {
          g_assert_cmphex (cases[i].bits, ==, 0);
          g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
          g_assert_nonnull (strstr (error->message, cases[i].named));
        }
    }
}

/* Layers by their words, in a model with twelve of them. */
static void
test_layers (void)
{
  static const struct
  {
    const char *text;
    guint64 layers; /* 0: refused */
    const char *named;
  } cases[] = {
    { "last 4", 0xf00, NULL },  { "first 2", 0x003, NULL }, { "0,5-8", 0x1e1, NULL },
    { " 11 , 3", 0x808, NULL }, { "last 12", 0xfff, NULL }, { "last 13", 0, "12 layers" },
    { "12", 0, "layer 12" },    { "last", 0, "“last”" },    { "", 0, "last 4" },
    { "5-3", 0, "5-3" },        { "3-", 0, "3-" },          { "last 4 of all", 0, "of all" },
    { "0-9999", 0, "0-9999" },  { "-1", 0, "-1" },          { "last 0", 0, "last 0" },
  };
  const AttuneDecoderConfig config = { .family = "llama", .n_layers = 12 };
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  g_object_set (plan, "method", ATTUNE_METHOD_LAYERS, "learning-rate", 1e-5, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      AttuneBaseParts parts;

      g_object_set (plan, "layers", cases[i].text, NULL);
      if (attune_plan_get_parts (plan, &config, &parts, &error))
        {
          g_assert_cmphex (parts.layers.bits[0], ==, cases[i].layers);
          g_assert_true (attune_plan_check (plan, NULL));
          continue;
        }
      g_assert_cmphex (cases[i].layers, ==, 0);
      g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
      g_assert_nonnull (strstr (error->message, cases[i].named));
    }
}

/* Biases, of a model that has none: the nearest that makes sense is named. */
static void
test_no_biases (void)
{
  AttuneDecoderConfig config = { .family = "llama", .n_layers = 12 };
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  g_autoptr (GError) error = NULL;
  AttuneBaseParts parts;

  g_object_set (plan, "method", ATTUNE_METHOD_BIAS, NULL);
  g_assert_false (attune_plan_get_parts (plan, &config, &parts, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "--method lora"));
  config.layer_biases = 5;
  g_assert_true (attune_plan_get_parts (plan, &config, &parts, NULL));
  g_assert_true (parts.biases);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan/defaults", test_defaults);
  g_test_add_func ("/plan/round-trip", test_round_trip);
  g_test_add_func ("/plan/help", test_help);
  g_test_add_func ("/plan/targets", test_targets);
  g_test_add_func ("/plan/layers", test_layers);
  g_test_add_func ("/plan/no-biases", test_no_biases);
  return g_test_run ();
}
