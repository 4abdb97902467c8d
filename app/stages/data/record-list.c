/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list: which records it shows. Its blocks: record-blocks.c.
 */
#include "stages/data/record-list.h"

#include "stages/data/record-blocks.h"

#define ALL_SPLITS ((1u << ATTUNE_N_SPLITS) - 1)

struct _AttuneRecordList
{
  GObject parent_instance;

  AttuneRecords *records;
  AttuneRecordBlocks *blocks;
  GArray *members;      /* (nullable): guint32 numbers of what is shown; %NULL: all */
  GCancellable *search; /* (nullable): the one under way */
  double progress;      /* of it, or -1 */
};

enum
{
  PROP_0,
  PROP_SEARCHING,
  PROP_ITEM_TYPE,
  PROP_N_ITEMS,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AttuneRecordList, attune_record_list, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* --- the model */

static GType
get_item_type (GListModel *model)
{
  return ATTUNE_TYPE_RECORD_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (model);

  return self->members != NULL ? self->members->len : attune_records_count (self->records);
}

static gpointer
get_item (GListModel *model, guint position)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (model);

  if (position >= get_n_items (model))
    return NULL;
  return attune_record_blocks_get_item (
      self->blocks,
      self->members != NULL ? g_array_index (self->members, guint32, position) : position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* --- searching */

typedef struct
{
  AttuneRecordList *list; /* owned */
  GCancellable *search;   /* whose hits they are */
  GArray *hits;
  double fraction;
} Hits;

static void
hits_free (gpointer data)
{
  Hits *hits = data;

  g_object_unref (hits->list);
  g_object_unref (hits->search);
  g_array_unref (hits->hits);
  g_free (hits);
}

static gboolean
take_hits (gpointer data)
{
  Hits *hits = data;
  AttuneRecordList *self = hits->list;
  const guint before = self->members != NULL ? self->members->len : 0;

  if (hits->search != self->search)
    return G_SOURCE_REMOVE; /* something else is looked for by now */
  self->progress = hits->fraction;
  if (hits->hits->len > 0)
    {
      g_array_append_vals (self->members, hits->hits->data, hits->hits->len);
      g_list_model_items_changed (G_LIST_MODEL (self), before, 0, hits->hits->len);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
  return G_SOURCE_REMOVE;
}

typedef struct
{
  AttuneRecords *records;
  char *text;
  guint splits;
  GTask *task; /* borrowed, while it runs */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  attune_records_unref (search->records);
  g_free (search->text);
  g_free (search);
}

/* In the thread. */
static void
on_hits (gpointer data, const guint32 *found, guint n, double fraction)
{
  const Search *search = data;
  Hits *hits = g_new (Hits, 1);
  g_autoptr (GSource) source = NULL;

  *hits = (Hits) { g_object_ref (g_task_get_source_object (search->task)),
                   g_object_ref (g_task_get_cancellable (search->task)),
                   g_array_new (FALSE, FALSE, sizeof (guint32)), fraction };
  g_array_append_vals (hits->hits, found, n);
  /* not g_main_context_invoke(): it would call from this thread while the main loop rests */
  source = g_idle_source_new ();
  g_source_set_callback (source, take_hits, hits, hits_free);
  g_source_attach (source, g_task_get_context (search->task));
}

static void
run_search (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Search *search = data;
  GError *error = NULL;

  search->task = task;
  if (attune_records_search (search->records, search->text, search->splits, on_hits, search,
                             cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
searched (GObject *object, GAsyncResult *result, gpointer data)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (object);
  g_autoptr (GError) error = NULL;
  const gboolean good = g_task_propagate_boolean (G_TASK (result), &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->search)
    return;
  g_clear_object (&self->search);
  self->progress = -1;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
  if (!good)
    g_signal_emit (self, signals[FAILED], 0, error->message);
}

static void
begin_search (AttuneRecordList *self, guint splits, const char *text)
{
  g_autoptr (GTask) task = NULL;
  Search *search = g_new0 (Search, 1);

  search->records = attune_records_ref (self->records);
  search->text = g_strdup (text);
  search->splits = splits;
  self->search = g_cancellable_new ();
  self->progress = 0;
  task = g_task_new (self, self->search, searched, NULL);
  /* hits that came before it have the priority of idle callbacks: the end comes after them */
  g_task_set_priority (task, G_PRIORITY_DEFAULT_IDLE);
  g_task_set_task_data (task, search, search_free);
  g_task_run_in_thread (task, run_search);
}

/* --- doors */

static GArray *
list_members (AttuneRecordList *self, guint splits)
{
  GArray *members = g_array_new (FALSE, FALSE, sizeof (guint32));
  const guint n = attune_records_count (self->records);

  for (guint32 i = 0; i < n; i++)
    if ((splits & 1u << attune_records_get_split (self->records, i)) != 0)
      g_array_append_val (members, i);
  return members;
}

void
attune_record_list_show (AttuneRecordList *self, guint splits, const char *text)
{
  guint before;

  g_return_if_fail (ATTUNE_IS_RECORD_LIST (self));

  before = get_n_items (G_LIST_MODEL (self));
  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  self->progress = -1;
  g_clear_pointer (&self->members, g_array_unref);
  if ((text != NULL && *text != '\0')
      || (splits & (ATTUNE_RECORDS_BY_HAND | ATTUNE_RECORDS_ALL_FOUND)) != 0)
    {
      self->members = g_array_new (FALSE, FALSE, sizeof (guint32));
      begin_search (self, splits, text != NULL ? text : "");
    }
  else if ((splits & ALL_SPLITS) != ALL_SPLITS)
    self->members = list_members (self, splits);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, before, get_n_items (G_LIST_MODEL (self)));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SEARCHING]);
}

AttuneRecordItem *
attune_record_list_find_item (AttuneRecordList *self, guint record)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_LIST (self), NULL);
  return attune_record_blocks_find_item (self->blocks, record);
}

double
attune_record_list_get_progress (AttuneRecordList *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_LIST (self), -1);
  return self->progress;
}

guint
attune_record_list_get_n_reads (AttuneRecordList *self)
{
  g_return_val_if_fail (ATTUNE_IS_RECORD_LIST (self), 0);
  return attune_record_blocks_get_n_reads (self->blocks);
}

static void
on_failed (gpointer self, const char *text)
{
  g_signal_emit (self, signals[FAILED], 0, text);
}

AttuneRecordList *
attune_record_list_new (AttuneRecords *records)
{
  AttuneRecordList *self = g_object_new (ATTUNE_TYPE_RECORD_LIST, NULL);

  self->records = attune_records_ref (records);
  self->blocks = attune_record_blocks_new (records, on_failed, self);
  return self;
}

/* --- the object */

static void
attune_record_list_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (object);

  switch (id)
    {
    case PROP_SEARCHING:
      g_value_set_boolean (value, self->search != NULL);
      break;
    case PROP_ITEM_TYPE:
      g_value_set_gtype (value, ATTUNE_TYPE_RECORD_ITEM);
      break;
    case PROP_N_ITEMS:
      g_value_set_uint (value, get_n_items (G_LIST_MODEL (self)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_record_list_dispose (GObject *object)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (object);

  if (self->search != NULL)
    g_cancellable_cancel (self->search);
  g_clear_object (&self->search);
  g_clear_pointer (&self->blocks, attune_record_blocks_close);
  G_OBJECT_CLASS (attune_record_list_parent_class)->dispose (object);
}

static void
attune_record_list_finalize (GObject *object)
{
  AttuneRecordList *self = ATTUNE_RECORD_LIST (object);

  g_clear_pointer (&self->members, g_array_unref);
  g_clear_pointer (&self->records, attune_records_unref);
  G_OBJECT_CLASS (attune_record_list_parent_class)->finalize (object);
}

static void
attune_record_list_class_init (AttuneRecordListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = attune_record_list_get_property;
  object_class->dispose = attune_record_list_dispose;
  object_class->finalize = attune_record_list_finalize;

  properties[PROP_SEARCHING] = g_param_spec_boolean ("searching", NULL, NULL, FALSE, flags);
  properties[PROP_ITEM_TYPE] = g_param_spec_gtype ("item-type", NULL, NULL, G_TYPE_OBJECT, flags);
  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[FAILED] = g_signal_new ("failed", ATTUNE_TYPE_RECORD_LIST, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
attune_record_list_init (AttuneRecordList *self)
{
  self->progress = -1;
}
