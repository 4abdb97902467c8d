/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who is recommended what of the catalogue that is shipped.
 */
#include "job/guide.h"

#include <string.h>

#define GB 1000000000ull
#define HOUR 3600.0
/* Two processors of an ordinary computer. */
#define RATE 60e9

static GPtrArray *
load_shipped (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "data", "models", NULL);
  g_autoptr (GError) error = NULL;
  GPtrArray *catalogue = attune_catalogue_load (folder, &error);

  g_assert_no_error (error);
  return catalogue;
}

/* The first choice, which must be there for @reason; a copy. */
static AttuneGuideChoice
ask (const GPtrArray *catalogue, AttuneAnswers answers, const char *language, guint64 bytes,
     double seconds, AttuneGuideReason reason)
{
  const AttuneGuideQuestion question = { answers, language, bytes, seconds, RATE };
  g_autoptr (GPtrArray) choices = attune_guide_rank (catalogue, &question);
  const AttuneGuideChoice *first = choices->pdata[0];

  g_assert_cmpuint (choices->len, ==, catalogue->len);
  g_test_message ("%s: %.1f GB, %.1f h", first->model->id, first->fit.tune_bytes / 1e9,
                  first->seconds / HOUR);
  g_assert_cmpint (attune_guide_explain (first), ==, reason);
  return *first;
}

static void
test_limits (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  AttuneGuideChoice small, large, quick, none;

  large = ask (catalogue, ATTUNE_ANSWERS_LONG, "en", 64 * GB, 0, ATTUNE_GUIDE_SUITS);
  small = ask (catalogue, ATTUNE_ANSWERS_LONG, "en", 6 * GB, 0, ATTUNE_GUIDE_SUITS);
  g_assert_cmpint (large.model->parameters, >, 4 * small.model->parameters);
  g_assert_cmpuint (large.fit.tune_bytes, <=, 64 * GB);
  g_assert_cmpuint (small.fit.tune_bytes, <=, 6 * GB);
  g_assert_true (large.model->instructed && small.model->instructed);

  quick = ask (catalogue, ATTUNE_ANSWERS_SHORT, "en", 64 * GB, HOUR, ATTUNE_GUIDE_SUITS);
  g_assert_cmpfloat (quick.seconds, <=, HOUR);
  g_assert_cmpint (quick.model->parameters, <, 1000000000);

  /* letters need more than what is done in that time */
  quick = ask (catalogue, ATTUNE_ANSWERS_LONG, "en", 64 * GB, 0.7 * HOUR, ATTUNE_GUIDE_SMALLER);
  g_assert_true (quick.fits && quick.in_time && !quick.suits);
  quick = ask (catalogue, ATTUNE_ANSWERS_LONG, "en", 64 * GB, 10, ATTUNE_GUIDE_SLOW);
  g_assert_cmpint (quick.model->parameters, <, 150000000);
  none = ask (catalogue, ATTUNE_ANSWERS_LONG, "en", GB / 100, 0, ATTUNE_GUIDE_TOO_LARGE);
  g_assert_false (none.fits);
}

static void
test_language (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  AttuneGuideChoice choice;

  choice = ask (catalogue, ATTUNE_ANSWERS_SHORT, "de", 8 * GB, 0, ATTUNE_GUIDE_SUITS);
  g_assert_true (choice.speaks);
  g_assert_true (g_strv_contains ((const char *const *) choice.model->languages, "de"));
  choice = ask (catalogue, ATTUNE_ANSWERS_SHORT, "tlh", 8 * GB, 0, ATTUNE_GUIDE_SUITS);
  g_assert_false (choice.speaks);
  choice = ask (catalogue, ATTUNE_ANSWERS_SHORT, NULL, 8 * GB, 0, ATTUNE_GUIDE_SUITS);
  g_assert_true (choice.speaks);
}

/* Better before worse, all through. */
static void
test_order (void)
{
  g_autoptr (GPtrArray) catalogue = load_shipped ();
  const AttuneGuideQuestion question
      = { ATTUNE_ANSWERS_LABELS, "en", 8 * GB, 10 * HOUR, .flops_per_second = RATE };
  g_autoptr (GPtrArray) choices = attune_guide_rank (catalogue, &question);
  guint n_fitting = 0;
  int before = G_MAXINT;

  for (guint i = 0; i < choices->len; i++)
    {
      const AttuneGuideChoice *c = choices->pdata[i];
      const int rank = c->speaks << 3 | c->fits << 2
                       | (c->fits ? c->in_time << 1 | (c->in_time && c->suits) : 0);

      g_assert_cmpint (rank, <=, before);
      before = rank;
      n_fitting += c->fits;
      if (i > 0 && !c->fits && !((AttuneGuideChoice *) choices->pdata[i - 1])->fits && c->speaks)
        g_assert_cmpuint (c->fit.tune_bytes, >=,
                          ((AttuneGuideChoice *) choices->pdata[i - 1])->fit.tune_bytes);
    }
  g_assert_cmpuint (n_fitting, >, 10);
  g_assert_cmpuint (n_fitting, <, choices->len);
}

/* A model that is newer, free and has learned to answer goes before its like. */
static void
test_ability (void)
{
  AttuneCatalogueModel models[4];
  g_autoptr (GPtrArray) catalogue = g_ptr_array_new ();
  const AttuneGuideQuestion question = { ATTUNE_ANSWERS_LONG, NULL, 64 * GB, 0, RATE };
  g_autoptr (GPtrArray) shipped = load_shipped (), choices = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      models[i] = *(AttuneCatalogueModel *) shipped->pdata[0];
      models[i].instructed = i != 1;
      models[i].gated = i == 0;
      models[i].year = i == 3 ? 2025 : 2024;
      g_ptr_array_add (catalogue, &models[i]);
    }
  choices = attune_guide_rank (catalogue, &question);
  g_assert_true (((AttuneGuideChoice *) choices->pdata[0])->model == &models[3]);
  g_assert_true (((AttuneGuideChoice *) choices->pdata[1])->model == &models[2]);
  g_assert_true (((AttuneGuideChoice *) choices->pdata[2])->model == &models[0]);
  g_assert_true (((AttuneGuideChoice *) choices->pdata[3])->model == &models[1]);
}

static void
test_none (void)
{
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  const AttuneGuideQuestion question = { .available_bytes = 1 };
  g_autoptr (GPtrArray) choices = attune_guide_rank (none, &question);

  g_assert_cmpuint (choices->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/job/guide/limits", test_limits);
  g_test_add_func ("/job/guide/language", test_language);
  g_test_add_func ("/job/guide/order", test_order);
  g_test_add_func ("/job/guide/ability", test_ability);
  g_test_add_func ("/job/guide/none", test_none);
  return g_test_run ();
}
