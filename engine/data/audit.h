/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What should be known of a data set before it is learned from: how labels and lengths are spread
 * over groups, which words go with a label, so that a model could learn the word instead of the
 * matter, whether it speaks of one group of people as of the other, and where it comes from.
 */
#pragma once
#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * attune_audit_run:
 * @path: of the data set
 * @pairs: (nullable): path of a list of terms that are exchanged: see attune_swap_audit_new()
 *
 * Of the records that are learned from; before it is prepared, of all. Blocks.
 *
 * Returns: (transfer full): an object: prepared; records; other_labels and other_groups (records of
 * those beyond the first 100, which are not looked at); groups: array of { group, records, words
 * (the median of an answer's), labels: { name: records } }, the largest first; labels: array of {
 * label, records, words, terms: array of { term, with, others, log_odds, low, high } }, the
 * strongest first: those that are there by chance in 5 of 100 data sets at most; swap: see
 * attune_swap_audit_finish(); sources, made, engine, hash: see attune_audit_origin(). Where there
 * are no groups or labels these are empty. %NULL with @error
 */
JsonNode *attune_audit_run (const char *path, const char *pairs, GCancellable *cancellable,
                            GError **error);
/* The same as a page for people, in HTML that needs nothing else and is well-formed XML. Returns:
 * (transfer full). */
char *attune_audit_to_html (JsonNode *audit);
/* The same as text, for programs. Returns: (transfer full). */
char *attune_audit_to_json (JsonNode *audit);

G_END_DECLS
