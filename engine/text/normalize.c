/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Each step reads the text of the step before from front to back and writes the next one; whatever
 * it writes for some bytes ends where these end.
 */
#include "text/normalize.h"
#include "text/character.h"
#include "text/normal-form.h"

#include <string.h>

typedef struct
{
  AttuneNormalizeKind kind;
  char *argument, *other;
  AttuneCharsmap *charsmap;
  gboolean by_cluster;
} Step;

struct _AttuneNormalizer
{
  GArray *steps;
};

static void
clear_step (gpointer data)
{
  Step *step = data;

  g_free (step->argument);
  g_free (step->other);
  attune_charsmap_free (step->charsmap);
}

AttuneNormalizer *
attune_normalizer_new (void)
{
  AttuneNormalizer *self = g_new (AttuneNormalizer, 1);

  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  g_array_set_clear_func (self->steps, clear_step);
  return self;
}

void
attune_normalizer_free (AttuneNormalizer *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->steps);
  g_free (self);
}

void
attune_normalizer_add (AttuneNormalizer *self, AttuneNormalizeKind kind, const char *argument,
                       const char *other)
{
  const Step step = { kind, g_strdup (argument), g_strdup (other), NULL, FALSE };

  g_array_append_val (self->steps, step);
}

void
attune_normalizer_add_charsmap (AttuneNormalizer *self, AttuneCharsmap *charsmap,
                                gboolean by_cluster)
{
  const Step step
      = { .kind = ATTUNE_NORMALIZE_CHARSMAP, .charsmap = charsmap, .by_cluster = by_cluster };

  g_array_append_val (self->steps, step);
}

gboolean
attune_normalizer_is_empty (const AttuneNormalizer *self)
{
  return self->steps->len == 0;
}

gboolean
attune_normalizer_is_nfc (const AttuneNormalizer *self)
{
  return self->steps->len == 1 && g_array_index (self->steps, Step, 0).kind == ATTUNE_NORMALIZE_NFC;
}

/* --- steps */

static void
copy_rest (AttuneNormalPass *pass)
{
  while (pass->p < pass->end)
    attune_normal_put (pass, pass->p, 1, 1);
}

static void
replace (AttuneNormalPass *pass, const char *old, const char *new)
{
  const gsize n_old = strlen (old), n_new = strlen (new);

  while (pass->p < pass->end)
    if (n_old > 0 && (gsize) (pass->end - pass->p) >= n_old && memcmp (pass->p, old, n_old) == 0)
      attune_normal_put (pass, new, n_new, n_old);
    else
      attune_normal_put (pass, pass->p, 1, 1);
}

static void
prepend (AttuneNormalPass *pass, const char *what, gboolean once)
{
  const gsize n = strlen (what);

  if (pass->p < pass->end
      && !(once && (gsize) (pass->end - pass->p) >= n && memcmp (pass->p, what, n) == 0))
    attune_normal_put (pass, what, n, 0);
  copy_rest (pass);
}

static void
merge_spaces (AttuneNormalPass *pass)
{
  gboolean after_space = FALSE;

  while (pass->p < pass->end)
    {
      const gboolean space = *pass->p == ' ';

      attune_normal_put (pass, pass->p, !(space && after_space), 1);
      after_space = space;
    }
}

static void
bar_words (AttuneNormalPass *pass, const char *bar)
{
  const gsize n = strlen (bar);
  gboolean inside = FALSE;

  while (pass->p < pass->end)
    {
      const char *next;
      const gboolean space
          = (attune_character_peek (pass->p, pass->end, &next) & ATTUNE_WHITE_SPACE) != 0;
      const gsize taken = (gsize) (next - pass->p);

      if (!space && !inside && ((gsize) (pass->end - pass->p) < n || memcmp (pass->p, bar, n) != 0))
        attune_normal_put (pass, bar, n, 0);
      attune_normal_put (pass, pass->p, space ? 0 : taken, taken);
      inside = !space;
    }
}

static void
merge_runs (AttuneNormalPass *pass, const char *with)
{
  while (pass->p < pass->end)
    {
      gsize n = 0;

      while (pass->p + n < pass->end && pass->p[n] == ' ')
        n++;
      if (n > 1)
        attune_normal_put (pass, with, strlen (with), n);
      else
        attune_normal_put (pass, pass->p, 1, 1);
    }
}

static void
strip (AttuneNormalPass *pass, gboolean left, gboolean right)
{
  const char *next, *from = NULL, *to = pass->p;

  for (const char *p = pass->p; p < pass->end; p = next)
    if ((attune_character_peek (p, pass->end, &next) & ATTUNE_WHITE_SPACE) == 0)
      {
        from = from == NULL ? p : from;
        to = next;
      }
  if (left)
    attune_normal_put (pass, "", 0, (gsize) ((from == NULL ? pass->end : from) - pass->p));
  while (pass->p < (right ? MAX (to, pass->p) : pass->end))
    attune_normal_put (pass, pass->p, 1, 1);
  attune_normal_put (pass, "", 0, (gsize) (pass->end - pass->p));
}

static void
strip_spaces (AttuneNormalPass *pass)
{
  const char *from = pass->p, *to = pass->end;

  while (from < to && *from == ' ')
    from++;
  while (to > from && to[-1] == ' ')
    to--;
  attune_normal_put (pass, "", 0, (gsize) (from - pass->p));
  while (pass->p < to)
    attune_normal_put (pass, pass->p, 1, 1);
  attune_normal_put (pass, "", 0, (gsize) (pass->end - pass->p));
}

/* Character by character: small letters, or no marks. */
static void
change (AttuneNormalPass *pass, gboolean lower)
{
  while (pass->p < pass->end)
    {
      const char *next;
      const gunichar c = attune_character_read (pass->p, pass->end, &next);
      const gsize taken = (gsize) (next - pass->p);
      char small[12];

      if (!lower)
        attune_normal_put (pass, pass->p,
                           (attune_character_classify (c) & ATTUNE_MARK) == 0 ? taken : 0, taken);
      else if (c == 0x130) /* İ: the only one that becomes two */
        attune_normal_put (pass, "i\xcc\x87", 3, taken);
      else if (u_tolower ((UChar32) c) == (UChar32) c)
        attune_normal_put (pass, pass->p, taken, taken);
      else
        attune_normal_put (pass, small,
                           (gsize) g_unichar_to_utf8 ((gunichar) u_tolower ((UChar32) c), small),
                           taken);
    }
}

static void
map_characters (AttuneNormalPass *pass, const AttuneCharsmap *charsmap)
{
  while (pass->p < pass->end)
    {
      gsize taken, n;
      const char *with = attune_charsmap_find (charsmap, pass->p, (gsize) (pass->end - pass->p),
                                               FALSE, &taken, &n);
      const char *next;

      if (with != NULL)
        attune_normal_put (pass, with, n, taken);
      else
        {
          attune_character_read (pass->p, pass->end, &next);
          taken = (gsize) (next - pass->p);
          attune_normal_put (pass, pass->p, taken, taken);
        }
    }
}

static void
run_step (const Step *step, gboolean first, AttuneNormalPass *pass)
{
  switch (step->kind)
    {
    case ATTUNE_NORMALIZE_LOWERCASE:
    case ATTUNE_NORMALIZE_STRIP_ACCENTS:
      change (pass, step->kind == ATTUNE_NORMALIZE_LOWERCASE);
      break;
    case ATTUNE_NORMALIZE_STRIP_LEFT:
    case ATTUNE_NORMALIZE_STRIP_RIGHT:
      strip (pass, step->kind == ATTUNE_NORMALIZE_STRIP_LEFT,
             step->kind == ATTUNE_NORMALIZE_STRIP_RIGHT);
      break;
    case ATTUNE_NORMALIZE_PREPEND:
    case ATTUNE_NORMALIZE_PREPEND_ONCE:
      prepend (pass, step->argument, step->kind == ATTUNE_NORMALIZE_PREPEND_ONCE);
      break;
    case ATTUNE_NORMALIZE_PREPEND_FIRST:
    case ATTUNE_NORMALIZE_PREPEND_FIRST_ONCE:
      if (first)
        prepend (pass, step->argument, step->kind == ATTUNE_NORMALIZE_PREPEND_FIRST_ONCE);
      else
        copy_rest (pass);
      break;
    case ATTUNE_NORMALIZE_REPLACE:
      replace (pass, step->argument, step->other);
      break;
    case ATTUNE_NORMALIZE_STRIP_SPACES:
      strip_spaces (pass);
      break;
    case ATTUNE_NORMALIZE_MERGE_SPACES:
      merge_spaces (pass);
      break;
    case ATTUNE_NORMALIZE_BAR_WORDS:
      bar_words (pass, step->argument);
      break;
    case ATTUNE_NORMALIZE_MERGE_RUNS:
      merge_runs (pass, step->argument);
      break;
    case ATTUNE_NORMALIZE_CHARSMAP:
      if (step->by_cluster)
        attune_normal_map_clusters (pass, step->charsmap);
      else
        map_characters (pass, step->charsmap);
      break;
    default:
      attune_normal_form (pass, step->kind);
      break;
    }
}

/* With nothing but spaces to be changed and nobody asking for ends, which is most of the time. */
static gboolean
run_fast (const Step *steps, guint n, gboolean first, const char *from, gsize length, GString *text)
{
  const char *end = from + length, *p = from;
  const gboolean prefix = n == 2 && steps[0].kind == ATTUNE_NORMALIZE_PREPEND;
  const Step *last = &steps[n - 1];

  if (n == 1 && last->kind == ATTUNE_NORMALIZE_NFC)
    {
      /* nothing below U+0300, which 0xcc begins, is ever composed */
      while (p < end && (guchar) *p < 0xcc)
        p++;
      if (p == end)
        g_string_append_len (text, from, (gssize) length);
      return p == end;
    }
  if (n > 2 || (n == 2 && !prefix) || last->kind != ATTUNE_NORMALIZE_REPLACE
      || !g_str_equal (last->argument, " ") || (prefix && strchr (steps[0].argument, ' ') != NULL))
    return FALSE;
  if (prefix && length > 0)
    g_string_append (text, steps[0].argument);
  while (from < end)
    {
      const char *space = memchr (from, ' ', (gsize) (end - from));

      g_string_append_len (text, from, (space != NULL ? space : end) - from);
      if (space == NULL)
        break;
      g_string_append (text, last->other);
      from = space + 1;
    }
  return TRUE;
}

void
attune_normalizer_run (const AttuneNormalizer *self, const char *from, gsize length, gboolean first,
                       gsize offset, AttuneNormalText *text)
{
  const Step *steps = (const Step *) (gpointer) self->steps->data;
  const gboolean wanted = text->ends != NULL;
  AttuneNormalText a = { g_string_sized_new (length + 8), NULL }, b = { NULL, NULL };

  if (!wanted && self->steps->len > 0
      && run_fast (steps, self->steps->len, first, from, length, text->text))
    {
      g_string_free (a.text, TRUE);
      return;
    }
  b.text = g_string_sized_new (length + 8);
  a.ends = wanted ? g_array_new (FALSE, FALSE, sizeof (gsize)) : NULL;
  b.ends = wanted ? g_array_new (FALSE, FALSE, sizeof (gsize)) : NULL;
  g_string_append_len (a.text, from, (gssize) length);
  for (gsize end = offset + 1; wanted && end <= offset + length; end++)
    g_array_append_val (a.ends, end);

  for (guint i = 0; i < self->steps->len; i++)
    {
      AttuneNormalPass pass = { a.text->str, a.text->str + a.text->len, 0, offset, a.ends, &b };
      const AttuneNormalText read = a;

      run_step (&steps[i], first, &pass);
      a = b;
      b = read;
      g_string_truncate (b.text, 0);
      if (wanted)
        g_array_set_size (b.ends, 0);
    }
  g_string_append_len (text->text, a.text->str, (gssize) a.text->len);
  if (wanted)
    g_array_append_vals (text->ends, a.ends->data, a.ends->len);
  g_string_free (a.text, TRUE);
  g_string_free (b.text, TRUE);
  g_clear_pointer (&a.ends, g_array_unref);
  g_clear_pointer (&b.ends, g_array_unref);
}
