/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Ratings: kept as they were given, never lost to a damaged file, a newer version or a folder that
 * cannot be written.
 */
#include "job/ratings.h"

#include "core/file.h"
#include "evaluation-sample.h"
#include "../scratch-folder.h"

#include <unistd.h>

typedef struct
{
  char *folder, *evaluation_path, *path;
  AttuneEvaluation *evaluation;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = g_dir_make_tmp ("attune-ratings-XXXXXX", NULL);
  self->evaluation_path = g_build_filename (self->folder, "0001.h5", NULL);
  self->path = g_build_filename (self->folder, "0001.ratings.json", NULL);
  self->evaluation = test_evaluation_new (5);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  attune_evaluation_free (self->evaluation);
  test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->evaluation_path);
  g_free (self->path);
}

static AttuneRatings *
read_good (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  AttuneRatings *ratings = attune_ratings_read (self->evaluation_path, self->evaluation, &error);

  g_assert_no_error (error);
  return ratings;
}

static void
write_good (Fixture *self, AttuneRatings *ratings)
{
  g_autofree char *text = attune_ratings_to_text (ratings);
  g_autoptr (GError) error = NULL;

  attune_ratings_write (self->evaluation_path, text, &error);
  g_assert_no_error (error);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneRatings) made = read_good (self), read = NULL;
  guint counts[ATTUNE_N_RATINGS];

  g_assert_cmpuint (attune_ratings_get_size (made), ==, 5);
  g_assert_cmpuint (attune_ratings_count (made, counts), ==, 0);
  attune_ratings_set (made, 0, ATTUNE_RATING_TUNED, TRUE);
  attune_ratings_set (made, 2, ATTUNE_RATING_BOTH_BAD, FALSE);
  attune_ratings_set (made, 3, ATTUNE_RATING_BASE, TRUE);
  attune_ratings_set (made, 3, ATTUNE_RATING_NONE, TRUE); /* taken back */
  attune_ratings_set (made, 4, ATTUNE_RATING_EQUAL, FALSE);
  write_good (self, made);
  read = read_good (self);
  for (guint i = 0; i < 5; i++)
    {
      g_assert_cmpint (attune_ratings_get (made, i), ==, attune_ratings_get (read, i));
      g_assert_cmpint (attune_ratings_is_blind (made, i), ==, attune_ratings_is_blind (read, i));
    }
  g_assert_false (attune_ratings_is_blind (read, 3));
  g_assert_cmpuint (attune_ratings_count (read, counts), ==, 3);
  g_assert_cmpuint (counts[ATTUNE_RATING_TUNED], ==, 1);
  g_assert_cmpuint (counts[ATTUNE_RATING_BASE], ==, 0);
  g_assert_cmpuint (counts[ATTUNE_RATING_NONE], ==, 2);
}

#define RATING(answer, question, rating)                                                           \
  "{\"version\": 1, \"ratings\": [{\"answer\": " answer ", \"question\": \"" question              \
  "\", \"rating\": \"" rating "\"}]}"

static void
test_bad (Fixture *self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    int code;
    const char *word;
  } bad[] = {
    { "", ATTUNE_JOB_ERROR_PROJECT, "damaged" },
    { "{\"version\": 1, \"rat", ATTUNE_JOB_ERROR_PROJECT, "damaged" },
    { "[1, 2]", ATTUNE_JOB_ERROR_PROJECT, "damaged" },
    { "{\"version\": \"one\", \"ratings\": []}", ATTUNE_JOB_ERROR_PROJECT, "damaged" },
    { "{\"version\": 1}", ATTUNE_JOB_ERROR_PROJECT, "damaged" },
    { "{\"version\": 1, \"ratings\": [7]}", ATTUNE_JOB_ERROR_PROJECT, "missing" },
    { RATING ("1", "What does term 0 mean?", "super"), ATTUNE_JOB_ERROR_PROJECT, "not exist" },
    { RATING ("1", "What does term 0 mean?", ""), ATTUNE_JOB_ERROR_PROJECT, "not exist" },
    { RATING ("0", "What does term 0 mean?", "base"), ATTUNE_JOB_ERROR_PROJECT, "missing" },
    { RATING ("6", "What does term 5 mean?", "base"), ATTUNE_JOB_ERROR_PROJECT, "other answers" },
    { RATING ("2", "Something else", "base"), ATTUNE_JOB_ERROR_PROJECT, "other answers" },
    { "{\"version\": 2, \"stars\": {}}", ATTUNE_JOB_ERROR_VERSION, "newer" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *left = NULL;

      g_assert_true (g_file_set_contents (self->path, bad[i].text, -1, NULL));
      g_assert_null (attune_ratings_read (self->evaluation_path, self->evaluation, &error));
      g_assert_error (error, ATTUNE_JOB_ERROR, bad[i].code);
      g_assert_nonnull (strstr (error->message, bad[i].word));
      g_assert_nonnull (strstr (error->message, "0001.ratings.json"));
      g_assert_true (g_file_get_contents (self->path, &left, NULL, NULL));
      g_assert_cmpstr (left, ==, bad[i].text);
    }
}

/* What cannot be read is kept for ever, however often that happens. */
static void
test_set_aside (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *names = NULL;

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (AttuneRatings) empty = NULL;
      g_autofree char *aside = NULL, *text = NULL;
      g_autofree char *damaged = g_strdup_printf ("damaged %d", i);

      g_assert_true (g_file_set_contents (self->path, damaged, -1, NULL));
      aside = attune_ratings_set_aside (self->evaluation_path, &error);
      g_assert_no_error (error);
      g_assert_true (g_file_get_contents (aside, &text, NULL, NULL));
      g_assert_cmpstr (text, ==, damaged);
      empty = read_good (self);
      attune_ratings_set (empty, 1, ATTUNE_RATING_BASE, FALSE);
      write_good (self, empty);
    }
  names = list_folder (self->folder);
  g_assert_cmpstr (names, ==,
                   "0001.ratings.json 0001.ratings.json.unreadable-1 "
                   "0001.ratings.json.unreadable-2");
  g_assert_cmpint (g_remove (self->path), ==, 0);
  g_assert_null (attune_ratings_set_aside (self->evaluation_path, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT);
}

/* A folder that cannot be written: the old ratings stand. Root may write anywhere, so that a folder
 * in the place of the new file stands in for it. */
static void
test_cannot_write (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneRatings) ratings = read_good (self), read = NULL;
  g_autofree char *blocked = g_strconcat (self->path, ".new", NULL), *text = NULL;
  g_autoptr (GError) error = NULL;

  attune_ratings_set (ratings, 0, ATTUNE_RATING_TUNED, FALSE);
  write_good (self, ratings);
  attune_ratings_set (ratings, 1, ATTUNE_RATING_TUNED, FALSE);
  text = attune_ratings_to_text (ratings);
  if (geteuid () == 0)
    g_assert_cmpint (g_mkdir (blocked, 0700), ==, 0);
  else
    g_assert_cmpint (g_chmod (self->folder, 0500), ==, 0);
  g_assert_false (attune_ratings_write (self->evaluation_path, text, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "0001.ratings.json"));
  g_assert_cmpint (g_chmod (self->folder, 0700), ==, 0);
  read = read_good (self);
  g_assert_cmpint (attune_ratings_get (read, 0), ==, ATTUNE_RATING_TUNED);
  g_assert_cmpint (attune_ratings_get (read, 1), ==, ATTUNE_RATING_NONE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/job/ratings/round-trip", Fixture, NULL, set_up, test_round_trip, tear_down);
  g_test_add ("/job/ratings/bad", Fixture, NULL, set_up, test_bad, tear_down);
  g_test_add ("/job/ratings/set-aside", Fixture, NULL, set_up, test_set_aside, tear_down);
  g_test_add ("/job/ratings/cannot-write", Fixture, NULL, set_up, test_cannot_write, tear_down);
  return g_test_run ();
}
