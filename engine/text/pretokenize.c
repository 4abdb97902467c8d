/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chains of steps. A step finds what its expression matches, from front to back, and its behaviour
 * makes pieces of that and of what lies between.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/pretokenize.h"
#include "text/character.h"
#include "text/pretokenizers.h"
#include "text/tokenizer.h"

#include <pcre2.h>
#include <string.h>

#define STEPS_MAX 8
/* What PCRE2 may try for one match: no real expression on real text comes near it. */
#define MATCH_LIMIT 200000
#define PATTERN_MAX_BYTES 8192 /* the longest in use has 1.5 kB */

typedef struct
{
  AttuneCutRule rule; /* or */
  pcre2_code *code;   /* or */
  char *literal;
  AttuneCutBehavior behavior;
  gboolean invert;
} Step;

struct _AttunePretokenizer
{
  Step steps[STEPS_MAX];
  int n_steps;
  gboolean prefers_whole;
  pcre2_match_context *limits;
};

AttunePretokenizer *
attune_pretokenizer_new_empty (void)
{
  AttunePretokenizer *self = g_new0 (AttunePretokenizer, 1);

  self->limits = pcre2_match_context_create (NULL);
  pcre2_set_match_limit (self->limits, MATCH_LIMIT);
  pcre2_set_depth_limit (self->limits, MATCH_LIMIT);
  return self;
}

AttunePretokenizer *
attune_pretokenizer_new (const char *name)
{
  g_autoptr (AttunePretokenizer) self = attune_pretokenizer_new_empty ();
  const AttuneKnownPretokenizer *known;

  if (name == NULL)
    return g_steal_pointer (&self);
  known = attune_pretokenizers_find (name);
  if (known == NULL)
    return NULL;
  for (int i = 0; i < ATTUNE_KNOWN_RULES_MAX && known->rules[i] != NULL; i++)
    attune_pretokenizer_add_rule (self, known->rules[i], ATTUNE_CUT_ISOLATED, FALSE);
  self->prefers_whole = known->prefers_whole;
  return g_steal_pointer (&self);
}

void
attune_pretokenizer_free (AttunePretokenizer *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < self->n_steps; i++)
    {
      pcre2_code_free (self->steps[i].code);
      g_free (self->steps[i].literal);
    }
  pcre2_match_context_free (self->limits);
  g_free (self);
}

/* More steps than any model has are not taken. */
static void
add_step (AttunePretokenizer *self, Step step)
{
  g_return_if_fail (self->n_steps < STEPS_MAX);
  self->steps[self->n_steps++] = step;
}

void
attune_pretokenizer_add_rule (AttunePretokenizer *self, AttuneCutRule rule,
                              AttuneCutBehavior behavior, gboolean invert)
{
  add_step (self, (Step) { .rule = rule, .behavior = behavior, .invert = invert });
}

void
attune_pretokenizer_add_literal (AttunePretokenizer *self, const char *literal,
                                 AttuneCutBehavior behavior, gboolean invert)
{
  add_step (self, (Step) { .literal = g_strdup (literal), .behavior = behavior, .invert = invert });
}

gboolean
attune_pretokenizer_add_pattern (AttunePretokenizer *self, const char *pattern,
                                 AttuneCutBehavior behavior, gboolean invert, GError **error)
{
  const AttuneCutRule rule = attune_pretokenizers_find_pattern (pattern);
  int code = 0;
  PCRE2_SIZE at = 0;
  pcre2_code *compiled;
  guchar reason[128];

  if (self->n_steps == STEPS_MAX)
    {
      g_set_error_literal (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                           "it cuts text into words in more steps than any known model.");
      return FALSE;
    }
  if (rule != NULL)
    {
      attune_pretokenizer_add_rule (self, rule, behavior, invert);
      return TRUE;
    }
  if (strlen (pattern) > PATTERN_MAX_BYTES || strstr (pattern, "&&") != NULL)
    {
      /* classes are intersected with && in the reference; to PCRE2 these are two letters */
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "this version of Attune cannot cut text with the expression “%.60s…”.", pattern);
      return FALSE;
    }
  compiled = pcre2_compile (
      (PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED,
      PCRE2_UTF | PCRE2_UCP | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
  if (compiled == NULL)
    {
      pcre2_get_error_message (code, reason, sizeof reason);
      g_set_error (error, ATTUNE_TEXT_ERROR, ATTUNE_TEXT_ERROR_UNSUPPORTED,
                   "the expression “%.60s” that cuts text into words cannot be used: %s.", pattern,
                   (const char *) reason);
      return FALSE;
    }
  pcre2_jit_compile (compiled, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
  add_step (self, (Step) { .code = compiled, .behavior = behavior, .invert = invert });
  return TRUE;
}

const char *
attune_pretokenizer_get_name (const AttunePretokenizer *self, gboolean composes)
{
  AttuneCutRule rules[ATTUNE_KNOWN_RULES_MAX] = { NULL };

  if (self->n_steps > ATTUNE_KNOWN_RULES_MAX)
    return NULL;
  for (int i = 0; i < self->n_steps; i++)
    {
      const Step *step = &self->steps[i];

      /* an expression that matches all of a text: whether the rest is removed is all the same */
      if (step->rule == NULL
          || (step->behavior != ATTUNE_CUT_ISOLATED
              && !(step->behavior == ATTUNE_CUT_REMOVED && step->invert)))
        return NULL;
      rules[i] = step->rule;
    }
  return attune_pretokenizers_find_rules (rules, self->prefers_whole, composes);
}

GPtrArray *
attune_pretokenizer_list_patterns (const char *name)
{
  const AttuneKnownPretokenizer *known = attune_pretokenizers_find (name);
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  if (known == NULL)
    return NULL;
  for (int i = 0; i < ATTUNE_KNOWN_RULES_MAX && known->rules[i] != NULL; i++)
    {
      const char *pattern = attune_pretokenizers_find_spelling (known->rules[i]);

      if (pattern == NULL)
        return NULL;
      g_ptr_array_add (list, (char *) pattern);
    }
  return g_steal_pointer (&list);
}

gboolean
attune_pretokenizer_name_composes (const char *name)
{
  const AttuneKnownPretokenizer *known = attune_pretokenizers_find (name);

  return known != NULL && known->composes;
}

gboolean
attune_pretokenizer_prefers_whole (const AttunePretokenizer *self)
{
  return self->prefers_whole;
}

void
attune_pretokenizer_set_prefers_whole (AttunePretokenizer *self, gboolean prefers_whole)
{
  self->prefers_whole = prefers_whole;
}

/* --- cutting */

typedef struct
{
  const AttunePretokenizer *self;
  AttuneWordFunc func;
  gpointer data;
  pcre2_match_data *match; /* (nullable) */
} Cutting;

static void cut (Cutting *cutting, int i, const char *p, const char *end);

/* The next match in @start … @end from @p on: begins at the result and ends at @after; %NULL where
 * there is none. */
static const char *
find_match (Cutting *cutting, const Step *step, const char *start, const char *p, const char *end,
            const char **after)
{
  if (step->rule != NULL)
    {
      for (; p < end; attune_character_next (&p, end))
        if ((*after = step->rule (p, end)) != NULL)
          return p;
      return NULL;
    }
  if (step->literal != NULL)
    {
      const gsize length = strlen (step->literal);
      const char *found = memmem (p, (gsize) (end - p), step->literal, length);

      *after = found != NULL ? found + length : NULL;
      return found;
    }
  if (cutting->match == NULL)
    cutting->match = pcre2_match_data_create (1, NULL);
  if (pcre2_match (step->code, (PCRE2_SPTR) start, (PCRE2_SIZE) (end - start),
                   (PCRE2_SIZE) (p - start), 0, cutting->match, cutting->self->limits)
      < 0)
    return NULL;
  else
    {
      const PCRE2_SIZE *ends = pcre2_get_ovector_pointer (cutting->match);

      *after = start + MAX (ends[0], ends[1]);
      return start + ends[0];
    }
}

/* A piece that is not yet given on, since the next one may still belong to it. */
typedef struct
{
  const char *from, *to;
  gboolean matches;
} Piece;

static void
give (Cutting *cutting, int i, const Piece *piece)
{
  const Step *step = &cutting->self->steps[i];

  if (piece->to > piece->from && !(step->behavior == ATTUNE_CUT_REMOVED && piece->matches))
    cut (cutting, i + 1, piece->from, piece->to);
}

/* @next comes after @held: they become one, or @held is given on. */
static void
take (Cutting *cutting, int i, Piece *held, Piece next)
{
  const AttuneCutBehavior behavior = cutting->self->steps[i].behavior;
  gboolean joined = FALSE;

  if (held->to > held->from)
    {
      if (behavior == ATTUNE_CUT_CONTIGUOUS)
        joined = held->matches == next.matches;
      else if (behavior == ATTUNE_CUT_WITH_PREVIOUS)
        joined = next.matches && !held->matches;
      else if (behavior == ATTUNE_CUT_WITH_NEXT)
        joined = held->matches && !next.matches;
    }
  if (joined)
    {
      held->to = next.to;
      held->matches
          = behavior == ATTUNE_CUT_CONTIGUOUS ? next.matches : behavior == ATTUNE_CUT_WITH_PREVIOUS;
      return;
    }
  give (cutting, i, held);
  *held = next;
}

/* Cuts what step @i makes of @p … @end with those after it. */
static void
cut (Cutting *cutting, int i, const char *p, const char *end)
{
  const Step *step = &cutting->self->steps[i];
  const char *const start = p;
  Piece held = { p, p, FALSE };

  if (i == cutting->self->n_steps)
    {
      cutting->func (p, (gsize) (end - p), cutting->data);
      return;
    }
  while (p < end)
    {
      const char *after = NULL, *found = find_match (cutting, step, start, p, end, &after);

      if (found != NULL && after == found) /* matches nothing: only a place to cut at */
        {
          const char *on = found;

          if (found > p)
            take (cutting, i, &held, (Piece) { p, found, step->invert });
          attune_character_next (&on, end);
          p = found;
          found = find_match (cutting, step, start, on, end, &after);
          if (found != NULL && found == after)
            {
              take (cutting, i, &held, (Piece) { p, found, step->invert });
              p = found;
              if (p < end)
                continue;
            }
        }
      if (found == NULL)
        found = after = end;
      if (found > p)
        take (cutting, i, &held, (Piece) { p, found, step->invert });
      if (after > found)
        take (cutting, i, &held, (Piece) { found, after, !step->invert });
      p = after;
    }
  give (cutting, i, &held);
}

void
attune_pretokenize (const AttunePretokenizer *self, const char *text, gsize length,
                    AttuneWordFunc func, gpointer data)
{
  Cutting cutting = { self, func, data, NULL };
  const char *p = text, *end = text + length;

  if (self->n_steps == 1 && self->steps[0].rule != NULL
      && self->steps[0].behavior == ATTUNE_CUT_ISOLATED)
    {
      while (p < end) /* nearly all models, and what follows is for the others */
        {
          const char *next = self->steps[0].rule (p, end);
          const char *gap = p;

          while (next == NULL && gap < end)
            {
              attune_character_next (&gap, end);
              next = gap < end ? self->steps[0].rule (gap, end) : NULL;
            }
          if (gap > p)
            func (p, (gsize) (gap - p), data);
          if (next != NULL)
            func (gap, (gsize) (next - gap), data);
          p = next != NULL ? next : gap;
        }
      return;
    }
  if (length > 0)
    cut (&cutting, 0, text, end);
  pcre2_match_data_free (cutting.match);
}
