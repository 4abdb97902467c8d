/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Headings and paragraphs as rows: questions with their answers, or pieces of text that fit a
 * sample. Private to data/.
 */
#pragma once
#include "data/document.h"
#include "data/import-private.h"

G_BEGIN_DECLS

enum
{
  ATTUNE_CUT_HEADING, /* the section's, or the question */
  ATTUNE_CUT_TEXT,    /* or the answer */
  ATTUNE_CUT_DOCUMENT,
};

/* Takes @row (owned): a text for each column. */
typedef gboolean (*AttuneRowFunc) (char **row, guint64 line, gpointer data, GError **error);

typedef struct
{
  gboolean asks, headed; /* an FAQ; pieces begin with their heading */
  const char *document;  /* its name within the folder; "" for a single one */
  AttuneRowFunc on_row;
  const AttuneReading *reading; /* (nullable) */
  gpointer data;
  char *heading;  /* of the piece at hand: "Chapter › Section", or a question; %NULL */
  guint level;    /* of the question */
  char *parts[7]; /* headings that are open, by their level */
  GString *text;
  guint64 line;    /* where the piece begins */
  gboolean spoken; /* something was given or kept aside */
} AttuneCutter;
void attune_cutter_clear (AttuneCutter *self);

/* The next heading or paragraph; an #AttuneBlockFunc, whose data is the cutter. */
gboolean attune_cutter_take (const AttuneBlock *block, gpointer data, GError **error);
/* Gives the piece at hand: the document has ended. */
gboolean attune_cutter_end (AttuneCutter *self, GError **error);
/* Whether it is a heading that asks. */
gboolean attune_block_asks (const AttuneBlock *block);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttuneCutter, attune_cutter_clear)

G_END_DECLS
