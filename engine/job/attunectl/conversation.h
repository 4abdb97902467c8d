/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A conversation with a model: what was said so far, and the next answer. For attunectl chat.
 */
#pragma once
#include "data/asked-words.h"
#include "generate/generator.h"
#include "job/tuned-model.h"

G_BEGIN_DECLS

typedef struct
{
  AttuneTunedModel *tuned;
  AttuneGenerator *generator;
  AttuneLabelReader reader;  /* of a run that learned labels */
  AttuneClassicWords *words; /* (nullable): what is asked is treated as in training */
  GPtrArray *turns;          /* char*: question, answer, question … */
  char *system;              /* what the model is told to be; empty: what its template says */
  char *usual_system;        /* the same as in training */
  AttuneSampling sampling;   /* its seed counts on, so that each answer draws other numbers */
  int capacity;              /* tokens of the conversation that are kept */
  gboolean exact;            /* computed as in training; slower */
  gboolean small;            /* kept in half the memory */
  const char *draft_path;    /* (nullable): borrowed: a smaller model that looks ahead */
  AttuneTunedModel *draft;
} AttuneConversation;

/* One answer and what it took. */
typedef struct
{
  char *text;
  int n_tokens;
  double seconds;
  gboolean cut; /* it ended because there was no more room, not because all was said */
} AttuneConversationAnswer;

/**
 * attune_conversation_open:
 * @self: empty but for sampling, capacity, exact, small and draft_path
 * @where: a project folder, or a model file
 * @run: (nullable): which run of the project; the latest by default
 * @base: without the run's adapter
 * @system: (nullable): what the model is told to be; as in training by default
 */
gboolean attune_conversation_open (AttuneConversation *self, const char *where, const char *run,
                                   gboolean base, const char *system, GError **error);
void attune_conversation_clear (AttuneConversation *self);

/**
 * attune_conversation_ask:
 * @on_text: told each piece as it comes; returns FALSE to end the answer
 * @answer: (out): its text is borrowed from the conversation
 *
 * What no longer fits of the conversation is left out from its beginning. On failure the question
 * is forgotten. Blocks. Errors: #AttuneGenerateError and those of the template.
 */
gboolean attune_conversation_ask (AttuneConversation *self, const char *question,
                                  AttuneTextFunc on_text, gpointer data,
                                  AttuneConversationAnswer *answer, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneConversation, attune_conversation_clear)

G_END_DECLS
