/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A Word document (Office Open XML): its paragraphs, and by their styles which of them are
 * headings. A table's rows are a paragraph each.
 */
#include "data/document.h"
#include "data/zip-part.h"

#include <string.h>

typedef struct
{
  const AttuneDocumentReading *reading;
  AttuneZipPart *part;
  GHashTable *levels; /* id of a style -> its level as a heading */
  GString *text;      /* of the paragraph or row at hand */
  guint level;        /* of the paragraph's style */
  guint tables;       /* that are open */
  gboolean in_text;   /* within w:t */
  guint unread;       /* open elements whose content stands elsewhere as well */
  guint64 number;     /* of paragraphs */
} Docx;

/* --- styles */

/* By their English names, which a style keeps in every language: "heading 2", "Title". */
static guint
level_of_name (const char *name)
{
  if (name == NULL)
    return 0;
  if (g_ascii_strcasecmp (name, "title") == 0)
    return 1;
  if (g_ascii_strncasecmp (name, "heading ", 8) == 0 && name[8] >= '1' && name[8] <= '9')
    return MIN (6, name[8] - '0');
  return 0;
}

static gboolean
read_styles (Docx *self, GError **error)
{
  g_autoptr (AttuneZipPart) part = NULL;
  g_autofree char *id = NULL;
  int more;

  if (!attune_zip_part_open_optional (self->reading->path, "word/styles.xml", &part, error))
    return FALSE;
  more = part != NULL;
  while (more == 1 && (more = attune_zip_part_next (part, error)) == 1)
    if (attune_zip_part_is_start (part, "style"))
      {
        g_free (id);
        id = attune_zip_part_get_attribute (part, "styleId");
      }
    else if (id != NULL && attune_zip_part_is_start (part, "name"))
      {
        g_autofree char *name = attune_zip_part_get_attribute (part, "val");
        const guint level = level_of_name (name);

        if (level > 0)
          g_hash_table_insert (self->levels, g_steal_pointer (&id), GUINT_TO_POINTER (level));
      }
  return more == 0;
}

/* --- text */

static gboolean
end_paragraph (Docx *self, GError **error)
{
  const gboolean good
      = attune_document_give (self->reading, self->tables > 0 ? 0 : self->level, self->text->str,
                              self->text->len, self->number, error);

  g_string_truncate (self->text, 0);
  self->level = 0;
  return good;
}

static void
read_style (Docx *self)
{
  g_autofree char *id = attune_zip_part_get_attribute (self->part, "val");

  if (id != NULL)
    self->level = GPOINTER_TO_UINT (g_hash_table_lookup (self->levels, id));
}

/* Text, and what stands for white space. */
static void
read_run (Docx *self)
{
  const char *found = attune_zip_part_get_text (self->part);

  if (attune_zip_part_is_start (self->part, "t"))
    self->in_text = TRUE;
  if (found != NULL && self->in_text)
    g_string_append (self->text, found);
  if (attune_zip_part_is_end (self->part, "t"))
    self->in_text = FALSE;
  if (attune_zip_part_is_start (self->part, "tab"))
    g_string_append_c (self->text, '\t');
  if (attune_zip_part_is_start (self->part, "br") || attune_zip_part_is_start (self->part, "cr"))
    g_string_append_c (self->text, '\n');
}

static gboolean
read_node (Docx *self, GError **error)
{
  AttuneZipPart *part = self->part;

  /* what is drawn stands there once more for programs that cannot draw it */
  self->unread += attune_zip_part_is_start (part, "Fallback")
                  && xmlTextReaderIsEmptyElement (attune_zip_part_get_xml (part)) == 0;
  self->unread -= self->unread > 0 && attune_zip_part_is_end (part, "Fallback");
  if (self->unread > 0)
    return TRUE;
  if (attune_zip_part_is_start (part, "p"))
    self->number++;
  if (attune_zip_part_is_start (part, "tbl"))
    self->tables++;
  if (attune_zip_part_is_start (part, "pStyle"))
    read_style (self);
  if (attune_zip_part_is_start (part, "tc") && self->text->len > 0)
    g_string_append (self->text, " | ");
  read_run (self);
  if (attune_zip_part_is_end (part, "p") && self->tables > 0)
    g_string_append_c (self->text, ' ');
  if (self->tables > 0 && attune_zip_part_is_end (part, "tbl"))
    self->tables--;
  if ((attune_zip_part_is_end (part, "p") && self->tables == 0)
      || attune_zip_part_is_end (part, "tr") || self->text->len > ATTUNE_PARAGRAPH_BYTES)
    return end_paragraph (self, error);
  return TRUE;
}

gboolean
attune_document_read_docx (const AttuneDocumentReading *reading, GError **error)
{
  g_autoptr (AttuneZipPart) part = attune_zip_part_open (reading->path, "word/document.xml", error);
  g_autoptr (GHashTable) levels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) text = g_string_new (NULL);
  Docx self = { .reading = reading, .part = part, .levels = levels, .text = text };
  int more = 1;

  if (part == NULL || !read_styles (&self, error))
    return FALSE;
  while ((more = attune_zip_part_next (part, error)) == 1)
    if (!read_node (&self, error))
      return FALSE;
  return more == 0 && end_paragraph (&self, error);
}
