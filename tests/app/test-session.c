/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The session with a real project and the tiny model: what it says of each stage as a person goes
 * on, and what it does with projects that cannot be changed or are gone.
 */
#include "session.h"

#include "job/program.h"
#include "loop.h"

#include <glib/gstdio.h>

typedef struct
{
  TestProject files;
  AttuneProject *project;
  AttuneSession *session;
  GString *said;
  int ended; /* the last stage that has ended, or -1 */
} Fixture;

static void
on_message (Fixture *f, const char *text)
{
  g_string_append_printf (f->said, "%s\n", text);
}

static void
on_ended (Fixture *f, int stage, const char *text)
{
  g_assert_cmpstr (text, !=, "");
  f->ended = stage;
}

static gboolean
is_idle (Fixture *f)
{
  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    if (attune_session_get_state (f->session, i) == ATTUNE_STAGE_STATE_RUNNING)
      return FALSE;
  return TRUE;
}

static void
open_session (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  f->project = attune_project_open (f->files.project, &error);
  g_assert_no_error (error);
  f->session = attune_session_new (f->project);
  g_signal_connect_swapped (f->session, "message", G_CALLBACK (on_message), f);
  g_signal_connect_swapped (f->session, "stage-ended", G_CALLBACK (on_ended), f);
}

/* Its threads hold it for a moment longer; then nothing may. */
static gboolean
is_gone (AttuneSession **session)
{
  return *session == NULL;
}

static void
close_session (Fixture *f)
{
  AttuneSession *session = f->session;

  attune_session_close (session);
  g_object_add_weak_pointer (G_OBJECT (session), (gpointer *) &session);
  g_clear_object (&f->session);
  test_loop_until (is_gone, &session);
  g_clear_object (&f->project);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->files, NULL);
  g_free (test_attunectl_good (&f->files, "new %P --model %M"));
  f->said = g_string_new (NULL);
  f->ended = -1;
  open_session (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->session != NULL)
    close_session (f);
  g_string_free (f->said, TRUE);
  test_project_tear_down (&f->files, NULL);
}

static gboolean
has_model (Fixture *f)
{
  return attune_session_get_model (f->session) != NULL && is_idle (f);
}

static gboolean
has_data (Fixture *f)
{
  return attune_session_get_data (f->session) != NULL && is_idle (f);
}

static gboolean
is_prepared (Fixture *f)
{
  return has_data (f) && attune_session_get_data (f->session)->prepared
         && attune_session_get_facts (f->session) != NULL;
}

static gboolean
has_estimate (Fixture *f)
{
  return attune_session_get_estimate (f->session) != NULL;
}

static void
assert_states (Fixture *f, const char *expected)
{
  static const char letters[] = "wrRdsa"; /* waiting, ready, running, done, stale, attention */
  char found[ATTUNE_N_STAGES + 1] = "";

  for (int i = 0; i < ATTUNE_N_STAGES; i++)
    found[i] = letters[attune_session_get_state (f->session, i)];
  g_assert_cmpstr (found, ==, expected);
}

static void
import_and_prepare (Fixture *f)
{
  g_autoptr (GError) error = NULL;
  AttuneSource *source = attune_source_probe (f->files.table, &error);

  g_assert_no_error (error);
  test_loop_until (has_model, f);
  attune_session_import (f->session, source);
  g_assert_true (attune_session_is_busy (f->session));
  assert_states (f, "Rdwwww");
  test_loop_until (has_data, f);
  assert_states (f, "rdwwww");
  attune_session_prepare (f->session);
  test_loop_until (is_prepared, f);
}

static void
test_data (Fixture *f, gconstpointer data)
{
  const AttuneDataSummary *summary;
  AttuneDataSettings *settings = attune_project_get_data_settings (f->project);

  g_assert_nonnull (attune_session_get_missing (f->session, ATTUNE_STAGE_DATA));
  import_and_prepare (f);
  summary = attune_session_get_data (f->session);
  g_assert_cmpuint (summary->n_records, ==, 60);
  g_assert_cmpuint (summary->splits[ATTUNE_SPLIT_TRAIN], >, 30);
  g_assert_nonnull (strstr (f->said->str, "60 rows read"));
  test_loop_until (has_estimate, f);
  assert_states (f, "ddrrww");

  /* another setting makes it stale, and the old one makes it good again */
  g_object_set (settings, "trim-space", FALSE, NULL);
  g_assert_true (attune_session_is_data_stale (f->session));
  assert_states (f, "sdrrww");
  g_object_set (settings, "trim-space", TRUE, NULL);
  assert_states (f, "ddrrww");
}

static gboolean
has_no_data (Fixture *f)
{
  return attune_session_get_data (f->session) == NULL && is_idle (f);
}

static void
test_remove_and_restore (Fixture *f, gconstpointer data)
{
  import_and_prepare (f);
  attune_session_remove_data (f->session);
  test_loop_until (has_no_data, f);
  g_assert_cmpint (attune_session_get_state (f->session, ATTUNE_STAGE_PLAN), ==,
                   ATTUNE_STAGE_STATE_WAITING);
  attune_session_restore_data (f->session);
  test_loop_until (is_prepared, f);
}

static gboolean
has_two_sources (Fixture *f)
{
  return has_data (f) && attune_session_get_data (f->session)->n_records == 120;
}

static gboolean
has_one_source (Fixture *f)
{
  return has_data (f) && attune_session_get_data (f->session)->n_records == 60;
}

static void
test_remove_source (Fixture *f, gconstpointer data)
{
  import_and_prepare (f);
  attune_session_import (f->session, attune_source_probe (f->files.table, NULL));
  test_loop_until (has_two_sources, f);
  attune_session_remove_source (f->session, 0);
  test_loop_until (has_one_source, f);
  attune_session_restore_data (f->session);
  test_loop_until (has_two_sources, f);
  attune_session_remove_source (f->session, 7);
  test_loop_until (is_idle, f);
  g_assert_nonnull (attune_session_get_error (f->session, ATTUNE_STAGE_DATA));
  test_loop_until (has_two_sources, f);
}

static gboolean
is_stale (Fixture *f)
{
  return is_prepared (f) && attune_session_is_data_stale (f->session);
}

static gboolean
is_fresh (Fixture *f)
{
  return is_prepared (f) && !attune_session_is_data_stale (f->session);
}

/* Another model would be given words of the wrong vocabulary. */
static void
test_other_model (Fixture *f, gconstpointer data)
{
  g_autofree char *path = attune_project_get_file (f->project, "dataset.h5");
  AttuneDataSettings *settings = attune_project_get_data_settings (f->project);
  g_autoptr (AttuneChatTemplate) other = attune_chat_template_new (NULL, NULL);
  g_autoptr (GError) error = NULL;

  import_and_prepare (f);
  g_assert_true (attune_session_is_data_for_model (f->session));
  attune_dataset_prepare (path, settings,
                          attune_model_get_tokenizer (attune_session_get_model (f->session)), other,
                          NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  attune_session_refresh (f->session);
  test_loop_until (has_model, f);
  test_loop_until (is_stale, f);
  g_assert_false (attune_session_is_data_for_model (f->session));
  g_assert_nonnull (strstr (attune_session_get_data_stale_reason (f->session), "another model"));
  g_assert_nonnull (
      strstr (attune_session_get_missing (f->session, ATTUNE_STAGE_TUNE), "another model"));
  attune_session_prepare (f->session);
  test_loop_until (is_fresh, f);
  g_assert_null (attune_session_get_data_stale_reason (f->session));
}

/* What was changed is in the folder when the window is closed at once. */
static void
test_settings_are_kept (Fixture *f, gconstpointer data)
{
  double rate = 0;

  g_object_set (attune_project_get_plan (f->project), "learning-rate", 0.125, NULL);
  close_session (f);
  open_session (f);
  g_object_get (attune_project_get_plan (f->project), "learning-rate", &rate, NULL);
  g_assert_cmpfloat (rate, ==, 0.125);
}

static gboolean
has_model_error (Fixture *f)
{
  return attune_session_get_error (f->session, ATTUNE_STAGE_MODEL) != NULL && is_idle (f);
}

static void
test_bad_model (Fixture *f, gconstpointer data)
{
  test_loop_until (has_model, f);
  attune_session_set_model (f->session, f->files.table);
  test_loop_until (has_model_error, f);
  g_assert_null (attune_session_get_model (f->session));
  g_assert_nonnull (
      strstr (attune_session_get_error (f->session, ATTUNE_STAGE_MODEL), "table.csv"));
  g_assert_cmpint (attune_session_get_state (f->session, ATTUNE_STAGE_MODEL), ==,
                   ATTUNE_STAGE_STATE_ATTENTION);
  attune_session_set_model (f->session, f->files.model);
  test_loop_until (has_model, f);
  g_assert_null (attune_session_get_error (f->session, ATTUNE_STAGE_MODEL));
}

static gboolean
has_data_error (Fixture *f)
{
  return attune_session_get_error (f->session, ATTUNE_STAGE_DATA) != NULL && is_idle (f);
}

static void
test_damaged_data (Fixture *f, gconstpointer data)
{
  g_autofree char *path = attune_project_get_file (f->project, "dataset.h5");

  test_loop_until (has_model, f);
  g_assert_true (g_file_set_contents (path, "not what it should be", -1, NULL));
  attune_session_refresh (f->session);
  test_loop_until (has_data_error, f);
  g_assert_nonnull (strstr (attune_session_get_error (f->session, ATTUNE_STAGE_DATA), path));
  attune_session_clear_error (f->session, ATTUNE_STAGE_DATA);
  g_assert_null (attune_session_get_error (f->session, ATTUNE_STAGE_DATA));
}

/* The second window on one project looks only, and says so. */
static void
test_second_window (Fixture *f, gconstpointer data)
{
  Fixture second = { .files = f->files, .said = g_string_new (NULL) };
  g_autofree char *before = NULL, *after = NULL;
  g_autofree char *file = attune_project_get_file (f->project, "project.json");

  test_loop_until (has_model, f);
  g_assert_null (attune_session_get_read_only (f->session));
  open_session (&second);
  g_assert_nonnull (strstr (attune_session_get_read_only (second.session), "another window"));
  g_assert_true (g_file_get_contents (file, &before, NULL, NULL));
  g_object_set (attune_project_get_plan (second.project), "lora-rank", 3, NULL);
  attune_session_set_model (second.session, f->files.table);
  g_assert_nonnull (strstr (second.said->str, "another window"));
  close_session (&second);
  g_assert_true (g_file_get_contents (file, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
  g_string_free (second.said, TRUE);

  /* and once the first has gone, the next one may */
  close_session (f);
  open_session (f);
  g_assert_null (attune_session_get_read_only (f->session));
}

static gboolean
is_read_only (Fixture *f)
{
  return attune_session_get_read_only (f->session) != NULL;
}

static void
test_folder_is_taken_away (Fixture *f, gconstpointer data)
{
  g_autofree char *elsewhere = g_strconcat (f->files.project, ".moved", NULL);

  test_loop_until (has_model, f);
  g_assert_cmpint (g_rename (f->files.project, elsewhere), ==, 0);
  test_loop_until (is_read_only, f);
  g_assert_nonnull (strstr (f->said->str, "no longer there"));
  g_assert_false (g_file_test (f->files.project, G_FILE_TEST_EXISTS));
}

static gboolean
has_tuned (Fixture *f)
{
  return f->ended == ATTUNE_STAGE_TUNE && is_idle (f);
}

static gboolean
has_evaluation (Fixture *f)
{
  return attune_session_get_evaluation (f->session) != NULL && is_idle (f);
}

static gboolean
has_exported (Fixture *f)
{
  return attune_session_get_export (f->session, ATTUNE_EXPORT_ADAPTER) != NULL && is_idle (f);
}

/* The whole way, with the program that does the work. */
static void
test_journey (Fixture *f, gconstpointer data)
{
  AttunePlan *plan = attune_project_get_plan (f->project);

  import_and_prepare (f);
  g_object_set (plan, "lora-rank", 4, "batch-size", 8, "micro-batch-tokens", 256, "max-steps", 6,
                "threads", 1, "samples", 1, NULL);
  test_loop_until (has_estimate, f);
  g_assert_null (attune_session_get_plan_problem (f->session));
  attune_session_start_run (f->session);
  g_assert_cmpint (attune_session_get_run_state (f->session), ==, ATTUNE_RUN_RUNNING);
  test_loop_until (has_tuned, f);
  g_assert_cmpint (attune_session_get_run_state (f->session), ==, ATTUNE_RUN_FINISHED);
  g_assert_cmpuint (attune_session_get_curves (f->session)->steps->len, ==, 6);
  g_assert_true (attune_session_get_news (f->session)->finished.there);
  assert_states (f, "dddd"
                    "rr");

  attune_session_evaluate (f->session, ATTUNE_SPLIT_TEST, 2, 16);
  g_assert_cmpint (attune_session_get_state (f->session, ATTUNE_STAGE_EVALUATE), ==,
                   ATTUNE_STAGE_STATE_RUNNING);
  test_loop_until (has_evaluation, f);
  g_assert_null (attune_session_get_error (f->session, ATTUNE_STAGE_EVALUATE));
  g_assert_cmpuint (attune_session_get_evaluation (f->session)->tuned_answers->len, ==, 2);

  attune_session_export (f->session, ATTUNE_EXPORT_ADAPTER, NULL);
  test_loop_until (has_exported, f);
  assert_states (f, "dddddd");

  /* another plan: what came of the earlier one is stale, and still there */
  g_object_set (plan, "lora-rank", 2, NULL);
  g_assert_cmpint (attune_session_get_state (f->session, ATTUNE_STAGE_TUNE), ==,
                   ATTUNE_STAGE_STATE_STALE);
  g_assert_nonnull (attune_session_get_evaluation (f->session));
}

static gboolean
has_evaluate_error (Fixture *f)
{
  return attune_session_get_error (f->session, ATTUNE_STAGE_EVALUATE) != NULL && is_idle (f);
}

/* What attunectl says on failing is what the person reads. */
static void
test_program_fails (Fixture *f, gconstpointer data)
{
  import_and_prepare (f);
  g_object_set (attune_project_get_plan (f->project), "lora-rank", 2, "max-steps", 2, "samples", 0,
                "micro-batch-tokens", 256, NULL);
  test_loop_until (has_estimate, f);
  attune_session_start_run (f->session);
  test_loop_until (has_tuned, f);
  g_assert_cmpint (g_unlink (f->files.model), ==, 0);
  attune_session_evaluate (f->session, ATTUNE_SPLIT_TEST, 1, 16);
  test_loop_until (has_evaluate_error, f);
  g_assert_nonnull (
      strstr (attune_session_get_error (f->session, ATTUNE_STAGE_EVALUATE), "tiny.gguf"));
  g_assert_null (attune_session_get_evaluation (f->session));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  CASE ("/session/data", test_data);
  CASE ("/session/remove-and-restore", test_remove_and_restore);
  CASE ("/session/remove-source", test_remove_source);
  CASE ("/session/other-model", test_other_model);
  CASE ("/session/settings-are-kept", test_settings_are_kept);
  CASE ("/session/bad-model", test_bad_model);
  CASE ("/session/damaged-data", test_damaged_data);
  CASE ("/session/second-window", test_second_window);
  CASE ("/session/folder-is-taken-away", test_folder_is_taken_away);
  CASE ("/session/journey", test_journey);
  CASE ("/session/program-fails", test_program_fails);
  return g_test_run ();
}
