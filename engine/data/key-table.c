/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Open addressing: a key lies where its high bits say, or behind. Its lowest three bits are the
 * value.
 */
#include "data/key-table.h"

#define VALUE 7u
#define FEWEST 64

struct _AttuneKeyTable
{
  guint64 *slots;     /* 0: free */
  AttuneSpill *spill; /* (nullable): where they lie; borrowed */
  guint64 n_slots, n_used;
};

AttuneKeyTable *
attune_key_table_new (guint64 n_expected, AttuneSpill *spill, GError **error)
{
  g_autoptr (AttuneKeyTable) self = g_new0 (AttuneKeyTable, 1);

  self->n_slots = MAX (FEWEST, n_expected + n_expected / 2);
  self->spill = spill;
  self->slots = spill != NULL
                    ? attune_spill_take (spill, self->n_slots * sizeof *self->slots, error)
                    : g_new0 (guint64, self->n_slots);
  return self->slots != NULL ? g_steal_pointer (&self) : NULL;
}

void
attune_key_table_free (AttuneKeyTable *self)
{
  if (self == NULL)
    return;
  if (self->spill == NULL)
    g_free (self->slots);
  g_free (self);
}

/* The slot of @key, or the free one where it would be. */
static guint64 *
find (const AttuneKeyTable *self, guint64 key)
{
  guint64 at = ((unsigned __int128) key * self->n_slots) >> 64;

  while (self->slots[at] != 0 && (self->slots[at] | VALUE) != (key | VALUE))
    at = at + 1 < self->n_slots ? at + 1 : 0;
  return &self->slots[at];
}

static void
grow (AttuneKeyTable *self)
{
  AttuneKeyTable larger = { .n_slots = self->n_slots * 2 };

  larger.slots = g_new0 (guint64, larger.n_slots);
  for (guint64 i = 0; i < self->n_slots; i++)
    if (self->slots[i] != 0)
      *find (&larger, self->slots[i]) = self->slots[i];
  if (self->spill == NULL)
    g_free (self->slots);
  self->spill = NULL; /* more keys than were expected: they lie in memory */
  self->slots = larger.slots;
  self->n_slots = larger.n_slots;
}

/* A key lies in any page. */
static void
say_touched (const AttuneKeyTable *self)
{
  if (self->spill != NULL)
    attune_spill_touched (self->spill, 1);
}

guint
attune_key_table_get (const AttuneKeyTable *self, guint64 key)
{
  say_touched (self);
  return *find (self, key) & VALUE;
}

void
attune_key_table_set (AttuneKeyTable *self, guint64 key, guint value)
{
  guint64 *slot = find (self, key);

  g_return_if_fail (value > 0 && value <= VALUE);
  say_touched (self);
  if (*slot == 0 && ++self->n_used > self->n_slots - self->n_slots / 4)
    {
      grow (self);
      slot = find (self, key);
    }
  *slot = (key & ~(guint64) VALUE) | value;
}

guint64
attune_key_table_count (const AttuneKeyTable *self, guint bits)
{
  guint64 n = 0;

  for (guint64 i = 0; i < self->n_slots; i++)
    n += self->slots[i] != 0 && (self->slots[i] & bits) == bits;
  return n;
}
