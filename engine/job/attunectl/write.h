/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl data write: has a model write variants of questions.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

/* @model: (nullable): path of a model file; %NULL: the project's. @each: variants of a question; 0:
 * as the project says; @limit: of records; 0: all */
int attune_write_variants (AttuneProject *project, const char *model, int each, int limit);

G_END_DECLS
