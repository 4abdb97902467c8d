/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Questions to the hub.
 */
#include "stages/model/hub-ask.h"

#define MOST_ANSWER_BYTES (16 << 20)

typedef struct
{
  char *url, *proxy, *token;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->url);
  g_free (question->proxy);
  g_free (question->token);
  g_free (question);
}

static GBytes *
ask (Question *question, GCancellable *cancellable, GError **error)
{
  const AttuneFetch fetch = { .url = question->url,
                              .accept = "application/json",
                              .proxy = question->proxy,
                              .token = question->token };

  return attune_fetch_bytes (&fetch, MOST_ANSWER_BYTES, cancellable, error);
}

static void
search (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GBytes) answer = ask (data, cancellable, &error);
  GPtrArray *models = answer != NULL ? attune_hub_read_search (answer, &error) : NULL;

  if (models != NULL)
    g_task_return_pointer (task, models, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
look (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autoptr (GBytes) answer = ask (data, cancellable, &error);
  AttuneHubModel *model = answer != NULL ? attune_hub_read_model (answer, &error) : NULL;

  if (model != NULL)
    g_task_return_pointer (task, model, (GDestroyNotify) attune_hub_model_free);
  else
    g_task_return_error (task, error);
}

/* Takes @url. */
static void
run (const AttuneFetch *access, char *url, GTaskThreadFunc func, GCancellable *cancellable,
     GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Question *question = g_new0 (Question, 1);

  question->url = url;
  question->proxy = g_strdup (access->proxy);
  question->token = g_strdup (access->token);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, func);
}

void
attune_hub_search_async (const AttuneFetch *access, const char *query, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (access != NULL && query != NULL);
  run (access, attune_hub_get_search_url (access->url, query), search, cancellable, callback, data);
}

GPtrArray *
attune_hub_search_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
attune_hub_look_async (const AttuneFetch *access, const char *name, GCancellable *cancellable,
                       GAsyncReadyCallback callback, gpointer data)
{
  g_return_if_fail (access != NULL && name != NULL);
  run (access, attune_hub_get_model_url (access->url, name), look, cancellable, callback, data);
}

AttuneHubModel *
attune_hub_look_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
