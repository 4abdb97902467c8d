/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See model-writer.h.
 */
#include "job/model-writer.h"

#include "generate/generator.h"
#include "generate/pack.h"
#include "job/project.h"

#include <math.h>

/* Prompts at once: on a processor the weights are read once for all of them. */
#define PARALLEL 8
/* Of a question and of an answer that is weighed; longer ones are cut. */
#define MAX_TOKENS 1024
/* A question is no longer. */
#define MAX_NEW_TOKENS 128
/* Free enough to say something else, and not to say anything: the values that instruct models are
 * published with lie around these. */
#define TEMPERATURE 0.7f
#define TOP_P 0.95f

struct _AttuneModelWriter
{
  AttuneTunedModel *tuned;
  AttuneActivations *activations;
  AttunePack *pack;
  AttuneModelAsker asker;
};

static gboolean
encode (AttuneModelWriter *self, const char *question, const char *answer, GArray *ids,
        GArray *learn, GError **error)
{
  AttuneMessage messages[2] = { { ATTUNE_ROLE_USER, question } };
  guint n = 1;

  if (answer != NULL)
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_ASSISTANT, answer };
  return attune_chat_template_encode (attune_model_get_template (self->tuned->model),
                                      attune_model_get_tokenizer (self->tuned->model), messages, n,
                                      answer == NULL, ids, learn, error);
}

static char **
ask (gpointer data, const char *const *texts, guint n, guint64 seed, GCancellable *cancellable,
     GError **error)
{
  AttuneModelWriter *self = data;
  const AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self->tuned->model);
  const int room = attune_model_get_config (self->tuned->model)->max_tokens;
  g_autoptr (GPtrArray) prompts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (AttuneGenerator) generator = NULL;
  AttuneGeneratorOptions options = { .n_parallel = PARALLEL };
  const AttuneSampling sampling
      = { .max_tokens = MAX_NEW_TOKENS, .temperature = TEMPERATURE, .top_p = TOP_P, .seed = seed };
  guint longest = 0;

  for (guint i = 0; i < n; i++)
    {
      GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint32));

      g_ptr_array_add (prompts, ids);
      if (!encode (self, texts[i], NULL, ids, NULL, error))
        return NULL;
      /* what is too long is cut: what comes of it is looked at as all the rest */
      if (ids->len + MAX_NEW_TOKENS > (guint) room)
        g_array_set_size (ids, MAX (1, room - MAX_NEW_TOKENS));
      longest = MAX (longest, ids->len);
    }
  options.stop
      = attune_chat_template_get_stop (attune_model_get_template (self->tuned->model), tokenizer);
  options.capacity = MIN ((int) longest + MAX_NEW_TOKENS, room);
  generator = attune_generator_new (self->tuned->decoder, tokenizer, &options, error);
  return generator != NULL ? attune_generator_run_many (generator, prompts, &sampling, NULL, NULL,
                                                        cancellable, error)
                           : NULL;
}

/* One answer's nats per token. */
static gboolean
weigh_one (AttuneModelWriter *self, const char *question, const char *answer, double *nats,
           GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32)),
                     learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  g_autofree double *losses = g_new (double, MAX_TOKENS);
  const AttuneBatch *batch;
  AttuneSample sample;
  double sum = 0;

  *nats = INFINITY;
  if (!encode (self, question, answer, ids, learn, error))
    return FALSE;
  sample = (AttuneSample) { .n = ids->len,
                            .tokens = (gint32 *) ids->data,
                            .learn = (guint8 *) learn->data };
  if (sample.n > 0)
    sample.learn[0] = 0; /* nothing comes before it */
  attune_pack_clear (self->pack);
  attune_pack_add (self->pack, &sample);
  batch = attune_pack_get_batch (self->pack);
  if (batch->n_targets == 0) /* the question alone fills it */
    return TRUE;
  attune_decoder_forward_backward (self->tuned->decoder, self->activations, batch, losses, 0, FALSE,
                                   0, 0);
  if (!attune_backend_sync (self->tuned->decoder->be, error))
    return FALSE;
  for (int i = 0; i < batch->n_targets; i++)
    sum += losses[i];
  *nats = sum / batch->n_targets;
  return TRUE;
}

static gboolean
weigh (gpointer data, const char *const *questions, const char *const *answers, guint n,
       double *nats, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < n; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !weigh_one (data, questions[i], answers[i], &nats[i], error))
      return FALSE;
  return TRUE;
}

AttuneModelWriter *
attune_model_writer_open (const char *model, GError **error)
{
  g_autoptr (AttuneModelWriter) self = g_new0 (AttuneModelWriter, 1);
  const AttuneStepShape shape = { .max_tokens = MAX_TOKENS, .max_targets = MAX_TOKENS };

  if ((self->tuned = attune_tuned_model_open (model, NULL, 0, error)) == NULL)
    return NULL;
  if (attune_chat_template_get_source (attune_model_get_template (self->tuned->model)) == NULL)
    {
      g_set_error (
          error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
          "The model %s only goes on with a text, and does not do what it is asked to. "
          "Variants are written by one that was made to answer, as “Instruct” or “Chat” in "
          "its name says.",
          attune_model_get_name (self->tuned->model));
      return NULL;
    }
  self->activations = attune_activations_new (self->tuned->decoder->be,
                                              &self->tuned->decoder->config, &shape, error);
  if (self->activations == NULL)
    return NULL;
  self->pack = attune_pack_new (MAX_TOKENS, FALSE);
  self->asker = (AttuneModelAsker) {
    .data = self,
    .name = attune_model_get_name (self->tuned->model),
    .ask = ask,
    .weigh = weigh,
  };
  return g_steal_pointer (&self);
}

void
attune_model_writer_free (AttuneModelWriter *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->pack, attune_pack_free);
  g_clear_pointer (&self->activations, attune_activations_free);
  g_clear_pointer (&self->tuned, attune_tuned_model_free);
  g_free (self);
}

const AttuneModelAsker *
attune_model_writer_get_asker (AttuneModelWriter *self)
{
  return &self->asker;
}
