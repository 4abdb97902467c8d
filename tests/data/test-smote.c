/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SMOTE against imbalanced-learn (tests/golden/smote.json): its neighbours, its points for what it
 * drew, and what many points have in common whatever is drawn.
 */
#include "data/smote.h"
#include "text/golden.h"

#include <math.h>

typedef struct
{
  JsonParser *parser;
  JsonObject *root;
  guint n, d, k;
  float *vectors;
  guint32 *neighbours;
} Golden;

static double
number_at (const Golden *self, const char *name, guint i)
{
  return json_array_get_double_element (json_object_get_array_member (self->root, name), i);
}

static guint
length_of (const Golden *self, const char *name)
{
  return json_array_get_length (json_object_get_array_member (self->root, name));
}

static void
set_up (Golden *self, gconstpointer data)
{
  self->parser = golden_load ("smote.json");
  self->root = golden_root (self->parser);
  self->n = json_object_get_int_member (self->root, "n");
  self->d = json_object_get_int_member (self->root, "d");
  self->k = json_object_get_int_member (self->root, "k");
  self->vectors = g_new (float, self->n * self->d);
  self->neighbours = g_new (guint32, self->n * self->k);
  for (guint i = 0; i < self->n * self->d; i++)
    self->vectors[i] = (float) number_at (self, "vectors", i);
  attune_smote_find_neighbours (self->vectors, self->n, self->d, self->k, self->neighbours);
}

static void
tear_down (Golden *self, gconstpointer data)
{
  g_object_unref (self->parser);
  g_free (self->vectors);
  g_free (self->neighbours);
}

static void
test_neighbours (Golden *self, gconstpointer data)
{
  g_assert_cmpuint (length_of (self, "neighbours"), ==, self->n * self->k);
  for (guint i = 0; i < self->n * self->k; i++)
    g_assert_cmpuint (self->neighbours[i], ==, (guint) number_at (self, "neighbours", i));
}

/* What it drew is the number of a neighbour among all, and how far to go there. */
static void
test_points (Golden *self, gconstpointer data)
{
  const guint n = length_of (self, "drawn");
  g_autofree float *x = g_new (float, self->d);

  g_assert_cmpuint (n, >=, 40);
  for (guint i = 0; i < n; i++)
    {
      const guint drawn = (guint) number_at (self, "drawn", i);
      const AttuneSmotePoint point
          = { drawn / self->k, self->neighbours[drawn], number_at (self, "steps", i) };

      attune_smote_place (self->vectors, self->d, &point, x);
      for (guint j = 0; j < self->d; j++)
        g_assert_cmpfloat_with_epsilon (x[j], number_at (self, "points", i * self->d + j), 1e-6);
    }
}

/* Mean and covariance of many: by chance they differ by some 0.003. */
static void
test_statistics (Golden *self, gconstpointer data)
{
  const guint n = 200000, d = self->d;
  g_autofree AttuneSmotePoint *points = g_new (AttuneSmotePoint, n),
                              *again = g_new (AttuneSmotePoint, 10);
  g_autofree float *x = g_new (float, d);
  g_autofree double *sum = g_new0 (double, d), *products = g_new0 (double, d *d);

  attune_smote_draw (self->neighbours, self->n, self->k, 42, 7, n, points);
  attune_smote_draw (self->neighbours, self->n, self->k, 42, 7, 10, again);
  g_assert_cmpmem (points, sizeof *again * 10, again, sizeof *again * 10);
  for (guint i = 0; i < n; i++)
    {
      attune_smote_place (self->vectors, d, &points[i], x);
      for (guint a = 0; a < d; a++)
        {
          sum[a] += x[a];
          for (guint b = 0; b < d; b++)
            products[a * d + b] += (double) x[a] * x[b];
        }
    }
  for (guint a = 0; a < d; a++)
    {
      g_assert_cmpfloat_with_epsilon (sum[a] / n, number_at (self, "mean", a), 0.01);
      for (guint b = 0; b < d; b++)
        g_assert_cmpfloat_with_epsilon (products[a * d + b] / n - sum[a] / n * sum[b] / n,
                                        number_at (self, "covariance", a * d + b), 0.01);
    }
}

static void
test_nearest (Golden *self, gconstpointer data)
{
  g_autofree float *x = g_new (float, self->d);

  for (guint i = 0; i < self->n; i++)
    {
      const AttuneSmotePoint near = { i, self->neighbours[i * self->k], 0.01 },
                             far = { i, self->neighbours[i * self->k], 0.99 };

      attune_smote_place (self->vectors, self->d, &near, x);
      g_assert_cmpuint (attune_smote_find_nearest (self->vectors, self->n, self->d, x), ==, i);
      attune_smote_place (self->vectors, self->d, &far, x);
      g_assert_cmpuint (attune_smote_find_nearest (self->vectors, self->n, self->d, x), ==,
                        near.neighbour);
    }
}

static void
test_mix (void)
{
  static const struct
  {
    const char *first, *second;
    double step;
    const char *mix;
  } cases[] = {
    { "One. Two. Three. Four.", "A b? C d! E f. G h.", 0.5, "One. Two. A b? C d!" },
    { "One. Two. Three. Four.", "A b? C d! E f. G h.", 0.01, "One. Two. Three. Four. A b?" },
    { "One. Two. Three. Four.", "A b? C d! E f. G h.", 0.99, "One. A b? C d! E f. G h." },
    { "How do I log in? ", "My password is lost", 0.3, "How do I log in? My password is lost" },
    { "Wie geht das? Ähnlich.", "", 0.5, "Wie geht das?" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *mix = attune_smote_mix (cases[i].first, cases[i].second, cases[i].step);

      g_assert_cmpstr (mix, ==, cases[i].mix);
    }
}

#define CASE(path, test) g_test_add (path, Golden, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/smote/neighbours", test_neighbours);
  CASE ("/smote/points", test_points);
  CASE ("/smote/statistics", test_statistics);
  CASE ("/smote/nearest", test_nearest);
  g_test_add_func ("/smote/mix", test_mix);
  return g_test_run ();
}
