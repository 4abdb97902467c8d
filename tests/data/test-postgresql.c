/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * PostgreSQL: addresses and servers that are not there; and, where a server is installed, one of
 * the test's own, by a socket in its folder.
 */
#include "data/rows.h"
#include "data/sql.h"

#include <grp.h>
#include <libpq-fe.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Debian's user nobody: a server refuses to run as root. */
#define NOBODY 65534

typedef struct
{
  char *folder, *programs;
  GPid server;
} Server;

static void
become_nobody (gpointer data)
{
  if (geteuid () == 0 && (setgroups (0, NULL) != 0 || setgid (NOBODY) != 0 || setuid (NOBODY) != 0))
    _exit (1);
}

/* Where the server's programs are, or %NULL. */
static char *
find_programs (void)
{
  g_autoptr (GDir) versions = g_dir_open ("/usr/lib/postgresql", 0, NULL);
  const char *version;

  while (versions != NULL && (version = g_dir_read_name (versions)) != NULL)
    {
      g_autofree char *programs = g_build_filename ("/usr/lib/postgresql", version, "bin", NULL);
      g_autofree char *server = g_build_filename (programs, "postgres", NULL);

      if (g_file_test (server, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&programs);
    }
  return NULL;
}

static char *
get_address (const Server *self, const char *user)
{
  return g_strdup_printf ("postgresql://%s@/postgres?host=%s", user, self->folder);
}

static void
run_statements (const Server *self, const char *statements)
{
  g_autofree char *address = get_address (self, "expert");
  PGconn *connection = NULL;
  PGresult *result;

  for (int tried = 0; tried < 200; tried++) /* it takes a moment to start */
    {
      connection = PQconnectdb (address);
      if (PQstatus (connection) == CONNECTION_OK)
        break;
      g_usleep (50 * 1000);
      g_clear_pointer (&connection, PQfinish);
    }
  g_assert_nonnull (connection);
  result = PQexec (connection, statements);
  g_assert_cmpstr (PQresultErrorMessage (result), ==, "");
  PQclear (result);
  PQfinish (connection);
}

#define TERMS                                                                                      \
  "CREATE TABLE codes (number int, name text); INSERT INTO codes VALUES (7, 'seven');"             \
  "CREATE TABLE \"Terms\" (id serial, question text, answer text, weight float8);"                 \
  "INSERT INTO \"Terms\" (question, answer) SELECT 'What is ' || i, 'It is ä' || i FROM "          \
  "generate_series (1, 1000) i; INSERT INTO \"Terms\" (question) VALUES ('open');"                 \
  "CREATE SCHEMA other; CREATE TABLE other.t (text text); INSERT INTO other.t VALUES ('abc');"     \
  "CREATE TABLE secret (text text);"                                                               \
  "CREATE ROLE guest LOGIN PASSWORD 'right'; GRANT SELECT ON codes TO guest;"

static gboolean
server_start (Server *self)
{
  g_autofree char *data = NULL, *program = NULL, *hba = NULL;
  const char *initdb[] = { NULL,    "-D", NULL,   "-U",          "expert", "-A",
                           "trust", "-E", "UTF8", "--no-locale", "-N",     NULL };
  const char *postgres[] = { NULL, "-D", NULL, "-k", NULL, "-h", "", "-F", NULL };
  int status;

  if ((self->programs = find_programs ()) == NULL)
    return FALSE;
  self->folder = g_dir_make_tmp ("attune-pg-XXXXXX", NULL);
  g_assert_cmpint (chmod (self->folder, 0777), ==, 0);
  data = g_build_filename (self->folder, "data", NULL);
  program = g_build_filename (self->programs, "initdb", NULL);
  initdb[0] = program;
  initdb[2] = data;
  g_assert_true (g_spawn_sync ("/", (char **) initdb, NULL, G_SPAWN_STDOUT_TO_DEV_NULL,
                               become_nobody, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  hba = g_build_filename (data, "pg_hba.conf", NULL);
  g_assert_true (
      g_file_set_contents (hba, "local all expert trust\nlocal all all scram-sha-256\n", -1, NULL));
  g_assert_cmpint (chmod (hba, 0644), ==, 0);
  g_free (g_steal_pointer (&program));
  program = g_build_filename (self->programs, "postgres", NULL);
  postgres[0] = program;
  postgres[2] = data;
  postgres[4] = self->folder;
  g_assert_true (g_spawn_async ("/", (char **) postgres, NULL,
                                G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL
                                    | G_SPAWN_STDOUT_TO_DEV_NULL,
                                become_nobody, NULL, &self->server, NULL));
  return TRUE;
}

static void
server_stop (Server *self)
{
  const char *remove[] = { "rm", "-rf", self->folder, NULL };

  kill (self->server, SIGINT);
  waitpid (self->server, NULL, 0);
  g_assert_true (g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  g_free (self->folder);
  g_free (self->programs);
}

static char *
read_with (const char *address, AttuneSourceHints hints, AttuneSource **found, GError **error)
{
  g_autoptr (AttuneSource) source = attune_source_probe_as (address, &hints, error);
  g_autoptr (GString) rows = g_string_new (NULL);

  if (source == NULL
      || !attune_source_read (source, rows_add_record, rows_add_bad, rows, NULL, error))
    return NULL;
  if (found != NULL)
    *found = g_steal_pointer (&source);
  return g_string_free (g_steal_pointer (&rows), FALSE);
}

static void
assert_refused (const char *address, const char *query, AttuneDataError code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *rows
      = read_with (address, (AttuneSourceHints) { .header = -1, .query = query }, NULL, &error);

  g_assert_null (rows);
  g_assert_error (error, ATTUNE_DATA_ERROR, code);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, part));
  g_assert_null (strstr (error->message, "hunter2"));
}

static void
assert_tables (const Server *server)
{
  g_autofree char *address = get_address (server, "expert"), *rows = NULL, *other = NULL;
  g_autoptr (AttuneSource) source = NULL;
  g_autoptr (GError) error = NULL;

  rows = read_with (address, ATTUNE_SOURCE_NO_HINTS, &source, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (source->format, ==, "postgresql");
  g_assert_cmpstr (source->table, ==, "\"Terms\"");
  g_assert_cmpuint (source->tables->len, ==, 4);
  g_assert_true (g_str_has_prefix (rows, "1: [What is 1] [It is ä1]\n2: "));
  g_assert_true (
      g_str_has_suffix (rows, "\n1000: [What is 1000] [It is ä1000]\n1001: [open] []\n"));
  other
      = read_with (address, (AttuneSourceHints) { .header = -1, .table = "other.t" }, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (other, ==, "1:  [abc]\n");
  g_free (g_steal_pointer (&other));
  other
      = read_with (address,
                   (AttuneSourceHints) {
                       .header = -1,
                       .query = "-- when\n/* in /* all */ */ SELECT DATE '2024-03-01' AS question, "
                                "TIMESTAMPTZ '2024-03-01 12:00+02' AS answer; -- done" },
                   NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (other, ==, "1: [2024-03-01] [2024-03-01 10:00:00+00]\n");
}

static void
assert_only_reads (const Server *server)
{
  g_autofree char *address = get_address (server, "expert");

  assert_refused (address, "DELETE FROM codes", ATTUNE_DATA_ERROR_SETTINGS, "Nothing was done");
  assert_refused (address, "WITH d AS (DELETE FROM codes RETURNING *) SELECT * FROM d",
                  ATTUNE_DATA_ERROR_SETTINGS, "Nothing was done");
  assert_refused (address, "SELECT setval ('\"Terms_id_seq\"', 1)", ATTUNE_DATA_ERROR_SETTINGS,
                  "Nothing was done");
  assert_refused (address, "SELECT 1; DELETE FROM codes", ATTUNE_DATA_ERROR_SETTINGS,
                  "cannot insert multiple commands");
  assert_refused (address, "SELECT * FROM nowhere", ATTUNE_DATA_ERROR_SETTINGS, "nowhere");
}

static void
assert_passwords (const Server *server)
{
  g_autofree char *none = get_address (server, "guest"),
                  *wrong = get_address (server, "guest:hunter2"),
                  *right = get_address (server, "guest:right"), *rows = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = NULL;

  assert_refused (none, NULL, ATTUNE_DATA_ERROR_READ, "wants a password");
  assert_refused (wrong, NULL, ATTUNE_DATA_ERROR_READ, "not let in");
  assert_refused (right, "SELECT * FROM secret", ATTUNE_DATA_ERROR_READ, "may not read");
  rows = read_with (right, ATTUNE_SOURCE_NO_HINTS, &source, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (rows, ==, "1: [7] [seven]\n");
  g_assert_cmpuint (source->tables->len, ==, 1);
  g_assert_null (strstr (source->path, "right")); /* nothing that is shown or kept has it */
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (300 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static guint
count_running (const Server *server)
{
  g_autofree char *address = get_address (server, "expert");
  PGconn *connection = PQconnectdb (address);
  PGresult *result = PQexec (connection, "SELECT count (*) FROM pg_stat_activity WHERE "
                                         "application_name = 'Attune' AND state = 'active'");
  const guint n = atoi (PQgetvalue (result, 0, 0));

  PQclear (result);
  PQfinish (connection);
  return n;
}

/* The 21st row, behind those of the look, takes ten minutes: at the server, too, that ends. */
static void
assert_cancelled (const Server *server)
{
  const AttuneSourceHints hints
      = { .header = -1,
          .query = "SELECT i AS question, CASE WHEN i > 20 THEN pg_sleep (600)::text ELSE 'a' END "
                   "AS answer FROM generate_series (1, 30) i" };
  g_autofree char *address = get_address (server, "expert");
  g_autoptr (GError) error = NULL;
  g_autoptr (AttuneSource) source = attune_source_probe_as (address, &hints, &error);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GString) rows = g_string_new (NULL);
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  g_assert_no_error (error);
  g_assert_false (
      attune_source_read (source, rows_add_record, rows_add_bad, rows, cancellable, &error));
  g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  for (int tried = 0; tried < 100 && count_running (server) > 0; tried++)
    g_usleep (20 * 1000);
  g_assert_cmpuint (count_running (server), ==, 0);
}

static void
test_server (void)
{
  Server server = { 0 };

  if (!server_start (&server))
    {
      g_test_skip ("no PostgreSQL server is installed here (Debian: postgresql)");
      return;
    }
  run_statements (&server, TERMS);
  assert_tables (&server);
  assert_only_reads (&server);
  assert_passwords (&server);
  assert_cancelled (&server);
  server_stop (&server);
}

static void
test_addresses (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *shown
      = attune_postgresql_describe ("postgresql://anna:hunter2@db.example.org:99/tickets", &error);

  g_assert_no_error (error);
  g_assert_cmpstr (shown, ==, "postgresql://anna@db.example.org:99/tickets");
  assert_refused ("postgresql://anna:hunter2@[x/tickets?", NULL, ATTUNE_DATA_ERROR_FORMAT,
                  "postgresql://USER@HOST/DATABASE");
  assert_refused ("postgresql://anna:hunter2/ss@db/tickets", NULL, ATTUNE_DATA_ERROR_FORMAT,
                  "write %2F for /");
  assert_refused ("postgresql://anna:12/hunter2@db/tickets", NULL, ATTUNE_DATA_ERROR_FORMAT,
                  "write %2F for /");
  assert_refused ("postgresql://anna:p@hunter2@db/tickets", NULL, ATTUNE_DATA_ERROR_FORMAT,
                  "%40 for @");
  assert_refused ("postgresql://anna:hunter2@127.0.0.1:1/tickets", NULL, ATTUNE_DATA_ERROR_READ,
                  "127.0.0.1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("PGPASSWORD");
  g_setenv ("PGPASSFILE", "/nonexistent", TRUE);
  g_test_add_func ("/postgresql/addresses", test_addresses);
  g_test_add_func ("/postgresql/server", test_server);
  return g_test_run ();
}
