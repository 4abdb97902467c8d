/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Values of Parquet as text. Private to data/.
 */
#pragma once
#include "data/parquet-private.h"

G_BEGIN_DECLS

/* Whether the leaf holds bytes that should be a text. */
gboolean attune_parquet_is_text (const AttuneParquetNode *leaf);
/* Appends the value, which is there. @is_words: (out): in JSON it stands in quotes. Returns: FALSE
 * where it is no text and no number, or one that is too long. */
gboolean attune_parquet_append_text (GString *to, const AttuneParquetNode *leaf,
                                     const AttuneParquetValue *value, gboolean *is_words);
/* As JSON. Returns: FALSE where it is no text in UTF-8: it is null then. */
gboolean attune_parquet_append_quoted (GString *to, const char *text, gsize n);

G_END_DECLS
