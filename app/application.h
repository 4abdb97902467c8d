/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The application: its windows, what can be done without one, and the shortcuts.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_APPLICATION (attune_application_get_type ())
G_DECLARE_FINAL_TYPE (AttuneApplication, attune_application, ATTUNE, APPLICATION, AdwApplication)

/* Chooses the language of the preferences or of the system. Before anything else. */
void attune_application_set_up_language (void);

AttuneApplication *attune_application_new (void);

/* The preferences of this person, or %NULL where the schema is not installed. Borrowed. */
GSettings *attune_application_get_settings (AttuneApplication *self);

/* Opens the project at @path in a window of its own, or shows the one that it is open in. */
void attune_application_open_project (AttuneApplication *self, const char *path);

G_END_DECLS
