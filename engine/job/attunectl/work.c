/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * attunectl work: the worker. What it has to say goes into the run folder; its own output is for
 * the log.
 */
#include "command.h"
#include "output.h"

#include "job/json.h"
#include "job/rank-processes.h"
#include "job/worker.h"

#include <string.h>

/* The log gets the few events that somebody might look for there. */
static void
log_event (const char *event, JsonObject *members, gpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format_iso8601 (now);
  const char *text = attune_json_get_string (members, "text");

  if (strcmp (event, "step") == 0 || strcmp (event, "sample") == 0)
    return;
  if (text != NULL)
    attune_output_line ("%s %s: %s", time, event, text);
  else
    attune_output_line ("%s %s", time, event);
}

static int
run_work (const AttuneCommand *self, char **argv)
{
  int rank = 0, memory = -1, parent = 0;
  /* How the worker starts the other processes of a run. */
  const GOptionEntry entries[] = {
    { "rank", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &rank, "", NULL },
    { "memory", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &memory, "", NULL },
    { "parent", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &parent, "", NULL },
    { NULL },
  };
  g_auto (GStrv) arguments = attune_command_parse (self, entries, NULL, argv);
  g_autoptr (GError) error = NULL;

  if (arguments == NULL)
    return ATTUNE_EXIT_USAGE;
  if (rank > 0) /* what goes wrong, the worker tells */
    return attune_rank_process_run (arguments[0], memory, rank, parent, &error)
               ? ATTUNE_EXIT_OK
               : ATTUNE_EXIT_FAILED;
  if (!attune_worker_run_watched (arguments[0], log_event, NULL, &error))
    return attune_output_fail (error);
  return ATTUNE_EXIT_OK;
}

const AttuneCommand attune_command_work = {
  .name = "work",
  .parameters = "RUN-FOLDER",
  .summary = "Do the run of a run folder, in this process",
  .description
  = "This is what tune --background and the window start. It reads RUN-FOLDER/plan.json, holds\n"
    "RUN-FOLDER/lock while it works, and writes one line of JSON per event to "
    "RUN-FOLDER/events.jsonl. A\n"
    "checkpoint that is there is resumed. The empty files request-stop and request-checkpoint ask "
    "it for\n"
    "what they say; so do SIGINT and SIGTERM. It suits a Slurm job on a shared file system.",
  .min_arguments = 1,
  .max_arguments = 1,
  .script = TRUE,
  .run = run_work,
};
