/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which stored type each tensor of a GGUF export gets. Light. Private to deploy/.
 */
#pragma once
#include "deploy/export.h"

G_BEGIN_DECLS

/* @name: GGUF's; @shape: its axes. Vectors and what decides over others stay f32; rows that the
 * format's blocks do not divide get the nearest type that can hold them. Pure. */
AttuneType attune_gguf_choose_type (AttuneExportFormat format, const char *name,
                                    const AttuneTensor *shape);

/* llama.cpp's number for the whole (llama_ftype). Pure. */
guint32 attune_gguf_file_type (AttuneExportFormat format);

G_END_DECLS
