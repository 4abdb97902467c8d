/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * WordNet's data files (Miller 1995): the senses of an English word, how often each was counted in
 * texts, and the words that share one. The files are searched where they lie, as wndb(5WN) and
 * cntlist(5WN) say. Private to data/.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  ATTUNE_NOUN,
  ATTUNE_VERB,
  ATTUNE_ADJECTIVE,
  ATTUNE_ADVERB,
  ATTUNE_N_PARTS_OF_SPEECH,
} AttunePartOfSpeech;

/* A word as one part of speech. */
typedef struct
{
  guint n_senses; /* 0: it is none */
  guint32 first;  /* synset of the sense that is listed first, which is the most frequent one */
  guint n_first;  /* how often that was counted */
  guint n_all;    /* and all of them */
} AttuneWordSenses;

typedef struct _AttuneWordnet AttuneWordnet;

/**
 * attune_wordnet_open:
 * @folder: (nullable): where index.noun and the others are; %NULL: where WNSEARCHDIR says, or where
 * packages put them
 *
 * Returns: (transfer full): %NULL with %ATTUNE_DATA_ERROR_READ where a file is missing. It can be
 * used by several threads.
 */
AttuneWordnet *attune_wordnet_open (const char *folder, GError **error);
void attune_wordnet_free (AttuneWordnet *self);

/* @word: in small letters, _ between the words of a term. Returns: whether it is there as @part;
 * @senses: (out) (nullable). */
gboolean attune_wordnet_find (const AttuneWordnet *self, const char *word, AttunePartOfSpeech part,
                              AttuneWordSenses *senses);
/* The words of a synset, as they are written there. Returns: (transfer full): char*s; empty for one
 * that is none. */
GPtrArray *attune_wordnet_get_words (const AttuneWordnet *self, AttunePartOfSpeech part,
                                     guint32 synset);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneWordnet, attune_wordnet_free)

G_END_DECLS
