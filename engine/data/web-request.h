/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One answer of a web server, whole and within bounds. Private to data/.
 */
#pragma once
#include "data/web.h"

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct
{
  guint status;   /* 0: there was no answer at all */
  char *type;     /* (nullable): "text/html" */
  char *location; /* (nullable): where it sends one on to, a whole address */
  char *charset;  /* (nullable): that it says its text is in */
  gint64 wait;    /* seconds until one may ask again; -1: it does not say */
  GString *body;  /* empty where it is none of what was asked for */
} AttuneWebAnswer;
void attune_web_answer_clear (AttuneWebAnswer *answer);

/* Always %FALSE: a sentence, of which @why is the end. */
gboolean attune_web_refuse (const char *address, const char *why, GError **error);

/**
 * attune_web_ask:
 * @session: made by attune_http_session_new()
 * @address: whole
 * @any: a good answer is read whatever its type, else only texts are: pages, site maps
 * @max: bytes, unpacked
 * @answer: (out): to be cleared; whatever its status, and where %FALSE is returned
 *
 * Follows no redirection; what is not to be read is left unread. Returns: %FALSE with
 * %ATTUNE_DATA_ERROR_READ where there is no answer, or it has more bytes or takes longer than it
 * may; or that it was cancelled.
 */
gboolean attune_web_ask (SoupSession *session, const char *address, gboolean any, guint64 max,
                         const AttuneWebLimits *limits, GCancellable *cancellable,
                         AttuneWebAnswer *answer, GError **error);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneWebAnswer, attune_web_answer_clear)

G_END_DECLS
