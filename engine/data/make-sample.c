/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One record by itself.
 */
#include "data/make-sample.h"

#include "core/hash.h"
#include "data/synonyms.h"

void
attune_maker_init (AttuneMaker *self, const AttuneCleaner *chief)
{
  *self = (AttuneMaker) { attune_cleaner_new_helper (chief),
                          g_array_new (FALSE, FALSE, sizeof (gint32)),
                          g_array_new (FALSE, FALSE, sizeof (guint8)) };
}

void
attune_maker_clear (AttuneMaker *self)
{
  g_clear_pointer (&self->cleaner, attune_cleaner_free);
  g_clear_pointer (&self->ids, g_array_unref);
  g_clear_pointer (&self->learn, g_array_unref);
  g_clear_error (&self->error);
}

void
attune_maker_reset (AttuneMaker *self)
{
  g_array_set_size (self->ids, 0);
  g_array_set_size (self->learn, 0);
}

void
attune_made_clear (AttuneMade *made)
{
  attune_record_clear (&made->record);
  g_clear_pointer (&made->key, g_free);
  attune_plain_record_clear (&made->plain);
  attune_sketch_clear (&made->sketch);
  g_clear_pointer (&made->variants, g_array_unref);
}

static gboolean
has_text (const char *text)
{
  return text != NULL && *text != '\0';
}

/* What a person has changed of it. */
static void
apply_change (const AttuneRecipe *recipe, AttuneMade *made)
{
  if (attune_changes_get_size (recipe->changes) == 0)
    return;
  made->key = attune_record_get_key (&made->record);
  made->change = attune_changes_find (recipe->changes, made->key);
  for (int i = 0; made->change != NULL && i < ATTUNE_N_FIELDS; i++)
    if (made->change->fields[i] != NULL)
      g_set_str (&made->record.fields[i], made->change->fields[i]);
}

/* Looks at a sample for what makes a model quietly worse: an answer without the token to stop at,
 * and a beginning that is written twice. */
static void
check_sample (const AttuneRecipe *recipe, const gint32 *ids, const guint8 *learn,
              AttuneSampleSize *size)
{
  const gint32 bos = attune_tokenizer_get_bos (recipe->tokenizer);
  gint32 last = -1; /* that is learned */

  for (guint i = 0; i < size->n_tokens; i++)
    if (learn[i] != 0)
      {
        last = ids[i];
        size->n_learned++;
        size->n_rows = i; /* the last one is predicted by the token before it */
      }
  size->endless = !size->cut && (recipe->stop < 0 || last != recipe->stop);
  size->restarts = bos >= 0 && size->n_tokens > 1 && ids[0] == bos && ids[1] == bos;
}

/* The messages of a record, rendered and made into tokens behind those of the maker. */
static gboolean
encode (AttuneMaker *self, const AttuneRecipe *recipe, const AttuneRecord *record,
        AttuneField answer)
{
  const char *system = has_text (record->fields[ATTUNE_FIELD_SYSTEM])
                           ? record->fields[ATTUNE_FIELD_SYSTEM]
                           : recipe->settings->system_prompt;
  AttuneMessage messages[3];
  guint n = 0;

  if (has_text (system))
    messages[n++] = (AttuneMessage) { ATTUNE_ROLE_SYSTEM, system };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_USER, record->fields[ATTUNE_FIELD_QUESTION] };
  messages[n++] = (AttuneMessage) { ATTUNE_ROLE_ASSISTANT, record->fields[answer] };
  return attune_chat_template_encode (recipe->chat_template, recipe->tokenizer, messages, n, FALSE,
                                      self->ids, self->learn, &self->error);
}

/* A text that is learned whole stands by itself, as base models read them: its beginning where the
 * model has a token for that, and its end. */
static void
encode_text (AttuneMaker *self, const AttuneRecipe *recipe, const char *text)
{
  const gint32 bos = attune_tokenizer_get_bos (recipe->tokenizer),
               eos = attune_tokenizer_get_eos (recipe->tokenizer);
  guint first = self->learn->len;

  if (bos >= 0 && attune_tokenizer_get_vocabulary (recipe->tokenizer)->add_bos)
    g_array_append_val (self->ids, bos);
  attune_tokenizer_encode (recipe->tokenizer, text, -1, ATTUNE_TOKENIZE_PLAIN, self->ids);
  if (eos >= 0)
    g_array_append_val (self->ids, eos);
  g_array_set_size (self->learn, self->ids->len);
  for (; first < self->learn->len; first++)
    g_array_index (self->learn, guint8, first) = 1;
}

/* With the answer or the worse one. @first: (out): where it begins; @hash: (out): of all of it */
static gboolean
make_sample (AttuneMaker *self, const AttuneRecipe *recipe, const AttuneRecord *record,
             AttuneField answer, AttuneSampleSize *size, guint *first, guint64 hash[2])
{
  const guint max = recipe->settings->max_tokens;
  guint64 learn_hash[2];
  const gint32 *ids;
  guint8 *learn;

  *first = self->ids->len;
  if (record->whole)
    encode_text (self, recipe, record->fields[answer]);
  else if (!encode (self, recipe, record, answer))
    return FALSE;
  size->n_tokens = self->ids->len - *first;
  size->cut = size->n_tokens > max;
  if (size->cut)
    {
      size->n_tokens = max;
      g_array_set_size (self->ids, *first + max);
      g_array_set_size (self->learn, *first + max);
    }
  ids = (const gint32 *) self->ids->data + *first;
  learn = (guint8 *) self->learn->data + *first;
  if (size->n_tokens > 0)
    learn[0] = 0; /* nothing comes before the first token */
  check_sample (recipe, ids, learn, size);
  size->endless = size->endless && !record->whole; /* nothing waits for its end */
  attune_hash (learn, size->n_tokens, 0, learn_hash);
  attune_hash (ids, size->n_tokens * sizeof *ids, (guint32) learn_hash[0], hash);
  return TRUE;
}

gboolean
attune_maker_add_variant (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made,
                          const char *text, const char *origin)
{
  AttuneRecord varied = made->record; /* its other fields are borrowed */
  AttuneVariant variant = { 0 };

  varied.fields[ATTUNE_FIELD_QUESTION] = (char *) text;
  if (!make_sample (self, recipe, &varied, ATTUNE_FIELD_ANSWER, &variant.size, &variant.first,
                    variant.hash))
    return FALSE;
  if (variant.size.n_learned == 0)
    return TRUE; /* longer words, and nothing is left of the answer */
  if (made->variants == NULL)
    {
      made->variants = g_array_new (FALSE, TRUE, sizeof (AttuneVariant));
      g_array_set_clear_func (made->variants, attune_variant_clear);
    }
  variant.text = g_strdup (text);
  variant.origin = g_strdup (origin);
  attune_plain_record_init (&variant.plain, &varied);
  attune_sketcher_run (recipe->sketcher, variant.plain.question, variant.plain.answer,
                       &variant.sketch);
  g_array_append_val (made->variants, variant);
  return TRUE;
}

/* What is asked, in other words; an answer is what is to be learned as it is. */
static gboolean
make_variants (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made)
{
  const char *text = made->record.fields[ATTUNE_FIELD_QUESTION];
  g_autoptr (GPtrArray) texts
      = attune_synonyms_vary (recipe->wordnet, text, recipe->settings->variants,
                              recipe->settings->seed, attune_text_key (text));

  for (guint i = 0; i < texts->len; i++)
    if (!attune_maker_add_variant (self, recipe, made, texts->pdata[i], "WordNet"))
      return FALSE;
  return TRUE;
}

/* The worse answer, where there is one; else variants: of a pair none is made, and none of a text
 * that is learned whole, which is all answer. */
static gboolean
make_more (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made)
{
  const AttuneRecord *record = &made->record;

  if (!record->whole && has_text (record->fields[ATTUNE_FIELD_REJECTED]))
    return make_sample (self, recipe, record, ATTUNE_FIELD_REJECTED, &made->rejected_size,
                        &made->rejected_first, made->rejected_hash);
  return recipe->wordnet == NULL || record->whole || made->size.n_learned == 0
         || make_variants (self, recipe, made);
}

gboolean
attune_maker_run (AttuneMaker *self, const AttuneRecipe *recipe, AttuneMade *made)
{
  AttuneRecord *record = &made->record;

  apply_change (recipe, made);
  /* one that is left out by hand is not cleaned: its copies would count as duplicates of it */
  if ((attune_change_get_kind (made->change) & ATTUNE_BY_HAND_EXCLUDED) != 0)
    made->reason = "You have left it out.";
  else
    {
      made->reason = attune_cleaner_tidy (self->cleaner, record, &made->plain);
      made->found = attune_cleaner_get_found (self->cleaner);
    }
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    if (record->fields[i] == NULL)
      record->fields[i] = g_strdup ("");
  if (made->reason != NULL)
    return TRUE;
  attune_sketcher_run (recipe->sketcher, made->plain.question, made->plain.answer, &made->sketch);
  made->maker = self;
  return make_sample (self, recipe, record, ATTUNE_FIELD_ANSWER, &made->size, &made->first,
                      made->sample_hash)
         && make_more (self, recipe, made);
}

gboolean
attune_maker_encode (AttuneMaker *self, const AttuneRecipe *recipe, const AttuneRecord *record,
                     AttuneSampleSize *size, guint *first, guint64 hash[2])
{
  return make_sample (self, recipe, record, ATTUNE_FIELD_ANSWER, size, first, hash);
}
