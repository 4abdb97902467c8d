/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl prepare: from rows to samples, and labels of like weight where the model has to say
 * which records are neighbours.
 */
#include "command.h"
#include "output.h"
#include "progress.h"

#include "core/settings.h"
#include "data/report.h"
#include "data/smote-balance.h"
#include "generate/embed.h"
#include "job/tuned-model.h"

#include <glib/gstdio.h>

/* Of a longer question the beginning says what it is about. */
#define EMBEDDED_TOKENS 1024

/* Where the questions lie, as the model to be tuned sees them. */
static gboolean
embed (gpointer data, AttuneDataset *dataset, const guint32 *numbers, guint n, float *vectors,
       GCancellable *cancellable, GError **error)
{
  AttuneTunedModel *tuned = data;

  return attune_embed_samples (tuned->decoder, dataset, ATTUNE_SPLIT_TRAIN, numbers, n,
                               EMBEDDED_TOKENS, vectors, cancellable, error);
}

static gboolean
balance (AttuneProject *project, const char *unbalanced, const char *dataset, JsonNode **report,
         GError **error)
{
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Balancing");
  g_autoptr (AttuneTunedModel) tuned
      = attune_tuned_model_open (attune_project_get_model (project), NULL, 0, error);
  g_autoptr (JsonNode) before = g_steal_pointer (report);
  AttuneEmbedder embedder;

  if (tuned == NULL)
    return FALSE;
  embedder = (AttuneEmbedder) {
    tuned->decoder->config.n_embd, embed, tuned,
    attune_objective_labels (attune_plan_get_values (attune_project_get_plan (project))->objective)
  };
  return attune_dataset_balance_smote (
      unbalanced, dataset, attune_project_get_data_settings (project),
      attune_model_get_tokenizer (tuned->model), attune_model_get_template (tuned->model),
      &embedder, attune_progress_line_report, &line, NULL, report, error);
}

static gboolean
prepare (AttuneProject *project, JsonNode **report, GError **error)
{
  AttuneDataSettings *settings = attune_project_get_data_settings (project);
  g_autofree char *dataset = attune_project_get_file (project, "dataset.h5");
  g_autofree char *unbalanced = attune_project_get_file (project, ATTUNE_DATASET_UNBALANCED);
  const gboolean balances
      = attune_data_settings_get_values (settings)->balance == ATTUNE_BALANCE_SMOTE;
  g_auto (AttuneProgressLine) line = ATTUNE_PROGRESS_LINE ("Preparing");
  g_autoptr (AttuneModel) model = NULL;
  gboolean good;

  if (!g_file_test (dataset, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The project has no data yet. Take some in first: attunectl import DIR FILE");
      return FALSE;
    }
  if (attune_project_get_model (project) == NULL)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                   "The project has no model yet, and each model reads text in its own way. Choose "
                   "one first: attunectl "
                   "model DIR FILE");
      return FALSE;
    }
  model = attune_model_open (attune_project_get_model (project), error);
  if (model == NULL)
    return FALSE;
  /* What is not balanced yet does not look as if it was done, nor replaces what was. */
  good = attune_dataset_prepare_to (
      dataset, balances ? unbalanced : dataset, settings, attune_model_get_tokenizer (model),
      attune_model_get_template (model), attune_progress_line_report, &line, NULL, report, error);
  attune_progress_line_clear (&line);
  good = good && (!balances || balance (project, unbalanced, dataset, report, error));
  g_unlink (unbalanced); /* also where an earlier preparation was stopped */
  return good;
}

static int
run_prepare (const AttuneCommand *self, char **argv)
{
  g_autoptr (AttuneDataSettings) scratch = attune_data_settings_new ();
  g_auto (GStrv) arguments = attune_command_parse (self, NULL, G_OBJECT (scratch), argv),
                 again = NULL;
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (JsonNode) report = NULL, before = NULL;
  g_autofree char *json = NULL, *text = NULL;
  GObject *settings;
  g_autoptr (GError) error = NULL;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((project = attune_project_open (arguments[0], &error)) == NULL)
    return attune_output_fail (error);
  settings = G_OBJECT (attune_project_get_data_settings (project));
  before = attune_settings_to_json (settings);
  attune_settings_apply_json (G_OBJECT (scratch), before, NULL);
  /* Now that the project is known: the same words once more, onto its own settings. What is as it
   * was is not saved: a window may be about to save more. */
  again = attune_command_parse (self, NULL, settings, argv);
  if (!prepare (project, &report, &error)
      || (!attune_settings_equal (settings, G_OBJECT (scratch))
          && !attune_project_save (project, &error)))
    return attune_output_fail (error);

  json = json_to_string (report, FALSE);
  text = attune_data_report_to_text (json);
  attune_output_line ("%s", g_strchomp (text));
  attune_output_row ("Next", "attunectl plan %s", arguments[0]);
  attune_output_json (json_node_dup_object (report));
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_prepare = {
  .name = "prepare",
  .parameters = "DIR",
  .summary = "Clean the data, keep some of it aside for checking, and read it as the model will",
  .description
  = "Nothing is deleted: what is cleaned away is kept with its reason, and the text as you gave it "
    "stays. The\n"
    "settings are remembered in the project; preparing again with others replaces the result.\n"
    "\n"
    "Examples:\n"
    "  attunectl prepare Nursing.attune\n"
    "  attunectl prepare Nursing.attune --system-prompt \"You explain nursing terms briefly.\"\n"
    "  attunectl prepare Nursing.attune --abbreviations abbreviations.csv --test-share 0.2\n"
    "\n"
    "Next: attunectl plan Nursing.attune",
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run_prepare,
};
