/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl tokenize, attunectl loss: for scripts and for comparing with other programs.
 */
#include "command.h"
#include "output.h"

#include "data/import.h"
#include "generate/pack.h"
#include "job/search.h"
#include "job/tuned-model.h"
#include "model/tokenizer-file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_ids (const GArray *ids)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < ids->len; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? "," : "", g_array_index (ids, gint32, i));
  g_print ("%s]\n", text->str);
}

/* A line that is a JSON string. Returns: (transfer full): its text, or %NULL */
static char *
unquote (const char *line, gssize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();

  if (!json_parser_load_from_data (parser, line, length, NULL)
      || json_parser_get_root (parser) == NULL
      || !JSON_NODE_HOLDS_VALUE (json_parser_get_root (parser)))
    return NULL;
  return json_node_dup_string (json_parser_get_root (parser));
}

static int
run_tokenize (const AttuneCommand *self, char **argv)
{
  gboolean special = FALSE, quoted = FALSE;
  const GOptionEntry entries[] = {
    { "quoted", 0, 0, G_OPTION_ARG_NONE, &quoted,
      "Each line is a JSON string, which may hold line breaks", NULL },
    { "special", 0, 0, G_OPTION_ARG_NONE, &special,
      "Read <|im_start|> and the like as the tokens they name", NULL },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (AttuneTokenizer) tokenizer = NULL;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t n;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((tokenizer = attune_tokenizer_open (arguments[0], NULL, &error)) == NULL)
    return attune_output_fail (error);
  while ((n = getline (&line, &size, stdin)) >= 0)
    {
      const ssize_t length = n > 0 && line[n - 1] == '\n' ? n - 1 : n;
      g_autofree char *text = quoted ? unquote (line, length) : NULL;

      g_array_set_size (ids, 0);
      if (quoted && text == NULL)
        {
          g_printerr ("A line is no JSON string.\n");
          return ATTUNE_EXIT_FAILED;
        }
      attune_tokenizer_encode (tokenizer, quoted ? text : line, quoted ? -1 : length,
                               special ? ATTUNE_TOKENIZE_SPECIAL : ATTUNE_TOKENIZE_PLAIN, ids);
      print_ids (ids);
    }
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_tokenize = {
  .name = "tokenize",
  .parameters = "MODEL",
  .summary = "Turn lines on standard input into token ids, a JSON array per line",
  .description
  = "MODEL is a GGUF file, a tokenizer.json, a tokenizer.model or a folder with one.\n\n"
    "Example:\n"
    "  echo 'Dyspnoea is shortness of breath.' | attunectl tokenize model.gguf",
  .min_arguments = 1,
  .max_arguments = 1,
  .script = TRUE,
  .run = run_tokenize,
};

/* --- loss */

typedef struct
{
  AttuneTunedModel *tuned;
  AttuneActivations *activations;
  AttunePack *pack;
  double *losses;
  int max_tokens;
} Scorer;

static void
scorer_clear (Scorer *self)
{
  g_clear_pointer (&self->activations, attune_activations_free);
  g_clear_pointer (&self->pack, attune_pack_free);
  g_clear_pointer (&self->tuned, attune_tuned_model_free);
  g_free (self->losses);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scorer, scorer_clear)

static gboolean
encode_record (Scorer *self, const AttuneRecord *record, GArray *ids, GArray *learn, GError **error)
{
  AttuneMessage messages[3];
  guint n = 0;

  if (record->fields[ATTUNE_FIELD_SYSTEM] != NULL)
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, record->fields[ATTUNE_FIELD_SYSTEM] };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_USER, record->fields[ATTUNE_FIELD_QUESTION] };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_ASSISTANT, record->fields[ATTUNE_FIELD_ANSWER] };
  return attune_chat_template_encode (attune_model_get_template (self->tuned->model),
                                      attune_model_get_tokenizer (self->tuned->model), messages, n,
                                      FALSE, ids, learn, error);
}

/* An AttuneRecordFunc: one line of JSON per row. */
static gboolean
score_record (const AttuneRecord *record, gpointer data, GError **error)
{
  Scorer *self = data;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
                     learn = g_array_new (FALSE, FALSE, 1);
  const AttuneBatch *batch;
  AttuneSample sample;
  double nats = 0;

  if (record->fields[ATTUNE_FIELD_QUESTION] == NULL || record->fields[ATTUNE_FIELD_ANSWER] == NULL)
    {
      g_print ("{\"line\": %" G_GUINT64_FORMAT ", \"error\": \"question or answer is missing\"}\n",
               record->line);
      return TRUE;
    }
  if (!encode_record (self, record, ids, learn, error))
    return FALSE;
  sample = (AttuneSample) { ids->len, (gint32 *) ids->data, (guint8 *) learn->data };
  if ((int) ids->len > self->max_tokens)
    {
      g_print ("{\"line\": %" G_GUINT64_FORMAT ", \"error\": \"longer than %d tokens\"}\n",
               record->line, self->max_tokens);
      return TRUE;
    }
  attune_pack_clear (self->pack);
  attune_pack_add (self->pack, &sample);
  batch = attune_pack_get_batch (self->pack);
  if (batch->n_targets > 0)
    attune_decoder_forward_backward (self->tuned->decoder, self->activations, batch, self->losses,
                                     0, FALSE, 0, 0);
  if (!attune_backend_sync (self->tuned->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    nats += self->losses[i];
  g_print ("{\"line\": %" G_GUINT64_FORMAT
           ", \"nats\": %.9g, \"target_tokens\": %d, \"tokens\": %u}\n",
           record->line, nats, batch->n_targets, ids->len);
  return TRUE;
}

static gboolean
open_scorer (Scorer *self, const char *model, const char *adapter, GError **error)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autofree char *run = NULL;
  AttuneStepShape shape;

  if (adapter != NULL
      && ((project = attune_project_open (adapter, error)) == NULL
          || (run = attune_project_get_used_run (project, NULL, error)) == NULL))
    return FALSE;
  if ((self->tuned = attune_tuned_model_open (model, run, 0, error)) == NULL)
    return FALSE;
  if (self->tuned->labels != NULL || self->tuned->scores)
    {
      g_set_error_literal (
          error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
          self->tuned->scores
              ? "This run is a reward model, which scores answers and gives none: "
                "use attunectl evaluate."
              : "This run has learned labels, not answers: use attunectl evaluate.");
      return FALSE;
    }
  self->max_tokens = MIN (4096, attune_model_get_config (self->tuned->model)->max_tokens);
  shape = (AttuneStepShape) { .max_tokens = self->max_tokens,
                              .max_targets = self->max_tokens,
                              .lora_rank = self->tuned->lora.rank,
                              .rescaled = attune_decoder_is_rescaled (self->tuned->decoder),
                              .n_virtual = self->tuned->decoder->n_virtual };
  self->activations = attune_activations_new (
      self->tuned->be, attune_model_get_config (self->tuned->model), &shape, error);
  self->pack = attune_pack_new (self->max_tokens, TRUE);
  self->losses = g_new (double, self->max_tokens);
  return self->activations != NULL;
}

static gboolean
skip_bad_row (const AttuneBadRow *bad, gpointer data, GError **error)
{
  g_printerr ("attunectl: line %" G_GUINT64_FORMAT ": %s\n", bad->line, bad->reason);
  return TRUE;
}

static int
run_loss (const AttuneCommand *self, char **argv)
{
  g_autofree char *adapter = NULL;
  const GOptionEntry entries[] = {
    { "adapter", 0, 0, G_OPTION_ARG_FILENAME, &adapter,
      "Project whose latest run's adapter is put on the model", "DIR" },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_auto (Scorer) scorer = { 0 };
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if ((source = attune_source_probe (arguments[1], &error)) == NULL
      || !open_scorer (&scorer, arguments[0], adapter, &error)
      || !attune_source_read (source, score_record, skip_bad_row, &scorer, NULL, &error))
    return attune_output_fail (error);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_loss = {
  .name = "loss",
  .parameters = "MODEL FILE",
  .summary = "Say how surprising each row's answer is to a model, in nats",
  .description = "FILE is JSONL or a table with a question and an answer in each row. One line of "
                 "JSON per row: the sum\n"
                 "over the answer's tokens, its end included, and how many these are.\n"
                 "\n"
                 "Example:\n"
                 "  attunectl loss model.gguf held-out.jsonl\n"
                 "  attunectl loss model.gguf held-out.jsonl --adapter Nursing.attune",
  .min_arguments = 2,
  .max_arguments = 2,
  .script = TRUE,
  .run = run_loss,
};
