/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keys of the review: a number rates, an arrow goes on.
 */
#include "stages/evaluate/review-view-private.h"

static GtkWidget *
get_focus (AttuneReviewView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root != NULL ? gtk_root_get_focus (root) : NULL;
}

/* Whether the keys are for what is shown here, and not for a field in which one types. */
static gboolean
takes_keys (AttuneReviewView *self)
{
  GtkWidget *focus = get_focus (self);

  return self->review != NULL && gtk_widget_get_mapped (GTK_WIDGET (self))
         && (focus == NULL
             || (!GTK_IS_EDITABLE (focus)
                 && gtk_widget_get_ancestor (focus, GTK_TYPE_POPOVER) == NULL));
}

static gboolean
on_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  AttuneReviewView *self = ATTUNE_REVIEW_VIEW (widget);
  const int key = g_variant_get_int32 (arguments);
  const gboolean mirrored = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GtkWidget *focus = get_focus (self);

  if (!takes_keys (self))
    return GDK_EVENT_PROPAGATE;
  if (key >= 0)
    {
      gtk_widget_activate_action (widget, "review.rate", "i", key);
      if (focus == NULL || !gtk_widget_is_ancestor (focus, widget))
        gtk_widget_grab_focus (GTK_WIDGET (self->first_button));
      return GDK_EVENT_STOP;
    }
  /* There they go from one view of the page to the other. */
  if (focus != NULL && gtk_widget_get_ancestor (focus, ADW_TYPE_INLINE_VIEW_SWITCHER) != NULL)
    return GDK_EVENT_PROPAGATE;
  attune_review_move (self->review, (key == -1) == mirrored ? 1 : -1);
  return GDK_EVENT_STOP;
}

static gboolean
on_undo_key (GtkWidget *widget, GVariant *arguments, gpointer data)
{
  AttuneReviewView *self = ATTUNE_REVIEW_VIEW (widget);

  return takes_keys (self) && attune_review_undo (self->review);
}

void
attune_review_view_add_keys (AttuneReviewView *self)
{
  static const struct
  {
    const char *trigger;
    int key;
  } keys[] = { { "1|KP_1", ATTUNE_REVIEW_FIRST },
               { "2|KP_2", ATTUNE_REVIEW_SECOND },
               { "3|KP_3", ATTUNE_REVIEW_EQUAL },
               { "4|KP_4", ATTUNE_REVIEW_BOTH_BAD },
               { "Left|KP_Left", -1 },
               { "Right|KP_Right", -2 } };
  GtkEventController *controller = gtk_shortcut_controller_new ();
  GtkShortcut *shortcut;

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  /* before a button takes an arrow key to move the focus */
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys[i].trigger),
                                   gtk_callback_action_new (on_key, NULL, NULL));
      gtk_shortcut_set_arguments (shortcut, g_variant_new_int32 (keys[i].key));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string ("<Control>z"),
                               gtk_callback_action_new (on_undo_key, NULL, NULL));
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
