/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Exports that fail: whatever the reason, what was there before stands and nothing is left beside
 * it.
 */
#include "deploy/export.h"
#include "deploy/scratch-folder.h"
#include "generate/tiny-llama.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define PATH_OF(folder, name) g_build_filename ((folder), (name), NULL)

static gboolean export (TinyLlama *tiny, AttuneExportFormat format, const char *path,
                        GError **error)
{
  return attune_export (format, tiny->model, tiny->decoder, &tiny->lora, "base", path, NULL, NULL,
                        NULL, error);
}

/* Every byte under @path, file by file in the order of their names. Returns: (transfer full): a
 * checksum. */
static char *
digest (const char *path)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *list = NULL;
  g_auto (GStrv) names = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    list = g_strdup ("");
  else
    list = list_folder (path);
  names = g_strsplit (list, " ", -1);
  for (guint i = 0; i == 0 || (names[0] != NULL && names[i] != NULL); i++)
    {
      g_autofree char *full = names[0] != NULL ? PATH_OF (path, names[i]) : g_strdup (path),
                      *bytes = NULL;
      g_autoptr (GError) error = NULL;
      gsize n;

      g_file_get_contents (full, &bytes, &n, &error);
      g_assert_no_error (error);
      g_checksum_update (sum, (const guchar *) full, strlen (full));
      g_checksum_update (sum, (const guchar *) bytes, n);
    }
  return g_strdup (g_checksum_get_string (sum));
}

static void
test_no_folder (gconstpointer format)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = g_build_filename (scratch, "missing", "export", NULL), *inside = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (export (tiny, GPOINTER_TO_INT (format), path, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, "export"));
  inside = list_folder (scratch);
  g_assert_cmpstr (inside, ==, "");
}

/* As an ordinary user: for root nothing is forbidden, so the test gives up root first where it has
 * it. */
static void
test_no_permission (gconstpointer format)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *folder = PATH_OF (scratch, "locked"), *path = PATH_OF (folder, "export"),
                  *inside = NULL;
  g_autoptr (GError) error = NULL;
  const uid_t uid = geteuid ();
  gboolean done;

  g_assert_cmpint (g_mkdir (folder, 0755), ==, 0);
  g_assert_cmpint (g_chmod (scratch, 0755), ==, 0);
  if (uid == 0)
    g_assert_cmpint (seteuid (65534), ==, 0); /* the folder is root's */
  else
    g_assert_cmpint (g_chmod (folder, 0555), ==, 0);
  done = export (tiny, GPOINTER_TO_INT (format), path, &error);
  if (uid == 0)
    g_assert_cmpint (seteuid (0), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0755), ==, 0);
  g_assert_false (done);
  g_assert_nonnull (strstr (error->message, "ermission denied"));
  inside = list_folder (folder);
  g_assert_cmpstr (inside, ==, "");
}

typedef struct
{
  GCancellable *cancellable;
  double at, last;
} Canceller;

static void
on_progress (gpointer data, double fraction, const char *what)
{
  Canceller *self = data;

  g_assert_cmpfloat (fraction, >=, self->last);
  g_assert_cmpfloat (fraction, <=, 1);
  self->last = fraction;
  if (fraction >= self->at)
    g_cancellable_cancel (self->cancellable);
}

/* At the first tensor, in the middle and at the last; without and with an earlier export at the
 * place. */
static void
test_cancelled (gconstpointer data)
{
  const AttuneExportFormat format = GPOINTER_TO_INT (data);
  static const double at[] = { 0, 0.5, 0.9 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (at); i++)
    {
      g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
      g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autofree char *path = PATH_OF (scratch, "export"), *before = NULL, *after = NULL,
                      *inside = NULL;
      g_autoptr (GError) error = NULL;
      Canceller canceller = { cancellable, at[i / 2], 0 };

      if (i % 2 == 1)
        {
          export (tiny, format, path, &error);
          g_assert_no_error (error);
          before = digest (path);
          tiny_llama_fill (tiny->adapter);
          ((float *) tiny->adapter->values.data)[0] = 1; /* the second export would differ */
        }
      g_assert_false (attune_export (format, tiny->model, tiny->decoder, &tiny->lora, "base", path,
                                     on_progress, &canceller, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      inside = list_folder (scratch);
      g_assert_cmpstr (inside, ==, before != NULL ? "export" : "");
      after = before != NULL ? digest (path) : NULL;
      g_assert_cmpstr (before, ==, after);
    }
}

/* A file may grow to so many bytes and no more, as on a full disk: every limit from "nothing fits"
 * on, until one lets the export through. */
static void
test_disk_full (gconstpointer data)
{
  const AttuneExportFormat format = GPOINTER_TO_INT (data);
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = PATH_OF (scratch, "export"), *before = NULL;
  g_autoptr (GError) error = NULL;
  struct rlimit limit;
  rlim_t keep;
  guint n_failed = 0;
  gboolean done = FALSE;

  export (tiny, format, path, &error);
  g_assert_no_error (error);
  before = digest (path);
  ((float *) tiny->adapter->values.data)[0] = 1;

  signal (SIGXFSZ, SIG_IGN); /* the write fails with EFBIG instead */
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  keep = limit.rlim_cur;
  for (rlim_t bytes = 0; !done; bytes = 2 * bytes + 97)
    {
      g_autofree char *now = NULL, *inside = NULL;

      g_clear_error (&error);
      limit.rlim_cur = bytes;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      done = export (tiny, format, path, &error);
      limit.rlim_cur = keep;
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      inside = list_folder (scratch);
      g_assert_cmpstr (inside, ==, "export");
      now = digest (path);
      if (done)
        g_assert_cmpstr (now, !=, before);
      else
        {
          g_assert_cmpstr (now, ==, before);
          g_assert_nonnull (error);
          g_assert_cmpint (strlen (error->message), >, 0);
          n_failed++;
        }
    }
  g_test_message ("failed %u times before it went through", n_failed);
  g_assert_cmpuint (n_failed, >, 3);
}

/* Somebody's folder is not ours to replace. */
static void
test_foreign_folder (gconstpointer format)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *thesis = PATH_OF (scratch, "thesis.odt"), *inside = NULL;
  g_autofree char *parent = g_path_get_dirname (scratch),
                  *part = g_strconcat (scratch, ".part", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (thesis, "years of work", -1, &error);
  g_assert_no_error (error);
  g_assert_false (export (tiny, GPOINTER_TO_INT (format), scratch, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_TARGET);
  g_assert_nonnull (strstr (error->message, "thesis.odt"));
  inside = list_folder (scratch);
  g_assert_cmpstr (inside, ==, "thesis.odt");
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));

  g_clear_error (&error); /* nor a file */
  g_assert_false (export (tiny, GPOINTER_TO_INT (format), thesis, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_TARGET);
}

/* The second export replaces the first whole, also over what a crash left behind, through a link
 * and with a slash at the end. */
static void
test_replace (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = PATH_OF (scratch, "export"), *part = PATH_OF (scratch, "export.part");
  g_autofree char *leftover = g_build_filename (part, "model.safetensors.new", NULL);
  g_autofree char *link_path = PATH_OF (scratch, "link"),
                  *slashed = g_strconcat (link_path, "/", NULL);
  g_autofree char *inside = NULL, *beside = NULL;
  g_autoptr (GError) error = NULL;

  export (tiny, ATTUNE_EXPORT_MERGED, path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_mkdir (part, 0777), ==, 0);
  g_file_set_contents (leftover, "half of it", -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (symlink ("export", link_path), ==, 0);
  export (tiny, ATTUNE_EXPORT_ADAPTER, slashed, &error);
  g_assert_no_error (error);
  inside = list_folder (path);
  beside = list_folder (scratch);
  g_assert_cmpstr (inside, ==, "README.md adapter_config.json adapter_model.safetensors");
  g_assert_cmpstr (beside, ==, "export link");
  g_assert_true (g_file_test (link_path, G_FILE_TEST_IS_SYMLINK));
}

static void
test_no_adapter (void)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (FALSE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = PATH_OF (scratch, "export"), *inside = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (export (tiny, ATTUNE_EXPORT_ADAPTER, path, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_UNSUPPORTED);
  inside = list_folder (scratch);
  g_assert_cmpstr (inside, ==, "");
}

static void
test_damaged_adapter (gconstpointer format)
{
  g_autoptr (TinyLlama) tiny = tiny_llama_new (TRUE);
  g_autoptr (ScratchFolder) scratch = scratch_folder_new ();
  g_autofree char *path = PATH_OF (scratch, "export"), *inside = NULL;
  g_autoptr (GError) error = NULL;

  ((float *) tiny->adapter->values.data)[tiny->adapter->count / 2] = NAN;
  g_assert_false (export (tiny, GPOINTER_TO_INT (format), path, &error));
  g_assert_error (error, ATTUNE_DEPLOY_ERROR, ATTUNE_DEPLOY_ERROR_NUMBERS);
  inside = list_folder (scratch);
  g_assert_cmpstr (inside, ==, "");
}

static void
add (const char *what, AttuneExportFormat format, GTestDataFunc func)
{
  g_autofree char *path
      = g_strdup_printf ("/deploy/failures/%s/%s", what, attune_export_format_get_name (format));

  g_test_add_data_func (path, GINT_TO_POINTER (format), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (int format = 0; format < ATTUNE_N_EXPORTS; format++)
    {
      add ("no-folder", format, test_no_folder);
      add ("no-permission", format, test_no_permission);
      add ("cancelled", format, test_cancelled);
      add ("disk-full", format, test_disk_full);
      add ("damaged-adapter", format, test_damaged_adapter);
    }
  add ("foreign-folder", ATTUNE_EXPORT_ADAPTER, test_foreign_folder);
  add ("foreign-folder", ATTUNE_EXPORT_MERGED, test_foreign_folder);
  g_test_add_func ("/deploy/failures/replace", test_replace);
  g_test_add_func ("/deploy/failures/no-adapter", test_no_adapter);
  return g_test_run ();
}
