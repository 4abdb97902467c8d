/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A model file on this computer: what it is, as far as it is known. It is looked at in a thread.
 *
 * #AttuneModelFile::changed: something of it is known now, or is otherwise than before.
 */
#pragma once
#include "model/model.h"

#include <gio/gio.h>

G_BEGIN_DECLS

#define ATTUNE_TYPE_MODEL_FILE (attune_model_file_get_type ())
G_DECLARE_FINAL_TYPE (AttuneModelFile, attune_model_file, ATTUNE, MODEL_FILE, GObject)

/* Begins to look at @path at once. */
AttuneModelFile *attune_model_file_new (const char *path);
const char *attune_model_file_get_path (AttuneModelFile *self);
/* Looks again if the file is another than it was. */
void attune_model_file_refresh (AttuneModelFile *self);
gboolean attune_model_file_is_loading (AttuneModelFile *self);

/* What is wrong with it, as a sentence, or %NULL. Borrowed. */
const char *attune_model_file_get_error (AttuneModelFile *self);
/* "SmolLM2 135M Instruct"; the file's name while no better one is known. Borrowed. */
const char *attune_model_file_get_name (AttuneModelFile *self);

/* The rest is known once it is no longer loading and has no error. */
const AttuneDecoderConfig *attune_model_file_get_config (AttuneModelFile *self); /* or %NULL */
gint64 attune_model_file_get_parameters (AttuneModelFile *self);
guint64 attune_model_file_get_bytes (AttuneModelFile *self);
int attune_model_file_get_bits (AttuneModelFile *self);
/* See attune_model_get_warnings(). NULL-terminated, borrowed. */
const char *const *attune_model_file_get_warnings (AttuneModelFile *self);

G_END_DECLS
