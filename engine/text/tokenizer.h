/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Text to token ids and back, identical to the reference (Hugging Face tokenizers) id by id.
 * Immutable once made and safe to share between threads.
 */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define ATTUNE_TEXT_ERROR (attune_text_error_quark ())
typedef enum
{
  ATTUNE_TEXT_ERROR_VOCABULARY, /* the vocabulary contradicts itself */
  ATTUNE_TEXT_ERROR_UNSUPPORTED,
  ATTUNE_TEXT_ERROR_TEMPLATE,
} AttuneTextError;
GQuark attune_text_error_quark (void);

typedef enum
{
  ATTUNE_TOKEN_NORMAL = 1, /* the numbers are GGUF's (tokenizer.ggml.token_type) */
  ATTUNE_TOKEN_UNKNOWN = 2,
  ATTUNE_TOKEN_CONTROL = 3,
  ATTUNE_TOKEN_USER_DEFINED = 4,
  ATTUNE_TOKEN_UNUSED = 5,
  ATTUNE_TOKEN_BYTE = 6,
} AttuneTokenKind;

/* How a token that is found in text as it is spelled is found there. */
typedef enum
{
  ATTUNE_TOKEN_STRIPS_LEFT = 1 << 0, /* takes the white space before it */
  ATTUNE_TOKEN_STRIPS_RIGHT = 1 << 1,
  ATTUNE_TOKEN_SINGLE_WORD = 1 << 2, /* not within a word */
  ATTUNE_TOKEN_NORMALIZED = 1 << 3,  /* in the text after it was normalised */
} AttuneTokenFlags;

/* What a model file says of its tokenizer; borrowed during attune_tokenizer_new(). */
typedef struct
{
  /* "gpt2": byte-level BPE; "gemma4": BPE on characters; "llama": SentencePiece's BPE; "t5": its
   * unigram */
  const char *model;
  const char *pre;   /* "smollm", "gpt-2", …: how text is cut before merging */
  const char *rules; /* (nullable): tokenizer.json's, where no name says them; wins over pre */
  guint n_tokens;    /* vocabulary size */
  const char *const *tokens; /* n_tokens, in the file's own (byte-level) spelling */
  const gint32 *kinds;       /* n_tokens of AttuneTokenKind, or %NULL: all normal */
  guint n_merges;
  const char *const *merges;     /* "left right", best first */
  gint32 bos, eos, unknown, pad; /* -1: none */
  gboolean add_bos, add_eos;
  const float *scores;    /* n_tokens, or %NULL; of SentencePiece */
  const guint8 *flags;    /* n_tokens of AttuneTokenFlags, or %NULL */
  const guint8 *charsmap; /* (nullable): SentencePiece's normalisation */
  gsize n_charsmap;
  gboolean space_prefix,
      merges_spaces; /* of SentencePiece: a space is put first; several are one */
} AttuneVocabulary;

typedef struct _AttuneTokenizer AttuneTokenizer;

/* Returns: (transfer full): copies what it needs. Errors: #AttuneTextError. */
AttuneTokenizer *attune_tokenizer_new (const AttuneVocabulary *vocabulary, GError **error);
AttuneTokenizer *attune_tokenizer_ref (AttuneTokenizer *tokenizer);
void attune_tokenizer_unref (AttuneTokenizer *tokenizer);

typedef enum
{
  ATTUNE_TOKENIZE_PLAIN
  = 0, /* special tokens in the text are ordinary letters: for what people wrote */
  ATTUNE_TOKENIZE_SPECIAL = 1 << 0, /* "<|im_start|>" becomes its one id: for template text only */
} AttuneTokenizeFlags;

/**
 * attune_tokenizer_encode:
 * @text: UTF-8; invalid bytes are encoded as the bytes they are
 * @length: in bytes, or -1
 * @ids: (inout): a GArray of gint32; the ids are appended
 *
 * Adds no BOS or EOS: the template does.
 */
void attune_tokenizer_encode (const AttuneTokenizer *tokenizer, const char *text, gssize length,
                              AttuneTokenizeFlags flags, GArray *ids);

/* Appends the bytes of @id to @text; they may be part of a UTF-8 character. Control tokens give
 * nothing unless
 * @special. */
void attune_tokenizer_decode_one (const AttuneTokenizer *tokenizer, gint32 id, gboolean special,
                                  GString *text);

/* Whether the space that the first of decoded tokens may begin with is SentencePiece's own and no
 * part of the text. */
gboolean attune_tokenizer_strips_first (const AttuneTokenizer *tokenizer);

/* Returns: (transfer full): valid UTF-8; bytes that are none become U+FFFD. */
char *attune_tokenizer_decode (const AttuneTokenizer *tokenizer, const gint32 *ids, gsize n,
                               gboolean special);

/* The id of a token in the vocabulary by its spelling ("<|im_end|>"), or -1. */
gint32 attune_tokenizer_find (const AttuneTokenizer *tokenizer, const char *token);
guint attune_tokenizer_get_size (const AttuneTokenizer *tokenizer);
gint32 attune_tokenizer_get_bos (const AttuneTokenizer *tokenizer); /* -1: none */
gint32 attune_tokenizer_get_eos (const AttuneTokenizer *tokenizer);
gint32 attune_tokenizer_get_pad (const AttuneTokenizer *tokenizer);
/* The vocabulary as it was given, for writing it into an exported model. Borrowed. */
const AttuneVocabulary *attune_tokenizer_get_vocabulary (const AttuneTokenizer *tokenizer);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneTokenizer, attune_tokenizer_unref)

G_END_DECLS
