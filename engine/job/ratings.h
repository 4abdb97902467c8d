/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person thinks of the answers of an evaluation: evaluations/NNNN.ratings.json, beside the
 * answers themselves, for it is written again and again and they never are. Light.
 */
#pragma once
#include "job/evaluation.h"

G_BEGIN_DECLS

/* Their names are part of the file format. */
typedef enum
{
  ATTUNE_RATING_NONE,
  ATTUNE_RATING_TUNED, /* the tuned answer is better */
  ATTUNE_RATING_BASE,
  ATTUNE_RATING_EQUAL,
  ATTUNE_RATING_BOTH_BAD,
  ATTUNE_N_RATINGS,
} AttuneRating;

typedef struct _AttuneRatings AttuneRatings;

/**
 * attune_ratings_read:
 * @evaluation_path: evaluations/NNNN.h5
 * @evaluation: what lies there
 *
 * Blocks. Returns: (transfer full): empty where nobody has rated yet; %NULL with
 * %ATTUNE_JOB_ERROR_VERSION when a newer Attune wrote the ratings, with %ATTUNE_JOB_ERROR_PROJECT
 * when they are damaged or those of other answers; or with a #GFileError
 */
AttuneRatings *attune_ratings_read (const char *evaluation_path, const AttuneEvaluation *evaluation,
                                    GError **error);
AttuneRatings *attune_ratings_copy (const AttuneRatings *self);
void attune_ratings_free (AttuneRatings *self);

guint attune_ratings_get_size (const AttuneRatings *self);
AttuneRating attune_ratings_get (const AttuneRatings *self, guint answer);
/* Whether the rating was given without knowing which answer was whose. */
gboolean attune_ratings_is_blind (const AttuneRatings *self, guint answer);
void attune_ratings_set (AttuneRatings *self, guint answer, AttuneRating rating, gboolean blind);
/* @counts: (out) (array fixed-size=5): how many of each; those of NONE are not rated. Returns: how
 * many are rated. */
guint attune_ratings_count (const AttuneRatings *self, guint counts[ATTUNE_N_RATINGS]);

/* Returns: (transfer full): what is to be written. */
char *attune_ratings_to_text (const AttuneRatings *self);
/* Replaces the ratings of that evaluation by @text, atomically. Blocks. */
gboolean attune_ratings_write (const char *evaluation_path, const char *text, GError **error);

/* Gives a file that cannot be read another name, under which it stays for ever. Returns: (transfer
 * full): that name, or %NULL. */
char *attune_ratings_set_aside (const char *evaluation_path, GError **error);

/* "tuned", "base", "equal", "both-bad"; "" for none. */
const char *attune_rating_get_name (AttuneRating rating);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRatings, attune_ratings_free)

G_END_DECLS
