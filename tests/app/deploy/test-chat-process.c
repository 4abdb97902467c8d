/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The model that answers: the real program on the tiny model, and programs that do what none
 * should.
 */
#include "chat-process.h"
#include "job/program.h"

#include <glib/gstdio.h>

typedef struct
{
  TestProject project;
  char *script; /* in its folder */
  AttuneChatProcess *process;
  GString *pieces;
  char *answer, *failure;
  guint n_answers, n_failures;
  gboolean cut, stopped;
  int n_tokens;
} Fixture;

static void
on_piece (Fixture *f, const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_string_append (f->pieces, text);
}

static void
on_answered (Fixture *f, const AttuneChatAnswer *answer)
{
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_READY);
  f->n_answers++;
  g_set_str (&f->answer, answer->text);
  f->cut = answer->cut;
  f->stopped = answer->stopped;
  f->n_tokens = answer->n_tokens;
}

static void
on_failed (Fixture *f, const char *text)
{
  f->n_failures++;
  g_set_str (&f->failure, text);
}

static void
make_process (Fixture *f)
{
  f->process = attune_chat_process_new (f->project.project, "0001");
  g_signal_connect_swapped (f->process, "piece", G_CALLBACK (on_piece), f);
  g_signal_connect_swapped (f->process, "answered", G_CALLBACK (on_answered), f);
  g_signal_connect_swapped (f->process, "failed", G_CALLBACK (on_failed), f);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  test_project_set_up (&f->project, NULL);
  test_project_prepare (&f->project, "--max-steps 30");
  g_free (test_attunectl_good (&f->project, "tune %P"));
  f->pieces = g_string_new (NULL);
  make_process (f);
}

/* @data: what a shell does in place of attunectl. */
static void
set_up_script (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strconcat ("#!/bin/sh\n", data, "\n", NULL);

  test_project_set_up (&f->project, NULL);
  f->script = g_build_filename (f->project.folder, "script", NULL);
  g_assert_true (
      g_file_set_contents_full (f->script, text, -1, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
  g_setenv ("ATTUNECTL_REAL", g_getenv ("ATTUNECTL"), TRUE);
  g_setenv ("ATTUNECTL", f->script, TRUE);
  f->pieces = g_string_new (NULL);
  make_process (f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  if (f->script != NULL)
    g_setenv ("ATTUNECTL", g_getenv ("ATTUNECTL_REAL"), TRUE);
  g_object_add_weak_pointer (G_OBJECT (f->process), (gpointer *) &f->process);
  g_object_unref (f->process);
  g_assert_null (f->process);
  g_string_free (f->pieces, TRUE);
  g_free (f->answer);
  g_free (f->failure);
  g_free (f->script);
  test_project_tear_down (&f->project, NULL);
}

#define WAIT(condition)                                                                            \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;                              \
                                                                                                   \
    while (!(condition))                                                                           \
      {                                                                                            \
        if (g_get_monotonic_time () > end)                                                         \
          g_error ("%s did not come about; state %d, “%s”", #condition,                            \
                   attune_chat_process_get_state (f->process), f->failure);                        \
        if (!g_main_context_iteration (NULL, FALSE))                                               \
          g_usleep (1000);                                                                         \
      }                                                                                            \
  }                                                                                                \
  G_STMT_END

static void
ask (Fixture *f, const char *text, gboolean base, const char *const *history)
{
  const AttuneChatQuestion question
      = { .text = text, .base = base, .max_tokens = 12, .history = history };

  attune_chat_process_ask (f->process, &question);
}

static void
test_answers (Fixture *f, gconstpointer data)
{
  g_autofree char *tuned = NULL;
  int state;

  g_object_get (f->process, "state", &state, NULL);
  g_assert_cmpint (state, ==, ATTUNE_CHAT_ENDED);
  g_assert_cmpstr (attune_chat_process_get_run (f->process), ==, "0001");
  ask (f, "cardiitis", FALSE, NULL);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_STARTING);
  ask (f, "one at a time", FALSE, NULL); /* passed over */
  WAIT (f->n_answers == 1);
  g_assert_cmpstr (f->answer, ==, f->pieces->str);
  g_assert_cmpint (f->n_tokens, >, 0);
  g_assert_false (f->stopped);
  tuned = g_strdup (f->answer);

  ask (f, "cardiitis", TRUE, NULL);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_ANSWERING);
  WAIT (f->n_answers == 2);
  g_assert_cmpstr (f->answer, !=, tuned);

  /* It remembers nothing by itself: after all this the same question has the same answer. */
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_answers == 3);
  g_assert_cmpstr (f->answer, ==, tuned);
  g_assert_cmpuint (f->n_failures, ==, 0);

  /* Ended and asked again, it starts again. */
  attune_chat_process_end (f->process);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_ENDED);
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_answers == 4);
  g_assert_cmpstr (f->answer, ==, tuned);
}

static void
test_history (Fixture *f, gconstpointer data)
{
  const char *const history[] = { "dermalgia", "pain in the skin", NULL };
  const char *const half[] = { "dermalgia", NULL };
  g_autofree char *alone = NULL;

  ask (f, "cardiitis \"quoted\"\nin two lines", FALSE, NULL);
  WAIT (f->n_answers == 1);
  alone = g_strdup (f->answer);
  ask (f, "cardiitis \"quoted\"\nin two lines", FALSE, half); /* no answer, so it is none */
  WAIT (f->n_answers == 2);
  g_assert_cmpstr (f->answer, ==, alone);
  ask (f, "cardiitis \"quoted\"\nin two lines", TRUE, NULL);
  WAIT (f->n_answers == 3);
  g_free (alone);
  alone = g_strdup (f->answer);
  ask (f, "cardiitis \"quoted\"\nin two lines", TRUE, history);
  WAIT (f->n_answers == 4);
  g_assert_cmpstr (f->answer, !=, alone);
}

/* A question that is too long has no answer, and the next one has. */
static void
test_too_long (Fixture *f, gconstpointer data)
{
  g_autofree char *words = g_strnfill (300000, 'a');

  ask (f, words, FALSE, NULL);
  WAIT (f->n_failures == 1);
  g_assert_nonnull (strstr (f->failure, "too long"));
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_READY);
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_answers == 1);
}

static void
ask_long (Fixture *f)
{
  /* So hot that it does not end by itself soon. */
  const AttuneChatQuestion question
      = { .text = "cardiitis", .base = TRUE, .temperature = 50, .max_tokens = 400 };

  g_string_truncate (f->pieces, 0);
  attune_chat_process_ask (f->process, &question);
  WAIT (f->pieces->len > 0);
}

static void
test_stop (Fixture *f, gconstpointer data)
{
  ask_long (f);
  attune_chat_process_stop (f->process);
  WAIT (f->n_answers == 1);
  g_assert_true (f->stopped);
  g_assert_cmpint (f->n_tokens, <, 400);
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_answers == 2);
  g_assert_false (f->stopped);

  /* While the model is being opened there is no answer to stop: the program ends. */
  attune_chat_process_end (f->process);
  ask (f, "cardiitis", FALSE, NULL);
  attune_chat_process_stop (f->process);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_ENDED);
  g_assert_cmpuint (f->n_failures, ==, 0);
}

/* Ids of the children of this process. */
static GArray *
list_children (void)
{
  g_autofree char *text = NULL;
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (pid_t));
  g_auto (GStrv) words = NULL;
  g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", (int) getpid ());

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  words = g_strsplit (g_strstrip (text), " ", -1);
  for (char **word = words; *word != NULL; word++)
    {
      const pid_t id = (pid_t) atoi (*word);

      if (id > 0)
        g_array_append_val (ids, id);
    }
  return ids;
}

static void
test_killed (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) children = NULL;

  ask_long (f);
  children = list_children ();
  g_assert_cmpuint (children->len, ==, 1);
  kill (g_array_index (children, pid_t, 0), SIGKILL);
  WAIT (f->n_failures == 1);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_FAILED);
  g_assert_nonnull (strstr (f->failure, g_strsignal (SIGKILL)));
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_answers == 1);
}

/* The program ends with its object, in the middle of an answer too. */
static void
test_given_up (Fixture *f, gconstpointer data)
{
  g_autoptr (GArray) children = NULL;
  const gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  ask_long (f);
  g_object_add_weak_pointer (G_OBJECT (f->process), (gpointer *) &f->process);
  g_object_unref (f->process);
  g_assert_null (f->process);
  do
    {
      g_main_context_iteration (NULL, FALSE);
      g_clear_pointer (&children, g_array_unref);
      children = list_children ();
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  while (children->len > 0);
  make_process (f);
}

/* Its own words, from standard error. */
static void
test_no_model (Fixture *f, gconstpointer data)
{
  g_assert_cmpint (g_unlink (f->project.model), ==, 0);
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_failures == 1);
  g_assert_nonnull (strstr (f->failure, "tiny.gguf"));
  g_assert_null (strchr (f->failure, '{'));
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_FAILED);
}

/* Whatever such a program does is told once, and the window goes on. */
static void
assert_fails (Fixture *f, const char *word)
{
  ask (f, "cardiitis", FALSE, NULL);
  WAIT (f->n_failures > 0);
  if (strstr (f->failure, word) == NULL)
    g_error ("no “%s” in “%s”", word, f->failure);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_FAILED);
  for (int i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpuint (f->n_failures, ==, 1);
  g_assert_cmpuint (f->n_answers, ==, 0);
}

static void
test_garbage (Fixture *f, gconstpointer data)
{
  assert_fails (f, "cannot be understood");
}

static void
test_complaint (Fixture *f, gconstpointer data)
{
  assert_fails (f, "out of luck");
  g_assert_cmpuint (strlen (f->failure), <, 1000);
}

static void
test_silence (Fixture *f, gconstpointer data)
{
  assert_fails (f, "ended unexpectedly");
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  g_autofree char *path = g_strdup (g_getenv ("PATH"));

  g_assert_cmpint (g_unlink (f->script), ==, 0);
  g_setenv ("PATH", f->project.folder, TRUE);
  ask (f, "cardiitis", FALSE, NULL);
  g_setenv ("PATH", path, TRUE);
  g_assert_cmpuint (f->n_failures, ==, 1);
  g_assert_nonnull (strstr (f->failure, "not found"));
}

/* It hangs, and is given up. */
static void
test_hangs (Fixture *f, gconstpointer data)
{
  ask (f, "cardiitis", FALSE, NULL);
  for (int i = 0; i < 100; i++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_STARTING);
  attune_chat_process_stop (f->process);
  g_assert_cmpint (attune_chat_process_get_state (f->process), ==, ATTUNE_CHAT_ENDED);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)
#define ADD_SCRIPT(name, script, function)                                                         \
  g_test_add (name, Fixture, script, set_up_script, function, tear_down)

#define READY "echo '{\"ready\":true}'; "

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/chat-process/answers", test_answers);
  ADD ("/chat-process/history", test_history);
  ADD ("/chat-process/too-long", test_too_long);
  ADD ("/chat-process/stop", test_stop);
  ADD ("/chat-process/killed", test_killed);
  ADD ("/chat-process/given-up", test_given_up);
  ADD ("/chat-process/no-model", test_no_model);
  ADD_SCRIPT ("/chat-process/garbage", "echo hello; sleep 60", test_garbage);
  ADD_SCRIPT ("/chat-process/garbage-later", READY "read q; echo '[1, 2]'; exec sleep 60",
              test_garbage);
  ADD_SCRIPT ("/chat-process/garbage-bytes", READY "printf '\\377\\376\\n'; exec sleep 60",
              test_garbage);
  ADD_SCRIPT ("/chat-process/garbage-endless", "exec cat /dev/zero", test_garbage);
  ADD_SCRIPT ("/chat-process/garbage-answer", "echo '{\"answer\":\"x\"}'; exec sleep 60",
              test_garbage);
  ADD_SCRIPT ("/chat-process/complaint",
              "for i in 1 2 3 4 5 6 7 8 9; do seq 100 >&2; done; echo out of luck >&2; exit 3",
              test_complaint);
  ADD_SCRIPT ("/chat-process/complaint-later", READY "read q; echo out of luck >&2; exit 1",
              test_complaint);
  ADD_SCRIPT ("/chat-process/silence", "exit 0", test_silence);
  ADD_SCRIPT ("/chat-process/silence-later", READY "read q; exec 1>&-; exit 5", test_silence);
  ADD_SCRIPT ("/chat-process/missing", "exit 0", test_missing);
  ADD_SCRIPT ("/chat-process/hangs", "exec sleep 60", test_hangs);
  return g_test_run ();
}
