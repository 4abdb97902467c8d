/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a list of labels is made. Private to generate/.
 */
#pragma once
#include "generate/labels.h"

G_BEGIN_DECLS

/* Without labels. Returns: (transfer full). */
AttuneLabels *attune_labels_new (AttuneLabelFormat format);
/* In the order of their bytes. */
void attune_labels_add (AttuneLabels *self, const char *name, guint64 count);
/* When all are there. */
void attune_labels_begin_rows (AttuneLabels *self);

G_END_DECLS
