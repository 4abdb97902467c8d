/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A tiny model, a small data set and a plan, for tests of whole runs.
 */
#pragma once
#include "deploy/export.h"
#include "scratch-folder.h"
#include "text/golden.h"
#include "tune/best-weights.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define ROWS 40

typedef struct
{
  ScratchFolder *folder;
  AttuneModel *model;
  AttuneDataset *dataset;
  AttunePlan *plan;
} Fixture;

/* One of four short answers to each question, and a label: easily learned. */
static inline void
write_table (const char *path, const char *const *labels)
{
  static const char *const answers[] = { "red and blue", "a small bone", "twice daily", "none" };
  g_autoptr (GString) text = g_string_new ("question,answer,label\n");

  for (int i = 0; i < ROWS; i++)
    g_string_append_printf (text, "What is item %d of group %d?,%s,%s\n", i, i % 4, answers[i % 4],
                            labels[i % 4]);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
}

/* @labels: four of them */
static inline void
set_up_labelled (Fixture *f, const char *const *labels)
{
  g_autofree char *table = NULL, *path = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (AttuneDataSettings) settings = attune_data_settings_new ();
  g_autoptr (GError) error = NULL;

  f->folder = scratch_folder_new ();
  table = g_build_filename (f->folder, "table.csv", NULL);
  path = g_build_filename (f->folder, "dataset.h5", NULL);
  write_table (table, labels);
  f->model = golden_tiny_model ();
  source = attune_source_probe (table, &error);
  g_assert_no_error (error);
  attune_dataset_import (path, source, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_dataset_prepare (path, settings, attune_model_get_tokenizer (f->model),
                          attune_model_get_template (f->model), NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  f->dataset = attune_dataset_open (path, &error);
  g_assert_no_error (error);
  f->plan = attune_plan_new ();
  g_object_set (f->plan, "threads", 2, "lora-rank", 4, "lora-alpha", 8.0, "learning-rate", 5e-3,
                "max-steps", 12, "batch-size", 6, "validate-every", 4, "samples", 1, NULL);
}

static inline void
set_up (Fixture *f, gconstpointer data)
{
  static const char *const labels[] = { "colour", "often", "bone", "rarely" };

  set_up_labelled (f, labels);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  attune_dataset_close (f->dataset);
  attune_model_close (f->model);
  g_object_unref (f->plan);
  scratch_folder_free (f->folder);
}

/* The same model with weights in 16 bits, which can be rounded. */
static inline void
take_f16_model (Fixture *f)
{
  g_autofree char *path = g_build_filename (f->folder, "f16.gguf", NULL);
  g_autoptr (AttuneBackend) be = attune_backend_cpu_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneDecoder) decoder = attune_decoder_new (attune_model_get_config (f->model), be,
                                                          attune_model_lookup, f->model, &error);

  g_assert_no_error (error);
  attune_export (ATTUNE_EXPORT_GGUF_F16, f->model, decoder, &(AttuneLoraConfig) { 0 }, "base", path,
                 NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&decoder, attune_decoder_free);
  attune_model_close (f->model);
  f->model = attune_model_open (path, &error);
  g_assert_no_error (error);
}

/* What the trainer told. */
typedef struct
{
  gint64 stop_after; /* steps; 0: never */
  gint64 steps;
  guint validations, samples, checkpoints;
  char *message; /* the last; to be freed by who looks at it */
  double first_loss, last_loss;
  double losses[64];   /* of the steps */
  const char *watched; /* (nullable): folder that is copied into … at every event: what a kill there
                          would leave behind */
  guint copies;        /* … "copy-N" in it */
} Told;

/* The files of a run as they are now. */
static inline void
copy_files (Told *told)
{
  g_autofree char *name_of_copy = g_strdup_printf ("copy-%u", told->copies);
  g_autofree char *copy = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *name;

  if (told->watched == NULL)
    return;
  told->copies++;
  copy = g_build_filename (told->watched, name_of_copy, NULL);
  g_assert_cmpint (g_mkdir (copy, 0700), ==, 0);
  dir = g_dir_open (told->watched, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, "whole"))
      {
        g_autofree char *from = g_build_filename (told->watched, name, NULL),
                        *to = g_build_filename (copy, name, NULL), *bytes = NULL;
        gsize n;

        g_assert_true (g_file_get_contents (from, &bytes, &n, NULL));
        g_assert_true (g_file_set_contents (to, bytes, n, NULL));
      }
}

static inline void
on_step (gpointer data, const AttuneStepEvent *event)
{
  Told *told = data;

  g_assert_cmpint (event->step, ==, told->steps + 1);
  g_assert_true (isfinite (event->loss) && isfinite (event->gradient_norm));
  g_assert_cmpuint (event->target_tokens, >, 0);
  g_assert_cmpuint (event->tokens, >=, event->target_tokens);
  told->steps = event->step;
  told->losses[MIN (event->step, 63)] = event->loss;
}

static inline void
on_validation (gpointer data, const AttuneValidationEvent *event)
{
  Told *told = data;

  if (event->step == 0)
    told->first_loss = event->loss;
  told->last_loss = event->loss;
  told->validations++;
  copy_files (told);
}

static inline void
on_sample (gpointer data, const AttuneSampleEvent *event)
{
  g_assert_true (g_str_has_prefix (event->question, "What is item"));
  g_assert_nonnull (event->answer);
  ((Told *) data)->samples++;
}

static inline void
on_checkpoint (gpointer data, gint64 step)
{
  ((Told *) data)->checkpoints++;
  copy_files (data);
}

static inline void
on_message (gpointer data, const char *sentence)
{
  Told *told = data;

  g_free (told->message);
  told->message = g_strdup (sentence);
}

static inline gboolean
should_stop (gpointer data)
{
  const Told *told = data;

  return told->stop_after > 0 && told->steps >= told->stop_after;
}

static const AttuneTrainerFuncs funcs = { .on_step = on_step,
                                          .on_validation = on_validation,
                                          .on_sample = on_sample,
                                          .on_checkpoint = on_checkpoint,
                                          .should_stop = should_stop };

static inline AttuneTrainerResult
run (Fixture *f, const char *checkpoint, gboolean resume, Told *told)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &funcs, told, &result, &error);
  g_assert_no_error (error);
  return result;
}

/* What the plan's adapter has in the checkpoint: itself, its best state, and what the optimizer
 * remembers. */
static inline GBytes *
read_state (Fixture *f, const char *checkpoint)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  const AttuneOptimizer optimizer = attune_plan_get_values (f->plan)->optimizer;
  g_autoptr (GError) error = NULL;
  AttuneCheckpoint state = { 0 };
  AttuneLoraConfig lora;
  const gboolean averages = attune_plan_get_values (f->plan)->ema_decay > 0;
  gboolean found;
  float *all;

  g_assert_true (attune_plan_get_lora (f->plan, &lora, NULL));
  state.count = attune_lora_count (config, &lora);
  state.state_count = attune_optimizer_count (optimizer, state.count);
  if (state.state_count < 0)
    state.state_count
        = attune_lora_count_by_shape (config, &lora, attune_optimizer_get_shape_count (optimizer));
  all = g_new (float, 3 * state.count + state.state_count);
  state.values = all;
  state.best = all + state.count;
  state.state = all + 2 * state.count;
  state.average = averages ? state.state + state.state_count : NULL;
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  return g_bytes_new_take (all,
                           ((averages ? 3 : 2) * state.count + state.state_count) * sizeof (float));
}

/* The same of a run in which weights of the base learn, whose best are in a file of their own. */
static inline GBytes *
read_full_state (Fixture *f, const char *checkpoint)
{
  g_autofree char *path = g_build_filename (f->folder, checkpoint, NULL);
  const AttuneDecoderConfig *config = attune_model_get_config (f->model);
  const AttuneOptimizer optimizer = attune_plan_get_values (f->plan)->optimizer;
  g_autoptr (GError) error = NULL;
  AttuneBaseParts parts;
  AttuneCheckpoint state = { 0 };
  gboolean found;
  float *all;
  gint64 n;

  attune_plan_get_parts (f->plan, config, &parts, &error);
  g_assert_no_error (error);
  n = state.count = attune_base_parts_count (config, &parts);
  state.state_count
      = attune_optimizer_count (optimizer, attune_base_parts_count_at_once (config, &parts));
  if (state.state_count < 0)
    state.state_count = attune_base_parts_count_by_shape (
        config, &parts, attune_optimizer_get_shape_count (optimizer));
  state.values = all = g_new (float, 2 * n + state.state_count);
  state.state = all + 2 * n;
  attune_checkpoint_load (path, &state, &found, &error);
  g_assert_no_error (error);
  g_assert_true (found);
  g_assert_cmpint (state.best_step, >, 0);
  attune_best_weights_read (path, state.best_step, n, all + n, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (all, (2 * n + state.state_count) * sizeof (float));
}
