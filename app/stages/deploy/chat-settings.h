/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How the model is asked: what it is told to be, how freely and how much it writes. Every change
 * counts from the next question on.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_CHAT_SETTINGS (attune_chat_settings_get_type ())
G_DECLARE_FINAL_TYPE (AttuneChatSettings, attune_chat_settings, ATTUNE, CHAT_SETTINGS,
                      AdwPreferencesDialog)

/**
 * attune_chat_settings_new:
 * @chat: whose properties "system-prompt", "temperature" and "max-tokens" are shown and set
 * @usual: (nullable): what the model was told to be in training
 */
AdwDialog *attune_chat_settings_new (GObject *chat, const char *usual);

G_END_DECLS
