/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The rules of a GGUF file's tokenizer: its kind and the name of how text is cut say all.
 */
#include "text/text-rules.h"
#include "text/json-rules.h"

AttuneTextRules *
attune_text_rules_alloc (void)
{
  AttuneTextRules *self = g_new0 (AttuneTextRules, 1);

  self->normalizer = attune_normalizer_new ();
  self->pretokenizer = attune_pretokenizer_new_empty ();
  return self;
}

void
attune_text_rules_free (AttuneTextRules *self)
{
  if (self == NULL)
    return;
  attune_normalizer_free (self->normalizer);
  attune_pretokenizer_free (self->pretokenizer);
  g_free (self);
}

static gboolean
set_pretokenizer (AttuneTextRules *self, const char *name, GError **error)
{
  AttunePretokenizer *pretokenizer = attune_pretokenizer_new (name);

  if (pretokenizer == NULL)
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune does not know how “%s” cuts text into words.", name);
      return FALSE;
    }
  attune_pretokenizer_free (self->pretokenizer);
  self->pretokenizer = pretokenizer;
  if (attune_pretokenizer_name_composes (name))
    attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_NFC, NULL, NULL);
  return TRUE;
}

/* SentencePiece: a space is a letter like any other, and one is put first. */
static gboolean
set_sentence_piece (AttuneTextRules *self, const AttuneVocabulary *vocabulary, GError **error)
{
  AttuneCharsmap *charsmap;

  if (vocabulary->charsmap != NULL)
    {
      charsmap = attune_charsmap_new (vocabulary->charsmap, vocabulary->n_charsmap, error);
      if (charsmap == NULL)
        return FALSE;
      attune_normalizer_add_charsmap (self->normalizer, charsmap, FALSE);
    }
  if (vocabulary->merges_spaces)
    {
      attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_STRIP_SPACES, NULL, NULL);
      attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_MERGE_SPACES, NULL, NULL);
    }
  if (vocabulary->space_prefix)
    attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_PREPEND, ATTUNE_BAR, NULL);
  attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_REPLACE, " ", ATTUNE_BAR);
  self->spaces_as_bars = TRUE;
  self->strips_first = vocabulary->space_prefix;
  self->byte_fallback = TRUE;
  self->fuse_unknown = g_str_equal (vocabulary->model, "t5");
  return TRUE;
}

AttuneTextRules *
attune_text_rules_new (const AttuneVocabulary *vocabulary, GError **error)
{
  g_autoptr (AttuneTextRules) self = attune_text_rules_alloc ();
  const char *pre = vocabulary->pre != NULL ? vocabulary->pre : "default";

  if (vocabulary->rules != NULL)
    return attune_json_rules_read (self, vocabulary->rules, error) ? g_steal_pointer (&self) : NULL;
  if (g_str_equal (vocabulary->model, "gpt2"))
    {
      self->byte_level = TRUE;
      if (!set_pretokenizer (self, pre, error))
        return NULL;
    }
  else if (g_str_equal (vocabulary->model, "gemma4"))
    {
      attune_normalizer_add (self->normalizer, ATTUNE_NORMALIZE_REPLACE, " ", ATTUNE_BAR);
      self->spaces_as_bars = TRUE;
      self->byte_fallback = TRUE;
      if (!set_pretokenizer (self, "gemma4", error))
        return NULL;
    }
  else if (g_str_equal (vocabulary->model, "llama") || g_str_equal (vocabulary->model, "t5"))
    {
      if (!set_sentence_piece (self, vocabulary, error))
        return NULL;
    }
  else
    {
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune does not know the kind of vocabulary “%s”; it knows "
                   "byte-level BPE (“gpt2”) and SentencePiece (“llama”, “t5”, “gemma4”).",
                   vocabulary->model);
      return NULL;
    }
  return g_steal_pointer (&self);
}
