/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two texts to be compared: side by side in columns of the same width, or one below the other where
 * the columns would be too narrow to read.
 */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_TUNE_PAIR (attune_tune_pair_get_type ())
G_DECLARE_FINAL_TYPE (AttuneTunePair, attune_tune_pair, ATTUNE, TUNE_PAIR, GtkWidget)

/* @second: (nullable) */
GtkWidget *attune_tune_pair_new (GtkWidget *first, GtkWidget *second);

G_END_DECLS
