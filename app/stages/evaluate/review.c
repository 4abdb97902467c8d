/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See review.h. Rating: review-rating.c.
 */
#include "stages/evaluate/review-private.h"

#include "core/random.h"

#include <math.h>

G_DEFINE_FINAL_TYPE (AttuneReview, attune_review, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_POSITION,
  PROP_ORDER,
  PROP_BLIND,
  N_PROPERTIES,
};
static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal;

void
attune_review_changed (AttuneReview *self)
{
  g_signal_emit (self, changed_signal, 0);
}

/* --- order */

static double
get_gain (const AttuneEvaluation *evaluation, guint i)
{
  const AttuneAnswer *base = evaluation->base_answers->pdata[i],
                     *tuned = evaluation->tuned_answers->pdata[i];

  return tuned->token_f1 - base->token_f1;
}

static double
get_rank (AttuneReview *self, guint i)
{
  const AttuneEvaluation *evaluation = attune_session_get_evaluation (self->session);
  const AttuneRatings *ratings = attune_session_get_ratings (self->session);

  switch (self->order)
    {
    case ATTUNE_REVIEW_NOT_RATED:
      return ratings != NULL && attune_ratings_get (ratings, i) != ATTUNE_RATING_NONE;
    case ATTUNE_REVIEW_DIFFERENCE:
      return -fabs (get_gain (evaluation, i));
    case ATTUNE_REVIEW_TUNED_BETTER:
      return -get_gain (evaluation, i);
    case ATTUNE_REVIEW_BASE_BETTER:
      return get_gain (evaluation, i);
    case ATTUNE_REVIEW_WEAKEST:
      return ((const AttuneAnswer *) evaluation->tuned_answers->pdata[i])->token_f1;
    case ATTUNE_REVIEW_AS_EVALUATED:
    case ATTUNE_N_REVIEW_ORDERS:
    default:
      return 0;
    }
}

static int
compare_places (gconstpointer a, gconstpointer b, gpointer data)
{
  const guint i = *(const guint *) a, j = *(const guint *) b;
  const double x = get_rank (data, i), y = get_rank (data, j);

  if (x != y)
    return x < y ? -1 : 1;
  return i < j ? -1 : i > j;
}

static void
sort (AttuneReview *self)
{
  const AttuneEvaluation *evaluation = attune_session_get_evaluation (self->session);
  const guint n = evaluation != NULL
                      ? MIN (evaluation->base_answers->len, evaluation->tuned_answers->len)
                      : 0;

  g_array_set_size (self->places, 0);
  for (guint i = 0; i < n; i++)
    g_array_append_val (self->places, i);
  g_array_sort_with_data (self->places, compare_places, self);
}

/* The order that comes next to @order: labels are not rated and have no base to differ from, and in
 * blind mode some would tell. */
static AttuneReviewOrder
allow_order (AttuneReview *self, AttuneReviewOrder order)
{
  if (attune_review_is_of_labels (self))
    return order == ATTUNE_REVIEW_WEAKEST ? order : ATTUNE_REVIEW_AS_EVALUATED;
  return self->blind && order >= ATTUNE_REVIEW_TUNED_BETTER ? ATTUNE_REVIEW_DIFFERENCE : order;
}

static void
on_session_changed (AttuneReview *self)
{
  const char *path = attune_session_get_evaluation_path (self->session);

  if (g_set_str (&self->path, path))
    {
      const AttuneReviewOrder order = allow_order (self, self->order);

      if (order != self->order)
        {
          self->order = order;
          g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ORDER]);
        }
      sort (self);
      self->position = 0;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
    }
  attune_review_changed (self);
}

AttuneReviewOrder
attune_review_get_order (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), ATTUNE_REVIEW_AS_EVALUATED);
  return self->order;
}

void
attune_review_set_order (AttuneReview *self, AttuneReviewOrder order)
{
  g_return_if_fail (ATTUNE_IS_REVIEW (self) && order < ATTUNE_N_REVIEW_ORDERS);

  order = allow_order (self, order);
  if (order == self->order)
    return;
  self->order = order;
  sort (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ORDER]);
  self->position = 0;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
  attune_review_changed (self);
}

/* --- which is shown */

guint
attune_review_get_size (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), 0);
  return self->places->len;
}

guint
attune_review_get_position (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), 0);
  return self->position;
}

void
attune_review_set_position (AttuneReview *self, guint position)
{
  g_return_if_fail (ATTUNE_IS_REVIEW (self));

  position = self->places->len > 0 ? MIN (position, self->places->len - 1) : 0;
  if (position == self->position)
    return;
  self->position = position;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
  attune_review_changed (self);
}

gboolean
attune_review_move (AttuneReview *self, int by)
{
  const guint before = self->position;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), FALSE);

  attune_review_set_position (self, (guint) MAX ((gint64) before + by, 0));
  return self->position != before;
}

guint
attune_review_get_answer_index (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), 0);
  return self->position < self->places->len ? g_array_index (self->places, guint, self->position)
                                            : 0;
}

/* --- whose they are */

gboolean
attune_review_is_of_labels (AttuneReview *self)
{
  const AttuneEvaluation *evaluation;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), FALSE);

  evaluation = attune_session_get_evaluation (self->session);
  return evaluation != NULL && evaluation->labels;
}

AttuneLabelKind
attune_review_get_label_kind (AttuneReview *self)
{
  g_return_val_if_fail (attune_review_is_of_labels (self), ATTUNE_LABELS_ONE);

  return attune_session_get_evaluation (self->session)->label_kind;
}

gboolean
attune_review_get_blind (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), FALSE);
  return self->blind && !attune_review_is_of_labels (self);
}

void
attune_review_set_blind (AttuneReview *self, gboolean blind)
{
  g_return_if_fail (ATTUNE_IS_REVIEW (self));

  if (self->blind == !!blind)
    return;
  self->blind = !!blind;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BLIND]);
  attune_review_set_order (self, self->order);
  attune_review_changed (self);
}

/* The same each time, so that going back and forth tells nothing. */
gboolean
attune_review_is_second_tuned (AttuneReview *self)
{
  g_autofree char *name = NULL;
  AttuneRandom random;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), TRUE);

  if (!attune_review_get_blind (self) || self->path == NULL)
    return TRUE;
  name = g_path_get_basename (self->path);
  attune_random_init (&random, g_str_hash (name), ATTUNE_RANDOM_SIDES,
                      attune_review_get_answer_index (self));
  return attune_random_below (&random, 2) == 1;
}

gboolean
attune_review_is_told (AttuneReview *self)
{
  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), FALSE);
  return !attune_review_get_blind (self) || attune_review_get_choice (self) >= 0;
}

const AttuneAnswer *
attune_review_get_answer (AttuneReview *self, gboolean second)
{
  const AttuneEvaluation *evaluation;

  g_return_val_if_fail (ATTUNE_IS_REVIEW (self), NULL);

  evaluation = attune_session_get_evaluation (self->session);
  if (evaluation == NULL || self->position >= self->places->len)
    return NULL;
  return g_ptr_array_index (!!second == attune_review_is_second_tuned (self)
                                ? evaluation->tuned_answers
                                : evaluation->base_answers,
                            attune_review_get_answer_index (self));
}

/* --- the object */

AttuneReview *
attune_review_new (AttuneSession *session)
{
  AttuneReview *self;

  g_return_val_if_fail (ATTUNE_IS_SESSION (session), NULL);

  self = g_object_new (ATTUNE_TYPE_REVIEW, NULL);
  self->session = g_object_ref (session);
  g_signal_connect_object (session, "changed", G_CALLBACK (on_session_changed), self,
                           G_CONNECT_SWAPPED);
  on_session_changed (self);
  return self;
}

static void
attune_review_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  AttuneReview *self = ATTUNE_REVIEW (object);

  switch (id)
    {
    case PROP_POSITION:
      attune_review_set_position (self, g_value_get_uint (value));
      break;
    case PROP_ORDER:
      attune_review_set_order (self, g_value_get_uint (value));
      break;
    case PROP_BLIND:
      attune_review_set_blind (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_review_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  AttuneReview *self = ATTUNE_REVIEW (object);

  switch (id)
    {
    case PROP_POSITION:
      g_value_set_uint (value, self->position);
      break;
    case PROP_ORDER:
      g_value_set_uint (value, self->order);
      break;
    case PROP_BLIND:
      g_value_set_boolean (value, self->blind);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
attune_review_finalize (GObject *object)
{
  AttuneReview *self = ATTUNE_REVIEW (object);

  g_clear_object (&self->session);
  g_free (self->path);
  g_array_unref (self->places);
  G_OBJECT_CLASS (attune_review_parent_class)->finalize (object);
}

static void
attune_review_class_init (AttuneReviewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->set_property = attune_review_set_property;
  object_class->get_property = attune_review_get_property;
  object_class->finalize = attune_review_finalize;

  properties[PROP_POSITION] = g_param_spec_uint ("position", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ORDER]
      = g_param_spec_uint ("order", NULL, NULL, 0, ATTUNE_N_REVIEW_ORDERS - 1, 0, flags);
  properties[PROP_BLIND] = g_param_spec_boolean ("blind", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  changed_signal = g_signal_new ("changed", ATTUNE_TYPE_REVIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
attune_review_init (AttuneReview *self)
{
  self->places = g_array_new (FALSE, FALSE, sizeof (guint));
}
