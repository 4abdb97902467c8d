/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From word to word through the text, the surest kinds first.
 */
#include "data/personal-data.h"

#include "data/personal-private.h"

#include <string.h>

static const struct
{
  const char *name, *mask;
  gsize (*match) (const char *text, const char *p);
} kinds_table[ATTUNE_N_PERSONAL] = {
  [ATTUNE_PERSONAL_EMAIL] = { "email", "[E-MAIL]", attune_personal_match_email },
  [ATTUNE_PERSONAL_PHONE] = { "phone", "[PHONE]", attune_personal_match_phone },
  [ATTUNE_PERSONAL_IBAN] = { "iban", "[IBAN]", attune_personal_match_iban },
  [ATTUNE_PERSONAL_CARD] = { "card", "[CARD]", attune_personal_match_card },
  [ATTUNE_PERSONAL_ID] = { "id", "[ID]", attune_personal_match_id },
  [ATTUNE_PERSONAL_IP] = { "ip", "[IP]", attune_personal_match_ip },
  [ATTUNE_PERSONAL_BIRTH] = { "birth", "[DATE OF BIRTH]", attune_personal_match_birth },
  [ATTUNE_PERSONAL_NAME] = { "name", "[NAME]", attune_personal_match_name },
};

/* What has check digits comes before what only looks like it: an IBAN's digits are no phone. */
static const AttunePersonalKind order[]
    = { ATTUNE_PERSONAL_EMAIL, ATTUNE_PERSONAL_IBAN,  ATTUNE_PERSONAL_CARD,  ATTUNE_PERSONAL_ID,
        ATTUNE_PERSONAL_IP,    ATTUNE_PERSONAL_BIRTH, ATTUNE_PERSONAL_PHONE, ATTUNE_PERSONAL_NAME };

const char *
attune_personal_kind_get_name (AttunePersonalKind kind)
{
  g_return_val_if_fail ((guint) kind < ATTUNE_N_PERSONAL, NULL);
  return kinds_table[kind].name;
}

/* --- for those who match */

gboolean
attune_personal_is_announced (const char *text, const char *p, gsize reach,
                              const char *const *words)
{
  const char *start = (gsize) (p - text) > reach ? p - reach : text;
  const char *line = g_strrstr_len (start, p - start, "\n");
  g_autofree char *before = NULL, *lower = NULL;

  start = line != NULL ? line : start;
  while (((guchar) *start & 0xc0) == 0x80) /* not within a character */
    start++;
  before = g_strndup (start, p - start);
  lower = g_utf8_strdown (before, -1);
  for (guint i = 0; words[i] != NULL; i++)
    {
      const gsize n = strlen (words[i]);

      for (const char *at = strstr (lower, words[i]); at != NULL; at = strstr (at + 1, words[i]))
        {
          const char *previous = g_utf8_find_prev_char (lower, at);
          const gunichar next = g_utf8_get_char (at + n);

          if ((previous == NULL || !g_unichar_isalnum (g_utf8_get_char (previous)))
              && !g_unichar_isalpha (next))
            return TRUE;
        }
    }
  return FALSE;
}

gsize
attune_personal_read_digits (const char *p, const char *separators, guint max, char *digits,
                             guint *n)
{
  const char *start = p, *end = p;

  *n = 0;
  while (TRUE)
    {
      if (g_ascii_isdigit (*p))
        {
          if (*n == max)
            return 0;
          digits[(*n)++] = *p++;
          end = p;
        }
      else if (*p != '\0' && strchr (separators, *p) != NULL && g_ascii_isdigit (p[1]) && p > start)
        p++;
      else
        break;
    }
  digits[*n] = '\0';
  return g_unichar_isalnum (g_utf8_get_char (end)) || *end == '_' ? 0 : end - start;
}

/* --- the text */

/* What a text lacks cannot be found in it: most have no number and no address at all. */
static guint
possible_kinds (const char *text, guint kinds)
{
  gboolean has_digit = FALSE, has_at = FALSE, has_bracket = FALSE, has_colon = FALSE;
  guint wanted = 0;

  for (const char *p = text; *p != '\0'; p++)
    {
      has_digit = has_digit || g_ascii_isdigit (*p);
      has_at = has_at || *p == '@';
      has_bracket = has_bracket || *p == ')' || *p == ']'; /* of "(at)" */
      has_colon = has_colon || *p == ':';
    }
  if (has_at || has_bracket)
    wanted |= 1u << ATTUNE_PERSONAL_EMAIL;
  if (has_digit)
    wanted |= 1u << ATTUNE_PERSONAL_IBAN | 1u << ATTUNE_PERSONAL_CARD | 1u << ATTUNE_PERSONAL_ID
              | 1u << ATTUNE_PERSONAL_BIRTH | 1u << ATTUNE_PERSONAL_PHONE;
  if (has_digit || has_colon)
    wanted |= 1u << ATTUNE_PERSONAL_IP;
  return kinds & (wanted | 1u << ATTUNE_PERSONAL_NAME);
}

/* Only these can begin anything that is looked for, so that all others are passed over fast. */
static gboolean
may_begin (const char *text, const char *p)
{
  const char *previous;

  if (!g_ascii_isdigit (*p) && *p != '+' && *p != '(' && *p != ':' && !g_ascii_isalpha (*p)
      && (guchar) *p < 0x80)
    return FALSE;
  if (p == text)
    return TRUE;
  previous = p - 1;
  if ((guchar) *previous >= 0x80)
    previous = g_utf8_prev_char (p);
  return (guchar) *previous < 0x80 ? !g_ascii_isalnum (*previous) && *previous != '_'
                                   : !g_unichar_isalnum (g_utf8_get_char (previous));
}

/* The kinds that can begin with this character, which are what their functions look at first. */
static guint
kinds_of (char c)
{
  const guint email = 1u << ATTUNE_PERSONAL_EMAIL, ip = 1u << ATTUNE_PERSONAL_IP,
              phone = 1u << ATTUNE_PERSONAL_PHONE, name = 1u << ATTUNE_PERSONAL_NAME,
              birth = 1u << ATTUNE_PERSONAL_BIRTH;

  if (g_ascii_isdigit (c))
    return ~(name | 1u << ATTUNE_PERSONAL_IBAN);
  if (g_ascii_islower (c))
    return email | name | (g_ascii_isxdigit (c) ? ip : 0);
  if (g_ascii_isupper (c))
    return email | name | birth | 1u << ATTUNE_PERSONAL_IBAN | 1u << ATTUNE_PERSONAL_ID
           | (g_ascii_isxdigit (c) ? ip : 0);
  return c == ':' ? ip : (guchar) c < 0x80 ? phone : name | birth;
}

GArray *
attune_personal_find (const char *text, guint kinds)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AttunePersonalSpan));

  kinds = possible_kinds (text, kinds);
  for (const char *p = text; kinds != 0 && *p != '\0';)
    {
      const guint wanted = may_begin (text, p) ? kinds & kinds_of (*p) : 0;
      gsize n = 0;

      for (guint i = 0; n == 0 && wanted != 0 && i < G_N_ELEMENTS (order); i++)
        {
          const AttunePersonalKind kind = order[i];

          n = (wanted & 1u << kind) != 0 ? kinds_table[kind].match (text, p) : 0;
          if (n > 0)
            {
              const AttunePersonalSpan span = { kind, p - text, p - text + n };

              g_array_append_val (spans, span);
            }
        }
      p = n > 0 ? p + n : g_utf8_next_char (p);
    }
  return spans;
}

char *
attune_personal_mask (const char *text, const GArray *spans)
{
  const char *masks[ATTUNE_N_PERSONAL];

  for (int i = 0; i < ATTUNE_N_PERSONAL; i++)
    masks[i] = kinds_table[i].mask;
  return attune_spans_mask (text, spans, masks);
}
