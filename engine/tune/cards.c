/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several graphics cards, one for each rank: which, and what they exchange. Gradients are added up
 * while backward goes on, a group of layers as soon as all of its gradients stand; every card then
 * has the sum of its slice, remembers the moments of that alone and updates it, and gives the
 * values to the others (Rajbhandari et al. 2020).
 *
 * Where the maker's library for it is missing, all goes through the memory that the ranks share:
 * see parallel.c.
 */
#include "nn/base-parts.h"
#include "tune/trainer-private.h"

/* Values in a group at least, or so many groups: smaller ones take longer to begin than to add. */
#define LEAST_VALUES ((gint64) 1 << 20)
#define MANY_GROUPS 16

/* Gradients @from … @to - 1; they stand once backward is done with layer @layer, with all of it
 * where that is -1. */
typedef struct
{
  gint64 from, to;
  int layer;
} Group;

/* --- which cards */

/* Collective. What rank 0 has chosen for each; mine. */
static gboolean
tell_cards (AttuneTrainer *self, AttuneCard *cards, AttuneCard *mine, GError **error)
{
  for (int rank = 0; rank < self->n_ranks; rank++)
    {
      AttuneCard card = cards[rank];

      if (!attune_ranks_tell (self->ranks, &card, sizeof card, error))
        return FALSE;
      if (rank == self->rank)
        *mine = card;
    }
  return TRUE;
}

/* Collective. How many ranks cannot; @which: (out): one of them. */
static gboolean
count_unable (AttuneTrainer *self, gboolean able, int *n, int *which, GError **error)
{
  double numbers[] = { !able, able ? 0 : self->rank };

  if (!attune_trainer_add (self, numbers, G_N_ELEMENTS (numbers), error))
    return FALSE;
  *n = (int) numbers[0];
  *which = *n > 0 ? (int) (numbers[1] / *n) : 0;
  return TRUE;
}

/* Collective. Whether all can; what hinders the ranks that cannot is said to @reason (nullable),
 * which is this rank's own. */
static gboolean
can_all (AttuneTrainer *self, gboolean able, const GError *reason, gboolean *all, char **said,
         GError **error)
{
  int n, which;

  if (!count_unable (self, able, &n, &which, error))
    return FALSE;
  *all = n == 0;
  if (n > 0 && *said == NULL)
    *said = reason != NULL ? g_strdup (reason->message)
            : n == 1       ? g_strdup_printf ("The graphics card of process %d cannot be used: "
                                                    "attunectl devices says more.",
                                              which + 1)
                           : g_strdup_printf ("The graphics cards of %d processes cannot be used: "
                                                    "attunectl devices says more.",
                                              n);
  return TRUE;
}

/* Collective. The cards learn to reach each other, where they can. Every step is begun when all
 * have done the one before: some wait for all without end. */
static gboolean
join (AttuneTrainer *self, GError **error)
{
  const AttunePlugin *plugin = self->plugin;
  char key[ATTUNE_CARDS_KEY_BYTES] = { 0 };
  g_autoptr (GError) reason = NULL;
  g_autofree char *said = NULL;
  gboolean able = plugin->prepare_joining (self->be, &reason), all;

  if (!can_all (self, able, reason, &all, &said, error))
    return FALSE;
  if (all)
    {
      able = self->rank == 0 && plugin->invite (self->be, key, &reason);
      if (!attune_trainer_agree (self, &able, error)
          || !attune_ranks_tell (self->ranks, key, sizeof key, error))
        return FALSE;
      able = able && plugin->join (self->be, key, self->rank, self->n_ranks, &reason);
      if (!can_all (self, able, reason, &all, &said, error))
        return FALSE;
    }
  self->joined = all;
  if (!all)
    {
      plugin->leave (self->be);
      attune_trainer_tell (self, said, NULL);
    }
  return TRUE;
}

gboolean
attune_trainer_open_cards (AttuneTrainer *self, const AttuneDeviceWish *wish, char **said,
                           GError **error)
{
  AttuneCard cards[ATTUNE_RANKS_MAX] = { 0 }, mine;
  g_autoptr (AttuneBackend) be = NULL;
  g_autoptr (GError) reason = NULL;
  g_autofree char *note = NULL;
  const AttunePlugin *plugin = NULL;
  gboolean chosen, all;

  chosen = self->rank == 0 && attune_cards_choose (wish, self->n_ranks, cards, said);
  if (!attune_trainer_agree (self, &chosen, error))
    return FALSE;
  if (!chosen)
    return TRUE;
  if (!tell_cards (self, cards, &mine, error))
    return FALSE;
  be = attune_card_open (&mine, wish->n_threads, &plugin, &note, &reason);
  if (!can_all (self, be != NULL, reason, &all, said, error))
    return FALSE;
  if (!all)
    return TRUE;
  *said = g_steal_pointer (&note);
  self->be = g_steal_pointer (&be);
  self->plugin = plugin;
  return join (self, error);
}

void
attune_trainer_leave_cards (AttuneTrainer *self)
{
  if (self->joined)
    self->plugin->leave (self->be);
}

/* --- what they exchange */

/* The last layer whose backward pass may still add to it; n_layers: none's. */
static int
find_layer (const AttuneTrainer *self, const char *name)
{
  const int layer = attune_tensor_layer (name);

  if (layer >= 0)
    return layer;
  return g_str_has_prefix (name, "output") ? self->decoder->config.n_layers : -1;
}

/* As backward goes: what stands first comes first. */
static int
compare_groups (gconstpointer a, gconstpointer b)
{
  const Group *one = a, *other = b;

  if (one->layer != other->layer)
    return one->layer > other->layer ? -1 : 1;
  return one->from > other->from ? -1 : 1;
}

/* A group takes in what comes before it until it is large enough, and stands when the lowest layer
 * in it does. What is large has one of its own: the LM head need not wait for small neighbours. */
static void
divide (AttuneTrainer *self)
{
  const AttuneParameters *parameters = self->parameters;
  const gint64 least = MIN (LEAST_VALUES, parameters->grads.dims[0] / MANY_GROUPS);
  Group group = { parameters->grads.dims[0], parameters->grads.dims[0], G_MAXINT };

  self->groups = g_array_new (FALSE, FALSE, sizeof (Group));
  for (guint i = parameters->n_items; i-- > 0;)
    {
      const AttuneParameter *item = &parameters->items[i];
      const int layer = find_layer (self, item->name);
      const gint64 size = group.to - group.from;

      if (item->grad.data == NULL)
        continue;
      if (layer != group.layer && size > 0 && MAX (size, attune_tensor_count (&item->grad)) > least)
        {
          g_array_append_val (self->groups, group);
          group = (Group) { group.from, group.from, G_MAXINT };
        }
      group.from = (float *) item->grad.data - (float *) parameters->grads.data;
      group.layer = MIN (group.layer, layer);
    }
  group.from = 0; /* what lies between items is nobody's */
  g_array_append_val (self->groups, group);
  g_array_sort (self->groups, compare_groups);
}

gboolean
attune_trainer_set_up_cards (AttuneTrainer *self, GError **error)
{
  const AttuneTensor slice = attune_trainer_slice (self, &self->parameters->grads);
  const gint64 n_moments
      = attune_trainer_count_optimizer (self) / MAX (1, self->parameters->grads.dims[0]);

  self->cuts = g_new (gint64, self->n_ranks + 1);
  for (int rank = 0; rank < self->n_ranks; rank++)
    attune_trainer_cut (self, rank, &self->cuts[rank], &self->cuts[rank + 1]);
  divide (self);
  self->remembered_from = self->cuts[self->rank];
  self->remembered_count = slice.dims[0];
  self->optimizer = (AttuneTensor) { NULL, 1, { n_moments * slice.dims[0] } };
  self->optimizer.data = self->be->alloc (self->be, self->optimizer.dims[0] * sizeof (float));
  return self->optimizer.data != NULL || attune_backend_sync (self->be, error);
}

void
attune_trainer_clear_cards (AttuneTrainer *self)
{
  g_free (self->cuts);
  if (self->groups != NULL)
    g_array_unref (self->groups);
}

void
attune_trainer_begin_exchange (gpointer trainer, int layer)
{
  AttuneTrainer *self = trainer;

  for (; self->n_begun < self->groups->len; self->n_begun++)
    {
      const Group *group = &g_array_index (self->groups, Group, self->n_begun);

      if (group->layer < layer)
        return;
      self->plugin->add_up (self->be, self->parameters->grads.data, self->cuts, group->from,
                            group->to);
    }
}

gboolean
attune_trainer_end_exchange (AttuneTrainer *self, GError **error)
{
  self->n_begun = 0;
  self->plugin->settle (self->be);
  return attune_backend_sync (self->be, error);
}

gboolean
attune_trainer_share_slices (AttuneTrainer *self, GError **error)
{
  /* One that has failed says so there; on the cards it would be waited for. */
  if (!attune_ranks_meet (self->ranks, error))
    return FALSE;
  self->plugin->share (self->be, self->parameters->values.data, self->cuts);
  self->plugin->settle (self->be);
  return attune_backend_sync (self->be, error);
}

/* --- what a checkpoint holds of them */

/* Of the vector of moments @moment: the card's, and its place in @all, which holds every rank's. */
static float *
find_moment (const AttuneTrainer *self, const AttuneTensor *all, int moment, float **mine)
{
  *mine = (float *) self->optimizer.data + moment * self->remembered_count;
  return (float *) all->data + moment * self->parameters->grads.dims[0] + self->remembered_from;
}

static int
count_moments (const AttuneTrainer *self)
{
  return (int) (self->optimizer.dims[0] / MAX (1, self->remembered_count));
}

void
attune_trainer_show_moments (AttuneTrainer *self, const AttuneTensor *all)
{
  for (int i = count_moments (self) - 1; i >= 0; i--)
    {
      float *mine, *place = find_moment (self, all, i, &mine);

      self->be->download (self->be, place, mine, self->remembered_count * sizeof (float));
    }
}

void
attune_trainer_take_moments (AttuneTrainer *self, const AttuneTensor *all)
{
  for (int i = count_moments (self) - 1; i >= 0; i--)
    {
      float *mine, *place = find_moment (self, all, i, &mine);

      self->be->upload (self->be, mine, place, self->remembered_count * sizeof (float));
    }
}
