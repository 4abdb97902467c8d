/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What “attunectl devices --json” says, for who may not open a driver itself. Light.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean is_card; /* or the processor */
  char *name;       /* of the device; of the plug-in where there is trouble */
  char *trouble;    /* (nullable): why it cannot be used; then there is nothing below */
  guint64 memory_bytes, free_bytes; /* 0 for the processor */
  char *note;                       /* (nullable): what a card leaves to the processor */
} AttuneDeviceNote;

/* Returns: (transfer full) (element-type AttuneDeviceNote): %NULL where @line is no such answer. */
GPtrArray *attune_device_notes_parse (const char *line);

G_END_DECLS
