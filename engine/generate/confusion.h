/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How well labels are told apart: how often each was said where each was wanted. Light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char **names;     /* n of them, NULL-terminated */
  guint n;          /* labels */
  gboolean several; /* of a record: each label was wanted or not, and said or not */
  guint64 *counts;  /* (n + 1) x n: row after row what was wanted, the last row none of them; of
                     * several 3 x n: wanted, said, both */
} AttuneConfusion;

typedef struct
{
  guint64 wanted, said, right;
  double precision, recall, f1; /* 0 where they are of nothing */
} AttuneLabelScore;

/* @names: (array length=n): copied. */
AttuneConfusion *attune_confusion_new (const char *const *names, guint n);
/* The same where a record can have several. */
AttuneConfusion *attune_confusion_new_several (const char *const *names, guint n);
/* Cells of counts. */
gsize attune_confusion_count_cells (const AttuneConfusion *self);
AttuneConfusion *attune_confusion_copy (const AttuneConfusion *self);
void attune_confusion_free (AttuneConfusion *self);
/* @wanted: -1 for one that is none of them. */
void attune_confusion_add (AttuneConfusion *self, int wanted, int said);
/* Of a record that can have several: what holds of one label. */
void attune_confusion_add_one_of_several (AttuneConfusion *self, guint label, gboolean wanted,
                                          gboolean said);

guint64 attune_confusion_count (const AttuneConfusion *self);
AttuneLabelScore attune_confusion_score (const AttuneConfusion *self, guint label);
/* The share of all that is right; 0 of nothing. One label to a record. */
double attune_confusion_accuracy (const AttuneConfusion *self);
/* The mean F1 over labels that are wanted or said: a rare one counts as much as a frequent one. */
double attune_confusion_macro_f1 (const AttuneConfusion *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneConfusion, attune_confusion_free)

G_END_DECLS
