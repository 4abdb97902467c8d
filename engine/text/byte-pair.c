/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Merging with a heap of candidate pairs over a linked list of symbols, and a table of pairs with
 * open addressing.
 */
#include "text/byte-pair.h"
#include "text/character.h"

#include <string.h>

#define SHORT_WORD 32 /* symbols; below it a scan for the best pair is faster than the heap */

typedef struct
{
  guint64 pair; /* left and right; EMPTY: no entry */
  gint32 rank;
  gint32 joined;
} Slot;

#define EMPTY G_MAXUINT64

struct _AttuneBytePair
{
  AttuneSymbols symbols; /* characters owned */
  gint32 ascii[128];     /* of symbols.characters; -1: none */
  gunichar *beyond;      /* the characters of the symbols from symbols.n_tokens on */
  Slot *slots;
  guint64 mask;
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

static void
take_symbols (AttuneBytePair *self, const AttuneSymbols *symbols)
{
  GHashTableIter iter;
  gpointer c, symbol;
  guint n_beyond = 0;

  self->symbols = *symbols;
  if (symbols->characters == NULL)
    return;
  g_hash_table_iter_init (&iter, symbols->characters);
  while (g_hash_table_iter_next (&iter, &c, &symbol))
    n_beyond += GPOINTER_TO_UINT (symbol) > symbols->n_tokens;
  self->beyond = g_new (gunichar, (gsize) n_beyond + 1);
  g_hash_table_iter_init (&iter, symbols->characters);
  while (g_hash_table_iter_next (&iter, &c, &symbol))
    if (GPOINTER_TO_UINT (symbol) > symbols->n_tokens)
      self->beyond[GPOINTER_TO_UINT (symbol) - 1 - symbols->n_tokens] = GPOINTER_TO_UINT (c);
  for (guint i = 0; i < G_N_ELEMENTS (self->ascii); i++)
    self->ascii[i] = (gint32) GPOINTER_TO_UINT (
                         g_hash_table_lookup (symbols->characters, GUINT_TO_POINTER (i)))
                     - 1;
}

AttuneBytePair *
attune_byte_pair_new (const AttuneSymbols *symbols, const AttuneMerge *merges, guint n_merges)
{
  AttuneBytePair *self = g_new0 (AttuneBytePair, 1);
  guint64 size = 16;

  while (size < (guint64) n_merges * 2)
    size *= 2;
  take_symbols (self, symbols);
  self->mask = size - 1;
  self->slots = g_new (Slot, size);
  for (guint64 i = 0; i < size; i++)
    self->slots[i].pair = EMPTY;
  for (guint k = 0; k < n_merges; k++)
    {
      const guint64 pair = make_pair (merges[k].left, merges[k].right);
      guint64 i = mix (pair) & self->mask;

      while (self->slots[i].pair != EMPTY && self->slots[i].pair != pair)
        i = (i + 1) & self->mask;
      self->slots[i] = (Slot) { pair, merges[k].rank, merges[k].joined };
    }
  return self;
}

void
attune_byte_pair_free (AttuneBytePair *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->symbols.characters, g_hash_table_unref);
  g_free (self->beyond);
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

/* --- symbols */

/* Appends the tokens of @n bytes that no token of their own stands for. Returns: how many, at most
 * @n. */
static gsize
spell_bytes (const AttuneBytePair *self, const char *bytes, gsize n, gint32 *symbols,
             gboolean after_unknown)
{
  const AttuneSymbols *table = &self->symbols;
  gsize k = 0;

  for (gsize i = 0; i < n; i++)
    if (table->bytes[(guchar) bytes[i]] < 0)
      {
        if (table->characters != NULL && table->unknown >= 0
            && !(table->fuse_unknown && after_unknown))
          symbols[0] = table->unknown;
        else if (table->characters != NULL)
          return 0;
        else
          continue; /* of a byte-level vocabulary: the byte is left out, as in the reference */
        return 1;
      }
    else
      symbols[k++] = table->bytes[(guchar) bytes[i]];
  return k;
}

/* The symbols of @word; there is room for as many as it has bytes. */
static gsize
spell (const AttuneBytePair *self, const char *word, gsize length, gint32 *symbols)
{
  const char *end = word + length, *next;
  gsize n = 0;

  if (self->symbols.characters == NULL)
    return spell_bytes (self, word, length, symbols, FALSE);
  for (const char *p = word; p < end; p = next)
    {
      const gunichar c = attune_character_read (p, end, &next);
      gint32 symbol;

      if (c < 128)
        symbol = self->ascii[c];
      else if (c == 0xfffd && next == p + 1) /* no UTF-8 */
        symbol = -1;
      else
        symbol = (gint32) GPOINTER_TO_UINT (
                     g_hash_table_lookup (self->symbols.characters, GUINT_TO_POINTER (c)))
                 - 1;
      if (symbol >= 0)
        symbols[n++] = symbol;
      else
        n += spell_bytes (self, p, (gsize) (next - p), symbols + n,
                          n > 0 && symbols[n - 1] == self->symbols.unknown);
    }
  return n;
}

/* What is left of symbols that are no tokens becomes their bytes. There is room for those. */
static gsize
replace_beyond (const AttuneBytePair *self, gint32 *symbols, gsize n)
{
  const gint32 n_tokens = (gint32) self->symbols.n_tokens;
  g_autofree gint32 *before = NULL;
  gsize m = 0;
  gboolean any = FALSE;

  for (gsize i = 0; i < n; i++)
    any |= symbols[i] >= n_tokens;
  if (!any)
    return n;
  before = g_memdup2 (symbols, n * sizeof *symbols);
  for (gsize i = 0; i < n; i++)
    {
      char bytes[6];

      if (before[i] < n_tokens)
        symbols[m++] = before[i];
      else
        m += spell_bytes (self, bytes,
                          (gsize) g_unichar_to_utf8 (self->beyond[before[i] - n_tokens], bytes),
                          symbols + m, m > 0 && symbols[m - 1] == self->symbols.unknown);
    }
  return m;
}

void
attune_byte_pair_encode (const AttuneBytePair *self, const char *word, gsize length, GArray *ids)
{
  const guint first = ids->len;
  gint32 *symbols;
  gsize n;

  g_array_set_size (ids, (guint) (first + length));
  symbols = &g_array_index (ids, gint32, first);
  n = spell (self, word, length, symbols);
  if (n > 1)
    n = n <= SHORT_WORD ? merge_short (self, symbols, n) : merge_long (self, symbols, n);
  if (self->symbols.characters != NULL)
    n = replace_beyond (self, symbols, n);
  g_array_set_size (ids, (guint) (first + n));
}
