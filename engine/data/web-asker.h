/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Asks one server, one question after another, each after the rest that it wants, and counts what
 * comes. Private to data/.
 */
#pragma once
#include "data/robots.h"
#include "data/web-request.h"

G_BEGIN_DECLS

typedef struct
{
  const AttuneWebLimits *limits;
  GCancellable *cancellable; /* (nullable) */
  SoupSession *session;
  AttuneRobots *robots; /* (nullable): owned, as soon as they are known */
  guint n_requests;
  guint n_lost;    /* the last so many requests had no answer at all */
  guint64 n_bytes; /* that were read */
  gint64 next;     /* when the next request may go out, by the monotonic clock */
} AttuneWebAsker;

/* @limits, @cancellable: borrowed */
void attune_web_asker_init (AttuneWebAsker *self, const AttuneWebLimits *limits,
                            GCancellable *cancellable);
void attune_web_asker_clear (AttuneWebAsker *self);

/* Asks, and follows the server to where it sends us on, on itself. @any, @max, @answer: see
 * attune_web_ask(); @at: (out) (transfer full): the address that answered. @allowed: (out): whether
 * robots.txt allows it; else it is not asked. Errors: as attune_web_ask(), and
 * %ATTUNE_DATA_ERROR_SETTINGS while nothing is to be fetched. */
gboolean attune_web_asker_ask (AttuneWebAsker *self, const char *address, gboolean any, guint64 max,
                               AttuneWebAnswer *answer, char **at, gboolean *allowed,
                               GError **error);
/* No question goes out for so long. */
void attune_web_asker_rest (AttuneWebAsker *self, gint64 microseconds);

G_END_DECLS
