/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a column can be, and the guess of it: by its name in English or German, else by what stands
 * in it.
 */
#include "data/import-private.h"

#include <string.h>

G_DEFINE_QUARK (attune_data_error_quark, attune_data_error)

const char *
attune_field_get_name (AttuneField field)
{
  static const char *const names[]
      = { "question", "answer", "system", "label", "group", "rejected", "date", "text" };

  return field >= 0 && field < (int) G_N_ELEMENTS (names) ? names[field] : "none";
}

/* Lower case, without blanks, dashes and underscores. Best first: "prompt" is the question only
 * where no column is called so. */
static const char *const known_names[ATTUNE_FIELD_TEXT + 1][24] = {
  { "question", "frage", "prompt", "instruction", "input", "query", "user", "human", "term",
    "begriff", "anfrage", "title", "titel", "subject", "betreff" },
  { "answer", "antwort", "response", "output", "completion", "assistant", "definition", "reply",
    "solution", "lösung", "target", "erklärung", "explanation", "body", "chosen", "preferred",
    "bevorzugt" },
  { "system", "systemprompt", "context" },
  { "label", "class", "klasse", "category", "kategorie", "topic", "thema", "intent", "tag" },
  /* no "source" or "author": what is the same in all rows would put them in one split */
  { "group", "gruppe", "patient" },
  { "rejected", "dispreferred", "nonpreferred", "abgelehnt", "verworfen" },
  { "date", "datum", "created", "createdat", "createdon", "erstellt", "erstelltam", "timestamp",
    "zeitstempel", "datetime" },
  { "text", "volltext", "fulltext", "content", "inhalt", "document", "dokument", "passage" },
};

static char *
plain_name (const char *name)
{
  g_autofree char *lower = g_utf8_strdown (name, -1);
  GString *plain = g_string_new (NULL);

  for (const char *p = lower; *p != '\0'; p++)
    if (!strchr (" -_.\t", *p))
      g_string_append_c (plain, *p);
  return g_string_free (plain, FALSE);
}

AttuneField
attune_field_guess (const char *column)
{
  g_autofree char *name = plain_name (column);

  for (int field = 0; field <= ATTUNE_FIELD_TEXT; field++)
    for (int i = 0; known_names[field][i] != NULL; i++)
      if (g_str_equal (name, known_names[field][i]))
        return field;
  return ATTUNE_FIELD_NONE;
}

/* How good a name @column is for @field: 0 is best, -1 none. */
static int
name_rank (const char *column, AttuneField field)
{
  g_autofree char *name = plain_name (column);

  for (int i = 0; known_names[field][i] != NULL; i++)
    if (g_str_equal (name, known_names[field][i]))
      return i;
  return -1;
}

static double
mean_length (const GPtrArray *preview, guint column)
{
  double sum = 0;

  for (guint i = 0; i < preview->len; i++)
    {
      char **row = g_ptr_array_index (preview, i);

      if (column < g_strv_length (row))
        sum += strlen (row[column]);
    }
  return preview->len > 0 ? sum / preview->len : 0;
}

/* The column with the longest text that has no role yet, or -1. */
static int
longest_free_column (const AttuneSource *source)
{
  int best = -1;
  double longest = 0;

  for (guint i = 0; i < source->columns->len; i++)
    if (g_array_index (source->roles, AttuneField, i) == ATTUNE_FIELD_NONE
        && mean_length (source->preview, i) > longest)
      {
        longest = mean_length (source->preview, i);
        best = i;
      }
  return best;
}

static int
first_free_column (const AttuneSource *source)
{
  for (guint i = 0; i < source->columns->len; i++)
    if (g_array_index (source->roles, AttuneField, i) == ATTUNE_FIELD_NONE)
      return i;
  return -1;
}

static gboolean
has_role (const AttuneSource *source, AttuneField field)
{
  for (guint i = 0; i < source->roles->len; i++)
    if (g_array_index (source->roles, AttuneField, i) == field)
      return TRUE;
  return FALSE;
}

/* The free column with the best name for @field gets it. */
static void
guess_by_name (AttuneSource *source, AttuneField field)
{
  int best = -1, best_rank = G_MAXINT;

  for (guint i = 0; i < source->columns->len; i++)
    {
      const int rank = name_rank (g_ptr_array_index (source->columns, i), field);

      if (rank >= 0 && rank < best_rank
          && g_array_index (source->roles, AttuneField, i) == ATTUNE_FIELD_NONE)
        {
          best = i;
          best_rank = rank;
        }
    }
  if (best >= 0)
    g_array_index (source->roles, AttuneField, best) = field;
}

/* Of a text beside its label or date, where nothing answers: the column of the text, or -1. */
static int
lone_column (const AttuneSource *source)
{
  int found = -1;

  if (has_role (source, ATTUNE_FIELD_ANSWER)
      || (!has_role (source, ATTUNE_FIELD_LABEL) && !has_role (source, ATTUNE_FIELD_DATE)))
    return -1;
  for (guint i = 0; i < source->columns->len; i++)
    {
      const AttuneField role = g_array_index (source->roles, AttuneField, i);

      if (role != ATTUNE_FIELD_QUESTION && role != ATTUNE_FIELD_NONE)
        continue;
      if (found >= 0)
        return -1;
      found = (int) i;
    }
  return found;
}

void
attune_source_guess_roles (AttuneSource *source)
{
  g_array_set_size (source->roles, source->columns->len);
  for (guint i = 0; i < source->columns->len; i++)
    g_array_index (source->roles, AttuneField, i) = ATTUNE_FIELD_NONE;
  for (int field = 0; field < ATTUNE_N_FIELDS; field++)
    guess_by_name (source, field);
  /* a text by itself, where nothing is asked: with a question beside it it is what is answered */
  if (!has_role (source, ATTUNE_FIELD_ANSWER) && !has_role (source, ATTUNE_FIELD_QUESTION))
    guess_by_name (source, ATTUNE_FIELD_TEXT);
  if (has_role (source, ATTUNE_FIELD_TEXT))
    return;
  if (lone_column (source) >= 0)
    {
      g_array_index (source->roles, AttuneField, lone_column (source)) = ATTUNE_FIELD_TEXT;
      return;
    }
  if (!has_role (source, ATTUNE_FIELD_ANSWER) && longest_free_column (source) >= 0)
    {
      /* two columns without telling names: the second answers the first */
      const int column = source->columns->len == 2 && !has_role (source, ATTUNE_FIELD_QUESTION)
                             ? 1
                             : longest_free_column (source);

      g_array_index (source->roles, AttuneField, column) = ATTUNE_FIELD_ANSWER;
    }
  if (!has_role (source, ATTUNE_FIELD_QUESTION) && first_free_column (source) >= 0)
    g_array_index (source->roles, AttuneField, first_free_column (source)) = ATTUNE_FIELD_QUESTION;
}

gboolean
attune_source_set_role (AttuneSource *source, const char *column, AttuneField field, GError **error)
{
  guint index;

  if (!g_ptr_array_find_with_equal_func (source->columns, column, g_str_equal, &index))
    {
      g_autofree char *names = NULL;

      g_ptr_array_add (source->columns, NULL);
      names = g_strjoinv (", ", (char **) source->columns->pdata);
      g_ptr_array_set_size (source->columns, source->columns->len - 1);
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
                   "“%s” has no column “%s”. Its columns are: %s.", source->path, column, names);
      return FALSE;
    }
  attune_source_set_role_at (source, index, field);
  return TRUE;
}

static gboolean
is_asked (AttuneField field)
{
  return field == ATTUNE_FIELD_QUESTION || field == ATTUNE_FIELD_ANSWER;
}

void
attune_source_set_role_at (AttuneSource *source, guint column, AttuneField field)
{
  g_return_if_fail (column < source->roles->len);

  for (guint i = 0; i < source->roles->len; i++)
    {
      AttuneField *role = &g_array_index (source->roles, AttuneField, i);

      /* one column per role; a text that is learned whole is neither asked nor answered */
      if ((field != ATTUNE_FIELD_NONE && *role == field)
          || (field == ATTUNE_FIELD_TEXT && is_asked (*role))
          || (*role == ATTUNE_FIELD_TEXT && is_asked (field)))
        *role = ATTUNE_FIELD_NONE;
    }
  g_array_index (source->roles, AttuneField, column) = field;
}

AttuneField
attune_source_get_missing_role (const AttuneSource *source)
{
  for (int field = ATTUNE_FIELD_QUESTION; field <= ATTUNE_FIELD_ANSWER; field++)
    if (!has_role (source, field) && !has_role (source, ATTUNE_FIELD_TEXT))
      return field;
  return ATTUNE_FIELD_NONE;
}

gboolean
attune_source_check_roles (const AttuneSource *source, GError **error)
{
  const AttuneField missing = attune_source_get_missing_role (source);

  if (missing == ATTUNE_FIELD_NONE)
    return TRUE;
  g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_COLUMNS,
               "No column of “%s” holds the %s. Say which one does.", source->path,
               attune_field_get_name (missing));
  return FALSE;
}

char **
attune_record_find (AttuneRecord *record, AttuneField role)
{
  if (role != ATTUNE_FIELD_TEXT)
    return &record->fields[role];
  record->whole = TRUE;
  return &record->fields[ATTUNE_FIELD_ANSWER];
}

void
attune_record_clear (AttuneRecord *record)
{
  for (int i = 0; i < ATTUNE_N_FIELDS; i++)
    g_clear_pointer (&record->fields[i], g_free);
  record->line = 0;
}
