/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The program, its list of languages, and many texts through it at once.
 */
#include "data/translator.h"

#include "data/child-guard.h"
#include "data/import.h"

#include <string.h>
#include <unistd.h>

#define PROGRAM "apertium"
#define MAX_SECONDS 600
/* Between texts: Apertium takes it for the end of a sentence, and gives it back as it was. */
#define GAP "\n\n"

struct _AttuneTranslator
{
  char *program, *there, *back, *name;
};

/* What Apertium calls languages (ISO 639-3), and its older pairs as we do (ISO 639-1). */
static const char *const codes[][2]
    = { { "af", "afr" }, { "ar", "ara" }, { "be", "bel" }, { "bg", "bul" }, { "br", "bre" },
        { "ca", "cat" }, { "cy", "cym" }, { "da", "dan" }, { "de", "deu" }, { "en", "eng" },
        { "eo", "epo" }, { "es", "spa" }, { "eu", "eus" }, { "fr", "fra" }, { "gl", "glg" },
        { "hi", "hin" }, { "hr", "hbs" }, { "id", "ind" }, { "is", "isl" }, { "it", "ita" },
        { "mk", "mkd" }, { "ms", "zlm" }, { "nb", "nob" }, { "nl", "nld" }, { "nn", "nno" },
        { "no", "nob" }, { "oc", "oci" }, { "pl", "pol" }, { "pt", "por" }, { "ro", "ron" },
        { "ru", "rus" }, { "sl", "slv" }, { "sr", "hbs" }, { "sv", "swe" }, { "tr", "tur" },
        { "uk", "ukr" }, { "ur", "urd" } };

static gboolean fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, ATTUNE_DATA_ERROR, ATTUNE_DATA_ERROR_READ, text);
  return FALSE;
}

/* --- the child */

/* In the child: it leads a group, since it is a script that starts others. */
static void
lead_group (gpointer data)
{
  setpgid (0, 0);
}

/* Returns: (transfer full): what the program says, valid UTF-8; %NULL with @error */
static char *
run (const char *const *argv, const char *input, GCancellable *cancellable, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDIN_PIPE
                                   | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *output = NULL;
  AttuneChildGuard *guard;
  gboolean good, late;

  g_subprocess_launcher_set_child_setup (launcher, lead_group, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &reason);
  if (process == NULL)
    {
      fail (error, "Apertium could not be started: %s", reason->message);
      return NULL;
    }
  guard = attune_child_guard_new (process, MAX_SECONDS);
  good = g_subprocess_communicate_utf8 (process, input, cancellable, &output, NULL, &reason);
  if (!good)
    attune_child_guard_kill (guard);
  g_subprocess_wait (process, NULL, NULL); /* cannot fail without a cancellable */
  late = attune_child_guard_end (guard);
  if (late)
    fail (error, "Apertium has not answered for %u minutes.", MAX_SECONDS / 60);
  else if (!good && g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (!good)
    fail (error, "Apertium could not be asked: %s", reason->message);
  else if (!g_subprocess_get_successful (process))
    fail (error, "Apertium has failed. Does “%s” work in a terminal?", argv[0]);
  else
    return g_steal_pointer (&output);
  return NULL;
}

/* --- its languages */

/* Whether @name, as “eng” or “en_US”, is the language @code. */
static gboolean
is_language (const char *name, gsize n, const char *code)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_str_equal (codes[i][0], code)
        && ((strlen (codes[i][1]) == n && strncmp (codes[i][1], name, n) == 0)
            || (strlen (code) == n && strncmp (code, name, n) == 0)))
      return TRUE;
  return FALSE;
}

/* From the list of directions takes one that begins with the language and has its way back. */
static gboolean
choose (AttuneTranslator *self, char **directions, const char *language)
{
  for (guint i = 0; directions[i] != NULL; i++)
    {
      const char *there = g_strstrip (directions[i]), *dash = strchr (there, '-');
      g_autofree char *back = NULL;

      if (dash == NULL || strchr (dash + 1, '-') != NULL
          || !is_language (there, dash - there, language))
        continue;
      back = g_strdup_printf ("%s-%.*s", dash + 1, (int) (dash - there), there);
      for (guint j = 0; directions[j] != NULL; j++)
        if (g_str_equal (g_strstrip (directions[j]), back))
          {
            self->there = g_strdup (there);
            self->back = g_steal_pointer (&back);
            self->name = g_strdup_printf ("Apertium %s, %s", self->there, self->back);
            return TRUE;
          }
    }
  return FALSE;
}

AttuneTranslator *
attune_translator_new (const char *language, GError **error)
{
  g_autoptr (AttuneTranslator) self = g_new0 (AttuneTranslator, 1);
  g_autofree char *list = NULL;
  g_auto (GStrv) directions = NULL;

  if ((self->program = g_find_program_in_path (PROGRAM)) == NULL)
    {
      fail (error, "Variants by translation and back are made by the program Apertium, which is "
                   "missing here. It is in the package apertium, and what it knows of English and "
                   "Spanish in apertium-eng-spa.");
      return NULL;
    }
  list = run ((const char *const[]) { self->program, "-l", NULL }, NULL, NULL, error);
  if (list == NULL)
    return NULL;
  directions = g_strsplit (list, "\n", -1);
  if (!choose (self, directions, language))
    {
      fail (error,
            "Apertium cannot translate from the language “%s” and back here. Pairs of "
            "languages are packages, as apertium-eng-spa for English and Spanish.",
            language);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
attune_translator_free (AttuneTranslator *self)
{
  if (self == NULL)
    return;
  g_free (self->program);
  g_free (self->there);
  g_free (self->back);
  g_free (self->name);
  g_free (self);
}

const char *
attune_translator_get_name (const AttuneTranslator *self)
{
  return self->name;
}

/* --- texts */

static GPtrArray *translate (const AttuneTranslator *self, const char *direction,
                             const char *const *texts, guint n, GCancellable *cancellable,
                             GError **error);

/* Where the gaps were not kept it is one of the texts that is at fault: half by half. */
static GPtrArray *
translate_halves (const AttuneTranslator *self, const char *direction, const char *const *texts,
                  guint n, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) first = translate (self, direction, texts, n / 2, cancellable, error);
  g_autoptr (GPtrArray) second
      = first != NULL ? translate (self, direction, texts + n / 2, n - n / 2, cancellable, error)
                      : NULL;

  if (second == NULL)
    return NULL;
  g_ptr_array_extend_and_steal (first, g_steal_pointer (&second));
  return g_steal_pointer (&first);
}

/* Returns: (transfer full): as many; "" for one that was lost. */
static GPtrArray *
translate (const AttuneTranslator *self, const char *direction, const char *const *texts, guint n,
           GCancellable *cancellable, GError **error)
{
  const char *const argv[] = { self->program, "-u", direction, NULL };
  g_autoptr (GString) input = g_string_new (NULL);
  g_autoptr (GPtrArray) made = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *output = NULL;
  g_auto (GStrv) parts = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (input, "%s" GAP, *texts[i] != '\0' ? texts[i] : ".");
  output = run (argv, input->str, cancellable, error);
  if (output == NULL)
    return NULL;
  parts = g_strsplit (output, GAP, -1);
  if (g_strv_length (parts) != n + 1) /* the last is behind the last gap */
    {
      if (n > 1)
        return translate_halves (self, direction, texts, n, cancellable, error);
      g_ptr_array_add (made, g_strdup (""));
      return g_steal_pointer (&made);
    }
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (made, g_strdup (strchr (parts[i], '\n') == NULL ? g_strstrip (parts[i]) : ""));
  return g_steal_pointer (&made);
}

GPtrArray *
attune_translator_turn (const AttuneTranslator *self, const char *const *texts, guint n,
                        GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) there = NULL;

  if (n == 0)
    return g_ptr_array_new_with_free_func (g_free);
  there = translate (self, self->there, texts, n, cancellable, error);
  return there != NULL ? translate (self, self->back, (const char *const *) there->pdata, n,
                                    cancellable, error)
                       : NULL;
}
