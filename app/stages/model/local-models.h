/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The models on this computer, of which one is chosen for the project.
 */
#pragma once
#include "session.h"
#include "stages/model/model-row.h"

G_BEGIN_DECLS

#define ATTUNE_TYPE_LOCAL_MODELS (attune_local_models_get_type ())
G_DECLARE_FINAL_TYPE (AttuneLocalModels, attune_local_models, ATTUNE, LOCAL_MODELS, AdwBin)

GtkWidget *attune_local_models_new (void);
void attune_local_models_set_session (AttuneLocalModels *self, AttuneSession *session);
/* Looks at the folders again: files come and go. Those of Hugging Face's cache are shown a moment
 * later. */
void attune_local_models_rescan (AttuneLocalModels *self);
/* Shows what the session says now: which is chosen, and what each takes. */
void attune_local_models_update (AttuneLocalModels *self);
/* Puts the file at @path on the list, and chooses it once it is known to be sound. */
void attune_local_models_add (AttuneLocalModels *self, const char *path);
guint attune_local_models_get_n (AttuneLocalModels *self);
/* (nullable); borrowed */
AttuneModelRow *attune_local_models_find (AttuneLocalModels *self, const char *path);

G_END_DECLS
