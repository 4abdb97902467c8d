/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which characters stand side by side within the tokens of a vocabulary. Where two others meet, no
 * token goes across, so a long text can be cut there and made into tokens part by part.
 */
#pragma once
#include "text/character.h"

G_BEGIN_DECLS

#define ATTUNE_JOINT_BITS 20 /* a vocabulary of 262144 tokens has 200000 different pairs */

typedef struct
{
  guint32 bits[1 << (ATTUNE_JOINT_BITS - 5)]; /* by hash: what is not set is not there */
} AttuneJoints;

static inline guint32
attune_joints_hash (gunichar left, gunichar right)
{
  return (guint32) (((guint64) left << 21 | right) * 0x9e3779b97f4a7c15ULL
                    >> (64 - ATTUNE_JOINT_BITS));
}

static inline void
attune_joints_add (AttuneJoints *self, gunichar left, gunichar right)
{
  const guint32 hash = attune_joints_hash (left, right);

  self->bits[hash >> 5] |= 1u << (hash & 31);
}

/* Every pair within @text. */
static inline void
attune_joints_add_text (AttuneJoints *self, const char *text, gsize length)
{
  const char *end = text + length, *next;
  gunichar left = 0;

  for (const char *p = text; p < end; p = next)
    {
      const gunichar c = attune_character_read (p, end, &next);

      if (p > text)
        attune_joints_add (self, left, c);
      left = c;
    }
}

/* The length of the first part of @text. */
static inline gsize
attune_joints_cut (const AttuneJoints *self, const char *text, gsize length)
{
  const char *end = text + length, *next;
  gunichar left = 0;

  for (const char *p = text; p < end; p = next)
    {
      const gunichar c = attune_character_read (p, end, &next);
      const guint32 hash = attune_joints_hash (left, c);

      if (p > text && (self->bits[hash >> 5] >> (hash & 31) & 1) == 0)
        return (gsize) (p - text);
      left = c;
    }
  return length;
}

G_END_DECLS
