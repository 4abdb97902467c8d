/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which tensors a GGUF export holds: what is written and what its size is predicted from are one
 * list. Light. Private to deploy/.
 */
#pragma once
#include "deploy/export.h"

G_BEGIN_DECLS

typedef struct
{
  char *name;         /* GGUF's */
  char *source;       /* the model's tensor that it comes from, of experts the first one's; %NULL:
                       * it is computed */
  AttuneTensor shape; /* type and axes in the file */
} AttuneGgufPart;

/* Every tensor of the model in its order and under its name; so a tied head stays tied.
 * Returns: (transfer full) (element-type AttuneGgufPart) */
GPtrArray *attune_gguf_list_parts (AttuneModel *model, AttuneExportFormat format);

G_END_DECLS
