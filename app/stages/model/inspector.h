/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How a model reads a sentence: its tokens as chips, and the whole of what it reads when the
 * sentence is a question, with the marks of its chat template.
 */
#pragma once
#include "session.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_INSPECTOR (attune_inspector_get_type ())
G_DECLARE_FINAL_TYPE (AttuneInspector, attune_inspector, ATTUNE, INSPECTOR, AdwBin)

GtkWidget *attune_inspector_new (void);
/* Whose model reads. */
void attune_inspector_set_session (AttuneInspector *self, AttuneSession *session);
/* The model or what stands before every question may be another. */
void attune_inspector_refresh (AttuneInspector *self);
/* What is looked at. */
void attune_inspector_set_text (AttuneInspector *self, const char *text);
/* How many tokens the sentence has. */
guint attune_inspector_get_n_tokens (AttuneInspector *self);

G_END_DECLS
