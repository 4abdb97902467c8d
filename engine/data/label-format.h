/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the texts of a column of labels are: one label each, several with a mark between them, or
 * numbers. Light.
 */
#pragma once
#include "compute/backend.h" /* AttuneLabelKind */

#include <glib-object.h>

G_BEGIN_DECLS

/* What a person says of them. */
typedef enum
{
  ATTUNE_LABEL_READING_AUTO, /* as they look */
  ATTUNE_LABEL_READING_ONE,
  ATTUNE_LABEL_READING_SEVERAL,
  ATTUNE_LABEL_READING_NUMBER,
} AttuneLabelReading;
#define ATTUNE_TYPE_LABEL_READING (attune_label_reading_get_type ())
GType attune_label_reading_get_type (void);

typedef struct
{
  AttuneLabelKind kind;
  char mark; /* of several: what stands between them */
} AttuneLabelFormat;

/* "one", "several", "number" */
const char *attune_label_kind_get_name (AttuneLabelKind kind);
/* The kind of that name; one label where there is none. */
AttuneLabelKind attune_label_kind_of_name (const char *name);

/**
 * attune_label_format_find:
 * @labels: (array length=n): different texts, none of them empty
 * @counts: (array length=n): how many records have each
 *
 * Numbers are labels that all are numbers, some with a fraction or more than twenty different ones:
 * few whole ones are marks or classes. Several are in a text where a mark (; | , in this order) is
 * in some of them, and its parts, put together anew in each, are no more than the texts. Pure.
 */
AttuneLabelFormat attune_label_format_find (AttuneLabelReading reading, const char *const *labels,
                                            const guint64 *counts, guint n);

/* What the report of a preparation says of them. */
AttuneLabelFormat attune_label_format_of_report (const char *report);

/* The labels in @text, sorted, each once, without white space around them. Returns: (transfer
 * full): NULL-terminated. */
char **attune_label_format_split (const AttuneLabelFormat *self, const char *text);
/* Whether @text is one number, of which a point or a comma divides the fraction. */
gboolean attune_label_parse_number (const char *text, double *number);

G_END_DECLS
