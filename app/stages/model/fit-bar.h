/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model needs here against the memory that is free: a bar and a sentence.
 */
#pragma once
#include "plan/fit.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_FIT_BAR (attune_fit_bar_get_type ())
G_DECLARE_FINAL_TYPE (AttuneFitBar, attune_fit_bar, ATTUNE, FIT_BAR, AdwBin)

GtkWidget *attune_fit_bar_new (void);
/* @available: in bytes */
void attune_fit_bar_show (AttuneFitBar *self, const AttuneFit *fit, guint64 available);
/* The sentence. Borrowed. */
const char *attune_fit_bar_get_text (AttuneFitBar *self);

G_END_DECLS
