/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Stage 1's choices: how raw records become a data set. See core/settings.h.
 */
#pragma once
#include <glib-object.h>

G_BEGIN_DECLS

/* Properties (defaults): normalise-unicode (TRUE), trim-space (TRUE), unescape-html (TRUE), drop-incomplete (TRUE),
 * drop-duplicates (TRUE), drop-near-duplicates (TRUE: equal but for case, space and punctuation), abbreviations ("": path of a CSV
 * abbreviation,expansion), min-answer-characters (1), max-answer-characters (20000), split (enum random/group; random),
 * validation-share (0.1), test-share (0.1), seed (42), system-prompt ("": the template's own default),
 * max-tokens (1024: longer samples are cut at the end of the answer; counted). */
#define ATTUNE_TYPE_DATA_SETTINGS (attune_data_settings_get_type ())
G_DECLARE_FINAL_TYPE (AttuneDataSettings, attune_data_settings, ATTUNE, DATA_SETTINGS, GObject)

AttuneDataSettings *attune_data_settings_new (void);

G_END_DECLS
