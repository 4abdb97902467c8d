/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the generator share: slots.c lays out the passes, draft.c looks ahead with a
 * smaller model. Private to generate/.
 */
#pragma once
#include "generate/generator.h"
#include "core/random.h"

G_BEGIN_DECLS

/* Tokens that a draft may be ahead: with the one before them as many rows as a product takes at
 * once. */
#define MAX_AHEAD 7

/* One sequence of the cache and the answer that grows in it. */
typedef struct
{
  gboolean busy;
  gboolean fresh;       /* nothing of its prompt has been read or found in the cache yet */
  guint index;          /* of its prompt */
  const gint32 *prompt; /* borrowed */
  guint n_prompt;
  guint n_read;  /* tokens in the cache, with those of the pass that is laid out */
  GArray *held;  /* gint32: these tokens */
  guint settled; /* how many of them were there before this pass */
  gint32 next;   /* the token to read after the prompt */
  int n_new;
  gboolean begun;   /* a token has given text */
  GString *pending; /* bytes of an unfinished character */
  GString *answer;
  GArray *said; /* gint32: its tokens, with the one that ended it */
  AttuneRandom random;
} Slot;

/* A smaller model that guesses what the large one will say. */
typedef struct
{
  AttuneDecoder *decoder; /* borrowed; %NULL: none */
  AttuneCache *cache;     /* of one sequence */
  GArray *held;           /* gint32: the tokens in it */
  int n_ahead;            /* how far it looks: as far as it has been right lately */
} Draft;

struct _AttuneGenerator
{
  AttuneDecoder *decoder;           /* borrowed */
  const AttuneTokenizer *tokenizer; /* borrowed */
  AttuneCache *cache;
  gint32 stop, eos;
  int n_parallel, capacity, max_rows;
  int n_vocab;
  gboolean steady;                        /* the cache may be used by the next call */
  gboolean base_only;                     /* what the cache was filled with */
  gboolean is_sound;                      /* every pass that was begun has ended well */
  Slot *slots;                            /* n_parallel */
  gint32 *tokens, *sequences, *positions; /* max_rows */
  gint32 *logit_rows, *logit_slots;       /* n_parallel, or more for a draft */
  gpointer scratch;                       /* of attune_sample() */
  Draft draft;
  guint64 n_computed; /* rows of all passes */
};

/* What a call asks for, for all slots. */
typedef struct
{
  const AttuneSampling *sampling;
  AttuneTextFunc on_text; /* (nullable) */
  gpointer data;
} Request;

/* Gives a free slot its prompt; @error when it cannot be continued at all. */
gboolean attune_slot_begin (AttuneGenerator *self, Slot *slot, guint index, const gint32 *prompt,
                            guint n, guint64 seed, GError **error);
/* Puts @token into the pass behind @row rows, as the next of slot @i. Returns the row behind it. */
int attune_slot_add_row (AttuneGenerator *self, int row, int i, gint32 token);
/* Forgets what was read beyond @n tokens. */
void attune_slot_cut (Slot *slot, guint n);
/* Draws the token that @logits predict, and takes it: the slot stays busy while its answer goes on.
 * Returns it, or -1 with @error. */
gint32 attune_slot_draw (AttuneGenerator *self, Slot *slot, const float *logits,
                         const Request *request, GError **error);
/* Lays out one pass. Returns its rows; @n_logits: how many of them predict a token of an answer. */
int attune_slots_lay_out (AttuneGenerator *self, int *n_logits);

/* A pass of slot @i, which alone is busy and past its prompt, with guesses behind its token.
 * @done: (out): %FALSE where there is no room to look ahead */
gboolean attune_draft_pass (AttuneGenerator *self, int i, const Request *request, gboolean *done,
                            GError **error);

G_END_DECLS
