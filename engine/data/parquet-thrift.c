/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Thrift's compact protocol (thrift-compact-protocol.md of apache/thrift).
 */
#include "data/parquet-private.h"

#include <string.h>

/* Structs within structs; the footer has four levels. */
#define MAX_DEPTH 16

static guint8
read_byte (AttuneThrift *self)
{
  if (self->at < self->end)
    return *self->at++;
  self->failed = TRUE;
  return 0;
}

guint64
attune_thrift_varint (AttuneThrift *self)
{
  guint64 value = 0;

  for (int shift = 0; shift < 64; shift += 7)
    {
      const guint8 byte = read_byte (self);

      value |= (guint64) (byte & 0x7f) << shift;
      if (byte < 0x80)
        return self->failed ? 0 : value;
    }
  self->failed = TRUE;
  return 0;
}

gint64
attune_thrift_int (AttuneThrift *self)
{
  const guint64 value = attune_thrift_varint (self);

  return (gint64) (value >> 1) ^ -(gint64) (value & 1);
}

AttuneThriftType
attune_thrift_field (AttuneThrift *self, gint64 *id)
{
  const guint8 head = read_byte (self);
  const guint type = head & 0x0f;

  if (self->failed || type == ATTUNE_THRIFT_STOP || type > ATTUNE_THRIFT_STRUCT)
    {
      self->failed |= type > ATTUNE_THRIFT_STRUCT;
      return ATTUNE_THRIFT_STOP;
    }
  if (head >> 4 != 0)
    *id = (gint16) (*id + (head >> 4)); /* the format has 16 bits for it */
  else
    *id = (gint16) attune_thrift_int (self);
  return type;
}

/* The type of the elements, too. */
static guint64
read_list (AttuneThrift *self, guint *type)
{
  const guint8 head = read_byte (self);
  const guint64 n = head >> 4 == 15 ? attune_thrift_varint (self) : head >> 4;

  *type = head & 0x0f;
  if (n <= (guint64) (self->end - self->at)) /* each element has a byte at least */
    return n;
  self->failed = TRUE;
  return 0;
}

guint64
attune_thrift_list (AttuneThrift *self)
{
  guint type;

  return read_list (self, &type);
}

static gsize
read_length (AttuneThrift *self)
{
  const guint64 n = attune_thrift_varint (self);

  if (n <= (guint64) (self->end - self->at))
    return n;
  self->failed = TRUE;
  return 0;
}

char *
attune_thrift_text (AttuneThrift *self)
{
  const gsize n = read_length (self);
  char *text = g_utf8_make_valid ((const char *) self->at, n);

  self->at += n;
  return text;
}

static void
skip (AttuneThrift *self, guint type, guint depth)
{
  guint element = 0;
  gint64 id = 0;

  if (depth > MAX_DEPTH)
    self->failed = TRUE;
  if (self->failed)
    return;
  switch (type)
    {
    case ATTUNE_THRIFT_TRUE:
    case ATTUNE_THRIFT_FALSE:
      break;
    case ATTUNE_THRIFT_BYTE:
      read_byte (self);
      break;
    case ATTUNE_THRIFT_I16:
    case ATTUNE_THRIFT_I32:
    case ATTUNE_THRIFT_I64:
      attune_thrift_varint (self);
      break;
    case ATTUNE_THRIFT_DOUBLE:
      for (int i = 0; i < 8; i++)
        read_byte (self);
      break;
    case ATTUNE_THRIFT_BINARY:
      self->at += read_length (self);
      break;
    case ATTUNE_THRIFT_LIST:
    case ATTUNE_THRIFT_SET:
      for (guint64 n = read_list (self, &element); n > 0 && !self->failed; n--)
        if (element <= ATTUNE_THRIFT_FALSE)
          read_byte (self);
        else
          skip (self, element, depth + 1);
      break;
    case ATTUNE_THRIFT_STRUCT:
      while ((element = attune_thrift_field (self, &id)) != ATTUNE_THRIFT_STOP)
        skip (self, element, depth + 1);
      break;
    default: /* maps are in none of Parquet's structs */
      self->failed = TRUE;
    }
}

void
attune_thrift_skip (AttuneThrift *self, AttuneThriftType type)
{
  skip (self, type, 0);
}
