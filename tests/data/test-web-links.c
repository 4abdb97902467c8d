/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of pages before they are asked for: what robots.txt says of them, whether they lie
 * below an address, and which ones a page or a site map names.
 */
#include "data/robots.h"
#include "data/web-links.h"
#include "data/web-scope.h"

#include <string.h>

static const char robots_text[] = "# rules\n"
                                  "User-agent: other\nDisallow: /\n\n"
                                  "User-Agent: ATTUNE\nuser-agent: third\n"
                                  "Disallow: /private # not this\nAllow: /private/open\n"
                                  "Disallow: /*.pdf$\nDisallow: /a%3cd\nCrawl-delay: 2.5\n"
                                  "Disallow:\n"
                                  "Sitemap: https://example.org/map.xml\r\n"
                                  "User-agent: *\nDisallow: /all\n";

static void
test_robots (void)
{
  static const struct
  {
    const char *path;
    gboolean allowed;
  } paths[] = {
    { "/", TRUE },
    { "/private", FALSE },
    { "/private/x", FALSE },
    { "/privately", FALSE },
    { "/private/open/x", TRUE },
    { "/x/y.pdf", FALSE },
    { "/x/y.pdf?page=1", TRUE },
    { "/a%3Cd/e", FALSE },
    { "/%70rivate", FALSE }, /* the same, in another spelling */
    { "/all", TRUE },
    { "/robots.txt", TRUE },
  };
  g_autoptr (AttuneRobots) ours = attune_robots_new (robots_text, strlen (robots_text), "Attune"),
                           any = attune_robots_new (robots_text, strlen (robots_text), "Some"),
                           none = attune_robots_new ("\xff\xfe\0:", 4, "Attune");

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_test_message ("%s", paths[i].path);
      g_assert_cmpint (attune_robots_allow (ours, paths[i].path), ==, paths[i].allowed);
      g_assert_true (attune_robots_allow (none, paths[i].path));
    }
  g_assert_cmpfloat (attune_robots_get_wait (ours), ==, 2.5);
  g_assert_cmpuint (attune_robots_get_sitemaps (ours)->len, ==, 1);
  g_assert_cmpstr (attune_robots_get_sitemaps (ours)->pdata[0], ==, "https://example.org/map.xml");
  g_assert_false (attune_robots_allow (any, "/all/x"));
  g_assert_true (attune_robots_allow (any, "/private"));
}

/* A byte order mark is none of its name, and lines end with CR alone, too. */
static void
test_robots_lines (void)
{
  static const char *const texts[]
      = { "\xEF\xBB\xBFUser-agent: *\nDisallow: /\n", "User-agent: *\rDisallow: /\r",
          "# all\r\nUser-agent: *\r\nDisallow: /" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (AttuneRobots) robots = attune_robots_new (texts[i], strlen (texts[i]), "Attune");

      g_assert_false (attune_robots_allow (robots, "/page"));
    }
}

/* What lies below an address. */
static void
test_scope (void)
{
  static const struct
  {
    const char *start, *inside, *outside;
  } cases[] = {
    { "https://e.org/help/", "https://e.org/help/a/b?x", "https://e.org/helper" },
    { "https://e.org/help", "https://e.org/help", "https://e.org/shop" },
    { "https://e.org/help", "https://e.org/help/a", "https://e.org/helper" },
    { "https://e.org/a/index.html", "https://e.org/a/b", "https://e.org/b" },
    { "https://e.org/i.php?page=1", "https://e.org/i.php?page=2", "https://e.org/imprint" },
    { "http://e.org/", "https://e.org/x", "https://f.org/x" },
    { "http://[::1]:8080/", "http://[::1]:8080/x", "http://[::1]:81/x" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GUri) start = attune_web_parse (cases[i].start),
                       inside = attune_web_parse (cases[i].inside),
                       outside = attune_web_parse (cases[i].outside);
      AttuneWebScope scope;

      g_test_message ("%s", cases[i].start);
      attune_web_scope_init (&scope, start);
      g_assert_true (attune_web_scope_has (&scope, inside));
      g_assert_false (attune_web_scope_has (&scope, outside));
      attune_web_scope_clear (&scope);
    }
}

static char *
join (GPtrArray *list)
{
  g_ptr_array_add (list, NULL);
  return g_strjoinv (" ", (char **) list->pdata);
}

static void
assert_links (const char *page, const char *expected)
{
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  attune_web_read_links (page, strlen (page), "https://example.org/help/index.html", links);
  text = join (links);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_links (void)
{
  g_autoptr (GPtrArray) pages = g_ptr_array_new_with_free_func (g_free),
                        maps = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *p = NULL, *m = NULL;
  const char *map
      = "<?xml version=\"1.0\"?><!DOCTYPE urlset [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
        "\"&a;&a;&a;\">]><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">"
        "<url><loc> https://example.org/a?x=1&amp;y=2 </loc><lastmod>2024</lastmod></url>"
        "<url><loc>mailto:x</loc><image><loc>https://example.org/p.jpg</loc></image></"
        "url><url><loc>https://example.org/&b;</loc></url></urlset>";

  assert_links ("<p><a href='a.html#part'>A</a> <a href=\"../b c\">B</a><a>none</a>"
                "<a href='mailto:x@example.org'>m</a><a rel='nofollow' href=d>D</a>"
                "<a href='https://user:pw@other.example/x?q=1&amp;r=2'>o</a>",
                "https://example.org/help/a.html https://example.org/b%20c "
                "https://other.example/x?q=1&r=2");
  assert_links ("<head><base href='/base/'></head><a href=x>X</a>", "https://example.org/base/x");
  assert_links ("<meta name=robots content='noindex, nofollow'><a href=x>X</a>", "");
  assert_links ("", "");
  assert_links ("\x01\xff<a href='\xff'", "https://example.org/help/%C3%BF"); /* no UTF-8 */
  g_assert_true (attune_web_read_sitemap (map, strlen (map), pages, maps));
  p = join (pages);
  g_assert_true (g_str_has_prefix (p, "https://example.org/a?x=1&y=2"));
  g_assert_null (strstr (p, "aaaa"));
  g_assert_null (strstr (p, "p.jpg"));
  g_assert_cmpuint (maps->len, ==, 0);
  map = "<sitemapindex><sitemap><loc>https://example.org/2.xml</loc></sitemap></sitemapindex>";
  g_ptr_array_set_size (pages, 0);
  g_assert_true (attune_web_read_sitemap (map, strlen (map), pages, maps));
  m = join (maps);
  g_assert_cmpstr (m, ==, "https://example.org/2.xml");
  g_assert_false (attune_web_read_sitemap ("<rss><url><loc>x</loc></url></rss>", 34, pages, maps));
  g_assert_false (attune_web_read_sitemap ("no XML", 6, pages, maps));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/data/web-links/robots", test_robots);
  g_test_add_func ("/data/web-links/robots-lines", test_robots_lines);
  g_test_add_func ("/data/web-links/scope", test_scope);
  g_test_add_func ("/data/web-links/links", test_links);
  return g_test_run ();
}
