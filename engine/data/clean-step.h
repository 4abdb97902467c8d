/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a step of the recipe tells of itself: how many records it concerned, with a few of them.
 */
#pragma once
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define ATTUNE_CLEAN_EXAMPLES 3

typedef enum
{
  ATTUNE_CLEAN_CHANGES,    /* texts of records */
  ATTUNE_CLEAN_LEAVES_OUT, /* records as a whole */
  ATTUNE_CLEAN_FINDS,      /* and leaves everything as it is */
  ATTUNE_CLEAN_MAKES,      /* more to learn from */
} AttuneCleanDeed;

typedef struct
{
  const char *name;  /* of the setting: "trim-space" */
  const char *title; /* what it did: "White space tidied" */
  gboolean enabled;
  AttuneCleanDeed deed;
  guint64 count;   /* records it changed, left out or found */
  guint64 changes; /* single changes, where one record can have several (abbreviations) */
  guint n_examples;
  char *before[ATTUNE_CLEAN_EXAMPLES],
      *after[ATTUNE_CLEAN_EXAMPLES]; /* after: %NULL where nothing was put in its place */
} AttuneCleanStep;

/* Keeps the first ATTUNE_CLEAN_EXAMPLES, keys and passwords in them but for their beginning: who
 * reads what was done need not know them. @after: (nullable). */
void attune_clean_step_add_example (AttuneCleanStep *self, const char *before, const char *after);
/* All but the first @n. */
void attune_clean_step_forget_examples (AttuneCleanStep *self, guint n);
/* Adds what @other has of later records, and forgets it there. */
void attune_clean_step_gather (AttuneCleanStep *self, AttuneCleanStep *other);
void attune_clean_step_clear (AttuneCleanStep *self);
/* As the report has it. (transfer full) */
JsonObject *attune_clean_step_to_json (const AttuneCleanStep *self);
/* "changes", "leaves-out", "finds": as the report says it. */
const char *attune_clean_deed_get_name (AttuneCleanDeed deed);

G_END_DECLS
