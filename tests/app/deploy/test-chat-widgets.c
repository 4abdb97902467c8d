/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The parts of a conversation: messages and what they come to, bubbles, the input, the settings.
 */
#include "app/deploy/widgets.h"
#include "stages/deploy/chat-bubble.h"
#include "stages/deploy/chat-history.h"
#include "stages/deploy/chat-input.h"
#include "stages/deploy/chat-settings.h"
#include "stages/deploy/chat-view.h"

static void
count_notify (GObject *object, GParamSpec *pspec, guint *n)
{
  (*n)++;
}

static void
test_message (void)
{
  AttuneChatMessage *message = attune_chat_message_new (ATTUNE_CHAT_ANSWER, TRUE, NULL);
  g_autofree char *text = NULL, *note = NULL;
  guint n_text = 0, n_progress = 0;
  int progress;
  gboolean last;

  g_signal_connect (message, "notify::text", G_CALLBACK (count_notify), &n_text);
  g_signal_connect (message, "notify::progress", G_CALLBACK (count_notify), &n_progress);
  g_assert_cmpint (attune_chat_message_get_progress (message), ==, ATTUNE_CHAT_WRITING);
  g_assert_true (attune_chat_message_is_base (message));
  attune_chat_message_append (message, "The ");
  attune_chat_message_append (message, "heart");
  g_assert_cmpstr (attune_chat_message_get_text (message), ==, "The heart");
  g_assert_cmpuint (n_text, ==, 2);
  attune_chat_message_finish (message, ATTUNE_CHAT_DONE, "The heart", "1 s");
  g_assert_cmpuint (n_text, ==, 2); /* it is the same */
  attune_chat_message_finish (message, ATTUNE_CHAT_DONE, "The heart.", "1 s");
  g_assert_cmpuint (n_text, ==, 3);
  g_assert_cmpuint (n_progress, ==, 2);
  attune_chat_message_set_last (message, TRUE);
  g_object_get (message, "text", &text, "note", &note, "progress", &progress, "last", &last, NULL);
  g_assert_cmpstr (text, ==, "The heart.");
  g_assert_cmpstr (note, ==, "1 s");
  g_assert_cmpint (progress, ==, ATTUNE_CHAT_DONE);
  g_assert_true (last);
  g_object_add_weak_pointer (G_OBJECT (message), (gpointer *) &message);
  g_object_unref (message);
  g_assert_null (message);
}

static void
add (GListStore *store, AttuneChatKind kind, gboolean base, const char *text)
{
  g_autoptr (AttuneChatMessage) message = attune_chat_message_new (kind, base, NULL);

  attune_chat_message_append (message, text);
  if (kind == ATTUNE_CHAT_ANSWER && !g_str_has_prefix (text, "…"))
    attune_chat_message_finish (message, *text == '!' ? ATTUNE_CHAT_BROKEN : ATTUNE_CHAT_DONE, NULL,
                                "");
  g_list_store_append (store, message);
}

static void
assert_history (GListStore *store, gboolean base, const char *expected)
{
  g_autoptr (GPtrArray) history = attune_chat_history_collect (
      G_LIST_MODEL (store), g_list_model_get_n_items (G_LIST_MODEL (store)), base);
  g_autofree char *joined = g_strjoinv (" ", (char **) history->pdata);

  g_assert_cmpstr (joined, ==, expected);
}

static void
test_history (void)
{
  g_autoptr (GListStore) store = g_list_store_new (ATTUNE_TYPE_CHAT_MESSAGE);
  guint position = 99;

  assert_history (store, FALSE, "");
  g_assert_null (attune_chat_history_find_last (G_LIST_MODEL (store), ATTUNE_CHAT_ANSWER, NULL));
  add (store, ATTUNE_CHAT_QUESTION, FALSE, "q1");
  assert_history (store, FALSE, "");
  add (store, ATTUNE_CHAT_ANSWER, FALSE, "tuned1");
  add (store, ATTUNE_CHAT_NOTE, FALSE, "note");
  add (store, ATTUNE_CHAT_ANSWER, TRUE, "base1");
  assert_history (store, FALSE, "q1 tuned1");
  assert_history (store, TRUE, "q1 base1");
  add (store, ATTUNE_CHAT_QUESTION, FALSE, "q2");
  add (store, ATTUNE_CHAT_ANSWER, FALSE, "!broken");
  assert_history (store, FALSE, "q1 tuned1");
  add (store, ATTUNE_CHAT_QUESTION, FALSE, "q3");
  add (store, ATTUNE_CHAT_ANSWER, TRUE, "base3");
  assert_history (store, FALSE, "q1 tuned1 q3 base3");
  add (store, ATTUNE_CHAT_QUESTION, FALSE, "q4");
  add (store, ATTUNE_CHAT_ANSWER, FALSE, "…still writing");
  assert_history (store, TRUE, "q1 base1 q3 base3");
  g_assert_nonnull (
      attune_chat_history_find_last (G_LIST_MODEL (store), ATTUNE_CHAT_QUESTION, &position));
  g_assert_cmpuint (position, ==, 8);
}

static GtkWidget *
show (GtkWidget *child)
{
  GtkWidget *window = adw_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 360, 400);
  adw_window_set_content (ADW_WINDOW (window), child);
  gtk_window_present (GTK_WINDOW (window));
  WAIT (gtk_widget_get_mapped (child));
  return window;
}

static void
close_window (GtkWidget *window, gpointer *child)
{
  g_object_add_weak_pointer (*child, child);
  gtk_window_destroy (GTK_WINDOW (window));
  settle ();
  g_assert_null (*child);
}

static void
test_bubble (void)
{
  g_autoptr (AttuneChatMessage) message = attune_chat_message_new (ATTUNE_CHAT_ANSWER, FALSE, NULL);
  GtkWidget *bubble = attune_chat_bubble_new (message);
  g_autofree char *said = NULL;
  GtkWidget *list = gtk_list_box_new (), *window, *spinner, *other, *again, *copy;

  gtk_list_box_append (GTK_LIST_BOX (list), bubble);
  window = show (list);
  spinner = need_widget (bubble, ADW_TYPE_SPINNER, NULL, NULL);
  copy = need_widget (bubble, GTK_TYPE_BUTTON, "tooltip-text", "Copy the Answer");
  other = need_widget (bubble, GTK_TYPE_BUTTON, "action-name", "chat.ask-other");
  again = need_widget (bubble, GTK_TYPE_BUTTON, "action-name", "chat.ask-again");
  g_assert_true (gtk_widget_get_mapped (spinner));
  g_assert_false (gtk_widget_get_mapped (copy));

  /* Markup and control characters are text; long words break. */
  attune_chat_message_append (message, "<b>a & b\x1b[31m</b>");
  for (int i = 0; i < 50; i++)
    attune_chat_message_append (message, "Donaudampfschifffahrt");
  need_widget (bubble, GTK_TYPE_LABEL, "label", attune_chat_message_get_text (message));
  said = g_strconcat ("Tuned model: ", attune_chat_message_get_text (message), NULL);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (bubble), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       said);
  attune_chat_message_set_last (message, TRUE);
  attune_chat_message_finish (message, ATTUNE_CHAT_DONE, NULL, "2.0 s");
  settle ();
  g_assert_false (gtk_widget_get_mapped (spinner));
  g_assert_true (gtk_widget_get_mapped (copy));
  g_assert_true (gtk_widget_get_mapped (other));
  g_assert_false (gtk_widget_get_mapped (again));
  need_widget (bubble, GTK_TYPE_LABEL, "label", "Tuned model · 2.0 s");
  g_assert_cmpint (gtk_widget_get_width (window), <=, 360);

  attune_chat_message_finish (message, ATTUNE_CHAT_BROKEN, "", "It has ended.");
  settle ();
  g_assert_true (gtk_widget_get_mapped (again));
  g_assert_false (gtk_widget_get_mapped (copy)); /* there is nothing to copy */
  attune_chat_message_set_last (message, FALSE);
  settle ();
  g_assert_false (gtk_widget_get_mapped (again));
  close_window (window, (gpointer *) &bubble);
}

static void
on_send (AttuneChatInput *input, const char *text, char **sent)
{
  g_set_str (sent, text);
}

static void
on_stop (AttuneChatInput *input, guint *n)
{
  (*n)++;
}

static gboolean
press (GtkWidget *input, guint key, GdkModifierType state)
{
  GtkWidget *view = need_widget (input, GTK_TYPE_TEXT_VIEW, NULL, NULL);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (view);
  gboolean handled = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers) && !handled; i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      if (GTK_IS_EVENT_CONTROLLER_KEY (controller)
          && gtk_event_controller_get_propagation_phase (controller) == GTK_PHASE_CAPTURE)
        g_signal_emit_by_name (controller, "key-pressed", key, 0, state, &handled);
    }
  return handled;
}

static void
test_input (void)
{
  GtkWidget *input = g_object_new (ATTUNE_TYPE_CHAT_INPUT, NULL), *window = show (input), *button;
  AttuneChatInput *self = ATTUNE_CHAT_INPUT (input);
  g_autofree char *sent = NULL, *left = NULL;
  guint n_stops = 0;
  gboolean busy;

  g_signal_connect (input, "send", G_CALLBACK (on_send), &sent);
  g_signal_connect (input, "stop", G_CALLBACK (on_stop), &n_stops);
  button = need_widget (input, GTK_TYPE_BUTTON, NULL, NULL);
  g_assert_false (gtk_widget_is_sensitive (button));

  /* Nothing but blanks is nothing. */
  attune_chat_input_set_text (self, " \n ");
  g_assert_true (press (input, GDK_KEY_Return, 0));
  g_assert_null (sent);
  g_assert_false (gtk_widget_is_sensitive (button));

  attune_chat_input_set_text (self, "  What is it?\nTell me. ");
  g_assert_false (press (input, GDK_KEY_Return, GDK_SHIFT_MASK)); /* the text takes it */
  g_assert_false (press (input, GDK_KEY_a, 0));
  g_assert_null (sent);
  g_assert_true (press (input, GDK_KEY_KP_Enter, 0));
  g_assert_cmpstr (sent, ==, "What is it?\nTell me.");
  left = attune_chat_input_get_text (self);
  g_assert_cmpstr (left, ==, "");

  /* While it is busy what is written stays. */
  g_object_set (input, "busy", TRUE, NULL);
  g_object_get (input, "busy", &busy, NULL);
  g_assert_true (busy);
  g_assert_cmpstr (gtk_widget_get_tooltip_text (button), ==, "Stop the Answer (Escape)");
  attune_chat_input_set_text (self, "And next?");
  g_assert_true (press (input, GDK_KEY_Return, 0));
  g_assert_cmpstr (sent, ==, "What is it?\nTell me.");
  attune_chat_input_activate (self);
  g_assert_cmpuint (n_stops, ==, 1);
  g_assert_true (press (input, GDK_KEY_Escape, 0));
  g_assert_cmpuint (n_stops, ==, 2);
  g_object_set (input, "busy", FALSE, NULL);
  g_assert_false (press (input, GDK_KEY_Escape, 0)); /* somebody else's */
  attune_chat_input_activate (self);
  g_assert_cmpstr (sent, ==, "And next?");
  close_window (window, (gpointer *) &input);
}

static void
test_settings (void)
{
  GtkWidget *chat = g_object_new (ATTUNE_TYPE_CHAT_VIEW, NULL), *window = show (chat), *reset;
  AdwDialog *dialog = attune_chat_settings_new (G_OBJECT (chat), "Be brief.");
  GtkTextBuffer *buffer;
  g_autofree char *prompt = NULL, *shown = NULL;
  double temperature;
  int max_tokens;

  g_object_get (chat, "temperature", &temperature, "max-tokens", &max_tokens, "system-prompt",
                &prompt, NULL);
  g_assert_cmpfloat (temperature, ==, 0.7);
  g_assert_cmpint (max_tokens, ==, 256);
  g_assert_null (prompt);
  adw_dialog_present (dialog, chat);
  WAIT (gtk_widget_get_mapped (GTK_WIDGET (dialog)));
  buffer = gtk_text_view_get_buffer (
      GTK_TEXT_VIEW (need_widget (GTK_WIDGET (dialog), GTK_TYPE_TEXT_VIEW, NULL, NULL)));
  g_object_get (buffer, "text", &shown, NULL);
  g_assert_cmpstr (shown, ==, "Be brief.");
  gtk_text_buffer_set_text (buffer, "Be long.", -1);
  g_object_get (chat, "system-prompt", &prompt, NULL);
  g_assert_cmpstr (prompt, ==, "Be long.");
  reset = need_widget (GTK_WIDGET (dialog), GTK_TYPE_BUTTON, "label", "As in _Training");
  g_assert_true (gtk_widget_is_sensitive (reset));
  g_signal_emit_by_name (reset, "clicked");
  g_assert_false (gtk_widget_is_sensitive (reset));
  g_clear_pointer (&prompt, g_free);
  g_object_get (chat, "system-prompt", &prompt, NULL);
  g_assert_null (prompt);

  adw_spin_row_set_value (
      ADW_SPIN_ROW (need_widget (GTK_WIDGET (dialog), ADW_TYPE_SPIN_ROW, "title", "Creativity")),
      0);
  g_object_get (chat, "temperature", &temperature, NULL);
  g_assert_cmpfloat (temperature, ==, 0);
  g_object_set (chat, "max-tokens", 512, NULL);
  g_assert_cmpfloat (adw_spin_row_get_value (ADW_SPIN_ROW (need_widget (
                         GTK_WIDGET (dialog), ADW_TYPE_SPIN_ROW, "title", "Longest Answer"))),
                     ==, 512);

  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  adw_dialog_force_close (dialog);
  settle ();
  g_assert_null (dialog);
  close_window (window, (gpointer *) &chat);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/chat/message", test_message);
  g_test_add_func ("/chat/history", test_history);
  g_test_add_func ("/chat/bubble", test_bubble);
  g_test_add_func ("/chat/input", test_input);
  g_test_add_func ("/chat/settings", test_settings);
  return g_test_run ();
}
