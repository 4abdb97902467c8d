/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A conversation rendered by the model's template, made into tokens, and the mask of what the model
 * learns.
 */
#include "text/chat-template.h"
#include "text/jinja.h"
#include "text/tokenizer-private.h"

#include <string.h>

/* What rendering may take at most, whatever the template does: so much, and so many times the
 * conversation. */
#define MEMORY_BASE_BYTES (64 << 20)
#define MEMORY_TIMES 64

/* OpenAI's form, as most models have it that have no system prompt of their own. */
#define CHATML                                                                                     \
  "{% for message in messages %}"                                                                  \
  "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}"       \
  "{% endfor %}"                                                                                   \
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

struct _AttuneChatTemplate
{
  char *source; /* (nullable) */
  JinjaTemplate *jinja;
  GHashTable *tokens; /* name to text, both owned */
};

AttuneChatTemplate *
attune_chat_template_new (const char *source, GError **error)
{
  JinjaTemplate *jinja = jinja_template_new (source != NULL ? source : CHATML, error);
  AttuneChatTemplate *self;

  if (jinja == NULL)
    return NULL;
  self = g_new0 (AttuneChatTemplate, 1);
  self->source = g_strdup (source);
  self->jinja = jinja;
  self->tokens = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
attune_chat_template_free (AttuneChatTemplate *self)
{
  if (self == NULL)
    return;
  jinja_template_free (self->jinja);
  g_hash_table_unref (self->tokens);
  g_free (self->source);
  g_free (self);
}

void
attune_chat_template_set_token (AttuneChatTemplate *self, const char *name, const char *text)
{
  g_return_if_fail (name != NULL && text != NULL);
  g_hash_table_insert (self->tokens, g_strdup (name), g_strdup (text));
}

const char *
attune_chat_template_get_source (const AttuneChatTemplate *self)
{
  return self->source;
}

static void
set (JinjaPool *pool, JinjaValue map, const char *name, JinjaValue value)
{
  jinja_map_set (pool, map.map, *jinja_literal (pool, name).string, value);
}

static JinjaValue
make_message (JinjaPool *pool, const AttuneMessage *message)
{
  static const char *const roles[] = { "system", "user", "assistant" };
  const AttuneOrigin origin
      = message->role == ATTUNE_ROLE_ASSISTANT ? ATTUNE_ORIGIN_ASSISTANT : ATTUNE_ORIGIN_PEOPLE;
  JinjaValue map = jinja_map (pool);

  set (pool, map, "role", jinja_literal (pool, roles[message->role]));
  set (pool, map, "content",
       jinja_string (pool, message->content, strlen (message->content), origin));
  return map;
}

static AttuneMarkedText *
render (const AttuneChatTemplate *self, const AttuneMessage *messages, guint n, gboolean generate,
        GError **error)
{
  g_autoptr (AttuneMarkedText) out = attune_marked_text_new ();
  g_autoptr (JinjaPool) pool = NULL;
  gsize limit = MEMORY_BASE_BYTES;
  JinjaValue variables, list;
  GHashTableIter iter;
  gpointer name, text;

  for (guint i = 0; i < n; i++)
    limit += MEMORY_TIMES * strlen (messages[i].content);
  pool = jinja_pool_new (limit);
  list = jinja_list (pool, n);
  for (guint i = 0; i < n; i++)
    list.list->items[i] = make_message (pool, &messages[i]);

  variables = jinja_map (pool); /* what transformers' apply_chat_template gives */
  set (pool, variables, "messages", list);
  set (pool, variables, "add_generation_prompt", jinja_bool (generate));
  set (pool, variables, "tools", jinja_none ());
  set (pool, variables, "documents", jinja_none ());
  g_hash_table_iter_init (&iter, self->tokens);
  while (g_hash_table_iter_next (&iter, &name, &text))
    set (pool, variables, name, jinja_literal (pool, text));
  if (!jinja_template_render (self->jinja, pool, variables.map, out, error))
    return NULL;
  return g_steal_pointer (&out);
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

static void
hash_text (GChecksum *sum, const char *text)
{
  if (text != NULL)
    g_checksum_update (sum, (const guchar *) text, -1);
  g_checksum_update (sum, (const guchar *) "", 1); /* the end: "ab", "c" is not "a", "bc" */
}

char *
attune_chat_template_get_key (const AttuneChatTemplate *self, const AttuneTokenizer *tokenizer)
{
  const AttuneVocabulary *v = attune_tokenizer_get_vocabulary (tokenizer);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *numbers
      = g_strdup_printf ("%u %u %d %d", v->n_tokens, v->n_merges, v->bos, v->eos);

  hash_text (sum, self->source);
  hash_text (sum, v->model);
  hash_text (sum, v->pre);
  hash_text (sum, numbers);
  for (guint i = 0; i < v->n_tokens; i++)
    {
      const guchar kind = v->kinds != NULL ? v->kinds[i] : ATTUNE_TOKEN_NORMAL;

      hash_text (sum, v->tokens[i]);
      g_checksum_update (sum, &kind, 1);
    }
  for (guint i = 0; i < v->n_merges; i++)
    hash_text (sum, v->merges[i]);
  if (v->rules != NULL)
    hash_text (sum, v->rules);
  if (!g_str_equal (v->model, "gpt2")) /* of which all is said above */
    {
      const guchar spaces[] = { v->space_prefix != FALSE, v->merges_spaces != FALSE };

      g_checksum_update (sum, spaces, sizeof spaces);
      if (v->scores != NULL)
        g_checksum_update (sum, (const guchar *) v->scores,
                           (gssize) (v->n_tokens * sizeof *v->scores));
    }
  return g_strdup (g_checksum_get_string (sum));
}
