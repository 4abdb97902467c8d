/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reading what a worker has written: its events, whole lines of events.jsonl, and the end of its
 * log. Anything may stand there, of any length.
 */
#include "job/run-folder.h"

#include "core/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Looks at the end of events.jsonl first; grows where one event is longer. */
#define TAIL_BYTES (64 << 10)
/* The end of a log that is worth reading. */
#define LOG_BYTES (8 << 10)
/* What is read at once. */
#define READ_BYTES (1 << 20)
/* A line that is longer is no event: an event holds an answer at most. */
#define LONGEST_EVENT_BYTES ((gsize) 4 << 20)

/* The event on one line, or %NULL. */
static JsonNode *
parse_line (const char *line, gsize length)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root, *event;

  if (length == 0 || !json_parser_load_from_data (parser, line, (gssize) length, NULL))
    return NULL;
  root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  event = json_object_get_member (json_node_get_object (root), "event");
  if (event == NULL || !JSON_NODE_HOLDS_VALUE (event) || json_node_get_string (event) == NULL)
    return NULL;
  return json_parser_steal_root (parser);
}

/* Bytes of the file from @offset on, at most @most. Sets @size to that of the whole file. NULL with
 * no error: no file. */
static char *
read_bytes (const char *path, guint64 offset, gsize most, gsize *length, guint64 *size,
            GError **error)
{
  g_autofree char *bytes = NULL;
  const int fd = open (path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  gsize done = 0;

  *length = 0;
  if (fd < 0)
    {
      if (errno != ENOENT)
        attune_file_fail (error, errno, "read", path);
      return NULL;
    }
  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      close (fd);
      attune_file_fail (error, EINVAL, "read", path);
      return NULL;
    }
  *size = info.st_size;
  if (offset < *size)
    {
      const gsize n = MIN (most, *size - offset);
      gssize got;

      bytes = g_malloc (n);
      while (done < n && (got = pread (fd, bytes + done, n - done, offset + done)) > 0)
        done += got;
    }
  close (fd);
  *length = done;
  return bytes ? g_steal_pointer (&bytes) : g_strdup ("");
}

/* Adds the events of the whole lines of @bytes. Returns: how many bytes these are. */
static gsize
parse_lines (const char *bytes, gsize length, GPtrArray *events)
{
  gsize start = 0;

  while (start < length)
    {
      const char *end = memchr (bytes + start, '\n', length - start);
      JsonNode *event;

      if (end == NULL)
        break;
      event = parse_line (bytes + start, end - bytes - start);
      if (event != NULL)
        g_ptr_array_add (events, event);
      start = end - bytes + 1;
    }
  return start;
}

GPtrArray *
attune_run_read_some_events (const char *folder, guint64 *offset, gsize most, GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  g_autofree char *path = NULL;
  gboolean whole = FALSE;

  g_return_val_if_fail (folder != NULL && offset != NULL && most > 0, NULL);

  path = g_build_filename (folder, "events.jsonl", NULL);
  while (!whole)
    {
      g_autoptr (GError) reason = NULL;
      guint64 size;
      gsize length, used;
      g_autofree char *bytes = read_bytes (path, *offset, most, &length, &size, &reason);

      if (reason != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      used = parse_lines (bytes, length, events);
      whole = used > 0 || length < most;
      if (!whole && most >= LONGEST_EVENT_BYTES)
        used = length; /* no event is so long: its rest will be a damaged line */
      *offset += used;
      most = MAX (most, MIN (most * 8, LONGEST_EVENT_BYTES));
    }
  return g_steal_pointer (&events);
}

GPtrArray *
attune_run_read_events (const char *folder, guint64 *offset, GError **error)
{
  g_autoptr (GPtrArray) events = NULL;

  g_return_val_if_fail (folder != NULL && offset != NULL, NULL);

  for (;;)
    {
      const guint64 before = *offset;
      g_autoptr (GPtrArray) more = attune_run_read_some_events (folder, offset, READ_BYTES, error);

      if (more == NULL)
        return NULL;
      if (events == NULL)
        events = g_steal_pointer (&more);
      else
        g_ptr_array_extend_and_steal (events, g_steal_pointer (&more));
      if (*offset == before)
        return g_steal_pointer (&events);
    }
}

/* The last whole event, of that name or (NULL) of any. One of any name is not looked for behind
 * more than the longest event: a worker that writes megabytes of something else is not alive. */
static JsonNode *
find_last (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, "events.jsonl", NULL);
  guint64 size = 0;
  gsize length;

  g_free (read_bytes (path, 0, 0, &length, &size, NULL));
  for (guint64 tail = TAIL_BYTES;; tail *= 8)
    {
      const guint64 offset = size > tail ? size - tail : 0;
      g_autofree char *bytes = read_bytes (path, offset, G_MAXSIZE, &length, &size, NULL);
      gssize end;

      if (bytes == NULL)
        return NULL;
      /* Whole lines from the last one back: [start, end) with '\n' at end. */
      for (end = (gssize) length - 1; end >= 0 && bytes[end] != '\n'; end--)
        ;
      while (end > 0)
        {
          gssize start = end;
          JsonNode *event;

          while (start > 0 && bytes[start - 1] != '\n')
            start--;
          if (start == 0 && offset > 0)
            break; /* its beginning may lie before what was read */
          event = parse_line (bytes + start, end - start);
          if (event != NULL
              && (name == NULL
                  || strcmp (json_object_get_string_member (json_node_get_object (event), "event"),
                             name)
                         == 0))
            return event;
          g_clear_pointer (&event, json_node_unref);
          end = start - 1;
        }
      if (offset == 0 || (name == NULL && tail >= LONGEST_EVENT_BYTES))
        return NULL;
    }
}

JsonNode *
attune_run_find_event (const char *folder, const char *name)
{
  g_return_val_if_fail (folder != NULL, NULL);
  return find_last (folder, name);
}

char *
attune_run_read_log (const char *folder)
{
  g_autofree char *path = NULL, *bytes = NULL, *text = NULL;
  gsize length = 0;
  guint64 size = 0, offset;
  char *start;

  g_return_val_if_fail (folder != NULL, NULL);

  path = g_build_filename (folder, "worker.log", NULL);
  g_free (read_bytes (path, 0, 0, &length, &size, NULL));
  offset = size > LOG_BYTES ? size - LOG_BYTES : 0;
  if ((bytes = read_bytes (path, offset, LOG_BYTES, &length, &size, NULL)) == NULL)
    return NULL;
  for (gsize i = 0; i < length; i++) /* data, not commands */
    if (g_ascii_iscntrl (bytes[i]) && bytes[i] != '\n' && bytes[i] != '\t')
      bytes[i] = ' ';
  text = g_utf8_make_valid (bytes, (gssize) length);
  /* From a whole line on. */
  start = offset > 0 && strchr (text, '\n') != NULL ? strchr (text, '\n') + 1 : text;
  g_strchomp (start);
  return *start != '\0' ? g_strdup (start) : NULL;
}
