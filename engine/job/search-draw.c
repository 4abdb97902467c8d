/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The next trial of a search, by what those before it came to.
 */
#include "job/search.h"

/* Draws of a trial that were all there before, after which there is none left. */
#define REDRAWS 1000
#define LEARNED_REDRAWS 50 /* by what was learned; then at random */

static void
free_history (AttuneSearchPoint *history, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (history[i].places);
  g_free (history);
}

static AttuneSearchPoint *
make_history (const AttuneSearch *search)
{
  AttuneSearchPoint *history = g_new (AttuneSearchPoint, search->trials->len + 1);

  for (guint i = 0; i < search->trials->len; i++)
    {
      const AttuneSearchTrial *trial = search->trials->pdata[i];

      history[i].score = trial->score;
      history[i].places = g_new (double, search->space->len + 1);
      for (guint j = 0; j < search->space->len; j++)
        history[i].places[j]
            = attune_search_variable_get_place (search->space->pdata[j], trial->texts[j]);
    }
  return history;
}

static gboolean
is_there (const AttuneSearch *search, char **texts)
{
  for (guint i = 0; i < search->trials->len; i++)
    if (g_strv_equal (
            (const char *const *) texts,
            (const char *const *) ((AttuneSearchTrial *) search->trials->pdata[i])->texts))
      return TRUE;
  return FALSE;
}

/* Values that no trial has had. Returns: (transfer full): or %NULL where there are no more. */
static char **
draw_texts (const AttuneSearch *search)
{
  const guint number = search->trials->len, n = search->space->len;
  g_autofree double *places = g_new (double, n + 1);
  AttuneSearchPoint *history = make_history (search);
  g_auto (GStrv) texts = NULL;
  AttuneSearchStrategy strategy = search->strategy;
  gboolean found = FALSE;

  for (guint i = 0; i < REDRAWS && !found; i++)
    {
      if (i == LEARNED_REDRAWS && strategy != ATTUNE_SEARCH_GRID)
        strategy = ATTUNE_SEARCH_RANDOM;
      if (!attune_search_propose (search->space, strategy, search->seed, search->n_trials,
                                  number + i * ATTUNE_SEARCH_MOST_TRIALS, history, number, places))
        break;
      g_strfreev (texts);
      texts = g_new0 (char *, n + 1);
      for (guint j = 0; j < n; j++)
        texts[j] = attune_search_variable_get_text (search->space->pdata[j], places[j]);
      found = !is_there (search, texts);
    }
  free_history (history, number);
  return found ? g_steal_pointer (&texts) : NULL;
}

gboolean
attune_search_add_trial (AttuneSearch *search)
{
  char **texts = draw_texts (search);
  AttuneSearchTrial *trial;

  if (texts == NULL)
    return FALSE;
  trial = g_new0 (AttuneSearchTrial, 1);
  trial->texts = texts;
  trial->runs = g_ptr_array_new_with_free_func (g_free);
  trial->score = trial->kept[0] = trial->kept[1] = trial->kept[2] = NAN;
  g_ptr_array_add (search->trials, trial);
  return TRUE;
}
