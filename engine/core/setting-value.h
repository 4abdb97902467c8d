/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The value of one setting, whose range and words its property says. Private to core.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): what a value may be, as a phrase: "a whole number from 1 to 256". */
char *attune_setting_describe_range (GParamSpec *pspec);

/* Both initialise @value, and return FALSE with a sentence where it is nothing that the setting may
 * be. */
gboolean attune_setting_from_text (GValue *value, GParamSpec *pspec, const char *text,
                                   GError **error);
gboolean attune_setting_from_json (GValue *value, GParamSpec *pspec, JsonNode *node,
                                   GError **error);

/* Returns: (transfer full): enums by nick. */
JsonNode *attune_setting_to_json (const GValue *value, GParamSpec *pspec);
char *attune_setting_to_text (const GValue *value, GParamSpec *pspec);

G_END_DECLS
