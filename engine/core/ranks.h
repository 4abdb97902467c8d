/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ranks: processes of one machine that compute the same thing together, through memory that all of
 * them have mapped. Rank 0 makes it and hands its file descriptor to the others. What is called
 * "collective" is called by every rank, in the same order, and returns when all have called it.
 *
 * Who waits falls asleep after a moment. A rank that fails says so to the others, whose next
 * collective call then fails with its error; one that has died is noticed by attune_ranks_watch().
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_RANKS_MAX 64
/* Numbers that attune_ranks_add() takes, and bytes that attune_ranks_tell() takes, at most. */
#define ATTUNE_RANKS_MAX_NUMBERS 8
#define ATTUNE_RANKS_MAX_BYTES 256

#define ATTUNE_RANKS_ERROR (attune_ranks_error_quark ())
typedef enum
{
  ATTUNE_RANKS_ERROR_MEMORY, /* nothing could be shared */
  ATTUNE_RANKS_ERROR_LOST,   /* a rank has ended before its time */
  ATTUNE_RANKS_ERROR_DIFFER, /* the ranks do not compute the same thing */
} AttuneRanksError;
GQuark attune_ranks_error_quark (void);

typedef struct _AttuneRanks AttuneRanks;

/* Rank 0 of @n, 1 … ATTUNE_RANKS_MAX. Returns: (transfer full): or %NULL with @error. */
AttuneRanks *attune_ranks_new (int n, GError **error);
/* Rank @rank of those whose memory @fd is; @fd stays the caller's. Returns: (transfer full). */
AttuneRanks *attune_ranks_join (int fd, int rank, GError **error);
void attune_ranks_free (AttuneRanks *self);

int attune_ranks_get_fd (const AttuneRanks *self); /* borrowed; closed on exec */
int attune_ranks_get_rank (const AttuneRanks *self);
int attune_ranks_count (const AttuneRanks *self);

/**
 * AttuneRanksLook:
 *
 * Returns: FALSE with @error when a rank that is waited for has ended.
 */
typedef gboolean (*AttuneRanksLook) (gpointer data, GError **error);
/* @look is asked some times per second while this rank waits, on the thread that waits. */
void attune_ranks_watch (AttuneRanks *self, AttuneRanksLook look, gpointer data);

/**
 * attune_ranks_map:
 * @bytes: > 0; the same in every rank
 *
 * Collective, once. Returns: (transfer none): memory that all ranks see, zero, aligned to a page
 */
void *attune_ranks_map (AttuneRanks *self, gsize bytes, GError **error);

/* Collective. Waits for all; what each wrote before it, each may read after it. */
gboolean attune_ranks_meet (AttuneRanks *self, GError **error);

/* Collective. @data: (inout): @bytes of it become those of rank 0 everywhere. */
gboolean attune_ranks_tell (AttuneRanks *self, gpointer data, gsize bytes, GError **error);

/* Collective. @numbers: (inout) (array length=n): become their sums, added in the order of the
 * ranks, the same everywhere. */
gboolean attune_ranks_add (AttuneRanks *self, double *numbers, int n, GError **error);

/* Lets the others fail with @reason, unless one has failed before. Not collective. */
void attune_ranks_fail (AttuneRanks *self, const GError *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRanks, attune_ranks_free)

G_END_DECLS
