/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is kept of an export: written, read back, found again after the project was moved; and
 * records that are damaged or missing.
 */
#include "job/export-record.h"
#include "scratch-folder.h"

#include <glib/gstdio.h>

typedef struct
{
  char *folder, *path;
  AttuneProject *project;
} Fixture;

static void
put (Fixture *self, const char *name, const char *text)
{
  g_autofree char *path = attune_project_get_file (self->project, name);
  g_autofree char *parent = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0777), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->folder = g_dir_make_tmp ("attune-record-XXXXXX", NULL);
  self->path = g_build_filename (self->folder, "P.attune", NULL);
  self->project = attune_project_create (self->path, &error);
  g_assert_no_error (error);
  put (self, "runs/0001/plan.json", "{}");
  put (self, "runs/0002/plan.json", "{}");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->project);
  test_remove_folder (self->folder);
  g_free (self->folder);
  g_free (self->path);
}

static AttuneExportRecord *
make_record (Fixture *self, const char *run)
{
  AttuneExportRecord *record = g_new0 (AttuneExportRecord, 1);

  record->format = ATTUNE_EXPORT_GGUF_Q8_0;
  record->run = g_strdup (run);
  record->step = 40;
  record->output = attune_project_get_export_path (self->project, run, record->format);
  record->system = g_strdup ("“Be brief.”\n");
  record->bytes = G_GUINT64_CONSTANT (5000000000);
  record->made = 1700000000;
  record->context = 4096;
  record->checked = TRUE;
  record->parity = (AttuneParity) { 8, 7, 160, 155, 0.25, 12.5 };
  return record;
}

static void
write_record (Fixture *self, const AttuneExportRecord *record)
{
  g_autoptr (GError) error = NULL;

  attune_export_record_write (record, self->project, &error);
  g_assert_no_error (error);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneExportRecord) record = make_record (self, "0002"), read = NULL, moved = NULL;
  g_autofree char *new_path = g_build_filename (self->folder, "Q.attune", NULL);

  record->modelfile = attune_project_get_file (self->project, "exports/0002-gguf-q8_0.Modelfile");
  put (self, "exports/0002-gguf-q8_0.gguf", "model");
  write_record (self, record);
  read = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
  g_assert_nonnull (read);
  g_assert_cmpstr (read->run, ==, "0002");
  g_assert_cmpint (read->step, ==, record->step);
  g_assert_cmpstr (read->output, ==, record->output);
  g_assert_cmpstr (read->modelfile, ==, record->modelfile);
  g_assert_cmpstr (read->system, ==, record->system);
  g_assert_cmpuint (read->bytes, ==, record->bytes);
  g_assert_cmpint (read->made, ==, record->made);
  g_assert_cmpint (read->context, ==, 4096);
  g_assert_true (read->checked);
  g_assert_cmpuint (read->parity.n_prompts, ==, 8);
  g_assert_cmpuint (read->parity.n_equal, ==, 7);
  g_assert_cmpuint (read->parity.n_choices, ==, 160);
  g_assert_cmpuint (read->parity.n_same_choices, ==, 155);
  g_assert_cmpfloat (read->parity.largest_gap, ==, 0.25);
  g_assert_cmpfloat (read->parity.largest_logit, ==, 12.5);
  g_assert_null (read->problem);
  g_assert_null (attune_project_find_export (self->project, ATTUNE_EXPORT_ADAPTER));

  /* The project is moved, and what is in it with it. */
  g_assert_cmpint (g_rename (self->path, new_path), ==, 0);
  g_object_unref (self->project);
  self->project = attune_project_open (new_path, NULL);
  moved = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
  g_assert_true (moved->checked);
  g_assert_true (g_str_has_prefix (moved->output, new_path));
}

/* The latest run's comes first; one that has been deleted is passed over; one that lies elsewhere
 * is found there. */
static void
test_find (Fixture *self, gconstpointer data)
{
  g_autoptr (AttuneExportRecord) old = make_record (self, "0001"), new = make_record (self, "0002");
  g_autoptr (AttuneExportRecord) found = NULL;
  g_autofree char *elsewhere = g_build_filename (self->folder, "my model.gguf", NULL);

  put (self, "exports/0001-gguf-q8_0.gguf", "model");
  write_record (self, old);
  write_record (self, new);
  found = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
  g_assert_cmpstr (found->run, ==, "0001");

  g_free (new->output);
  new->output = g_strdup (elsewhere);
  write_record (self, new);
  g_assert_true (g_file_set_contents (elsewhere, "model", -1, NULL));
  g_clear_pointer (&found, attune_export_record_free);
  found = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
  g_assert_cmpstr (found->run, ==, "0002");
  g_assert_cmpstr (found->output, ==, elsewhere);
}

/* An export without a record, or with one that cannot be read, is there and not checked. */
static void
test_damaged (Fixture *self, gconstpointer data)
{
  static const char *const texts[]
      = { "", "[]", "{\"format\": \"gguf-q8_0\"",
          "{\"format\": \"pickle\", \"run\": \"0001\", \"output\": \"x\"}",
          "{\"format\": \"gguf-q8_0\", \"run\": \"0001\"}",
          "{\"format\": \"gguf-q8_0\", \"run\": 7, \"output\": []}",
          /* Another format's record, and a check that makes no sense. */
          "{\"format\": \"merged\", \"run\": \"0001\", \"output\": \".\"}",
          "{\"format\": \"gguf-q8_0\", \"run\": \"0001\","
          " \"output\": \"exports/0001-gguf-q8_0.gguf\","
          " \"check\": {\"prompts\": 3, \"equal\": 9}, \"made\": \"soon\", \"bytes\": -5}" };
  g_autoptr (AttuneExportRecord) none = NULL;

  put (self, "exports/0001-gguf-q8_0.gguf", "model");
  none = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
  g_assert_false (none->checked);
  g_assert_cmpuint (none->bytes, ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (AttuneExportRecord) record = NULL;

      put (self, "exports/0001-gguf-q8_0.json", texts[i]);
      record = attune_project_find_export (self->project, ATTUNE_EXPORT_GGUF_Q8_0);
      g_assert_nonnull (record);
      g_assert_cmpstr (record->run, ==, "0001");
      g_assert_false (record->checked);
      g_assert_true (g_str_has_suffix (record->output, "0001-gguf-q8_0.gguf"));
    }
}

static void
test_measure (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = attune_project_get_file (self->project, "exports/0001-merged"),
                  *nothing = attune_project_get_file (self->project, "exports/none");

  put (self, "exports/0001-merged/config.json", "1234");
  put (self, "exports/0001-merged/model.safetensors", "123456");
  g_assert_cmpuint (attune_export_measure (folder), ==, 10);
  g_assert_cmpuint (attune_export_measure (nothing), ==, 0);
}

#define ADD(name, function) g_test_add (name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/job/export-record/round-trip", test_round_trip);
  ADD ("/job/export-record/find", test_find);
  ADD ("/job/export-record/damaged", test_damaged);
  ADD ("/job/export-record/measure", test_measure);
  return g_test_run ();
}
