/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Merging with a heap of candidate pairs over a linked list of symbols, and a table of pairs with
 * open addressing.
 */
#include "text/byte-pair.h"

#include <string.h>

#define SHORT_WORD 32 /* symbols; below it a scan for the best pair is faster than the heap */
#define CACHE_SLOTS (1 << 16)
#define CACHE_WORD_MAX 24 /* bytes; longer words are rare */

typedef struct
{
  guint64 pair; /* left and right; EMPTY: no entry */
  gint32 rank;
  gint32 joined;
} Slot;

#define EMPTY G_MAXUINT64

typedef struct
{
  guint8 length, n_ids;
  char word[CACHE_WORD_MAX];
  gint32 ids[];
} CachedWord;

struct _AttuneBytePair
{
  gint32 bytes[256];
  Slot *slots;
  guint64 mask;
  CachedWord **cache; /* CACHE_SLOTS, filled once each and never changed: readers need no lock */
};

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

static inline guint64
make_pair (gint32 left, gint32 right)
{
  return (guint64) (guint32) left << 32 | (guint32) right;
}

static inline const Slot *
find_merge (const AttuneBytePair *self, gint32 left, gint32 right)
{
  const guint64 pair = make_pair (left, right);

  for (guint64 i = mix (pair) & self->mask; self->slots[i].pair != EMPTY; i = (i + 1) & self->mask)
    if (self->slots[i].pair == pair)
      return &self->slots[i];
  return NULL;
}

AttuneBytePair *
attune_byte_pair_new (const gint32 bytes[256], const AttuneMerge *merges, guint n_merges)
{
  AttuneBytePair *self = g_new0 (AttuneBytePair, 1);
  guint64 size = 16;

  while (size < (guint64) n_merges * 2)
    size *= 2;
  memcpy (self->bytes, bytes, sizeof self->bytes);
  self->cache = g_new0 (CachedWord *, CACHE_SLOTS);
  self->mask = size - 1;
  self->slots = g_new (Slot, size);
  for (guint64 i = 0; i < size; i++)
    self->slots[i].pair = EMPTY;
  for (guint rank = 0; rank < n_merges; rank++)
    {
      const guint64 pair = make_pair (merges[rank].left, merges[rank].right);
      guint64 i = mix (pair) & self->mask;

      while (self->slots[i].pair != EMPTY && self->slots[i].pair != pair)
        i = (i + 1) & self->mask;
      self->slots[i]
          = (Slot) { pair, (gint32) rank,
                     merges[rank].joined }; /* of two the last counts, as in the reference */
    }
  return self;
}

void
attune_byte_pair_free (AttuneBytePair *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < CACHE_SLOTS; i++)
    g_free (self->cache[i]);
  g_free (self->cache);
  g_free (self->slots);
  g_free (self);
}

/* Merges the @n symbols in place; returns how many are left. */
static gsize
merge_short (const AttuneBytePair *self, gint32 *ids, gsize n)
{
  const Slot *pairs[SHORT_WORD];

  for (gsize i = 0; i + 1 < n; i++)
    pairs[i] = find_merge (self, ids[i], ids[i + 1]);
  for (;;)
    {
      const Slot *best = NULL;
      gsize at = 0;

      for (gsize i = 0; i + 1 < n; i++)
        if (pairs[i] != NULL && (best == NULL || pairs[i]->rank < best->rank))
          {
            best = pairs[i];
            at = i;
          }
      if (best == NULL)
        return n;
      ids[at] = best->joined;
      n--;
      memmove (ids + at + 1, ids + at + 2, (n - at - 1) * sizeof *ids);
      if (at + 1 < n)
        memmove (pairs + at + 1, pairs + at + 2, (n - at - 2) * sizeof (*pairs));
      if (at > 0)
        pairs[at - 1] = find_merge (self, ids[at - 1], ids[at]);
      if (at + 1 < n)
        pairs[at] = find_merge (self, ids[at], ids[at + 1]);
    }
}

typedef struct
{
  gint32 rank;
  gint32 joined;
  gsize position; /* of the left symbol */
} Candidate;

typedef struct
{
  gint32 id;            /* -1: merged away */
  gsize previous, next; /* n: none */
} Symbol;

static inline gboolean
comes_first (const Candidate *a, const Candidate *b)
{
  return a->rank != b->rank ? a->rank < b->rank : a->position < b->position;
}

static void
heap_push (GArray *heap, Candidate new)
{
  gsize i = heap->len;
  Candidate *items;

  g_array_append_val (heap, new);
  items = (Candidate *) (gpointer) heap->data;
  for (; i > 0 && comes_first (&new, &items[(i - 1) / 2]); i = (i - 1) / 2)
    items[i] = items[(i - 1) / 2];
  items[i] = new;
}

static Candidate
heap_pop (GArray *heap)
{
  Candidate *items = (Candidate *) (gpointer) heap->data;
  const Candidate top = items[0], last = items[heap->len - 1];
  const gsize n = heap->len - 1;
  gsize i = 0;

  for (gsize child = 1; child < n; child = 2 * i + 1)
    {
      if (child + 1 < n && comes_first (&items[child + 1], &items[child]))
        child++;
      if (!comes_first (&items[child], &last))
        break;
      items[i] = items[child];
      i = child;
    }
  items[i] = last;
  g_array_set_size (heap, (guint) n);
  return top;
}

static void
consider (const AttuneBytePair *self, const Symbol *symbols, gsize n, gsize left, GArray *heap)
{
  const Slot *slot;

  if (left == n || symbols[left].next == n)
    return;
  slot = find_merge (self, symbols[left].id, symbols[symbols[left].next].id);
  if (slot != NULL)
    heap_push (heap, (Candidate) { slot->rank, slot->joined, left });
}

/* The same result as merge_short() for words of any length. */
static gsize
merge_long (const AttuneBytePair *self, gint32 *ids, gsize n)
{
  g_autofree Symbol *symbols = g_new (Symbol, n);
  g_autoptr (GArray) heap
      = g_array_sized_new (FALSE, FALSE, sizeof (Candidate), (guint) MIN (n, 1 << 20));
  gsize left = 0;

  for (gsize i = 0; i < n; i++)
    symbols[i] = (Symbol) { ids[i], i > 0 ? i - 1 : n, i + 1 };
  for (gsize i = 0; i < n; i++)
    consider (self, symbols, n, i, heap);

  while (heap->len > 0)
    {
      const Candidate best = heap_pop (heap);
      Symbol *symbol = &symbols[best.position];
      const Slot *slot;
      gsize right;

      if (symbol->id < 0 || symbol->next == n)
        continue;
      right = symbol->next;
      slot = find_merge (self, symbol->id, symbols[right].id);
      if (slot == NULL || slot->joined != best.joined)
        continue; /* one of the two has been merged since */
      symbol->id = slot->joined;
      symbol->next = symbols[right].next;
      symbols[right].id = -1;
      if (symbol->next != n)
        symbols[symbol->next].previous = best.position;
      consider (self, symbols, n, symbol->previous, heap);
      consider (self, symbols, n, best.position, heap);
    }

  for (gsize i = 0; i < n; i++)
    if (symbols[i].id >= 0)
      ids[left++] = symbols[i].id;
  return left;
}

/* Appends; returns how many. */
static gsize
encode_uncached (const AttuneBytePair *self, const char *word, gsize length, GArray *ids)
{
  const guint first = ids->len;
  gint32 *symbols;
  gsize n = 0;

  g_array_set_size (ids, (guint) (first + length));
  symbols = &g_array_index (ids, gint32, first);
  for (gsize i = 0; i < length; i++)
    if (self->bytes[(guchar) word[i]] >= 0)
      symbols[n++] = self->bytes[(guchar) word[i]];
  if (n > 1)
    n = n <= SHORT_WORD ? merge_short (self, symbols, n) : merge_long (self, symbols, n);
  g_array_set_size (ids, (guint) (first + n));
  return n;
}

static guint
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
  return (guint) (hash % CACHE_SLOTS);
}

void
attune_byte_pair_encode (const AttuneBytePair *self, const char *word, gsize length, GArray *ids)
{
  CachedWord **place, *cached, *nothing = NULL;
  guint first;
  gsize n;

  if (length > CACHE_WORD_MAX)
    {
      encode_uncached (self, word, length, ids);
      return;
    }
  place = &self->cache[hash_word (word, length)];
  cached = __atomic_load_n (place, __ATOMIC_ACQUIRE);
  if (cached != NULL && cached->length == length && memcmp (cached->word, word, length) == 0)
    {
      g_array_append_vals (ids, cached->ids, cached->n_ids);
      return;
    }
  first = ids->len;
  n = encode_uncached (self, word, length, ids);
  if (cached != NULL)
    return;
  cached = g_malloc (sizeof (CachedWord) + n * sizeof (gint32));
  cached->length = (guint8) length;
  cached->n_ids = (guint8) n;
  memcpy (cached->word, word, length);
  memcpy (cached->ids, &g_array_index (ids, gint32, first), n * sizeof (gint32));
  /* the first thread to come fills the slot */
  if (!__atomic_compare_exchange_n (place, &nothing, cached, FALSE, __ATOMIC_RELEASE,
                                    __ATOMIC_RELAXED))
    g_free (cached);
}
