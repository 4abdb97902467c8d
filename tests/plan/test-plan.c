/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan's properties: documented defaults, a round trip of every one, help for every one, and
 * the words of targets.
 */
#include "core/settings.h"
#include "nn/decoder.h"
#include "plan/earlier.h"
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

static void
test_methods (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues before = *attune_plan_get_values (plan);
  g_autoptr (GError) error = NULL;

  for (int method = 0; method < ATTUNE_N_METHODS; method++)
    {
      g_assert_true (attune_settings_set_text (G_OBJECT (plan), "method",
                                               attune_method_get_name (method), NULL));
      g_assert_cmpint (attune_plan_get_values (plan)->method, ==, method);
      g_assert_cmpuint (strlen (attune_method_get_title (method)), >, 0);
      g_assert_true (g_str_has_suffix (attune_method_get_text (method), "."));
    }
  g_object_set (plan, "method", ATTUNE_METHOD_IA3, NULL);
  g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
  g_assert_true (attune_plan_uses (plan, "base-type"));
  g_assert_false (attune_plan_uses (plan, "virtual-tokens"));
  for (int method = ATTUNE_METHOD_PROMPT; method <= ATTUNE_METHOD_PREFIX; method++)
    {
      g_object_set (plan, "method", method, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
      g_assert_true (attune_plan_uses (plan, "virtual-tokens"));
      g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
      g_assert_false (attune_plan_check (plan, NULL)); /* there is no head beside them */
      g_object_set (plan, "objective", ATTUNE_OBJECTIVE_ANSWERS, NULL);
      g_assert_true (attune_plan_check (plan, NULL));
      g_assert_cmpint (attune_plan_get_rank (plan), ==, 0);
    }
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);
  g_assert_true (attune_plan_uses (plan, "method") && attune_plan_uses (plan, "epochs"));
  g_assert_false (attune_plan_uses (plan, "lora-rank") || attune_plan_uses (plan, "targets"));
  g_assert_false (attune_plan_uses (plan, "layers") || attune_plan_uses (plan, "rounds"));
  g_assert_false (attune_plan_uses (plan, "precision")); /* the processor rounds nothing */
  g_object_set (plan, "device", ATTUNE_DEVICE_AUTO, NULL);
  g_assert_true (attune_plan_uses (plan, "precision"));
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);

  /* what has no say is not looked at; a rate for adapters is moved along or, where it is nobody's,
   * stays */
  g_object_set (plan, "targets", "knee", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_follow (plan, &before));
  g_assert_cmpfloat (attune_plan_get_values (plan)->learning_rate, ==, 2e-5);
  g_object_set (plan, "learning-rate", 1e-2, NULL);
  g_assert_false (attune_plan_follow (plan, &before));
  g_assert_false (attune_plan_check (plan, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, "2e-05"));
}

static void
refuse (AttunePlan *plan, const char *words)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (attune_plan_check (plan, &error));
  g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
  g_assert_nonnull (strstr (error->message, words));
}

/* What is not to be forgotten, and how. */
static void
test_earlier (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  g_assert_true (attune_plan_uses (plan, "earlier"));
  g_assert_false (attune_plan_uses (plan, "replay-share") || attune_plan_uses (plan, "ewc-weight"));
  g_object_set (plan, "replay-share", 0.2, NULL);
  g_assert_true (attune_plan_uses (plan, "replay-share")); /* so that it can be set back */
  refuse (plan, "replay-share");
  g_assert_cmpint (attune_plan_count_replay (v), ==, 0);
  g_object_set (plan, "earlier", "somewhere.txt", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_uses (plan, "ewc-weight") && !attune_plan_uses (plan, "ewc-samples"));
  g_assert_cmpint (attune_plan_count_replay (v), ==, 4); /* a fifth of 16 + 4 */
  g_object_set (plan, "batch-size", 1, NULL);
  g_assert_cmpint (attune_plan_count_replay (v), ==, 1);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_DPO, NULL);
  refuse (plan, "--ewc-weight");
  g_assert_true (attune_plan_uses (plan, "replay-share"));
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_LABELS, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "earlier")); /* what is refused can be seen */
  g_assert_false (attune_plan_uses (plan, "ewc-weight"));
  g_object_set (plan, "earlier", "", "replay-share", 0.0, "ewc-weight", 1.0, NULL);
  refuse (plan, "no Earlier Material");
  g_assert_true (attune_plan_uses (plan, "ewc-weight"));
  g_assert_false (attune_plan_uses (plan, "earlier"));
  g_object_set (plan, "earlier", "somewhere.txt", NULL);
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_DPO, "replay-share", 0.0, "ewc-weight", 10.0,
                NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_object_set (plan, "ranks", 2, "objective", ATTUNE_OBJECTIVE_TEXT, NULL);
  refuse (plan, "--ewc-weight");
  g_object_set (plan, "ranks", 1, "method", ATTUNE_METHOD_HALF, "learning-rate", 1e-5, NULL);
  refuse (plan, "--method full");
  g_object_set (plan, "method", ATTUNE_METHOD_FULL, NULL);
  g_assert_true (attune_plan_check (plan, NULL));
}

/* What is to be treated alike. */
static void
test_terms (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  g_assert_true (attune_plan_uses (plan, "term-pairs"));
  g_assert_false (attune_plan_uses (plan, "counterfactuals")
                  || attune_plan_uses (plan, "gap-weight"));
  g_object_set (plan, "gap-weight", 1.0, NULL);
  g_assert_true (attune_plan_uses (plan, "gap-weight"));
  refuse (plan, "term-pairs");
  g_object_set (plan, "term-pairs", "somewhere.csv", NULL);
  g_assert_true (attune_plan_check (plan, NULL));
  g_assert_true (attune_plan_uses (plan, "counterfactuals"));
  g_assert_cmpint (attune_plan_count_samples (v), ==, 32);
  g_object_set (plan, "counterfactuals", FALSE, "gap-weight", 0.0, NULL);
  g_assert_cmpint (attune_plan_count_samples (v), ==, 16);
  g_object_set (plan, "counterfactuals", TRUE, "ranks", 2, NULL);
  refuse (plan, "--term-pairs");
  g_object_set (plan, "ranks", 1, "objective", ATTUNE_OBJECTIVE_ORPO, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "term-pairs")); /* what is refused can be seen */
  g_assert_false (attune_plan_uses (plan, "gap-weight")
                  || attune_plan_uses (plan, "counterfactuals"));
  g_object_set (plan, "objective", ATTUNE_OBJECTIVE_LABELS, "gap-weight", 1.0, NULL);
  refuse (plan, "--objective answers");
  g_assert_true (attune_plan_uses (plan, "term-pairs") && attune_plan_uses (plan, "gap-weight"));
}

/* A base in 4 bits goes with an adapter, and QLoRA with such a base. */
static void
test_base_type (void)
{
  static const struct
  {
    AttuneMethod method;
    AttuneBaseKind kind;
    gboolean doubled;
    AttuneType type;   /* where it is accepted */
    const char *named; /* (nullable): what the refusal offers */
  } cases[] = {
    { ATTUNE_METHOD_LORA, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_F32, NULL },
    { ATTUNE_METHOD_LORA, ATTUNE_BASE_FP4, FALSE, ATTUNE_TYPE_FP4, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_NF4_DOUBLE, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_FP4, TRUE, ATTUNE_TYPE_FP4_DOUBLE, NULL },
    { ATTUNE_METHOD_QLORA, ATTUNE_BASE_STORED, TRUE, 0, "--method lora" },
    { ATTUNE_METHOD_DORA, ATTUNE_BASE_NF4, FALSE, ATTUNE_TYPE_NF4, NULL },
    { ATTUNE_METHOD_FULL, ATTUNE_BASE_AUTO, TRUE, ATTUNE_TYPE_F32, NULL },
    { ATTUNE_METHOD_FULL, ATTUNE_BASE_NF4, TRUE, 0, "--method qlora" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (AttunePlan) plan = attune_plan_new ();
      g_autoptr (GError) error = NULL;

      g_object_set (plan, "method", cases[i].method, "base-type", cases[i].kind,
                    "double-quantisation", cases[i].doubled, "learning-rate", 1e-4, NULL);
      if (attune_plan_check (plan, &error))
        {
          g_assert_null (cases[i].named);
          g_assert_cmpint (attune_plan_get_base_type (plan), ==, cases[i].type);
        }
      else
        {
          g_assert_error (error, ATTUNE_PLAN_ERROR, ATTUNE_PLAN_ERROR_VALUE);
          g_assert_nonnull (cases[i].named);
          g_assert_nonnull (strstr (error->message, cases[i].named));
        }
    }
}

/* What an optimizer begins with is taken along where nobody has changed it, also together with
 * another method's; what its formula does not have has no say. */
static void
test_optimizers (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  for (int i = 0; i < ATTUNE_N_OPTIMIZERS; i++)
    {
      const AttunePlanValues before = *v;

      g_object_set (plan, "optimizer", i, "method", i % 2 ? ATTUNE_METHOD_FULL : ATTUNE_METHOD_LORA,
                    NULL);
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
      g_assert_cmpfloat (v->beta2, ==, attune_optimizer_get_start (i)->beta2);
      g_assert_cmpfloat (v->epsilon, ==, attune_optimizer_get_start (i)->epsilon);
      g_assert_true (attune_plan_check (plan, NULL));
    }
  for (int i = 0; i < ATTUNE_N_OPTIMIZERS; i++) /* of two large ones: no more than is allowed */
    {
      const AttunePlanValues before = *v;

      g_object_set (plan, "optimizer", i, "method", ATTUNE_METHOD_IA3, NULL);
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
    }
  g_object_set (plan, "method", ATTUNE_METHOD_LORA, NULL);
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAMW_8BIT, NULL);
  g_assert_true (attune_plan_uses (plan, "beta2") && attune_plan_uses (plan, "epsilon"));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_SGD, NULL);
  g_assert_true (attune_plan_uses (plan, "beta1") && !attune_plan_uses (plan, "beta2"));
  g_object_set (plan, "optimizer", ATTUNE_OPTIMIZER_ADAFACTOR, NULL);
  g_assert_false (attune_plan_uses (plan, "beta1") || attune_plan_uses (plan, "epsilon"));
  g_assert_true (attune_plan_uses (plan, "weight-decay"));
}

static void
test_objectives (void)
{
  g_autoptr (AttunePlan) plan = attune_plan_new ();
  const AttunePlanValues *v = attune_plan_get_values (plan);

  for (int i = 0; i < ATTUNE_N_OBJECTIVES; i++)
    {
      const AttunePlanValues before = *v;

      g_assert_true (attune_settings_set_text (G_OBJECT (plan), "objective",
                                               attune_objective_get_name (i), NULL));
      g_assert_cmpint (v->objective, ==, i);
      g_assert_cmpuint (strlen (attune_objective_get_title (i)), >, 0);
      g_assert_true (g_str_has_suffix (attune_objective_get_text (i), "."));
      attune_plan_follow (plan, &before);
      g_assert_cmpfloat (v->learning_rate, ==, attune_plan_get_start_rate (plan));
      g_assert_cmpfloat (v->preference_beta, ==, attune_objective_get_beta (i));
      g_assert_true (attune_plan_uses (plan, "preference-beta")
                     == (attune_objective_prefers (i) && !attune_objective_scores (i)));
      g_assert_true (attune_plan_uses (plan, "label-smoothing")
                     != (attune_objective_prefers (i) || attune_objective_writes (i)));
      g_assert_true (attune_plan_uses (plan, "reward-margin") == (i == ATTUNE_OBJECTIVE_REWARD));
      g_assert_true (attune_plan_uses (plan, "answer-limit") == attune_objective_writes (i));
      g_assert_true (attune_plan_uses (plan, "preference-loss") == (i == ATTUNE_OBJECTIVE_DPO));
      g_assert_true (attune_plan_uses (plan, "desirable-weight") == (i == ATTUNE_OBJECTIVE_KTO));
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
  g_test_add_func ("/plan/methods", test_methods);
  g_test_add_func ("/plan/earlier", test_earlier);
  g_test_add_func ("/plan/terms", test_terms);
  g_test_add_func ("/plan/base-type", test_base_type);
  g_test_add_func ("/plan/optimizers", test_optimizers);
  g_test_add_func ("/plan/objectives", test_objectives);
  g_test_add_func ("/plan/layers", test_layers);
  g_test_add_func ("/plan/no-biases", test_no_biases);
  return g_test_run ();
}
