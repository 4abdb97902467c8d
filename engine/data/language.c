/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Guesses by the library, read with care: its rare languages look like the common ones.
 */
#include "data/language.h"

#include "data/import.h"

#include <libexttextcat/textcat.h>
#include <string.h>
#include <unicode/uloc.h>

/* Shorter texts are too often taken for another language: see the header. */
#define MIN_CHARACTERS 50
/* Of what one character of East Asia says. */
#define WIDE_CHARACTERS 3
/* "A few hundred bytes will suffice", says the library. */
#define MAX_CHARACTERS 500
#define MAX_NAME 100

/* A text that may be one of these is: of all others, Scots is guessed for English, Catalan for
 * Italian. One of those has to be asked for. */
static const char *const common[]
    = { "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "cs", "sk",
        "sl", "hr", "sr", "bg", "sv", "da", "nb", "fi", "hu", "ro", "el", "tr",
        "ar", "fa", "he", "hi", "bn", "ta", "th", "vi", "id", "ja", "ko", "zh" };

struct _AttuneLanguages
{
  void *classifier;
  candidate_t *candidates;
  char **wanted;
  GHashTable *found; /* code -> number of texts */
  guint64 n_looked_at, n_undecided;
};

/* --- set-up */

/* Where the library's package has put its examples. Returns: (transfer full) (nullable) */
static char *
find_examples (void)
{
  const char *const *folders = g_get_system_data_dirs ();

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], "libexttextcat", "fpdb.conf", NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

/* A line of the list is as "de.lm  de--utf8", or "zh-Hans.lm  zh-CN-utf8  #zh-Hans". */
static gboolean
is_listed (const char *list, const char *code)
{
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
  const gsize length = strlen (code);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_ascii_isalpha (lines[i][0]) && strncmp (lines[i], code, length) == 0
        && strchr (".-", lines[i][length]) != NULL && lines[i][length] != '\0')
      return TRUE;
  return FALSE;
}

static gboolean
check_wanted (const AttuneLanguages *self, const char *list, GError **error)
{
  for (guint i = 0; self->wanted[i] != NULL; i++)
    if (!is_listed (list, self->wanted[i]))
      {
        g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_SETTINGS,
                     "“%s” is not the code of a language that can be told from others. Write "
                     "codes such as “de” for German, or “de, en” for German and English.",
                     self->wanted[i]);
        return FALSE;
      }
  return TRUE;
}

/* Codes that people write, and those the examples have: old ones, and those of several. */
static const struct
{
  const char *code, *codes[3];
} aliases[] = {
  { "no", { "nb", "nn" } }, { "sh", { "sr", "hr", "bs" } },
  { "fil", { "tl" } },      { "iw", { "he" } },
  { "in", { "id" } },       { "ji", { "yi" } },
  { "mo", { "ro" } },
};

static void
add_wanted (GStrvBuilder *builder, const char *word)
{
  g_autofree char *code = g_strndup (word, strcspn (word, "-_")); /* "pt-br": in any country */

  for (guint i = 0; i < G_N_ELEMENTS (aliases); i++)
    if (g_str_equal (code, aliases[i].code))
      {
        for (guint j = 0; j < G_N_ELEMENTS (aliases[i].codes); j++)
          if (aliases[i].codes[j] != NULL)
            g_strv_builder_add (builder, aliases[i].codes[j]);
        return;
      }
  g_strv_builder_add (builder, code);
}

static char **
parse_wanted (const char *wanted)
{
  g_autofree char *lower = g_ascii_strdown (wanted != NULL ? wanted : "", -1);
  g_auto (GStrv) words = g_strsplit_set (lower, ", ;\t", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      add_wanted (builder, words[i]);
  return g_strv_builder_end (builder);
}

AttuneLanguages *
attune_languages_new (const char *wanted, GError **error)
{
  g_autoptr (AttuneLanguages) self = g_new0 (AttuneLanguages, 1);
  g_autofree char *path = find_examples (), *folder = NULL, *prefix = NULL, *list = NULL;

  self->wanted = parse_wanted (wanted);
  self->found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (path != NULL && g_file_get_contents (path, &list, NULL, NULL))
    {
      folder = g_path_get_dirname (path);
      prefix = g_strconcat (folder, G_DIR_SEPARATOR_S, NULL);
      self->classifier = special_textcat_Init (path, prefix);
    }
  if (self->classifier == NULL)
    {
      g_set_error (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ,
                   "Languages cannot be told: the examples of libexttextcat are missing on this "
                   "computer, or damaged. Install the package libexttextcat-data, or choose no "
                   "language.");
      return NULL;
    }
  self->candidates = textcat_GetClassifyFullOutput (self->classifier);
  return check_wanted (self, list, error) ? g_steal_pointer (&self) : NULL;
}

void
attune_languages_free (AttuneLanguages *self)
{
  if (self == NULL)
    return;
  if (self->candidates != NULL)
    textcat_ReleaseClassifyFullOutput (self->classifier, self->candidates);
  if (self->classifier != NULL)
    textcat_Done (self->classifier);
  g_strfreev (self->wanted);
  g_hash_table_unref (self->found);
  g_free (self);
}

/* --- guessing */

/* The candidate "de--utf8" is “de”; Serbian in Latin letters has a code of its own. */
static gboolean
is_language (const candidate_t *candidate, const char *code)
{
  const gsize length = strlen (code);

  return (strncmp (candidate->name, code, length) == 0 && candidate->name[length] == '-')
         || (g_str_equal (code, "sr") && g_str_has_prefix (candidate->name, "sh-"));
}

static gboolean
is_candidate (const AttuneLanguages *self, int n, const char *code)
{
  for (int i = 0; i < n; i++)
    if (is_language (&self->candidates[i], code))
      return TRUE;
  return FALSE;
}

/* The first candidate that is common. */
static const char *
find_common (const AttuneLanguages *self, int n)
{
  for (int i = 0; i < n; i++)
    for (guint j = 0; j < G_N_ELEMENTS (common); j++)
      if (is_language (&self->candidates[i], common[j]))
        return common[j];
  return NULL;
}

/* The bytes of the first @max characters of @text, or of all. @said: (out) (nullable): how many
 * they are, or are worth. */
static int
bytes_of (const char *text, int max, int *said)
{
  const char *p = text;
  int sum = 0;

  for (int i = 0; i < max && *p != '\0'; i++)
    {
      sum += g_unichar_iswide (g_utf8_get_char (p)) ? WIDE_CHARACTERS : 1;
      p = g_utf8_next_char (p);
    }
  if (said != NULL)
    *said = sum;
  return p - text;
}

const char *
attune_languages_guess (AttuneLanguages *self, const char *text)
{
  int said, n;
  const int length = bytes_of (text, MAX_CHARACTERS, &said);

  if (said < MIN_CHARACTERS)
    return NULL;
  n = textcat_ClassifyFull (self->classifier, text, length, self->candidates);
  for (guint i = 0; self->wanted[i] != NULL; i++)
    if (is_candidate (self, n, self->wanted[i]))
      return self->wanted[i];
  return find_common (self, n);
}

/* --- counting */

static void
add_found (AttuneLanguages *self, const char *code, guint64 n)
{
  guint64 *count = g_hash_table_lookup (self->found, code);

  if (count == NULL)
    g_hash_table_insert (self->found, g_strdup (code), count = g_new0 (guint64, 1));
  *count += n;
}

gboolean
attune_languages_look (AttuneLanguages *self, const char *question, const char *answer)
{
  /* half of what is looked at: behind a long question, the answer counts, too */
  const int n = bytes_of (question, MAX_CHARACTERS / 2, NULL);
  g_autofree char *text = g_strdup_printf ("%.*s\n%s", n, question, answer);
  const char *code = attune_languages_guess (self, text);

  self->n_looked_at++;
  if (code == NULL)
    self->n_undecided++;
  else
    add_found (self, code, 1);
  return code == NULL || *self->wanted == NULL
         || g_strv_contains ((const char *const *) self->wanted, code);
}

void
attune_languages_gather (AttuneLanguages *self, AttuneLanguages *other)
{
  GHashTableIter iter;
  gpointer code, count;

  g_hash_table_iter_init (&iter, other->found);
  while (g_hash_table_iter_next (&iter, &code, &count))
    add_found (self, code, *(guint64 *) count);
  g_hash_table_remove_all (other->found);
  self->n_looked_at += other->n_looked_at;
  self->n_undecided += other->n_undecided;
  other->n_looked_at = other->n_undecided = 0;
}

/* Then by name, so that the report is the same every time. */
static int
compare_codes (gconstpointer a, gconstpointer b, gpointer found)
{
  const guint64 x = *(guint64 *) g_hash_table_lookup (found, a);
  const guint64 y = *(guint64 *) g_hash_table_lookup (found, b);

  return x != y ? (x < y) - (x > y) : strcmp (a, b);
}

JsonObject *
attune_languages_to_json (const AttuneLanguages *self)
{
  g_autoptr (GList) codes
      = g_list_sort_with_data (g_hash_table_get_keys (self->found), compare_codes, self->found);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (GList *l = codes; l != NULL; l = l->next)
    {
      JsonObject *language = json_object_new ();

      json_object_set_string_member (language, "language", l->data);
      json_object_set_int_member (language, "count",
                                  *(guint64 *) g_hash_table_lookup (self->found, l->data));
      json_array_add_object_element (array, language);
    }
  json_object_set_int_member (object, "looked_at", self->n_looked_at);
  json_object_set_int_member (object, "undecided", self->n_undecided);
  json_object_set_array_member (object, "found", array);
  return object;
}

char *
attune_language_get_name (const char *code, const char *locale)
{
  UChar name[MAX_NAME];
  UErrorCode status = U_ZERO_ERROR;
  const int32_t length = uloc_getDisplayLanguage (code, locale, name, MAX_NAME, &status);
  g_autofree char *text
      = U_SUCCESS (status) && length > 0 ? g_utf16_to_utf8 (name, length, NULL, NULL, NULL) : NULL;

  return text != NULL ? g_steal_pointer (&text) : g_strdup (code);
}
