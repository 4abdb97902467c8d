/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl's commands: each is one AttuneCommand in a file of its family; main.c has the table.
 */
#pragma once
#include "job/project.h"

G_BEGIN_DECLS

enum
{
  ATTUNE_EXIT_OK = 0,
  ATTUNE_EXIT_FAILED = 1,
  ATTUNE_EXIT_USAGE = 2,
};

typedef struct _AttuneCommand AttuneCommand;

struct _AttuneCommand
{
  const char *name;
  const char *parameters;           /* "DIR FILE…" */
  const char *summary;              /* one line for the list of commands */
  const char *description;          /* under the options: examples, and what comes next */
  int min_arguments, max_arguments; /* max -1: any number */
  gboolean script;                  /* for scripts: listed apart */
  int (*run) (const AttuneCommand *self, char **argv);
};

extern const AttuneCommand attune_command_new, attune_command_model, attune_command_import,
    attune_command_prepare, attune_command_data, attune_command_plan, attune_command_tune,
    attune_command_evaluate, attune_command_chat, attune_command_export, attune_command_show,
    attune_command_work, attune_command_search, attune_command_merge, attune_command_tokenize,
    attune_command_loss, attune_command_devices, attune_command_bench,
    attune_command_model_guide; /* which attune_command_model calls */

/**
 * attune_command_parse:
 * @entries: (nullable): options of this command; --json is added
 * @settings: (nullable): an object whose properties are options too
 * @argv: the command's words, its name first; not changed
 *
 * Returns: (transfer full): what is left: the arguments; or %NULL when they are not as they should
 * be, which has been said
 */
char **attune_command_parse (const AttuneCommand *self, const GOptionEntry *entries,
                             GObject *settings, char **argv);

/* Says what is wrong with the options and where to read on. Returns: %ATTUNE_EXIT_USAGE. */
int attune_command_misused (const AttuneCommand *self, const char *sentence);

G_END_DECLS
