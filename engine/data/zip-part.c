/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libarchive unpacks, libxml2 reads what comes out.
 */
#include "data/zip-part.h"

#include "data/import.h"

#include <archive.h>
#include <archive_entry.h>
#include <glib/gstdio.h>

#define BLOCK 65536
/* Tables of text become a tenth to a fiftieth when packed; the most that the method can do is a
 * thousandth, and only with what says nothing. Small files may do as they like. */
#define MAX_RATIO 250
#define ALWAYS_BYTES (64u << 20)

struct _AttuneZipPart
{
  char *path, *name;
  struct archive *archive;
  xmlTextReader *xml;
  guint64 packed, unpacked; /* bytes of the whole file; of this part so far */
  gboolean bomb;
};

void
attune_zip_part_close (AttuneZipPart *self)
{
  if (self == NULL)
    return;
  if (self->xml != NULL)
    xmlFreeTextReader (self->xml);
  if (self->archive != NULL)
    archive_read_free (self->archive);
  g_free (self->path);
  g_free (self->name);
  g_free (self);
}

static gboolean
fail (const AttuneZipPart *self, const char *what, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT, "“%s” cannot be read: %s",
               self->path, what);
  return FALSE;
}

/* For libxml2: bytes of the part, 0 at its end, -1 where it goes wrong. */
static int
read_bytes (gpointer data, char *buffer, int n)
{
  AttuneZipPart *self = data;
  const la_ssize_t got = archive_read_data (self->archive, buffer, MAX (0, n));

  if (got < 0)
    return -1;
  self->unpacked += got;
  self->bomb = self->unpacked > ALWAYS_BYTES && self->unpacked / MAX_RATIO > self->packed;
  return self->bomb ? -1 : (int) got;
}

/* libxml2 prints by itself otherwise. */
static void
ignore_message (gpointer data, const char *message, xmlParserSeverities severity,
                xmlTextReaderLocatorPtr place)
{
}

/* Goes to the part. Returns: 1, 0 where there is none, -1 with @error. */
static int
find_part (AttuneZipPart *self, GError **error)
{
  struct archive_entry *entry;
  int result;

  archive_read_support_format_zip (self->archive);
  if (archive_read_open_filename (self->archive, self->path, BLOCK) != ARCHIVE_OK)
    {
      fail (self, archive_error_string (self->archive), error);
      return -1;
    }
  while ((result = archive_read_next_header (self->archive, &entry)) == ARCHIVE_OK)
    {
      const char *name = archive_entry_pathname_utf8 (entry);

      if (name == NULL || !g_str_equal (name, self->name))
        continue;
      if (archive_entry_is_encrypted (entry) <= 0)
        return 1;
      fail (self, "it has a password. Save it without one.", error);
      return -1;
    }
  if (result == ARCHIVE_EOF)
    return 0;
  fail (self, archive_error_string (self->archive), error);
  return -1;
}

gboolean
attune_zip_part_open_optional (const char *path, const char *name, AttuneZipPart **part,
                               GError **error)
{
  g_autoptr (AttuneZipPart) self = g_new0 (AttuneZipPart, 1);
  GStatBuf info;
  int found;

  *part = NULL;
  self->path = g_strdup (path);
  self->name = g_strdup (name);
  self->packed = g_stat (path, &info) == 0 ? info.st_size : 0;
  self->archive = archive_read_new ();
  if ((found = find_part (self, error)) <= 0)
    return found == 0;
  self->xml = xmlReaderForIO (read_bytes, NULL, self, NULL, NULL, XML_PARSE_NONET);
  if (self->xml == NULL)
    return fail (self, "it is no XML.", error);
  xmlTextReaderSetErrorHandler (self->xml, ignore_message, NULL);
  *part = g_steal_pointer (&self);
  return TRUE;
}

AttuneZipPart *
attune_zip_part_open (const char *path, const char *name, GError **error)
{
  AttuneZipPart *part;

  if (attune_zip_part_open_optional (path, name, &part, error) && part == NULL)
    g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                 "“%s” cannot be read: it has no part “%s”. Was it saved under this name by an "
                 "Office program?",
                 path, name);
  return part;
}

int
attune_zip_part_next (AttuneZipPart *self, GError **error)
{
  const int result = xmlTextReaderRead (self->xml);
  g_autofree char *what = NULL;

  if (result == 0)
    return 0;
  if (result == 1 && xmlTextReaderNodeType (self->xml) != XML_READER_TYPE_DOCUMENT_TYPE)
    return 1;
  if (result == 1)
    what = g_strdup ("it declares a document type, as no Office document does.");
  else if (self->bomb)
    what = g_strdup ("it unpacks to far more than a document could be.");
  else
    what = g_strdup_printf ("it is damaged (“%s”, line %d).", self->name,
                            xmlTextReaderGetParserLineNumber (self->xml));
  fail (self, what, error);
  return -1;
}

xmlTextReader *
attune_zip_part_get_xml (AttuneZipPart *self)
{
  return self->xml;
}

static gboolean
stands_at (AttuneZipPart *self, int type, const char *name)
{
  return xmlTextReaderNodeType (self->xml) == type
         && xmlStrEqual (xmlTextReaderConstLocalName (self->xml), (const xmlChar *) name);
}

gboolean
attune_zip_part_is_start (AttuneZipPart *self, const char *name)
{
  return stands_at (self, XML_READER_TYPE_ELEMENT, name);
}

gboolean
attune_zip_part_is_end (AttuneZipPart *self, const char *name)
{
  return stands_at (self, XML_READER_TYPE_END_ELEMENT, name)
         || (stands_at (self, XML_READER_TYPE_ELEMENT, name)
             && xmlTextReaderIsEmptyElement (self->xml) == 1);
}

const char *
attune_zip_part_get_text (AttuneZipPart *self)
{
  const int type = xmlTextReaderNodeType (self->xml);

  return type == XML_READER_TYPE_TEXT || type == XML_READER_TYPE_CDATA
                 || type == XML_READER_TYPE_SIGNIFICANT_WHITESPACE
                 || type == XML_READER_TYPE_WHITESPACE
             ? (const char *) xmlTextReaderConstValue (self->xml)
             : NULL;
}

char *
attune_zip_part_get_attribute (AttuneZipPart *self, const char *name)
{
  char *value = NULL;
  int more = xmlTextReaderMoveToFirstAttribute (self->xml);

  for (; more == 1 && value == NULL; more = xmlTextReaderMoveToNextAttribute (self->xml))
    if (xmlStrEqual (xmlTextReaderConstLocalName (self->xml), (const xmlChar *) name))
      value = g_strdup ((const char *) xmlTextReaderConstValue (self->xml));
  xmlTextReaderMoveToElement (self->xml);
  return value;
}
