/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Runs attunectl as a person does, on a project in a folder of its own with the tiny model.
 */
#pragma once
#include "job/json.h"
#include "scratch-folder.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

typedef struct
{
  char *folder;  /* of the test */
  char *project; /* in it */
  char *model;   /* in it: may be damaged */
  char *table;   /* in it: questions and answers */
} TestProject;

typedef struct
{
  int status; /* exit status; -1: killed */
  char *out, *err;
} TestRun;

static inline void
test_run_clear (TestRun *run)
{
  g_free (run->out);
  g_free (run->err);
  *run = (TestRun) { 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestRun, test_run_clear)

/* The program that was built, by the environment that meson sets. */
static inline const char *
test_attunectl (void)
{
  const char *program = g_getenv ("ATTUNECTL");

  if (program == NULL)
    g_error ("ATTUNECTL must name the program to test; meson test sets it.");
  return program;
}

/* Sixty rows that a tiny model can learn something of: the endings of made-up terms say what they
 * mean. */
static inline void
test_write_table (const char *path)
{
  static const char *const parts[][2]
      = { { "cardi", "the heart" }, { "derm", "the skin" },    { "gastr", "the stomach" },
          { "neur", "the nerves" }, { "nephr", "the kidney" }, { "oste", "the bone" },
          { "hepat", "the liver" }, { "pneum", "the lung" },   { "arthr", "the joint" },
          { "my", "the muscle" } };
  static const char *const ends[][2]
      = { { "itis", "inflammation of" }, { "algia", "pain in" },     { "ectomy", "removal of" },
          { "osis", "disease of" },      { "opathy", "illness of" }, { "ology", "study of" } };
  g_autoptr (GString) table = g_string_new ("term,meaning\n");

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ends); j++)
      g_string_append_printf (table, "%s%s,%s %s\n", parts[i][0], ends[j][0], ends[j][1],
                              parts[i][1]);
  g_assert_true (g_file_set_contents (path, table->str, table->len, NULL));
}

static inline void
test_project_set_up (TestProject *self, gconstpointer data)
{
  g_autofree char *golden = g_test_build_filename (G_TEST_DIST, "golden", "tiny-llama.gguf", NULL),
                  *bytes = NULL;
  gsize n;

  self->folder = g_dir_make_tmp ("attune-job-XXXXXX", NULL);
  self->project = g_build_filename (self->folder, "P.attune", NULL);
  self->model = g_build_filename (self->folder, "tiny.gguf", NULL);
  self->table = g_build_filename (self->folder, "table.csv", NULL);
  g_assert_true (g_file_get_contents (golden, &bytes, &n, NULL));
  g_assert_true (g_file_set_contents (self->model, bytes, n, NULL));
  test_write_table (self->table);
}

static inline void
test_project_tear_down (TestProject *self, gconstpointer data)
{
  test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->project);
  g_free (self->model);
  g_free (self->table);
}

/* In the child: no file may grow beyond so many bytes, which stands in for a full disk. */
static inline void
test_limit_files (gpointer data)
{
  const rlim_t bytes = GPOINTER_TO_SIZE (data);
  const struct rlimit limit = { bytes, bytes };

  if (bytes > 0)
    setrlimit (RLIMIT_FSIZE, &limit);
}

/* Runs attunectl with the words of @line, cut at blanks; %P is the project, %M the model, %T the
 * table. */
static inline TestRun
test_attunectl_limited (TestProject *self, gsize file_bytes, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  TestRun run = { 0 };
  int status;

  g_ptr_array_add (argv, g_strdup (test_attunectl ()));
  for (guint i = 0; words[i] != NULL; i++)
    {
      g_autoptr (GString) word = g_string_new (words[i]);

      g_string_replace (word, "%P", self->project, 0);
      g_string_replace (word, "%M", self->model, 0);
      g_string_replace (word, "%T", self->table, 0);
      g_ptr_array_add (argv, g_strdup (word->str));
    }
  g_ptr_array_add (argv, NULL);
  g_test_message ("attunectl %s", line);
  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, test_limit_files,
                GSIZE_TO_POINTER (file_bytes), &run.out, &run.err, &status, &error);
  g_assert_no_error (error);
  run.status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  return run;
}

static inline TestRun
test_attunectl_run (TestProject *self, const char *line)
{
  return test_attunectl_limited (self, 0, line);
}

/* The same, and it must succeed. Returns: (transfer full): standard output. */
static inline char *
test_attunectl_good (TestProject *self, const char *line)
{
  g_auto (TestRun) run = test_attunectl_run (self, line);

  if (run.status != 0)
    g_error ("attunectl %s: %d\n%s\n%s", line, run.status, run.out, run.err);
  return g_steal_pointer (&run.out);
}

/* It must fail with @status and say @word to people. */
static inline void
test_attunectl_bad (TestProject *self, const char *line, int status, const char *word)
{
  g_auto (TestRun) run = test_attunectl_run (self, line);

  if (run.status != status || strstr (run.err, word) == NULL)
    g_error ("attunectl %s: %d, and no “%s” in: %s%s", line, run.status, word, run.out, run.err);
}

/* The last line of @text as an object. */
static inline JsonNode *
test_last_json (const char *text)
{
  g_autofree char *copy = g_strchomp (g_strdup (text));
  const char *line = strrchr (copy, '\n') != NULL ? strrchr (copy, '\n') + 1 : copy;
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (line, &error);

  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return node;
}

static inline JsonNode *
test_attunectl_json (TestProject *self, const char *line)
{
  g_autofree char *out = test_attunectl_good (self, line);

  return test_last_json (out);
}

/* The number @name of an answer, or of its member @object. */
static inline double
test_number (JsonNode *node, const char *object, const char *name)
{
  JsonObject *root = json_node_get_object (node);

  if (object != NULL)
    root = attune_json_get_object (root, object);
  g_assert_true (json_object_has_member (root, name));
  return attune_json_get_double (root, name);
}

static inline const char *
test_string (JsonNode *node, const char *name)
{
  return attune_json_get_string (json_node_get_object (node), name);
}

/* A project that is ready to be tuned: some dozens of steps, seconds in all. */
static inline void
test_project_prepare (TestProject *self, const char *plan)
{
  g_autofree char *line
      = g_strconcat ("plan %P --lora-rank 4 --batch-size 8 --micro-batch-tokens 256"
                     " --learning-rate 0.01 --threads 2 --samples 1 ",
                     plan, NULL);

  g_free (test_attunectl_good (self, "new %P --model %M"));
  g_free (test_attunectl_good (self, "import %P %T"));
  g_free (test_attunectl_good (self, "prepare %P"));
  g_free (test_attunectl_good (self, line));
}
