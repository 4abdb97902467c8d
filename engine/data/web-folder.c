/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See web-folder.h.
 */
#include "data/web-folder.h"

#include "data/web-scope.h"

#include <glib/gstdio.h>
#include <string.h>

#define MAX_NAME 60

/* "0012-getting-started.html". */
static char *
name_of (const char *address, guint number)
{
  g_autoptr (GUri) uri = attune_web_parse (address);
  g_autofree char *path = g_strdup (uri != NULL ? g_uri_get_path (uri) : ""), *base = NULL;
  g_autoptr (GString) name = g_string_new (NULL);
  gsize n = strlen (path);

  while (n > 0 && path[n - 1] == '/')
    path[--n] = '\0';
  base = g_path_get_basename (path);
  for (const char *p = base; *p != '\0' && name->len < MAX_NAME; p++)
    g_string_append_c (name, g_ascii_isalnum (*p) || strchr ("-_", *p) != NULL ? *p : '-');
  return g_strdup_printf ("%04u-%s.html", number, name->str);
}

gboolean
attune_web_folder_keep (const char *folder, guint number, const char *address,
                        const AttuneWebAnswer *answer, GError **error)
{
  const GString *body = answer->body;
  g_autofree char *name = name_of (address, number), *path = g_build_filename (folder, name, NULL),
                  *text = NULL;
  gsize n = 0;

  /* what the server says goes before what the page says, as browsers have it, and is known to
   * nobody later */
  if (answer->charset != NULL && !g_utf8_validate (body->str, body->len, NULL))
    text = g_convert_with_fallback (body->str, body->len, "UTF-8", answer->charset, "\xef\xbf\xbd",
                                    NULL, &n, NULL);
  return text != NULL ? g_file_set_contents (path, text, n, error)
                      : g_file_set_contents (path, body->str, body->len, error);
}

void
attune_web_folder_remove (const char *folder)
{
  GDir *pages = g_dir_open (folder, 0, NULL);
  const char *name;

  while (pages != NULL && (name = g_dir_read_name (pages)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_clear_pointer (&pages, g_dir_close);
  g_rmdir (folder);
}
