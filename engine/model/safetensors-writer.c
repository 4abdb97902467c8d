/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The safetensors writer: like the reference it puts wider types first, so that every value is
 * aligned.
 */
#include "model/safetensors.h"
#include "model/model-error.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define HEADER_ALIGNMENT 8 /* the reference's own */

static const char *
dtype_name (AttuneType type)
{
  switch (type)
    {
    case ATTUNE_TYPE_F32:
      return "F32";
    case ATTUNE_TYPE_F16:
      return "F16";
    case ATTUNE_TYPE_BF16:
      return "BF16";
    default:
      return NULL;
    }
}

/* Appends @text as a JSON string. */
static void
append_quoted (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (const char *p = text; *p != 0; p++)
    if (*p == '"' || *p == '\\')
      g_string_append_printf (json, "\\%c", *p);
    else if ((guchar) *p < 0x20)
      g_string_append_printf (json, "\\u%04x", (guchar) *p);
    else
      g_string_append_c (json, *p);
  g_string_append_c (json, '"');
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const AttuneSafetensorsEntry *x = *(const AttuneSafetensorsEntry *const *) a;
  const AttuneSafetensorsEntry *y = *(const AttuneSafetensorsEntry *const *) b;
  const int wide_x = attune_type_info (x->shape.type)->bytes,
            wide_y = attune_type_info (y->shape.type)->bytes;

  if (wide_x != wide_y)
    return wide_y - wide_x;
  return x < y ? -1 : x > y; /* the order they were given in */
}

static GString *
build_header (const GPtrArray *sorted)
{
  GString *json = g_string_new ("{\"__metadata__\":{\"format\":\"pt\"}");
  gint64 offset = 0;

  for (guint i = 0; i < sorted->len; i++)
    {
      const AttuneSafetensorsEntry *entry = sorted->pdata[i];
      const gint64 bytes = attune_tensor_bytes (&entry->shape);

      g_string_append_c (json, ',');
      append_quoted (json, entry->name);
      g_string_append_printf (json, ":{\"dtype\":\"%s\",\"shape\":[",
                              dtype_name (entry->shape.type));
      for (int d = 0; d < entry->shape.n_dims; d++)
        g_string_append_printf (json, "%s%" G_GINT64_FORMAT, d > 0 ? "," : "",
                                entry->shape.dims[d]);
      g_string_append_printf (json,
                              "],\"data_offsets\":[%" G_GINT64_FORMAT ",%" G_GINT64_FORMAT "]}",
                              offset, offset + bytes);
      offset += bytes;
    }
  g_string_append_c (json, '}');
  while (json->len % HEADER_ALIGNMENT != 0)
    g_string_append_c (json, ' ');
  return json;
}

static gboolean
write_all (FILE *file, const char *path, const GPtrArray *sorted, AttuneTensorFill fill,
           gpointer data, GError **error)
{
  g_autoptr (GString) header = build_header (sorted);
  g_autofree char *buffer = NULL;
  const guint64 length = header->len;
  gsize room = 0;

  for (guint i = 0; i < sorted->len; i++)
    room = MAX (room, (gsize) attune_tensor_bytes (
                          &((const AttuneSafetensorsEntry *) sorted->pdata[i])->shape));
  buffer = g_try_malloc (MAX (room, 1));
  if (buffer == NULL)
    return attune_model_fail_errno (error, path, "could not be written", ENOMEM);

  if (fwrite (&length, sizeof length, 1, file) != 1
      || fwrite (header->str, 1, header->len, file) != header->len)
    return attune_model_fail_errno (error, path, "could not be written", errno);
  for (guint i = 0; i < sorted->len; i++)
    {
      const AttuneSafetensorsEntry *entry = sorted->pdata[i];
      const gsize bytes = (gsize) attune_tensor_bytes (&entry->shape);

      if (!fill (data, entry->name, buffer, error))
        return FALSE;
      if (fwrite (buffer, 1, bytes, file) != bytes)
        return attune_model_fail_errno (error, path, "could not be written", errno);
    }
  return TRUE;
}

gboolean
attune_safetensors_write (const char *path, const AttuneSafetensorsEntry *entries, guint n,
                          AttuneTensorFill fill, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  gboolean ok;
  FILE *file;

  g_return_val_if_fail (path != NULL && (fill != NULL || n == 0), FALSE);
  for (guint i = 0; i < n; i++)
    {
      g_return_val_if_fail (dtype_name (entries[i].shape.type) != NULL, FALSE);
      g_ptr_array_add (sorted, (gpointer) &entries[i]);
    }
  g_ptr_array_sort (sorted, compare_entries);

  file = g_fopen (path, "wbe");
  if (file == NULL)
    return attune_model_fail_errno (error, path, "could not be created", errno);
  ok = write_all (file, path, sorted, fill, data, error);
  if (fclose (file) != 0 && ok)
    ok = attune_model_fail_errno (error, path, "could not be written", errno);
  return ok;
}
