/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Template and vocabulary were put into one file by somebody; mistakes there make a model quietly
 * worse. So a short conversation is written and made into tokens, and what comes of it is looked
 * at.
 */
#include "model/chat-check.h"

#include <string.h>

#define NAMES_SHOWN 3
#define NAME_MAX_BYTES 60 /* the longest in use has half of it */

static void G_GNUC_PRINTF (2, 3) warn (GPtrArray *warnings, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

static const char *
spell (const AttuneTokenizer *tokenizer, gint32 id)
{
  return attune_tokenizer_get_vocabulary (tokenizer)->tokens[id];
}

/* The length of what is written like a control token at @p, or 0: <|…|>, DeepSeek's <｜…｜>, and
 * what is always one. Words in plain angle brackets may be text that models read: <tools>. */
static gsize
measure_name (const char *p)
{
  static const struct
  {
    const char *begin, *end;
  } marks[] = { { "<|", "|>" }, { "<｜", "｜>" } };
  static const char *const others[]
      = { "<s>", "</s>", "<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>" };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_has_prefix (p, others[i]))
      return strlen (others[i]);
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    if (g_str_has_prefix (p, marks[i].begin))
      {
        const char *from = p + strlen (marks[i].begin);
        const char *end = g_strstr_len (from, NAME_MAX_BYTES, marks[i].end);

        if (end != NULL && strcspn (from, " \t\r\n<") > (gsize) (end - from))
          return (gsize) (end - p) + strlen (marks[i].end);
      }
  return 0;
}

/* What the template writes like a token, but is none. */
static void
check_names (const char *text, const AttuneTokenizer *tokenizer, GPtrArray *warnings)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  for (const char *p = text; (p = strchr (p, '<')) != NULL; p++)
    {
      g_autofree char *name = g_strndup (p, measure_name (p));

      if (*name != '\0' && attune_tokenizer_find (tokenizer, name) < 0 && missing->len < NAMES_SHOWN
          && !g_ptr_array_find_with_equal_func (missing, name, g_str_equal, NULL))
        g_ptr_array_add (missing, g_steal_pointer (&name));
    }
  if (missing->len == 0)
    return;
  g_ptr_array_add (missing, NULL);
  list = g_strjoinv ("”, “", (char **) missing->pdata);
  warn (warnings,
        "The chat template writes “%s”, which the vocabulary lacks: the model reads it letter by "
        "letter, as text like any other. Template and vocabulary may be of different models.",
        list);
}

/* How the conversation begins, and how often it does. */
static void
check_beginning (const GArray *ids, const AttuneTokenizer *tokenizer, GPtrArray *warnings)
{
  const AttuneVocabulary *vocabulary = attune_tokenizer_get_vocabulary (tokenizer);
  const gint32 bos = vocabulary->bos;
  guint n = 0;

  if (bos < 0)
    return;
  while (n < ids->len && g_array_index (ids, gint32, n) == bos)
    n++;
  if (n > 1)
    warn (warnings,
          "The chat template writes “%s” %u times in a row where a conversation begins; models "
          "learn it once.",
          spell (tokenizer, bos), n);
  if (n > 0 && vocabulary->add_bos)
    warn (warnings, "Both the file and its chat template put “%s” first; Attune writes it once.",
          spell (tokenizer, bos));
  if (n == 0 && vocabulary->add_bos)
    warn (warnings,
          "The file says that every text begins with “%s”, but its chat template does not write "
          "it; Attune keeps to the template.",
          spell (tokenizer, bos));
}

/* What ends the assistant's turn, which the model must learn to stop at. */
static void
check_end (const AttuneChatTemplate *chat_template, const AttuneTokenizer *tokenizer,
           guint64 end_of_turn, GPtrArray *warnings)
{
  const gint32 eos = attune_tokenizer_get_eos (tokenizer);
  const gint32 stop = attune_chat_template_get_stop (chat_template, tokenizer);

  if (stop < 0)
    warn (warnings, "The chat template does not end the assistant's turn with a token of the "
                    "vocabulary, so the model cannot learn from it where to stop.");
  else if (eos >= 0 && stop != eos && (guint64) stop != end_of_turn)
    warn (warnings,
          "The chat template ends the assistant's turn with “%s”, but the file names “%s” as the "
          "end; Attune learns and stops at “%s”.",
          spell (tokenizer, stop), spell (tokenizer, eos), spell (tokenizer, stop));
}

void
attune_chat_check (const AttuneChatTemplate *chat_template, const AttuneTokenizer *tokenizer,
                   guint64 end_of_turn, GPtrArray *warnings)
{
  const AttuneMessage messages[] = { { ATTUNE_ROLE_USER, "x" }, { ATTUNE_ROLE_ASSISTANT, "x" } };
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint32));
  g_autofree char *text
      = attune_chat_template_render (chat_template, messages, G_N_ELEMENTS (messages), FALSE, NULL);

  check_end (chat_template, tokenizer, end_of_turn, warnings);
  if (text == NULL
      || !attune_chat_template_encode (chat_template, tokenizer, messages, G_N_ELEMENTS (messages),
                                       FALSE, ids, NULL, NULL))
    return;
  check_names (text, tokenizer, warnings);
  check_beginning (ids, tokenizer, warnings);
}
