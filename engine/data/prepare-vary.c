/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Variants that are not made of a record by itself, as with synonyms, but of a block of them by a
 * program, or that a model has written before. What comes is looked at before it is taken.
 */
#include "data/prepare-private.h"
#include "data/variant-check.h"

#include <string.h>

/* Longer ones are texts, and take a program long. */
#define MAX_BYTES 2000

/* A question of one line to which an answer is learned. */
static gboolean
may_vary (const AttuneMade *made)
{
  const char *question = made->record.fields[ATTUNE_FIELD_QUESTION],
             *rejected = made->record.fields[ATTUNE_FIELD_REJECTED];

  return made->reason == NULL && !made->record.whole && made->size.n_learned > 0
         && *rejected == '\0' && *question != '\0' && strlen (question) <= MAX_BYTES
         && strchr (question, '\n') == NULL;
}

/* What most records of the block are written in, where it can be told; else English. */
static char *
guess_language (AttunePreparation *self)
{
  g_autoptr (AttuneLanguages) languages = attune_languages_new (self->settings->language, NULL);
  g_autoptr (JsonObject) counts = NULL;
  JsonArray *found;

  for (gint64 i = 0; languages != NULL && i < self->block.n; i++)
    if (self->made[i].reason == NULL)
      attune_languages_look (languages, self->made[i].record.fields[ATTUNE_FIELD_QUESTION],
                             self->made[i].record.fields[ATTUNE_FIELD_ANSWER]);
  counts = languages != NULL ? attune_languages_to_json (languages) : NULL;
  found = counts != NULL ? json_object_get_array_member (counts, "found") : NULL;
  return g_strdup (
      found != NULL && json_array_get_length (found) > 0
          ? json_object_get_string_member (json_array_get_object_element (found, 0), "language")
          : "en");
}

/* Takes @text as a variant of @made, or counts why not. */
static gboolean
take (AttunePreparation *self, AttuneMade *made, const char *text, const char *origin,
      GError **error)
{
  const AttuneVariantFault fault = attune_variant_check (
      made->record.fields[ATTUNE_FIELD_QUESTION], text, self->text_language, self->languages);

  if (fault != ATTUNE_VARIANT_GOOD)
    {
      attune_variants_refuse (self->variants, fault);
      return TRUE;
    }
  if (attune_maker_add_variant (made->maker, &self->recipe, made, text, origin))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&made->maker->error));
  return FALSE;
}

static gboolean
translate (AttunePreparation *self, GError **error)
{
  g_autoptr (GPtrArray) texts = g_ptr_array_new (), which = g_ptr_array_new (), turned = NULL;

  if (self->translator == NULL
      && (self->translator = attune_translator_new (self->text_language, error)) == NULL)
    return FALSE;
  for (gint64 i = 0; i < self->block.n; i++)
    if (may_vary (&self->made[i]))
      {
        g_ptr_array_add (texts, self->made[i].record.fields[ATTUNE_FIELD_QUESTION]);
        g_ptr_array_add (which, &self->made[i]);
      }
  turned = attune_translator_turn (self->translator, (const char *const *) texts->pdata, texts->len,
                                   self->cancellable, error);
  if (turned == NULL)
    return FALSE;
  for (guint i = 0; i < turned->len; i++)
    if (!take (self, which->pdata[i], turned->pdata[i],
               attune_translator_get_name (self->translator), error))
      return FALSE;
  return TRUE;
}

/* Whether @made has one of the same words already. */
static gboolean
has_variant (const AttuneMade *made, const char *text)
{
  g_autofree char *plain = attune_plain_words (text);

  for (guint i = 0; made->variants != NULL && i < made->variants->len; i++)
    if (g_str_equal (g_array_index (made->variants, AttuneVariant, i).plain.question, plain))
      return TRUE;
  return FALSE;
}

static gboolean
take_written (AttunePreparation *self, GError **error)
{
  for (gint64 i = 0; i < self->block.n; i++)
    {
      AttuneMade *made = &self->made[i];
      GPtrArray *texts
          = may_vary (made)
                ? attune_written_find (self->written, made->record.fields[ATTUNE_FIELD_QUESTION])
                : NULL;

      for (guint j = 0; texts != NULL && j < MIN (texts->len, (guint) self->settings->variants);
           j++)
        {
          const AttuneWrittenText *written = texts->pdata[j];

          if (!has_variant (made, written->text)
              && !take (self, made, written->text, written->origin, error))
            return FALSE;
        }
    }
  return TRUE;
}

gboolean
attune_preparation_vary_set_up (AttunePreparation *self, const char *path, GError **error)
{
  if (self->settings->variants == 0)
    return TRUE;
  if (self->settings->variants_by == ATTUNE_VARIANTS_SYNONYMS)
    return (self->wordnet = attune_wordnet_open (NULL, error)) != NULL;
  if (self->settings->variants_by != ATTUNE_VARIANTS_MODEL)
    return TRUE;
  /* where none are written yet the data is prepared without: a model writes of prepared data */
  return (self->written = attune_written_read (path, error)) != NULL;
}

gboolean
attune_preparation_vary_block (AttunePreparation *self, GError **error)
{
  if (self->settings->variants == 0 || self->settings->variants_by == ATTUNE_VARIANTS_SYNONYMS)
    return TRUE;
  if (self->text_language == NULL)
    {
      self->text_language = guess_language (self);
      self->languages = attune_languages_new (self->text_language, NULL);
    }
  return self->settings->variants_by == ATTUNE_VARIANTS_MODEL ? take_written (self, error)
                                                              : translate (self, error);
}

void
attune_preparation_vary_clear (AttunePreparation *self)
{
  g_clear_pointer (&self->wordnet, attune_wordnet_free);
  g_clear_pointer (&self->translator, attune_translator_free);
  g_clear_pointer (&self->written, attune_written_free);
  g_clear_pointer (&self->languages, attune_languages_free);
  g_clear_pointer (&self->text_language, g_free);
}
