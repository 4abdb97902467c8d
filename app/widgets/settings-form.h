/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A form for a settings object, made from its properties: one row each, those for experts folded
 * away. It is a preferences group, so that title and description can be given to it.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SETTINGS_FORM (attune_settings_form_get_type ())
G_DECLARE_FINAL_TYPE (AttuneSettingsForm, attune_settings_form, ATTUNE, SETTINGS_FORM,
                      AdwPreferencesGroup)

/**
 * attune_settings_form_new:
 * @settings: see core/settings.h
 * @names: (nullable): which properties, in this order; %NULL: all, as they were declared
 */
GtkWidget *attune_settings_form_new (GObject *settings, const char *const *names);
/* The row of the setting @name, made now where it was not yet, or %NULL where the form has none.
 * Borrowed. */
AdwPreferencesRow *attune_settings_form_get_row (AttuneSettingsForm *self, const char *name);
/* Whether that row is there for people. Needs no row yet. */
void attune_settings_form_show_row (AttuneSettingsForm *self, const char *name, gboolean shown);
/* Names what the settings for experts have in common, where a page has several forms. Both
 * (transfer none). */
void attune_settings_form_name_experts (AttuneSettingsForm *self, const char *title,
                                        const char *subtitle);
/* Puts @widget into that row, before what the setting is changed with; one per row. Needs no row
 * yet. */
void attune_settings_form_add_to_row (AttuneSettingsForm *self, const char *name,
                                      GtkWidget *widget);

G_END_DECLS
