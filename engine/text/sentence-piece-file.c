/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * SentencePiece's tokenizer.model: a message of Google's protocol buffers (ModelProto), of which
 * only these fields are read:
 *
 *   1 pieces, each: 1 text, 2 score (32 bits), 3 kind (1 normal, 2 unknown, 3 control, 4 user
 *     defined, 5 unused, 6 byte: GGUF took its numbers from here)
 *   2 trainer_spec: 3 model_type (1 unigram, 2 BPE), 40 … 43 numbers of unk, bos, eos, pad
 *   3 normalizer_spec: 2 precompiled_charsmap, 3 add_dummy_prefix, 4 remove_extra_whitespaces
 *
 * Whatever a length says, nothing beyond the message that it is in is read.
 */
#include "text/vocabulary-builder.h"

#include <string.h>

typedef struct
{
  const guint8 *p, *end;
} Message;

typedef struct
{
  guint64 number; /* of the field */
  guint wire;     /* how it is written */
  guint64 value;  /* of a number; bits of a float */
  Message bytes;  /* of what has a length */
} Field;

static gboolean
read_varint (Message *self, guint64 *value)
{
  *value = 0;
  for (int shift = 0; shift < 64 && self->p < self->end; shift += 7)
    {
      const guint8 byte = *self->p++;

      *value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_bits (Message *self, gsize n, guint64 *value)
{
  if ((gsize) (self->end - self->p) < n)
    return FALSE;
  *value = 0;
  for (gsize i = n; i > 0; i--)
    *value = *value << 8 | self->p[i - 1];
  self->p += n;
  return TRUE;
}

/* The next field of @self; %FALSE at the end, and with @damaged set where it cannot be read. */
static gboolean
next_field (Message *self, Field *field, gboolean *damaged)
{
  guint64 tag, length;

  if (self->p == self->end)
    return FALSE;
  *damaged = TRUE;
  if (!read_varint (self, &tag))
    return FALSE;
  field->number = tag >> 3;
  field->wire = tag & 7;
  if ((field->wire == 0 && !read_varint (self, &field->value))
      || (field->wire == 1 && !read_bits (self, 8, &field->value))
      || (field->wire == 5 && !read_bits (self, 4, &field->value))
      || (field->wire != 0 && field->wire != 1 && field->wire != 2 && field->wire != 5))
    return FALSE;
  if (field->wire == 2)
    {
      if (!read_varint (self, &length) || length > (gsize) (self->end - self->p))
        return FALSE;
      field->bytes = (Message) { self->p, self->p + length };
      self->p += length;
    }
  *damaged = FALSE;
  return TRUE;
}

static gboolean
read_piece (AttuneVocabularyBuilder *self, Message message, GError **error)
{
  g_autofree char *text = NULL;
  guint64 kind = ATTUNE_TOKEN_NORMAL;
  float score = 0;
  gboolean damaged = FALSE;
  Field field;

  while (next_field (&message, &field, &damaged))
    if (field.number == 1 && field.wire == 2)
      {
        g_free (text);
        text = g_strndup ((const char *) field.bytes.p, (gsize) (field.bytes.end - field.bytes.p));
      }
    else if (field.number == 2 && field.wire == 5)
      {
        const guint32 bits = (guint32) field.value;

        memcpy (&score, &bits, sizeof score);
      }
    else if (field.number == 3 && field.wire == 0)
      kind = field.value;
  if (damaged || text == NULL || kind < ATTUNE_TOKEN_NORMAL || kind > ATTUNE_TOKEN_BYTE)
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                   "its token %u cannot be read.", self->tokens->len);
      return FALSE;
    }
  return attune_vocabulary_builder_set (self, self->tokens->len, text, (AttuneTokenKind) kind,
                                        score, 0, error);
}

/* Returns: whether it could be read. */
static gboolean
read_trainer (AttuneVocabularyBuilder *self, Message message, guint64 *model)
{
  gint32 *const ids[] = { &self->vocabulary.unknown, &self->vocabulary.bos, &self->vocabulary.eos,
                          &self->vocabulary.pad };
  gboolean damaged = FALSE;
  Field field;

  while (next_field (&message, &field, &damaged))
    if (field.number == 3 && field.wire == 0)
      *model = field.value;
    else if (field.number >= 40 && field.number <= 43 && field.wire == 0)
      *ids[field.number - 40] = field.value < G_MAXINT32 ? (gint32) field.value : -1;
  return !damaged;
}

static gboolean
read_normalizer (AttuneVocabularyBuilder *self, Message message)
{
  gboolean damaged = FALSE;
  Field field;

  while (next_field (&message, &field, &damaged))
    if (field.number == 2 && field.wire == 2 && field.bytes.end > field.bytes.p)
      {
        g_clear_pointer (&self->charsmap, g_byte_array_unref);
        self->charsmap = g_byte_array_new ();
        g_byte_array_append (self->charsmap, field.bytes.p,
                             (guint) (field.bytes.end - field.bytes.p));
      }
    else if (field.number == 3 && field.wire == 0)
      self->vocabulary.space_prefix = field.value != 0;
    else if (field.number == 4 && field.wire == 0)
      self->vocabulary.merges_spaces = field.value != 0;
  return !damaged;
}

/* The numbers are those of tokens, or none. */
static void
check_ids (AttuneVocabularyBuilder *self)
{
  gint32 *const ids[] = { &self->vocabulary.unknown, &self->vocabulary.bos, &self->vocabulary.eos,
                          &self->vocabulary.pad };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    if (*ids[i] < 0 || (guint) *ids[i] >= self->tokens->len)
      *ids[i] = -1;
}

AttuneTokenizer *
attune_tokenizer_new_from_sentence_piece (gconstpointer data, gsize length,
                                          const AttuneTokenNames *names, GError **error)
{
  g_autoptr (AttuneVocabularyBuilder) self = attune_vocabulary_builder_new ();
  Message message = { data, (const guint8 *) data + length };
  gboolean damaged = FALSE;
  guint64 model = 1; /* these are the format's defaults */
  Field field;

  self->vocabulary.unknown = 0;
  self->vocabulary.bos = 1;
  self->vocabulary.eos = 2;
  self->vocabulary.space_prefix = self->vocabulary.merges_spaces = TRUE;
  while (next_field (&message, &field, &damaged) && !damaged)
    {
      if (field.wire != 2)
        continue;
      if (field.number == 1 && !read_piece (self, field.bytes, error))
        return NULL;
      if ((field.number == 2 && !read_trainer (self, field.bytes, &model))
          || (field.number == 3 && !read_normalizer (self, field.bytes)))
        damaged = TRUE;
    }
  if (damaged || (model != 1 && model != 2))
    {
      g_set_error (error, ATTUNE_TEXT_ERROR,
                   damaged ? ATTUNE_TEXT_ERROR_VOCABULARY : ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   damaged ? "it ends in the middle, or is no SentencePiece model."
                           : "it is neither SentencePiece's unigram nor its BPE.");
      return NULL;
    }
  check_ids (self);
  self->vocabulary.add_bos = model == 2 && self->vocabulary.bos >= 0;
  self->vocabulary.add_eos = model == 1 && self->vocabulary.eos >= 0;
  self->model = g_strdup (model == 1 ? "t5" : "llama");
  return attune_vocabulary_builder_end (self, names, error);
}
