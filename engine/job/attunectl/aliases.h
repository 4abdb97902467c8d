/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The names that Hugging Face's trainer, and with it most guides, has for settings of the plan.
 */
#pragma once
#include "command.h"

G_BEGIN_DECLS

/**
 * attune_aliases_apply:
 * @argv: a command's words
 * @notes: (out) (transfer full): sentences about what has no say here
 *
 * Puts the plan's own names in their place: --num_train_epochs 3 becomes --epochs 3, and
 * --per_device_train_batch_size 4 --gradient_accumulation_steps 8 becomes --batch-size 32.
 *
 * Returns: (transfer full): the words; %NULL with @error where they contradict each other
 */
char **attune_aliases_apply (char **argv, GPtrArray **notes, GError **error);
/* The same for a command: says what is wrong, and the notes. Returns: (transfer full) (nullable).
 */
char **attune_aliases_parse (const AttuneCommand *self, char **argv);
/* Takes the settings that @argv names from @said, which was parsed from it, to @plan; what goes
 * along with a method or an optimizer goes along, unless it was named. */
void attune_aliases_take (AttunePlan *plan, AttunePlan *said, char **argv);
/* The first word of @argv that is a setting of the plan, or %NULL. */
const char *attune_aliases_find_setting (char **argv);

G_END_DECLS
