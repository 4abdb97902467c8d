/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines, the groups that they make, and the longest rule.
 */
#include "data/robots.h"

#include <string.h>

/* "At least 500 kibibytes" are to be read; of more the rest says nothing. */
#define MAX_BYTES (512u << 10)
#define MAX_RULES 10000
#define MAX_WAIT_SECONDS 60

typedef struct
{
  char *pattern; /* normalised */
  gboolean allows;
} Rule;

struct _AttuneRobots
{
  GArray *rules; /* Rule */
  GPtrArray *sitemaps;
  double wait;
};

static void
rule_clear (gpointer rule)
{
  g_free (((Rule *) rule)->pattern);
}

/* In one spelling: what need not be escaped is not, and all else is. */
static char *
normalise (const char *path)
{
  GString *text = g_string_new (NULL);

  for (const char *p = path; *p != '\0'; p++)
    {
      int c = (guchar) *p;

      if (c == '%' && g_ascii_isxdigit (p[1]) && g_ascii_isxdigit (p[2]))
        {
          c = g_ascii_xdigit_value (p[1]) * 16 + g_ascii_xdigit_value (p[2]);
          p += 2;
          if (!g_ascii_isalnum (c) && (c == 0 || strchr ("-._~", c) == NULL))
            {
              g_string_append_printf (text, "%%%02X", (guint) c);
              continue;
            }
        }
      if (c >= 0x80 || c <= ' ')
        g_string_append_printf (text, "%%%02X", (guint) c);
      else
        g_string_append_c (text, c);
    }
  return g_string_free (text, FALSE);
}

/* Splits "Name: value # comment". Returns: whether there is a name; both (transfer full). */
static gboolean
read_line (const char *line, gsize n, char **name, char **value)
{
  g_autofree char *text = g_utf8_make_valid (line, n);
  char *colon;

  text[strcspn (text, "#")] = '\0';
  colon = strchr (text, ':');
  if (colon == NULL)
    return FALSE;
  *name = g_strstrip (g_ascii_strdown (text, colon - text));
  *value = g_strstrip (g_strdup (colon + 1));
  return TRUE;
}

/* Lines end with CR, LF or both (RFC 9309, section 2.2). */
static gsize
measure_line (const char *line, const char *end)
{
  const char *p = line;

  while (p < end && *p != '\n' && *p != '\r')
    p++;
  return p - line;
}

typedef enum
{
  OTHERS, /* a group of another program's */
  ALL,
  OURS
} Whose;

static Whose
whose (const char *value, const char *agent)
{
  const gsize n = strspn (value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-");

  if (g_str_equal (value, "*"))
    return ALL;
  return n > 0 && n == strlen (agent) && g_ascii_strncasecmp (value, agent, n) == 0 ? OURS : OTHERS;
}

static void
take_rule (AttuneRobots *self, const char *name, const char *value)
{
  const Rule rule = { normalise (value), g_str_equal (name, "allow") };

  if (*value != '\0' && self->rules->len < MAX_RULES) /* an empty one disallows nothing */
    g_array_append_val (self->rules, rule);
  else
    g_free (rule.pattern);
}

/* The lines of the groups for @wanted. Returns: whether there is such a group. */
static gboolean
read_groups (AttuneRobots *self, const char *text, gsize n, const char *agent, Whose wanted)
{
  gboolean heads = FALSE, in = FALSE,
           found = FALSE; /* heads: the line before named an agent, too */

  for (const char *p = text, *end = text + n; p < end;)
    {
      const gsize length = measure_line (p, end);
      g_autofree char *name = NULL, *value = NULL;

      if (read_line (p, length, &name, &value) && g_str_equal (name, "user-agent"))
        {
          in = (heads && in) || whose (value, agent) == wanted;
          found = found || in;
          heads = TRUE;
        }
      else if (name != NULL && (g_str_equal (name, "allow") || g_str_equal (name, "disallow")))
        {
          heads = FALSE;
          if (in)
            take_rule (self, name, value);
        }
      else if (name != NULL && g_str_equal (name, "crawl-delay"))
        {
          heads = FALSE;
          if (in)
            self->wait = CLAMP (g_ascii_strtod (value, NULL), 0, MAX_WAIT_SECONDS);
        }
      p += length + 1;
    }
  return found;
}

static void
read_sitemaps (AttuneRobots *self, const char *text, gsize n)
{
  for (const char *p = text, *end = text + n; p < end;)
    {
      const gsize length = measure_line (p, end);
      g_autofree char *name = NULL, *value = NULL;

      if (read_line (p, length, &name, &value) && g_str_equal (name, "sitemap"))
        g_ptr_array_add (self->sitemaps, g_steal_pointer (&value));
      p += length + 1;
    }
}

AttuneRobots *
attune_robots_new (const char *text, gsize n, const char *agent)
{
  AttuneRobots *self = g_new0 (AttuneRobots, 1);

  n = MIN (n, MAX_BYTES);
  if (n >= 3 && memcmp (text, "\xEF\xBB\xBF", 3) == 0) /* a byte order mark */
    {
      text += 3;
      n -= 3;
    }
  self->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  g_array_set_clear_func (self->rules, rule_clear);
  self->sitemaps = g_ptr_array_new_with_free_func (g_free);
  if (!read_groups (self, text, n, agent, OURS))
    read_groups (self, text, n, agent, ALL);
  read_sitemaps (self, text, n);
  return self;
}

void
attune_robots_free (AttuneRobots *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->rules);
  g_ptr_array_unref (self->sitemaps);
  g_free (self);
}

/* Whether @path begins as @pattern says: * is anything, and $ at its end the end. */
static gboolean
fits (const char *pattern, const char *path)
{
  const char *star = NULL, *again = NULL; /* the last one, and where to go on from there */

  while (TRUE)
    if (*pattern == '*')
      {
        star = ++pattern;
        again = path;
      }
    else if (*pattern == '\0' || (*pattern == '$' && pattern[1] == '\0' && *path == '\0'))
      return TRUE;
    else if (*path != '\0' && *path == *pattern)
      pattern++, path++;
    else if (star != NULL && *again != '\0')
      pattern = star, path = ++again;
    else
      return FALSE;
}

gboolean
attune_robots_allow (const AttuneRobots *self, const char *path)
{
  g_autofree char *normal = normalise (path);
  gboolean allowed = TRUE;
  gsize longest = 0;

  for (guint i = 0; i < self->rules->len; i++)
    {
      const Rule *rule = &g_array_index (self->rules, Rule, i);
      const gsize n = strlen (rule->pattern);

      if (n < longest || !fits (rule->pattern, normal))
        continue;
      allowed = n > longest ? rule->allows : allowed || rule->allows;
      longest = n;
    }
  return allowed || g_str_equal (normal, "/robots.txt");
}

double
attune_robots_get_wait (const AttuneRobots *self)
{
  return self->wait;
}

const GPtrArray *
attune_robots_get_sitemaps (const AttuneRobots *self)
{
  return self->sitemaps;
}
