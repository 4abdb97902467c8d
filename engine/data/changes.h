/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a person has changed of single records by hand: left out, or another text. It lies beside
 * the data set as dataset.changes.json, since dataset.h5 is written anew by each import and each
 * preparation, and a change must outlive both. Preparing applies it; what was imported stays.
 *
 * A change belongs to a record by the record's text as it was imported (a hash of all its fields),
 * not by its place: a line moves as soon as a row is added above it, and a change would then
 * silently be another record's. Records with the very same text share a change, since nothing tells
 * them apart. Where the text is gone (the row was mended in its file, its table was removed) the
 * change is kept, counted and told, and holds again when the text comes back.
 */
#pragma once
#include "data/import.h"

G_BEGIN_DECLS

/* In a data set: what of a record is by hand. */
typedef enum
{
  ATTUNE_BY_HAND_EXCLUDED = 1 << 0,
  ATTUNE_BY_HAND_EDITED = 1 << 1,
} AttuneByHand;

typedef struct
{
  gboolean excluded;
  char *fields[ATTUNE_N_FIELDS]; /* (nullable): %NULL: as imported */
} AttuneChange;

AttuneChange *attune_change_copy (const AttuneChange *self); /* (nullable) */
void attune_change_free (AttuneChange *self);
/* AttuneByHand; 0 for %NULL and for a change that changes nothing. */
guint attune_change_get_kind (const AttuneChange *self);

/* Returns: (transfer full): what a change of a record with these fields, as imported, goes by. */
char *attune_record_get_key (const AttuneRecord *imported);

typedef struct _AttuneChanges AttuneChanges;

/**
 * attune_changes_read:
 * @dataset_path: dataset.h5; it need not be there
 *
 * Blocks. Returns: (transfer full): empty where nothing was changed; %NULL with
 * %ATTUNE_DATA_ERROR_FORMAT when the file is damaged, %ATTUNE_DATA_ERROR_VERSION when a newer
 * Attune wrote it, or a #GFileError
 */
AttuneChanges *attune_changes_read (const char *dataset_path, GError **error);
void attune_changes_free (AttuneChanges *self);
guint attune_changes_get_size (const AttuneChanges *self);
/* %NULL where the record is as imported. Borrowed. */
const AttuneChange *attune_changes_find (const AttuneChanges *self, const char *key);
/* How the record began whose change that is, for people. Borrowed. */
const char *attune_changes_get_title (const AttuneChanges *self, const char *key);
/* Returns: (transfer container): all keys, in their order in the file. */
GPtrArray *attune_changes_get_keys (const AttuneChanges *self);
/* As JSON: the same changes are the same text. (transfer full) */
char *attune_changes_to_text (const AttuneChanges *self);

/**
 * attune_changes_update:
 * @imported: the record as it was imported
 * @change: (nullable): what takes the place of its change; %NULL or an empty one: as imported
 *
 * Reads the file, changes one record and replaces the file, under a lock, so that nothing is lost
 * when two do it at once. A file that cannot be read is never replaced. Blocks. Returns: (transfer
 * full): all changes of now, or %NULL with @error as attune_changes_read() or of writing
 */
AttuneChanges *attune_changes_update (const char *dataset_path, const AttuneRecord *imported,
                                      const AttuneChange *change, GError **error);

/* Work goes on without the changes in the file: it gets another name. Returns: (transfer full):
 * that name, without its folder; %NULL with a #GFileError */
char *attune_changes_set_aside (const char *dataset_path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneChange, attune_change_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneChanges, attune_changes_free)

G_END_DECLS
