/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the events of a run say beside its curves: the last of each kind. They come out of a file,
 * so that any number may be missing. Light.
 */
#pragma once
#include "job/run-curves.h"

G_BEGIN_DECLS

typedef struct
{
  struct
  {
    gboolean there;
    int pid;
    gint64 records, steps; /* that it learns from; of the whole run */
  } started;
  struct
  {
    gboolean there;
    gint64 step, steps;
    double epoch, seconds_left; /* -1: not known */
  } step;
  struct
  {
    gboolean there;
    gint64 step;
  } checkpoint;
  struct
  {
    gboolean there;
    gboolean early;                  /* before its last step */
    double base_loss, best_loss;     /* 0 where there are no rewards: nothing was validated */
    gboolean rewards;                /* it learned from answers of its own */
    double base_reward, best_reward; /* NaN: nothing was validated */
    gint64 best_step;
    double seconds;
  } finished;
  struct
  {
    gboolean there;
    char *text; /* (nullable): no reason was given */
  } failed;
} AttuneRunNews;

AttuneRunNews *attune_run_news_new (void);
void attune_run_news_free (AttuneRunNews *self);
/* Takes one event in. */
void attune_run_news_add (AttuneRunNews *self, JsonObject *event);
/* Takes @events in, here and into @curves. (element-type JsonNode): as
 * attune_run_read_some_events() gives them. */
void attune_run_news_take (AttuneRunNews *self, AttuneRunCurves *curves, const GPtrArray *events);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRunNews, attune_run_news_free)

G_END_DECLS
