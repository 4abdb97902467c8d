/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which addresses belong to what a person has asked for. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  GUri *start; /* what belongs to it lies on its server */
  char *page;  /* (nullable): and has this path, with any query */
  char *below; /* (nullable): or a path that begins so */
} AttuneWebScope;

/* Returns: (transfer full) (nullable) */
GUri *attune_web_parse (const char *address);
/* With its query: what robots.txt speaks of. (transfer full) */
char *attune_web_get_path (const GUri *uri);
/* Whether they have the same name; and the same port, or both are the usual ones, and @other is not
 * less private. */
gboolean attune_web_is_same_server (const GUri *one, const GUri *other);

/* What lies below a page: of "/help/" and of "/help/index.html" all of "/help/", of "/help" that
 * and all of "/help/"; of a page that is asked with a query, as "/index.php?page=1", no other than
 * that is asked with others. */
void attune_web_scope_init (AttuneWebScope *self, GUri *start);
void attune_web_scope_clear (AttuneWebScope *self);
gboolean attune_web_scope_has (const AttuneWebScope *self, const GUri *uri);

G_END_DECLS
