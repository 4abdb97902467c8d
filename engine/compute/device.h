/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What there is to compute with: the processor, and graphics cards through plug-ins. A broken
 * driver can crash whoever loads it, so a plug-in is first tried in a child process.
 */
#pragma once
#include "compute/plugin.h"

G_BEGIN_DECLS

/* Those that are looked for, in order; ends with %NULL. */
extern const char *const attune_plugin_names[];

/* A graphics card, or what a plug-in had to say instead. */
typedef struct
{
  char *plugin;
  int number; /* of the plug-in's devices */
  AttuneDeviceFacts facts;
  char *trouble; /* (nullable): why there is none; then the rest is empty */
  char *note;    /* (nullable): what it leaves to the processor */
} AttuneDevice;

void attune_device_free (AttuneDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AttuneDevice, attune_device_free)

/**
 * attune_plugin_load:
 * @name: "hip"
 *
 * Loads a plug-in into this process, for good; looks in $ATTUNE_PLUGIN_DIR, or where Attune is
 * installed. Never call it for a plug-in that no child has tried.
 *
 * Returns: (transfer none) (nullable): %NULL with ATTUNE_COMPUTE_ERROR_UNSUPPORTED where there is
 *   none, and ATTUNE_COMPUTE_ERROR_DEVICE where it cannot be used
 */
const AttunePlugin *attune_plugin_load (const char *name, GError **error);

/* Whether there is a file for it. */
gboolean attune_plugin_is_there (const char *name);

/* What the child does: lists the plug-in's devices as text. Ends the process where the driver takes
 * longer than a user would wait. */
gboolean attune_plugin_probe (const char *name, GString *lines, GError **error);

/**
 * attune_devices_list:
 * @program: attunectl, which is run once a plug-in; blocks until it ends
 *
 * Returns: (transfer full) (element-type AttuneDevice): none where no plug-in is installed
 */
GPtrArray *attune_devices_list (const char *program);

/* What a plan asks for. */
typedef enum
{
  ATTUNE_DEVICE_AUTO, /* a card where a plug-in for one is installed */
  ATTUNE_DEVICE_CPU,
  ATTUNE_DEVICE_GPU,
} AttuneDeviceKind;

typedef struct
{
  AttuneDeviceKind kind;
  const char *program;  /* as above */
  int n_threads;        /* of the processor */
  guint64 needed_bytes; /* of a card's memory; 0: not known */
} AttuneDeviceWish;

/**
 * attune_device_open:
 * @plugin: (out) (nullable): the card's; %NULL where it is the processor
 * @said: (out) (nullable): of a card, what it leaves to the processor; of the processor, why it is
 *   used although a card was asked for, or is there and cannot be used
 *
 * Of the cards that answer, the one with the most free memory is used, if that is enough. What it
 * computes otherwise than the processor the latter does: see device-check.h.
 *
 * Returns: (transfer full): a backend, in any case
 */
AttuneBackend *attune_device_open (const AttuneDeviceWish *wish, const AttunePlugin **plugin,
                                   char **said);

/* Which card, in a form that processes can tell each other. */
typedef struct
{
  char plugin[32]; /* empty: none */
  gint32 number;
} AttuneCard;

/**
 * attune_cards_choose:
 * @n: processes that share a run
 * @cards: (out) (array length=n): a card for each, those with the most free memory
 * @said: (out) (nullable): why there are not enough, where a card was asked for or one is there
 *
 * Cards of one plug-in: others have nothing to say to each other. None is opened.
 *
 * Returns: FALSE where there are not as many; then @cards is unspecified
 */
gboolean attune_cards_choose (const AttuneDeviceWish *wish, int n, AttuneCard *cards, char **said);

/**
 * attune_card_open:
 * @card: that attune_cards_choose() has chosen, in this process or in another
 * @n_threads: of the processor, for what the card computes otherwise than that
 * @plugin: (out): the card's
 * @note: (out) (nullable): what it leaves to the processor
 *
 * Returns: (transfer full) (nullable):
 */
AttuneBackend *attune_card_open (const AttuneCard *card, int n_threads, const AttunePlugin **plugin,
                                 char **note, GError **error);

G_END_DECLS
