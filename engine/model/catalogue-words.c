/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is said of the models of the catalogue: sentences that the window translates, so that a
 * record needs no words of its own.
 */
#include "model/catalogue.h"

#include "nn/decoder.h"

#include <glib/gi18n.h> /* N_(): the window translates them */

/* From this many tokens on a model takes in what people call a long document. */
#define LONG_TOKENS 32768

static const char *const answers[ATTUNE_N_ANSWERS] = {
  [ATTUNE_ANSWERS_SHORT] = N_ ("short answers"),
  [ATTUNE_ANSWERS_LONG] = N_ ("explanations"),
  [ATTUNE_ANSWERS_LABELS] = N_ ("sorting into labels"),
};

static const char *const terms[ATTUNE_N_TERMS] = {
  [ATTUNE_TERMS_FREE] = N_ ("It may be used for anything, in business too."),
  [ATTUNE_TERMS_CONDITIONS] = N_ ("It may be used in business, under conditions: read them first."),
  [ATTUNE_TERMS_RESEARCH] = N_ ("It may be used for research and study, not in business."),
};

static const char *const strengths[ATTUNE_N_STRENGTHS] = {
  [ATTUNE_STRENGTH_DIALOGUE] = N_ ("Converses fluently."),
  [ATTUNE_STRENGTH_KNOWLEDGE] = N_ ("Knows much of the world before it learns from you."),
  [ATTUNE_STRENGTH_MATHEMATICS] = N_ ("Good with numbers and program code."),
  [ATTUNE_STRENGTH_THINKING] = N_ ("Can think before it answers."),
  [ATTUNE_STRENGTH_EXPERTS]
  = N_ ("Quick for its size, for only some of its parts work on a word; it needs the memory for "
        "all of them."),
  [ATTUNE_STRENGTH_OPEN] = N_ ("It is public what it was made from."),
  [ATTUNE_STRENGTH_HISTORIC] = N_ ("An old model: to try things out, and for comparison."),
};

const char *
attune_terms_get_text (AttuneTerms which)
{
  g_return_val_if_fail ((guint) which < ATTUNE_N_TERMS, NULL);
  return terms[which];
}

const char *
attune_answers_get_text (AttuneAnswers which)
{
  g_return_val_if_fail ((guint) which < ATTUNE_N_ANSWERS, NULL);
  return answers[which];
}

static const char *
say_plainly (const char *text)
{
  return text;
}

char *
attune_catalogue_model_say_strengths (const AttuneCatalogueModel *self, AttuneTranslate translate)
{
  g_autoptr (GString) list = g_string_new (NULL), text = g_string_new (NULL);

  g_return_val_if_fail (self != NULL, NULL);

  if (translate == NULL)
    translate = say_plainly;
  for (guint i = 0; i < ATTUNE_N_ANSWERS; i++)
    if ((self->answers >> i) & 1)
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", translate (answers[i]));
  /* Translators: "Good for short answers, sorting into labels." */
  g_string_append_printf (text, translate (N_ ("Good for %s.")), list->str);
  for (guint i = 0; i < ATTUNE_N_STRENGTHS; i++)
    if ((self->strengths >> i) & 1)
      g_string_append_printf (text, " %s", translate (strengths[i]));
  if (self->config.max_tokens >= LONG_TOKENS)
    g_string_append_printf (text, " %s", translate (N_ ("Reads long documents.")));
  if (!self->instructed)
    g_string_append_printf (text, " %s",
                            translate (N_ ("It only goes on with a text: answering it learns from "
                                           "your data, of which it needs more.")));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gint64
attune_catalogue_model_count_active (const AttuneCatalogueModel *self)
{
  const AttuneDecoderConfig *c;
  gint64 idle = 0;

  g_return_val_if_fail (self != NULL, 0);

  c = &self->config;
  for (int i = ATTUNE_LINEAR_EXPERTS; i < attune_layer_linears (c); i++)
    {
      gint64 rows, columns;

      attune_linear_shape (c, i, &rows, &columns);
      idle += rows * columns * (c->n_experts - c->n_experts_used) / c->n_experts;
    }
  return self->parameters - (c->n_experts > 0 ? idle * c->n_layers : 0);
}
