/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Members of an object that a JsonBuilder makes. Private to deploy/.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* @value: (nullable): null */
void attune_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void attune_json_add_bool (JsonBuilder *builder, const char *name, gboolean value);
void attune_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
/* @name: (nullable): none in a list or at the top */
void attune_json_begin_object (JsonBuilder *builder, const char *name);
void attune_json_begin_array (JsonBuilder *builder, const char *name);

G_END_DECLS
