/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-links.h.
 */
#include "data/web-links.h"

#include <libxml/HTMLparser.h>
#include <libxml/xmlreader.h>
#include <string.h>

/* sitemaps.org: "no more than 50,000 URLs". */
#define MAX_LINKS 50000

/* --- pages */

static char *
get_attribute (const xmlNode *node, const char *name)
{
  xmlChar *value = xmlGetProp ((xmlNode *) node, (const xmlChar *) name);
  char *copy = g_strdup ((const char *) value);

  xmlFree (value);
  return copy;
}

/* @base: of the page, or what it says that is. Returns: (transfer full) (nullable): the whole
 * address, without what is behind a #. */
static char *
resolve (const char *base, const char *link)
{
  const GUriFlags flags
      = G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE;
  g_autoptr (GUri) around = g_uri_parse (base, flags, NULL);
  g_autofree char *text = g_strstrip (g_strdup (link));
  g_autoptr (GUri) uri = around != NULL ? g_uri_parse_relative (around, text, flags, NULL) : NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL
      || (!g_str_equal (g_uri_get_scheme (uri), "http")
          && !g_str_equal (g_uri_get_scheme (uri), "https")))
    return NULL;
  return g_uri_to_string_partial (uri, G_URI_HIDE_FRAGMENT | G_URI_HIDE_USERINFO);
}

static gboolean
is_named (const xmlNode *node, const char *name)
{
  return node->type == XML_ELEMENT_NODE && g_str_equal ((const char *) node->name, name);
}

static gboolean
says (const xmlNode *node, const char *attribute, const char *word)
{
  g_autofree char *value = get_attribute (node, attribute), *lower = NULL;

  if (value == NULL)
    return FALSE;
  lower = g_ascii_strdown (value, -1);
  return strstr (lower, word) != NULL;
}

/* Not recursive: a page may be as deep as it likes. */
static const xmlNode *
next_node (const xmlNode *node)
{
  if (node->children != NULL && node->type == XML_ELEMENT_NODE)
    return node->children;
  while (node != NULL && node->next == NULL)
    node = node->parent != NULL && node->parent->type == XML_ELEMENT_NODE ? node->parent : NULL;
  return node != NULL ? node->next : NULL;
}

gboolean
attune_web_read_links (const char *page, gsize n, const char *address, GPtrArray *links)
{
  const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING
                      | HTML_PARSE_NONET | HTML_PARSE_COMPACT | XML_PARSE_HUGE;
  htmlDocPtr document = n <= G_MAXINT ? htmlReadMemory (page, n, NULL, NULL, options) : NULL;
  g_autofree char *base = g_strdup (address);
  gboolean follow = TRUE, keep = TRUE;
  const guint first = links->len;

  for (const xmlNode *node = document != NULL ? xmlDocGetRootElement (document) : NULL;
       node != NULL && follow && links->len - first < MAX_LINKS; node = next_node (node))
    {
      g_autofree char *link = NULL, *whole = NULL;

      if (is_named (node, "meta") && says (node, "name", "robots"))
        {
          follow = !says (node, "content", "nofollow") && !says (node, "content", "none");
          keep = !says (node, "content", "noindex") && !says (node, "content", "none");
        }
      if (!is_named (node, "a") && !is_named (node, "base"))
        continue;
      if ((link = get_attribute (node, "href")) == NULL || says (node, "rel", "nofollow")
          || (whole = resolve (base, link)) == NULL)
        continue;
      if (is_named (node, "base"))
        g_set_str (&base, whole);
      else
        g_ptr_array_add (links, g_steal_pointer (&whole));
    }
  xmlFreeDoc (document);
  return keep;
}

/* --- site maps */

/* What <loc> within <url> or <sitemap> says, at the reader's place. */
static void
take_location (xmlTextReaderPtr reader, const char *parent, GPtrArray *pages, GPtrArray *maps)
{
  xmlChar *text = xmlTextReaderReadString (reader); /* without entities, which it does not expand */
  GPtrArray *list = g_str_equal (parent, "url")       ? pages
                    : g_str_equal (parent, "sitemap") ? maps
                                                      : NULL;

  if (list != NULL && text != NULL && pages->len + maps->len < MAX_LINKS)
    {
      g_autofree char *link = g_strstrip (g_strdup ((const char *) text));
      char *whole = resolve (link, "");

      if (whole != NULL)
        g_ptr_array_add (list, whole);
    }
  xmlFree (text);
}

gboolean
attune_web_read_sitemap (const char *text, gsize n, GPtrArray *pages, GPtrArray *maps)
{
  xmlTextReaderPtr reader = n <= G_MAXINT
                                ? xmlReaderForMemory (text, n, NULL, NULL,
                                                      XML_PARSE_NONET | XML_PARSE_NOERROR
                                                          | XML_PARSE_NOWARNING | XML_PARSE_COMPACT)
                                : NULL;
  g_autofree char *parent = g_strdup ("");
  gboolean is_map = FALSE;

  while (reader != NULL && xmlTextReaderRead (reader) == 1)
    {
      const char *name = (const char *) xmlTextReaderConstLocalName (reader);

      if (xmlTextReaderNodeType (reader) != XML_READER_TYPE_ELEMENT || name == NULL)
        continue;
      if (xmlTextReaderDepth (reader) == 0)
        {
          is_map = g_str_equal (name, "urlset") || g_str_equal (name, "sitemapindex");
          if (!is_map)
            break;
        }
      if (xmlTextReaderDepth (reader) == 1)
        g_set_str (&parent, name);
      else if (xmlTextReaderDepth (reader) == 2 /* not of a picture that it names, too */
               && g_str_equal (name, "loc"))
        take_location (reader, parent, pages, maps);
    }
  xmlFreeTextReader (reader);
  return is_map;
}
