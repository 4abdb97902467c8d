/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "widgets/settings-form.h"

#include "core/settings-class.h"
#include "data/data-settings.h"
#include "plan/plan.h"
#include "widgets/number-row.h"

#include "loop.h"

/* One setting of every type. */
typedef struct
{
  gboolean tidy;
  int rank;
  gint64 seed;
  double rate, share;
  char *note, *file;
  int schedule;
} Values;

#define TEST_TYPE_SETTINGS (test_settings_get_type ())
G_DECLARE_FINAL_TYPE (TestSettings, test_settings, TEST, SETTINGS, GObject)
struct _TestSettings
{
  GObject parent_instance;

  Values values;
};
G_DEFINE_FINAL_TYPE (TestSettings, test_settings, G_TYPE_OBJECT)

#define ADD(field, pspec)                                                                          \
  attune_settings_class_add (klass, G_STRUCT_OFFSET (TestSettings, values.field), pspec)
#define EXPERT (ATTUNE_PARAM | ATTUNE_PARAM_EXPERT)

static void
test_settings_class_init (TestSettingsClass *class)
{
  GObjectClass *klass = G_OBJECT_CLASS (class);

  attune_settings_class_init (klass);
  ADD (tidy, g_param_spec_boolean ("tidy", "Tidy <Up>", "Tidies & cleans", TRUE, ATTUNE_PARAM));
  ADD (rank, g_param_spec_int ("rank", "Rank", "How large", 1, 512, 16, ATTUNE_PARAM));
  ADD (seed, g_param_spec_int64 ("seed", "Seed", "Where from", 0, G_MAXINT64, 42, EXPERT));
  ADD (rate, g_param_spec_double ("rate", "Rate", "How fast", 0, 1, 5e-4, ATTUNE_PARAM));
  ADD (share,
       g_param_spec_double ("share", "Share", "How many", 0, G_MAXDOUBLE, 0.1, ATTUNE_PARAM));
  ADD (note, g_param_spec_string ("note", "Note", "What else", "", ATTUNE_PARAM));
  ADD (file,
       g_param_spec_string ("file", "File", "Where from", "", ATTUNE_PARAM | ATTUNE_PARAM_FILE));
  ADD (schedule, g_param_spec_enum ("schedule", "Schedule", "How it falls", ATTUNE_TYPE_SCHEDULE,
                                    ATTUNE_SCHEDULE_COSINE, EXPERT));
}

static void
test_settings_init (TestSettings *self)
{
}

typedef struct
{
  TestSettings *settings;
  AttuneSettingsForm *form;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->settings = g_object_new (TEST_TYPE_SETTINGS, NULL);
  f->form = ATTUNE_SETTINGS_FORM (
      g_object_ref_sink (attune_settings_form_new (G_OBJECT (f->settings), NULL)));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (f->form), (gpointer *) &f->form);
  g_object_unref (f->form);
  g_assert_null (f->form);
  g_object_add_weak_pointer (G_OBJECT (f->settings), (gpointer *) &f->settings);
  g_object_unref (f->settings);
  g_assert_null (f->settings); /* no row holds it any more */
}

static GtkEditable *
get_entry (Fixture *f, const char *name)
{
  AdwPreferencesRow *row = attune_settings_form_get_row (f->form, name);

  return GTK_EDITABLE (attune_number_row_get_entry (ATTUNE_NUMBER_ROW (row)));
}

/* Types @text and leaves. Returns whether it was taken. */
static gboolean
type (Fixture *f, const char *name, const char *text)
{
  gtk_editable_set_text (get_entry (f, name), text);
  return attune_number_row_commit (
      ATTUNE_NUMBER_ROW (attune_settings_form_get_row (f->form, name)));
}

/* The button below @widget that says @tooltip, in depth. */
static GtkWidget *
find_button (gpointer widget, const char *tooltip)
{
  GtkWidget *found = NULL;

  if (g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, tooltip);
  return found;
}

static GtkWidget *
find_reset (gpointer widget)
{
  return find_button (widget, "Reset to Default");
}

static void
test_switch (Fixture *f, gconstpointer data)
{
  AdwPreferencesRow *row = attune_settings_form_get_row (f->form, "tidy");

  g_assert_true (ADW_IS_SWITCH_ROW (row));
  g_assert_cmpstr (adw_preferences_row_get_title (row), ==, "Tidy <Up>");
  g_assert_false (adw_preferences_row_get_use_markup (row));
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "Tidies & cleans");
  g_assert_true (adw_switch_row_get_active (ADW_SWITCH_ROW (row)));
  adw_switch_row_set_active (ADW_SWITCH_ROW (row), FALSE);
  g_assert_false (f->settings->values.tidy);
  g_object_set (f->settings, "tidy", TRUE, NULL);
  g_assert_true (adw_switch_row_get_active (ADW_SWITCH_ROW (row)));
}

static void
test_whole_number (Fixture *f, gconstpointer data)
{
  AdwPreferencesRow *row = attune_settings_form_get_row (f->form, "rank");

  g_assert_true (ADW_IS_SPIN_ROW (row));
  g_assert_cmpint (gtk_accessible_get_accessible_role (GTK_ACCESSIBLE (row)), ==,
                   GTK_ACCESSIBLE_ROLE_GROUP);
  g_assert_cmpfloat (adw_spin_row_get_value (ADW_SPIN_ROW (row)), ==, 16);
  g_assert_false (gtk_widget_get_visible (find_reset (row)));
  adw_spin_row_set_value (ADW_SPIN_ROW (row), 512);
  g_assert_cmpint (f->settings->values.rank, ==, 512);
  g_object_set (f->settings, "rank", 8, NULL);
  g_assert_cmpfloat (adw_spin_row_get_value (ADW_SPIN_ROW (row)), ==, 8);
  g_assert_true (gtk_widget_get_visible (find_reset (row)));
  g_signal_emit_by_name (find_reset (row), "clicked");
  g_assert_cmpint (f->settings->values.rank, ==, 16);
}

static void
test_fraction (Fixture *f, gconstpointer data)
{
  g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "rate")), ==, "0.0005");
  g_assert_true (type (f, "rate", "3e-5"));
  g_assert_cmpfloat (f->settings->values.rate, ==, 3e-5);
  g_assert_true (type (f, "rate", " 0,25 "));
  g_assert_cmpfloat (f->settings->values.rate, ==, 0.25);
  g_object_set (f->settings, "rate", 1e-3, NULL);
  g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "rate")), ==, "0.001");
  g_signal_emit_by_name (find_reset (attune_settings_form_get_row (f->form, "rate")), "clicked");
  g_assert_cmpfloat (f->settings->values.rate, ==, 5e-4);
  g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "rate")), ==, "0.0005");
}

static void
test_large_number (Fixture *f, gconstpointer data)
{
  /* more digits than a double holds */
  g_assert_true (type (f, "seed", "9007199254740993"));
  g_assert_cmpint (f->settings->values.seed, ==, G_GINT64_CONSTANT (9007199254740993));
  g_object_set (f->settings, "seed", G_MAXINT64, NULL);
  g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "seed")), ==, "9223372036854775807");
}

static void
test_bad_text (Fixture *f, gconstpointer data)
{
  static const char *const bad[]
      = { "", " ", "fast", "1.5", "-1", "1e", "1,2,3", "nan", "inf", "0.1 0.2", "５" };
  AdwActionRow *row = ADW_ACTION_ROW (attune_settings_form_get_row (f->form, "rate"));

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (type (f, "rate", bad[i]));
      g_assert_cmpfloat (f->settings->values.rate, ==, 5e-4);
      g_assert_true (gtk_widget_has_css_class (GTK_WIDGET (get_entry (f, "rate")), "error"));
      g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "Type a number from 0 to 1.");
      g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "rate")), ==, bad[i]);
    }
  g_assert_true (type (f, "rate", "0.5"));
  g_assert_false (gtk_widget_has_css_class (GTK_WIDGET (get_entry (f, "rate")), "error"));
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "How fast");

  row = ADW_ACTION_ROW (attune_settings_form_get_row (f->form, "seed"));
  g_assert_false (type (f, "seed", "99999999999999999999"));
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "Type a whole number, 0 or more.");
  g_assert_cmpint (f->settings->values.seed, ==, 42);
  row = ADW_ACTION_ROW (attune_settings_form_get_row (f->form, "share"));
  g_assert_false (type (f, "share", "-0.1"));
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "Type a number, 0 or more.");
  /* set by somebody else: the mark goes */
  g_object_set (f->settings, "share", 0.2, NULL);
  g_assert_cmpstr (adw_action_row_get_subtitle (row), ==, "How many");
}

static void
test_pause (Fixture *f, gconstpointer data)
{
  const gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  gtk_editable_set_text (get_entry (f, "rate"), "2e-3");
  g_assert_cmpfloat (f->settings->values.rate, ==, 5e-4);
  while (f->settings->values.rate == 5e-4 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpfloat (f->settings->values.rate, ==, 2e-3);
  g_assert_cmpstr (gtk_editable_get_text (get_entry (f, "rate")), ==, "2e-3"); /* as typed */
}

/* What was typed just before the page went is kept. */
static void
test_late (Fixture *f, gconstpointer data)
{
  g_autoptr (TestSettings) settings = g_object_new (TEST_TYPE_SETTINGS, NULL);
  static const char *const names[] = { "rate", NULL };
  AttuneSettingsForm *form = ATTUNE_SETTINGS_FORM (
      g_object_ref_sink (attune_settings_form_new (G_OBJECT (settings), names)));
  AdwPreferencesRow *row = attune_settings_form_get_row (form, "rate");

  gtk_editable_set_text (GTK_EDITABLE (attune_number_row_get_entry (ATTUNE_NUMBER_ROW (row))),
                         "0.75");
  g_object_unref (form);
  g_assert_cmpfloat (settings->values.rate, ==, 0.75);
}

static void
test_text (Fixture *f, gconstpointer data)
{
  AdwPreferencesRow *row = attune_settings_form_get_row (f->form, "note");

  g_assert_true (ADW_IS_ENTRY_ROW (row));
  gtk_editable_set_text (GTK_EDITABLE (row), "<b>Käse & Brot");
  g_assert_cmpstr (f->settings->values.note, ==, "<b>Käse & Brot");
  g_object_set (f->settings, "note", "", NULL);
  g_assert_cmpstr (gtk_editable_get_text (GTK_EDITABLE (row)), ==, "");
}

static void
test_file (Fixture *f, gconstpointer data)
{
  AdwPreferencesRow *row = attune_settings_form_get_row (f->form, "file");
  GtkWidget *clear = find_button (row, "Use No File");

  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "Where from");
  g_assert_false (gtk_widget_get_visible (clear));
  g_object_set (f->settings, "file", "/some/where/a & b.csv", NULL);
  g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), ==, "a & b.csv");
  g_assert_cmpstr (gtk_widget_get_tooltip_text (GTK_WIDGET (row)), ==, "/some/where/a & b.csv");
  g_assert_nonnull (find_button (row, "Choose a File…"));
  g_signal_emit_by_name (clear, "clicked");
  g_assert_cmpstr (f->settings->values.file, ==, "");
}

/* What a page adds stands before the switch. */
static void
test_added (Fixture *f, gconstpointer data)
{
  GtkWidget *row = GTK_WIDGET (attune_settings_form_get_row (f->form, "tidy"));
  GtkWidget *label = gtk_label_new ("3 changed");

  attune_settings_form_add_to_row (f->form, "tidy", label);
  g_assert_true (gtk_widget_is_ancestor (label, row));
  g_assert_null (gtk_widget_get_prev_sibling (label));
  g_assert_nonnull (gtk_widget_get_next_sibling (label));
  attune_settings_form_add_to_row (f->form, "note", gtk_label_new ("4"));
}

static void
test_choice (Fixture *f, gconstpointer data)
{
  AdwComboRow *row = ADW_COMBO_ROW (attune_settings_form_get_row (f->form, "schedule"));
  GtkStringList *names = GTK_STRING_LIST (adw_combo_row_get_model (row));

  g_assert_cmpstr (gtk_string_list_get_string (names, 0), ==, "Cosine");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (names)), ==, 4);
  adw_combo_row_set_selected (row, 1);
  g_assert_cmpint (f->settings->values.schedule, ==, ATTUNE_SCHEDULE_LINEAR);
  g_object_set (f->settings, "schedule", ATTUNE_SCHEDULE_CONSTANT, NULL);
  g_assert_cmpuint (adw_combo_row_get_selected (row), ==, 2);
}

/* What is for experts is folded away; what was not asked for is not there. */
static void
test_experts (Fixture *f, gconstpointer data)
{
  static const char *const names[] = { "seed", "rank", NULL };
  g_autoptr (GtkWidget) some
      = g_object_ref_sink (attune_settings_form_new (G_OBJECT (f->settings), names));
  AttuneSettingsForm *form = ATTUNE_SETTINGS_FORM (some);
  GtkWidget *row = GTK_WIDGET (attune_settings_form_get_row (form, "rank"));

  g_assert_null (gtk_widget_get_ancestor (row, ADW_TYPE_EXPANDER_ROW));
  row = GTK_WIDGET (attune_settings_form_get_row (form, "seed"));
  g_assert_nonnull (gtk_widget_get_ancestor (row, ADW_TYPE_EXPANDER_ROW));
  g_assert_null (attune_settings_form_get_row (form, "tidy"));
}

/* The row of the setting whose name is @title, below @root, or %NULL. */
static GtkWidget *
find_row (GtkWidget *root, const char *title)
{
  GtkWidget *found = NULL;

  if (ADW_IS_PREFERENCES_ROW (root)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_row (child, title);
  return found;
}

static gboolean
has_plain_rows (GtkWidget *form)
{
  return find_row (form, "Expert Settings") != NULL;
}

static gboolean
has_expert_rows (GtkWidget *form)
{
  return find_row (form, "Schedule") != NULL;
}

/* Rows come by themselves once the form can be seen, those for experts once they are unfolded; what
 * was said of a row before holds. */
static void
test_in_steps (Fixture *f, gconstpointer data)
{
  GtkWidget *form = GTK_WIDGET (f->form), *label = gtk_label_new ("3 changed");
  GtkWidget *window = gtk_window_new ();

  g_assert_null (find_row (form, "Rank"));
  attune_settings_form_show_row (f->form, "rank", FALSE);
  attune_settings_form_show_row (f->form, "seed", FALSE);
  attune_settings_form_add_to_row (f->form, "note", label);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (find_row (form, "Rate")); /* nobody sees it */
  gtk_window_set_child (GTK_WINDOW (window), form);
  gtk_window_present (GTK_WINDOW (window));
  test_loop_until (has_plain_rows, form);
  g_assert_false (gtk_widget_get_visible (find_row (form, "Rank")));
  g_assert_true (gtk_widget_get_visible (find_row (form, "Rate")));
  g_assert_true (gtk_widget_is_ancestor (label, find_row (form, "Note")));
  g_assert_null (find_row (form, "Seed"));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (find_row (form, "Expert Settings")), TRUE);
  test_loop_until (has_expert_rows, form);
  g_assert_false (gtk_widget_get_visible (find_row (form, "Seed")));
  attune_settings_form_show_row (f->form, "seed", TRUE);
  g_assert_true (gtk_widget_get_visible (find_row (form, "Seed")));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The app's own settings: every one has a row, with a name. */
static void
check_class (GObject *settings)
{
  g_autoptr (GtkWidget) form = g_object_ref_sink (attune_settings_form_new (settings, NULL));
  g_autofree GParamSpec **specs = NULL;
  guint n;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (settings), &n);
  g_assert_cmpuint (n, >, 5);
  for (guint i = 0; i < n; i++)
    {
      AdwPreferencesRow *row
          = attune_settings_form_get_row (ATTUNE_SETTINGS_FORM (form), specs[i]->name);

      g_assert_nonnull (row);
      g_assert_cmpstr (adw_preferences_row_get_title (row), !=, "");
      if (ADW_IS_ACTION_ROW (row))
        g_assert_cmpstr (adw_action_row_get_subtitle (ADW_ACTION_ROW (row)), !=, "");
    }
}

static void
test_all_settings (void)
{
  g_autoptr (AttuneDataSettings) data = attune_data_settings_new ();
  g_autoptr (AttunePlan) plan = attune_plan_new ();

  check_class (G_OBJECT (data));
  check_class (G_OBJECT (plan));
}

#define CASE(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  adw_init ();
  CASE ("/settings-form/switch", test_switch);
  CASE ("/settings-form/whole-number", test_whole_number);
  CASE ("/settings-form/fraction", test_fraction);
  CASE ("/settings-form/large-number", test_large_number);
  CASE ("/settings-form/bad-text", test_bad_text);
  CASE ("/settings-form/pause", test_pause);
  CASE ("/settings-form/late", test_late);
  CASE ("/settings-form/text", test_text);
  CASE ("/settings-form/file", test_file);
  CASE ("/settings-form/added", test_added);
  CASE ("/settings-form/choice", test_choice);
  CASE ("/settings-form/experts", test_experts);
  CASE ("/settings-form/in-steps", test_in_steps);
  g_test_add_func ("/settings-form/all-settings", test_all_settings);
  return g_test_run ();
}
