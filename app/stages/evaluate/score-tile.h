/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One score at a glance: the tuned model's, and what it is to be compared with.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_SCORE_TILE (attune_score_tile_get_type ())
G_DECLARE_FINAL_TYPE (AttuneScoreTile, attune_score_tile, ATTUNE, SCORE_TILE, GtkBox)

/**
 * attune_score_tile_show:
 * @value: (nullable): "12.3"; %NULL shows a dash
 * @notes: (nullable): lines below: "Base: 45.1", "Run 0001: 14.0"
 *
 * Property: #AttuneScoreTile:title.
 */
void attune_score_tile_show (AttuneScoreTile *self, const char *value, const char *notes);

/**
 * attune_score_tile_compare:
 * @format: how a value is written (transfer full)
 * @base_name: what @base is of
 * @earlier_name: (nullable): what @earlier is of
 *
 * "45.1" with "Base: …" and "Evaluation 1: …" below; what is not finite is left out.
 */
void attune_score_tile_compare (AttuneScoreTile *self, char *(*format) (double), double value,
                                const char *base_name, double base, const char *earlier_name,
                                double earlier);

G_END_DECLS
