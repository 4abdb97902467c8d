/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * screenshots PROJECT FOLDER KIND [FILE…]: opens the project and draws every page, wide, narrow and
 * in full length, and what is asked when one of the files is added, into PNG files in the folder.
 * KIND is what they are to show: "plain", in light and dark; "contrast", likewise, with high
 * contrast; "mirrored", from right to left; or "words", in the language of the environment. The
 * pictures are drawn in this process: they are the same on every machine with the same fonts.
 */
#include "window.h"

#include "project-view.h"
#include "stages/data/page.h"
#include "stages/data/record-browser.h"
#include "stages/model/catalogue-dialog.h"
#include "stages/model/page.h"
#include "stages/plan/page.h"

#include <glib/gstdio.h>

#define DEADLINE_MS 30000
/* What a page does after it has been shown is done once nothing has changed for so long. */
#define QUIET_MS 250
/* But what spins for ever is not waited for. */
#define SPINNING_MS 3000
/* A window that is being laid out at that moment shows nothing. */
#define MOST_TRIES 10

typedef struct
{
  const char *name;
  int width, height;
} Shape;

static const Shape shapes[] = {
  { "wide", 1100, 760 },
  { "narrow", 360, 720 },
  { "long", 1100, 2000 },
  { "narrow-long", 360, 2400 },
};

typedef struct
{
  AttuneApplication *application;
  const char *project, *folder, *kind;
  char **files; /* NULL-terminated */
  const Shape *shape;
  const char *scheme;
  AttuneWindow *window;
  gint64 changed_us; /* when the session last changed, or something was shown */
  gint64 drawn_us;   /* when the window was last drawn */
  int n_pictures;
} Camera;

static void
on_changed (Camera *self)
{
  self->changed_us = g_get_monotonic_time ();
}

static void
on_drawn (Camera *self)
{
  self->drawn_us = g_get_monotonic_time ();
}

static gboolean
nothing (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
is_working (Camera *self)
{
  AttuneSession *session = attune_window_get_session (self->window);

  for (int i = 0; session != NULL && i < ATTUNE_N_STAGES; i++)
    if (attune_session_get_progress (session, i) >= 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_quiet (Camera *self)
{
  const gint64 now = g_get_monotonic_time ();
  const gint64 unchanged_ms = (now - self->changed_us) / 1000;

  return !is_working (self) && unchanged_ms >= QUIET_MS
         && ((now - self->drawn_us) / 1000 >= QUIET_MS || unchanged_ms >= SPINNING_MS);
}

/* Lets the window come to rest. */
static void
settle (Camera *self)
{
  const gint64 end = g_get_monotonic_time () + DEADLINE_MS * G_GINT64_CONSTANT (1000);
  const guint tick = g_timeout_add (10, nothing, NULL);

  on_changed (self);
  gtk_widget_queue_draw (GTK_WIDGET (self->window));
  while (!is_quiet (self))
    {
      if (g_get_monotonic_time () > end)
        g_error ("%s %s: the window did not come to rest", self->shape->name, self->scheme);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (tick);
}

/* What @widget shows now, or %NULL while it is being laid out. */
static GskRenderNode *
draw (GtkWidget *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
  return gtk_snapshot_free_to_node (snapshot);
}

static char *
picture_name (Camera *self, const char *name)
{
  if (g_str_equal (self->kind, "plain"))
    return g_strdup_printf ("%s-%s-%s.png", name, self->shape->name, self->scheme);
  return g_strdup_printf ("%s-%s-%s-%s.png", name, self->shape->name, self->scheme, self->kind);
}

static void
take_picture (Camera *self, const char *name)
{
  GtkWidget *widget = GTK_WIDGET (self->window);
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *file = picture_name (self, name);
  g_autofree char *path = g_build_filename (self->folder, file, NULL);
  int width, height;

  for (int i = 0; node == NULL && i < MOST_TRIES; i++)
    {
      settle (self);
      node = draw (widget);
    }
  if (node == NULL)
    g_error ("%s: there is nothing to see", file);
  width = gtk_widget_get_width (widget);
  height = gtk_widget_get_height (widget);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (widget)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, width, height));
  if (!gdk_texture_save_to_png (texture, path))
    g_error ("%s could not be written", path);
  if (width > self->shape->width)
    g_warning ("%s: the window is %d pixels wide, for its content does not fit into %d", file,
               width, self->shape->width);
  self->n_pictures++;
}

static void
close_dialog (Camera *self)
{
  AdwDialog *dialog
      = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->window));

  if (dialog == NULL)
    g_error ("There is no dialog");
  adw_dialog_force_close (dialog);
}

/* A dialog of the app, over whatever is shown, and gone again. */
static void
take_dialog (Camera *self, const char *action, const char *name)
{
  gtk_widget_activate_action (GTK_WIDGET (self->window), action, NULL);
  take_picture (self, name);
  close_dialog (self);
}

/* The records, with the first of them, and its text to be edited. */
static void
take_records (Camera *self)
{
  AttuneRecordBrowser *browser
      = attune_record_browser_new (attune_window_get_session (self->window));

  adw_dialog_present (ADW_DIALOG (browser), GTK_WIDGET (self->window));
  while (attune_record_browser_get_list (browser) == NULL)
    g_main_context_iteration (NULL, TRUE);
  take_picture (self, "records");
  attune_record_browser_select (browser, 0);
  take_picture (self, "record");
  gtk_widget_activate_action (attune_record_browser_get_detail (browser), "record.edit", NULL);
  take_picture (self, "record-editor");
  close_dialog (self);
  gtk_widget_activate_action (attune_record_browser_get_detail (browser), "record.exclude", NULL);
  take_picture (self, "record-left-out");
  gtk_widget_activate_action (attune_record_browser_get_detail (browser), "record.exclude", NULL);
  settle (self);
  adw_dialog_force_close (ADW_DIALOG (browser));
}

/* The first one of @type below @widget that is to be seen, or %NULL. */
static GtkWidget *
find (GtkWidget *widget, GType type)
{
  GtkWidget *found = NULL;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_mapped (child))
      found = find (child, type);
  return found;
}

/* A stage, and each further view that it has. */
static void
take_stage (Camera *self, AttuneStage stage)
{
  GtkWidget *widget = GTK_WIDGET (self->window);
  GtkWidget *found;
  AdwViewStack *views;

  attune_window_show_stage (self->window, stage);
  take_picture (self, attune_stage_get_name (stage));
  if ((found = find (widget, ADW_TYPE_VIEW_STACK)) == NULL)
    return;
  views = ADW_VIEW_STACK (found);
  for (guint i = 1; i < g_list_model_get_n_items (G_LIST_MODEL (adw_view_stack_get_pages (views)));
       i++)
    {
      g_autoptr (AdwViewStackPage) page
          = g_list_model_get_item (G_LIST_MODEL (adw_view_stack_get_pages (views)), i);
      g_autofree char *name = g_strdup_printf ("%s-%s", attune_stage_get_name (stage),
                                               adw_view_stack_page_get_name (page));

      if (!adw_view_stack_page_get_visible (page)) /* nobody gets to see it */
        continue;
      adw_view_stack_set_visible_child_name (views, adw_view_stack_page_get_name (page));
      take_picture (self, name);
    }
}

/* What is asked of each file that is added. */
static void
take_imports (Camera *self)
{
  for (char **file = self->files; *file != NULL; file++)
    {
      g_autofree char *base = g_path_get_basename (*file),
                      *name = g_strdup_printf ("import-%s", base);

      attune_project_view_import (
          ATTUNE_PROJECT_VIEW (find (GTK_WIDGET (self->window), ATTUNE_TYPE_PROJECT_VIEW)), *file);
      while (adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->window))
             == NULL)
        g_main_context_iteration (NULL, TRUE);
      take_picture (self, name);
      close_dialog (self);
    }
}

/* What helps to choose a model: the guide, all of the catalogue, and one of it; and the licence
 * before it is fetched. */
static void
take_models (Camera *self)
{
  GtkWidget *page, *offer;
  AdwDialog *dialog;

  attune_window_show_stage (self->window, ATTUNE_STAGE_MODEL);
  settle (self);
  if ((page = find (GTK_WIDGET (self->window), ATTUNE_TYPE_MODEL_PAGE)) == NULL)
    g_error ("There is no page for models");
  gtk_widget_activate_action (page, "model.guide", NULL);
  take_picture (self, "model-guide");
  close_dialog (self);
  gtk_widget_activate_action (page, "model.catalogue", NULL);
  take_picture (self, "models");
  dialog = adw_application_window_get_visible_dialog (ADW_APPLICATION_WINDOW (self->window));
  attune_catalogue_dialog_open (ATTUNE_CATALOGUE_DIALOG (dialog), "llama-3.2-1b-instruct");
  take_picture (self, "model-details");
  close_dialog (self);
  if ((offer = find (GTK_WIDGET (self->window), ATTUNE_TYPE_OFFER_ROW)) == NULL)
    return; /* every model is there */
  attune_offer_ask (offer, attune_offer_row_get_model (ATTUNE_OFFER_ROW (offer)),
                    attune_offer_row_get_download (ATTUNE_OFFER_ROW (offer)));
  take_picture (self, "licence");
  close_dialog (self);
}

/* What is not on the way: a plan that is too large. */
static void
take_detours (Camera *self)
{
  GSettings *settings = attune_application_get_settings (self->application);

  g_settings_set_double (settings, "memory-limit", 0.001);
  attune_window_show_stage (self->window, ATTUNE_STAGE_PLAN);
  take_picture (self, "plan-does-not-fit");
  g_settings_reset (settings, "memory-limit");
}

/* A search that has been made, and what is asked before a new one. */
static void
take_search (Camera *self)
{
  GtkWidget *page;

  attune_window_show_stage (self->window, ATTUNE_STAGE_PLAN);
  settle (self);
  if ((page = find (GTK_WIDGET (self->window), ATTUNE_TYPE_PLAN_PAGE)) == NULL)
    g_error ("There is no page for the plan");
  gtk_widget_activate_action (page, "plan.search", NULL);
  take_picture (self, "search");
  gtk_widget_activate_action (GTK_WIDGET (adw_application_window_get_visible_dialog (
                                  ADW_APPLICATION_WINDOW (self->window))),
                              "search.new", NULL);
  take_picture (self, "search-new");
  close_dialog (self);
}

/* Where records come from beside files. */
static void
take_sources (Camera *self)
{
  static const char *const names[] = { "database", "hub", "pages" };
  GtkWidget *page;

  attune_window_show_stage (self->window, ATTUNE_STAGE_DATA);
  settle (self);
  if ((page = find (GTK_WIDGET (self->window), ATTUNE_TYPE_DATA_PAGE)) == NULL)
    g_error ("There is no page for data");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *action = g_strconcat ("data.add-", names[i], NULL);

      gtk_widget_activate_action (page, action, NULL);
      take_picture (self, names[i]);
      close_dialog (self);
    }
}

/* Projects of which only one page is worth a picture: one without records, and one that learned
 * numbers. -1: all are. */
static int
get_only_stage (const Camera *self)
{
  return g_str_equal (self->kind, "empty")     ? ATTUNE_STAGE_DATA
         : g_str_equal (self->kind, "numbers") ? ATTUNE_STAGE_EVALUATE
                                               : -1;
}

static void
take_window (Camera *self)
{
  const int only = get_only_stage (self);
  GtkWidget *widget;

  self->window = attune_window_new (self->application);
  widget = GTK_WIDGET (self->window);
  gtk_window_set_default_size (GTK_WINDOW (self->window), self->shape->width, self->shape->height);
  gtk_window_present (GTK_WINDOW (self->window));
  g_signal_connect_swapped (gtk_widget_get_frame_clock (widget), "after-paint",
                            G_CALLBACK (on_drawn), self);
  if (only < 0)
    take_picture (self, "welcome");
  if (self->shape->height < 1000 && only < 0)
    {
      take_dialog (self, "app.preferences", "preferences");
      take_dialog (self, "app.about", "about");
      take_dialog (self, "win.new-project", "new-project");
    }
  attune_window_open (self->window, self->project);
  if (attune_window_get_session (self->window) == NULL)
    g_error ("%s could not be opened", self->project);
  g_signal_connect_swapped (attune_window_get_session (self->window), "changed",
                            G_CALLBACK (on_changed), self);
  attune_window_show_stage (self->window, ATTUNE_STAGE_DATA);
  settle (self);
  if (only >= 0)
    {
      take_stage (self, only);
      gtk_window_destroy (GTK_WINDOW (self->window));
      return;
    }
  if (self->shape->height < 1000)
    {
      take_records (self);
      take_imports (self);
      take_sources (self);
    }
  for (AttuneStage stage = 0; stage < ATTUNE_N_STAGES; stage++)
    take_stage (self, stage);
  if (self->shape->height < 1000)
    {
      take_detours (self);
      take_search (self);
      take_models (self);
    }
  if (self->shape->width < 600)
    {
      gtk_widget_activate_action (widget, "win.toggle-sidebar", NULL);
      take_picture (self, "stages");
    }
  gtk_window_destroy (GTK_WINDOW (self->window));
}

/* Every page in every shape. */
static void
take_scheme (Camera *self, AdwColorScheme scheme, const char *name)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
  self->scheme = name;
  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      self->shape = &shapes[i];
      take_window (self);
    }
}

int
main (int argc, char **argv)
{
  static const char *const kinds[]
      = { "plain", "contrast", "mirrored", "words", "empty", "numbers", NULL };
  g_autoptr (AttuneApplication) application = NULL;
  g_autoptr (GError) error = NULL;
  Camera self = { 0 };

  if (argc < 4 || !g_strv_contains (kinds, argv[3]))
    {
      g_printerr ("Usage: screenshots PROJECT FOLDER plain|contrast|mirrored|words|empty|numbers "
                  "[FILE…]\n");
      return 2;
    }
  if (g_str_equal (argv[3], "contrast"))
    g_setenv ("ADW_DEBUG_HIGH_CONTRAST", "1", TRUE);
  attune_application_set_up_language ();
  application = attune_application_new ();
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    g_error ("%s", error->message);
  if (g_str_equal (argv[3], "mirrored"))
    gtk_widget_set_default_direction (GTK_TEXT_DIR_RTL);
  self = (Camera) {
    .application = application,
    .project = argv[1],
    .folder = argv[2],
    .kind = argv[3],
    .files = argv + 4,
  };
  g_mkdir_with_parents (self.folder, 0777);
  take_scheme (&self, ADW_COLOR_SCHEME_FORCE_LIGHT, "light");
  if (g_str_equal (self.kind, "plain") || g_str_equal (self.kind, "contrast")
      || get_only_stage (&self) >= 0)
    take_scheme (&self, ADW_COLOR_SCHEME_FORCE_DARK, "dark");
  g_print ("%d pictures (%s) are in %s\n", self.n_pictures, self.kind, self.folder);
  return 0;
}
