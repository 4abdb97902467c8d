/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a stage. It follows the session only while it is shown.
 */
#include "widgets/stage-page.h"

#include "widgets/gently.h"

#include <glib/gi18n.h>

typedef struct
{
  AttuneSession *session;
  char *hint;
  char *action_name;
  gboolean action_is_free; /* it needs nothing of what the stage needs */
  gboolean scrolls, was_shown;
  GtkWidget *content; /* borrowed */

  AdwHeaderBar *header_bar;
  AdwBanner *banner;
  GtkScrolledWindow *scrolled_window;
  AdwClamp *clamp;
  GtkWidget *bottom_bar;
  GtkLabel *hint_label;
  GtkProgressBar *progress_bar;
  AdwWrapBox *button_box;
  GtkButton *cancel_button;
  GtkButton *action_button;
} AttuneStagePagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (AttuneStagePage, attune_stage_page, ADW_TYPE_BIN)

enum
{
  PROP_0,
  PROP_SESSION,
  PROP_CONTENT,
  PROP_SCROLLS,
  PROP_ACTION_LABEL,
  PROP_ACTION_NAME,
  PROP_CANCEL_LABEL,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

#define PRIVATE(self) ((AttuneStagePagePrivate *) attune_stage_page_get_instance_private (self))

static void
show_progress (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);
  const AttuneStage stage = ATTUNE_STAGE_PAGE_GET_CLASS (self)->stage;
  const double fraction = attune_session_get_progress (p->session, stage);
  const char *doing = attune_session_get_doing (p->session, stage);

  gtk_widget_set_visible (GTK_WIDGET (p->progress_bar), fraction >= 0);
  gtk_widget_set_visible (GTK_WIDGET (p->cancel_button), fraction >= 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "stage.cancel",
                                 attune_session_get_read_only (p->session) == NULL);
  gtk_progress_bar_set_fraction (p->progress_bar, CLAMP (fraction, 0, 1));
  gtk_progress_bar_set_text (p->progress_bar, doing);
}

/* The primary action, and beside it what is missing or what it will take. */
static void
show_action (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);
  const AttuneStage stage = ATTUNE_STAGE_PAGE_GET_CLASS (self)->stage;
  const char *missing = attune_session_get_missing (p->session, stage);
  const char *read_only = attune_session_get_read_only (p->session);
  const gboolean runs = attune_session_get_state (p->session, stage) == ATTUNE_STAGE_STATE_RUNNING;
  const char *hint = read_only != NULL ? read_only : missing != NULL ? missing : p->hint;

  if (p->action_is_free)
    {
      missing = read_only = NULL;
      hint = p->hint;
    }
  gtk_label_set_text (p->hint_label, hint != NULL ? hint : "");
  gtk_widget_set_visible (GTK_WIDGET (p->hint_label), hint != NULL && !runs);
  gtk_widget_set_visible (GTK_WIDGET (p->action_button), p->action_name != NULL && !runs);
  if (p->action_name != NULL)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), p->action_name,
                                   missing == NULL && read_only == NULL && !runs);
}

static void
show_bottom_bar (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);
  gboolean any = FALSE;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (p->button_box)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    any = any || gtk_widget_get_visible (child);
  gtk_widget_set_visible (p->bottom_bar,
                          any || gtk_widget_get_visible (GTK_WIDGET (p->hint_label))
                              || gtk_widget_get_visible (GTK_WIDGET (p->progress_bar)));
}

static void
update (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);
  AttuneStagePageClass *klass = ATTUNE_STAGE_PAGE_GET_CLASS (self);
  const char *error;

  if (p->session == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  error = attune_session_get_error (p->session, klass->stage);
  if (error != NULL)
    adw_banner_set_title (p->banner, error);
  adw_banner_set_revealed (p->banner, error != NULL);
  if (klass->update != NULL)
    klass->update (self);
  show_progress (self);
  show_action (self);
  show_bottom_bar (self);
}

static void
on_progress (AttuneStagePage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    show_progress (self);
}

static void
on_dismissed (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);

  if (p->session != NULL)
    attune_session_clear_error (p->session, ATTUNE_STAGE_PAGE_GET_CLASS (self)->stage);
}

static void
cancel (GtkWidget *widget, const char *action, GVariant *parameter)
{
  AttuneStagePage *self = ATTUNE_STAGE_PAGE (widget);
  AttuneStagePagePrivate *p = PRIVATE (self);

  if (p->session != NULL)
    attune_session_cancel (p->session, ATTUNE_STAGE_PAGE_GET_CLASS (self)->stage);
}

/* The first time, part by part: a page as a whole takes too long to draw. */
static void
show_content_gently (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);

  if (p->was_shown)
    return;
  p->was_shown = TRUE;
  if (GTK_IS_BOX (p->content))
    attune_show_gently (p->content);
  else if (GTK_IS_STACK (p->content))
    for (GtkWidget *child = gtk_widget_get_first_child (p->content); child != NULL;
         child = gtk_widget_get_next_sibling (child))
      if (GTK_IS_BOX (child))
        attune_show_gently (child);
}

static void
attune_stage_page_map (GtkWidget *widget)
{
  show_content_gently (ATTUNE_STAGE_PAGE (widget));
  GTK_WIDGET_CLASS (attune_stage_page_parent_class)->map (widget);
  update (ATTUNE_STAGE_PAGE (widget));
}

/* --- doors */

AttuneSession *
attune_stage_page_get_session (AttuneStagePage *self)
{
  g_return_val_if_fail (ATTUNE_IS_STAGE_PAGE (self), NULL);
  return PRIVATE (self)->session;
}

void
attune_stage_page_set_session (AttuneStagePage *self, AttuneSession *session)
{
  AttuneStagePagePrivate *p;

  g_return_if_fail (ATTUNE_IS_STAGE_PAGE (self));

  p = PRIVATE (self);
  if (session == NULL || p->session != NULL)
    return;
  p->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "progress", G_CALLBACK (on_progress), self, G_CONNECT_SWAPPED);
  if (ATTUNE_STAGE_PAGE_GET_CLASS (self)->set_session != NULL)
    ATTUNE_STAGE_PAGE_GET_CLASS (self)->set_session (self, session);
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
}

void
attune_stage_page_set_hint (AttuneStagePage *self, const char *hint)
{
  AttuneStagePagePrivate *p;

  g_return_if_fail (ATTUNE_IS_STAGE_PAGE (self));

  p = PRIVATE (self);
  if (g_set_str (&p->hint, hint) && p->session != NULL)
    {
      show_action (self);
      show_bottom_bar (self);
    }
}

void
attune_stage_page_set_action (AttuneStagePage *self, const char *label, const char *name,
                              gboolean is_free)
{
  AttuneStagePagePrivate *p;

  g_return_if_fail (ATTUNE_IS_STAGE_PAGE (self) && label != NULL && name != NULL);

  p = PRIVATE (self);
  gtk_button_set_label (p->action_button, label);
  if (g_set_str (&p->action_name, name))
    gtk_actionable_set_action_name (GTK_ACTIONABLE (p->action_button), name);
  p->action_is_free = is_free;
}

void
attune_stage_page_add_to_header (AttuneStagePage *self, GtkWidget *widget)
{
  g_return_if_fail (ATTUNE_IS_STAGE_PAGE (self));
  adw_header_bar_pack_end (PRIVATE (self)->header_bar, widget);
}

void
attune_stage_page_add_button (AttuneStagePage *self, GtkWidget *button)
{
  g_return_if_fail (ATTUNE_IS_STAGE_PAGE (self));
  adw_wrap_box_prepend (PRIVATE (self)->button_box, button);
}

/* The content is in the clamp, or alone where it scrolls by itself. A template sets the two
 * properties in any order. */
static void
place_content (AttuneStagePage *self)
{
  AttuneStagePagePrivate *p = PRIVATE (self);
  GtkWidget *child = adw_bin_get_child (ADW_BIN (self));
  g_autoptr (GtkWidget) content = NULL;

  if (p->content == NULL)
    return;
  content = g_object_ref (p->content); /* it may change its place */
  if (!p->scrolls)
    adw_clamp_set_child (p->clamp, NULL);
  adw_toolbar_view_set_content (ADW_TOOLBAR_VIEW (child),
                                p->scrolls ? GTK_WIDGET (p->scrolled_window) : content);
  if (p->scrolls)
    adw_clamp_set_child (p->clamp, content);
}

static void
attune_stage_page_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneStagePage *self = ATTUNE_STAGE_PAGE (object);
  AttuneStagePagePrivate *p = PRIVATE (self);

  switch (id)
    {
    case PROP_SESSION:
      attune_stage_page_set_session (self, g_value_get_object (value));
      break;
    case PROP_CONTENT:
      p->content = g_value_get_object (value);
      place_content (self);
      break;
    case PROP_SCROLLS:
      p->scrolls = g_value_get_boolean (value);
      place_content (self);
      break;
    case PROP_ACTION_LABEL:
      gtk_button_set_label (p->action_button, g_value_get_string (value));
      break;
    case PROP_ACTION_NAME:
      g_set_str (&p->action_name, g_value_get_string (value));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (p->action_button), p->action_name);
      gtk_widget_set_visible (GTK_WIDGET (p->action_button), p->action_name != NULL);
      break;
    case PROP_CANCEL_LABEL:
      gtk_button_set_label (p->cancel_button, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_stage_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneStagePagePrivate *p = PRIVATE (ATTUNE_STAGE_PAGE (object));

  switch (id)
    {
    case PROP_SESSION:
      g_value_set_object (value, p->session);
      break;
    case PROP_CONTENT:
      g_value_set_object (value, p->content);
      break;
    case PROP_SCROLLS:
      g_value_set_boolean (value, p->scrolls);
      break;
    case PROP_ACTION_LABEL:
      g_value_set_string (value, gtk_button_get_label (p->action_button));
      break;
    case PROP_ACTION_NAME:
      g_value_set_string (value, p->action_name);
      break;
    case PROP_CANCEL_LABEL:
      g_value_set_string (value, gtk_button_get_label (p->cancel_button));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_stage_page_dispose (GObject *object)
{
  AttuneStagePagePrivate *p = PRIVATE (ATTUNE_STAGE_PAGE (object));

  gtk_widget_dispose_template (GTK_WIDGET (object), ATTUNE_TYPE_STAGE_PAGE);
  g_clear_object (&p->session);
  g_clear_pointer (&p->hint, g_free);
  g_clear_pointer (&p->action_name, g_free);
  G_OBJECT_CLASS (attune_stage_page_parent_class)->dispose (object);
}

static void
attune_stage_page_class_init (AttuneStagePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = attune_stage_page_dispose;
  object_class->set_property = attune_stage_page_set_property;
  object_class->get_property = attune_stage_page_get_property;
  widget_class->map = attune_stage_page_map;

  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, ATTUNE_TYPE_SESSION,
                                                  flags | G_PARAM_EXPLICIT_NOTIFY);
  properties[PROP_CONTENT] = g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_SCROLLS] = g_param_spec_boolean ("scrolls", NULL, NULL, TRUE, flags);
  properties[PROP_ACTION_LABEL] = g_param_spec_string ("action-label", NULL, NULL, NULL, flags);
  properties[PROP_ACTION_NAME] = g_param_spec_string ("action-name", NULL, NULL, NULL, flags);
  properties[PROP_CANCEL_LABEL] = g_param_spec_string ("cancel-label", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_install_action (widget_class, "stage.cancel", NULL, cancel);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/app/attune/Attune/widgets/stage-page.ui");
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, header_bar);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, banner);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, scrolled_window);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, clamp);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, bottom_bar);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, hint_label);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, progress_bar);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, button_box);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, cancel_button);
  gtk_widget_class_bind_template_child_private (widget_class, AttuneStagePage, action_button);
  gtk_widget_class_bind_template_callback (widget_class, on_dismissed);
}

static void
attune_stage_page_init (AttuneStagePage *self)
{
  PRIVATE (self)->scrolls = TRUE; /* before a template, which may say otherwise */
  gtk_widget_init_template (GTK_WIDGET (self));
}
