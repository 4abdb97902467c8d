/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See chat-message.h.
 */
#include "stages/deploy/chat-message.h"

struct _AttuneChatMessage
{
  GObject parent_instance;

  AttuneChatKind kind;
  AttuneChatProgress progress;
  gboolean base, last;
  GString *text;
  char *note;
};

G_DEFINE_FINAL_TYPE (AttuneChatMessage, attune_chat_message, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_TEXT,
  PROP_NOTE,
  PROP_PROGRESS,
  PROP_LAST,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

AttuneChatMessage *
attune_chat_message_new (AttuneChatKind kind, gboolean base, const char *text)
{
  AttuneChatMessage *self = g_object_new (ATTUNE_TYPE_CHAT_MESSAGE, NULL);

  self->kind = kind;
  self->base = base;
  self->progress = kind == ATTUNE_CHAT_ANSWER ? ATTUNE_CHAT_WRITING : ATTUNE_CHAT_DONE;
  g_string_append (self->text, text != NULL ? text : "");
  return self;
}

AttuneChatKind
attune_chat_message_get_kind (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), ATTUNE_CHAT_NOTE);
  return self->kind;
}

gboolean
attune_chat_message_is_base (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), FALSE);
  return self->base;
}

const char *
attune_chat_message_get_text (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), NULL);
  return self->text->str;
}

void
attune_chat_message_append (AttuneChatMessage *self, const char *piece)
{
  g_return_if_fail (ATTUNE_IS_CHAT_MESSAGE (self) && piece != NULL);

  g_string_append (self->text, piece);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
}

const char *
attune_chat_message_get_note (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), NULL);
  return self->note;
}

AttuneChatProgress
attune_chat_message_get_progress (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), ATTUNE_CHAT_DONE);
  return self->progress;
}

void
attune_chat_message_finish (AttuneChatMessage *self, AttuneChatProgress progress, const char *text,
                            const char *note)
{
  g_return_if_fail (ATTUNE_IS_CHAT_MESSAGE (self) && note != NULL);

  g_object_freeze_notify (G_OBJECT (self));
  if (text != NULL && !g_str_equal (text, self->text->str))
    {
      g_string_assign (self->text, text);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
    }
  if (g_set_str (&self->note, note))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NOTE]);
  self->progress = progress;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
attune_chat_message_is_last (AttuneChatMessage *self)
{
  g_return_val_if_fail (ATTUNE_IS_CHAT_MESSAGE (self), FALSE);
  return self->last;
}

void
attune_chat_message_set_last (AttuneChatMessage *self, gboolean last)
{
  g_return_if_fail (ATTUNE_IS_CHAT_MESSAGE (self));

  if (self->last == last)
    return;
  self->last = last;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST]);
}

static void
attune_chat_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneChatMessage *self = ATTUNE_CHAT_MESSAGE (object);

  switch (id)
    {
    case PROP_TEXT:
      g_value_set_string (value, self->text->str);
      break;
    case PROP_NOTE:
      g_value_set_string (value, self->note);
      break;
    case PROP_PROGRESS:
      g_value_set_int (value, self->progress);
      break;
    case PROP_LAST:
      g_value_set_boolean (value, self->last);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_chat_message_finalize (GObject *object)
{
  AttuneChatMessage *self = ATTUNE_CHAT_MESSAGE (object);

  g_string_free (self->text, TRUE);
  g_free (self->note);
  G_OBJECT_CLASS (attune_chat_message_parent_class)->finalize (object);
}

static void
attune_chat_message_class_init (AttuneChatMessageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = attune_chat_message_get_property;
  object_class->finalize = attune_chat_message_finalize;

  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", flags);
  properties[PROP_NOTE] = g_param_spec_string ("note", NULL, NULL, "", flags);
  properties[PROP_PROGRESS] = g_param_spec_int ("progress", NULL, NULL, ATTUNE_CHAT_WRITING,
                                                ATTUNE_CHAT_BROKEN, ATTUNE_CHAT_WRITING, flags);
  properties[PROP_LAST] = g_param_spec_boolean ("last", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
attune_chat_message_init (AttuneChatMessage *self)
{
  self->text = g_string_new (NULL);
  self->note = g_strdup ("");
}
