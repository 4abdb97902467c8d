/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding similar records among many: the time, and how many of the planted pairs are found, each
 * of which is as similar as the limit asks for and no more. One core, as in `attunectl prepare`.
 *
 * Prints a line per figure: name, value, goal, ok or short. Arguments: how many records, 100,000
 * where nothing is said.
 */
#include "data/planted-pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define LIMIT 0.8
#define WORDS 60     /* of a record */
#define PLANTED 100  /* one pair among so many records */
#define MOST_S 600.0 /* for a million records */
#define RECALL 0.95

typedef struct
{
  AttuneSimilar *index;
  AttuneSketch sketch;
  Planter planter;
  double seconds; /* in the index alone */
  guint n_planted, n_found, n_wrong;
} Bench;

/* The record that @text is most similar to, or -1. */
static int
add (Bench *self, const char *text)
{
  g_autoptr (GError) error = NULL;
  const gint64 start = g_get_monotonic_time ();
  g_autoptr (GArray) hits = NULL;

  attune_sketcher_run (attune_similar_get_sketcher (self->index), text, "", &self->sketch);
  hits = attune_similar_find (self->index, &self->sketch, &error);
  if (hits == NULL || !attune_similar_keep (self->index, &self->sketch, &error))
    {
      g_printerr ("%s\n", error->message);
      exit (1);
    }
  self->seconds += (g_get_monotonic_time () - start) * 1e-6;
  return hits->len > 0 ? (int) g_array_index (hits, AttuneSimilarHit, 0).record : -1;
}

static void
report (const char *name, guint n, double value, const char *unit, const char *sign, double goal)
{
  const gboolean good = *sign == '<' ? value <= goal : value >= goal;

  printf ("%s-%u\t%.4g%s\t%s=%.4g\t%s\n", name, n, value, unit, sign, goal, good ? "ok" : "short");
}

int
main (int argc, char **argv)
{
  const int n = argc > 1 ? atoi (argv[1]) : 100000;
  g_autoptr (GError) error = NULL;
  Bench self = { .index = attune_similar_new (LIMIT, MAX (1, n), g_get_tmp_dir (), NULL, &error) };
  g_autofree char *kept = NULL; /* its copy comes a hundred records later */
  struct rusage usage;
  int original = -1;

  if (self.index == NULL || n < 2 * PLANTED)
    {
      g_printerr ("%s\n",
                  error != NULL ? error->message : "Give the number of records, 200 at least.");
      return 1;
    }
  planter_init (&self.planter, 7, WORDS);
  for (int i = 0; i < n; i++)
    {
      g_auto (GStrv) words = planter_words (&self.planter);
      g_autofree char *text = g_strjoinv (" ", words);

      if (i % PLANTED == PLANTED - 1 && kept != NULL)
        {
          self.n_planted++;
          self.n_found += add (&self, kept) == original;
          g_clear_pointer (&kept, g_free);
          continue;
        }
      self.n_wrong += add (&self, text) >= 0;
      if (i % PLANTED == 0)
        {
          kept = planter_copy (&self.planter, text, LIMIT);
          original = i;
        }
    }
  getrusage (RUSAGE_SELF, &usage);
  report ("similar-seconds", n, self.seconds, " s", "<", MOST_S * n / 1e6);
  report ("similar-recall", n, (double) self.n_found / self.n_planted, "", ">", RECALL);
  report ("similar-wrong", n, self.n_wrong, "", "<", 0);
  report ("similar-memory", n, usage.ru_maxrss / 1024.0, " MB", "<", 500);
  attune_sketch_clear (&self.sketch);
  attune_similar_free (self.index);
  return 0;
}
