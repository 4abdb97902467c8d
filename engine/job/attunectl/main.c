/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl: everything that Attune can do, on the command line. Also the worker that the window
 * starts.
 */
#include "command.h"
#include "output.h"

#include <locale.h>
#include <signal.h>
#include <string.h>

static const AttuneCommand *const commands[] = {
  &attune_command_new,      &attune_command_model,    &attune_command_import,
  &attune_command_prepare,  &attune_command_data,     &attune_command_plan,
  &attune_command_tune,     &attune_command_evaluate, &attune_command_chat,
  &attune_command_export,   &attune_command_show,     &attune_command_work,
  &attune_command_tokenize, &attune_command_loss,     &attune_command_devices,
  &attune_command_search,   &attune_command_merge,    &attune_command_bench,
};

static void
print_list (gboolean script)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i]->script == script)
      g_print ("  %-10s %s\n", commands[i]->name, commands[i]->summary);
}

static void
print_help (void)
{
  g_print ("Attune teaches a language model your own field, on this computer.\n"
           "\n"
           "Usage: attunectl COMMAND …\n"
           "\n"
           "From a table of questions and answers to a model of your own:\n");
  print_list (FALSE);
  g_print ("\nFor scripts:\n");
  print_list (TRUE);
  g_print ("\n"
           "An example, from the beginning to the end:\n"
           "  attunectl new Nursing.attune\n"
           "  attunectl import Nursing.attune questions.csv\n"
           "  attunectl prepare Nursing.attune\n"
           "  attunectl plan Nursing.attune\n"
           "  attunectl tune Nursing.attune\n"
           "  attunectl evaluate Nursing.attune\n"
           "  attunectl chat Nursing.attune\n"
           "  attunectl export Nursing.attune --format gguf-q8_0\n"
           "\n"
           "Each command explains itself: attunectl COMMAND --help\n");
}

static const AttuneCommand *
find_command (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i]->name, name) == 0)
      return commands[i];
  return NULL;
}

/* "attunectl tune" as the program's name, so that a command's help shows how it is called. */
static int
run_command (const AttuneCommand *command, char **words)
{
  g_autofree char *name = g_strconcat ("attunectl ", command->name, NULL);
  g_auto (GStrv) argv = g_strdupv (words);

  g_set_prgname (name);
  return command->run (command, argv);
}

int
main (int argc, char **argv)
{
  const AttuneCommand *command;

  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C"); /* numbers are written as they are typed: 0.0002 */
  attune_output_set_up ();
  /* A full quota must be an error from write() that can be told, not the end of the process. */
  signal (SIGXFSZ, SIG_IGN);

  if (argc < 2)
    {
      print_help ();
      return ATTUNE_EXIT_USAGE;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0)
    {
      command = argc > 2 ? find_command (argv[2]) : NULL;
      if (command != NULL)
        return run_command (command, (char *[]) { argv[2], (char *) "--help", NULL });
      print_help ();
      return ATTUNE_EXIT_OK;
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      g_print ("attunectl %s\n", ATTUNE_VERSION);
      return ATTUNE_EXIT_OK;
    }
  if ((command = find_command (argv[1])) == NULL)
    {
      g_printerr ("attunectl: There is no command “%s”. All commands: attunectl --help\n", argv[1]);
      return ATTUNE_EXIT_USAGE;
    }
  return run_command (command, argv + 1);
}
