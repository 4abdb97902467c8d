/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SMOTE: more of a rare class, made between its members and their neighbours.
 *
 * Letters:  n members, d numbers each, k neighbours.  Vectors are (n, d) f32, row-major.
 *
 *   x_new = x_i + λ · (x_j − x_i),   j one of the k nearest of i, λ uniform in [0, 1)
 *
 * Source: Chawla et al. 2002. As imbalanced-learn does it: tests/golden/smote.json. Pure.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint32 base, neighbour; /* members */
  double step;             /* λ */
} AttuneSmotePoint;

/* The nearest of each member, by Euclidean distance, the nearest first, of equal ones the first;
 * itself is none of them. @k: below n; @neighbours: (out caller-allocates): (n, k). Takes n² · d.
 */
void attune_smote_find_neighbours (const float *vectors, guint n, guint d, guint k,
                                   guint32 *neighbours);
/* Draws @n_points of them. @key: with @seed it says what is drawn. */
void attune_smote_draw (const guint32 *neighbours, guint n, guint k, guint64 seed, guint64 key,
                        guint n_points, AttuneSmotePoint *points);
/* Where a point lies: @x: (out caller-allocates): (d). */
void attune_smote_place (const float *vectors, guint d, const AttuneSmotePoint *point, float *x);
/* Returns: the member nearest to @x. */
guint32 attune_smote_find_nearest (const float *vectors, guint n, guint d, const float *x);

/* The texts of two members as one: of each the whole sentences, from the first on, that make its
 * share, and one at least. @step: the share of the second. Returns: (transfer full). */
char *attune_smote_mix (const char *first, const char *second, double step);

G_END_DECLS
