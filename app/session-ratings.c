/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ratings: kept in memory for as long as the window is open and written after each one, by one
 * thread, so that the last one written is the last one given. Closing waits for it.
 */
#include "session-private.h"

#include <glib/gi18n.h>

typedef struct
{
  GWeakRef session;
  char *path, *text;
  char *problem; /* (nullable): the outcome */
} Writing;

/* What was before a rating. */
typedef struct
{
  guint answer;
  AttuneRating rating;
  gboolean blind;
} Step;

static void
writing_free (Writing *writing)
{
  g_weak_ref_clear (&writing->session);
  g_free (writing->path);
  g_free (writing->text);
  g_free (writing->problem);
  g_free (writing);
}

static gboolean
written (gpointer data)
{
  Writing *writing = data;
  g_autoptr (AttuneSession) self = g_weak_ref_get (&writing->session);

  if (self != NULL && !self->closed && writing->problem != NULL)
    {
      g_autofree char *text = g_strdup_printf (_ ("Your ratings could not be written: %s. They are "
                                                  "kept here while the window is open, and "
                                                  "the next rating tries again."),
                                               writing->problem);

      self->ratings_unwritten = TRUE;
      attune_session_fail (self, ATTUNE_STAGE_EVALUATE, text);
    }
  else if (self != NULL && !self->closed && self->ratings_unwritten)
    {
      self->ratings_unwritten = FALSE;
      attune_session_clear_error (self, ATTUNE_STAGE_EVALUATE);
    }
  writing_free (writing);
  return G_SOURCE_REMOVE;
}

static void
write_ratings (gpointer data, gpointer user_data)
{
  Writing *writing = data;
  g_autoptr (GError) error = NULL;

  if (!attune_ratings_write (writing->path, writing->text, &error))
    writing->problem = g_strdup (error->message);
  g_idle_add (written, writing);
}

static void
begin_writing (AttuneSession *self, AttuneRatings *ratings)
{
  Writing *writing = g_new0 (Writing, 1);

  if (self->ratings_pool == NULL)
    self->ratings_pool = g_thread_pool_new (write_ratings, NULL, 1, FALSE, NULL);
  g_weak_ref_init (&writing->session, self);
  writing->path = g_strdup (self->evaluation_path);
  writing->text = attune_ratings_to_text (ratings);
  g_thread_pool_push (self->ratings_pool, writing, NULL);
  attune_session_changed (self);
}

void
attune_session_flush_ratings (AttuneSession *self)
{
  if (self->ratings_pool != NULL)
    g_thread_pool_free (g_steal_pointer (&self->ratings_pool), FALSE, TRUE);
}

/* What is in memory is at least as new as what is on disk. */
void
attune_session_take_ratings (AttuneSession *self, AttuneRatings *ratings, const char *problem)
{
  g_set_str (&self->ratings_problem, problem);
  g_array_set_size (self->rating_steps, 0);
  if (ratings == NULL)
    return;
  if (g_hash_table_contains (self->ratings, self->evaluation_path))
    attune_ratings_free (ratings);
  else
    g_hash_table_insert (self->ratings, g_strdup (self->evaluation_path), ratings);
}

static AttuneRatings *
find_ratings (AttuneSession *self)
{
  return self->evaluation_path != NULL ? g_hash_table_lookup (self->ratings, self->evaluation_path)
                                       : NULL;
}

const AttuneRatings *
attune_session_get_ratings (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return find_ratings (self);
}

const char *
attune_session_get_ratings_problem (AttuneSession *self)
{
  g_return_val_if_fail (ATTUNE_IS_SESSION (self), NULL);
  return find_ratings (self) == NULL ? self->ratings_problem : NULL;
}

gboolean
attune_session_rate (AttuneSession *self, guint answer, AttuneRating rating, gboolean blind)
{
  AttuneRatings *ratings;
  Step step = { answer };

  g_return_val_if_fail (ATTUNE_IS_SESSION (self) && rating < ATTUNE_N_RATINGS, FALSE);

  ratings = find_ratings (self);
  if (self->read_only != NULL)
    attune_session_say (self, self->read_only);
  else if (ratings == NULL && self->ratings_problem != NULL)
    attune_session_say (self, self->ratings_problem);
  if (self->read_only != NULL || ratings == NULL || answer >= attune_ratings_get_size (ratings))
    return FALSE;
  step.rating = attune_ratings_get (ratings, answer);
  step.blind = attune_ratings_is_blind (ratings, answer);
  g_array_append_val (self->rating_steps, step);
  attune_ratings_set (ratings, answer, rating, blind);
  begin_writing (self, ratings);
  return TRUE;
}

int
attune_session_undo_rating (AttuneSession *self)
{
  AttuneRatings *ratings;
  Step step;

  g_return_val_if_fail (ATTUNE_IS_SESSION (self), -1);

  ratings = find_ratings (self);
  if (ratings == NULL || self->rating_steps->len == 0)
    return -1;
  step = g_array_index (self->rating_steps, Step, self->rating_steps->len - 1);
  g_array_set_size (self->rating_steps, self->rating_steps->len - 1);
  attune_ratings_set (ratings, step.answer, step.rating, step.blind);
  begin_writing (self, ratings);
  return (int) step.answer;
}

void
attune_session_restart_ratings (AttuneSession *self)
{
  g_autofree char *aside = NULL, *name = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (ATTUNE_IS_SESSION (self));

  if (self->read_only != NULL || self->ratings_problem == NULL || self->evaluation_path == NULL)
    return;
  if ((aside = attune_ratings_set_aside (self->evaluation_path, &error)) == NULL)
    {
      attune_session_say (self, error->message);
      return;
    }
  name = g_filename_display_basename (aside);
  /* Translators: %s is the name of a file */
  text = g_strdup_printf (_ ("The old ratings are kept as “%s”"), name);
  attune_session_say (self, text);
  attune_session_load_evaluation (self);
}

void
attune_session_init_ratings (AttuneSession *self)
{
  self->ratings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) attune_ratings_free);
  self->rating_steps = g_array_new (FALSE, FALSE, sizeof (Step));
}

void
attune_session_clear_ratings (AttuneSession *self)
{
  attune_session_flush_ratings (self);
  g_clear_pointer (&self->ratings, g_hash_table_unref);
  g_clear_pointer (&self->rating_steps, g_array_unref);
  g_free (self->ratings_problem);
}
