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
  Meaning *usual;      /* the one of them without context, or %NULL */
  char *listed;        /* all of them, for people; %NULL until it is asked for */
  guint64 n_undecided; /* several threads count */
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

static Entry *
find_entry (AttuneAbbreviations *self, const char *abbreviation)
{
  Entry *entry = g_hash_table_lookup (self->entries, abbreviation);

  if (entry == NULL)
    {
      entry = g_new0 (Entry, 1);
      entry->meanings = g_ptr_array_new_with_free_func (meaning_free);
      g_hash_table_insert (self->entries, g_strdup (abbreviation), entry);
    }
  return entry;
}

/* Takes @context. A later meaning without one takes the place of an earlier one. */
static void
add_meaning (Entry *entry, const char *expansion, GStrv context)
{
  Meaning *meaning = entry->usual;

  if (context[0] != NULL || meaning == NULL)
    {
      meaning = g_new0 (Meaning, 1);
      g_ptr_array_add (entry->meanings, meaning);
    }
  if (context[0] == NULL)
    entry->usual = meaning;
  g_strfreev (meaning->context);
  meaning->context = context;
  g_set_str (&meaning->expansion, expansion);
}

static gboolean
add_row (const AttuneRecord *record, gpointer data, GError **error)
{
  g_autofree char *abbreviation = g_strdup (record->fields[ATTUNE_FIELD_QUESTION]);
  g_autofree char *expansion = g_strdup (record->fields[ATTUNE_FIELD_ANSWER]);

  if (abbreviation != NULL && expansion != NULL && *g_strstrip (abbreviation) != '\0'
      && *g_strstrip (expansion) != '\0')
    add_meaning (find_entry (data, abbreviation), expansion,
                 read_context (record->fields[ATTUNE_FIELD_SYSTEM]));
  return TRUE;
}

/* Lists of before there was a context have notes or sources in a third column. */
static gboolean
is_context (const AttuneSource *source, guint column)
{
  static const char *const names[] = { "context", "kontext", NULL };
  g_autofree char *plain = attune_plain_words (source->columns->pdata[column]);

  return source->header && g_strv_contains (names, plain);
}

/* The first two columns, whatever they are called, and the context where there is one. */
static void
choose_columns (AttuneSource *source)
{
  gboolean found = FALSE;

  for (guint i = 0; i < source->roles->len; i++)
    {
      AttuneField *role = &g_array_index (source->roles, AttuneField, i);

      if (i < 2)
        *role = i == 0 ? ATTUNE_FIELD_QUESTION : ATTUNE_FIELD_ANSWER;
      else
        *role = !found && is_context (source, i) ? ATTUNE_FIELD_SYSTEM : ATTUNE_FIELD_NONE;
      found = *role == ATTUNE_FIELD_SYSTEM || found;
    }
}

AttuneAbbreviations *
attune_abbreviations_read (const char *path, GError **error)
{
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
  choose_columns (source);
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
  const Meaning *best = entry->usual;
  guint highest = 0;

  for (guint i = 0; i < entry->meanings->len; i++)
    {
      const guint n = score (entry->meanings->pdata[i], context);

      if (n > highest)
        {
          best = entry->meanings->pdata[i];
          highest = n;
        }
      else if (n == highest && n > 0)
        best = NULL;
    }
  return best;
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
        __atomic_fetch_add (&entry->n_undecided, 1, __ATOMIC_RELAXED);
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

static const char *
list_meanings (Entry *entry)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) expansions = NULL;

  for (guint i = 0; i < entry->meanings->len; i++)
    g_strv_builder_add (builder, ((Meaning *) entry->meanings->pdata[i])->expansion);
  expansions = g_strv_builder_end (builder);
  g_free (entry->listed);
  return entry->listed = g_strjoinv (", ", expansions);
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
      Entry *entry = value;

      if (entry->n_undecided > 0)
        {
          const AttuneUndecided undecided
              = { abbreviation, list_meanings (entry), entry->n_undecided };

          g_array_append_val (all, undecided);
        }
    }
  g_array_sort (all, compare_undecided);
  return all;
}
