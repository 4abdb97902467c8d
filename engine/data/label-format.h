/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the texts of a column of labels are: one label each, several with a mark between them, or
 * numbers. Light.
 */
#pragma once
#include "compute/backend.h" /* AttuneLabelKind */
#include "data/label-numbers.h"

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

/* What else labels could have been meant as, where that is worth saying. */
typedef enum
{
  ATTUNE_LABEL_DOUBT_NONE,
  ATTUNE_LABEL_DOUBT_MARKS, /* numbers whose thousands and fractions look alike: classes */
  ATTUNE_LABEL_DOUBT_CODES, /* numbers that are no amounts: classes */
  ATTUNE_LABEL_DOUBT_MIXED, /* mostly numbers: classes */
  ATTUNE_LABEL_DOUBT_LISTS, /* numbers with a comma between them: several labels */
} AttuneLabelDoubt;

typedef struct
{
  AttuneLabelKind kind;
  char mark; /* of several: what stands between them; of numbers: what divides their fraction, as
              * attune_label_parse_number() takes it */
  AttuneLabelDoubt doubt;
} AttuneLabelFormat;

/* "one", "several", "number" */
const char *attune_label_kind_get_name (AttuneLabelKind kind);
/* The kind of that name; one label where there is none. */
AttuneLabelKind attune_label_kind_of_name (const char *name);

/* "marks", "codes" …; "" for none. And a sentence for people, untranslated. */
const char *attune_label_doubt_get_name (AttuneLabelDoubt doubt);
AttuneLabelDoubt attune_label_doubt_of_name (const char *name);
const char *attune_label_doubt_get_text (AttuneLabelDoubt doubt);

/**
 * attune_label_format_find:
 * @labels: (array length=n): different texts, none of them empty
 * @counts: (array length=n): how many records have each
 *
 * Numbers are labels that all are numbers, but for one in a hundred, some with a fraction or more
 * than twenty different ones: few whole ones are marks or classes, and so are numbers that look
 * like codes. Several are in a text where a mark (; | , in this order) is in some of them, and its
 * parts, put together anew in each, are no more than the texts. Pure.
 */
AttuneLabelFormat attune_label_format_find (AttuneLabelReading reading, const char *const *labels,
                                            const guint64 *counts, guint n);

/* What the report of a preparation says of them. */
AttuneLabelFormat attune_label_format_of_report (const char *report);

/* The labels in @text, sorted, each once, without white space around them. Returns: (transfer
 * full): NULL-terminated. */
char **attune_label_format_split (const AttuneLabelFormat *self, const char *text);
G_END_DECLS
