/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the readers of JSON share.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

/* Cuts a stream into objects. For JSONL an object ends with its line, so that a broken one harms no
 * other. */
typedef struct
{
  GInputStream *stream;
  gboolean lines;
  char *buffer;
  gsize n, next;
  guint64 line;  /* of the next byte */
  GString *text; /* the object at hand */
  gboolean too_long;
} AttuneJsonSplitter;

typedef enum
{
  ATTUNE_JSON_OBJECT,
  ATTUNE_JSON_END,
  ATTUNE_JSON_FAILED,
} AttuneJsonPiece;

gboolean attune_json_splitter_init (AttuneJsonSplitter *s, const AttuneSource *source,
                                    GCancellable *cancellable, GError **error);
/* @line: (out): where the object begins */
AttuneJsonPiece attune_json_splitter_next (AttuneJsonSplitter *s, guint64 *line,
                                           GCancellable *cancellable, GError **error);
void attune_json_splitter_clear (AttuneJsonSplitter *s);

/**
 * attune_json_read_object:
 * @text: (array length=n): of one object; a NUL byte follows
 * @too_long: its end is missing
 * @out: (inout): name to text, both owned
 * @order: (nullable): gets new names
 *
 * Returns: what is wrong with it, a static sentence; or %NULL
 */
const char *attune_json_read_object (const char *text, gsize n, gboolean too_long, GHashTable *out,
                                     GPtrArray *order);
/* The same for the plainest of objects, which most are: texts, whole numbers and the like under
 * their names, nothing within. FALSE: it is another, or none; @out may hold a part of it. */
gboolean attune_json_read_flat (const char *text, gsize n, GHashTable *out);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneJsonSplitter, attune_json_splitter_clear)
/* Keeps objects (GHashTable, as attune_json_read_object() fills them) in the preview. */
void attune_json_show (AttuneSource *source, const GPtrArray *objects);
/* What the columns hold, by their roles, which is taken out of @texts. */
void attune_json_fill_record (const AttuneSource *source, GHashTable *texts, AttuneRecord *record);

G_END_DECLS
