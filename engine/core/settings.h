/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings are plain GObjects whose properties carry name, nick, blurb, range and default. From the
 * properties alone come the project's JSON, the flags of attunectl and their help, and the app's
 * forms. Property types in use: boolean, int, int64, double, string, enum (a registered GEnum).
 */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define ATTUNE_SETTINGS_ERROR (attune_settings_error_quark ())
typedef enum
{
  ATTUNE_SETTINGS_ERROR_UNKNOWN, /* no such setting */
  ATTUNE_SETTINGS_ERROR_VALUE,   /* wrong type or out of range */
} AttuneSettingsError;
GQuark attune_settings_error_quark (void);

/* Marks a property as one for experts: it is folded away in forms and listed last in help. */
#define ATTUNE_PARAM_EXPERT (1 << (G_PARAM_USER_SHIFT + 0))
/* Marks a string property as the path of a file. */
#define ATTUNE_PARAM_FILE (1 << (G_PARAM_USER_SHIFT + 1))
/* What every setting is declared with. */
#define ATTUNE_PARAM                                                                               \
  (G_PARAM_READWRITE | G_PARAM_CONSTRUCT | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

/**
 * attune_settings_to_json:
 * @settings: any settings object
 *
 * Returns: (transfer full): an object node with one member per property, enums by nick
 */
JsonNode *attune_settings_to_json (GObject *settings);

/* Whether the object @node has a member for each property but those that do nothing by default (a
 * switch that is off, a text that is empty, a number of things that is 0): those of an older
 * version lack the newer ones. */
gboolean attune_settings_has_all (GObject *settings, JsonNode *node);

/**
 * attune_settings_apply_json:
 * @node: an object; members that are missing keep the setting as it is
 *
 * All or nothing: on error nothing is changed. Errors: #AttuneSettingsError; the message names the
 * setting, what was found and what is allowed.
 */
gboolean attune_settings_apply_json (GObject *settings, JsonNode *node, GError **error);

/**
 * attune_settings_set_text:
 * @name: a property's name, e.g. "learning-rate"
 * @value: as typed by a person: "2e-4", "yes", "cosine"
 */
gboolean attune_settings_set_text (GObject *settings, const char *name, const char *value,
                                   GError **error);

/* Returns: (transfer full): the value as a person would type it. */
char *attune_settings_get_text (GObject *settings, const char *name);

/**
 * attune_settings_add_options:
 * @group: gets one long option per property of @settings, with the blurb, range and default as
 * help; it must have been made with @settings as its user data (GOption hands that to the parser
 * and it cannot be set later)
 *
 * Parsing sets the properties. @settings must outlive @group.
 */
void attune_settings_add_options (GObject *settings, GOptionGroup *group);

/* Two objects of one class: TRUE when every property is equal. */
gboolean attune_settings_equal (GObject *a, GObject *b);

G_END_DECLS
