/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a cleaning step did to this data: "312 left out", with examples behind it.
 */
#pragma once
#include "data/report-view.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_EFFECT (attune_effect_get_type ())
G_DECLARE_FINAL_TYPE (AttuneEffect, attune_effect, ATTUNE, EFFECT, AdwBin)

/* A widget for the end of the step's row; it hides itself while there is nothing to say. */
GtkWidget *attune_effect_new (void);
/* @step: (nullable): copied as far as needed */
void attune_effect_show (AttuneEffect *self, const AttuneReportStep *step);
/* "312 left out", or "" */
const char *attune_effect_get_text (AttuneEffect *self);

G_END_DECLS
