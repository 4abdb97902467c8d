/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding things in a window, and waiting for them.
 */
#pragma once
#include <adwaita.h>

/* Waits, with the main loop running; says what did not come about. */
#define WAIT(condition)                                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gint64 wait_end = g_get_monotonic_time () + 90 * G_USEC_PER_SEC;                         \
                                                                                                   \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (g_get_monotonic_time () > wait_end)                                                    \
          g_error ("did not come about: %s", #condition);                                          \
        if (!g_main_context_iteration (NULL, FALSE))                                               \
          g_usleep (1000);                                                                         \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

/* Lets what is due be done. */
static inline void
settle (void)
{
  const gint64 end = g_get_monotonic_time () + 100 * 1000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

/* The first widget of @type below @root whose property @name is @value; @name: %NULL: any. */
static inline GtkWidget *
find_widget (GtkWidget *root, GType type, const char *name, const char *value)
{
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      g_autofree char *text = NULL;
      GtkWidget *found;

      if (g_type_is_a (G_OBJECT_TYPE (child), type))
        {
          if (name != NULL)
            g_object_get (child, name, &text, NULL);
          if (name == NULL || g_strcmp0 (text, value) == 0)
            return child;
        }
      if ((found = find_widget (child, type, name, value)) != NULL)
        return found;
    }
  return NULL;
}

static inline GtkWidget *
need_widget (GtkWidget *root, GType type, const char *name, const char *value)
{
  GtkWidget *found = find_widget (root, type, name, value);

  if (found == NULL)
    g_error ("no %s with %s “%s”", g_type_name (type), name, value);
  return found;
}

/* Whether somebody sees it, and it can be used. */
static inline gboolean
is_usable (GtkWidget *widget)
{
  return gtk_widget_get_mapped (widget) && gtk_widget_is_sensitive (widget);
}
