/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The window's program.
 */
#include "application.h"

int
main (int argc, char **argv)
{
  g_autoptr (AttuneApplication) application = NULL;

  attune_application_set_up_language ();
  application = attune_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
