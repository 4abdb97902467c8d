/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs on the emulated graphics card, for the tests of devices. Their program is also the child in
 * which plug-ins are tried.
 */
#pragma once
#include "pairs-run.h"

#include "compute/device.h"

/* Measured: 3e-6. */
#define TOLERANCE 1e-3

/* What is compared with the processor is not rounded. */
static inline void
set_up_exact (Fixture *f, gconstpointer data)
{
  set_up (f, data);
  g_object_set (f->plan, "precision", ATTUNE_PRECISION_F32, "warmup-ratio", 0.0,
                NULL); /* whose first step changes nothing */
}

/* All sentences, one behind the other. */
static inline void
on_messages (gpointer data, const char *sentence)
{
  Told *told = data;
  g_autofree char *before = told->message;

  told->message
      = before != NULL ? g_strdup_printf ("%s %s", before, sentence) : g_strdup (sentence);
}

/* Asked after each step. */
static gboolean (*watcher) (gpointer data) = should_stop;

static inline gboolean
try_run (Fixture *f, const char *name, gboolean resume, AttuneDeviceKind device, Told *told,
         AttuneTrainerResult *result, GError **error)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  AttuneTrainerFuncs talking = funcs;

  talking.on_message = on_messages;
  talking.should_stop = watcher;
  g_object_set (f->plan, "device", device, NULL);
  return attune_trainer_run (f->plan, f->model, f->dataset, path, resume, &talking, told, result,
                             error);
}

static inline AttuneTrainerResult
run_talking (Fixture *f, const char *name, gboolean resume, AttuneDeviceKind device, Told *told)
{
  g_autoptr (GError) error = NULL;
  AttuneTrainerResult result;

  try_run (f, name, resume, device, told, &result, &error);
  g_assert_no_error (error);
  return result;
}

/* The child in which a plug-in is tried. */
static inline int
probe (const char *name)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!attune_plugin_probe (name, lines, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  fputs (lines->str, stdout);
  return 0;
}

#define IS_CHILD(argc, argv) ((argc) == 4 && strcmp ((argv)[1], "devices") == 0)
