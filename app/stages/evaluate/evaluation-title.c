/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See evaluation-title.h.
 */
#include "stages/evaluate/evaluation-title.h"

#include <glib/gi18n.h>

char *
attune_evaluation_summary_get_title (const AttuneEvaluationSummary *summary)
{
  g_return_val_if_fail (summary != NULL, NULL);
  if (summary->run == NULL)
    return g_strdup_printf (_ ("Evaluation %u"), summary->number);
  return g_strdup_printf (_ ("Evaluation %u (run %s)"), summary->number, summary->run);
}
