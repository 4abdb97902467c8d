/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One slot per hash: the first word to come keeps it, and in real text that is nearly always a
 * frequent one.
 */
#include "text/word-cache.h"

#include <string.h>

#define SLOTS (1 << 16)
#define WORD_MAX 24 /* bytes; longer words are rare */

typedef struct
{
  guint8 length, n_ids;
  char word[WORD_MAX];
  gint32 ids[];
} CachedWord;

struct _AttuneWordCache
{
  CachedWord *slots[SLOTS];
};

AttuneWordCache *
attune_word_cache_new (void)
{
  return g_new0 (AttuneWordCache, 1);
}

void
attune_word_cache_free (AttuneWordCache *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < SLOTS; i++)
    g_free (self->slots[i]);
  g_free (self);
}

/* Mixes all bits of the key into all bits of the result: the finaliser of MurmurHash3. */
static inline guint64
mix (guint64 x)
{
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  return x ^ (x >> 33);
}

static inline guint
hash_word (const char *word, gsize length)
{
  guint64 hash = length;

  for (; length >= 8; word += 8, length -= 8)
    {
      guint64 part;

      memcpy (&part, word, 8);
      hash = mix (hash ^ part);
    }
  if (length > 0)
    {
      guint64 part = 0;

      memcpy (&part, word, length);
      hash = mix (hash ^ part);
    }
  return (guint) (hash % SLOTS);
}

gboolean
attune_word_cache_find (const AttuneWordCache *self, const char *word, gsize length, GArray *ids,
                        guint *slot)
{
  const CachedWord *cached;

  if (length > WORD_MAX)
    return FALSE;
  *slot = hash_word (word, length);
  cached = __atomic_load_n (&self->slots[*slot], __ATOMIC_ACQUIRE);
  if (cached == NULL || cached->length != length || memcmp (cached->word, word, length) != 0)
    return FALSE;
  g_array_append_vals (ids, cached->ids, cached->n_ids);
  return TRUE;
}

void
attune_word_cache_add (AttuneWordCache *self, guint slot, const char *word, gsize length,
                       const gint32 *ids, gsize n)
{
  CachedWord *cached, *nothing = NULL;

  if (length > WORD_MAX || n > G_MAXUINT8
      || __atomic_load_n (&self->slots[slot], __ATOMIC_RELAXED) != NULL)
    return;
  cached = g_malloc (sizeof (CachedWord) + n * sizeof (gint32));
  cached->length = (guint8) length;
  cached->n_ids = (guint8) n;
  memcpy (cached->word, word, length);
  memcpy (cached->ids, ids, n * sizeof (gint32));
  /* the first thread to come fills the slot */
  if (!__atomic_compare_exchange_n (&self->slots[slot], &nothing, cached, FALSE, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED))
    g_free (cached);
}
