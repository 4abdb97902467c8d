/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What can be chosen of how a file is read, and the rows that choose it.
 */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

typedef struct
{
  const char *value, *title; /* the title is to be translated */
} AttuneImportChoice;

/* Each ends with a %NULL value. */
extern const AttuneImportChoice attune_import_formats[];
extern const AttuneImportChoice attune_import_encodings[];
extern const AttuneImportChoice attune_import_delimiters[];

/* Whether the format says itself how it is read. */
gboolean attune_import_choices_is_fixed (const char *format);
/* Whether its first row may name the columns. */
gboolean attune_import_choices_has_header (const char *format);

void attune_import_choices_fill (AdwComboRow *row, const AttuneImportChoice *choices);
/* Leaves the row as it is where @value is none of @choices. */
void attune_import_choices_select (AdwComboRow *row, const AttuneImportChoice *choices,
                                   const char *value);
/* Returns: (nullable): static */
const char *attune_import_choices_get (AdwComboRow *row, const AttuneImportChoice *choices);
/* Has names chosen that are nothing to translate, as of tables; the row is hidden where there is
 * nothing to choose. @names: (nullable): char*; @chosen: (nullable): of these */
void attune_import_choices_name (AdwComboRow *row, const GPtrArray *names, const char *chosen);

G_END_DECLS
