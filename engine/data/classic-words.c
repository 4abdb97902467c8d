/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See classic-words.h.
 */
#include "data/classic-words.h"

#include "data/import.h"
#include "data/stop-words.h"

#include <libstemmer.h>
#include <string.h>
#include <unicode/ubrk.h>

struct _AttuneClassicWords
{
  UBreakIterator *breaks;     /* (nullable): ICU has no data here */
  GHashTable *stops;          /* (nullable): char*, a set */
  struct sb_stemmer *stemmer; /* (nullable) */
};

static gboolean
fail (const char *what, const char *language, const char *known, GError **error)
{
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
               "There are no %s of the language “%s”, only of: %s. Choose one of these, or switch "
               "the step off.",
               what, language, known);
  return FALSE;
}

/* "en, de, …": Snowball's languages whose names are two letters. Returns: (transfer full). */
static char *
list_stemmers (void)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (const char *const *name = (const char *const *) sb_stemmer_list (); *name != NULL; name++)
    {
      static const char *const codes[][2]
          = { { "danish", "da" },     { "dutch", "nl" },    { "english", "en" },
              { "finnish", "fi" },    { "french", "fr" },   { "german", "de" },
              { "hungarian", "hu" },  { "italian", "it" },  { "norwegian", "no" },
              { "portuguese", "pt" }, { "romanian", "ro" }, { "russian", "ru" },
              { "spanish", "es" },    { "swedish", "sv" },  { "turkish", "tr" } };

      for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
        if (g_str_equal (*name, codes[i][0]))
          g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", codes[i][1]);
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static gboolean
read_stops (AttuneClassicWords *self, const char *language, GError **error)
{
  const char *words = attune_stop_words_get (language);
  g_auto (GStrv) list = NULL;

  if (words == NULL)
    return fail ("stop words", language, attune_stop_words_get_languages (), error);
  self->stops = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  list = g_strsplit (words, " ", -1);
  for (guint i = 0; list[i] != NULL; i++)
    g_hash_table_add (self->stops, g_strdup (list[i]));
  return TRUE;
}

AttuneClassicWords *
attune_classic_words_new (const char *language, gboolean stops, gboolean stems, GError **error)
{
  g_autoptr (AttuneClassicWords) self = g_new0 (AttuneClassicWords, 1);
  UErrorCode status = U_ZERO_ERROR;

  self->breaks = ubrk_open (UBRK_WORD, "", NULL, 0, &status);
  if (U_FAILURE (status))
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                   "Words cannot be told on this computer: %s.", u_errorName (status));
      return NULL;
    }
  if (stops && !read_stops (self, language, error))
    return NULL;
  /* its list of names would take "english", too */
  if (stems
      && (strlen (language) != 2 || (self->stemmer = sb_stemmer_new (language, NULL)) == NULL))
    {
      g_autofree char *known = list_stemmers ();

      fail ("stems", language, known, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_classic_words_free (AttuneClassicWords *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->breaks, ubrk_close);
  g_clear_pointer (&self->stops, g_hash_table_unref);
  g_clear_pointer (&self->stemmer, sb_stemmer_delete);
  g_free (self);
}

typedef enum
{
  SPACE,
  SIGN,
  NUMBER,
  WORD,
} Kind;

/* What is done with one piece of a text, which is appended to @out. */
typedef void (*PieceFunc) (AttuneClassicWords *self, Kind kind, const char *piece, gsize n,
                           GString *out);

static Kind
kind_of (int status, const char *piece)
{
  if (status < UBRK_WORD_NONE_LIMIT)
    return g_unichar_isspace (g_utf8_get_char (piece)) ? SPACE : SIGN;
  return status < UBRK_WORD_NUMBER_LIMIT ? NUMBER : WORD;
}

/* Returns: (transfer full) (nullable): %NULL where it is the same. */
static char *
run (AttuneClassicWords *self, const char *text, PieceFunc on_piece)
{
  UErrorCode status = U_ZERO_ERROR;
  UText *utext = utext_openUTF8 (NULL, text, -1, &status);
  g_autoptr (GString) out = g_string_sized_new (strlen (text) + 1);

  ubrk_setUText (self->breaks, utext, &status);
  if (U_SUCCESS (status))
    for (gint32 start = ubrk_first (self->breaks), end = ubrk_next (self->breaks); end != UBRK_DONE;
         start = end, end = ubrk_next (self->breaks))
      on_piece (self, kind_of (ubrk_getRuleStatus (self->breaks), text + start), text + start,
                end - start, out);
  utext_close (utext);
  while (out->len > 0 && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  return U_FAILURE (status) || g_str_equal (out->str, text)
             ? NULL
             : g_string_free (g_steal_pointer (&out), FALSE);
}

static void
split (AttuneClassicWords *self, Kind kind, const char *piece, gsize n, GString *out)
{
  if (kind == SPACE)
    return;
  g_string_append_len (out, piece, n);
  g_string_append_c (out, ' ');
}

char *
attune_classic_words_split (AttuneClassicWords *self, const char *text)
{
  return run (self, text, split);
}

/* A blank in front of a word that goes, goes with the one behind it. */
static void
drop_stop (AttuneClassicWords *self, Kind kind, const char *piece, gsize n, GString *out)
{
  g_autofree char *lower = kind == WORD ? g_utf8_strdown (piece, n) : NULL;

  if (lower != NULL && g_hash_table_contains (self->stops, lower))
    return;
  if (kind == SPACE && (out->len == 0 || (out->str[out->len - 1] == '\n' && *piece == ' ')))
    return;
  if (kind == SPACE && out->str[out->len - 1] == ' ')
    g_string_truncate (out, out->len - 1);
  g_string_append_len (out, piece, n);
}

static void
count_word (AttuneClassicWords *self, Kind kind, const char *piece, gsize n, GString *out)
{
  if (kind == WORD || kind == NUMBER)
    g_string_append_c (out, 'x');
}

char *
attune_classic_words_drop_stops (AttuneClassicWords *self, const char *text)
{
  g_autofree char *left = run (self, text, drop_stop),
                  *words = left != NULL ? run (self, left, count_word) : NULL;

  return words != NULL && *words != '\0' ? g_steal_pointer (&left) : NULL;
}

static void
stem (AttuneClassicWords *self, Kind kind, const char *piece, gsize n, GString *out)
{
  g_autofree char *lower = kind == WORD ? g_utf8_strdown (piece, n) : NULL;
  const sb_symbol *found
      = lower != NULL
            ? sb_stemmer_stem (self->stemmer, (const sb_symbol *) lower, (int) strlen (lower))
            : NULL;

  if (found != NULL)
    g_string_append_len (out, (const char *) found, sb_stemmer_length (self->stemmer));
  else
    g_string_append_len (out, piece, n);
}

char *
attune_classic_words_stem (AttuneClassicWords *self, const char *text)
{
  return run (self, text, stem);
}
