/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What attunectl says: to people in aligned rows, to programs in JSON. In JSON mode the functions
 * for people say nothing.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

void attune_output_set_up (void);
void attune_output_set_json (gboolean json);
gboolean attune_output_is_json (void);

/* A line; a bold one; a row of a label and a value. */
void attune_output_line (const char *format, ...) G_GNUC_PRINTF (1, 2);
void attune_output_heading (const char *format, ...) G_GNUC_PRINTF (1, 2);
void attune_output_row (const char *label, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* Words of data or a model, folded to the width of the screen; control characters become spaces, so
 * that they cannot steer the terminal. @label: stands before the first line. */
void attune_output_text (const char *label, const char *text);

/* Takes @object; in JSON mode it is one line on standard output: the result. */
void attune_output_json (JsonObject *object);
/* The same on standard error: what is said on the way to the result, or in its place. */
void attune_output_json_aside (JsonObject *object);
/* Says on standard error (in JSON mode: as an object) what failed. Returns: ATTUNE_EXIT_FAILED. */
int attune_output_fail (const GError *error);

/* Columns of the terminal; 100 where there is none. */
int attune_output_get_width (void);

/* Returns: (transfer full): "98.4 MB", "3 min 20 s", "134,515,008". */
char *attune_format_bytes (guint64 bytes);
char *attune_format_seconds (double seconds);
char *attune_format_count (guint64 count);
/* Returns: (transfer full): valid UTF-8 on one line, without control characters, at most @width
 * characters (0: all). */
char *attune_format_line (const char *text, int width);

G_END_DECLS
