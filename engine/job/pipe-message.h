/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attunectl and the window say to each other on pipes: a JSON object on each line. Jobs that
 * are waited for tell their progress and at the end one object with the result; “chat” is asked and
 * answers.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_PIPE_RESULT, /* none of the others: what a job has found */
  ATTUNE_PIPE_PROGRESS,
  ATTUNE_PIPE_ERROR,
  ATTUNE_PIPE_READY,  /* “chat” can be asked */
  ATTUNE_PIPE_PIECE,  /* of an answer */
  ATTUNE_PIPE_ANSWER, /* the whole of it */
} AttunePipeMessageKind;

typedef struct
{
  char *text;
  int n_tokens;
  double seconds;
  gboolean cut;     /* it was longer than it may be */
  gboolean stopped; /* by whoever asked */
} AttuneChatAnswer;

typedef struct
{
  AttunePipeMessageKind kind;
  char *text;              /* the error, the piece, or what is under way, which is (nullable) */
  double fraction;         /* of progress: 0 to 1 */
  AttuneChatAnswer answer; /* all 0 where it is none */
} AttunePipeMessage;

/* Returns: (transfer full): %NULL where @line is no JSON object. */
AttunePipeMessage *attune_pipe_message_parse (const char *line);
void attune_pipe_message_free (AttunePipeMessage *self);

typedef struct
{
  const char *text;
  gboolean base;              /* asks the model before tuning */
  const char *system;         /* (nullable): as in training */
  double temperature;         /* 0: the likeliest word each time */
  int max_tokens;             /* longest answer */
  const char *const *history; /* (nullable): question, answer, question, answer … %NULL */
} AttuneChatQuestion;

/* The line, without its end, that asks @question. Returns: (transfer full). */
char *attune_chat_question_to_line (const AttuneChatQuestion *question);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttunePipeMessage, attune_pipe_message_free)

G_END_DECLS
