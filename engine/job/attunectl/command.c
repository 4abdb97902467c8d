/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Options of a command, its help, and what to say when they are wrong.
 */
#include "command.h"

#include "core/settings.h"
#include "output.h"

static GOptionContext *
make_context (const AttuneCommand *self, const GOptionEntry *entries, GObject *settings,
              gboolean *json)
{
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, json,
      "Answer in JSON, one object per line, for other programs", NULL },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (self->parameters);
  /* GOption hands the user data of the group to the settings' parser. */
  GOptionGroup *group = g_option_group_new ("main", "Options", "Options", settings, NULL);
  g_autofree char *summary = g_strconcat (self->summary, ".", NULL);

  if (entries != NULL)
    g_option_group_add_entries (group, entries);
  if (settings != NULL)
    attune_settings_add_options (settings, group);
  g_option_group_add_entries (group, common);
  g_option_context_set_main_group (context, group);
  g_option_context_set_summary (context, summary);
  g_option_context_set_description (context, self->description);
  return context;
}

int
attune_command_misused (const AttuneCommand *self, const char *sentence)
{
  g_autoptr (GError) error = g_error_new_literal (G_OPTION_ERROR, G_OPTION_ERROR_FAILED, sentence);

  attune_output_fail (error);
  if (!attune_output_is_json ())
    g_printerr ("Read how it is used: attunectl %s --help\n", self->name);
  return ATTUNE_EXIT_USAGE;
}

char **
attune_command_parse (const AttuneCommand *self, const GOptionEntry *entries, GObject *settings,
                      char **argv)
{
  gboolean json = FALSE;
  g_autoptr (GOptionContext) context = make_context (self, entries, settings, &json);
  g_auto (GStrv) words = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  gboolean parsed;
  int n;

  /* What is wrong with the words must already be said in JSON to who asked for it. */
  attune_output_set_json (g_strv_contains ((const char *const *) argv, "--json"));
  parsed = g_option_context_parse_strv (context, &words, &error);
  attune_output_set_json (json || attune_output_is_json ());
  if (!parsed)
    {
      attune_command_misused (self, error->message);
      return NULL;
    }
  n = (int) g_strv_length (words) - 1;
  if (n < self->min_arguments || (self->max_arguments >= 0 && n > self->max_arguments))
    {
      g_autofree char *sentence
          = g_strdup_printf ("%s: attunectl %s %s",
                             n < self->min_arguments ? "Something is missing" : "That is too much",
                             self->name, self->parameters);

      attune_command_misused (self, sentence);
      return NULL;
    }
  return g_strdupv (words + 1);
}
