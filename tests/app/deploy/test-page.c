/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page as a person uses it, with the real program and the tiny model: talking with both models,
 * a program that dies, exports and what is said of them.
 */
#include "app/deploy/widgets.h"
#include "job/program.h"
#include "session-private.h"
#include "stages/deploy/chat-history.h"
#include "stages/deploy/chat-view.h"
#include "stages/deploy/export-card.h"
#include "stages/deploy/export-words.h"
#include "stages/deploy/page.h"
#include "widgets/gently.h"

typedef struct
{
  TestProject project;
  AttuneSession *session;
  GtkWidget *window, *page;
  AttuneChatView *chat;
  GListModel *messages;
} Fixture;

/* @data: steps to tune; %NULL: not at all. */
static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (AttuneProject) project = NULL;
  g_autoptr (GError) error = NULL;

  test_project_set_up (&f->project, NULL);
  test_project_prepare (&f->project, data != NULL ? data : "--epochs 1");
  if (data != NULL)
    g_free (test_attunectl_good (&f->project, "tune %P"));
  project = attune_project_open (f->project.project, &error);
  g_assert_no_error (error);
  f->session = attune_session_new (project);
  f->page = g_object_new (ATTUNE_TYPE_DEPLOY_PAGE, NULL);
  attune_stage_page_set_session (ATTUNE_STAGE_PAGE (f->page), f->session);
  f->window = adw_window_new ();
  gtk_window_set_default_size (GTK_WINDOW (f->window), 360, 640);
  adw_window_set_content (ADW_WINDOW (f->window), f->page);
  gtk_window_present (GTK_WINDOW (f->window));
  if (data == NULL)
    return; /* nothing to talk with */
  WAIT (find_widget (f->page, ATTUNE_TYPE_CHAT_VIEW, NULL, NULL) != NULL); /* made in steps */
  f->chat = ATTUNE_CHAT_VIEW (need_widget (f->page, ATTUNE_TYPE_CHAT_VIEW, NULL, NULL));
  f->messages = attune_chat_view_get_messages (f->chat);
  g_object_set (f->chat, "temperature", 0.0, "max-tokens", 12, NULL);
  WAIT (gtk_widget_get_mapped (GTK_WIDGET (f->chat)) && !attune_is_doing_gently ());
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (f->page), (gpointer *) &f->page);
  gtk_window_destroy (GTK_WINDOW (f->window));
  settle ();
  g_assert_null (f->page);
  attune_session_close (f->session);
  g_object_add_weak_pointer (G_OBJECT (f->session), (gpointer *) &f->session);
  g_object_unref (f->session);
  WAIT (f->session == NULL);
  test_project_tear_down (&f->project, NULL);
}

static AttuneChatMessage *
last_answer (Fixture *f)
{
  return attune_chat_history_find_last (f->messages, ATTUNE_CHAT_ANSWER, NULL);
}

/* Waits for the last answer. */
static const char *
wait_answer (Fixture *f, AttuneChatProgress progress)
{
  WAIT (last_answer (f) != NULL
        && attune_chat_message_get_progress (last_answer (f)) != ATTUNE_CHAT_WRITING);
  g_assert_cmpint (attune_chat_message_get_progress (last_answer (f)), ==, progress);
  return attune_chat_message_get_text (last_answer (f));
}

static void
act (Fixture *f, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (f->chat), name, NULL);
}

static void
test_missing (Fixture *f, gconstpointer data)
{
  GtkWidget *status
      = need_widget (f->page, ADW_TYPE_STATUS_PAGE, "title", "Nothing to Talk With Yet");

  WAIT (gtk_widget_get_mapped (status));
  g_assert_null (find_widget (f->page, ATTUNE_TYPE_CHAT_VIEW, NULL, NULL)); /* there is nobody */
}

static void
test_talk (Fixture *f, gconstpointer data)
{
  g_autofree char *tuned = NULL;
  guint n;

  attune_chat_view_ask (f->chat, "cardiitis");
  attune_chat_view_ask (f->chat, "one at a time");
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 2);
  tuned = g_strdup (wait_answer (f, ATTUNE_CHAT_DONE));
  g_assert_false (attune_chat_message_is_base (last_answer (f)));
  WAIT (find_widget (GTK_WIDGET (f->chat), GTK_TYPE_LABEL, "label", tuned) != NULL);

  act (f, "chat.ask-other");
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 3);
  g_assert_cmpstr (wait_answer (f, ATTUNE_CHAT_DONE), !=, tuned);
  g_assert_true (attune_chat_message_is_base (last_answer (f)));
  act (f, "chat.ask-other");
  g_assert_cmpstr (wait_answer (f, ATTUNE_CHAT_DONE), ==, tuned);

  /* Only the last answer can be asked of the other model. */
  n = 0;
  for (guint i = 0; i < g_list_model_get_n_items (f->messages); i++)
    n += attune_chat_message_is_last (attune_chat_history_get (f->messages, i));
  g_assert_cmpuint (n, ==, 1);

  /* The switch counts for the next question. */
  adw_toggle_group_set_active_name (
      ADW_TOGGLE_GROUP (need_widget (GTK_WIDGET (f->chat), ADW_TYPE_TOGGLE_GROUP, NULL, NULL)),
      "base");
  attune_chat_view_ask (f->chat, "osteitis");
  wait_answer (f, ATTUNE_CHAT_DONE);
  g_assert_true (attune_chat_message_is_base (last_answer (f)));

  /* A run that has gone on has learned more: its new model answers. */
  n = g_list_model_get_n_items (f->messages);
  attune_chat_view_set_session (f->chat, f->session);
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, n);
  g_assert_cmpint (f->session->run_step, >, 0);
  f->session->run_step++;
  attune_chat_view_set_session (f->chat, f->session);
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, n + 1);
  g_assert_cmpint (attune_chat_message_get_kind (attune_chat_history_get (f->messages, n)), ==,
                   ATTUNE_CHAT_NOTE);

  act (f, "chat.new");
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 0);
  settle ();
  g_assert_cmpint (gtk_widget_get_width (f->window), <=, 360);
}

static void
test_stop (Fixture *f, gconstpointer data)
{
  GtkWidget *button;

  g_object_set (f->chat, "temperature", 2.0, "max-tokens", 4000, NULL);
  attune_chat_view_ask (f->chat, "cardiitis");
  WAIT (*attune_chat_message_get_text (last_answer (f)) != '\0'
        || attune_chat_message_get_progress (last_answer (f)) != ATTUNE_CHAT_WRITING);
  button = find_widget (GTK_WIDGET (f->chat), GTK_TYPE_BUTTON, "tooltip-text",
                        "Stop the Answer (Escape)");
  if (button != NULL) /* the tiny model may have ended by itself */
    g_signal_emit_by_name (button, "clicked");
  wait_answer (f, ATTUNE_CHAT_DONE);

  /* A new conversation in the middle of an answer. */
  attune_chat_view_ask (f->chat, "dermalgia");
  act (f, "chat.new");
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 0);
  g_object_set (f->chat, "temperature", 0.0, "max-tokens", 12, NULL);
  attune_chat_view_ask (f->chat, "cardiitis");
  wait_answer (f, ATTUNE_CHAT_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 2);
}

/* What has gone wrong is said in place; the conversation stays, and can go on. */
static void
test_broken (Fixture *f, gconstpointer data)
{
  g_autofree char *hidden = g_strconcat (f->project.model, ".away", NULL), *answer = NULL;

  attune_chat_view_ask (f->chat, "cardiitis");
  answer = g_strdup (wait_answer (f, ATTUNE_CHAT_DONE));
  act (f, "chat.new");
  attune_chat_view_set_session (f->chat, NULL); /* ends the program */
  attune_chat_view_set_session (f->chat, f->session);
  g_assert_cmpint (g_rename (f->project.model, hidden), ==, 0);
  attune_chat_view_ask (f->chat, "cardiitis");
  wait_answer (f, ATTUNE_CHAT_BROKEN);
  g_assert_nonnull (strstr (attune_chat_message_get_note (last_answer (f)), "tiny.gguf"));
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 2);

  g_assert_cmpint (g_rename (hidden, f->project.model), ==, 0);
  act (f, "chat.ask-again");
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 2);
  g_assert_cmpstr (wait_answer (f, ATTUNE_CHAT_DONE), ==, answer);
}

static AttuneExportCard *
find_card (Fixture *f, AttuneExportFormat format)
{
  WAIT (find_widget (f->page, ATTUNE_TYPE_EXPORT_CARD, "title", attune_export_get_title (format))
        != NULL);
  return ATTUNE_EXPORT_CARD (
      need_widget (f->page, ATTUNE_TYPE_EXPORT_CARD, "title", attune_export_get_title (format)));
}

static void
show_exports (Fixture *f)
{
  adw_view_stack_set_visible_child_name (
      ADW_VIEW_STACK (need_widget (f->page, ADW_TYPE_VIEW_STACK, NULL, NULL)), "exports");
}

/* Whether a row with that title is shown on the card. */
static gboolean
shows_row (AttuneExportCard *card, const char *title)
{
  GtkWidget *row = find_widget (GTK_WIDGET (card), ADW_TYPE_ACTION_ROW, "title", title);

  return row != NULL && gtk_widget_get_mapped (row);
}

/* How large it will be is said before it is made. */
static gboolean
says_size (AttuneExportCard *card, AttuneModel *model)
{
  g_autofree char *size
      = g_format_size (attune_export_predict_bytes (attune_export_card_get_format (card), model));

  return strstr (adw_preferences_group_get_description (ADW_PREFERENCES_GROUP (card)), size)
         != NULL;
}

static void
test_export (Fixture *f, gconstpointer data)
{
  const AttuneExportFormat format = ATTUNE_EXPORT_GGUF_F16;
  AttuneExportCard *card = find_card (f, format);
  GtkWidget *button = need_widget (GTK_WIDGET (card), ADW_TYPE_SPLIT_BUTTON, NULL, NULL);
  const AttuneExportRecord *record;
  g_autofree char *check = NULL, *detail = NULL, *size = NULL;

  show_exports (f);
  WAIT (gtk_widget_get_mapped (GTK_WIDGET (card)));
  g_assert_cmpstr (adw_split_button_get_label (ADW_SPLIT_BUTTON (button)), ==, "Export");
  g_assert_true (says_size (card, attune_session_get_model (f->session)));
  g_assert_null (attune_session_get_export (f->session, format));
  gtk_widget_activate_action (GTK_WIDGET (card), "card.export", NULL);
  g_assert_cmpint (attune_session_get_exporting (f->session), ==, format);
  attune_export_card_update (card, f->session); /* it may be done before the page looks again */
  g_assert_cmpstr (adw_split_button_get_label (ADW_SPLIT_BUTTON (button)), ==, "Exporting…");
  gtk_widget_activate_action (GTK_WIDGET (card), "card.export", NULL); /* one at a time */
  WAIT (attune_session_get_export (f->session, format) != NULL);
  record = attune_session_get_export (f->session, format);
  g_assert_cmpstr (record->run, ==, "0001");
  g_assert_true (record->checked);
  check = attune_export_describe_check (record, &detail);
  size = g_format_size (record->bytes);
  WAIT (shows_row (card, check));
  g_assert_true (shows_row (card, size));
  g_assert_false (shows_row (card, "From an Earlier Run"));
  g_assert_cmpstr (adw_split_button_get_label (ADW_SPLIT_BUTTON (button)), ==, "Export Again");
  need_widget (GTK_WIDGET (card), ADW_TYPE_ACTION_ROW, "title", "Ollama");

  /* After the next run it is an earlier one's. */
  g_free (test_attunectl_good (&f->project, "tune %P"));
  attune_session_refresh (f->session);
  WAIT (shows_row (card, "From an Earlier Run"));
}

/* Elsewhere, and what cannot be. */
static void
test_export_elsewhere (Fixture *f, gconstpointer data)
{
  AttuneExportCard *card = find_card (f, ATTUNE_EXPORT_ADAPTER);
  g_autofree char *path = g_build_filename (f->project.folder, "my adapter", NULL),
                  *bad = g_build_filename (f->project.table, "adapter", NULL), *shown = NULL;
  GtkWidget *row;

  show_exports (f);
  attune_session_export (f->session, ATTUNE_EXPORT_ADAPTER, bad);
  WAIT (attune_session_get_error (f->session, ATTUNE_STAGE_DEPLOY) != NULL);
  g_assert_null (attune_session_get_export (f->session, ATTUNE_EXPORT_ADAPTER));
  attune_session_clear_error (f->session, ATTUNE_STAGE_DEPLOY);

  attune_session_export (f->session, ATTUNE_EXPORT_ADAPTER, path);
  WAIT (attune_session_get_export (f->session, ATTUNE_EXPORT_ADAPTER) != NULL);
  WAIT (shows_row (card, "The exported model gives the same answers: checked on 6 prompts")
        || find_widget (GTK_WIDGET (card), ADW_TYPE_ACTION_ROW, "subtitle", path) != NULL);
  row = need_widget (GTK_WIDGET (card), ADW_TYPE_ACTION_ROW, "subtitle", path);
  WAIT (gtk_widget_get_mapped (row));
}

/* Every button says what it does: by its label, or where it has only a picture, by its tooltip. */
static guint
check_names (GtkWidget *root)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_WINDOW_CONTROLS (child)) /* GTK's own */
        continue;
      if (GTK_IS_BUTTON (child) && gtk_widget_get_mapped (child))
        {
          const GtkWidget *menu = gtk_widget_get_parent (child);
          const char *label = gtk_button_get_label (GTK_BUTTON (child)),
                     *tooltip = gtk_widget_get_tooltip_text (
                         GTK_IS_MENU_BUTTON (menu) ? (GtkWidget *) menu : child);

          n++;
          if (label == NULL && tooltip == NULL
              && find_widget (child, GTK_TYPE_LABEL, NULL, NULL) == NULL)
            g_error ("a button in %s has no name", G_OBJECT_TYPE_NAME (root));
        }
      n += check_names (child);
    }
  return n;
}

static void
test_names (Fixture *f, gconstpointer data)
{
  attune_chat_view_ask (f->chat, "cardiitis");
  wait_answer (f, ATTUNE_CHAT_DONE);
  settle ();
  g_assert_cmpuint (check_names (f->page), >=, 5);
  attune_session_export (f->session, ATTUNE_EXPORT_GGUF_Q8_0, NULL);
  WAIT (attune_session_get_export (f->session, ATTUNE_EXPORT_GGUF_Q8_0) != NULL);
  show_exports (f);
  adw_expander_row_set_expanded (
      ADW_EXPANDER_ROW (need_widget (GTK_WIDGET (find_card (f, ATTUNE_EXPORT_GGUF_Q8_0)),
                                     ADW_TYPE_EXPANDER_ROW, NULL, NULL)),
      TRUE);
  settle ();
  g_assert_cmpuint (check_names (f->page), >=, 10);
}

/* After another run its model answers, and one is told. */
static void
test_tuned_again (Fixture *f, gconstpointer data)
{
  AttuneChatMessage *last;

  attune_chat_view_ask (f->chat, "cardiitis");
  wait_answer (f, ATTUNE_CHAT_DONE);
  g_free (test_attunectl_good (&f->project, "tune %P"));
  attune_session_refresh (f->session);
  WAIT (attune_chat_history_find_last (f->messages, ATTUNE_CHAT_NOTE, NULL) != NULL);
  last = attune_chat_history_get (f->messages, g_list_model_get_n_items (f->messages) - 1);
  g_assert_cmpint (attune_chat_message_get_kind (last), ==, ATTUNE_CHAT_NOTE);
  attune_chat_view_ask (f->chat, "osteitis");
  wait_answer (f, ATTUNE_CHAT_DONE);
  g_assert_cmpuint (g_list_model_get_n_items (f->messages), ==, 5);
}

static AttuneExportRecord
make_record (guint equal, guint same)
{
  return (AttuneExportRecord) { .format = ATTUNE_EXPORT_GGUF_Q8_0,
                                .run = (char *) "0001",
                                .output = (char *) "/it's here/m.gguf",
                                .system = (char *) "Don't",
                                .checked = TRUE,
                                .parity = { 8, equal, 100, same, 0.1, 10 } };
}

static void
assert_said (const AttuneExportRecord *record, gboolean sound, const char *first,
             const char *second)
{
  g_autofree char *detail = NULL, *check = attune_export_describe_check (record, &detail);

  g_assert_cmpint (attune_export_is_sound (record), ==, sound);
  if (strstr (check, first) == NULL || strstr (detail, second) == NULL)
    g_error ("“%s”, “%s”", check, detail);
}

static void
test_words (void)
{
  AttuneExportRecord same = make_record (8, 100), close = make_record (5, 96),
                     far = make_record (0, 12), unknown = make_record (0, 0);
  g_autoptr (GPtrArray) commands = NULL;
  const AttuneExportCommand *command;

  assert_said (&same, TRUE, "same answers: checked on 8 prompts", "");
  assert_said (&close, TRUE, "5 of 8", "96 of 100");
  assert_said (&far, FALSE, "0 of 8", "before you rely on it");
  unknown.checked = FALSE;
  assert_said (&unknown, FALSE, "Not Checked", "Export again");
  unknown.problem = (char *) "The data has gone.";
  assert_said (&unknown, FALSE, "Not Checked", "The data has gone.");

  commands = attune_export_list_commands (&same, "Übung 1: für Ärzte!");
  g_assert_cmpuint (commands->len, ==, 2); /* no Modelfile, no Ollama */
  g_ptr_array_unref (commands);
  same.modelfile = (char *) "/it's here/m.Modelfile";
  commands = attune_export_list_commands (&same, "Übung 1: für Ärzte!");
  command = g_ptr_array_index (commands, 0);
  g_assert_cmpstr (command->command, ==,
                   "ollama create ubung-1-fur-arzte -f '/it'\\''s here/m.Modelfile' && ollama run "
                   "ubung-1-fur-arzte");
  command = g_ptr_array_index (commands, 2);
  g_assert_cmpstr (command->command, ==,
                   "llama-cli --jinja -m '/it'\\''s here/m.gguf' -sys 'Don'\\''t'");
  g_ptr_array_unref (commands);
  same.context = 4096;
  commands = attune_export_list_commands (&same, "Übung 1: für Ärzte!");
  command = g_ptr_array_index (commands, 2);
  g_assert_cmpstr (command->command, ==,
                   "llama-cli --jinja -m '/it'\\''s here/m.gguf' -c 4096 -sys 'Don'\\''t'");
}

#define ADD(name, steps, function) g_test_add (name, Fixture, steps, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("/deploy-page/missing", NULL, test_missing);
  ADD ("/deploy-page/talk", "--max-steps 30", test_talk);
  ADD ("/deploy-page/stop", "--max-steps 30", test_stop);
  ADD ("/deploy-page/broken", "--max-steps 30", test_broken);
  ADD ("/deploy-page/names", "--max-steps 30", test_names);
  ADD ("/deploy-page/tuned-again", "--max-steps 30", test_tuned_again);
  ADD ("/deploy-page/export", "--max-steps 30", test_export);
  ADD ("/deploy-page/export-elsewhere", "--max-steps 30", test_export_elsewhere);
  g_test_add_func ("/deploy-page/words", test_words);
  return g_test_run ();
}
