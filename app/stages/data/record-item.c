/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The item shares the block that it came with.
 */
#include "stages/data/record-item.h"

struct _AttuneRecordItem
{
  GObject parent_instance;

  guint record, index;
  GPtrArray *block; /* (nullable): of AttuneRecordView */
  int by_hand;
};

G_DEFINE_FINAL_TYPE (AttuneRecordItem, attune_record_item, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_RECORD,
  PROP_LOADED,
  PROP_BY_HAND,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

guint
attune_record_item_get_record (AttuneRecordItem *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_ITEM (self), 0);
  return self->record;
}

const AttuneRecordView *
attune_record_item_get_view (AttuneRecordItem *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_ITEM (self), NULL);
  return self->block != NULL ? g_ptr_array_index (self->block, self->index) : NULL;
}

void
attune_record_item_set_by_hand (AttuneRecordItem *self, int by_hand)
{
  g_return_if_fail (ATTUNE_IS_RECORD_ITEM (self));

  if (self->by_hand == by_hand)
    return;
  self->by_hand = by_hand;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BY_HAND]);
}

int
attune_record_item_get_by_hand (AttuneRecordItem *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_ITEM (self), -1);
  return self->by_hand;
}

void
attune_record_item_fill (AttuneRecordItem *self, GPtrArray *block, guint index)
{
  g_return_if_fail (ATTUNE_IS_RECORD_ITEM (self) && index < block->len);

  if (self->block != NULL)
    return;
  self->block = g_ptr_array_ref (block);
  self->index = index;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
}

AttuneRecordItem *
attune_record_item_new (guint record)
{
  return g_object_new (ATTUNE_TYPE_RECORD_ITEM, "record", record, NULL);
}

static void
attune_record_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneRecordItem *self = ATTUNE_RECORD_ITEM (object);

  switch (id)
    {
    case PROP_RECORD:
      g_value_set_uint (value, self->record);
      break;
    case PROP_BY_HAND:
      g_value_set_int (value, self->by_hand);
      break;
    case PROP_LOADED:
      g_value_set_boolean (value, self->block != NULL);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_record_item_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_RECORD)
    ATTUNE_RECORD_ITEM (object)->record = g_value_get_uint (value);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
attune_record_item_finalize (GObject *object)
{
  g_clear_pointer (&ATTUNE_RECORD_ITEM (object)->block, g_ptr_array_unref);
  G_OBJECT_CLASS (attune_record_item_parent_class)->finalize (object);
}

static void
attune_record_item_class_init (AttuneRecordItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = attune_record_item_get_property;
  object_class->set_property = attune_record_item_set_property;
  object_class->finalize = attune_record_item_finalize;

  properties[PROP_RECORD]
      = g_param_spec_uint ("record", NULL, NULL, 0, G_MAXUINT, 0,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_BY_HAND] = g_param_spec_int ("by-hand", NULL, NULL, -1, G_MAXINT, -1,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
attune_record_item_init (AttuneRecordItem *self)
{
  self->by_hand = -1;
}
