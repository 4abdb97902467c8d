/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a model is, in words and tokens.
 */
#include "model/describe.h"

#include "compute/types.h"

#include <string.h>

/* "Q4_1" → 4, "BF16" → 16: the first number in the name of a type. */
static int
bits_of_type (AttuneType type)
{
  const char *name = attune_type_info (type)->name;

  return (int) g_ascii_strtoull (name + strcspn (name, "0123456789"), NULL, 10);
}

int
attune_model_count_bits (const AttuneModel *self)
{
  g_autofree char **names = attune_model_list_tensors (self);
  gint64 values[65] = { 0 };
  int most = 0;

  for (int i = 0; names[i] != NULL; i++)
    {
      const char *name = names[i];
      const AttuneTensor *tensor = attune_model_lookup ((gpointer) self, name);
      const int bits = bits_of_type (tensor->type);

      if (g_str_has_prefix (name, "blk.") && tensor->n_dims > 1 && bits < G_N_ELEMENTS (values))
        values[bits] += attune_tensor_count (tensor);
    }
  for (int bits = 1; bits < G_N_ELEMENTS (values); bits++)
    if (values[bits] > values[most])
      most = bits;
  return most;
}

/* --- tokens */

void
attune_seen_token_free (AttuneSeenToken *self)
{
  g_free (self->text);
  g_free (self);
}

/* @bytes with every byte that is part of no whole character written out. */
static char *
spell_bytes (const GString *bytes)
{
  GString *text = g_string_new (NULL);
  const char *p = bytes->str, *end = bytes->str + bytes->len;

  while (p < end)
    {
      const gunichar letter = g_utf8_get_char_validated (p, end - p);

      if (letter != 0 && letter != (gunichar) -1 && letter != (gunichar) -2)
        {
          g_string_append_unichar (text, letter);
          p = g_utf8_next_char (p);
        }
      else
        g_string_append_printf (text, "<%02X>", (guchar) *p++);
    }
  return g_string_free (text, FALSE);
}

static GPtrArray *
see_ids (AttuneModel *self, const GArray *ids)
{
  AttuneTokenizer *tokenizer = attune_model_get_tokenizer (self);
  const AttuneVocabulary *vocabulary = attune_tokenizer_get_vocabulary (tokenizer);
  GPtrArray *seen = g_ptr_array_new_with_free_func ((GDestroyNotify) attune_seen_token_free);

  for (guint i = 0; i < ids->len; i++)
    {
      AttuneSeenToken *token = g_new0 (AttuneSeenToken, 1);
      g_autoptr (GString) bytes = g_string_new (NULL);

      token->id = g_array_index (ids, gint32, i);
      token->special
          = vocabulary->kinds != NULL && vocabulary->kinds[token->id] == ATTUNE_TOKEN_CONTROL;
      attune_tokenizer_decode_one (tokenizer, token->id, TRUE, bytes);
      token->text = spell_bytes (bytes);
      g_ptr_array_add (seen, token);
    }
  return seen;
}

GPtrArray *
attune_model_see_text (AttuneModel *self, const char *text)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  g_return_val_if_fail (self != NULL && text != NULL, NULL);

  attune_tokenizer_encode (attune_model_get_tokenizer (self), text, -1, ATTUNE_TOKENIZE_PLAIN, ids);
  return see_ids (self, ids);
}

GPtrArray *
attune_model_see_question (AttuneModel *self, const char *system, const char *question,
                           GError **error)
{
  const AttuneMessage messages[]
      = { { ATTUNE_ROLE_SYSTEM, system }, { ATTUNE_ROLE_USER, question } };
  const gboolean skip = system == NULL || *system == '\0';
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));

  g_return_val_if_fail (self != NULL && question != NULL, NULL);

  if (!attune_chat_template_encode (attune_model_get_template (self),
                                    attune_model_get_tokenizer (self), messages + skip, 2 - skip,
                                    TRUE, ids, NULL, error))
    return NULL;
  return see_ids (self, ids);
}
