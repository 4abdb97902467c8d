/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A confusion matrix: rows are what is true, columns what the model said. What lies on the diagonal
 * is right and has the accent colour, what lies beside it is wrong and has another.
 */
#pragma once
#include "charts/figure.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_MATRIX_FIGURE (attune_matrix_figure_get_type ())
G_DECLARE_FINAL_TYPE (AttuneMatrixFigure, attune_matrix_figure, ATTUNE, MATRIX_FIGURE, AttuneFigure)

/**
 * attune_matrix_figure_new:
 * @row_title: (nullable): e.g. "True label"
 * @column_title: (nullable): e.g. "Model’s answer"
 */
AttuneMatrixFigure *attune_matrix_figure_new (const char *row_title, const char *column_title);

/**
 * attune_matrix_figure_set_counts:
 * @names: (array zero-terminated=1): n labels, for rows and columns; copied
 * @counts: (array): n × n, row after row; copied
 *
 * Colours show each count's share of its row, so that rare labels are seen as well as frequent
 * ones.
 */
void attune_matrix_figure_set_counts (AttuneMatrixFigure *self, const char *const *names,
                                      const guint64 *counts);

G_END_DECLS
