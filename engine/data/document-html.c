/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A page's main text: of <main>, or of an <article> that is most of the page, else of the whole
 * body without what surrounds it, as menus and lists of links do.
 */
#include "data/document.h"
#include "data/import-private.h"

#include <glib/gstdio.h>
#include <libxml/HTMLparser.h>
#include <string.h>

/* A page becomes a tree in memory, some ten times its size. */
#define MAX_BYTES (24u << 20)
/* A part of the page that says less is no main text. */
#define LEAST_MAIN 200
/* Of a paragraph's letters; more are a menu. */
#define MOST_LINKED 0.6

/* Not forms: some servers wrap the whole page in one. */
static const char *const silent[]
    = { "script", "style",  "nav",  "footer", "aside",  "noscript", "template", "svg", "button",
        "select", "iframe", "head", "object", "canvas", "audio",    "video",    NULL };
static const char *const blocks[]
    = { "address", "article", "blockquote", "body",  "caption",    "center", "dd",   "details",
        "dialog",  "div",     "dl",         "dt",    "figcaption", "figure", "form", "header",
        "hr",      "html",    "li",         "main",  "ol",         "p",      "pre",  "section",
        "summary", "table",   "tbody",      "tfoot", "thead",      "tr",     "ul",   "h1",
        "h2",      "h3",      "h4",         "h5",    "h6",         NULL };

typedef struct
{
  const AttuneDocumentReading *reading;
  GString *text;    /* of the block at hand */
  guint64 line;     /* where it begins */
  guint level;      /* of the heading at hand, or 0 */
  gsize n_linked;   /* bytes of it that are links */
  guint links, pre; /* how many such elements are open */
  gboolean item;    /* it begins an item of a list */
  gboolean whole;   /* it is the main text: lists of links are meant */
} Page;

static gboolean
is_named (const xmlNode *node, const char *const *names)
{
  return node->type == XML_ELEMENT_NODE && g_strv_contains (names, (const char *) node->name);
}

static guint
heading_level (const xmlNode *node)
{
  const char *name = (const char *) node->name;

  return name[0] == 'h' && name[1] >= '1' && name[1] <= '6' && name[2] == '\0' ? name[1] - '0' : 0;
}

static gboolean
end_block (Page *self, GError **error)
{
  const gboolean menu
      = !self->whole && self->level == 0 && self->n_linked > MOST_LINKED * self->text->len;
  const gboolean good = menu
                        || attune_document_give (self->reading, self->level, self->text->str,
                                                 self->text->len, self->line, error);

  g_string_truncate (self->text, 0);
  self->n_linked = 0;
  self->line = 0;
  return good;
}

/* White space is one blank, but where the page says that it is meant. */
static void
add_text (Page *self, const char *text, guint64 line)
{
  const gsize before = self->text->len;

  if (before == 0)
    text += self->pre > 0 ? 0 : strspn (text, " \t\r\n\f");
  if (before == 0 && self->item && *text != '\0')
    {
      g_string_append (self->text, "- ");
      self->item = FALSE;
    }
  for (; *text != '\0'; text++)
    if (self->pre > 0 || !g_ascii_isspace (*text))
      g_string_append_c (self->text, *text);
    else if (self->text->len > 0 && !g_ascii_isspace (self->text->str[self->text->len - 1]))
      g_string_append_c (self->text, ' ');
  if (before == 0 && self->text->len > 0)
    self->line = line;
  if (self->links > 0)
    self->n_linked += self->text->len - before;
}

static gboolean
enter (Page *self, const xmlNode *node, GError **error)
{
  const char *name = (const char *) node->name;

  if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
    add_text (self, (const char *) node->content, xmlGetLineNo (node));
  if (node->type != XML_ELEMENT_NODE)
    return self->text->len < ATTUNE_PARAGRAPH_BYTES || end_block (self, error);
  if (is_named (node, blocks))
    {
      if (!end_block (self, error))
        return FALSE;
      if (heading_level (node) > 0)
        self->level = heading_level (node);
      self->item = g_str_equal (name, "li");
    }
  self->links += g_str_equal (name, "a");
  self->pre += g_str_equal (name, "pre");
  if (g_str_equal (name, "br"))
    g_string_append_c (self->text, '\n');
  if ((g_str_equal (name, "td") || g_str_equal (name, "th")) && node->prev != NULL
      && self->text->len > 0)
    g_string_append (self->text, " | ");
  return TRUE;
}

static gboolean
leave (Page *self, const xmlNode *node, GError **error)
{
  const char *name = (const char *) node->name;

  if (node->type != XML_ELEMENT_NODE)
    return TRUE;
  self->links -= g_str_equal (name, "a");
  self->pre -= g_str_equal (name, "pre");
  if (!is_named (node, blocks))
    return TRUE;
  if (!end_block (self, error))
    return FALSE;
  if (heading_level (node) > 0)
    self->level = 0;
  return TRUE;
}

/* The next node behind @node within @top: its child, where @down, or what follows it. @self:
 * (nullable): leaves what ends before that and was entered, as @node was where @down. Not
 * recursive: a page may be as deep as it likes. */
static const xmlNode *
next_node (Page *self, const xmlNode *top, const xmlNode *node, gboolean down, gboolean *good,
           GError **error)
{
  gboolean entered = down;

  if (down && node->children != NULL)
    return node->children;
  while (TRUE)
    {
      *good = *good && (self == NULL || !entered || leave (self, node, error));
      if (!*good || node == top)
        return NULL;
      if (node->next != NULL)
        return node->next;
      node = node->parent;
      entered = TRUE;
    }
}

static gboolean
give_blocks (Page *self, const xmlNode *top, GError **error)
{
  gboolean good = TRUE;

  for (const xmlNode *node = top; node != NULL && good;)
    {
      const gboolean down = node == top || !is_named (node, silent);

      good = !down || enter (self, node, error);
      if (good)
        node = next_node (self, top, node, down, &good, error);
    }
  return good && end_block (self, error);
}

/* Bytes of text within @top. */
static gsize
measure (const xmlNode *top)
{
  gboolean good = TRUE;
  gsize n = 0;

  for (const xmlNode *node = top; node != NULL;)
    {
      const gboolean down = node == top || !is_named (node, silent);

      if (node->type == XML_TEXT_NODE)
        n += strlen ((const char *) node->content);
      node = next_node (NULL, top, node, down, &good, NULL);
    }
  return n;
}

/* <main>, or the longest <article>, where it says enough; of several articles that each are a small
 * part of the page all are meant, and so is the page. */
static const xmlNode *
find_main (const xmlNode *root)
{
  const xmlNode *best = NULL;
  gsize longest = LEAST_MAIN;
  gboolean good = TRUE;

  for (const xmlNode *node = root; node != NULL;)
    {
      const gboolean is_main = is_named (node, (const char *const[]) { "main", NULL });
      const gboolean candidate
          = is_main || is_named (node, (const char *const[]) { "article", NULL });
      const gsize n = candidate ? measure (node) : 0;

      if (is_main && n > LEAST_MAIN)
        return node;
      if (n > longest)
        {
          best = node;
          longest = n;
        }
      /* what is within it is a part of it, and was measured */
      node = next_node (NULL, root, node, !candidate, &good, NULL);
    }
  return best != NULL && 2 * longest > measure (root) ? best : NULL;
}

/* Whether the page's start names an encoding. */
static gboolean
says_encoding (const char *page, gsize n)
{
  g_autofree char *start = g_ascii_strdown (page, MIN (n, 4096));

  return strstr (start, "charset") != NULL;
}

gboolean
attune_document_read_html (const AttuneDocumentReading *reading, GError **error)
{
  const int options
      = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET
        | HTML_PARSE_COMPACT
        | XML_PARSE_HUGE; /* or it leaves out what is nested deeply, and says nothing */
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *page = NULL, *encoding = NULL;
  g_autoptr (GError) reason = NULL;
  Page self = { .reading = reading, .text = text };
  const xmlNode *root, *top;
  gboolean good;
  GStatBuf info;
  htmlDocPtr document;
  gsize n;

  if (g_stat (reading->path, &info) == 0 && info.st_size > MAX_BYTES)
    return attune_document_fail (reading, "it is larger than any page that people read.", error);
  if (!g_file_get_contents (reading->path, &page, &n, &reason))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, "Could not read “%s”: %s",
                   reading->path, reason->message);
      return FALSE;
    }
  /* where neither we nor the page says it, it is UTF-8 if it can be */
  if (reading->encoding == NULL && g_utf8_validate (page, n, NULL))
    encoding = g_strdup ("UTF-8");
  else if (reading->encoding == NULL && !says_encoding (page, n))
    encoding = g_strdup (attune_source_guess_encoding (reading->path, NULL));
  document
      = htmlReadMemory (page, n, NULL, encoding != NULL ? encoding : reading->encoding, options);
  root = document != NULL ? xmlDocGetRootElement (document) : NULL;
  if (root == NULL)
    {
      xmlFreeDoc (document);
      return attune_document_fail (reading, "it is no page.", error);
    }
  top = find_main (root);
  self.whole = top != NULL;
  good = give_blocks (&self, top != NULL ? top : root, error);
  xmlFreeDoc (document);
  return good;
}
