/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * encode-blocks TYPE: reads f32 from standard input and writes them as blocks of the type with this
 * number. For tests/peers.
 */
#include "compute/types.h"

#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  const AttuneTypeInfo *info = attune_type_info (argc == 2 ? atoi (argv[1]) : -1);
  gint64 n = 0, room = 1 << 16, size;
  g_autofree float *x = g_new (float, room);
  g_autofree guint8 *bytes = NULL;

  if (info == NULL || info->encode == NULL)
    {
      fprintf (stderr, "encode-blocks TYPE\n");
      return 1;
    }
  while ((size = fread (x + n, sizeof *x, room - n, stdin)) > 0)
    if ((n += size) == room)
      x = g_renew (float, x, room *= 2);
  n -= n % info->block;
  size = attune_type_bytes (info->type, n);
  bytes = g_malloc (size);
  info->encode (bytes, x, n);
  return fwrite (bytes, 1, size, stdout) == (gsize) size ? 0 : 1;
}
