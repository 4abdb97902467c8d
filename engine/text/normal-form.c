/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Normal forms by ICU, part by part, so that each part's end in the text before is known; and what
 * a reader sees as one character.
 */
#include "text/normal-form.h"
#include "text/character.h"

#include <unicode/ubrk.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

void
attune_normal_put (AttuneNormalPass *pass, const char *bytes, gsize n, gsize taken)
{
  gsize end = pass->offset;

  pass->p += taken;
  pass->read += taken;
  g_string_append_len (pass->out->text, bytes, (gssize) n);
  if (pass->ends == NULL)
    return;
  if (pass->read > 0)
    end = g_array_index (pass->ends, gsize, pass->read - 1);
  for (gsize i = 0; i < n; i++)
    g_array_append_val (pass->out->ends, end);
}

static const UNormalizer2 *
get_form (AttuneNormalizeKind kind)
{
  UErrorCode status = U_ZERO_ERROR;

  switch (kind)
    {
    case ATTUNE_NORMALIZE_NFC:
      return unorm2_getNFCInstance (&status);
    case ATTUNE_NORMALIZE_NFD:
      return unorm2_getNFDInstance (&status);
    case ATTUNE_NORMALIZE_NFKC:
      return unorm2_getNFKCInstance (&status);
    default:
      return unorm2_getNFKDInstance (&status);
    }
}

/* The end of what is normalised by itself: from a character that nothing before it changes to the
 * next of that kind. What is no UTF-8 is by itself. */
static const char *
find_segment (const UNormalizer2 *form, const char *p, const char *end, gboolean *valid)
{
  const char *next;

  *valid = g_utf8_get_char_validated (p, end - p) < (gunichar) -2;
  attune_character_read (p, end, &next);
  for (p = next; *valid && p < end; p = next)
    if (g_utf8_get_char_validated (p, end - p) >= (gunichar) -2
        || unorm2_hasBoundaryBefore (form, (UChar32) attune_character_read (p, end, &next)))
      break;
  return p;
}

/* Whether @p … @to is one character that is always left as it is. */
static gboolean
is_inert (const UNormalizer2 *form, const char *p, const char *to)
{
  const char *next;
  const gunichar c = attune_character_read (p, to, &next);

  return next == to && unorm2_isInert (form, (UChar32) c);
}

void
attune_normal_form (AttuneNormalPass *pass, AttuneNormalizeKind kind)
{
  const UNormalizer2 *form = get_form (kind);
  g_autoptr (GArray) wide = g_array_new (FALSE, FALSE, sizeof (UChar));
  g_autoptr (GArray) made = g_array_new (FALSE, FALSE, sizeof (UChar));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  while (pass->p < pass->end)
    {
      UErrorCode status = U_ZERO_ERROR;
      gboolean valid;
      const char *to = find_segment (form, pass->p, pass->end, &valid);
      const gsize taken = (gsize) (to - pass->p);
      int n_wide, n_made, n_bytes;

      if (taken == 1 || !valid || is_inert (form, pass->p, to))
        {
          attune_normal_put (pass, pass->p, taken, taken);
          continue;
        }
      /* no form makes a text more than 18 times as long: U+FDFA in NFKC */
      g_array_set_size (wide, (guint) taken);
      g_array_set_size (made, (guint) taken * 18);
      g_byte_array_set_size (bytes, (guint) taken * 54);
      u_strFromUTF8 ((UChar *) (gpointer) wide->data, (int) wide->len, &n_wide, pass->p,
                     (int) taken, &status);
      n_made = unorm2_normalize (form, (UChar *) (gpointer) wide->data, n_wide,
                                 (UChar *) (gpointer) made->data, (int) made->len, &status);
      u_strToUTF8 ((char *) bytes->data, (int) bytes->len, &n_bytes,
                   (UChar *) (gpointer) made->data, n_made, &status);
      if (U_FAILURE (status))
        attune_normal_put (pass, pass->p, taken, taken);
      else
        attune_normal_put (pass, (char *) bytes->data, (gsize) n_bytes, taken);
    }
}

/* Looks up @n bytes. Returns: whether the table has them. */
static gboolean
map_part (AttuneNormalPass *pass, const AttuneCharsmap *charsmap, gsize n)
{
  gsize taken, n_with;
  const char *with = attune_charsmap_find (charsmap, pass->p, n, TRUE, &taken, &n_with);

  if (with != NULL)
    attune_normal_put (pass, with, n_with, n);
  return with != NULL;
}

void
attune_normal_map_clusters (AttuneNormalPass *pass, const AttuneCharsmap *charsmap)
{
  UErrorCode status = U_ZERO_ERROR;
  const char *const start = pass->p, *const end = pass->end;
  UText *text = utext_openUTF8 (NULL, start, end - start, &status);
  UBreakIterator *clusters = ubrk_open (UBRK_CHARACTER, "", NULL, 0, &status);

  if (U_SUCCESS (status))
    ubrk_setUText (clusters, text, &status);
  while (pass->p < end)
    {
      const int32_t next = U_SUCCESS (status) ? ubrk_next (clusters) : UBRK_DONE;
      const char *to = next != UBRK_DONE && start + next > pass->p ? start + next : end;

      if (to - pass->p < 6 && map_part (pass, charsmap, (gsize) (to - pass->p)))
        continue;
      while (pass->p < to)
        {
          const char *after;

          attune_character_read (pass->p, to, &after);
          if (!map_part (pass, charsmap, (gsize) (after - pass->p)))
            attune_normal_put (pass, pass->p, (gsize) (after - pass->p), (gsize) (after - pass->p));
        }
    }
  if (clusters != NULL)
    ubrk_close (clusters);
  utext_close (text);
}
