/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What has gone wrong with a run, in a sentence, with the end of its log folded away.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_TROUBLE (attune_tune_trouble_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTuneTrouble, attune_tune_trouble, ATTUNE, TUNE_TROUBLE,
                      AdwPreferencesGroup)

/**
 * attune_tune_trouble_set:
 * @title: (nullable): %NULL: nothing is wrong
 * @text: (nullable): what is known of it and what to do; anything may stand in it
 * @log: (nullable): the end of the log
 * @offer_stop: whether the run can be stopped here, by the action tune.end
 */
void attune_tune_trouble_set (AttuneTuneTrouble *self, const char *title, const char *text,
                              const char *log, gboolean offer_stop);

G_END_DECLS
