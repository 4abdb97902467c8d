/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Viterbi over the bytes of the text, and a trie of the tokens in one table with open addressing.
 */
#include "text/unigram.h"
#include "text/character.h"

#include <string.h>

/* How much less likely an unknown character is than any token: SentencePiece's number. */
#define UNKNOWN_PENALTY 10.0

typedef struct
{
  guint64 edge; /* the node above × 256 + byte + 1; 0: no entry */
  guint32 node;
  gint32 id; /* of the token that ends here, or -1 */
  double score;
} Edge;

struct _AttuneUnigram
{
  Edge *edges;
  guint64 mask;
  guint32 n_nodes; /* the root is 0 */
  double least;    /* score of any token */
  gboolean has_bytes;
  gint32 bytes[256];
  gint32 unknown;
};

AttuneUnigram *
attune_unigram_new (const gint32 *bytes, gint32 unknown)
{
  AttuneUnigram *self = g_new0 (AttuneUnigram, 1);

  self->mask = (1 << 16) - 1;
  self->edges = g_new0 (Edge, self->mask + 1);
  self->unknown = unknown;
  self->has_bytes = bytes != NULL;
  if (bytes != NULL)
    memcpy (self->bytes, bytes, sizeof self->bytes);
  return self;
}

void
attune_unigram_free (AttuneUnigram *self)
{
  if (self == NULL)
    return;
  g_free (self->edges);
  g_free (self);
}

static inline Edge *
find_edge (const AttuneUnigram *self, guint32 node, guchar byte)
{
  const guint64 edge = ((guint64) node << 8 | byte) + 1;
  guint64 i = edge * 0x9e3779b97f4a7c15ULL >> 20 & self->mask;

  while (self->edges[i].edge != edge && self->edges[i].edge != 0)
    i = (i + 1) & self->mask;
  return &self->edges[i];
}

static void
grow (AttuneUnigram *self)
{
  g_autofree Edge *old = self->edges;
  const guint64 size = self->mask + 1;

  self->mask = size * 2 - 1;
  self->edges = g_new0 (Edge, size * 2);
  for (guint64 i = 0; i < size; i++)
    if (old[i].edge != 0)
      *find_edge (self, (guint32) ((old[i].edge - 1) >> 8), (guchar) (old[i].edge - 1)) = old[i];
}

void
attune_unigram_add (AttuneUnigram *self, const char *piece, gint32 id, double score)
{
  guint32 node = 0;
  Edge *edge = NULL;

  self->least = MIN (self->least, score);
  for (const char *p = piece; *p != 0; p++)
    {
      if ((guint64) self->n_nodes * 2 > self->mask)
        grow (self);
      edge = find_edge (self, node, (guchar) *p);
      if (edge->edge == 0)
        *edge = (Edge) { ((guint64) node << 8 | (guchar) *p) + 1, ++self->n_nodes, -1, 0 };
      node = edge->node;
    }
  if (edge != NULL && edge->id < 0) /* of two that are spelled alike the first */
    {
      edge->id = id;
      edge->score = score;
    }
}

typedef struct
{
  double score;
  gint32 id;     /* of the token that ends here; -1: of none */
  guint32 start; /* where it begins */
} Best;

#define STACK_BEST 256

static void
write_best (const AttuneUnigram *self, const char *text, const Best *best, gsize length,
            GArray *ids)
{
  const guint first = ids->len;
  gboolean after_unknown = FALSE;

  for (gsize at = length; at > 0; at = best[at].start)
    {
      const gboolean unknown = best[at].id < 0;

      if (!unknown)
        g_array_append_val (ids, best[at].id);
      else if (self->has_bytes)
        for (gsize i = at; i > best[at].start; i--)
          g_array_append_val (ids, self->bytes[(guchar) text[i - 1]]);
      else if (!after_unknown && self->unknown >= 0)
        g_array_append_val (ids, self->unknown);
      after_unknown = unknown;
    }
  for (guint i = first, j = ids->len; i + 1 < j; i++)
    {
      const gint32 left = g_array_index (ids, gint32, i);

      g_array_index (ids, gint32, i) = g_array_index (ids, gint32, --j);
      g_array_index (ids, gint32, j) = left;
    }
}

void
attune_unigram_encode (const AttuneUnigram *self, const char *text, gsize length, GArray *ids)
{
  const double unknown = self->least - UNKNOWN_PENALTY;
  g_autofree Best *many = length >= STACK_BEST ? g_new (Best, length + 1) : NULL;
  Best few[STACK_BEST], *best = many != NULL ? many : few;
  const char *end = text + length, *next;

  for (gsize i = 0; i <= length; i++)
    best[i] = (Best) { -G_MAXDOUBLE, -1, 0 };
  best[0].score = 0;
  for (const char *p = text; p < end; p = next)
    {
      const gsize start = (gsize) (p - text);
      gboolean has_single = FALSE;
      gsize one;

      attune_character_read (p, end, &next);
      one = (gsize) (next - p);
      for (gsize node = 0, i = start; i < length; i++)
        {
          const Edge *edge = find_edge (self, (guint32) node, (guchar) text[i]);

          if (edge->edge == 0)
            break;
          node = edge->node;
          if (edge->id < 0)
            continue;
          has_single |= i + 1 - start == one;
          if (best[start].score + edge->score > best[i + 1].score)
            best[i + 1] = (Best) { best[start].score + edge->score, edge->id, (guint32) start };
        }
      if (!has_single && best[start].score + unknown > best[start + one].score)
        best[start + one] = (Best) { best[start].score + unknown, -1, (guint32) start };
    }
  write_best (self, text, best, length, ids);
}
