/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Turning the main loop until something is so: no test sleeps for a fixed time.
 */
#pragma once
#include <glib.h>

typedef gboolean (*TestUntil) (gpointer data);

#define TEST_PATIENCE_US (120 * G_USEC_PER_SEC) /* sanitizers, and every core at work */

static inline gboolean
test_wake_up (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static inline void
test_loop_until_at (TestUntil is_so, gpointer data, const char *what, const char *file, int line)
{
  const gint64 end = g_get_monotonic_time () + TEST_PATIENCE_US;
  const guint id = g_timeout_add (10, test_wake_up, NULL);

  while (!is_so (data))
    {
      if (g_get_monotonic_time () > end)
        g_error ("%s:%d: waited in vain for: %s", file, line, what);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (id);
}

#define test_loop_until(is_so, data)                                                               \
  test_loop_until_at ((TestUntil) (is_so), data, #is_so, __FILE__, __LINE__)
