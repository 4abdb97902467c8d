/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every icon that the app names is in the theme or in its own resources, and each of its own is a
 * picture of 16 pixels that follows the colour of the text.
 */
#include <adwaita.h>

#define RESOURCES "/app/attune/Attune"

/* Names in string literals: whatever ends like a symbolic icon, and in templates what an icon
 * property is set to. */
#define IN_CODE "\"([a-z0-9-]+-symbolic)\""
#define IN_TEMPLATES "icon-name\\s*:\\s*[\"']([A-Za-z0-9.-]+)[\"']"

static GtkIconTheme *theme;

static void
take_names (GHashTable *names, const char *path, const char *pattern)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, &error);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    g_hash_table_insert (names, g_match_info_fetch (match, 1), g_strdup (path));
}

/* Name → the file that it is in, of everything below @folder. */
static void
collect (GHashTable *names, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        collect (names, path);
      else if (g_str_has_suffix (name, ".blp"))
        take_names (names, path, IN_TEMPLATES);
      if (g_str_has_suffix (name, ".c") || g_str_has_suffix (name, ".blp"))
        take_names (names, path, IN_CODE);
    }
}

static void
test_names (void)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer name, path;

  collect (names, ATTUNE_APP_SOURCES);
  g_assert_cmpuint (g_hash_table_size (names), >, 5);
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, &path))
    if (!gtk_icon_theme_has_icon (theme, name))
      {
        g_test_message ("%s: no icon is called %s", (char *) path, (char *) name);
        g_test_fail ();
      }
}

/* A symbolic icon is drawn in the text's colour: with any other fill it would stay as it is. */
static void
test_own (void)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names
      = g_resources_enumerate_children (RESOURCES "/icons/scalable/actions", 0, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), >=, 7);
  for (int i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = g_strconcat (RESOURCES "/icons/scalable/actions/", names[i], NULL);
      g_autofree char *name = g_strndup (names[i], strlen (names[i]) - strlen (".svg"));
      g_autoptr (GBytes) bytes = g_resources_lookup_data (path, 0, &error);
      const char *svg;

      g_assert_no_error (error);
      svg = g_bytes_get_data (bytes, NULL); /* resources end with a zero byte */
      g_test_message ("%s", name);
      g_assert_true (g_str_has_suffix (name, "-symbolic"));
      g_assert_true (gtk_icon_theme_has_icon (theme, name));
      g_assert_nonnull (strstr (svg, "width=\"16\" height=\"16\""));
      g_assert_nonnull (strstr (svg, "fill=\"#2e3436\""));
      g_assert_null (strstr (svg, "stroke="));
    }
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());
  gtk_icon_theme_add_resource_path (theme, RESOURCES "/icons");
  g_test_add_func ("/icons/names", test_names);
  g_test_add_func ("/icons/own", test_own);
  return g_test_run ();
}
