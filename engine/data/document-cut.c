/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text is cut where a section or a paragraph ends; of an FAQ a row begins with each question.
 */
#include "data/document-cut.h"

#include <string.h>

/* Characters of a piece: some 600 tokens of English, 1,000 of what is written in longer words. */
#define MOST 2400
/* Sections that say less are put together: a heading with two lines teaches little by itself. */
#define LEAST 400

void
attune_cutter_clear (AttuneCutter *self)
{
  g_clear_pointer (&self->heading, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (self->parts); i++)
    g_clear_pointer (&self->parts[i], g_free);
  if (self->text != NULL)
    g_string_free (g_steal_pointer (&self->text), TRUE);
}

/* --- pieces */

static gboolean
give (AttuneCutter *self, const char *text, gsize n, GError **error)
{
  char **row = g_new0 (char *, 4);

  row[ATTUNE_CUT_HEADING] = g_strdup (self->heading != NULL ? self->heading : "");
  row[ATTUNE_CUT_TEXT] = g_strstrip (g_strndup (text, n));
  row[ATTUNE_CUT_DOCUMENT] = g_utf8_make_valid (self->document, -1);
  self->spoken = TRUE;
  return self->on_row (row, self->line, self->data, error);
}

gboolean
attune_cutter_end (AttuneCutter *self, GError **error)
{
  gboolean good = TRUE;

  if (self->asks && self->heading == NULL && self->text->len > 0 && self->reading != NULL)
    {
      self->spoken = TRUE;
      good = attune_reading_bad (self->reading, self->line, self->text->str, self->text->len,
                                 "It stands under no heading that asks.", error);
    }
  else if (self->asks ? self->heading != NULL : self->text->len > 0)
    good = give (self, self->text->str, self->text->len, error);
  g_string_truncate (self->text, 0);
  return good;
}

/* Up to where a piece of at most MOST characters goes: the end of a sentence or a line in its
 * second half, else of a word, else there. */
static gsize
find_cut (const char *text)
{
  const char *end = g_utf8_offset_to_pointer (text, MOST),
             *half = g_utf8_offset_to_pointer (text, MOST / 2);

  for (const char *p = end; p > half; p--)
    if (p[-1] == '\n' || (*p == ' ' && strchr (".?!", p[-1]) != NULL))
      return p - text;
  for (const char *p = end; p > half; p--)
    if (g_ascii_isspace (*p))
      return p - text;
  return end - text;
}

static gboolean
cut_long (AttuneCutter *self, GError **error)
{
  while (!self->asks && g_utf8_strlen (self->text->str, -1) > MOST)
    {
      const gsize n = find_cut (self->text->str);

      if (!give (self, self->text->str, n, error))
        return FALSE;
      g_string_erase (self->text, 0, n + strspn (self->text->str + n, " \n"));
    }
  return TRUE;
}

/* "Chapter › Section" of all headings that are open. */
static char *
join_parts (const AttuneCutter *self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = NULL;

  for (guint i = 1; i < G_N_ELEMENTS (self->parts); i++)
    if (self->parts[i] != NULL)
      g_strv_builder_add (builder, self->parts[i]);
  parts = g_strv_builder_end (builder);
  return g_strjoinv (" › ", parts);
}

static void
add (AttuneCutter *self, const AttuneBlock *block)
{
  if (self->text->len > 0)
    g_string_append (self->text, "\n\n");
  else if (!self->asks || self->heading == NULL) /* a question's row begins with it */
    self->line = block->line;
  g_string_append (self->text, block->text);
}

gboolean
attune_block_asks (const AttuneBlock *block)
{
  return block->level > 0
         && (g_str_has_suffix (block->text, "?") || g_str_has_suffix (block->text, "？"));
}

/* In an FAQ: a question, or what ends the answer before it. What is deeper belongs to the answer.
 */
static gboolean
take_question (AttuneCutter *self, const AttuneBlock *block, GError **error)
{
  if (self->heading != NULL && block->level > self->level && !attune_block_asks (block))
    {
      add (self, block);
      return TRUE;
    }
  if (!attune_cutter_end (self, error))
    return FALSE;
  g_clear_pointer (&self->heading, g_free);
  self->line = block->line;
  if (attune_block_asks (block))
    {
      self->heading = g_strdup (block->text);
      self->level = block->level;
    }
  return TRUE;
}

static gboolean
take_heading (AttuneCutter *self, const AttuneBlock *block, GError **error)
{
  /* where it is told beside the text, one piece has one heading */
  if ((!self->headed || g_utf8_strlen (self->text->str, -1) >= LEAST)
      && !attune_cutter_end (self, error))
    return FALSE;
  for (guint i = block->level; i < G_N_ELEMENTS (self->parts); i++)
    g_clear_pointer (&self->parts[i], g_free);
  self->parts[block->level] = g_strdup (block->text);
  if (self->text->len == 0)
    {
      g_free (self->heading);
      self->heading = join_parts (self);
    }
  if (self->headed)
    add (self, block);
  return TRUE;
}

gboolean
attune_cutter_take (const AttuneBlock *block, gpointer data, GError **error)
{
  AttuneCutter *self = data;

  if (block->level > 0)
    return self->asks ? take_question (self, block, error) : take_heading (self, block, error);
  if (!self->asks && self->text->len > 0
      && g_utf8_strlen (self->text->str, -1) + g_utf8_strlen (block->text, -1) > MOST
      && g_utf8_strlen (self->text->str, -1) >= LEAST && !attune_cutter_end (self, error))
    return FALSE;
  add (self, block);
  /* an answer is as long as it is; where it has no end the row is kept aside, as a table's */
  if (self->asks && self->text->len > ATTUNE_MAX_FIELD_BYTES)
    return attune_cutter_end (self, error);
  return cut_long (self, error);
}
