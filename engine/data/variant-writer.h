/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Has a model write variants of the questions that are learned from: the same question in other
 * words, and, as the second of a record, a question made of the answer (Alberti et al. 2019: a pair
 * that nobody asked, whose answer is the record's own). The model is whoever is handed in; this
 * room knows none. What it writes is not believed: see data/variant-check.h; and the answer has to
 * follow from the new question nearly as well as from the old one, by the model's own likelihood.
 */
#pragma once
#include "data/dataset.h"
#include "data/variant-check.h"

G_BEGIN_DECLS

/* A model that can be asked. */
typedef struct
{
  gpointer data;
  const char *name; /* for the record: what wrote it */
  /* @prompts: what is said to it, each by itself; drawn freely, from @seed on. Returns: (transfer
   * full): as many answers, NULL-terminated, or %NULL with @error */
  char **(*ask) (gpointer data, const char *const *prompts, guint n, guint64 seed,
                 GCancellable *cancellable, GError **error);
  /* @nats: (out) (array length=n): per token of each answer where the question is asked */
  gboolean (*weigh) (gpointer data, const char *const *questions, const char *const *answers,
                     guint n, double *nats, GCancellable *cancellable, GError **error);
} AttuneModelAsker;

typedef struct
{
  guint n_records;                          /* whose questions were asked about */
  guint n_written;                          /* texts that were taken */
  guint n_refused[ATTUNE_N_VARIANT_FAULTS]; /* for what they say */
  guint n_unlikely;                         /* for what the model makes of them */
} AttuneWriteReport;

/**
 * attune_variants_write:
 * @path: of a data set that is prepared
 * @n_each: variants of a question, 1 … %ATTUNE_MAX_VARIANTS
 * @max_records: so many at most; 0: all
 *
 * Questions that were asked about before are not again: it can be stopped and goes on later. What
 * is taken is kept at once: see data/written.h. Blocks. Errors: those of the model, of reading and
 * writing; %ATTUNE_DATA_ERROR_EMPTY where the data is not prepared, or nothing of it can be varied
 */
gboolean attune_variants_write (const char *path, const AttuneModelAsker *asker, guint n_each,
                                guint max_records, guint64 seed, AttuneProgressFunc progress,
                                gpointer data, GCancellable *cancellable, AttuneWriteReport *report,
                                GError **error);

/* What is said to a model of the language @code, English for those that are not known: to say
 * @question in other words; with @answer, to ask for that. Returns: (transfer full) */
char *attune_variant_prompt (const char *code, const char *question, const char *answer);
/* The one line of an answer that is a question, without quotes, numbers and words such as
 * “Question:” around it. Returns: (transfer full): "" where there is none */
char *attune_variant_tidy (const char *answer);

G_END_DECLS
