/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which meaning an abbreviation has.
 */
#include "data/abbreviations.h"

#include "data/clean.h"

#include <string.h>

typedef struct
{
  char *expansion;
  GStrv context; /* each " word ", in plain words; empty: holds where no other does */
} Meaning;

typedef struct
{
  GPtrArray *meanings; /* Meaning */
  char *listed;        /* all of them, for people */
  guint64 n_undecided;
} Entry;

struct _AttuneAbbreviations
{
  GHashTable *entries; /* abbreviation -> Entry */
};

static void
meaning_free (gpointer data)
{
  Meaning *meaning = data;

  g_free (meaning->expansion);
  g_strfreev (meaning->context);
  g_free (meaning);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_ptr_array_unref (entry->meanings);
  g_free (entry->listed);
  g_free (entry);
}

void
attune_abbreviations_free (AttuneAbbreviations *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->entries);
  g_free (self);
}

/* --- reading */

/* In @context words are parted by whatever is no word; each gets a blank on both sides, so that it
 * is found as a whole. */
static GStrv
read_context (const char *context)
{
  g_autofree char *plain = attune_plain_words (context != NULL ? context : "");
  g_auto (GStrv) words = g_strsplit (plain, " ", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_strv_builder_take (builder, g_strdup_printf (" %s ", words[i]));
  return g_strv_builder_end (builder);
}

static gboolean
add_row (const AttuneRecord *record, gpointer data, GError **error)
{
  AttuneAbbreviations *self = data;
  g_autofree char *abbreviation = g_strdup (record->fields[ATTUNE_FIELD_QUESTION]);
  g_autofree char *expansion = g_strdup (record->fields[ATTUNE_FIELD_ANSWER]);
  Entry *entry;
  Meaning *meaning;

  if (abbreviation == NULL || expansion == NULL || *g_strstrip (abbreviation) == '\0'
      || *g_strstrip (expansion) == '\0')
    return TRUE;
  entry = g_hash_table_lookup (self->entries, abbreviation);
  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->meanings = g_ptr_array_new_with_free_func (meaning_free);
      entry->listed = g_strdup (expansion);
      g_hash_table_insert (self->entries, g_steal_pointer (&abbreviation), entry);
    }
  else
    {
      g_autofree char *earlier = entry->listed;

      entry->listed = g_strdup_printf ("%s, %s", earlier, expansion);
    }
  meaning = g_new (Meaning, 1);
  *meaning = (Meaning) { g_steal_pointer (&expansion),
                         read_context (record->fields[ATTUNE_FIELD_SYSTEM]) };
  g_ptr_array_add (entry->meanings, meaning);
  return TRUE;
}

AttuneAbbreviations *
attune_abbreviations_read (const char *path, GError **error)
{
  static const AttuneField columns[]
      = { ATTUNE_FIELD_QUESTION, ATTUNE_FIELD_ANSWER, ATTUNE_FIELD_SYSTEM };
  g_autoptr (AttuneSource) source = attune_source_probe (path, error);
  g_autoptr (AttuneAbbreviations) self = NULL;

  if (source == NULL)
    return NULL;
  if (source->columns->len < 2)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                   "The abbreviations in “%s” need two columns: abbreviation and expansion.",
                   source->path);
      return NULL;
    }
  for (guint i = 0; i < source->roles->len; i++) /* the three columns, whatever they are called */
    g_array_index (source->roles, AttuneField, i)
        = i < G_N_ELEMENTS (columns) ? columns[i] : ATTUNE_FIELD_NONE;
  self = g_new0 (AttuneAbbreviations, 1);
  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  if (!attune_source_read (source, add_row, NULL, self, NULL, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* --- deciding */

/* How many of its words stand in @context, which begins and ends with a blank. */
static guint
score (const Meaning *meaning, const char *context)
{
  guint n = 0;

  for (guint i = 0; meaning->context[i] != NULL; i++)
    n += strstr (context, meaning->context[i]) != NULL;
  return n;
}

/* The meaning that has more of its words there than any other; with none anywhere, the one that
 * needs none. %NULL: it could be several. */
static const Meaning *
decide (const Entry *entry, const char *context)
{
  const Meaning *best = NULL, *fallback = NULL;
  guint highest = 0, n_fallbacks = 0;

  for (guint i = 0; i < entry->meanings->len; i++)
    {
      const Meaning *meaning = entry->meanings->pdata[i];
      const guint n = score (meaning, context);

      if (meaning->context[0] == NULL)
        {
          fallback = meaning;
          n_fallbacks++;
        }
      if (n > highest)
        {
          best = meaning;
          highest = n;
        }
      else if (n == highest)
        best = NULL;
    }
  return highest > 0 ? best : n_fallbacks == 1 ? fallback : NULL;
}

/* Letters, digits, and the slash and plus inside abbreviations such as c/o. */
static gboolean
is_word (gunichar c)
{
  return g_unichar_isalnum (c) || g_unichar_ismark (c) || c == '/' || c == '+' || c == '&';
}

char *
attune_abbreviations_expand (AttuneAbbreviations *self, const char *text, const char *context,
                             guint64 *changes)
{
  g_autofree char *around = g_strdup_printf (" %s ", context != NULL ? context : "");
  GString *result = g_string_sized_new (strlen (text));

  for (const char *p = text; *p != '\0';)
    {
      const char *end = p;
      g_autofree char *word = NULL;
      const Meaning *meaning = NULL;
      Entry *entry;

      while (*end != '\0' && is_word (g_utf8_get_char (end)))
        end = g_utf8_next_char (end);
      if (end == p)
        end = g_utf8_next_char (p);
      word = g_strndup (p, end - p);
      p = end;
      entry = g_hash_table_lookup (self->entries, word);
      if (entry != NULL && (meaning = decide (entry, around)) == NULL)
        entry->n_undecided++;
      *changes += meaning != NULL;
      g_string_append (result, meaning != NULL ? meaning->expansion : word);
    }
  if (!g_str_equal (text, result->str))
    return g_string_free (result, FALSE);
  g_string_free (result, TRUE);
  return NULL;
}

/* --- what was not decided */

static int
compare_undecided (gconstpointer a, gconstpointer b)
{
  const AttuneUndecided *x = a, *y = b;

  return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                              : strcmp (x->abbreviation, y->abbreviation);
}

GArray *
attune_abbreviations_get_undecided (const AttuneAbbreviations *self)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (AttuneUndecided));
  GHashTableIter iter;
  gpointer abbreviation, value;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &abbreviation, &value))
    {
      const Entry *entry = value;
      const AttuneUndecided undecided = { abbreviation, entry->listed, entry->n_undecided };

      if (entry->n_undecided > 0)
        g_array_append_val (all, undecided);
    }
  g_array_sort (all, compare_undecided);
  return all;
}
