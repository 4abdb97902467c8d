/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One number in a key file.
 */
#include "plan/rate.h"

#include "core/file.h"

#include <glib/gstdio.h>
#include <math.h>

#define GROUP "tuning"
#define KEY "flops-per-second"
/* Shorter runs measure how long it takes to warm up, not how fast it goes. */
#define LEAST_SECONDS 2.0
/* The same, by work: the tiny models of tests spend their time outside of the products. */
#define LEAST_FLOPS 1e11

static char *
find_file (void)
{
  return g_build_filename (g_get_user_state_dir (), "attune", "speed.ini", NULL);
}

double
attune_rate_read (void)
{
  g_autofree char *path = find_file ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  double rate;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return 0;
  rate = g_key_file_get_double (file, GROUP, KEY, NULL);
  return isfinite (rate) && rate > 0 ? rate : 0;
}

gboolean
attune_rate_write (const AttuneEstimate *estimate, double passes, guint64 train_tokens,
                   double tokens_per_second, double seconds, GError **error)
{
  const double tokens = passes * train_tokens;
  g_autofree char *path = find_file (), *folder = g_path_get_dirname (path), *text = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_return_val_if_fail (estimate != NULL, FALSE);

  if (!(tokens_per_second > 0) || !(tokens > 0) || seconds < LEAST_SECONDS
      || estimate->flops < LEAST_FLOPS)
    return TRUE;
  g_mkdir_with_parents (folder, 0700); /* a failure shows when the file is written */
  g_key_file_set_double (file, GROUP, KEY, estimate->flops / tokens * tokens_per_second);
  text = g_key_file_to_data (file, NULL, NULL);
  return attune_file_write (path, text, -1, error);
}
