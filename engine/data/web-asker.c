/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-asker.h.
 */
#include "data/web-asker.h"

#include "core/http-session.h"
#include "core/offline.h"
#include "data/web-scope.h"

#define MAX_REDIRECTIONS 5

void
attune_web_asker_init (AttuneWebAsker *self, const AttuneWebLimits *limits,
                       GCancellable *cancellable)
{
  *self = (AttuneWebAsker) { .limits = limits,
                             .cancellable = cancellable,
                             .session
                             = attune_http_session_new (limits->proxy, limits->idle_seconds) };
}

void
attune_web_asker_clear (AttuneWebAsker *self)
{
  g_clear_object (&self->session);
  g_clear_pointer (&self->robots, attune_robots_free);
}

void
attune_web_asker_rest (AttuneWebAsker *self, gint64 microseconds)
{
  self->next = MAX (self->next, g_get_monotonic_time () + microseconds);
}

/* Until the server has had its rest. */
static gboolean
wait_for_turn (AttuneWebAsker *self, GError **error)
{
  const double asked = self->robots != NULL ? attune_robots_get_wait (self->robots) : 0;
  const gint64 pause = MAX (self->limits->wait_ms * 1000, (gint64) (asked * G_USEC_PER_SEC));

  while (g_get_monotonic_time () < self->next)
    {
      if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
        return FALSE;
      g_usleep (MIN (100000, MAX (0, self->next - g_get_monotonic_time ())));
    }
  self->next = g_get_monotonic_time () + pause;
  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

static gboolean
is_redirection (const AttuneWebAnswer *answer)
{
  return answer->status >= 300 && answer->status < 400 && answer->status != 304;
}

/* The person may say so meanwhile. */
static gboolean
check_online (GError **error)
{
  if (!attune_is_offline ())
    return TRUE;
  g_set_error_literal (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                       "Attune works offline, as the preferences or HF_HUB_OFFLINE say: no page is "
                       "fetched. Files that are on this computer can be added.");
  return FALSE;
}

/* One request, with what it means for those that follow. */
static gboolean
ask_once (AttuneWebAsker *self, const char *address, gboolean any, guint64 max,
          AttuneWebAnswer *answer, GError **error)
{
  gboolean good;

  attune_web_answer_clear (answer);
  if (!wait_for_turn (self, error) || !check_online (error))
    return FALSE;
  self->n_requests++;
  good = attune_web_ask (self->session, address, any, max, self->limits, self->cancellable, answer,
                         error);
  self->n_bytes += answer->body->len;
  self->n_lost = answer->status != 0 ? 0 : self->n_lost + 1;
  return good;
}

gboolean
attune_web_asker_ask (AttuneWebAsker *self, const char *address, gboolean any, guint64 max,
                      AttuneWebAnswer *answer, char **at, gboolean *allowed, GError **error)
{
  g_autofree char *here = g_strdup (address);

  for (guint n = 0; n <= MAX_REDIRECTIONS; n++)
    {
      g_autoptr (GUri) uri = attune_web_parse (here), next = NULL;
      g_autofree char *path = uri != NULL ? attune_web_get_path (uri) : NULL;

      if (uri == NULL)
        return attune_web_refuse (here, "it is no address of a page.", error);
      *allowed = self->robots == NULL || attune_robots_allow (self->robots, path);
      if (!*allowed)
        return TRUE;
      if (!ask_once (self, here, any, max, answer, error))
        return FALSE;
      if (!is_redirection (answer))
        {
          *at = g_steal_pointer (&here);
          return TRUE;
        }
      next = answer->location != NULL ? attune_web_parse (answer->location) : NULL;
      if (next == NULL)
        return attune_web_refuse (here, "its server sends one on to nowhere.", error);
      if (!attune_web_is_same_server (uri, next))
        {
          g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                       "“%s” is at another server, “%s”, which was not asked for. Give that "
                       "address where it is meant.",
                       here, answer->location);
          return FALSE;
        }
      g_set_str (&here, answer->location);
    }
  return attune_web_refuse (address, "its server sends one on and on.", error);
}
