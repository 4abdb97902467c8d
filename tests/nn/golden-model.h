/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model, rows and values of a reference implementation, as tests/peers/make_*.py store them, and
 * how ours are compared with them.
 */
#pragma once
#include "generate/pack.h"
#include "model/model.h"

#include <json-glib/json-glib.h>
#include <math.h>

typedef struct
{
  JsonObject *golden;
  JsonParser *parser;
  AttuneModel *model;
  AttuneBackend *be;
  AttuneDecoder *decoder;
  AttuneParameters *parameters;
  AttunePack *pack;
  AttuneActivations *act;
} Golden;

static inline char *
golden_path (const char *name)
{
  return g_test_build_filename (G_TEST_DIST, "golden", name, NULL);
}

/* The tiny model, or the one at $ATTUNE_MODEL or in the models folder. */
static inline char *
model_path (const char *name)
{
  g_autofree char *folder = attune_model_folder ();

  if (g_str_has_prefix (name, "tiny"))
    return golden_path (name);
  if (g_getenv ("ATTUNE_MODEL") != NULL)
    return g_strdup (g_getenv ("ATTUNE_MODEL"));
  return g_build_filename (folder, name, NULL);
}

static inline void
golden_free (Golden *g)
{
  g_clear_pointer (&g->act, attune_activations_free);
  g_clear_pointer (&g->pack, attune_pack_free);
  g_clear_pointer (&g->parameters, attune_parameters_free);
  g_clear_pointer (&g->decoder, attune_decoder_free);
  g_clear_pointer (&g->be, attune_backend_free);
  g_clear_pointer (&g->model, attune_model_close);
  g_clear_object (&g->parser);
  g_free (g);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Golden, golden_free)

static inline AttuneSample
read_row (JsonObject *row)
{
  JsonArray *ids = json_object_get_array_member (row, "ids"),
            *learn = json_object_get_array_member (row, "learn");
  AttuneSample sample = { .n = json_array_get_length (ids) };

  sample.tokens = g_new (gint32, sample.n);
  sample.learn = g_new (guint8, sample.n);
  for (guint i = 0; i < sample.n; i++)
    {
      sample.tokens[i] = json_array_get_int_element (ids, i);
      sample.learn[i] = json_array_get_int_element (learn, i);
    }
  return sample;
}

static inline void
pack_rows (Golden *g)
{
  JsonArray *rows = json_object_get_array_member (g->golden, "rows");
  int n_tokens = 0;

  for (guint i = 0; i < json_array_get_length (rows); i++)
    n_tokens += json_array_get_length (
        json_object_get_array_member (json_array_get_object_element (rows, i), "ids"));
  g->pack = attune_pack_new (n_tokens, TRUE);
  for (guint i = 0; i < json_array_get_length (rows); i++)
    {
      g_auto (AttuneSample) sample = read_row (json_array_get_object_element (rows, i));

      g_assert_true (attune_pack_add (g->pack, &sample));
    }
}

/* The file and its model with a decoder; %NULL after having skipped. */
static inline Golden *
golden_load (const char *json)
{
  g_autoptr (Golden) g = g_new0 (Golden, 1);
  g_autofree char *path = golden_path (json), *weights = NULL;
  g_autoptr (GError) error = NULL;

  g->parser = json_parser_new ();
  if (!json_parser_load_from_file (g->parser, path, &error))
    g_error ("%s", error->message);
  g->golden = json_node_get_object (json_parser_get_root (g->parser));
  weights = model_path (json_object_get_string_member (g->golden, "model"));
  if (!g_file_test (weights, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the model file is not here: ./dev model fetches it");
      return NULL;
    }
  g->model = attune_model_open (weights, &error);
  g_assert_no_error (error);
  g->be = attune_backend_cpu_new (0);
  g->decoder = attune_decoder_new (attune_model_get_config (g->model), g->be, attune_model_lookup,
                                   g->model, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&g);
}

/* The rows and the memory for a step over all of them; @shape's tokens are filled in. */
static inline void
golden_lay_out (Golden *g, AttuneStepShape *shape)
{
  g_autoptr (GError) error = NULL;

  pack_rows (g);
  shape->max_tokens = shape->max_targets = attune_pack_get_capacity (g->pack);
  g->act = attune_activations_new (g->be, attune_model_get_config (g->model), shape, &error);
  g_assert_no_error (error);
}

/* Values by the rules that are in the files. */
static inline void
golden_fill (Golden *g)
{
  for (guint k = 0; k < g->parameters->n_items; k++)
    {
      const AttuneParameter *item = &g->parameters->items[k];
      const gboolean length = g_str_has_suffix (item->name, ".magnitude"),
                     factor = g_str_has_suffix (item->name, ".ia3");
      float *values = item->value.data;

      for (gint64 i = 0; i < attune_tensor_count (&item->value); i++)
        {
          const float value = 0.05 * sin (0.37 * i + 1.3 * k);

          values[i] = length ? values[i] * (1 + value) : factor ? 1 + 10 * value : value;
        }
    }
}

/* Packed here, each row alone there. */
static inline void
check_losses (Golden *g, JsonObject *expected, float gradient_scale)
{
  const AttuneBatch *batch = attune_pack_get_batch (g->pack);
  JsonArray *row_nats = json_object_get_array_member (expected, "row_nats");
  g_autofree double *losses = g_new (double, batch->n_targets),
                    *rows = g_new0 (double, json_array_get_length (row_nats));
  g_autoptr (GError) error = NULL;
  double mean = 0, worst = 0;

  g_assert_cmpint (batch->n_targets, ==, json_object_get_int_member (expected, "targets"));
  attune_decoder_forward_backward (g->decoder, g->act, batch, losses, gradient_scale, FALSE, 0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch->n_targets; i++)
    {
      rows[attune_pack_get_owner (g->pack, i)] += losses[i];
      mean += losses[i] / batch->n_targets;
    }
  for (guint i = 0; i < json_array_get_length (row_nats); i++)
    {
      const double nats = json_array_get_double_element (row_nats, i);

      worst = MAX (worst, fabs (rows[i] - nats) / nats);
    }
  g_test_message ("mean loss %.7f, stored %.7f; rows differ by at most %.2g relative", mean,
                  json_object_get_double_member (expected, "mean_loss"), worst);
  g_assert_cmpfloat (worst, <, 1e-4); /* seen: 2e-6 */
}

/* The mean loss; its gradients overwrite those before. */
static inline double
golden_loss (Golden *g)
{
  const AttuneBatch *batch = attune_pack_get_batch (g->pack);
  g_autofree double *losses = g_new (double, batch->n_targets);
  g_autoptr (GError) error = NULL;
  double sum = 0;

  g->be->zero (g->be, &g->parameters->grads);
  attune_decoder_forward_backward (g->decoder, g->act, batch, losses, 1.0f / batch->n_targets, TRUE,
                                   0, 0);
  attune_backend_sync (g->be, &error);
  g_assert_no_error (error);
  for (int i = 0; i < batch->n_targets; i++)
    sum += losses[i];
  return sum / batch->n_targets;
}

static inline void
check_gradient (Golden *g, JsonObject *expected)
{
  const AttuneParameter *item
      = attune_parameters_find (g->parameters, json_object_get_string_member (expected, "name"));
  JsonArray *first = json_object_get_array_member (expected, "first");
  const double norm = json_object_get_double_member (expected, "norm");
  const float *grad = item->grad.data;
  double sum = 0, dot = 0;

  for (gint64 i = 0; i < attune_tensor_count (&item->grad); i++)
    {
      sum += (double) grad[i] * grad[i];
      dot += grad[i] * sin (0.11 * i + 0.5);
    }
  g_assert_cmpfloat (fabs (sqrt (sum) - norm), <, 1e-3 * norm);
  g_assert_cmpfloat (fabs (dot - json_object_get_double_member (expected, "dot")), <, 1e-3 * norm);
  for (guint i = 0; i < json_array_get_length (first); i++)
    g_assert_cmpfloat (fabs (grad[i] - json_array_get_double_element (first, i)), <, 1e-3 * norm);
}
