/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a web server asks of programs that read it: robots.txt (RFC 9309). Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct _AttuneRobots AttuneRobots;

/**
 * attune_robots_new:
 * @text: (array length=n): the file, which may be anything
 * @agent: whose rules: those for that name, in any case, or else those for all
 *
 * Returns: (transfer full).
 */
AttuneRobots *attune_robots_new (const char *text, gsize n, const char *agent);
void attune_robots_free (AttuneRobots *self);
/* @path: of an address, with its query. Of the rules that fit it the longest one says; allowed
 * where none does. */
gboolean attune_robots_allow (const AttuneRobots *self, const char *path);
/* How long to wait between two requests, in seconds; 0: it does not say. */
double attune_robots_get_wait (const AttuneRobots *self);
/* Addresses of site maps, char*s. Borrowed. */
const GPtrArray *attune_robots_get_sitemaps (const AttuneRobots *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneRobots, attune_robots_free)

G_END_DECLS
