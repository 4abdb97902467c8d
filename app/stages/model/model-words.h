/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of a model of the catalogue. Everything is (transfer full).
 */
#pragma once
#include "job/guide.h"

G_BEGIN_DECLS

/* "Good for short answers. Converses fluently." */
char *attune_model_say_strengths (const AttuneCatalogueModel *model);
/* "English, German and 3 more"; @most: names at most, 0: all of them */
char *attune_model_say_languages (const AttuneCatalogueModel *model, guint most);
/* "1.7 billion parameters · 1.8 GB · licence Apache-2.0" */
/* Of its file: "4.4 GB", or "about 4.4 GB" as long as nothing has said it but the catalogue. */
char *attune_model_say_size (const AttuneCatalogueModel *model);
char *attune_model_say_facts (const AttuneCatalogueModel *model);
/* "Takes 2.9 GB to tune, about 3 hours", or that it is too large. */
char *attune_model_say_fit (const AttuneGuideChoice *choice);

G_END_DECLS
