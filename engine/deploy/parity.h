/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Does the exported model still say what the tuned one says?
 */
#pragma once
#include "deploy/export.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_prompts;
  guint n_equal;        /* prompts whose greedy answers are the same token by token */
  guint n_choices;      /* tokens of these answers */
  guint n_same_choices; /* those that both have chosen */
  double largest_gap;   /* between two logits of one token, along the tuned model's answers */
  double largest_logit; /* the highest absolute logit met, to compare that with */
} AttuneParity;

/* What is checked, and how much of it. */
typedef struct
{
  AttuneExportFormat format;
  const char *path;
  AttuneModel *base;  /* what was tuned: an adapter is put on it again */
  gint32 stop;        /* the token that ends an answer; -1: none */
  GPtrArray *prompts; /* (element-type GArray): of gint32, each within the model's context */
  int max_new_tokens; /* of each answer */
  AttuneProgressFunc progress; /* (nullable) */
  gpointer data;
  GCancellable *cancellable; /* (nullable) */
} AttuneParityCheck;

/**
 * attune_export_check:
 * @decoder: the tuned one, with its adapter
 * @parity: (out)
 *
 * Reads the export back and walks through the tuned model's greedy answers with both. An answer
 * counts as equal where both choose the same token at every step. Blocks; takes the memory of a
 * second model.
 */
gboolean attune_export_check (AttuneDecoder *decoder, const AttuneParityCheck *check,
                              AttuneParity *parity, GError **error);

G_END_DECLS
