/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ratings on disk. Each one repeats its question, so that ratings can never be taken for those of
 * other answers, and so that a person can read the file.
 */
#include "job/ratings.h"

#include "core/file.h"
#include "job/json.h"

#include <errno.h>
#include <string.h>

#define RATINGS_VERSION 1

struct _AttuneRatings
{
  guint n;
  char **questions;
  guint8 *values; /* AttuneRating */
  gboolean *blind;
};

static const char *const names[ATTUNE_N_RATINGS] = { "", "tuned", "base", "equal", "both-bad" };

const char *
attune_rating_get_name (AttuneRating rating)
{
  g_return_val_if_fail (rating < ATTUNE_N_RATINGS, "");
  return names[rating];
}

/* evaluations/0001.ratings.json */
static char *
ratings_path (const char *evaluation_path)
{
  g_autofree char *stem = g_strdup (evaluation_path);

  if (g_str_has_suffix (stem, ".h5"))
    stem[strlen (stem) - strlen (".h5")] = '\0';
  return g_strconcat (stem, ".ratings.json", NULL);
}

static AttuneRatings *
ratings_new (const AttuneEvaluation *evaluation)
{
  AttuneRatings *self = g_new0 (AttuneRatings, 1);

  self->n = MIN (evaluation->base_answers->len, evaluation->tuned_answers->len);
  self->questions = g_new0 (char *, self->n + 1);
  self->values = g_new0 (guint8, self->n + 1);
  self->blind = g_new0 (gboolean, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    {
      const AttuneAnswer *answer = evaluation->base_answers->pdata[i];

      self->questions[i] = g_strdup (answer->question != NULL ? answer->question : "");
    }
  return self;
}

AttuneRatings *
attune_ratings_copy (const AttuneRatings *self)
{
  AttuneRatings *copy;

  g_return_val_if_fail (self != NULL, NULL);

  copy = g_new0 (AttuneRatings, 1);
  copy->n = self->n;
  copy->questions = g_strdupv (self->questions);
  copy->values = g_memdup2 (self->values, (self->n + 1) * sizeof *self->values);
  copy->blind = g_memdup2 (self->blind, (self->n + 1) * sizeof *self->blind);
  return copy;
}

void
attune_ratings_free (AttuneRatings *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->questions);
  g_free (self->values);
  g_free (self->blind);
  g_free (self);
}

/* --- reading */

static gboolean
damaged (GError **error, const char *path, const char *why)
{
  g_autofree char *name = g_filename_display_basename (path);

  g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_PROJECT,
               "The ratings in “%s” cannot be read: %s", name, why);
  return FALSE;
}

static gboolean
take_rating (AttuneRatings *self, JsonNode *node, const char *path, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const gint64 answer = attune_json_get_int (object, "answer");
  const char *question = attune_json_get_string (object, "question"),
             *name = attune_json_get_string (object, "rating");
  int rating = ATTUNE_RATING_TUNED;

  if (answer < 1 || question == NULL || name == NULL)
    return damaged (error, path, "a part of a rating is missing.");
  while (rating < ATTUNE_N_RATINGS && strcmp (names[rating], name) != 0)
    rating++;
  if (rating == ATTUNE_N_RATINGS)
    return damaged (error, path, "it holds a rating that does not exist.");
  if (answer > self->n || strcmp (self->questions[answer - 1], question) != 0)
    return damaged (error, path, "they are of other answers than those of this evaluation.");
  self->values[answer - 1] = rating;
  self->blind[answer - 1] = attune_json_get_boolean (object, "blind");
  return TRUE;
}

static gboolean
parse (AttuneRatings *self, const char *text, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = json_from_string (text, NULL);
  JsonObject *object
      = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  JsonNode *list = object != NULL ? json_object_get_member (object, "ratings") : NULL;
  g_autofree char *name = g_filename_display_basename (path);

  if (attune_json_get_int (object, "version") > RATINGS_VERSION)
    {
      g_set_error (error, ATTUNE_JOB_ERROR, ATTUNE_JOB_ERROR_VERSION,
                   "The ratings in “%s” were made by a newer version of Attune.", name);
      return FALSE;
    }
  if (attune_json_get_int (object, "version") != RATINGS_VERSION || list == NULL
      || !JSON_NODE_HOLDS_ARRAY (list))
    return damaged (error, path, "the file is damaged.");
  for (guint i = 0; i < json_array_get_length (json_node_get_array (list)); i++)
    if (!take_rating (self, json_array_get_element (json_node_get_array (list), i), path, error))
      return FALSE;
  return TRUE;
}

AttuneRatings *
attune_ratings_read (const char *evaluation_path, const AttuneEvaluation *evaluation,
                     GError **error)
{
  g_autofree char *path = NULL, *text = NULL;
  g_autoptr (AttuneRatings) self = NULL;
  g_autoptr (GError) failure = NULL;

  g_return_val_if_fail (evaluation_path != NULL && evaluation != NULL, NULL);

  path = ratings_path (evaluation_path);
  self = ratings_new (evaluation);
  if (!g_file_get_contents (path, &text, NULL, &failure))
    {
      if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        return g_steal_pointer (&self);
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  return parse (self, text, path, error) ? g_steal_pointer (&self) : NULL;
}

/* --- what there is */

guint
attune_ratings_get_size (const AttuneRatings *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n;
}

AttuneRating
attune_ratings_get (const AttuneRatings *self, guint answer)
{
  g_return_val_if_fail (self != NULL && answer < self->n, ATTUNE_RATING_NONE);
  return self->values[answer];
}

gboolean
attune_ratings_is_blind (const AttuneRatings *self, guint answer)
{
  g_return_val_if_fail (self != NULL && answer < self->n, FALSE);
  return self->blind[answer];
}

void
attune_ratings_set (AttuneRatings *self, guint answer, AttuneRating rating, gboolean blind)
{
  g_return_if_fail (self != NULL && answer < self->n && rating < ATTUNE_N_RATINGS);

  self->values[answer] = rating;
  self->blind[answer] = blind && rating != ATTUNE_RATING_NONE;
}

guint
attune_ratings_count (const AttuneRatings *self, guint counts[ATTUNE_N_RATINGS])
{
  g_return_val_if_fail (self != NULL && counts != NULL, 0);

  memset (counts, 0, ATTUNE_N_RATINGS * sizeof *counts);
  for (guint i = 0; i < self->n; i++)
    counts[self->values[i]]++;
  return self->n - counts[ATTUNE_RATING_NONE];
}

/* --- writing */

char *
attune_ratings_to_text (const AttuneRatings *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *list = json_array_new ();

  g_return_val_if_fail (self != NULL, NULL);

  for (guint i = 0; i < self->n; i++)
    if (self->values[i] != ATTUNE_RATING_NONE)
      {
        JsonObject *item = json_object_new ();

        json_object_set_int_member (item, "answer", (gint64) i + 1);
        json_object_set_string_member (item, "question", self->questions[i]);
        json_object_set_string_member (item, "rating", names[self->values[i]]);
        json_object_set_boolean_member (item, "blind", self->blind[i]);
        json_array_add_object_element (list, item);
      }
  json_object_set_int_member (object, "version", RATINGS_VERSION);
  json_object_set_array_member (object, "ratings", list);
  json_node_take_object (root, object);
  return json_to_string (root, TRUE);
}

gboolean
attune_ratings_write (const char *evaluation_path, const char *text, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (evaluation_path != NULL && text != NULL, FALSE);

  path = ratings_path (evaluation_path);
  return attune_file_write (path, text, -1, error);
}

char *
attune_ratings_set_aside (const char *evaluation_path, GError **error)
{
  g_autofree char *path = NULL;

  g_return_val_if_fail (evaluation_path != NULL, NULL);

  path = ratings_path (evaluation_path);
  return attune_file_set_aside (path, error);
}
