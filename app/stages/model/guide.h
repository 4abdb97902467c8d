/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Four short questions, and the model of the catalogue that suits the answers, with the reason.
 *
 * #AttuneModelGuide::taken (id): a person wants the model that is recommended.
 */
#pragma once
#include "job/guide.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_GUIDE (attune_model_guide_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelGuide, attune_model_guide, ATTUNE, MODEL_GUIDE, AdwDialog)

/* @catalogue: AttuneCatalogueModel, not empty; a reference is taken. @available: bytes that are
 * free here. */
AdwDialog *attune_model_guide_new (GPtrArray *catalogue, guint64 available);
/* The answers: @memory_gb: 0 for what is free here; @most_hours: 0 for any time. */
void attune_model_guide_answer (AttuneModelGuide *self, AttuneAnswers answers, guint memory_gb,
                                guint most_hours, const char *language);
/* What it recommends now. Borrowed. */
const AttuneCatalogueModel *attune_model_guide_get_model (AttuneModelGuide *self);
/* And why, as sentences. Borrowed. */
const char *attune_model_guide_get_reason (AttuneModelGuide *self);

G_END_DECLS
