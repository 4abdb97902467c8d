/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The few lines with which Ollama takes an exported GGUF file, so that it asks the model as it was
 * asked in training. Its templates are Go's, not Jinja: only plain ChatML is written as one.
 */
#pragma once
#include "model/model.h"

G_BEGIN_DECLS

/**
 * attune_modelfile_make:
 * @file: name of the GGUF file, in the folder that the lines will lie in
 * @system: (nullable): what the model was told to be in training; empty: what its template says
 *
 * Returns: (transfer full) (nullable): the text of a Modelfile; %NULL where this model's chat
 * template is not exactly ChatML, or the words cannot be quoted: then Ollama would ask it otherwise
 */
char *attune_modelfile_make (AttuneModel *model, const char *file, const char *system);

G_END_DECLS
