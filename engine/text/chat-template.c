/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A conversation rendered by the model's template, made into tokens, and the mask of what the model
 * learns.
 */
#include "text/chat-template.h"
#include "text/marked-text.h"
#include "text/tokenizer-private.h"

#include <string.h>

struct _AttuneChatTemplate
{
  char *source;         /* (nullable) */
  const char *preamble; /* written where the first message is not the system's */
};

#define CHATML_LOOP                                                                                \
  "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% "      \
  "endfor %}"                                                                                      \
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
#define SMOLLM_PREAMBLE                                                                            \
  "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging "           \
  "Face<|im_end|>\n"

static const struct
{
  const char *source, *preamble;
} known[] = {
  { "{% for message in messages %}" CHATML_LOOP, "" },
  { "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ "
    "'" SMOLLM_PREAMBLE "' }}{% endif %}" CHATML_LOOP,
    SMOLLM_PREAMBLE },
};

AttuneChatTemplate *
attune_chat_template_new (const char *source, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (source == NULL || g_str_equal (source, known[i].source))
      {
        AttuneChatTemplate *self = g_new0 (AttuneChatTemplate, 1);

        self->source = g_strdup (source);
        self->preamble = known[i].preamble;
        return self;
      }
  g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_TEMPLATE,
                       "it is not one of the known forms.");
  return NULL;
}

void
attune_chat_template_free (AttuneChatTemplate *self)
{
  if (self == NULL)
    return;
  g_free (self->source);
  g_free (self);
}

const char *
attune_chat_template_get_source (const AttuneChatTemplate *self)
{
  return self->source;
}

static const char *
role_name (AttuneRole role)
{
  static const char *const names[] = { "system", "user", "assistant" };

  return names[role];
}

static void
append_template (AttuneMarkedText *out, const char *text)
{
  attune_marked_text_append (out, text, strlen (text), ATTUNE_ORIGIN_TEMPLATE);
}

static AttuneMarkedText *
render (const AttuneChatTemplate *self, const AttuneMessage *messages, guint n, gboolean generate,
        GError **error)
{
  AttuneMarkedText *out = attune_marked_text_new ();

  if (n > 0 && messages[0].role != ATTUNE_ROLE_SYSTEM)
    append_template (out, self->preamble);
  for (guint i = 0; i < n; i++)
    {
      append_template (out, "<|im_start|>");
      append_template (out, role_name (messages[i].role));
      append_template (out, "\n");
      attune_marked_text_append (out, messages[i].content, strlen (messages[i].content),
                                 messages[i].role == ATTUNE_ROLE_ASSISTANT ? ATTUNE_ORIGIN_ASSISTANT
                                                                           : ATTUNE_ORIGIN_PEOPLE);
      append_template (out, "<|im_end|>\n");
    }
  if (generate)
    append_template (out, "<|im_start|>assistant\n");
  return out;
}

char *
attune_chat_template_render (const AttuneChatTemplate *self, const AttuneMessage *messages, guint n,
                             gboolean generate, GError **error)
{
  g_autoptr (AttuneMarkedText) out = render (self, messages, n, generate, error);

  return out != NULL ? g_string_free (g_steal_pointer (&out->text), FALSE) : NULL;
}

/* Whether any of the bytes from @start to @end is of @origin. */
static gboolean
has_origin (const guint8 *marks, gsize start, gsize end, AttuneOrigin origin)
{
  return end > start && memchr (marks + start, origin, end - start) != NULL;
}

/* Marks what is learned among the tokens from @first on: those that begin within the assistant's
 * own words, and after them all that the template writes up to and with the control token that ends
 * the turn. */
static void
mark_learned (const AttuneTokenizer *tokenizer, const AttuneMarkedText *text, const GArray *ids,
              const GArray *ends, guint first, GArray *learn)
{
  const guint8 *marks = text->marks->data;
  gsize start = 0;
  guint tail = 0; /* template tokens since the assistant's last word, plus one; 0: none to learn */
  guint n_seen = 0; /* empty answers passed */

  for (guint i = first; i < ids->len; i++)
    {
      const gsize end = g_array_index (ends, gsize, i - first);
      const guint8 learned = marks[start] == ATTUNE_ORIGIN_ASSISTANT;

      g_array_append_val (learn, learned);
      for (; n_seen < text->empty->len && g_array_index (text->empty, gsize, n_seen) <= start;
           n_seen++)
        tail = 1;
      if (has_origin (marks, start, end, ATTUNE_ORIGIN_ASSISTANT))
        tail = 1;
      else if (has_origin (marks, start, end, ATTUNE_ORIGIN_PEOPLE))
        tail = 0;
      else if (tail > 0)
        {
          tail++;
          if (attune_tokenizer_is_control (tokenizer, g_array_index (ids, gint32, i)))
            {
              for (guint k = 1; k < tail; k++)
                g_array_index (learn, guint8, learn->len - k) = 1;
              tail = 0;
            }
        }
      start = end;
    }
}

gboolean
attune_chat_template_encode (const AttuneChatTemplate *self, const AttuneTokenizer *tokenizer,
                             const AttuneMessage *messages, guint n, gboolean generate, GArray *ids,
                             GArray *learn, GError **error)
{
  g_autoptr (AttuneMarkedText) out = render (self, messages, n, generate, error);
  g_autoptr (GArray) ends = NULL;
  const guint first = ids->len;

  if (out == NULL)
    return FALSE;
  ends = learn != NULL ? g_array_new (FALSE, FALSE, sizeof (gsize)) : NULL;
  attune_tokenizer_encode_marked (tokenizer, out->text->str, out->marks->data, out->text->len, ids,
                                  ends);
  if (learn != NULL)
    mark_learned (tokenizer, out, ids, ends, first, learn);
  return TRUE;
}

gint32
attune_chat_template_get_stop (const AttuneChatTemplate *self, const AttuneTokenizer *tokenizer)
{
  const AttuneMessage messages[] = { { ATTUNE_ROLE_USER, "x" }, { ATTUNE_ROLE_ASSISTANT, "x" } };
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autoptr (GArray) learn = g_array_new (FALSE, FALSE, sizeof (guint8));
  gint32 stop = -1;

  if (!attune_chat_template_encode (self, tokenizer, messages, G_N_ELEMENTS (messages), FALSE, ids,
                                    learn, NULL))
    return -1;
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (learn, guint8, i))
      stop = g_array_index (ids, gint32, i);
  return attune_tokenizer_is_control (tokenizer, stop) ? stop : -1;
}
