/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs beside earlier material, which is a text.
 */
#pragma once
#include "tune/trainer-private.h"
#include "whole-run.h"

#define SENTENCE "Item %d of the list has %d parts, and part %d is red.\n"

/* Returns: (transfer full): where earlier material of @n sentences is. */
static inline char *
write_text (Fixture *f, int n)
{
  char *path = g_build_filename (f->folder, "earlier.txt", NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < n; i++)
    g_string_append_printf (text, SENTENCE, i, i * 7 % 13, i % 5);
  g_assert_true (g_file_set_contents (path, text->str, -1, NULL));
  return path;
}

#define ADD(name, function)                                                                        \
  g_test_add ("/tune/earlier/" name, Fixture, NULL, set_up, function, tear_down)
