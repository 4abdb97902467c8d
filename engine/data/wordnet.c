/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of sorted files, found by halving.
 */
#include "data/wordnet.h"

#include "data/import.h"

#include <string.h>

/* More are in no line of WordNet 3: a damaged file may claim anything. */
#define MAX_SENSES 200
#define MAX_WORDS 100

struct _AttuneWordnet
{
  GMappedFile *index[ATTUNE_N_PARTS_OF_SPEECH], *data[ATTUNE_N_PARTS_OF_SPEECH], *counts;
};

/* A part of a file, and what of it is still to be read. */
typedef struct
{
  const char *p, *end;
} Span;

/* --- files */

static const char *const names[ATTUNE_N_PARTS_OF_SPEECH] = { "noun", "verb", "adj", "adv" };

static GMappedFile *
map (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) reason = NULL;
  GMappedFile *file = g_mapped_file_new (path, FALSE, &reason);

  if (file == NULL)
    g_set_error (
        error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
        "Words cannot be replaced: a file of WordNet is missing on this computer, or cannot "
        "be read (%s). Install the package wordnet-base, or make no variants.",
        reason->message);
  return file;
}

/* Returns: (transfer full) */
static char *
find_folder (const char *folder)
{
  const char *said = folder != NULL ? folder : g_getenv ("WNSEARCHDIR");
  const char *const *folders = g_get_system_data_dirs ();

  if (said != NULL && *said != '\0')
    return g_strdup (said);
  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], "wordnet", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&path);
    }
  return g_strdup ("/usr/share/wordnet");
}

AttuneWordnet *
attune_wordnet_open (const char *folder, GError **error)
{
  g_autoptr (AttuneWordnet) self = g_new0 (AttuneWordnet, 1);
  g_autofree char *found = find_folder (folder);

  for (int i = 0; i < ATTUNE_N_PARTS_OF_SPEECH; i++)
    {
      g_autofree char *index = g_strconcat ("index.", names[i], NULL),
                      *data = g_strconcat ("data.", names[i], NULL);

      if ((self->index[i] = map (found, index, error)) == NULL
          || (self->data[i] = map (found, data, error)) == NULL)
        return NULL;
    }
  if ((self->counts = map (found, "cntlist.rev", error)) == NULL)
    return NULL;
  return g_steal_pointer (&self);
}

void
attune_wordnet_free (AttuneWordnet *self)
{
  if (self == NULL)
    return;
  for (int i = 0; i < ATTUNE_N_PARTS_OF_SPEECH; i++)
    {
      g_clear_pointer (&self->index[i], g_mapped_file_unref);
      g_clear_pointer (&self->data[i], g_mapped_file_unref);
    }
  g_clear_pointer (&self->counts, g_mapped_file_unref);
  g_free (self);
}

static Span
span_of (GMappedFile *file)
{
  const char *start = g_mapped_file_get_contents (file);

  return (Span) { start, start + g_mapped_file_get_length (file) };
}

/* --- lines */

static const char *
end_of_line (const char *p, const char *end)
{
  const char *found = p < end ? memchr (p, '\n', end - p) : NULL;

  return found != NULL ? found : end;
}

/* As strcmp() of the first bytes of the line at @p and @key. */
static int
compare (const char *p, const char *end, const char *key)
{
  for (; *key != '\0'; p++, key++)
    {
      const guchar c = p < end ? (guchar) *p : '\0';

      if (c != (guchar) *key)
        return c < (guchar) *key ? -1 : 1;
    }
  return 0;
}

/* The first line that does not stand before @key, in a file whose lines are sorted; its end where
 * there is none. */
static const char *
find_line (Span file, const char *key)
{
  const char *low = file.p, *high = file.end; /* each at the beginning of a line */

  while (low < high)
    {
      const char *middle = low + (high - low) / 2, *line = middle;

      while (line > low && line[-1] != '\n')
        line--;
      if (compare (line, file.end, key) >= 0)
        high = line;
      else
        low = MIN (end_of_line (middle, file.end) + 1, file.end);
    }
  return low;
}

/* The next word of a line, copied; "" behind the last. */
static const char *
next_word (Span *line, char *word, gsize size)
{
  gsize n = 0;

  while (line->p < line->end && *line->p == ' ')
    line->p++;
  for (; line->p < line->end && *line->p != ' ' && n + 1 < size; line->p++)
    word[n++] = *line->p;
  word[n] = '\0';
  return word;
}

/* The next word as a number, @max at most. */
static guint32
next_number (Span *line, int base, guint32 max)
{
  char word[16];
  const guint64 number = g_ascii_strtoull (next_word (line, word, sizeof word), NULL, base);

  return MIN (number, max);
}

static void
skip_words (Span *line, guint n)
{
  char word[256];

  while (n-- > 0 && line->p < line->end)
    next_word (line, word, sizeof word);
}

/* --- senses */

/* How often they were counted: lines as "remedy%1:04:00:: 1 2", with the number of the sense and
 * the count. Adjectives are 3 or, as satellites of another, 5. */
static void
count_senses (const AttuneWordnet *self, const char *word, AttunePartOfSpeech part,
              AttuneWordSenses *senses)
{
  static const char *const types[ATTUNE_N_PARTS_OF_SPEECH] = { "1", "2", "35", "4" };
  const Span file = span_of (self->counts);

  for (const char *type = types[part]; *type != '\0'; type++)
    {
      g_autofree char *key = g_strdup_printf ("%s%%%c:", word, *type);

      for (const char *p = find_line (file, key); p < file.end && compare (p, file.end, key) == 0;
           p = MIN (end_of_line (p, file.end) + 1, file.end))
        {
          Span line = { p, end_of_line (p, file.end) };
          guint number, n;

          skip_words (&line, 1);
          number = next_number (&line, 10, G_MAXUINT16);
          n = next_number (&line, 10, G_MAXUINT16);
          senses->n_all += n;
          senses->n_first += number == 1 ? n : 0;
        }
    }
}

gboolean
attune_wordnet_find (const AttuneWordnet *self, const char *word, AttunePartOfSpeech part,
                     AttuneWordSenses *senses)
{
  g_autofree char *key = g_strconcat (word, " ", NULL);
  const Span file = span_of (self->index[part]);
  const char *p = find_line (file, key);
  Span line = { p, end_of_line (p, file.end) };
  guint n_pointers;

  if (senses != NULL)
    *senses = (AttuneWordSenses) { 0 };
  if (*word == '\0' || p == file.end || compare (p, file.end, key) != 0)
    return FALSE;
  if (senses == NULL)
    return TRUE;
  skip_words (&line, 2); /* word, part of speech */
  senses->n_senses = next_number (&line, 10, MAX_SENSES);
  n_pointers = next_number (&line, 10, G_MAXUINT16);
  skip_words (&line, n_pointers + 2); /* number of senses, of those that were counted */
  senses->first = next_number (&line, 10, G_MAXUINT32);
  count_senses (self, word, part, senses);
  return senses->n_senses > 0;
}

GPtrArray *
attune_wordnet_get_words (const AttuneWordnet *self, AttunePartOfSpeech part, guint32 synset)
{
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);
  const Span file = span_of (self->data[part]);
  Span line;
  char word[256];
  guint n;

  if (synset >= file.end - file.p)
    return words;
  line = (Span) { file.p + synset, end_of_line (file.p + synset, file.end) };
  if (next_number (&line, 10, G_MAXUINT32) != synset) /* each line begins with where it stands */
    return words;
  skip_words (&line, 2); /* file of the lexicographer, kind */
  n = next_number (&line, 16, MAX_WORDS);
  for (guint i = 0; i < n && line.p < line.end; i++)
    {
      g_ptr_array_add (words, g_strdup (next_word (&line, word, sizeof word)));
      skip_words (&line, 1);
    }
  return words;
}
