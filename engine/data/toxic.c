/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lists made ready, and the walk from word to word.
 */
#include "data/toxic.h"

#include "data/import.h"
#include "data/toxic-list.h"

#include <string.h>

/* Of a phrase; a line with more is none. */
#define MAX_WORDS 8
/* Longer words have nothing to do with any of them. */
#define MAX_BYTES 64
#define MAX_FOLDED (MAX_BYTES * 3)
/* A list of one's own with more lines is no list of words. */
#define MAX_LINES 20000

/* A word or phrase. */
typedef struct
{
  AttuneToxicKind kind;
  gboolean open; /* its last word may go on */
  guint n;
  char *words[MAX_WORDS];
} Entry;

/* By the first three letters most words are passed over at a glance. */
#define N_BEGINNINGS (1 << 15)

struct _AttuneToxicWords
{
  GPtrArray *entries;
  GHashTable *first; /* first word → GPtrArray of Entry, the longest first; borrowed */
  GPtrArray *open;   /* Entry of one word that may go on */
  guint8 begins[N_BEGINNINGS];
};

/* A word of the text: as it is compared, and where it is. */
typedef struct
{
  char folded[MAX_FOLDED + 1];
  gboolean starred; /* signs stand for unknown letters: “f*ck” */
  gsize start, end;
} Word;

static const char *const names[ATTUNE_N_TOXIC] = {
  [ATTUNE_TOXIC_INSULT] = "insult",
  [ATTUNE_TOXIC_SLUR] = "slur",
  [ATTUNE_TOXIC_PROFANITY] = "profanity",
  [ATTUNE_TOXIC_THREAT] = "threat",
  [ATTUNE_TOXIC_OWN] = "own",
};

const char *
attune_toxic_kind_get_name (AttuneToxicKind kind)
{
  g_return_val_if_fail ((guint) kind < ATTUNE_N_TOXIC, NULL);
  return names[kind];
}

/* --- letters */

/* The letter that a sign or digit within a word stands for. */
static char
letter_of (char c)
{
  static const char signs[] = "@4301!5$7", letters[] = "aaeoiisst";
  const char *at = c != '\0' ? strchr (signs, c) : NULL;

  return at != NULL ? letters[at - signs] : g_ascii_tolower (c);
}

/* Bytes of the letter, digit or sign at @p that a word may hold; 0: it ends there. */
static gsize
part_at (const char *p)
{
  if ((guchar) *p < 0x80)
    return g_ascii_isalnum (*p) || (*p != '\0' && strchr ("@$!*'", *p) != NULL);
  return g_unichar_isalnum (g_utf8_get_char (p)) || strncmp (p, "\u2019", 3) == 0
             ? (gsize) (g_utf8_next_char (p) - p)
             : 0;
}

static const char *
skip_word (const char *p)
{
  for (gsize n; (n = part_at (p)) > 0;)
    p += n;
  return p;
}

/* Of its first three letters. @open: (out): whether one could be any, or is no ASCII: then the word
 * is looked at. */
static guint
beginning (const char *p, gboolean *open)
{
  guint key = 0;
  gboolean ended = FALSE;

  *open = FALSE;
  for (guint i = 0; i < 3; i++)
    {
      *open = *open || (!ended && (*p == '*' || (guchar) *p >= 0x80));
      ended = ended || part_at (p) == 0;
      key = key << 5 | (ended ? 0 : letter_of (*p++) & 31);
    }
  return key;
}

/* Writes what it is compared by. */
static void
fold_word (const char *start, const char *end, Word *word)
{
  gsize n = 0;

  for (const char *p = start; p < end; p = g_utf8_next_char (p))
    if ((guchar) *p < 0x80)
      word->folded[n++] = letter_of (*p);
    else if (strncmp (p, "\u2019", 3) == 0)
      word->folded[n++] = '\'';
    else /* no small letter takes more than two bytes more; MAX_FOLDED has room for that */
      n += g_unichar_to_utf8 (g_unichar_tolower (g_utf8_get_char (p)), word->folded + n);
  word->folded[n] = '\0';
  word->starred = memchr (word->folded, '*', n) != NULL;
}

/* The word at @p, where one begins. Returns: behind it. @word: (out): nothing folded where it has
 * no letter or is too long. */
static const char *
read_word (const char *text, const char *p, Word *word)
{
  const char *start = p, *next = skip_word (p), *end = next;
  guint letters = 0;

  for (const char *q = start; q < next; q++)
    letters += g_ascii_isalpha (*q) || (guchar) *q >= 0x80;
  /* at the end they are of the sentence: “You idiot!”, “**word**”, but “sh**” */
  while (end > start && strchr (letters < 3 ? "!'@" : "!*'@", end[-1]) != NULL)
    end--;
  /* “the idiot's”, “idiot’s” */
  if (end - start > 3 && g_ascii_tolower (end[-1]) == 's'
      && (end[-2] == '\'' || (end - start > 5 && strncmp (end - 4, "\u2019", 3) == 0)))
    end -= end[-2] == '\'' ? 2 : 4;
  *word = (Word) { .start = start - text, .end = end - text };
  if (letters > 0 && end - start <= MAX_BYTES)
    fold_word (start, end, word);
  return next;
}

/* --- the lists */

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  for (guint i = 0; i < entry->n; i++)
    g_free (entry->words[i]);
  g_free (entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *x = *(const Entry *const *) a, *y = *(const Entry *const *) b;

  return (x->n < y->n) - (x->n > y->n);
}

/* @line: words with single or more blanks between. Returns: whether it is an entry. */
static gboolean
add_entry (AttuneToxicWords *self, AttuneToxicKind kind, const char *line)
{
  g_auto (GStrv) parts = g_strsplit_set (line, " \t", -1);
  Entry *entry = g_new0 (Entry, 1);
  GPtrArray *list;
  gboolean open;

  entry->kind = kind;
  g_ptr_array_add (self->entries, entry);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const gsize n = strlen (parts[i]);
      Word word;

      if (n == 0)
        continue;
      if (entry->n == MAX_WORDS || entry->open)
        return FALSE;
      entry->open = parts[i][n - 1] == '*';
      if (*read_word (parts[i], parts[i], &word) != '\0' || word.folded[0] == '\0' || word.starred)
        return FALSE;
      entry->words[entry->n++] = g_strdup (word.folded);
    }
  if (entry->n == 0)
    return FALSE;
  if (entry->n == 1 && entry->open)
    g_ptr_array_add (self->open, entry);
  else
    {
      if ((list = g_hash_table_lookup (self->first, entry->words[0])) == NULL)
        g_hash_table_insert (self->first, entry->words[0], list = g_ptr_array_new ());
      g_ptr_array_add (list, entry);
    }
  self->begins[beginning (entry->words[0], &open)] = 1;
  return TRUE;
}

static gboolean
read_own (AttuneToxicWords *self, const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize n;

  if (!g_file_get_contents (path, &text, &n, error))
    return FALSE;
  lines = g_strsplit (g_str_has_prefix (text, "\xef\xbb\xbf") ? text + 3 : text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *line = g_strstrip (lines[i]);
      gboolean valid;

      if (*line == '\0' || *line == '#')
        continue;
      valid = g_utf8_validate (line, -1, NULL);
      /* its letters are made small as those of texts are, whatever the locale */
      if (!valid || i >= MAX_LINES || !add_entry (self, ATTUNE_TOXIC_OWN, line))
        {
          g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_FORMAT,
                       "%s, line %u, is no word or phrase of up to %u words. The list is a text in "
                       "UTF-8 with one on each line; “word*” is all that begins so.",
                       path, i + 1, MAX_WORDS);
          return FALSE;
        }
    }
  return TRUE;
}

AttuneToxicWords *
attune_toxic_words_new (const char *path, GError **error)
{
  g_autoptr (AttuneToxicWords) self = g_new0 (AttuneToxicWords, 1);
  GHashTableIter iter;
  gpointer list;

  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->open = g_ptr_array_new ();
  self->first
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < G_N_ELEMENTS (toxic_list); i++)
    {
      const gboolean added = add_entry (self, toxic_list[i].kind, toxic_list[i].words);

      g_assert (added);
    }
  if (path != NULL && *path != '\0' && !read_own (self, path, error))
    return NULL;
  g_hash_table_iter_init (&iter, self->first);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    g_ptr_array_sort (list, compare_entries);
  return g_steal_pointer (&self);
}

void
attune_toxic_words_free (AttuneToxicWords *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->first);
  g_ptr_array_unref (self->open);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

/* --- the text */

/* A sign stands for one letter. */
static gboolean
matches (const Word *word, const char *wanted, gboolean open)
{
  const char *p = word->folded;

  for (; *wanted != '\0'; p++, wanted++)
    if (*p != *wanted && (*p != '*' || (guchar) *wanted >= 0x80))
      return FALSE;
  return *p == '\0' || open;
}

/* The rest of a phrase. Returns: whether it follows; @end: (out): behind it. */
static gboolean
follows (const char *text, const char *p, const Entry *entry, gsize *end)
{
  for (guint i = 1; i < entry->n; i++)
    {
      Word word;

      while (*p == ' ' || *p == '\n' || *p == '\t' || *p == ',')
        p++;
      if (part_at (p) == 0)
        return FALSE;
      p = read_word (text, p, &word);
      if (!matches (&word, entry->words[i], entry->open && i + 1 == entry->n))
        return FALSE;
      *end = word.end;
    }
  return TRUE;
}

/* The entry that begins with @word, or %NULL; @end: (inout): behind it. */
static const Entry *
find_entry (const AttuneToxicWords *self, const char *text, const char *next, const Word *word,
            gsize *end)
{
  const GPtrArray *list = g_hash_table_lookup (self->first, word->folded);

  for (guint i = 0; list != NULL && i < list->len; i++)
    if (follows (text, next, list->pdata[i], end))
      return list->pdata[i];
  for (guint i = 0; i < self->open->len; i++)
    if (matches (word, ((Entry *) self->open->pdata[i])->words[0], TRUE))
      return self->open->pdata[i];
  for (guint i = 0; word->starred && i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];

      if (entry->n == 1 && matches (word, entry->words[0], entry->open))
        return entry;
    }
  return NULL;
}

GArray *
attune_toxic_find (const AttuneToxicWords *self, const char *text)
{
  GArray *spans = g_array_new (FALSE, FALSE, sizeof (AttuneSpan));

  for (const char *p = text; *p != '\0';)
    {
      const Entry *entry = NULL;
      const char *next;
      gboolean open;
      Word word;
      gsize end;

      if (part_at (p) == 0 || strchr ("!*'@", *p) != NULL) /* “'word'”, “**word**”, “@name” */
        {
          p = g_utf8_next_char (p);
          continue;
        }
      if (!self->begins[beginning (p, &open)] && !open)
        {
          p = skip_word (p);
          continue;
        }
      next = read_word (text, p, &word);
      end = word.end;
      if (word.folded[0] != '\0')
        entry = find_entry (self, text, next, &word, &end);
      if (entry != NULL)
        attune_spans_add (spans, entry->kind, word.start, end);
      p = MAX (next, text + (entry != NULL ? end : 0));
    }
  return spans;
}

char *
attune_toxic_mask (const char *text, const GArray *spans)
{
  static const char *const masks[ATTUNE_N_TOXIC] = { "[…]", "[…]", "[…]", "[…]", "[…]" };

  return attune_spans_mask (text, spans, masks);
}
