/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run folder that nothing has been written into.
 */
#pragma once
#include "job/run-folder.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  char *folder, *events;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = g_dir_make_tmp ("attune-run-XXXXXX", NULL);
  fixture->events = g_build_filename (fixture->folder, "events.jsonl", NULL);
}

static inline void
tear_down (Fixture *fixture, gconstpointer data)
{
  test_remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->events);
}

/* Writes @text behind the events, as it is. */
static inline void
append (Fixture *fixture, const char *text)
{
  FILE *file = g_fopen (fixture->events, "a");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (text, 1, strlen (text), file), ==, strlen (text));
  fclose (file);
}

static inline void
assert_state (Fixture *fixture, AttuneRunState state)
{
  g_assert_cmpstr (attune_run_state_get_name (attune_run_get_state (fixture->folder)), ==,
                   attune_run_state_get_name (state));
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
