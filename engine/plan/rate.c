/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Two numbers in a key file.
 */
#include "plan/rate.h"

#include "core/file.h"

#include <glib/gstdio.h>
#include <math.h>

#define GROUP "tuning"
#define KEY "flops-per-second"
#define CARD_KEY "flops-per-second-card"
/* Shorter runs measure how long it takes to warm up, not how fast it goes. */
#define LEAST_SECONDS 2.0
/* The same, by work: the tiny models of tests spend their time outside of the products. */
#define LEAST_FLOPS 1e11

static char *
find_file (void)
{
  return g_build_filename (g_get_user_state_dir (), "attune", "speed.ini", NULL);
}

static double
read_key (GKeyFile *file, const char *key)
{
  const double rate = g_key_file_get_double (file, GROUP, key, NULL);

  return isfinite (rate) && rate > 0 ? rate : 0;
}

double
attune_rate_read (AttuneDeviceKind device)
{
  g_autofree char *path = find_file ();
  g_autoptr (GKeyFile) file = g_key_file_new ();
  double of_card = 0;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return 0;
  if (device != ATTUNE_DEVICE_CPU)
    of_card = read_key (file, CARD_KEY);
  return of_card > 0 ? of_card : read_key (file, KEY);
}

gboolean
attune_rate_write (const AttuneEstimate *estimate, const AttuneRateFacts *facts, GError **error)
{
  g_autofree char *path = find_file (), *folder = g_path_get_dirname (path), *text = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  double tokens;

  g_return_val_if_fail (estimate != NULL && facts != NULL, FALSE);

  tokens = facts->passes * facts->train_tokens;
  if (!(facts->tokens_per_second > 0) || !(tokens > 0) || facts->seconds < LEAST_SECONDS
      || estimate->flops < LEAST_FLOPS)
    return TRUE;
  g_mkdir_with_parents (folder, 0700); /* a failure shows when the file is written */
  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL); /* or none is there */
  g_key_file_set_double (file, GROUP, facts->on_card ? CARD_KEY : KEY,
                         estimate->flops / tokens * facts->tokens_per_second);
  /* The card that there was is not used any more. */
  if (!facts->on_card && facts->wanted != ATTUNE_DEVICE_CPU)
    g_key_file_remove_key (file, GROUP, CARD_KEY, NULL);
  text = g_key_file_to_data (file, NULL, NULL);
  return attune_file_write (path, text, -1, error);
}
