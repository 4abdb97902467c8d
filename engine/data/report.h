/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A data report in plain words, for a terminal.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* @json: as attune_dataset_get_report() gives it. Returns: (transfer full): lines, at most some
 * thirty. */
char *attune_data_report_to_text (const char *json);

G_END_DECLS
