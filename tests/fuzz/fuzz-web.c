/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What web servers say besides text: which pages there are, and which of them may be read.
 */
#include "data/robots.h"
#include "data/web-links.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (AttuneRobots) robots = attune_robots_new (text, size, "Attune");
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free),
                        maps = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_utf8_make_valid (text, MIN (size, 200));

  g_assert_true (attune_robots_allow (robots, "/robots.txt"));
  attune_robots_allow (robots, path);
  attune_web_read_links (text, size, "https://example.org/help/", links);
  attune_web_read_sitemap (text, size, links, maps);
  for (guint i = 0; i < links->len; i++)
    g_assert_true (g_str_has_prefix (links->pdata[i], "http"));
  return 0;
}
