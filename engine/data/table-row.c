/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Rows of databases and of files that name and type their columns: what makes a value a text that
 * can be learned, and what keeps a row aside.
 */
#include "data/import-private.h"

#include <string.h>

void
attune_table_row_init (AttuneTableRow *self, const GArray *roles)
{
  *self = (AttuneTableRow) { .fields = g_ptr_array_new_with_free_func (g_free), .roles = roles };
}

void
attune_table_row_clear (AttuneTableRow *self)
{
  g_clear_pointer (&self->fields, g_ptr_array_unref);
  g_clear_pointer (&self->reason, g_free);
}

void
attune_table_row_begin (AttuneTableRow *self)
{
  g_ptr_array_set_size (self->fields, 0);
  g_clear_pointer (&self->reason, g_free);
  self->bytes = 0;
  self->line++;
}

void
attune_table_row_refuse (AttuneTableRow *self, char *reason)
{
  const guint column = self->fields->len;

  if (self->reason == NULL && self->roles != NULL && column < self->roles->len
      && g_array_index (self->roles, AttuneField, column) != ATTUNE_FIELD_NONE)
    self->reason = reason;
  else
    g_free (reason);
  g_ptr_array_add (self->fields, g_strdup (""));
}

void
attune_table_row_add (AttuneTableRow *self, const char *text, gsize n)
{
  const guint column = self->fields->len + 1;
  const char *fault = NULL;

  if (self->roles != NULL && column <= self->roles->len
      && g_array_index (self->roles, AttuneField, column - 1) == ATTUNE_FIELD_NONE)
    n = 0; /* what is not used makes no row too long */
  if (n > ATTUNE_MAX_FIELD_BYTES)
    fault = "is longer than a text that a model could read";
  else if (n > ATTUNE_MAX_ROW_BYTES - self->bytes)
    fault = "makes the row longer than a row of a table could be";
  else if (memchr (text, '\0', n) != NULL)
    fault = "holds NUL bytes, which no text has";
  else if (!g_utf8_validate (text, n, NULL))
    fault = "holds bytes that are no characters in UTF-8";
  if (fault != NULL)
    {
      attune_table_row_refuse (self, g_strdup_printf ("Its column %u %s.", column, fault));
      return;
    }
  self->bytes += n;
  g_ptr_array_add (self->fields, g_strndup (text, n));
}

/* The row as a person would see it. */
static char *
show (const AttuneTableRow *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->fields->len && text->len < 1024; i++)
    {
      const char *field = self->fields->pdata[i];

      g_string_append (text, i > 0 ? " | " : "");
      g_string_append_len (text, field, strnlen (field, 1024));
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
attune_table_row_give (AttuneTableRow *self, const AttuneReading *reading, GError **error)
{
  g_autofree char *shown = NULL;

  if (self->reason == NULL)
    return attune_table_give (reading, self->fields, self->line, "", 0, error);
  shown = show (self);
  return attune_reading_bad (reading, self->line, shown, strlen (shown), self->reason, error);
}

void
attune_table_row_show (const AttuneTableRow *self, AttuneSource *source)
{
  char **texts;

  if (source->preview->len >= ATTUNE_PREVIEW_ROWS)
    return;
  texts = g_new0 (char *, self->fields->len + 1);
  for (guint i = 0; i < self->fields->len; i++)
    texts[i] = g_strdup (self->fields->pdata[i]);
  g_ptr_array_add (source->preview, texts);
}
