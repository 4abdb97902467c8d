/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The steps of a tokenizer.json that real models use; any other is refused by its name, since a
 * step that is left out makes other tokens.
 */
#include "text/json-rules.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define DEPTH_MAX 8 /* of sequences in sequences */

typedef struct
{
  AttuneTextRules *rules;
  gboolean splits_words; /* a WhitespaceSplit came, and is not yet a step */
  GError *error;         /* the first */
} Reader;

static void
refuse (Reader *self, const char *what, const char *name)
{
  if (self->error == NULL)
    g_set_error (&self->error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                 "this version of Attune does not know the %s “%s”.", what, name);
}

static const char *
get_string (JsonObject *object, const char *name, const char *fallback)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text
      = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

  return text != NULL ? text : fallback;
}

static gboolean
get_bool (JsonObject *object, const char *name, gboolean fallback)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_boolean (node) : fallback;
}

/* The member @name as an object, or %NULL where it is none. */
static JsonObject *
get_object (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

typedef void (*StepFunc) (Reader *self, JsonObject *step, int depth);

/* Each object of the list @name. */
static void
read_sequence (Reader *self, JsonObject *object, const char *name, StepFunc func, int depth)
{
  JsonNode *node = json_object_get_member (object, name);
  JsonArray *list
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (list == NULL || depth > DEPTH_MAX)
    refuse (self, "sequence of steps", name);
  for (guint i = 0; list != NULL && self->error == NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *step = json_array_get_element (list, i);

      if (JSON_NODE_HOLDS_OBJECT (step))
        func (self, json_node_get_object (step), depth + 1);
      else
        refuse (self, "step", name);
    }
}

/* --- normalizers */

static void
read_replace (Reader *self, JsonObject *step)
{
  JsonObject *pattern = get_object (step, "pattern");
  const char *old = pattern != NULL ? get_string (pattern, "String", NULL) : NULL;
  const char *regex = pattern != NULL ? get_string (pattern, "Regex", NULL) : NULL;

  if (old != NULL && *old != 0)
    attune_normalizer_add (self->rules->normalizer, ATTUNE_NORMALIZE_REPLACE, old,
                           get_string (step, "content", ""));
  else if (g_strcmp0 (regex, " {2,}") == 0)
    attune_normalizer_add (self->rules->normalizer, ATTUNE_NORMALIZE_MERGE_RUNS,
                           get_string (step, "content", ""), NULL);
  else
    refuse (self, "replacement of", regex != NULL ? regex : "");
}

static void
read_charsmap (Reader *self, JsonObject *step)
{
  const char *text = get_string (step, "precompiled_charsmap", "");
  gsize length = 0;
  g_autofree guchar *data = g_base64_decode (text, &length);
  AttuneCharsmap *charsmap;

  if (length == 0)
    return;
  charsmap = attune_charsmap_new (data, length, self->error == NULL ? &self->error : NULL);
  if (charsmap != NULL)
    attune_normalizer_add_charsmap (self->rules->normalizer, charsmap, TRUE);
}

static void
read_normalizer (Reader *self, JsonObject *step, int depth)
{
  static const struct
  {
    const char *type;
    AttuneNormalizeKind kind;
  } plain[] = {
    { "NFC", ATTUNE_NORMALIZE_NFC },
    { "NFD", ATTUNE_NORMALIZE_NFD },
    { "NFKC", ATTUNE_NORMALIZE_NFKC },
    { "NFKD", ATTUNE_NORMALIZE_NFKD },
    { "Lowercase", ATTUNE_NORMALIZE_LOWERCASE },
    { "StripAccents", ATTUNE_NORMALIZE_STRIP_ACCENTS },
  };
  AttuneNormalizer *normalizer = self->rules->normalizer;
  const char *type = get_string (step, "type", "");

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (g_str_equal (type, plain[i].type))
      {
        attune_normalizer_add (normalizer, plain[i].kind, NULL, NULL);
        return;
      }
  if (g_str_equal (type, "Sequence"))
    read_sequence (self, step, "normalizers", read_normalizer, depth);
  else if (g_str_equal (type, "Prepend"))
    attune_normalizer_add (normalizer, ATTUNE_NORMALIZE_PREPEND,
                           get_string (step, "prepend", ATTUNE_BAR), NULL);
  else if (g_str_equal (type, "Replace"))
    read_replace (self, step);
  else if (g_str_equal (type, "Precompiled"))
    read_charsmap (self, step);
  else if (g_str_equal (type, "Strip"))
    {
      if (get_bool (step, "strip_left", TRUE))
        attune_normalizer_add (normalizer, ATTUNE_NORMALIZE_STRIP_LEFT, NULL, NULL);
      if (get_bool (step, "strip_right", TRUE))
        attune_normalizer_add (normalizer, ATTUNE_NORMALIZE_STRIP_RIGHT, NULL, NULL);
    }
  else
    refuse (self, "normalizer", type);
}

/* --- pre-tokenizers */

static AttuneCutBehavior
read_behavior (Reader *self, JsonObject *step)
{
  static const char *const names[]
      = { "Isolated", "Removed", "Contiguous", "MergedWithPrevious", "MergedWithNext" };
  const char *name = get_string (step, "behavior", "Isolated");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i]))
      return (AttuneCutBehavior) i;
  refuse (self, "behaviour of a cut", name);
  return ATTUNE_CUT_ISOLATED;
}

static void
read_split (Reader *self, JsonObject *step)
{
  JsonObject *pattern = get_object (step, "pattern");
  const char *literal = pattern != NULL ? get_string (pattern, "String", NULL) : NULL;
  const char *regex = pattern != NULL ? get_string (pattern, "Regex", NULL) : NULL;
  const AttuneCutBehavior behavior = read_behavior (self, step);
  const gboolean invert = get_bool (step, "invert", FALSE);

  if (self->error != NULL)
    return;
  if (regex != NULL)
    {
      const gboolean after_bytes
          = self->rules->byte_level && !g_str_equal (regex, "[0-9][0-9][0-9]");

      /* after the bytes were spelled a text has no letters of its own any more */
      if (after_bytes)
        refuse (self, "cut after bytes", regex);
      else
        attune_pretokenizer_add_pattern (self->rules->pretokenizer, regex, behavior, invert,
                                         &self->error);
    }
  else if (literal != NULL && *literal != 0)
    attune_pretokenizer_add_literal (self->rules->pretokenizer, literal, behavior, invert);
  else
    refuse (self, "cut", "Split");
}

static void
read_byte_level (Reader *self, JsonObject *step)
{
  self->rules->byte_level = TRUE;
  if (get_bool (step, "add_prefix_space", TRUE))
    attune_normalizer_add (self->rules->normalizer, ATTUNE_NORMALIZE_PREPEND_ONCE, " ", NULL);
  if (get_bool (step, "use_regex", TRUE))
    attune_pretokenizer_add_rule (self->rules->pretokenizer, attune_cut_gpt2, ATTUNE_CUT_ISOLATED,
                                  FALSE);
}

static void
read_metaspace (Reader *self, JsonObject *step)
{
  const char *bar = get_string (step, "replacement", ATTUNE_BAR);
  const char *scheme = get_string (step, "prepend_scheme",
                                   get_bool (step, "add_prefix_space", TRUE) ? "always" : "never");

  if (self->splits_words && !g_str_equal (scheme, "always"))
    refuse (self, "bar before words", scheme);
  if (self->splits_words)
    attune_normalizer_add (self->rules->normalizer, ATTUNE_NORMALIZE_BAR_WORDS, bar, NULL);
  else
    attune_normalizer_add (self->rules->normalizer, ATTUNE_NORMALIZE_REPLACE, " ", bar);
  if (!self->splits_words && !g_str_equal (scheme, "never"))
    attune_normalizer_add (self->rules->normalizer,
                           g_str_equal (scheme, "first") ? ATTUNE_NORMALIZE_PREPEND_FIRST_ONCE
                                                         : ATTUNE_NORMALIZE_PREPEND_ONCE,
                           bar, NULL);
  self->splits_words = FALSE;
  self->rules->spaces_as_bars |= g_str_equal (bar, ATTUNE_BAR);
  self->rules->strips_first = !g_str_equal (scheme, "never");
  if (get_bool (step, "split", TRUE))
    attune_pretokenizer_add_literal (self->rules->pretokenizer, bar, ATTUNE_CUT_WITH_NEXT, FALSE);
}

/* A WhitespaceSplit that no Metaspace came after. */
static void
flush_split (Reader *self)
{
  if (self->splits_words)
    attune_pretokenizer_add_rule (self->rules->pretokenizer, attune_cut_white_space_one,
                                  ATTUNE_CUT_REMOVED, FALSE);
  self->splits_words = FALSE;
}

static void
read_pretokenizer (Reader *self, JsonObject *step, int depth)
{
  AttunePretokenizer *pretokenizer = self->rules->pretokenizer;
  const char *type = get_string (step, "type", "");

  if (!g_str_equal (type, "Metaspace"))
    flush_split (self);
  if (g_str_equal (type, "Sequence"))
    read_sequence (self, step, "pretokenizers", read_pretokenizer, depth);
  else if (g_str_equal (type, "Split"))
    read_split (self, step);
  else if (g_str_equal (type, "ByteLevel"))
    read_byte_level (self, step);
  else if (g_str_equal (type, "Metaspace"))
    read_metaspace (self, step);
  else if (g_str_equal (type, "Digits"))
    attune_pretokenizer_add_rule (
        pretokenizer, self->rules->byte_level ? attune_cut_byte_number : attune_cut_number,
        get_bool (step, "individual_digits", FALSE) ? ATTUNE_CUT_ISOLATED : ATTUNE_CUT_CONTIGUOUS,
        FALSE);
  else if (self->rules->byte_level)
    refuse (self, "cut after bytes", type);
  else if (g_str_equal (type, "Punctuation"))
    attune_pretokenizer_add_rule (pretokenizer, attune_cut_punctuation_one,
                                  read_behavior (self, step), FALSE);
  else if (g_str_equal (type, "WhitespaceSplit"))
    self->splits_words = TRUE;
  else if (g_str_equal (type, "Whitespace"))
    attune_pretokenizer_add_rule (pretokenizer, attune_cut_words, ATTUNE_CUT_REMOVED, TRUE);
  else
    refuse (self, "way to cut text into words", type);
}

/* --- decoders */

static void
read_decoder (Reader *self, JsonObject *step, int depth)
{
  AttuneTextRules *rules = self->rules;
  const char *type = get_string (step, "type", "");
  JsonObject *pattern = get_object (step, "pattern");

  if (g_str_equal (type, "Sequence"))
    read_sequence (self, step, "decoders", read_decoder, depth);
  else if (g_str_equal (type, "ByteLevel"))
    rules->byte_level = TRUE;
  else if (g_str_equal (type, "Metaspace"))
    {
      rules->spaces_as_bars = TRUE;
      rules->strips_first = !g_str_equal (get_string (step, "prepend_scheme", "always"), "never");
    }
  else if (g_str_equal (type, "Replace") && pattern != NULL
           && g_str_equal (get_string (pattern, "String", ""), ATTUNE_BAR))
    rules->spaces_as_bars = TRUE;
  else if (g_str_equal (type, "Strip"))
    rules->strips_first = TRUE;
  else if (!g_str_equal (type, "ByteFallback") && !g_str_equal (type, "Fuse"))
    refuse (self, "way to write tokens as text", type);
}

static void
read_model (Reader *self, JsonObject *model)
{
  AttuneTextRules *rules = self->rules;
  JsonNode *dropout = json_object_get_member (model, "dropout");

  rules->byte_fallback = get_bool (model, "byte_fallback", FALSE);
  rules->fuse_unknown = get_bool (model, "fuse_unk", FALSE)
                        || g_str_equal (get_string (model, "type", "BPE"), "Unigram");
  attune_pretokenizer_set_prefers_whole (rules->pretokenizer,
                                         get_bool (model, "ignore_merges", FALSE));
  if (dropout != NULL && !JSON_NODE_HOLDS_NULL (dropout) && json_node_get_double (dropout) > 0)
    refuse (self, "random cutting", "dropout");
  if (*get_string (model, "continuing_subword_prefix", "") != 0)
    refuse (self, "spelling of words", "continuing_subword_prefix");
  if (*get_string (model, "end_of_word_suffix", "") != 0)
    refuse (self, "spelling of words", "end_of_word_suffix");
}

gboolean
attune_json_rules_read (AttuneTextRules *rules, const char *text, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  Reader self = { rules, FALSE, NULL };
  JsonObject *root, *part;

  if (!json_parser_load_from_data (parser, text, -1, error))
    return FALSE;
  if (!JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_VOCABULARY,
                           "its rules are no object.");
      return FALSE;
    }
  root = json_node_get_object (json_parser_get_root (parser));
  if ((part = get_object (root, "normalizer")) != NULL)
    read_normalizer (&self, part, 0);
  if ((part = get_object (root, "pre_tokenizer")) != NULL)
    read_pretokenizer (&self, part, 0);
  flush_split (&self);
  if ((part = get_object (root, "decoder")) != NULL)
    read_decoder (&self, part, 0);
  if ((part = get_object (root, "model")) != NULL)
    read_model (&self, part);
  if (self.error == NULL)
    return TRUE;
  g_propagate_error (error, self.error);
  return FALSE;
}
