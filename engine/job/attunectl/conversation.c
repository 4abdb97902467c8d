/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See conversation.h.
 */
#include "conversation.h"
#include "job/search.h"

void
attune_conversation_clear (AttuneConversation *self)
{
  attune_label_reader_clear (&self->reader);
  g_clear_pointer (&self->generator, attune_generator_free);
  g_clear_pointer (&self->tuned, attune_tuned_model_free);
  g_clear_pointer (&self->draft, attune_tuned_model_free);
  g_clear_pointer (&self->words, attune_classic_words_free);
  g_clear_pointer (&self->turns, g_ptr_array_unref);
  g_clear_pointer (&self->system, g_free);
  g_clear_pointer (&self->usual_system, g_free);
}

/* How the data of a run was prepared. */
static const AttuneDataValues *
get_settings (const AttuneConversation *self)
{
  return attune_data_settings_get_values (self->tuned->plan->data_settings);
}

/* A project's model with or without its adapter, or a model file alone. */
static gboolean
open_model (AttuneConversation *self, const char *where, const char *run, gboolean base,
            GError **error)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autofree char *folder = NULL;

  if (g_file_test (where, G_FILE_TEST_IS_DIR))
    {
      if ((project = attune_project_open (where, error)) == NULL)
        return FALSE;
      g_object_get (attune_project_get_data_settings (project), "system-prompt",
                    &self->usual_system, NULL);
      if (!base && (folder = attune_project_get_used_run (project, run, error)) == NULL)
        return FALSE;
      if (folder == NULL && (where = attune_project_get_model (project)) == NULL)
        {
          g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                       "The project has no model yet. Choose one: attunectl model DIR FILE");
          return FALSE;
        }
    }
  self->tuned = attune_tuned_model_open (folder == NULL ? where : NULL, folder, 0, error);
  if (self->tuned == NULL)
    return FALSE;
  if (self->tuned->scores)
    {
      g_set_error_literal (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_STAGE,
                           "This run is a reward model, which scores answers and gives none: use "
                           "attunectl evaluate, or tune another run by it (--reward-model).");
      return FALSE;
    }
  if (self->tuned->plan != NULL)
    {
      g_clear_pointer (&self->usual_system, g_free);
      g_object_get (self->tuned->plan->data_settings, "system-prompt", &self->usual_system, NULL);
      self->words = attune_asked_words_new (get_settings (self), error);
      return self->words != NULL || !attune_asked_words_are_treated (get_settings (self));
    }
  return TRUE;
}

gboolean
attune_conversation_open (AttuneConversation *self, const char *where, const char *run,
                          gboolean base, const char *system, GError **error)
{
  AttuneGeneratorOptions options
      = { .n_parallel = 1, .exact = self->exact, .small = self->small, .steady = TRUE };
  AttuneModel *model;

  g_return_val_if_fail (self->tuned == NULL && self->capacity > 0, FALSE);

  if (!open_model (self, where, run, base, error))
    return FALSE;
  model = self->tuned->model;
  self->system = g_strdup (system != NULL ? system : self->usual_system);
  self->capacity = MIN (self->capacity, attune_model_get_config (model)->max_tokens);
  self->turns = g_ptr_array_new_with_free_func (g_free);
  options.stop = attune_chat_template_get_stop (attune_model_get_template (model),
                                                attune_model_get_tokenizer (model));
  options.capacity = self->capacity;
  if (self->draft_path != NULL)
    {
      self->draft = attune_tuned_model_open (self->draft_path, NULL, 0, error);
      if (self->draft == NULL)
        return FALSE;
      options.draft = self->draft->decoder;
    }
  self->generator = attune_generator_new (self->tuned->decoder, attune_model_get_tokenizer (model),
                                          &options, error);
  return self->generator != NULL
         && (self->tuned->labels == NULL
             || attune_label_reader_open (&self->reader, self->tuned->decoder, self->tuned->labels,
                                          self->capacity, error));
}

/* "billing (93 %), refund (64 %)", or "none; billing (12 %)" */
static char *
name_several (const AttuneLabels *labels, const float *shares, GString *text)
{
  const int most = attune_labels_get_likeliest (shares, labels->names->len);

  for (guint i = 0; i < labels->names->len; i++)
    if (shares[i] >= ATTUNE_LABELS_APPLY)
      g_string_append_printf (text, "%s%s (%.0f %%)", text->len > 0 ? ", " : "",
                              (const char *) labels->names->pdata[i], 100 * shares[i]);
  if (text->len == 0)
    g_string_append_printf (text, "none; %s (%.0f %%)", (const char *) labels->names->pdata[most],
                            100 * shares[most]);
  return g_string_free (text, FALSE);
}

/* So many of the likeliest labels are said, of those that are as likely as this. */
#define SHOWN_LABELS 3
#define LEAST_SHARE 0.01f

/* "billing (93 %), refund (4 %)"; where costs decide, what they make of it first; a number by
 * itself. Of several labels those that apply, and the likeliest where none does. */
static char *
name_labels (const AttuneLabels *labels, float *shares)
{
  GString *text = g_string_new (NULL);

  if (labels->format.kind == ATTUNE_LABELS_NUMBER)
    {
      g_string_free (text, TRUE);
      return attune_labels_say (labels, shares);
    }
  if (labels->costs != NULL)
    g_string_append_printf (
        text, "%s; ", (const char *) labels->names->pdata[attune_labels_choose (labels, shares)]);
  if (labels->format.kind == ATTUNE_LABELS_SEVERAL)
    return name_several (labels, shares, text);
  for (int i = 0; i < SHOWN_LABELS; i++)
    {
      const int at = attune_labels_get_likeliest (shares, labels->names->len);

      if (i > 0 && shares[at] < LEAST_SHARE)
        break;
      g_string_append_printf (text, "%s%s (%.0f %%)", i > 0 ? ", " : "",
                              (const char *) labels->names->pdata[at], 100 * shares[at]);
      shares[at] = -1;
    }
  return g_string_free (text, FALSE);
}

/* What the adapter is asked: unlike all that it has learned from, if words stood there that were
 * left out in training. Returns: (transfer full). */
static char *
treat (const AttuneConversation *self, const char *question)
{
  return self->words == NULL || self->tuned->decoder->base_only
             ? g_strdup (question)
             : attune_asked_words_treat (self->words, get_settings (self), question);
}

/* The labels of one text; what was said before has no say. */
static gboolean
ask_for_label (AttuneConversation *self, const char *question, AttuneTextFunc on_text,
               gpointer data, AttuneConversationAnswer *answer, GError **error)
{
  const gint64 begun = g_get_monotonic_time ();
  const AttuneTunedModel *tuned = self->tuned;
  g_autofree char *treated = treat (self, question);
  g_autoptr (GArray) ids = attune_labels_encode (
      tuned->labels, attune_model_get_tokenizer (tuned->model),
      attune_model_get_template (tuned->model), self->system, treated, error);
  g_autofree float *shares = g_new0 (float, attune_labels_count (tuned->labels));

  if (ids == NULL || !attune_labels_ask_tokens (&self->reader, ids, shares, error))
    return FALSE;
  g_ptr_array_set_size (self->turns, 0);
  g_ptr_array_add (self->turns, g_strdup (question));
  g_ptr_array_add (self->turns, name_labels (tuned->labels, shares));
  *answer = (AttuneConversationAnswer) { .text = self->turns->pdata[1],
                                         .n_tokens = 1,
                                         .seconds = (g_get_monotonic_time () - begun) / 1e6 };
  if (on_text != NULL)
    on_text (answer->text, data);
  return TRUE;
}

/* The conversation as tokens, without its @skip oldest turns. */
static GArray *
encode (AttuneConversation *self, guint skip, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree AttuneMessage *messages = g_new0 (AttuneMessage, self->turns->len + 1);
  guint n = 0;

  if (self->system != NULL && *self->system != '\0')
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, self->system };
  for (guint i = skip; i < self->turns->len; i++)
    messages[n++] = (AttuneMessage) { i % 2 == 0 ? ATTUNE_ROLE_USER : ATTUNE_ROLE_ASSISTANT,
                                      self->turns->pdata[i] };
  if (!attune_chat_template_encode (attune_model_get_template (self->tuned->model),
                                    attune_model_get_tokenizer (self->tuned->model), messages, n,
                                    TRUE, ids, NULL, error))
    return NULL;
  return g_steal_pointer (&ids);
}

/* The tokens to go on from: as many turns as leave room for an answer. */
static GArray *
encode_what_fits (AttuneConversation *self, GError **error)
{
  /* A long answer that is allowed is no reason to forget everything before it. */
  const int room = MIN (self->sampling.max_tokens, self->capacity / 2);
  g_autoptr (GArray) ids = encode (self, 0, error);

  for (guint skip = 2;
       ids != NULL && (int) ids->len + room > self->capacity && skip < self->turns->len; skip += 2)
    {
      g_array_unref (ids);
      ids = encode (self, skip, error);
    }
  if (ids != NULL && (int) ids->len >= self->capacity)
    {
      g_set_error (error, ATTUNE_GENERATE_ERROR, ATTUNE_GENERATE_ERROR_LENGTH,
                   "The question is too long for this model: %u tokens, and it reads at most %d. "
                   "Shorten it.",
                   ids->len, self->capacity - 1);
      return NULL;
    }
  return g_steal_pointer (&ids);
}

gboolean
attune_conversation_ask (AttuneConversation *self, const char *question, AttuneTextFunc on_text,
                         gpointer data, AttuneConversationAnswer *answer, GError **error)
{
  const gint64 begun = g_get_monotonic_time ();
  g_autoptr (GArray) ids = NULL;
  char *text = NULL;

  if (self->tuned->labels != NULL && !self->tuned->decoder->base_only)
    return ask_for_label (self, question, on_text, data, answer, error);
  g_ptr_array_add (self->turns, treat (self, question));
  if ((ids = encode_what_fits (self, error)) != NULL)
    text = attune_generator_run (self->generator, (const gint32 *) ids->data, ids->len,
                                 &self->sampling, on_text, data, error);
  if (text == NULL)
    {
      g_ptr_array_set_size (self->turns, self->turns->len - 1);
      return FALSE;
    }
  self->sampling.seed++;
  g_ptr_array_add (self->turns, text);
  answer->text = text;
  answer->n_tokens = attune_generator_count_new (self->generator);
  answer->seconds = (g_get_monotonic_time () - begun) / 1e6;
  answer->cut = answer->n_tokens >= self->sampling.max_tokens
                || (int) ids->len + answer->n_tokens >= self->capacity;
  return TRUE;
}
