/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a run computes with, and the host's copies of what a checkpoint holds where the weights that
 * learn lie elsewhere.
 */
#include "tune/trainer-private.h"

/* The worker is attunectl, which also tries plug-ins. */
#define PROGRAM "/proc/self/exe"

void
attune_trainer_tell (AttuneTrainer *self, const char *what, const char *more)
{
  g_autofree char *sentence = g_strconcat (what, more, NULL);

  if (self->funcs->on_message != NULL && self->rank == 0)
    self->funcs->on_message (self->funcs_data, sentence);
}

/* Of a card's memory; 0 where that cannot be said. */
static guint64
count_card_bytes (AttuneTrainer *self)
{
  AttuneEstimate estimate;

  return attune_estimate (self->plan_object, attune_model_get_config (self->model),
                          attune_model_get_bytes (self->model),
                          attune_model_count_parameters (self->model), &self->facts, &estimate,
                          NULL)
             ? estimate.card_bytes
             : 0;
}

static void
try_precision (AttuneTrainer *self)
{
  static const char *const names[] = { "f32", "bf16", "f16" };

  if (self->card->set_precision (self->be, self->plan->precision))
    self->card->set_precision (self->be, ATTUNE_PRECISION_F32);
  else
    {
      attune_trainer_tell (
          self, "The graphics card is not right in its products, and computes in f32, in place of ",
          names[self->plan->precision]);
      self->card = NULL;
    }
}

void
attune_trainer_round (AttuneTrainer *self, gboolean round)
{
  self->decoder->int8 = round && self->plan->int8_compute;
  if (self->card != NULL)
    self->card->set_precision (self->be, round ? self->plan->precision : ATTUNE_PRECISION_F32);
}

static void
tell_device (AttuneTrainer *self, const char *said)
{
  if (self->card != NULL)
    {
      g_autofree char *cards
          = g_strdup_printf ("%d graphics cards do the work, each: ", self->n_ranks);

      attune_trainer_tell (
          self, self->ranks != NULL ? cards : "A graphics card does the work: ", self->be->name);
      if (said != NULL)
        attune_trainer_tell (self, said, NULL);
      try_precision (self);
    }
  else if (said != NULL)
    attune_trainer_tell (self, "The processor does the work, not a graphics card. ", said);
}

gboolean
attune_trainer_open_device (AttuneTrainer *self, GError **error)
{
  AttuneDeviceWish wish = { self->plan->device, PROGRAM, attune_trainer_count_threads (self), 0 };
  g_autofree char *said = NULL;

  if (wish.kind != ATTUNE_DEVICE_CPU)
    wish.needed_bytes = count_card_bytes (self);
  if (self->ranks == NULL)
    self->be = attune_device_open (&wish, &self->card, &said);
  else if (wish.kind != ATTUNE_DEVICE_CPU)
    {
      if (!attune_trainer_open_cards (self, &wish, &said, error))
        return FALSE;
      self->card = self->plugin;
    }
  if (self->be == NULL)
    self->be = attune_backend_cpu_new (wish.n_threads);
  tell_device (self, said);
  return TRUE;
}

/* A vector of the checkpoint, and where it lies. */
typedef struct
{
  float **host;
  const AttuneTensor *memory;
} Mirror;

#define MAX_MIRRORS 4

static int
list_mirrors (AttuneTrainer *self, Mirror mirrors[MAX_MIRRORS])
{
  const Mirror all[MAX_MIRRORS] = { { &self->state.values, &self->parameters->values },
                                    { &self->state.best, &self->best },
                                    { &self->state.average, &self->average },
                                    { &self->state.state, &self->optimizer } };
  int n = 0;

  if (self->be->download == NULL)
    return 0;
  for (int i = 0; i < MAX_MIRRORS; i++)
    /* What is on the disk or shared by ranks is the host's. */
    if (all[i].memory->data != NULL
        && !((self->plan->paged_optimizer || self->ranks != NULL)
             && all[i].memory == &self->optimizer))
      mirrors[n++] = all[i];
  return n;
}

/* Where the adapter began does not change. */
static void
mirror_starts (AttuneTrainer *self)
{
  const gsize bytes = self->state.starts_count * sizeof (float);
  float *copy;

  if (bytes == 0)
    return;
  copy = g_malloc (bytes);
  self->be->download (self->be, copy, self->decoder->starts.data, bytes);
  self->state.starts = copy;
}

void
attune_trainer_mirror_state (AttuneTrainer *self)
{
  Mirror mirrors[MAX_MIRRORS];

  for (int i = list_mirrors (self, mirrors) - 1; i >= 0; i--)
    *mirrors[i].host = g_new0 (float, MAX (1, mirrors[i].memory->dims[0]));
  if (self->be->download != NULL)
    mirror_starts (self);
}

void
attune_trainer_fetch_state (AttuneTrainer *self)
{
  Mirror mirrors[MAX_MIRRORS];

  for (int i = list_mirrors (self, mirrors) - 1; i >= 0; i--)
    self->be->download (self->be, *mirrors[i].host, mirrors[i].memory->data,
                        mirrors[i].memory->dims[0] * sizeof (float));
}

void
attune_trainer_put_state (AttuneTrainer *self)
{
  Mirror mirrors[MAX_MIRRORS];

  for (int i = list_mirrors (self, mirrors) - 1; i >= 0; i--)
    self->be->upload (self->be, mirrors[i].memory->data, *mirrors[i].host,
                      mirrors[i].memory->dims[0] * sizeof (float));
}

void
attune_trainer_free_mirrors (AttuneTrainer *self)
{
  Mirror mirrors[MAX_MIRRORS];

  if (self->be == NULL || self->parameters == NULL || self->state.values == NULL)
    return;
  for (int i = list_mirrors (self, mirrors) - 1; i >= 0; i--)
    g_clear_pointer (mirrors[i].host, g_free);
  if (self->be->download != NULL && self->state.starts_count > 0)
    g_free ((float *) self->state.starts);
}
