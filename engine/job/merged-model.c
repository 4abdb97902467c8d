/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Takes the adapters of runs off one decoder, one after the other, and puts what they come to on
 * it.
 */
#include "job/merged-model.h"

#include "deploy/read-back.h"
#include "plan/estimate.h"
#include "tune/checkpoint.h"

#include <string.h>

/* A run's adapter: for each linear of all layers, one after another, its factors; a.data %NULL:
 * that one has none. */
typedef struct
{
  AttuneMergePart *parts;
  guint n;
  int rank;
  guint targets;
} Source;

static void
source_free (gpointer data)
{
  Source *self = data;

  for (guint i = 0; i < self->n; i++)
    {
      g_free (self->parts[i].a.data);
      g_free (self->parts[i].b.data);
    }
  g_free (self->parts);
  g_free (self);
}

static gboolean G_GNUC_PRINTF (2, 3) fail (GError **error, const char *format, ...)
{
  va_list list;

  va_start (list, format);
  g_propagate_error (error,
                     g_error_new_valist (ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE, format, list));
  va_end (list);
  return FALSE;
}

/* --- reading */

/* The factors of all adapters on @linear side by side: one that began in the weight has a second
 * one that takes its beginning away. Scales differ in their sign alone. */
static AttuneMergePart
copy_factors (const AttuneLinear *linear)
{
  const AttuneLora *first = &linear->adapters[0];
  const gint64 k = first->a.dims[1], n = first->b.dims[0], r = first->rank,
               rank = r * linear->n_adapters;
  float *a = g_new (float, rank *k), *b = g_new (float, n *rank);

  for (int i = 0; i < linear->n_adapters; i++)
    {
      const AttuneLora *lora = &linear->adapters[i];
      const float sign = lora->scale == first->scale ? 1 : -1, *from = lora->b.data;

      memcpy (a + i * r * k, lora->a.data, r * k * sizeof (float));
      for (gint64 row = 0; row < n; row++)
        for (gint64 j = 0; j < r; j++)
          b[row * rank + i * r + j] = sign * from[row * r + j];
    }
  return (AttuneMergePart) { .a = { a, 2, { rank, k } },
                             .b = { b, 2, { n, rank } },
                             .scale = first->scale };
}

static Source *
take_source (const AttuneDecoder *decoder, const AttuneLoraConfig *lora)
{
  const int n = attune_layer_linears (&decoder->config);
  Source *self = g_new0 (Source, 1);

  self->n = decoder->config.n_layers * n;
  self->parts = g_new0 (AttuneMergePart, self->n);
  self->targets = lora->targets;
  self->rank = lora->principal ? 2 * lora->rank : lora->rank;
  for (guint i = 0; i < self->n; i++)
    {
      const AttuneLinear *linear = attune_decoder_layer_linear (&decoder->layers[i / n], i % n);

      if (linear->n_adapters > 0)
        self->parts[i] = copy_factors (linear);
    }
  return self;
}

static gboolean
check_run (const char *run, const AttuneRunPlan *plan, GError **error)
{
  const AttunePlanValues *values = attune_plan_get_values (plan->plan);
  const gboolean lora
      = values->method == ATTUNE_METHOD_LORA || values->method == ATTUNE_METHOD_QLORA;

  if (lora && !attune_objective_labels (values->objective)
      && !attune_objective_scores (values->objective))
    return TRUE;
  return fail (error,
               "The run “%s” (%s) cannot be merged with others: only adapters of --method lora and "
               "qlora that have learned text can.",
               run,
               lora ? attune_objective_get_name (values->objective)
                    : attune_method_get_name (values->method));
}

/* Whether @folder holds an adapter as PEFT writes it. */
static gboolean
is_peft (const char *folder)
{
  g_autofree char *config = g_build_filename (folder, "adapter_config.json", NULL);

  return g_file_test (config, G_FILE_TEST_EXISTS);
}

/* "llama38binstruct": the last part of a name or path, without what says how a file is stored.
 * Returns: (transfer full) */
static char *
shorten_name (const char *name)
{
  g_autofree char *last = g_path_get_basename (name);
  char *end = g_str_has_suffix (last, ".gguf") ? last + strlen (last) - strlen (".gguf") : NULL;
  GString *kept = g_string_new (NULL);

  if (end != NULL)
    {
      char *type;

      *end = '\0';
      if ((type = strrchr (last, '-')) != NULL
          && (g_ascii_strncasecmp (type, "-q", 2) == 0 || g_ascii_strncasecmp (type, "-iq", 3) == 0
              || g_ascii_strncasecmp (type, "-f", 2) == 0
              || g_ascii_strncasecmp (type, "-bf", 3) == 0))
        *type = '\0';
    }
  for (const char *c = last; *c != '\0'; c++)
    if (g_ascii_isalnum (*c))
      g_string_append_c (kept, g_ascii_tolower (*c));
  return g_string_free (kept, FALSE);
}

/* Nothing but its name says which model an adapter of elsewhere was made with: models of one shape
 * take each other's. */
static void
note_base (AttuneTunedModel *self, const char *folder, const char *base,
           const AttuneMergeOptions *options)
{
  const char *path = attune_model_get_path (self->model);
  g_autofree char *theirs = base != NULL ? shorten_name (base) : g_strdup (""),
                  *ours = shorten_name (path);

  if (options->notes == NULL || g_str_equal (theirs, ours))
    return;
  g_ptr_array_add (options->notes,
                   base != NULL
                       ? g_strdup_printf ("The adapter in “%s” says that it was made with “%s”. "
                                          "Make sure that “%s” is the same model: with another "
                                          "one what comes out is of no use.",
                                          folder, base, path)
                       : g_strdup_printf ("The adapter in “%s” does not say which model it was "
                                          "made with. Make sure that it is “%s”.",
                                          folder, path));
}

static Source *
read_peft (AttuneTunedModel *self, const char *folder, const AttuneMergeOptions *options,
           GError **error)
{
  g_auto (AttuneReadBack) read = { 0 };
  const int n = attune_layer_linears (&self->decoder->config);

  if (!attune_read_back_open (&read, ATTUNE_EXPORT_ADAPTER, folder, self->model, self->be, error))
    return NULL;
  if (read.has_head)
    fail (error,
          "The adapter in “%s” cannot be merged with others: it is for labels or scores, and its "
          "head would be lost.",
          folder);
  else if (read.lora.kind != ATTUNE_ADAPTER_LORA || read.lora.n_virtual > 0
           || n != attune_layer_linears (&read.decoder->config))
    fail (error,
          "The adapter in “%s” cannot be merged with others: only those of LoRA can, without "
          "DoRA.",
          folder);
  else
    {
      note_base (self, folder, read.base_name, options);
      return take_source (read.decoder, &read.lora);
    }
  return NULL;
}

/* Puts another run's adapter in the place of what is on the decoder. */
static Source *
read_source (AttuneTunedModel *self, const char *run, GError **error)
{
  g_autofree char *checkpoint = g_build_filename (run, "checkpoint.h5", NULL);
  g_autoptr (AttuneRunPlan) plan = attune_run_plan_read (run, error);
  const char *hash = attune_model_get_hash (self->model, plan != NULL ? error : NULL);
  AttuneLoraConfig lora;

  if (plan == NULL || hash == NULL || !check_run (run, plan, error))
    return NULL;
  if (g_strcmp0 (plan->model_hash, hash) != 0)
    {
      fail (error,
            "The run “%s” was made with another model, or has not begun. Only adapters of one "
            "model can be merged.",
            run);
      return NULL;
    }
  if (!attune_plan_get_lora (plan->plan, &lora, error))
    return NULL;
  attune_decoder_remove_adapters (self->decoder);
  g_clear_pointer (&self->parameters, attune_parameters_free);
  /* what PPO expected stands behind the adapter, and is of no use */
  lora.n_labels = attune_plan_get_values (plan->plan)->objective == ATTUNE_OBJECTIVE_PPO;
  self->parameters = attune_checkpoint_read_adapter (checkpoint, TRUE, self->decoder, &lora, error);
  self->decoder->labels = (AttuneLabelHead) { 0 };
  lora.n_labels = 0;
  return self->parameters != NULL ? take_source (self->decoder, &lora) : NULL;
}

/* --- merging */

/* The rank of what comes out, or 0 with @error. */
static int
find_rank (const GPtrArray *sources, const AttuneMergeOptions *options, GError **error)
{
  int sum = 0, largest = 0, smallest = G_MAXINT;

  for (guint i = 0; i < sources->len; i++)
    {
      const Source *source = sources->pdata[i];

      sum += source->rank;
      largest = MAX (largest, source->rank);
      smallest = MIN (smallest, source->rank);
      if (options->weights[i] <= 0 && options->method != ATTUNE_MERGE_CAT
          && !attune_merge_method_takes_apart (options->method))
        {
          fail (error,
                "A weight that is not above zero (--weights) has no root, which --method %s "
                "takes: use cat or svd.",
                attune_merge_method_get_name (options->method));
          return 0;
        }
    }
  if (options->method == ATTUNE_MERGE_CAT)
    return sum;
  if (attune_merge_method_takes_apart (options->method))
    return options->rank > 0 ? options->rank : largest;
  if (smallest == largest)
    return largest;
  fail (error,
        "Adapters of ranks %d and %d cannot be added value by value: use --method cat, which keeps "
        "all of both, or --method svd.",
        smallest, largest);
  return 0;
}

/* A linear's adapters into the one that is on it. */
static gboolean
merge_linear (AttuneTunedModel *self, const GPtrArray *sources, const AttuneMergeOptions *options,
              guint number, const AttuneLora *out, GError **error)
{
  g_autofree AttuneMergePart *parts = g_new (AttuneMergePart, sources->len);
  guint n = 0;

  for (guint i = 0; i < sources->len; i++)
    {
      const Source *source = sources->pdata[i];

      if (source->parts[number].a.data == NULL)
        continue;
      parts[n] = source->parts[number];
      parts[n++].weight = options->weights[i];
    }
  if (attune_merge_method_takes_apart (options->method)
      && out->rank > MIN (out->a.dims[1], out->b.dims[0]))
    return fail (error,
                 "A rank of %d (--rank) is more than the smallest matrix has: use %d at most.",
                 out->rank, (int) MIN (out->a.dims[1], out->b.dims[0]));
  return attune_merge_adapters (self->be, options->method, parts, n, options->density,
                                options->seed, number, &out->a, &out->b, error);
}

static gboolean
merge (AttuneTunedModel *self, const GPtrArray *sources, const AttuneMergeOptions *options,
       GError **error)
{
  const int n = attune_layer_linears (&self->decoder->config),
            rank = find_rank (sources, options, error);

  if (rank == 0)
    return FALSE;
  self->lora = (AttuneLoraConfig) { .rank = rank, .alpha = rank };
  for (guint i = 0; i < sources->len; i++)
    self->lora.targets |= ((Source *) sources->pdata[i])->targets;
  attune_decoder_remove_adapters (self->decoder);
  g_clear_pointer (&self->parameters, attune_parameters_free);
  self->parameters = attune_decoder_add_lora (self->decoder, &self->lora, 0, FALSE, error);
  if (self->parameters == NULL)
    return FALSE;
  for (int i = 0; i < self->decoder->config.n_layers * n; i++)
    {
      const AttuneLinear *linear
          = attune_decoder_layer_linear (&self->decoder->layers[i / n], i % n);

      if (options->progress != NULL)
        options->progress (options->progress_data, (double) i / self->decoder->config.n_layers / n,
                           linear->name);
      if (linear->n_adapters > 0
          && !merge_linear (self, sources, options, i, &linear->adapters[0], error))
        return FALSE;
    }
  return TRUE;
}

AttuneTunedModel *
attune_merged_model_open (const char *const *runs, const AttuneMergeOptions *options, int threads,
                          GError **error)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (source_free);
  g_autoptr (AttuneTunedModel) self = NULL;
  guint first = 0; /* that is a run */

  g_return_val_if_fail (runs != NULL && runs[0] != NULL && runs[1] != NULL, NULL);

  while (runs[first] != NULL && is_peft (runs[first]))
    first++;
  if (runs[first] == NULL && options->model == NULL)
    {
      fail (error, "Nothing says which model these adapters stand on: choose one for the project.");
      return NULL;
    }
  if ((self = attune_tuned_model_open (runs[first] != NULL ? NULL : options->model, runs[first],
                                       threads, error))
          == NULL
      || (runs[first] != NULL && !check_run (runs[first], self->plan, error)))
    return NULL;
  for (guint i = 0; runs[i] != NULL; i++)
    {
      Source *source = is_peft (runs[i]) ? read_peft (self, runs[i], options, error)
                                         : read_source (self, runs[i], error);

      if (source == NULL)
        return NULL;
      g_ptr_array_add (sources, source);
    }
  return merge (self, sources, options, error) ? g_steal_pointer (&self) : NULL;
}
