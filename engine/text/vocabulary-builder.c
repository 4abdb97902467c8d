/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Files number their tokens as they like: a number that none has becomes a token that is not used.
 */
#include "text/vocabulary-builder.h"

/* As attune_tokenizer_new() allows: said before the memory is taken. */
#define TOKENS_MAX 4000000

AttuneVocabularyBuilder *
attune_vocabulary_builder_new (void)
{
  AttuneVocabularyBuilder *self = g_new0 (AttuneVocabularyBuilder, 1);

  self->tokens = g_ptr_array_new_with_free_func (g_free);
  self->kinds = g_array_new (FALSE, TRUE, sizeof (gint32));
  self->scores = g_array_new (FALSE, TRUE, sizeof (float));
  self->flags = g_byte_array_new ();
  self->merges = g_ptr_array_new_with_free_func (g_free);
  self->vocabulary.bos = self->vocabulary.eos = -1;
  self->vocabulary.unknown = self->vocabulary.pad = -1;
  return self;
}

void
attune_vocabulary_builder_free (AttuneVocabularyBuilder *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->tokens);
  g_array_unref (self->kinds);
  g_array_unref (self->scores);
  g_byte_array_unref (self->flags);
  g_ptr_array_unref (self->merges);
  g_clear_pointer (&self->charsmap, g_byte_array_unref);
  g_free (self->model);
  g_free (self->pre);
  g_free (self->rules);
  g_free (self);
}

gboolean
attune_vocabulary_builder_set (AttuneVocabularyBuilder *self, gint64 id, const char *token,
                               AttuneTokenKind kind, float score, guint8 flags, GError **error)
{
  if (id < 0 || id >= TOKENS_MAX)
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                   "its token “%.40s” has the number %" G_GINT64_FORMAT
                   "; a vocabulary has at most %d tokens.",
                   token, id, TOKENS_MAX);
      return FALSE;
    }
  if ((guint) id >= self->tokens->len)
    {
      const guint old = self->flags->len;

      g_ptr_array_set_size (self->tokens, (int) id + 1);
      g_array_set_size (self->kinds, (guint) id + 1);
      g_array_set_size (self->scores, (guint) id + 1);
      g_byte_array_set_size (self->flags, (guint) id + 1);
      for (guint i = old; i <= (guint) id; i++)
        self->flags->data[i] = 0;
    }
  g_free (self->tokens->pdata[id]);
  self->tokens->pdata[id] = g_strdup (token);
  g_array_index (self->kinds, gint32, id) = kind;
  g_array_index (self->scores, float, id) = score;
  self->flags->data[id] = flags;
  return TRUE;
}

gint32
attune_vocabulary_builder_find (const AttuneVocabularyBuilder *self, const char *token)
{
  for (guint i = 0; i < self->tokens->len; i++)
    if (g_strcmp0 (self->tokens->pdata[i], token) == 0)
      return (gint32) i;
  return -1;
}

static void
take_name (const AttuneVocabularyBuilder *self, const char *name, gint32 *id)
{
  const gint32 found = name != NULL ? attune_vocabulary_builder_find (self, name) : -1;

  if (found >= 0)
    *id = found;
}

AttuneTokenizer *
attune_vocabulary_builder_end (AttuneVocabularyBuilder *self, const AttuneTokenNames *names,
                               GError **error)
{
  AttuneVocabulary *v = &self->vocabulary;

  for (guint i = 0; i < self->tokens->len; i++)
    if (self->tokens->pdata[i] == NULL)
      {
        self->tokens->pdata[i] = g_strdup_printf ("[PAD%u]", i); /* as llama.cpp names them */
        g_array_index (self->kinds, gint32, i) = ATTUNE_TOKEN_UNUSED;
      }
  if (names != NULL)
    {
      take_name (self, names->bos, &v->bos);
      take_name (self, names->eos, &v->eos);
      take_name (self, names->unknown, &v->unknown);
      take_name (self, names->pad, &v->pad);
      if (names->knows_adds)
        {
          v->add_bos = names->adds_bos && v->bos >= 0;
          v->add_eos = names->adds_eos && v->eos >= 0;
        }
    }
  v->model = self->model;
  v->pre = self->pre;
  v->rules = self->rules;
  v->n_tokens = self->tokens->len;
  v->tokens = (const char *const *) self->tokens->pdata;
  v->kinds = (const gint32 *) (gpointer) self->kinds->data;
  v->scores = (const float *) (gpointer) self->scores->data;
  v->flags = self->flags->data;
  v->n_merges = self->merges->len;
  v->merges = (const char *const *) self->merges->pdata;
  if (self->charsmap != NULL)
    {
      v->charsmap = self->charsmap->data;
      v->n_charsmap = self->charsmap->len;
    }
  if (v->n_tokens == 0)
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                           "it has no tokens.");
      return NULL;
    }
  return attune_tokenizer_new (v, error);
}
