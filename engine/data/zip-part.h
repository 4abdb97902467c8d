/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One file out of a ZIP, as XML: what Office documents are made of. A file that unpacks to far more
 * than it is made of is refused, and so is a document type, by which a few lines of XML could grow
 * without end; nothing is fetched from anywhere.
 */
#pragma once
#include <glib.h>
#include <libxml/xmlreader.h>

G_BEGIN_DECLS

typedef struct _AttuneZipPart AttuneZipPart;

/**
 * attune_zip_part_open:
 * @name: within the ZIP: "xl/workbook.xml"
 *
 * Returns: (transfer full): or %NULL with %ATTUNE_DATA_ERROR_FORMAT (it is no ZIP, or there is no
 * such part) or %ATTUNE_DATA_ERROR_READ
 */
AttuneZipPart *attune_zip_part_open (const char *path, const char *name, GError **error);
/* The same for one that need not be there: @part: (out) (nullable) (transfer full): %NULL then.
 * Returns: %FALSE with @error where it cannot be read. */
gboolean attune_zip_part_open_optional (const char *path, const char *name, AttuneZipPart **part,
                                        GError **error);
void attune_zip_part_close (AttuneZipPart *self);

/* Goes to the next node. Returns: 1, 0 at the end, -1 with @error. */
int attune_zip_part_next (AttuneZipPart *self, GError **error);
/* Borrowed: where it stands. */
xmlTextReader *attune_zip_part_get_xml (AttuneZipPart *self);
/* Whether it stands at the start, or the end, of an element @name (without its prefix). */
gboolean attune_zip_part_is_start (AttuneZipPart *self, const char *name);
gboolean attune_zip_part_is_end (AttuneZipPart *self, const char *name);
/* Text where it stands at some, or %NULL. Borrowed until the next node. */
const char *attune_zip_part_get_text (AttuneZipPart *self);
/* Returns: (transfer full) (nullable): an attribute, by its name without its prefix. */
char *attune_zip_part_get_attribute (AttuneZipPart *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneZipPart, attune_zip_part_close)

G_END_DECLS
