/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The estimate of a plan, for people and for programs.
 */
#include "forecast.h"

#include "data/report-view.h"
#include "job/run-speed.h"
#include "output.h"
#include "tune/trainer.h"

static gboolean
fail_stage (GError **error, const char *what, const char *command, AttuneProject *project)
{
  g_autofree char *name = g_path_get_basename (attune_project_get_path (project));

  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
               "%s. Do this first: attunectl %s %s", what, command, name);
  return FALSE;
}

static void
add_count (GPtrArray *notes, guint64 n, const char *what)
{
  if (n > 0)
    g_ptr_array_add (notes, g_strdup_printf ("%s (%" G_GUINT64_FORMAT ")", what, n));
}

/* What makes a model quietly worse, said once more before it is trained. */
static GPtrArray *
gather_notes (const AttuneModel *model, const AttuneDataset *dataset)
{
  GPtrArray *notes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) node = json_from_string (attune_dataset_get_report (dataset), NULL);
  g_autoptr (AttuneReportView) report = attune_report_view_new (node);

  for (const char *const *w = attune_model_get_warnings (model); *w != NULL; w++)
    g_ptr_array_add (notes, g_strdup (*w));
  add_count (notes, report->n_cut, "Samples are cut for their length: their ends are not learned");
  add_count (notes, report->n_endless,
             "Answers end without a token to stop at: where an answer ends cannot be learned "
             "from them");
  add_count (notes, report->n_restarts,
             "Samples have the token that begins a text twice, which models have learned once");
  return notes;
}

gboolean
attune_forecast_make (AttuneForecast *self, AttuneProject *project, AttunePlan *plan,
                      double memory_limit, GError **error)
{
  g_autofree char *path = attune_project_get_file (project, "dataset.h5");
  g_autoptr (AttuneModel) model = NULL;
  g_autoptr (AttuneDataset) dataset = NULL;
  const AttuneDecoderConfig *config;
  guint64 weights;
  gint64 total;

  *self = (AttuneForecast) { 0 };
  if (attune_project_get_model (project) == NULL)
    return fail_stage (error, "The project has no model yet", "model", project);
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return fail_stage (error, "The project has no data yet", "import", project);
  if ((model = attune_model_open (attune_project_get_model (project), error)) == NULL
      || (dataset = attune_plan_open_dataset (plan, path, error)) == NULL
      || !attune_dataset_check_reader (dataset, attune_model_get_tokenizer (model),
                                       attune_model_get_template (model), error)
      || !attune_data_facts (dataset,
                             attune_objective_labels (attune_plan_get_values (plan)->objective),
                             &self->facts, error))
    return FALSE;

  config = attune_model_get_config (model);
  weights = attune_model_get_bytes (model);
  total = attune_model_count_parameters (model);
  self->model_name = g_strdup (attune_model_get_name (model));
  self->notes = gather_notes (model, dataset);
  self->available_bytes = attune_memory_available ();
  if (memory_limit > 0)
    self->available_bytes = MIN (self->available_bytes, (guint64) (memory_limit * 1e9));
  if (!attune_estimate (plan, config, weights, total, &self->facts, &self->estimate, error))
    return FALSE;
  attune_estimate_check (plan, config, weights, total, &self->facts, self->available_bytes,
                         &self->too_large);
  self->facts = attune_plan_facts (attune_plan_get_values (plan), &self->facts);
  return TRUE;
}

void
attune_forecast_clear (AttuneForecast *self)
{
  g_clear_pointer (&self->model_name, g_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_error (&self->too_large);
}

static void
tell_part (const char *label, guint64 bytes)
{
  g_autofree char *text = attune_format_bytes (bytes);

  if (bytes > 0)
    attune_output_row (label, "%10s", text);
}

void
attune_forecast_tell (const AttuneForecast *self, AttuneProject *project)
{
  const AttuneEstimate *e = &self->estimate;
  g_autofree char *trainable = attune_format_count (e->trainable),
                  *total = attune_format_count (e->total);
  g_autofree char *peak = attune_format_bytes (e->peak_bytes),
                  *disk = attune_format_bytes (e->disk_bytes);
  g_autofree char *free_now = attune_format_bytes (self->available_bytes), *run = NULL;
  g_autofree char *steps = attune_format_count (e->steps),
                  *tokens = attune_format_count (self->facts.train_tokens);
  const double speed = attune_project_find_speed (project, &run);
  const AttunePlanValues *plan = attune_plan_get_values (attune_project_get_plan (project));

  attune_output_heading ("What it will take");
  attune_output_row ("Model", "%s", self->model_name);
  attune_output_row ("Trained", "%s of %s weights (%.2f %%)", trainable, total,
                     100.0 * e->trainable / MAX (e->total, 1));
  attune_output_row ("Data",
                     "%" G_GUINT64_FORMAT " samples to learn from (%s tokens), %" G_GUINT64_FORMAT
                     " to check with",
                     self->facts.n_train, tokens, self->facts.n_validation);
  attune_output_row ("Steps", "%s", steps);
  if (speed > 0 && self->facts.n_train > 0)
    {
      const double passes = (double) e->steps * plan->batch_size / self->facts.n_train;
      g_autofree char *time = attune_format_seconds (passes * self->facts.train_tokens / speed);

      attune_output_row ("Time", "about %s, at the speed of run %s, and the checks", time, run);
    }
  attune_output_row ("Disk", "%s for checkpoints", disk);
  attune_output_heading ("Memory");
  tell_part ("Model", e->weights_bytes);
  tell_part (attune_method_adapts (plan->method) ? "Adapter" : "Learning", e->learning_bytes);
  tell_part ("Computation", e->activation_bytes);
  tell_part ("Samples", e->sampling_bytes);
  tell_part ("Work buffers", e->packing_bytes);
  tell_part ("Data", e->data_bytes);
  tell_part ("Program", e->base_bytes);
  attune_output_row ("Peak", "%10s  of %s that are free", peak, free_now);
  for (guint i = 0; i < self->notes->len; i++)
    attune_output_text (i == 0 ? "Notes" : "", self->notes->pdata[i]);
}

JsonObject *
attune_forecast_to_json (const AttuneForecast *self)
{
  const AttuneEstimate *e = &self->estimate;
  JsonObject *object = json_object_new ();
  JsonArray *notes = json_array_new ();

  for (guint i = 0; i < self->notes->len; i++)
    json_array_add_string_element (notes, self->notes->pdata[i]);
  json_object_set_array_member (object, "notes", notes);
  json_object_set_string_member (object, "model_name", self->model_name);
  json_object_set_int_member (object, "trainable", e->trainable);
  json_object_set_int_member (object, "total", e->total);
  json_object_set_int_member (object, "train_samples", self->facts.n_train);
  json_object_set_int_member (object, "validation_samples", self->facts.n_validation);
  json_object_set_int_member (object, "train_tokens", self->facts.train_tokens);
  json_object_set_int_member (object, "target_tokens", self->facts.target_tokens);
  json_object_set_int_member (object, "steps", e->steps);
  json_object_set_int_member (object, "weights_bytes", e->weights_bytes);
  json_object_set_int_member (object, "learning_bytes", e->learning_bytes);
  json_object_set_int_member (object, "activation_bytes", e->activation_bytes);
  json_object_set_int_member (object, "sampling_bytes", e->sampling_bytes);
  json_object_set_int_member (object, "packing_bytes", e->packing_bytes);
  json_object_set_int_member (object, "data_bytes", e->data_bytes);
  json_object_set_int_member (object, "base_bytes", e->base_bytes);
  json_object_set_int_member (object, "peak_bytes", e->peak_bytes);
  json_object_set_int_member (object, "disk_bytes", e->disk_bytes);
  json_object_set_int_member (object, "available_bytes", self->available_bytes);
  json_object_set_boolean_member (object, "fits", self->too_large == NULL);
  if (self->too_large != NULL)
    json_object_set_string_member (object, "too_large", self->too_large->message);
  return object;
}
