/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An answer with its words marked against the expected one: those in common are bold, those that
 * are not expected underlined; never by colour. Needs no display.
 */
#pragma once
#include <pango/pango.h>

G_BEGIN_DECLS

/**
 * attune_word_marks_new:
 * @expected: UTF-8
 * @answer: UTF-8
 * @missing: (out) (transfer full) (nullable): the words of @expected that @answer lacks; %NULL for
 *   none
 * @beyond: (out) (transfer full) (nullable): the words of @answer that @expected lacks
 *
 * Returns: (transfer full): for a layout of @answer
 */
PangoAttrList *attune_word_marks_new (const char *expected, const char *answer, char **missing,
                                      char **beyond);

G_END_DECLS
