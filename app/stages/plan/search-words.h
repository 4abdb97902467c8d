/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A search for good settings, in words for people who do not know machine learning.
 */
#pragma once
#include "job/search.h"

G_BEGIN_DECLS

/* "Learn from the Trials So Far", and a sentence on it. Translated. */
const char *attune_search_strategy_get_title (AttuneSearchStrategy strategy);
const char *attune_search_strategy_get_text (AttuneSearchStrategy strategy);
/* "Learning Rate": what the setting @name is called. Translated. */
const char *attune_search_name_setting (const char *name);
/* A value as a person types it, as it is called in the window. (transfer full) */
char *attune_search_say_value (const char *name, const char *text);
/* "0.00005" rather than 5e-05, with the decimal point of the language. (transfer full) */
char *attune_search_say_number (double value);
/* "Learning Rate 0.0005, Adapter Rank 8". (transfer full) */
char *attune_search_say_values (const AttuneSearch *search, const AttuneSearchTrial *trial);
/* A sentence on the best trial, or that there is none yet. (transfer full) */
char *attune_search_say_best (const AttuneSearch *search);

G_END_DECLS
