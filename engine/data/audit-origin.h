/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where a data set comes from: for audit.c.
 */
#pragma once
#include "data/records.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Adds to @report: sources: array of { path, format, rows, bad, sha256, licence (where what lies
 * beside the file says one) }; made: { what made variants: how many are learned from }; engine: the
 * version that prepared it, hash: of what it holds, report: see attune_dataset_get_report(),
 * without the texts in it, where it is prepared. Blocks. */
gboolean attune_audit_origin (AttuneRecords *records, JsonObject *report, GError **error);

G_END_DECLS
